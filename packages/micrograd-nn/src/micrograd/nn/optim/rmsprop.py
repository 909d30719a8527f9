"""A step divided by how large gradients have lately been."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from micrograd.engine import Value

from .optimizer import Optimizer
from .settings import Group, Setting, fraction, not_negative, positive, truth


class RMSprop(Optimizer):
    """Gradient descent in which each number's gradient is divided by its usual size.

    **Maths.** v ← α v + (1 − α) g²; d = g / (√v + eps); p ← p − lr · d. With ``momentum``,
    b ← momentum · b + d and p ← p − lr · b. With ``centered``, the variance v − m² stands in place
    of v, where m ← α m + (1 − α) g. With ``weight_decay``, g + weight_decay · p in place of g.

    ``flat``, ``clip_norm``, ``clip_value`` and groups are those of ``Optimizer``.

    **Errors.** As ``Optimizer``, and ValueError for an alpha or momentum outside [0, 1) or an eps
    that is not positive.

    **Source.** Tieleman and Hinton, Lecture 6.5 of Neural networks for machine learning (2012);
    centered: Graves, Generating sequences with recurrent neural networks (2013).

    **Example.**

    >>> p = Value([1.0, 2.0])
    >>> optimizer = RMSprop([p], lr=0.1, alpha=0.75)
    >>> (p * p).sum().backward()
    >>> optimizer.step()
    >>> p.data.round(6)
    array([0.8, 1.8])
    """

    maths = "v ← α v + (1 − α) g², d = g / (√v + eps), b ← momentum · b + d, p ← p − lr · b"

    alpha = Setting(fraction)
    eps = Setting(positive)
    weight_decay = Setting(not_negative, fixed=True)
    momentum = Setting(fraction, fixed=True)
    centered = Setting(truth, fixed=True)

    def __init__(
        self,
        params: Iterable[Value] | Iterable[dict[str, Any]],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        flat: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        defaults = {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay}
        defaults |= {"momentum": momentum, "centered": centered}
        super().__init__(params, defaults, flat=flat, clip_norm=clip_norm, clip_value=clip_value)

    def slots(self, group: Group) -> dict[str, float]:
        """v; with ``centered`` m, with ``momentum`` b."""
        found = {"square": 0.0}
        if group["centered"]:
            found["mean"] = 0.0
        if group["momentum"]:
            found["velocity"] = 0.0
        return found

    def numbers(self, group: Group, t: int) -> dict[str, float]:
        """``old`` = α and ``new`` = 1 − α, and what else is not 0."""
        found = {"lr": group["lr"], "old": group["alpha"], "new": 1.0 - group["alpha"]}
        found["eps"] = group["eps"]
        return found | {k: group[k] for k in ("weight_decay", "momentum") if group[k]}

    def update(  # type: ignore[override]  # by name, what `given` is here
        self,
        p: Any,
        g: Any,
        *,
        square: Any,
        lr: Any,
        old: Any,
        new: Any,
        eps: Any,
        mean: Any = None,
        velocity: Any = None,
        weight_decay: Any = None,
        momentum: Any = None,
    ) -> tuple[Any, ...]:
        """See the class."""
        if weight_decay is not None:
            g = g + weight_decay * p
        square = old * square + new * (g * g)
        slots = [square]
        spread = square
        if mean is not None:
            mean = mean + new * (g - mean)
            slots.append(mean)
            spread = np.maximum(square - mean * mean, 0.0)  # rounding may say less than 0
        step = g / (np.sqrt(spread) + eps)
        if velocity is not None:
            step = momentum * velocity + step
            slots.append(step)
        return (*slots, p - lr * step)

    def _update(  # type: ignore[override]
        self,
        p: np.ndarray,
        g: np.ndarray,
        scratch: Any,
        *,
        square: np.ndarray,
        lr: float,
        old: float,
        new: float,
        eps: float,
        mean: Any = None,
        velocity: Any = None,
        weight_decay: float | None = None,
        momentum: float = 0.0,
    ) -> None:
        change, decayed = scratch[:2]
        if weight_decay is not None:
            np.multiply(p, weight_decay, out=decayed)
            decayed += g
            g = decayed

        np.multiply(g, g, out=change)
        change *= new
        square *= old
        square += change

        if mean is not None:
            np.subtract(g, mean, out=change)
            change *= new
            mean += change
            np.multiply(mean, mean, out=change)
            np.subtract(square, change, out=change)
            np.maximum(change, 0.0, out=change)
            np.sqrt(change, out=change)
        else:
            np.sqrt(square, out=change)
        change += eps
        np.divide(g, change, out=change)

        if velocity is not None:
            velocity *= momentum
            velocity += change
            np.multiply(velocity, lr, out=change)
        else:
            change *= lr
        p -= change
