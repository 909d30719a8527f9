"""The loop: what it computes, eagerly and compiled, and how it ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, assign, hookimpl, op, plugins
from micrograd.nn import SGD, Adam, Linear, Module, losses, metrics
from micrograd.nn.optim import schedules
from micrograd.nn.training import (
    Callback,
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
    looking, program = made
    assert looking.signatures == 0  # there is no validation
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
