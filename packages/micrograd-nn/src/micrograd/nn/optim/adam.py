"""A step whose length each number finds for itself."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from micrograd.engine import Value

from .optimizer import Optimizer
from .settings import Group, Setting, fractions, not_negative, positive


class Adam(Optimizer):
    """Gradient descent with a step of its own for each number, about ``lr`` large.

    **Maths.** In step t, m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g²; both begin at 0 and are
    too small by 1 − βᵗ, so p ← p − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + eps). With
    ``weight_decay``, g + weight_decay · p stands in place of g.

    ``flat``, ``clip_norm``, ``clip_value`` and groups are those of ``Optimizer``.

    **Errors.** As ``Optimizer``, and ValueError for betas outside [0, 1) or an eps that is not
    positive.

    **Source.** Kingma and Ba, Adam: a method for stochastic optimization (2015).

    **Example.** The first step is ``lr`` in every direction, however large the gradient.

    >>> p = Value([1.0, 2.0])
    >>> optimizer = Adam([p], lr=0.1)
    >>> (p * 1000.0).sum().backward()
    >>> optimizer.step()
    >>> p.data.round(6)
    array([0.9, 1.9])
    """

    maths = "m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², p ← p − rate · m / (√v / behind + eps)"

    betas = Setting(fractions)
    eps = Setting(positive)
    weight_decay = Setting(not_negative, fixed=True)

    def __init__(
        self,
        params: Iterable[Value] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        flat: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, defaults, flat=flat, clip_norm=clip_norm, clip_value=clip_value)

    def slots(self, group: Group) -> dict[str, float]:
        """m and v."""
        return {"mean": 0.0, "square": 0.0}

    def counts(self, group: Group) -> bool:
        """The means are too small by what depends on t."""
        return True

    def numbers(self, group: Group, t: int) -> dict[str, float]:
        """``rate`` = lr / (1 − β₁ᵗ), ``behind`` = √(1 − β₂ᵗ), and the shares of old and new."""
        (beta1, beta2), decay = group["betas"], group["weight_decay"]
        return {
            "rate": group["lr"] / (1.0 - beta1**t),
            "behind": math.sqrt(1.0 - beta2**t),
            "new1": 1.0 - beta1,
            "old2": beta2,
            "new2": 1.0 - beta2,
            "eps": group["eps"],
            **({"weight_decay": decay} if decay else {}),
        }

    def update(  # type: ignore[override]  # by name, what `given` is here
        self,
        p: Any,
        g: Any,
        *,
        mean: Any,
        square: Any,
        rate: Any,
        behind: Any,
        new1: Any,
        old2: Any,
        new2: Any,
        eps: Any,
        weight_decay: Any = None,
    ) -> tuple[Any, ...]:
        """See the class, and ``numbers``."""
        if weight_decay is not None:
            g = g + weight_decay * p
        mean = mean + new1 * (g - mean)
        square = old2 * square + new2 * (g * g)
        return mean, square, p - rate * (mean / (np.sqrt(square) / behind + eps))

    def _update(  # type: ignore[override]
        self,
        p: np.ndarray,
        g: np.ndarray,
        scratch: Any,
        *,
        mean: np.ndarray,
        square: np.ndarray,
        rate: float,
        behind: float,
        new1: float,
        old2: float,
        new2: float,
        eps: float,
        weight_decay: float | None = None,
    ) -> None:
        change, decayed = scratch[:2]
        if weight_decay is not None:
            np.multiply(p, weight_decay, out=decayed)
            decayed += g
            g = decayed

        np.subtract(g, mean, out=change)  # m + (1 − β₁)(g − m) is β₁ m + (1 − β₁) g
        change *= new1
        mean += change

        np.multiply(g, g, out=change)
        change *= new2
        square *= old2
        square += change

        np.sqrt(square, out=change)
        change /= behind
        change += eps
        np.divide(mean, change, out=change)
        change *= rate
        p -= change
