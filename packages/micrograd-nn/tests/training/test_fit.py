"""The loop: what it computes, eagerly and compiled, and how it ends."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, assign, hookimpl, op, plugins
from micrograd.nn import MLP, SGD, Adam, Linear, Module, losses, metrics
from micrograd.nn.optim import schedules
from micrograd.nn.training import (
    BestWeights,
    Callback,
    Diverged,
    batches,
    evaluate,
    fit,
    predict,
)

BOTH = pytest.mark.parametrize("compile", [False, True])


@op(constant="x")
def kept(x: Any, *, rng: np.random.Generator) -> Any:
    """Which numbers a dropout leaves."""
    return (rng.random(x.shape) >= 0.4) / 0.6


class Net(Module):
    """Randomness of its own, running statistics, and a flag that tells how it was called."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.first, self.last = Linear(3, 6, rng=rng), Linear(6, 2, rng=rng)
        self.rng = np.random.default_rng(11)
        self.register_buffer("mean", np.zeros(6))

    def forward(self, x: Any) -> Value:
        h = self.first(x).tanh()
        if self.training:
            assign(self.mean, 0.8 * self.mean + 0.2 * h.mean(axis=0))
            h = h * kept(h, rng=self.rng)
        return self.last(h - self.mean)


def problem() -> Any:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(22, 3))
    return X, (X[:, 0] > X[:, 1]).astype(int), Net(rng), rng


def by_hand(epochs: int) -> Any:
    """What one would write without ``fit``."""
    X, y, model, rng = problem()
    optimizer = Adam(model.parameters(), lr=0.02)
    history: dict[str, list[float]] = {"loss": [], "accuracy": [], "val_loss": []}
    steps = []
    for _ in range(epochs):
        order = rng.permutation(22)
        total, right = 0.0, 0
        for start in range(0, 22, 8):
            rows = order[start : start + 8]
            logits = model(X[rows])
            loss = logits.cross_entropy(y[rows])
            optimizer.zero_grad()
            loss.backward(keep_inner=False)
            optimizer.step()
            steps.append(loss.item())
            total += loss.item() * len(rows)
            right += int((logits.data.argmax(axis=1) == y[rows]).sum())
        history["loss"].append(total / 22)
        history["accuracy"].append(right / 22)
        model.eval()
        history["val_loss"].append(model(X[:8]).cross_entropy(y[:8]).item())
        model.train()
    return model, history, steps


@BOTH
def test_it_is_the_loop_that_one_would_write(compile: bool) -> None:
    wanted, history, steps = by_hand(4)
    X, y, model, rng = problem()
    got = fit(
        model,
        X,
        y,
        "cross_entropy",
        Adam(model.parameters(), lr=0.02),
        4,
        batch_size=8,
        rng=rng,
        metrics=["accuracy"],
        validation=(X[:8], y[:8]),
        compile=compile,
        progress=False,
    )
    near = {"rtol": 1e-9 if compile else 0, "atol": 0}
    np.testing.assert_allclose(got.steps["loss"], steps, **near)
    for name, numbers in history.items():
        np.testing.assert_allclose(got[name], numbers, **near)
    for name, array in wanted.state_dict().items():  # the running mean among them
        np.testing.assert_allclose(model.state_dict()[name], array, rtol=near["rtol"], atol=1e-12)
    assert model.rng.bit_generator.state == wanted.rng.bit_generator.state
    assert not model.training


@pytest.mark.parametrize("flat", [False, True])
def test_a_short_last_batch_is_one_more_program(
    flat: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from micrograd.nn.training import steps

    made: list[Any] = []
    original = steps.compiled
    monkeypatch.setattr(
        steps, "compiled", lambda *a, **k: made.append(original(*a, **k)) or made[-1]
    )
    X, y, model, _ = problem()
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9, flat=flat)
    fit(model, X, y, "cross_entropy", optimizer, 3, batch_size=8, compile=True, progress=False)
    (program,) = made
    assert program.signatures == 2
    assert "momentum" in program.source  # the update is part of it


@BOTH
def test_gradients_are_clipped(compile: bool) -> None:
    def train(**settings: Any) -> float:
        """How far one step moves the weight."""
        model = Linear(1, 1, rng=np.random.default_rng(0))
        before = model.weight.item()
        optimizer = SGD([model.weight], lr=1.0)
        settings |= {"compile": compile, "progress": False}
        fit(model, np.ones((4, 1)), np.full((4, 1), 1e3), "mse", optimizer, 1, **settings)
        return abs(model.weight.item() - before)

    assert train() > 1e3
    assert train(clip_norm=0.25) == pytest.approx(0.25, rel=1e-4)
    assert train(clip_value=0.125) == pytest.approx(0.125, rel=1e-12)


def rates(schedule: Any, every: str | None = None, **settings: Any) -> list[float]:
    """The learning rate of each of six steps in two epochs."""
    X, y, model, _ = problem()
    optimizer = SGD(model.parameters(), lr=0.8, momentum=0.9)
    settings = {"schedule": schedule(optimizer), "schedule_every": every} | settings
    return fit(
        model, X, y, "cross_entropy", optimizer, 2, batch_size=8, progress=False, **settings
    ).steps["lr"]


@BOTH
def test_a_schedule_counts_epochs_or_batches(compile: bool) -> None:
    def halved(optimizer: Any) -> Any:
        return schedules.ExponentialLR(optimizer, 0.5)

    assert rates(halved, compile=compile) == [0.8] * 3 + [0.4] * 3
    assert rates(halved, "batch", compile=compile) == [0.8, 0.4, 0.2, 0.1, 0.05, 0.025]
    cycle = rates(lambda o: schedules.OneCycleLR(o, 1.0, total_steps=6), compile=compile)
    assert len(set(cycle)) == 6
    assert max(cycle) == pytest.approx(1.0, abs=0.1)


def test_a_plateau_looks_at_the_validation_loss() -> None:
    seen: list[float] = []

    class Watched(schedules.ReduceLROnPlateau):
        def step(self, metric: Any = None) -> None:
            seen.append(metric)

    X, y, model, _ = problem()
    for validation, name in ((None, "loss"), ((X, y), "val_loss")):
        optimizer = SGD(model.parameters(), lr=0.1)
        history = fit(
            model, X, y, "cross_entropy", optimizer, 2, validation=validation,
            schedule=Watched(optimizer), progress=False,
        )  # fmt: skip
        assert seen == history[name]
        seen.clear()


@BOTH
def test_reducers_of_gradients_are_asked(compile: bool) -> None:
    class Silence:
        @hookimpl
        def micrograd_reduce_gradients(self, parameters: list[Value]) -> None:
            for parameter in parameters:
                parameter.grad = np.zeros(parameter.shape)

    X, y, model, _ = problem()
    before = model.first.weight.data.copy()
    with plugins.registered(Silence()):
        fit(
            model,
            X,
            y,
            "cross_entropy",
            SGD(model.parameters()),
            1,
            compile=compile,
            progress=False,
        )
    np.testing.assert_array_equal(model.first.weight.data, before)


@BOTH
def test_several_inputs_and_targets(compile: bool) -> None:
    class Two(Module):
        def __init__(self) -> None:
            self.one, self.two = (Linear(1, 1, rng=np.random.default_rng(i)) for i in (0, 1))

        def forward(self, left: Any, right: Any) -> tuple[Value, Value]:
            return self.one(left), self.two(right)

    def loss(prediction: Any, target: Any) -> Value:
        one, two = prediction
        return losses.mse(one, target["sum"]) + losses.mse(two, target["double"])

    def largest(prediction: Any, target: Any) -> float:
        return float(abs(prediction[1] - target["double"]).max())

    a = np.linspace(-1.0, 1.0, 9)[:, None]
    found = []
    for X in ((a, -a), {"right": -a, "left": a}):
        model = Two()
        history = fit(
            model,
            X,
            {"sum": a + 1.0, "double": -2.0 * a},
            loss,
            SGD(model.parameters(), lr=0.3),
            60,
            batch_size=4,
            shuffle=False,
            metrics=[largest],
            compile=compile,
            progress=False,
        )
        assert history["loss"][-1] < 1e-3
        assert history["largest"][-1] < 0.1
        one, two = predict(model, X, batch_size=2)
        np.testing.assert_allclose(two, -2.0 * a, atol=0.1)
        found.append(one)
    np.testing.assert_array_equal(*found)


def test_without_targets_the_loss_sees_the_prediction_alone() -> None:
    model = Linear(2, 1, rng=np.random.default_rng(0))
    history = fit(
        model, np.ones((6, 2)), None, lambda p: (p**2).mean(), SGD(model.parameters(), 0.1), 20,
        progress=False,
    )  # fmt: skip
    assert history["loss"][-1] < 1e-3 * history["loss"][0]


def test_batches_bring_their_own_settings() -> None:
    X, y, model, rng = problem()
    data = batches(X, y, 5, shuffle=True, rng=rng, drop_last=True)
    history = fit(model, data, None, "cross_entropy", SGD(model.parameters()), 2, progress=False)
    assert len(history.steps["loss"]) == 8


@BOTH
def test_float32_stays_float32(compile: bool) -> None:
    model = MLP(3, [4, 1], dtype=np.float32, rng=np.random.default_rng(0))
    kinds = []

    def loss(prediction: Any, target: Any) -> Value:
        kinds.append((prediction.dtype, target.dtype))
        return losses.mse(prediction, target)

    X = np.random.default_rng(0).normal(size=(8, 3))
    fit(model, X, X[:, :1], loss, Adam(model.parameters()), 2, compile=compile, progress=False)
    assert set(kinds) == {(np.dtype("float32"), np.dtype("float32"))}
    assert X.dtype == np.float64


def test_what_was_frozen_in_eval_mode_by_a_callback_stays_so() -> None:
    X, y, model, _ = problem()
    seen = []

    class Freeze(Callback):
        def on_fit_begin(self, run: Any) -> None:
            run.model.first.eval()

        def on_batch_end(self, run: Any) -> None:
            seen.append((run.model.training, run.model.first.training))

    fit(
        model, X, y, "cross_entropy", SGD(model.parameters()), 3, validation=(X, y),
        callbacks=Freeze(), progress=False,
    )  # fmt: skip
    assert set(seen) == {(True, False)}


def test_data_that_is_given_is_left_alone() -> None:
    X, y, model, _ = problem()
    before = X.copy(), y.copy()
    fit(model, X, y, "cross_entropy", SGD(model.parameters()), 1, progress=False)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


# -- evaluating ---------------------------------------------------------------------------------


def test_evaluate_measures_all_rows_at_once_in_eval_mode() -> None:
    X, y, model, _ = problem()
    state = model.rng.bit_generator.state
    got = evaluate(
        model,
        X,
        y,
        "cross_entropy",
        {"right": "accuracy", "f": metrics.f1, "again": "cross_entropy"},
        batch_size=5,
    )
    assert model.training
    assert model.rng.bit_generator.state == state
    logits = model.eval()(X)
    assert got["loss"] == pytest.approx(losses.cross_entropy(logits, y).item(), rel=1e-12)
    assert got["again"] == pytest.approx(got["loss"], rel=1e-12)
    assert got["right"] == metrics.accuracy(logits, y)
    assert got["f"] == metrics.f1(logits, y)
    np.testing.assert_allclose(predict(model, X, batch_size=4), logits.data, rtol=1e-12)


# -- the end ------------------------------------------------------------------------------------


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
    np.testing.assert_array_equal(model.state_dict()["mean"], best.weights["mean"])
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
                run.model.last.bias.data = [np.nan, 0.0]

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
    np.testing.assert_array_equal(model.last.bias.data, best.weights["last.bias"])


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
