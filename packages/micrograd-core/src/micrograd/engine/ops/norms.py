"""Norms: the length of a vector, the size of a matrix. Their slope at 0 is 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..broadcasting import Array
from ..op import derived, op
from .linear_algebra import svdvals
from .reductions import exact_axes, in_a_row, restored

__all__ = [
    "matrix_norm",
    "norm",
    "vector_norm",
]


@op(name="norm")
def _norm(x: Array, *, ord: float, axis: Any, keepdims: bool) -> Array:
    """(Σ |x|ᵖ)^(1/p) over axes, scaled so that no power overflows."""
    top = np.max(abs(x), axis=axis, keepdims=True, initial=0.0)
    scale = np.where(top > 0, top, 1.0)
    total = (abs(x / scale) ** ord).sum(axis=axis, keepdims=True) ** (1 / ord) * scale
    total = np.where(top > 0, total, 0.0)
    return total if keepdims else np.squeeze(total, exact_axes(x, axis))


@_norm.gradient("x")
def _(g: Array, out: Array, x: Array, *, ord: float, axis: Any, keepdims: bool) -> Array:
    """d‖x‖/dx_i = sign(x_i) (|x_i| / ‖x‖)ᵖ⁻¹, and 0 where x is 0"""
    g, out = restored(g, x, axis, keepdims), restored(out, x, axis, keepdims)
    safe = np.where(out > 0, out, 1.0)
    if ord == 2:
        return g * (x / safe)
    zero = x == 0
    share = np.where(zero, 1.0, abs(x)) / safe
    return g * (np.sign(x) * share ** (ord - 1))


@derived(numpy=np.linalg.norm)
def norm(x: Array, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    """The norm of a vector or matrix, of all elements or along one axis or two.

    ``ord`` is 1, 2, ±inf or any p > 0 for vectors; None or "fro", "nuc", ±1, ±2, ±inf for matrices.
    """
    axes = exact_axes(x, axis)
    if ord is None or (ord == 2 and axis is None and x.ndim == 1):
        return _norm(x, ord=2.0, axis=None if axis is None else axes, keepdims=keepdims)
    if axis is None and x.ndim > 2:
        raise ValueError(f"norm of shape {x.shape} with ord={ord!r}. Say which axes, by axis=.")
    if len(axes) == 1:
        return _vector(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix(x, ord, axes, keepdims)
    raise ValueError(f"norm with axis={axis!r}. Give one axis for vectors, two for matrices.")


@derived(numpy=np.linalg.vector_norm)
def vector_norm(x: Array, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Array:
    """The norm of all elements, or of the vectors along axes."""
    axes = exact_axes(x, axis)
    flat = in_a_row(x, axes)
    out = _vector(flat, ord, flat.ndim - 1, False)
    return np.expand_dims(out, sorted(axes)) if keepdims else out


@derived(numpy=np.linalg.matrix_norm)
def matrix_norm(x: Array, *, keepdims: bool = False, ord: Any = "fro") -> Array:
    """The norm of the matrices in the last two axes."""
    if x.ndim < 2:
        raise ValueError(f"matrix_norm of shape {x.shape}. It needs two axes or more.")
    return _matrix(x, ord, (x.ndim - 2, x.ndim - 1), keepdims)


def _vector(x: Array, ord: Any, axis: int, keepdims: bool) -> Array:
    if ord == np.inf:
        return _largest(abs(x), axis, keepdims)
    if ord == -np.inf:
        return abs(x).min(axis=axis, keepdims=keepdims)
    if ord == 1:
        return abs(x).sum(axis=axis, keepdims=keepdims)
    if isinstance(ord, str):
        raise ValueError(f"norm of a vector with ord={ord!r}. Use a p > 0, or ±inf.")
    if ord <= 0:
        raise TypeError(f"norm of a vector with ord={ord!r} on a Value. Use a p > 0, or ±inf.")
    return _norm(x, ord=float(ord), axis=axis, keepdims=keepdims)


def _largest(x: Array, axis: int, keepdims: bool) -> Array:
    """The largest of numbers that are not negative, 0 of none."""
    return x.max(axis=axis, keepdims=keepdims, initial=None if x.shape[axis] else 0.0)


def _matrix(x: Array, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Array:
    rows, columns = axes
    if ord in ("fro", None):
        return _norm(x, ord=2.0, axis=axes, keepdims=keepdims)
    if ord in (1, -1, np.inf, -np.inf):
        first, second = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = abs(x).sum(axis=first, keepdims=True)
        out = _largest(sums, second, True) if ord > 0 else sums.min(axis=second, keepdims=True)
    elif ord in (2, -2, "nuc"):
        s = svdvals(np.moveaxis(x, axes, (-2, -1)))
        if ord == "nuc":
            one = s.sum(axis=-1)
        else:
            one = _largest(s, -1, False) if ord == 2 else s.min(axis=-1)
        out = np.expand_dims(one, sorted(axes))
    else:
        raise ValueError(f"norm of a matrix with ord={ord!r}. Use 'fro', 'nuc', ±1, ±2 or ±inf.")
    return out if keepdims else np.squeeze(out, axes)
