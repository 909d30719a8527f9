"""A step divided by how large all gradients so far have been."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from micrograd.engine import Value

from .optimizer import Optimizer
from .settings import Group, Setting, not_negative, positive


class Adagrad(Optimizer):
    """Gradient descent whose steps shrink where gradients have been large; for rare features.

    **Maths.** v ← v + g², p ← p − lr / (1 + (t − 1) · lr_decay) · g / (√v + eps) in step t; v
    begins at ``initial_accumulator_value``. With ``weight_decay``, g + weight_decay · p stands in
    place of g.

    ``flat``, ``clip_norm``, ``clip_value`` and groups are those of ``Optimizer``.

    **Errors.** As ``Optimizer``, and ValueError for a setting below 0 or an eps that is not
    positive.

    **Source.** Duchi, Hazan and Singer, Adaptive subgradient methods (2011).

    **Example.**

    >>> p = Value([1.0, 2.0])
    >>> optimizer = Adagrad([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> optimizer.step()
    >>> p.data.round(6)
    array([0.9, 1.9])
    """

    maths = "v ← v + g², p ← p − rate · g / (√v + eps)"

    lr_decay = Setting(not_negative)
    weight_decay = Setting(not_negative, fixed=True)
    initial_accumulator_value = Setting(not_negative)
    eps = Setting(positive)

    def __init__(
        self,
        params: Iterable[Value] | Iterable[dict[str, Any]],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        flat: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        defaults = {"lr": lr, "lr_decay": lr_decay, "weight_decay": weight_decay, "eps": eps}
        defaults["initial_accumulator_value"] = initial_accumulator_value
        super().__init__(params, defaults, flat=flat, clip_norm=clip_norm, clip_value=clip_value)

    def slots(self, group: Group) -> dict[str, float]:
        """v."""
        return {"square": group["initial_accumulator_value"]}

    def counts(self, group: Group) -> bool:
        """With ``lr_decay``, the rate depends on t."""
        return bool(group["lr_decay"])

    def numbers(self, group: Group, t: int) -> dict[str, float]:
        """``rate`` = lr / (1 + (t − 1) · lr_decay), and the others."""
        found = {"rate": group["lr"] / (1.0 + (t - 1) * group["lr_decay"]), "eps": group["eps"]}
        return found | ({"weight_decay": group["weight_decay"]} if group["weight_decay"] else {})

    def update(  # type: ignore[override]  # by name, what `given` is here
        self, p: Any, g: Any, *, square: Any, rate: Any, eps: Any, weight_decay: Any = None
    ) -> tuple[Any, ...]:
        """See the class."""
        if weight_decay is not None:
            g = g + weight_decay * p
        square = square + g * g
        return square, p - rate * (g / (np.sqrt(square) + eps))

    def _update(  # type: ignore[override]
        self,
        p: np.ndarray,
        g: np.ndarray,
        scratch: Any,
        *,
        square: np.ndarray,
        rate: float,
        eps: float,
        weight_decay: float | None = None,
    ) -> None:
        change, decayed = scratch[:2]
        if weight_decay is not None:
            np.multiply(p, weight_decay, out=decayed)
            decayed += g
            g = decayed
        np.multiply(g, g, out=change)
        square += change
        np.sqrt(square, out=change)
        change += eps
        np.divide(g, change, out=change)
        change *= rate
        p -= change
