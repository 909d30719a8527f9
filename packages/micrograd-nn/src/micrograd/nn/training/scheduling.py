"""When does a schedule of the learning rate go on: after each epoch, or after each batch?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..optim import Optimizer
from ..optim.schedules import OneCycleLR, ReduceLROnPlateau, Schedule


class Scheduling:
    """A schedule, or none, and its moments; ``every`` is ``"epoch"``, ``"batch"`` or None for what
    is usual: a one-cycle counts batches, all others epochs.

    **Errors.** TypeError for what is no schedule; ValueError for one of another optimizer, for
    another ``every``, or for a plateau of batches, which have no validation.
    """

    def __init__(self, schedule: Any, every: str | None, optimizer: Optimizer) -> None:
        if schedule is not None and not isinstance(schedule, Schedule):
            raise TypeError(
                f"fit: schedule is {schedule!r}. Give one of micrograd.nn.optim.schedules, for "
                "example StepLR(optimizer, step_size=10)."
            )
        if schedule is not None and schedule.optimizer is not optimizer:
            raise ValueError(
                f"fit: the {type(schedule).__name__} is the schedule of another optimizer. Make it "
                "from the one that fit gets."
            )
        if every not in (None, "epoch", "batch") or (every and schedule is None):
            why = "there is no schedule" if schedule is None else "it is neither"
            raise ValueError(
                f"fit: schedule_every is {every!r}, but {why}. Give a schedule, and 'epoch' or "
                "'batch'."
            )
        if isinstance(schedule, ReduceLROnPlateau) and every == "batch":
            raise ValueError(
                "fit: ReduceLROnPlateau looks at the loss of an epoch, so it cannot go on after "
                "each batch. Leave schedule_every out."
            )
        self.schedule = schedule
        usual = "batch" if isinstance(schedule, OneCycleLR) else "epoch"
        self.every = every or usual
        self.name = f"{type(schedule).__name__}, after each {self.every}" if schedule else "none"

    def batch_ended(self) -> None:
        """Go on, if batches are counted."""
        if self.schedule is not None and self.every == "batch":
            self.schedule.step()

    def epoch_ended(self, measures: Mapping[str, list[float]]) -> None:
        """Go on, if epochs are counted; a plateau is one of the validation loss, if there is."""
        if isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step(measures.get("val_loss", measures["loss"])[-1])
        elif self.schedule is not None and self.every == "epoch":
            self.schedule.step()

    def state_dict(self) -> dict[str, Any]:
        """The schedule's."""
        return {} if self.schedule is None else self.schedule.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The schedule's."""
        if self.schedule is not None:
            self.schedule.load_state_dict(state)
