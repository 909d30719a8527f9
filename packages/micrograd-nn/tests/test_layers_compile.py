"""Is the compiled training step of every layer the eager one, in training and in use?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd import nn
from micrograd.engine import compile

from .layer_table import LAYERS, Row

DTYPES = {"float64": 1e-9, "float32": 1e-4}
STEPS = 4


def made(row: Row, dtype: str) -> tuple[nn.Module, Any]:
    """A layer, and an optimizer for it; the same each time."""
    model = row.make(np.dtype(dtype), np.random.default_rng(1))
    return model, nn.SGD(model.parameters(), lr=0.05, momentum=0.9)


def inputs(row: Row, dtype: str) -> list[np.ndarray]:
    rng = np.random.default_rng(2)
    return [row.input(rng, dtype) for _ in range(STEPS)]


def close(got: Any, right: Any, tolerance: float, told: str) -> None:
    scale = max(1.0, float(np.abs(right).max(initial=0.0)))
    np.testing.assert_allclose(got, right, rtol=0, atol=tolerance * scale, err_msg=told)


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAYERS)
def test_a_compiled_step_is_the_eager_one(name: str, dtype: str, mode: str) -> None:
    row = LAYERS[name]
    (eager, optimizer), (model, other) = made(row, dtype), made(row, dtype)
    for one in (eager, model):
        getattr(one, mode)()
    xs = inputs(row, dtype)
    shape = row.call(row.make(np.dtype(dtype), np.random.default_rng(1)), xs[0]).shape
    targets = [np.random.default_rng(i).normal(size=shape).astype(dtype) for i in range(STEPS)]
    program = compile(lambda x, y: nn.mse(row.call(model, x), y), optimizer=other)
    for step, (x, y) in enumerate(zip(xs, targets, strict=True)):
        loss = nn.mse(row.call(eager, x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        got = program(x, y)
        close(got, loss.data, DTYPES[dtype], f"loss of step {step}")
        assert np.asarray(got).dtype == dtype
        state = model.state_dict()
        for key, right in eager.state_dict().items():
            close(state[key], right, DTYPES[dtype], f"{key} after step {step}")
            assert state[key].dtype == dtype
        for p, q in zip(model.parameters(), eager.parameters(), strict=True):
            close(p.grad, q.grad, DTYPES[dtype], f"gradient of {q.name} in step {step}")
    assert program.recordings <= 2  # one, and one more to compare with


@pytest.mark.parametrize("name", ["Conv2d, stride", "BatchNorm2d", "LSTM", "TransformerBlock"])
def test_a_program_for_use_alone_gives_what_the_layer_gives(name: str) -> None:
    row = LAYERS[name]
    model = made(row, "float64")[0].eval()
    program = compile(lambda x: row.call(model, x))
    for x in inputs(row, "float64"):
        close(program(x), row.call(model, x).data, 1e-12, name)


def test_every_layer_is_in_the_table() -> None:
    layers = {name for name in nn.__all__ if isinstance(getattr(nn, name), type)}
    layers = {name for name in layers if issubclass(getattr(nn, name), nn.Module)} - {"Module"}
    assert layers == {name.partition(",")[0].partition(" with")[0] for name in LAYERS} & layers
