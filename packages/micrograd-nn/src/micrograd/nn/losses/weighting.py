"""How is an array that a loss need not get given to an op, and when is it refused?

An op takes arrays by position and has no default for any, so that its rules are simple. A loss
with weights is therefore two functions: the op, which is told None where there are none, and the
function that users call, with PyTorch's signature, which checks what they pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])


def stands_for(op: Any) -> Callable[[F], F]:
    """Decorate the function that users call for an op."""

    def declare(function: F) -> F:
        function.op = op.op  # type: ignore[attr-defined]
        return function

    return declare


def shape_of(array: Any) -> tuple[int, ...]:
    """The shape of a Value, an array, a number or a nested list."""
    found: tuple[int, ...] = array.shape if hasattr(array, "shape") else np.shape(array)
    return found


def checked_weight(loss: str, name: str, weight: Any, prediction: Any) -> Any:
    """Weights as an array in the prediction's dtype.

    **Errors.** TypeError for what are no numbers, ValueError for a negative weight or NaN.
    """
    if weight is None:
        return None
    dtype = getattr(prediction, "dtype", np.dtype(np.float64))
    if hasattr(weight, "recorder"):  # a symbol has no numbers to look at
        return weight.astype(dtype)
    array = np.asarray(getattr(weight, "data", weight))
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{loss}: {name} is {weight!r:.40}. Pass an array of numbers; reduction and other "
            "settings go by name."
        )
    if not (array >= 0.0).all():
        raise ValueError(
            f"{loss}: {name} holds {array.min():.4g}. Weights must be numbers from 0 upwards."
        )
    return array.astype(dtype, copy=False)


def check_class_weight(loss: str, weight: Any, classes: int) -> None:
    """Refuse weights that are not one for each class."""
    if weight is not None and weight.shape != (classes,):
        raise ValueError(
            f"{loss}: weight has shape {weight.shape}, but there are {classes} classes. Give one "
            f"weight for each, in shape ({classes},)."
        )


def check_broadcasts(loss: str, name: str, weight: Any, shape: tuple[int, ...]) -> None:
    """Refuse weights that would make the loss larger than the prediction."""
    if weight is None:
        return
    try:
        fits = np.broadcast_shapes(weight.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"{loss}: {name} has shape {weight.shape}, which does not broadcast to the "
            f"prediction's {shape}. Give one weight for each prediction, or for each column."
        )
