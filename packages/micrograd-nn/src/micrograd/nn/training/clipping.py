"""How long may a gradient be? What ``fit`` does between backward and the optimizer's step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..optim import clip_grad_norm_, clip_grad_value_


def as_clip(norm: float | None, value: float | None) -> Callable[[list[Any]], None] | None:
    """What bounds the gradients of parameters; None if nothing is to.

    **Errors.** ValueError for a bound that is not positive.
    """
    for name, bound in (("clip_norm", norm), ("clip_value", value)):
        if bound is not None and not bound > 0.0:
            raise ValueError(f"fit: {name} is {bound}. Give a positive number.")
    if norm is None and value is None:
        return None

    def clip(parameters: list[Any]) -> None:
        if value is not None:
            clip_grad_value_(parameters, value)
        if norm is not None:
            clip_grad_norm_(parameters, norm)

    return clip
