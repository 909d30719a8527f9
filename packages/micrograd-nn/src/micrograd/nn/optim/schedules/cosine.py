"""Half a wave of the cosine from the learning rate down to almost nothing."""

from __future__ import annotations

import math

from ..optimizer import Optimizer
from ..settings import not_negative
from .schedule import Schedule, whole


class CosineAnnealingLR(Schedule):
    """Slowly at first, faster in the middle, slowly at the end, in ``T_max`` steps to ``eta_min``.

    After ``T_max`` steps it goes up again the same way.

    **Maths.** eta_min + (base − eta_min) · (1 + cos(π t / T_max)) / 2.

    **Errors.** As ``Schedule``, and ValueError for a ``T_max`` that is no positive whole number or
    a negative ``eta_min``.

    **Source.** Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017).

    **Example.**

    >>> from micrograd.engine import Value
    >>> from micrograd.nn import SGD
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> schedule, seen = CosineAnnealingLR(optimizer, T_max=4), []
    >>> for _ in range(5):
    ...     seen.append(round(optimizer.lr, 3))
    ...     schedule.step()
    >>> seen
    [1.0, 0.854, 0.5, 0.146, 0.0]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        owner = type(self).__name__
        self.T_max = whole(owner, "T_max", T_max)
        self.eta_min: float = not_negative(owner, "eta_min", eta_min)
        super().__init__(optimizer)

    def at(self, t: int, base: float) -> float:
        """See the class."""
        wave = (1.0 + math.cos(math.pi * t / self.T_max)) / 2.0
        return self.eta_min + (base - self.eta_min) * wave
