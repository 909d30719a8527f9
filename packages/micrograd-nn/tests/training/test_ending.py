"""How a run ends: by Ctrl-C, by a loss of NaN, by an error."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.nn import MLP, SGD, Adam, Linear, Module
from micrograd.nn.training import BestWeights, Callback, Diverged, fit

BOTH = pytest.mark.parametrize("compile", [False, True])


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """Ctrl-C as in the foreground; a shell starts what it runs in the background deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def problem() -> Any:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(22, 3))
    return X, (X[:, 0] > X[:, 1]).astype(int), MLP(3, [6, 2], "tanh", rng=rng), rng


class Press(Callback):
    """Ctrl-C after a batch; ``times`` it."""

    def __init__(self, after: int, times: int = 1) -> None:
        self.after, self.times = after, times

    def on_batch_end(self, run: Any) -> None:
        if len(run.history.steps["loss"]) == self.after:
            for _ in range(self.times):
                os.kill(os.getpid(), signal.SIGINT)


def run(callbacks: Any, **settings: Any) -> Any:
    X, y, model, rng = problem()
    settings = {"batch_size": 8, "rng": rng, "progress": False} | settings
    history = fit(
        model, X, y, "cross_entropy", Adam(model.parameters(), 0.02), 4, callbacks=callbacks,
        **settings,
    )  # fmt: skip
    return model, history


@BOTH
def test_ctrl_c_ends_a_run_with_what_was_learned(compile: bool) -> None:
    best = BestWeights("loss")
    before = signal.getsignal(signal.SIGINT)
    model, history = run([best, Press(after=8)], compile=compile)
    assert history.stopped == "interrupted by Ctrl-C"
    assert (history.epochs, len(history.steps["loss"])) == (2, 8)
    np.testing.assert_array_equal(model.layers[0].weight.data, best.weights["layers.0.weight"])
    assert not model.training
    assert signal.getsignal(signal.SIGINT) is before is signal.default_int_handler


def test_a_second_ctrl_c_aborts() -> None:
    ended = []

    class End(Callback):
        def on_fit_end(self, run: Any) -> None:
            ended.append(run.history.epochs)

    with pytest.raises(KeyboardInterrupt):
        run([End(), Press(after=8, times=2)])
    assert ended == [2]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupted_run_goes_on_bit_for_bit(tmp_path: Any) -> None:
    whole, history = run([Press(-1)])
    path = tmp_path / "run.npz"
    run([Press(after=8)], checkpoint=path)
    model, resumed = run([Press(-1)], checkpoint=path, resume=True)
    assert (dict(resumed), resumed.stopped) == (dict(history), "")
    assert resumed.steps == history.steps
    for name, array in whole.state_dict().items():
        np.testing.assert_array_equal(model.state_dict()[name], array)


def test_a_handler_of_the_program_stays_and_threads_train_too() -> None:
    heard = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        _, history = run([Press(after=8)])
        assert heard == [signal.SIGINT]
        assert history.epochs == 4
    finally:
        signal.signal(signal.SIGINT, before)
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(run([])[1].epochs))
    thread.start()
    thread.join()
    assert found == [4]


@BOTH
def test_a_loss_of_nan_stops_the_run_and_says_where(compile: bool) -> None:
    class Poison(Callback):
        def on_batch_end(self, run: Any) -> None:
            if (run.epoch, run.batch) == (3, 1):
                run.model.layers[1].bias.data = [np.nan, 0.0]

    best = BestWeights("loss")
    X, y, model, rng = problem()
    where = r"the loss is nan in epoch 3, batch 2, with the learning rate 0\.02\. .*"
    where += "the weights are NaN, too" if compile else "The weights are those from before"
    with pytest.raises(Diverged, match=where) as caught:
        fit(
            model, X, y, "cross_entropy", Adam(model.parameters(), 0.02), 9, batch_size=8, rng=rng,
            callbacks=[Poison(), best], compile=compile, progress=False,
        )  # fmt: skip
    assert isinstance(caught.value, FloatingPointError)
    assert caught.value.history.epochs == 2
    assert best.weights is not None
    np.testing.assert_array_equal(model.layers[1].bias.data, best.weights["layers.1.bias"])


def test_a_run_that_diverges_by_itself_is_stopped() -> None:
    model = Linear(1, 1, rng=np.random.default_rng(0))
    X = np.full((4, 1), 100.0)
    with np.errstate(all="ignore"), pytest.raises(Diverged, match=r"inf.*smaller learning rate"):
        fit(model, X, X, "mse", SGD(model.parameters(), lr=1e3), 500, progress=False)
    assert np.isfinite(model.weight.data).all()


def test_an_error_of_the_model_tells_the_batch() -> None:
    class Odd(Module):
        def __init__(self) -> None:
            self.inner, self.calls = Linear(3, 2, rng=np.random.default_rng(0)), 0

        def forward(self, x: Any) -> Value:
            self.calls += self.training
            if self.calls == 5:
                raise RuntimeError("the forward failed")
            return self.inner(x)

    X, y, _, _ = problem()
    model = Odd()
    with pytest.raises(RuntimeError, match="the forward failed") as caught:
        fit(model, X, y, "cross_entropy", SGD(model.parameters()), 3, batch_size=8, progress=False)
    assert caught.value.__notes__ == ["(in fit: epoch 2, batch 2)"]
