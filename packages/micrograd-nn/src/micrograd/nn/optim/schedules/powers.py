"""The learning rate, again and again multiplied by the same factor."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from ..optimizer import Optimizer
from .schedule import Schedule, between, whole


class ExponentialLR(Schedule):
    """Multiply the learning rate by ``gamma`` at each step.

    **Maths.** base · gammaᵗ.

    **Errors.** As ``Schedule``, and ValueError for a gamma outside (0, 1].

    **Example.**

    >>> from micrograd.engine import Value
    >>> from micrograd.nn import SGD
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> schedule = ExponentialLR(optimizer, gamma=0.5)
    >>> schedule.step()
    >>> optimizer.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = between(type(self).__name__, "gamma", gamma, 0.0, 1.0)
        super().__init__(optimizer)

    def at(self, t: int, base: float) -> float:
        """See the class."""
        return float(base * self.gamma**t)


class StepLR(Schedule):
    """Multiply the learning rate by ``gamma`` after every ``step_size`` steps.

    **Maths.** base · gamma^⌊t / step_size⌋.

    **Errors.** As ``ExponentialLR``, and ValueError for a ``step_size`` that is no positive whole
    number.

    **Example.**

    >>> from micrograd.engine import Value
    >>> from micrograd.nn import SGD
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> schedule, seen = StepLR(optimizer, step_size=2, gamma=0.5), []
    >>> for _ in range(4):
    ...     seen.append(optimizer.lr)
    ...     schedule.step()
    >>> seen
    [1.0, 1.0, 0.5, 0.5]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = whole(type(self).__name__, "step_size", step_size)
        self.gamma = between(type(self).__name__, "gamma", gamma, 0.0, 1.0)
        super().__init__(optimizer)

    def at(self, t: int, base: float) -> float:
        """See the class."""
        return float(base * self.gamma ** (t // self.step_size))


class MultiStepLR(Schedule):
    """Multiply the learning rate by ``gamma`` at each of the ``milestones``.

    **Maths.** base · gammaᵏ, with k the number of milestones that are at most t.

    **Errors.** As ``ExponentialLR``, and ValueError for milestones that are no whole numbers.

    **Example.**

    >>> from micrograd.engine import Value
    >>> from micrograd.nn import SGD
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> schedule, seen = MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5), []
    >>> for _ in range(4):
    ...     seen.append(optimizer.lr)
    ...     schedule.step()
    >>> seen
    [1.0, 0.5, 0.5, 0.25]
    """

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        owner = type(self).__name__
        self.milestones = sorted(whole(owner, "a milestone", one) for one in milestones)
        self.gamma = between(owner, "gamma", gamma, 0.0, 1.0)
        super().__init__(optimizer)

    def at(self, t: int, base: float) -> float:
        """See the class."""
        return float(base * self.gamma ** bisect_right(self.milestones, t))
