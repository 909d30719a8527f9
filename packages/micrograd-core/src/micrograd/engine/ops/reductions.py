"""Reductions: many numbers become one.

``axis`` is an integer, a tuple of integers, or None for all axes; ``keepdims`` keeps each reduced
axis with length 1. Each rule first gives ``g`` its reduced axes back, so that it broadcasts
against ``x``. ``max`` and ``min`` split the gradient evenly among ties.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..broadcasting import Array
from ..op import op


def _restored(g: Array, x: Array, axis: Any, keepdims: bool) -> Array:
    """``g`` with the axes that were reduced away, as length 1."""
    if keepdims or axis is None:
        return g
    return np.expand_dims(g, axis)


def _count(x: Array, axis: Any) -> int:
    """How many numbers were reduced to one."""
    if axis is None:
        return int(np.prod(x.shape))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return int(np.prod([x.shape[a] for a in axes]))


@op(numpy=np.sum)
def sum(x: Array, *, axis: Any = None, keepdims: bool = False) -> Array:
    """Sum over axes."""
    return x.sum(axis=axis, keepdims=keepdims)


@sum.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: Any, keepdims: bool) -> Array:
    """dΣx/dx_i = 1: every x_i that was added receives g"""
    return np.broadcast_to(_restored(g, x, axis, keepdims), x.shape)


@op(numpy=np.mean)
def mean(x: Array, *, axis: Any = None, keepdims: bool = False) -> Array:
    """Average over axes."""
    return np.mean(x, axis=axis, keepdims=keepdims)


@mean.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: Any, keepdims: bool) -> Array:
    """d(Σx/n)/dx_i = 1/n"""
    return np.broadcast_to(_restored(g / _count(x, axis), x, axis, keepdims), x.shape)


@op(numpy=(np.max, np.amax))
def max(x: Array, *, axis: Any = None, keepdims: bool = False) -> Array:
    """Largest number over axes; ties share the gradient evenly."""
    return np.max(x, axis=axis, keepdims=keepdims)


@op(numpy=(np.min, np.amin))
def min(x: Array, *, axis: Any = None, keepdims: bool = False) -> Array:
    """Smallest number over axes; ties share the gradient evenly."""
    return np.min(x, axis=axis, keepdims=keepdims)


@max.gradient("x")
@min.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: Any, keepdims: bool) -> Array:
    """d max(x)/dx_i = 1/k for each of the k numbers that equal the result, else 0"""
    chosen = x == _restored(out, x, axis, keepdims)
    ties = chosen.sum(axis=axis, keepdims=True)
    return _restored(g, x, axis, keepdims) * (chosen / ties)
