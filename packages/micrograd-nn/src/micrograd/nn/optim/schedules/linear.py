"""The learning rate along a straight line: warm-up, or a slow end."""

from __future__ import annotations

from ..optimizer import Optimizer
from .schedule import Schedule, between, whole


class LinearLR(Schedule):
    """In ``total_iters`` steps from one part of the learning rate to another; then it stays.

    From a small part to all of it is a warm-up: adaptive optimizers know little about gradients in
    their first steps, and had better make small ones.

    **Maths.** base · (start_factor + (end_factor − start_factor) · min(t, total_iters) /
    total_iters).

    **Errors.** As ``Schedule``, and ValueError for a ``start_factor`` outside (0, 1], an
    ``end_factor`` outside [0, 1], or a ``total_iters`` that is no positive whole number.

    **Example.**

    >>> from micrograd.engine import Value
    >>> from micrograd.nn import SGD
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> schedule, seen = LinearLR(optimizer, start_factor=0.25, total_iters=3), []
    >>> for _ in range(5):
    ...     seen.append(optimizer.lr)
    ...     schedule.step()
    >>> seen
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3.0,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        owner = type(self).__name__
        self.start_factor = between(owner, "start_factor", start_factor, 0.0, 1.0)
        if end_factor != 0.0:
            between(owner, "end_factor", end_factor, 0.0, 1.0)
        self.end_factor = end_factor
        self.total_iters = whole(owner, "total_iters", total_iters)
        super().__init__(optimizer)

    def at(self, t: int, base: float) -> float:
        """See the class."""
        part = min(t, self.total_iters) / self.total_iters
        return base * (self.start_factor + (self.end_factor - self.start_factor) * part)
