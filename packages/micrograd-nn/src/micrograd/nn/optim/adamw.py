"""Adam, with weights that shrink by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from micrograd.engine import Value

from .adam import Adam
from .settings import Group


class AdamW(Adam):
    """``Adam`` whose weight decay is apart from the gradient.

    In ``Adam``, what decay adds to the gradient is divided by √v with it, so that weights with
    large gradients decay less. Here every weight shrinks by the same factor.

    **Maths.** p ← (1 − lr · weight_decay) p, then the step of ``Adam`` without weight decay.

    ``flat``, ``clip_norm``, ``clip_value`` and groups are those of ``Optimizer``.

    **Errors.** As ``Adam``.

    **Source.** Loshchilov and Hutter, Decoupled weight decay regularization (2019).

    **Example.** A gradient of 0, and the weights shrink all the same.

    >>> p = Value([1.0, 2.0])
    >>> optimizer = AdamW([p], lr=0.1, weight_decay=0.5)
    >>> (p * 0.0).sum().backward()
    >>> optimizer.step()
    >>> p.data
    array([0.95, 1.9 ])
    """

    maths = "p ← shrink · p, then as Adam: p ← p − rate · m / (√v / behind + eps)"

    def __init__(
        self,
        params: Iterable[Value] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        *,
        flat: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        clip: dict[str, Any] = {"clip_norm": clip_norm, "clip_value": clip_value}
        super().__init__(params, lr, betas, eps, weight_decay, flat=flat, **clip)

    def numbers(self, group: Group, t: int) -> dict[str, float]:
        """Those of ``Adam``, with ``shrink`` = 1 − lr · weight_decay."""
        found = super().numbers(group, t)
        decay = found.pop("weight_decay", 0.0)
        return {**found, "shrink": 1.0 - group["lr"] * decay} if decay else found

    def update(self, p: Any, g: Any, *, shrink: Any = None, **given: Any) -> tuple[Any, ...]:
        """See the class."""
        return super().update(p if shrink is None else p * shrink, g, **given)

    def _update(
        self, p: np.ndarray, g: np.ndarray, scratch: Any, *, shrink: Any = None, **given: Any
    ) -> None:
        if shrink is not None:
            p *= shrink
        super()._update(p, g, scratch, **given)
