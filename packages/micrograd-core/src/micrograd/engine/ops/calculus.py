"""Numerical calculus on samples: slopes and areas. Also grids and polynomials of samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..broadcasting import Array
from ..op import derived
from .indexing import along

__all__ = [
    "gradient",
    "trapezoid",
]


@derived(numpy=np.gradient)
def gradient(f: Array, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Slopes of samples along axes: central differences inside, one-sided ones at the ends.

    Distances are numbers, one for all axes or one for each.
    """
    axes = tuple(range(f.ndim)) if axis is None else normalize_axis_tuple(axis, f.ndim)
    steps = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    if len(steps) != len(axes) or any(np.ndim(step) for step in steps) or edge_order != 1:
        raise TypeError(
            "gradient of a Value takes one number as distance, or one for each axis, and "
            "edge_order=1."
        )
    slopes = []
    for one, step in zip(axes, steps, strict=True):
        if f.shape[one] < 2:
            raise ValueError(
                f"gradient along axis {one} of length {f.shape[one]}. Give two samples."
            )
        first = (along(f, one, slice(1, 2)) - along(f, one, slice(0, 1))) / step
        inner = (along(f, one, slice(2, None)) - along(f, one, slice(None, -2))) / (2 * step)
        last = (along(f, one, slice(-1, None)) - along(f, one, slice(-2, -1))) / step
        slopes.append(np.concatenate([first, inner, last], one))
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


@derived(numpy=np.trapezoid)
def trapezoid(y: Array, x: Any = None, dx: float = 1.0, axis: int = -1) -> Array:
    """Area under samples along an axis, by trapezoids."""
    widths: Any = dx
    if x is not None:
        widths = np.diff(x, axis=axis if np.ndim(x) > 1 else -1)
        if np.ndim(x) == 1:
            widths = np.reshape(widths, [-1 if i == axis % y.ndim else 1 for i in range(y.ndim)])
    pairs = along(y, axis, slice(1, None)) + along(y, axis, slice(None, -1))
    return (widths * pairs * 0.5).sum(axis=axis)
