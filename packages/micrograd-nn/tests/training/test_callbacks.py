"""Who looks on, and what they may do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.nn import MLP, SGD
from micrograd.nn.training import BestWeights, Callback, EarlyStopping, fit
from micrograd.nn.training.callbacks import as_callbacks

X = np.linspace(-1.0, 1.0, 10)[:, None]


def train(callbacks: Any, epochs: int = 3, lr: float = 0.1, **settings: Any) -> Any:
    rng = np.random.default_rng(0)
    model = MLP(1, [4, 1], "tanh", rng=rng)
    optimizer = SGD(model.parameters(), lr=lr)
    settings = {"validation": (X, X**2), "progress": False, "batch_size": 4, "rng": rng} | settings
    history = fit(model, X, X**2, "mse", optimizer, epochs, callbacks=callbacks, **settings)
    return model, history


class Diary(Callback):
    def __init__(self) -> None:
        self.notes: list[Any] = []

    def on_fit_begin(self, run: Any) -> None:
        self.notes.append(("begin", run.epochs, run.batches, run.names))

    def on_epoch_begin(self, run: Any) -> None:
        self.notes.append(("epoch", run.epoch))

    def on_batch_end(self, run: Any) -> None:
        assert run.loss == run.history.steps["loss"][-1]
        assert run.model.training
        self.notes.append((run.epoch, run.batch))

    def on_epoch_end(self, run: Any) -> None:
        self.notes.append(("ended", run.epoch, run.history.epochs))

    def on_fit_end(self, run: Any) -> None:
        self.notes.append("end")


def test_hooks_are_called_in_order() -> None:
    diary = Diary()
    train([diary], epochs=2)
    assert diary.notes == [
        ("begin", 2, 3, ["loss", "val_loss"]),
        *(("epoch", 1), (1, 1), (1, 2), (1, 3), ("ended", 1, 1)),
        *(("epoch", 2), (2, 1), (2, 2), (2, 3), ("ended", 2, 2)),
        "end",
    ]


def test_a_function_is_called_at_the_end_of_each_epoch() -> None:
    epochs: list[int] = []
    train(lambda run: epochs.append(run.epoch))
    assert epochs == [1, 2, 3]


def test_the_learning_rate_may_be_changed_by_a_callback() -> None:
    def halve(run: Any) -> None:
        run.optimizer.lr /= 2

    _, history = train(halve)
    assert history.steps["lr"] == [0.1] * 3 + [0.05] * 3 + [0.025] * 3


@pytest.mark.parametrize(("where", "epochs", "steps"), [("batch", 1, 5), ("epoch", 2, 6)])
def test_stop_ends_after_the_batch_or_with_the_epoch(where: str, epochs: int, steps: int) -> None:
    class Stop(Callback):
        def on_batch_end(self, run: Any) -> None:
            if where == "batch" and (run.epoch, run.batch) == (2, 2):
                run.stop("enough")

        def on_epoch_end(self, run: Any) -> None:
            if run.epoch == 2:
                run.stop("enough")
                run.stop("another reason comes too late")

    _, history = train(Stop(), epochs=9)
    assert history.stopped == "enough"
    assert (history.epochs, len(history.steps["loss"])) == (epochs, steps)


def diverging(run: Any) -> None:
    """From the third epoch on, make everything worse."""
    if run.epoch >= 2:
        for parameter in run.model.parameters():
            parameter.data = parameter.data + 1.0


def test_early_stopping_waits_and_best_weights_come_back() -> None:
    stopping, best = EarlyStopping(patience=3), BestWeights()
    model, history = train([stopping, best, diverging], epochs=50)
    losses = history["val_loss"]
    assert best.best_epoch == stopping.best_epoch == 1 + losses.index(min(losses)) == 2
    assert history.epochs == best.best_epoch + 3
    assert history.stopped.startswith("val_loss has not got better for 3 epochs; best 0.")
    assert float(((model(X).data - X**2) ** 2).mean()) == pytest.approx(min(losses), rel=1e-12)


def test_min_delta_and_mode_say_what_better_is() -> None:
    assert EarlyStopping(2, "val_accuracy").mode == "max"
    assert EarlyStopping(2, "val_score", mode="max").mode == "max"
    _, history = train([EarlyStopping(2, min_delta=10.0)], epochs=50)
    assert history.epochs == 3  # the first is the best, whatever comes
    _, history = train([EarlyStopping(2, "loss", "max")], epochs=50)
    assert history.epochs == 3


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: EarlyStopping(0), r"patience is 0\. Give at least 1 epoch"),
        (lambda: EarlyStopping(min_delta=-1.0), r"min_delta is -1\.0\. It must not be negative"),
        (lambda: EarlyStopping(mode="least"), r"mode is 'least'\. Pass mode='min' or mode='max'"),
        (lambda: BestWeights("val_auc"), r"not known whether 'val_auc' is to grow\. Pass mode="),
    ],
)
def test_what_cannot_be_watched_is_refused(make: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        make()


@pytest.mark.parametrize(
    ("callback", "told"),
    [
        (EarlyStopping(2, "val_los", "min"), r"will not have 'val_los'; .* Did you mean val_loss"),
        (BestWeights("val_accuracy"), r"BestWeights: the history will not have 'val_accuracy'"),
    ],
)
def test_a_number_that_will_not_be_there_is_refused_before_training(
    callback: Any, told: str
) -> None:
    diary = Diary()
    with pytest.raises(ValueError, match=told):
        train([diary, callback])
    assert len(diary.notes) == 1


def test_without_validation_data_its_numbers_are_missed() -> None:
    with pytest.raises(ValueError, match=r"have 'val_loss'; it will have loss\. Pass validation="):
        train(EarlyStopping(), validation=None)


def test_an_object_of_another_class_is_called_by_the_hooks_that_it_has() -> None:
    class Counter:
        batches = ended = 0

        def on_batch_end(self, run: Any) -> None:
            self.batches += 1

        def on_fit_end(self, run: Any) -> None:
            self.ended += 1

        def state_dict(self) -> dict[str, int]:
            return {"batches": self.batches}

    counter = Counter()
    _, history = train(counter)
    assert (counter.batches, counter.ended) == (len(history.steps["loss"]), 1)
    (adapted,) = as_callbacks(counter)
    assert (adapted.name, adapted.state_dict()) == ("Counter", {"batches": counter.batches})


@pytest.mark.parametrize(("given", "got"), [(3, "3"), ("tell", "'t'"), (Diary, "the class Diary")])
def test_what_is_no_callback_is_refused(given: Any, got: str) -> None:
    with pytest.raises(TypeError, match=rf"callback 0 is {got}\. Give an object of a Callback"):
        train(given if isinstance(given, str) else [given])


def test_a_hook_that_does_not_exist_is_refused_where_it_is_written() -> None:
    with pytest.raises(TypeError, match=r"Odd\.on_epoch_ended is no hook\. Did you mean on_epoch_"):
        type("Odd", (Callback,), {"on_epoch_ended": print})
    with pytest.raises(TypeError, match=r"on_monday is no hook\. The hooks are on_fit_begin, on_"):
        type("Odd", (Callback,), {"on_monday": print})
