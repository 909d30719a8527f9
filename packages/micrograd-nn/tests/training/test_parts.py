"""Training that one process does a part of: who puts the parts of a batch together, and when?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, hookimpl, plugins
from micrograd.nn import SGD, Linear
from micrograd.nn.training import Batches, Diverged, fit

BOTH = pytest.mark.parametrize("compile", [False, True])
X = np.linspace(-1.0, 1.0, 10)[:, None]
Y = 3.0 * X


class Halves(Batches):
    """Yields the first half of each batch, and knows the loss of the other half by magic."""

    asked: list[str]
    other = 1.0

    def part(self, portion: Any) -> Any:
        x, y = self.behind = portion
        return x[: len(x) // 2], y[: len(x) // 2]

    def whole_loss(self, loss: float) -> float:
        self.asked.append("loss")
        return 0.5 * (loss + self.other)

    def whole(self, rows: int, prediction: Any, y: Any) -> Any:
        self.asked.append("whole")
        x, y = self.behind
        return len(x), prediction if prediction is None else 3.0 * x, y


def halves() -> Halves:
    data = Halves(X, Y, 4, False, None, False, None)
    data.asked = []
    return data


def distance(prediction: Any, target: Any) -> float:
    assert prediction.shape == target.shape == (10, 1)
    return float(abs(prediction - target).max())


@BOTH
def test_losses_rows_and_metrics_are_those_of_the_whole_batch(compile: bool) -> None:
    data, model = halves(), Linear(1, 1, rng=np.random.default_rng(0))
    settings: dict[str, Any] = {"compile": compile, "progress": False}
    optimizer = SGD(model.parameters(), lr=1e-9)
    history = fit(model, data, None, "mse", optimizer, 1, metrics=[distance], **settings)
    assert data.asked == ["loss", "whole"] * 3
    assert history["distance"] == [0.0]
    seen = history.steps["loss"]
    parts = [slice(0, 2), slice(4, 6), slice(8, 9)]
    mine = [float(((model(X[part]).data - Y[part]) ** 2).mean()) for part in parts]
    np.testing.assert_allclose(seen, [0.5 * (one + 1.0) for one in mine], rtol=1e-6)
    assert history["loss"][0] == pytest.approx(np.average(seen, weights=[4, 4, 2]))


@BOTH
def test_a_loss_that_is_not_finite_elsewhere_ends_the_run_here(compile: bool) -> None:
    data, model = halves(), Linear(1, 1, rng=np.random.default_rng(0))
    data.other = float("nan")
    with pytest.raises(Diverged, match="the loss is nan in epoch 1, batch 1"):
        fit(model, data, None, "mse", SGD(model.parameters()), 1, compile=compile, progress=False)


@BOTH
def test_fit_clips_what_the_reducers_have_made_of_the_gradients(compile: bool) -> None:
    class Enlarge:
        calls = 0

        @hookimpl
        def micrograd_reduce_gradients(self, parameters: list[Value]) -> None:
            self.calls += 1
            for parameter in parameters:
                parameter.grad = 1000.0 * parameter.grad

    model, enlarge = Linear(1, 1, rng=np.random.default_rng(0)), Enlarge()
    before = [parameter.data.copy() for parameter in model.parameters()]
    optimizer = SGD(model.parameters(), lr=1.0)
    with plugins.registered(enlarge):
        fit(
            model, X, Y, "mse", optimizer, 1,
            batch_size=10, clip_norm=0.25, compile=compile, progress=False,
        )  # fmt: skip
    moved = [after.data - then for after, then in zip(model.parameters(), before, strict=True)]
    assert np.sqrt(sum((one**2).sum() for one in moved)) == pytest.approx(0.25)
    assert enlarge.calls == 1
