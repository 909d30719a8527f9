"""Up to a large learning rate and far down again, the momentum the other way."""

from __future__ import annotations

import math
from typing import NamedTuple

from ..optimizer import Optimizer
from ..settings import fraction, positive
from .schedule import Schedule, between, checked_optimizer, for_each_group, whole


class Phase(NamedTuple):
    """A part of the cycle, up to a step: the learning rate and the momentum go from here to there.

    Learning rates are parts of ``max_lr``; a momentum is 0 for the low one and 1 for the high one.
    """

    end: float
    rates: tuple[float, float]
    momenta: tuple[float, float]


class OneCycleLR(Schedule):
    """The learning rate rises to ``max_lr`` and falls to almost nothing.

    The cycle has ``total_steps`` batches; call ``step()`` after each. With ``cycle_momentum`` the
    momentum (β₁ of Adam) falls while the learning rate rises, and rises while it falls.

    **Maths.** From max_lr / div_factor to max_lr in the first ``pct_start`` of the steps, then to
    max_lr / (div_factor · final_div_factor); with ``three_phase``, back to where it began first,
    as fast as it rose. Between a and b it is b + (a − b) (1 + cos π x) / 2 with x from 0 to 1, or
    a + (b − a) x with ``anneal_strategy="linear"``.

    ``max_lr``, ``base_momentum`` and ``max_momentum`` are numbers, or lists of one for each group.

    **Errors.** As ``Schedule``, and ValueError for settings out of range, for ``total_steps``
    that are neither given nor ``epochs`` times ``steps_per_epoch``, for an optimizer without a
    momentum (``cycle_momentum=False`` goes without), and for more steps than the cycle has.

    **Source.** Smith and Topin, Super-convergence: very fast training of neural networks using
    large learning rates (2018).

    **Example.**

    >>> from micrograd.engine import Value
    >>> from micrograd.nn import SGD
    >>> optimizer = SGD([Value(1.0)], lr=1.0, momentum=0.9)
    >>> schedule, seen = OneCycleLR(optimizer, max_lr=1.0, total_steps=5, pct_start=0.4), []
    >>> for _ in range(5):
    ...     seen.append((round(optimizer.lr, 3), round(optimizer.momentum, 3)))
    ...     schedule.step()
    >>> seen
    [(0.04, 0.95), (1.0, 0.85), (0.75, 0.875), (0.25, 0.925), (0.0, 0.95)]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        owner = type(self).__name__
        checked_optimizer(owner, optimizer)
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError(
                    f"{owner}: how long is the cycle? Give total_steps, or both epochs and "
                    "steps_per_epoch."
                )
            total_steps = whole(owner, "epochs", epochs) * whole(
                owner, "steps_per_epoch", steps_per_epoch
            )
        self.total_steps = whole(owner, "total_steps", total_steps, 2)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"{owner}: anneal_strategy is {anneal_strategy!r}. It must be 'cos' or 'linear'."
            )
        self.anneal_strategy = anneal_strategy
        between(owner, "pct_start", pct_start, 0.0, 1.0)
        low = 1.0 / positive(owner, "div_factor", div_factor)
        least = low / positive(owner, "final_div_factor", final_div_factor)
        self.phases = _phases(self.total_steps, pct_start, low, least, three_phase)
        self.momentum = _momentum_of(owner, optimizer) if cycle_momentum else ""
        low_momenta, high_momenta, rates = (
            [check(owner, name, one) for one in for_each_group(owner, name, given, optimizer)]
            for check, name, given in (
                (fraction, "base_momentum", base_momentum),
                (fraction, "max_momentum", max_momentum),
                (positive, "max_lr", max_lr),
            )
        )
        self.momenta = list(zip(low_momenta, high_momenta, strict=True))
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        super().__init__(optimizer)

    def at(self, t: int, base: float) -> float:
        """See the class; ``base`` is the group's ``max_lr``."""
        phase, part = self._place(t)
        return base * self._between(*phase.rates, part)

    def apply(self) -> None:
        """Set learning rates and momenta for the steps so far."""
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"OneCycleLR: this is step {self.last_epoch} of a cycle of {self.total_steps}. "
                "Give it as many total_steps as there are batches in all epochs."
            )
        super().apply()
        if not self.momentum:
            return
        phase, part = self._place(self.last_epoch)
        for group, (low, high) in zip(self.optimizer.param_groups, self.momenta, strict=True):
            ends = [high if end else low for end in phase.momenta]
            number = self._between(ends[0], ends[1], part)
            group[self.momentum] = (
                (number, group["betas"][1]) if self.momentum == "betas" else number
            )

    def _place(self, t: int) -> tuple[Phase, float]:
        """The phase of a step, and how much of it is over."""
        start = 0.0
        for phase in self.phases:
            if t <= phase.end or phase is self.phases[-1]:
                break
            start = phase.end
        length = phase.end - start
        return phase, min((t - start) / length, 1.0) if length else 1.0

    def _between(self, a: float, b: float, part: float) -> float:
        if self.anneal_strategy == "linear":
            return (b - a) * part + a
        return b + (a - b) / 2.0 * (math.cos(math.pi * part) + 1.0)


def _phases(steps: int, pct: float, low: float, least: float, three: bool) -> list[Phase]:
    up = Phase(pct * steps - 1.0, (low, 1.0), (1.0, 0.0))
    if not three:
        return [up, Phase(steps - 1.0, (1.0, least), (0.0, 1.0))]
    down = Phase(2.0 * pct * steps - 2.0, (1.0, low), (0.0, 1.0))
    return [up, down, Phase(steps - 1.0, (low, least), (1.0, 1.0))]


def _momentum_of(owner: str, optimizer: Optimizer) -> str:
    """The setting that holds the momentum."""
    if "betas" in optimizer.defaults:
        return "betas"
    if not all(group.get("momentum") for group in optimizer.param_groups):
        raise ValueError(
            f"{owner} cycles the momentum, but the {type(optimizer).__name__} has none. Make it "
            "with a momentum, or say cycle_momentum=False."
        )
    return "momentum"
