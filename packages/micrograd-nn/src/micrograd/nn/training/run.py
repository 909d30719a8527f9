"""In which order does training happen? The loop itself, and all that a checkpoint must hold of it.

``fit`` makes a ``Run`` out of what the user gave and lets it go; callbacks look at it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module import Module
from ..optim import Optimizer
from . import generators
from .arrays import joined
from .batches import Batches
from .callbacks import Callback
from .checkpoint import Checkpoint
from .evaluating import Metrics, measured, rows_in, scores
from .history import History
from .interrupts import gently
from .scheduling import Scheduling
from .steps import Broken, Step

INTERRUPTED = "interrupted by Ctrl-C"


class Diverged(FloatingPointError):
    """The loss became NaN or infinite. ``history`` holds what was measured before."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


class Run:
    """One training run, as callbacks see it: see ``Callback`` for what there is to look at."""

    def __init__(
        self,
        model: Module,
        data: Batches,
        optimizer: Optimizer,
        epochs: int,
        *,
        step: Step,
        validation: Batches | None,
        metrics: Metrics,
        schedule: Scheduling,
        callbacks: Sequence[Callback],
        checkpoint: Checkpoint | None,
        progress: Sequence[Callback],
    ) -> None:
        self.model, self.data, self.optimizer, self.epochs = model, data, optimizer, epochs
        self.history = History()
        self.callbacks = list(callbacks)
        self._shown = list(progress)  # the progress; it is told last, and no checkpoint knows of it
        self.batches = len(data)
        self.epoch, self.batch, self.loss = 1, 0, float("nan")
        self.names = ["loss", *metrics]
        if validation is not None:
            self.names += [f"val_{name}" for name in self.names]
        self._step, self._metrics = step, metrics
        self._validation, self._schedule = validation, schedule
        self._checkpoint = checkpoint
        self._total, self._rows = 0.0, 0  # of this epoch so far
        self._predictions: list[Any] = []
        self._targets: list[Any] = []

    @property
    def stopped(self) -> str:
        """Why the run is to end before its last epoch; empty if it is not."""
        return self.history.stopped

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do."""
        return self.epoch > self.epochs or bool(self.stopped)

    def stop(self, reason: str) -> None:
        """End the run after this batch, or, told at the end of an epoch, with that epoch."""
        self.history.stopped = self.history.stopped or reason

    def go(self) -> History:
        """Train."""
        with gently(lambda: self.stop(INTERRUPTED)):
            self._tell("on_fit_begin")
            try:
                while not self.over:
                    self._go_through_an_epoch()
                if self._checkpoint is not None and self.stopped:
                    self._checkpoint.write(self)
            finally:
                self._tell("on_fit_end")
        return self.history

    def _go_through_an_epoch(self) -> None:
        if not self.batch:
            self._tell("on_epoch_begin")
        for portion in self.data:
            self._learn_from(portion)
            steps = len(self.history.steps["loss"])
            if self._checkpoint is not None and self._checkpoint.is_due(steps):
                self._checkpoint.write(self)
            if self.stopped and self.batch < self.batches:
                return
        self.history.add_epoch(self._measures())
        self._schedule.epoch_ended(self.history)
        self._tell("on_epoch_end")
        self._total, self._rows, self._predictions, self._targets = 0.0, 0, [], []
        self.epoch, self.batch = self.epoch + 1, 0
        if self._checkpoint is not None:
            self._checkpoint.epoch_ended(self)

    def _learn_from(self, portion: Any) -> None:
        x, y = portion if self.data.y is not None else (portion, None)
        lr = self.optimizer.lr
        try:
            self.loss, prediction = self._step(x, y)
        except Broken as broken:
            raise self._diverged(broken, lr) from None
        except Exception as error:
            error.add_note(f"(in fit: epoch {self.epoch}, batch {self.batch + 1})")
            raise
        rows, prediction, y = self.data.whole(rows_in(x), prediction, y)
        self._total += self.loss * rows
        self._rows += rows
        if self._metrics:
            self._predictions.append(prediction)
            self._targets.append(y)
        self.batch += 1
        self.history.add_step(self.loss, lr)
        self._schedule.batch_ended()
        self._tell("on_batch_end")

    def _measures(self) -> dict[str, float]:
        """What the history holds of this epoch."""
        found = {"loss": self._total / self._rows}
        if self._metrics:
            found |= scores(self._metrics, joined(self._predictions), joined(self._targets))
        if self._validation is not None:
            seen = measured(self.model, self._validation, self._step.look, self._metrics)
            found |= {f"val_{name}": number for name, number in seen.items()}
        return found

    def _tell(self, hook: str) -> None:
        for callback in [*self.callbacks, *self._shown]:
            getattr(callback, hook)(self)

    def _diverged(self, broken: Broken, lr: float) -> Diverged:
        weights = (
            "The program had the step in it, so the weights are NaN, too; BestWeights or a "
            "checkpoint keeps the last good ones."
            if broken.step_taken
            else "The weights are those from before this batch."
        )
        return Diverged(
            f"fit: the loss is {broken.loss} in epoch {self.epoch}, batch {self.batch + 1}, with "
            f"the learning rate {lr:g}. {weights} Try a smaller learning rate or clip_norm=1.0; "
            "within micrograd.engine.detect_anomaly() an eager run names the op.",
            self.history,
        )

    # -- what a checkpoint holds -----------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """All that the rest of the run depends on."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "data": self.data.state_dict(),
            "generators": {path: generators.state_of(g) for path, g in self._generators().items()},
            "callbacks": [callback.state_dict() for callback in self.callbacks],
            "history": self.history.state_dict(),
            "stopped": "" if self.stopped == INTERRUPTED else self.stopped,
            "epoch": self.epoch,
            "batch": self.batch,
            "total": self._total,
            "rows": self._rows,
            "predictions": joined(self._predictions) if self._predictions else None,
            "targets": joined(self._targets) if self._targets else None,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where a run like this one stood."""
        self.optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self.data.load_state_dict(state["data"])
        for path, generator in self._generators().items():
            generators.restore(generator, state["generators"][path])
        for callback, kept in zip(self.callbacks, state["callbacks"], strict=True):
            callback.load_state_dict(kept)
        self.history.load_state_dict(state["history"])
        self.history.stopped = state["stopped"]
        self.epoch, self.batch = state["epoch"], state["batch"]
        self._total, self._rows = state["total"], state["rows"]
        self._predictions = [] if state["predictions"] is None else [state["predictions"]]
        self._targets = [] if state["targets"] is None else [state["targets"]]
        self.model.load_state_dict(state["model"])  # last: what fails before leaves it as it was

    def description(self) -> dict[str, Any]:
        """What must be the same for a run to go on: names, sizes and settings."""
        return {
            "model": str(self.model),
            "weights": [
                f"{name} {array.shape} {array.dtype}"
                for name, array in self.model.state_dict().items()
            ],
            "optimizer": type(self.optimizer).__name__,
            "schedule": self._schedule.name,
            "data": self.data.settings(),
            "callbacks": [callback.name for callback in self.callbacks],
            "generators": [
                f"{path} ({type(generator.bit_generator).__name__})"
                for path, generator in self._generators().items()
            ],
            "measures": self.names,
        }

    def _generators(self) -> dict[str, Any]:
        """The generators of the model and of the callbacks; that of the data is the data's."""
        own = {"model": self.model, "callbacks": self.callbacks}
        return dict(generators.found(own))
