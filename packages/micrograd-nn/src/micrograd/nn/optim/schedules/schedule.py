"""What do all schedules share?

A count of steps, and the learning rates that the user gave. A schedule of one's own is a subclass
that says ``at(t, base)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..optimizer import Optimizer


class Schedule:
    """A formula for the learning rate of each group after ``t`` steps; it is set at once for t = 0.

    ``last_epoch`` is the number of steps so far, ``base_lrs`` are the learning rates that the user
    gave, one a group. A schedule always computes from these, so setting ``group["lr"]`` by hand in
    between has no effect after its next step.

    **Errors.** TypeError for what is no optimizer.

    **Example.** A schedule of one's own:

    >>> from micrograd.engine import Value
    >>> from micrograd.nn import SGD
    >>> class Harmonic(Schedule):
    ...     def at(self, t, base):
    ...         return base / (1 + t)
    >>> optimizer = SGD([Value(1.0)], lr=0.6)
    >>> schedule = Harmonic(optimizer)
    >>> schedule.step()
    >>> schedule.step()
    >>> round(optimizer.lr, 6)
    0.2
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = checked_optimizer(type(self).__name__, optimizer)
        self.base_lrs = [group.given_lr for group in optimizer.param_groups]
        self.last_epoch = 0
        self.apply()

    def at(self, t: int, base: float) -> float:
        """The learning rate after ``t`` steps, of a group whose user gave ``base``."""
        raise NotImplementedError(
            f"{type(self).__name__} does not say which learning rate comes when. Define "
            "at(self, t, base)."
        )

    def step(self) -> None:
        """Go on by one, and set the learning rates."""
        self.last_epoch += 1
        self.apply()

    def apply(self) -> None:
        """Set the learning rates for the steps so far."""
        for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group.schedule_lr(self.at(self.last_epoch, base))

    def get_last_lr(self) -> list[float]:
        """The learning rate of each group now."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """What a later run needs to go on; settings are the constructor's."""
        return {
            "schedule": type(self).__name__,
            "last_epoch": self.last_epoch,
            "base_lrs": list(self.base_lrs),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a ``state_dict``, and set the learning rates; the same floats as before.

        **Errors.** ValueError for the state of another schedule or of other groups.
        """
        self._check_state(state_dict)
        self.last_epoch = int(state_dict["last_epoch"])
        self.base_lrs = list(state_dict["base_lrs"])
        self.apply()

    def _check_state(self, state_dict: Any) -> None:
        owner, known = type(self).__name__, set(self.state_dict())
        got = set(state_dict) if isinstance(state_dict, Mapping) else set()
        if got != known or state_dict["schedule"] != owner:
            told = state_dict.get("schedule", "something else") if got else "something else"
            raise ValueError(
                f"{owner}: the state is one of {told}. Load a state that {owner} made."
            )
        if len(state_dict["base_lrs"]) != len(self.base_lrs):
            raise ValueError(
                f"{owner}: the state is of {len(state_dict['base_lrs'])} groups, but the optimizer "
                f"has {len(self.base_lrs)}. Make it with the same groups."
            )


def checked_optimizer(owner: str, optimizer: Any) -> Optimizer:
    """Refuse what is no optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{owner}: optimizer is of type {type(optimizer).__name__}. Pass the "
            "optimizer whose learning rate is to change."
        )
    return optimizer


def for_each_group(owner: str, name: str, given: Any, optimizer: Optimizer) -> list[Any]:
    """One number for each group, of a number for all or a list of them."""
    groups = len(optimizer.param_groups)
    numbers = list(given) if isinstance(given, (list, tuple)) else [given] * groups
    if len(numbers) != groups:
        raise ValueError(
            f"{owner}: {name} has {len(numbers)} numbers, but the optimizer {groups} groups. Give "
            "one for each, or a number for all."
        )
    return numbers


def whole(owner: str, name: str, number: Any, least: int = 1) -> int:
    """Refuse what is not a whole number of steps."""
    if not isinstance(number, int) or isinstance(number, bool) or number < least:
        raise ValueError(
            f"{owner}: {name} is {number!r}. It must be a whole number, at least {least}."
        )
    return number


def between(owner: str, name: str, number: Any, low: float, high: float) -> float:
    """Refuse what is not above ``low`` and at most ``high``."""
    if not isinstance(number, (int, float)) or not low < number <= high:
        raise ValueError(
            f"{owner}: {name} is {number!r}. It must be more than {low:g} and at most {high:g}."
        )
    return number
