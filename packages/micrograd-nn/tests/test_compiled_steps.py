"""A program that takes the optimizer's step is compared with the eager engine, but for rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import compile
from micrograd.engine.compiler.entry import Entry
from micrograd.nn import SGD, Adagrad, Adam, BatchNorm1d, Linear, Optimizer, RMSprop, Sequential


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("kind", [Adam, RMSprop, Adagrad])
def test_steps_made_of_rounding_errors_are_no_difference(kind: Any, flat: bool) -> None:
    """The gradient of a bias before a batch norm ought to be 0; Adam steps by its rounding."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        model = Sequential(Linear(4, 6, rng=rng), BatchNorm1d(6), "tanh", Linear(6, 1, rng=rng))
        X, y = rng.normal(size=(16, 4)), rng.normal(size=(16, 1))
        optimizer = kind(model.parameters(), lr=0.1, flat=flat)
        program = compile(lambda X, y, model=model: model(X).mse(y), optimizer=optimizer)
        losses = [float(program(X, y)) for _ in range(10)]
        assert losses[-1] < losses[0]


@pytest.mark.parametrize("make", [SGD, Adam])
@pytest.mark.parametrize("flat", [False, True])
def test_a_step_that_differs_is_found(
    make: type[Optimizer], flat: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    model = Linear(3, 2, rng=rng)
    X, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
    program = compile(
        lambda X, y: model(X).mse(y), optimizer=make(model.parameters(), 0.1, flat=flat)
    )
    program(X, y)
    run = Entry.run

    def wrong(self: Entry, *given: Any) -> Any:
        result = run(self, *given)
        model.weight.data[1, 1] += 1e-6
        return result

    monkeypatch.setattr(Entry, "run", wrong)
    with pytest.raises(
        RuntimeError, match=r"compile: what it writes into \w+ differs from what the"
    ):
        program(X, y)
