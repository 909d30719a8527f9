"""Smaller steps once nothing gets better."""

from __future__ import annotations

import math
from typing import Any

from ..optimizer import Optimizer
from ..settings import not_negative
from .schedule import Schedule, between, whole


class ReduceLROnPlateau(Schedule):
    """Multiply the learning rate by ``factor`` when a metric has not got better for a while.

    ``step(metric)`` is told the metric, such as the validation loss. After more than ``patience``
    steps without a better one the learning rate falls, but not below ``min_lr`` (a number, or one
    for each group); then ``cooldown`` steps count nothing.

    **Maths.** Better, for ``mode="min"``, is less than best · (1 − threshold), or less than
    best − threshold with ``threshold_mode="abs"``; for ``mode="max"``, more than
    best · (1 + threshold) or best + threshold. A learning rate that would change by no more than
    ``eps`` stays.

    **Errors.** As ``Schedule``, and ValueError for settings out of range, TypeError for a step
    without a metric.

    **Example.**

    >>> from micrograd.engine import Value
    >>> from micrograd.nn import SGD
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     schedule.step(loss)
    >>> optimizer.lr
    0.5
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        owner = type(self).__name__
        for name, word, words in (
            ("mode", mode, ("min", "max")),
            ("threshold_mode", threshold_mode, ("rel", "abs")),
        ):
            if word not in words:
                raise ValueError(
                    f"{owner}: {name} is {word!r}. It must be {words[0]!r} or {words[1]!r}."
                )
        self.mode, self.threshold_mode = mode, threshold_mode
        self.factor = between(owner, "factor", factor, 0.0, 1.0)
        if factor == 1.0:
            raise ValueError(f"{owner}: factor is {factor}. It must be less than 1.")
        self.patience = whole(owner, "patience", patience, 0)
        self.threshold = not_negative(owner, "threshold", threshold)
        self.cooldown = whole(owner, "cooldown", cooldown, 0)
        self.eps = not_negative(owner, "eps", eps)
        self.best = math.inf if mode == "min" else -math.inf
        self.bad_steps = self.cooling = 0
        super().__init__(optimizer)
        limits = (
            list(min_lr) if isinstance(min_lr, (list, tuple)) else [min_lr] * len(self.base_lrs)
        )
        if len(limits) != len(self.base_lrs):
            raise ValueError(
                f"{owner}: min_lr has {len(limits)} numbers, but the optimizer "
                f"{len(self.base_lrs)} groups. Give one for each, or a number for all."
            )
        self.min_lrs = [not_negative(owner, "min_lr", one) for one in limits]

    def step(self, metric: Any = None) -> None:
        """Be told the metric of an epoch."""
        if metric is None:
            raise TypeError(
                "ReduceLROnPlateau: step() was told no metric. Call step(validation_loss)."
            )
        number = float(metric.item() if hasattr(metric, "item") else metric)
        self.last_epoch += 1
        if self._better(number):
            self.best, self.bad_steps = number, 0
        else:
            self.bad_steps += 1
        if self.cooling:
            self.cooling, self.bad_steps = self.cooling - 1, 0
        if self.bad_steps > self.patience:
            self._reduce()
            self.cooling, self.bad_steps = self.cooldown, 0

    def apply(self) -> None:
        """The learning rates stay what they are."""

    def state_dict(self) -> dict[str, Any]:
        """What a later run needs to go on; the learning rates are in the optimizer's state."""
        found = super().state_dict()
        return {**found, "best": self.best, "bad_steps": self.bad_steps, "cooling": self.cooling}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a ``state_dict``; the learning rates come with the optimizer's."""
        super().load_state_dict(state_dict)
        self.best = float(state_dict["best"])
        self.bad_steps, self.cooling = state_dict["bad_steps"], state_dict["cooling"]

    def _better(self, number: float) -> bool:
        sign = -1.0 if self.mode == "min" else 1.0
        if self.threshold_mode == "abs":
            limit = self.best + sign * self.threshold
        else:
            limit = self.best * (1.0 + sign * self.threshold)
        return bool(number < limit if self.mode == "min" else number > limit)

    def _reduce(self) -> None:
        for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            new = max(group["lr"] * self.factor, least)
            if group["lr"] - new > self.eps:
                group.schedule_lr(new)
