"""How do many losses become one number, and which targets are refused?

Every loss computes one number for each prediction (or for each row of logits) and then reduces
them: to their mean, to their sum, or not at all.
"""

from __future__ import annotations

import math
from math import prod
from typing import Any

import numpy as np

REDUCTIONS = ("mean", "sum", "none")


def check_reduction(loss: str, reduction: object) -> None:
    """Refuse a ``reduction`` that is none of the three."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"{loss}: reduction is {reduction!r}. It must be 'mean', 'sum' or 'none'.")


def check_same_shape(
    loss: str, have: tuple[int, ...], want: tuple[int, ...], reduction: str
) -> None:
    """Refuse a target of another shape, which NumPy might broadcast to something larger.

    ``have`` is the shape of the target, ``want`` that of the prediction. The mean of nothing is
    refused too: it is no number.
    """
    if have == want:
        if 0 in want and "mean" in reduction:
            raise ValueError(
                f"{loss}: prediction and target have shape {want}, so there is nothing to take the "
                "mean of. Give at least one row, or reduction='sum'."
            )
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


def check_positive(loss: str, name: str, number: Any) -> None:
    """Refuse a setting that is no positive number."""
    if not isinstance(number, (int, float, np.number)) or not 0.0 < number < math.inf:
        raise ValueError(f"{loss}: {name} is {number!r}. It must be a positive number.")


def as_floats(target: Any, prediction: Any) -> Any:
    """Whole numbers and truth values in the prediction's dtype, so that float32 stays float32."""
    dtype = getattr(target, "dtype", None)
    return target if dtype is None or dtype.kind == "f" else target.astype(prediction.dtype)


def refuse_nan(loss: str, out: Any, target: Any) -> Any:
    """Give a loss back, unless it is NaN and so is a target; symbols have no numbers to look at.

    Predictions may be NaN: that is training that went wrong, and ``detect_anomaly`` finds where.
    """
    if isinstance(out, np.floating):
        suspect = bool(out != out)
    else:
        suspect = isinstance(out, np.ndarray) and bool(np.isnan(out).any())
    if suspect and isinstance(target, (np.ndarray, np.floating)):
        places = np.argwhere(np.isnan(target))
        if len(places):
            first = f"[{', '.join(map(str, places[0]))}]" if np.ndim(target) else ""
            raise ValueError(
                f"{loss}: target{first} is NaN, and so would be every gradient ({len(places)} of "
                f"{np.size(target)} targets are). Clean the data, for example with np.isfinite."
            )
    return out


def reduce(losses: Any, reduction: str) -> Any:
    """The mean of ``losses``, their sum, or all of them."""
    if reduction == "mean":
        return losses.sum() / losses.size  # which is what mean does, in half its time
    return losses.sum() if reduction == "sum" else losses


def share(g: Any, count: int, reduction: str) -> Any:
    """The gradient that each single loss gets when the reduced one gets ``g``."""
    return g / float(count) if reduction == "mean" else g
