"""How do many losses become one number, and which targets are refused?

Every loss computes one number for each prediction (or for each row of logits) and then reduces
them: to their mean, to their sum, or not at all.
"""

from __future__ import annotations

from math import prod
from typing import Any

REDUCTIONS = ("mean", "sum", "none")


def check_reduction(loss: str, reduction: object) -> None:
    """Refuse a ``reduction`` that is none of the three."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"{loss}: reduction is {reduction!r}. It must be 'mean', 'sum' or 'none'.")


def check_same_shape(loss: str, have: tuple[int, ...], want: tuple[int, ...]) -> None:
    """Refuse a target of another shape, which NumPy might broadcast to something larger.

    ``have`` is the shape of the target, ``want`` that of the prediction.
    """
    if have == want:
        return
    if prod(have) != prod(want) or not have:
        fix = "Give one target for each prediction, in an array of the prediction's shape"
    elif want == (*have, 1):
        fix = f"Reshape one of them, for example target[{':, ' * len(have)}None]"
    elif have == (*want, 1):
        fix = f"Reshape one of them, for example target[{':, ' * len(want)}0]"
    else:
        fix = f"Reshape one of them, for example target.reshape({want})"
    raise ValueError(f"{loss}: prediction has shape {want} but target has shape {have}. {fix}.")


def reduce(losses: Any, reduction: str) -> Any:
    """The mean of ``losses``, their sum, or all of them."""
    if reduction == "mean":
        return losses.mean()
    return losses.sum() if reduction == "sum" else losses


def share(g: Any, count: int, reduction: str) -> Any:
    """The gradient that each single loss gets when the reduced one gets ``g``."""
    return g / float(count) if reduction == "mean" else g
