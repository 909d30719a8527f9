"""One schedule after another: a warm-up and then a cosine, for instance."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from ..optimizer import Optimizer
from .plateau import ReduceLROnPlateau
from .schedule import Schedule, whole


class SequentialLR(Schedule):
    """Schedules of one optimizer in turn; the next one begins at each of the ``milestones``.

    Each counts its steps from its own beginning, and all begin with the learning rate that the user
    gave.

    **Errors.** As ``Schedule``, TypeError for what is no schedule, and ValueError for schedules of
    another optimizer, for ``ReduceLROnPlateau``, or for a number of milestones that is not one less
    than that of the schedules, or milestones that do not rise.

    **Example.**

    >>> from micrograd.engine import Value
    >>> from micrograd.nn import SGD
    >>> from micrograd.nn.optim.schedules import CosineAnnealingLR, LinearLR
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> warm_up = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> cosine = CosineAnnealingLR(optimizer, T_max=4)
    >>> schedule, seen = SequentialLR(optimizer, [warm_up, cosine], milestones=[2]), []
    >>> for _ in range(7):
    ...     seen.append(round(optimizer.lr, 3))
    ...     schedule.step()
    >>> seen
    [0.5, 0.75, 1.0, 0.854, 0.5, 0.146, 0.0]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: list[Schedule], milestones: list[int]
    ) -> None:
        owner = type(self).__name__
        for i, one in enumerate(schedulers):
            if not isinstance(one, Schedule):
                raise TypeError(
                    f"{owner}: schedule {i} is of type {type(one).__name__}. Pass schedules, for "
                    "example LinearLR(optimizer)."
                )
            if one.optimizer is not optimizer:
                raise ValueError(
                    f"{owner}: schedule {i} is of another optimizer. Make all of the same one."
                )
            if isinstance(one, ReduceLROnPlateau):
                raise ValueError(
                    f"{owner}: schedule {i} is ReduceLROnPlateau, which wants a metric at each "
                    "step. Call it by itself, after the others."
                )
        self.milestones = [whole(owner, "a milestone", one) for one in milestones]
        if len(milestones) != len(schedulers) - 1 or sorted({*milestones}) != self.milestones:
            raise ValueError(
                f"{owner}: {len(schedulers)} schedules and the milestones {self.milestones}. Give "
                "one milestone less than schedules, each greater than the one before."
            )
        self.schedulers = list(schedulers)
        super().__init__(optimizer)

    def apply(self) -> None:
        """Set what the schedule of the moment says."""
        number = bisect_right(self.milestones, self.last_epoch)
        begin = self.milestones[number - 1] if number else 0
        self.schedulers[number].last_epoch = self.last_epoch - begin
        self.schedulers[number].apply()

    def state_dict(self) -> dict[str, Any]:
        """What a later run needs to go on, that of each schedule too."""
        return {**super().state_dict(), "schedulers": [one.state_dict() for one in self.schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a ``state_dict``."""
        self._check_state(state_dict)
        if len(state_dict["schedulers"]) != len(self.schedulers):
            raise ValueError(
                f"{type(self).__name__}: the state is of {len(state_dict['schedulers'])} "
                f"schedules, but there are {len(self.schedulers)}. Make it of the same ones."
            )
        for one, state in zip(self.schedulers, state_dict["schedulers"], strict=True):
            one.load_state_dict(state)
        super().load_state_dict(state_dict)
