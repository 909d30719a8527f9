"""Reductions: many numbers become one, or, in the cumulative ones, as many as there were.

``axis`` is an integer, a tuple of integers, or None for all axes; ``keepdims`` keeps each reduced
axis with length 1; ``where`` is a mask of the elements that count. A rule first gives ``g`` its
reduced axes back, so that it broadcasts against ``x``. ``max`` and ``min`` split the gradient
evenly among ties.
"""

from __future__ import annotations

from math import prod as prod_of
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..broadcasting import Array
from ..op import derived, op
from .kernels import scan

__all__ = [
    "amax",
    "amin",
    "average",
    "cumprod",
    "cumsum",
    "logsumexp",
    "max",
    "mean",
    "median",
    "min",
    "nansum",
    "prod",
    "ptp",
    "std",
    "sum",
    "var",
]


SMALL = 4096  # numbers: 32 KiB


def restored(g: Array, x: Array, axis: Any, keepdims: bool) -> Array:
    """``g`` with the axes of x that were reduced away, as length 1."""
    return g if keepdims or axis is None or not x.ndim else np.expand_dims(g, axis)


def reduced_axes(x: Array, axis: Any) -> tuple[int, ...]:
    """The axes that ``axis`` means, none negative."""
    return () if x.ndim == 0 and axis in (0, -1) else exact_axes(x, axis)  # as NumPy's reductions


def exact_axes(x: Array, axis: Any) -> tuple[int, ...]:
    """The same, where NumPy does not take axis 0 of a number."""
    return tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)


def stretched(g: Array, shape: tuple[int, ...]) -> Array:
    """``np.broadcast_to``; a single number is written out where the array is small.

    That takes a fifth of the time, since broadcast_to is mostly Python.
    """
    if isinstance(g, np.floating) and prod_of(shape) <= SMALL:
        small = np.empty(shape, g.dtype)
        small.fill(g)
        return small
    return np.broadcast_to(g, shape)


def in_a_row(x: Array, axes: tuple[int, ...]) -> Array:
    """x with the numbers of some axes along one last axis."""
    kept = tuple(i for i in range(x.ndim) if i not in axes)
    shape = (*(x.shape[i] for i in kept), int(np.prod([x.shape[i] for i in axes])))
    return np.reshape(np.transpose(x, (*kept, *axes)), shape)


def _count(x: Array, axis: Any, where: Any = None) -> Any:
    """How many numbers were reduced to one."""
    if where is not None:
        mask = np.broadcast_to(np.asarray(where, bool), x.shape)
        return mask.sum(axis=axis, keepdims=True).astype(x.dtype)
    return x.size if axis is None else prod_of(x.shape[one] for one in reduced_axes(x, axis))


def _masked(x: Array, where: Any, neutral: float) -> Array:
    return x if where is None else np.where(where, x, neutral)


@op(name="sum")
def _sum(x: Array, *, axis: Any = None, keepdims: bool = False) -> Array:
    """Sum over axes."""
    return x.sum(axis=axis, keepdims=keepdims)


@_sum.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: Any, keepdims: bool) -> Array:
    """dΣx/dx_i = 1: every x_i that was added receives g"""
    return stretched(restored(g, x, axis, keepdims), x.shape)


@derived(numpy=np.sum)
def sum(x: Array, axis: Any = None, keepdims: bool = False, *, where: Any = None) -> Array:
    """Sum over axes."""
    return _sum(_masked(x, where, 0.0), axis=axis, keepdims=keepdims)


@derived(numpy=np.nansum)
def nansum(x: Array, axis: Any = None, keepdims: bool = False, *, where: Any = None) -> Array:
    """Sum of the elements that are numbers."""
    return sum(np.where(np.isnan(x), 0.0, x), axis, keepdims, where=where)


@op(name="mean")
def _mean(x: Array, *, axis: Any = None, keepdims: bool = False) -> Array:
    """Average over axes."""
    if axis is None and x.size:  # what mean does, in half its time
        return x.sum(keepdims=keepdims) / x.size
    return x.mean(axis=axis, keepdims=keepdims)


@_mean.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: Any, keepdims: bool) -> Array:
    """d(Σx/n)/dx_i = 1/n"""
    return stretched(restored(g / _count(x, axis), x, axis, keepdims), x.shape)


@derived(numpy=np.mean)
def mean(x: Array, axis: Any = None, keepdims: bool = False, *, where: Any = None) -> Array:
    """Average over axes."""
    if where is None:
        return _mean(x, axis=axis, keepdims=keepdims)
    total = sum(x, axis, True, where=where) / _count(x, axis, where)
    return total if keepdims else np.squeeze(total, reduced_axes(x, axis))


@derived(numpy=np.average)
def average(x: Array, axis: Any = None, keepdims: bool = False, *, weights: Any = None) -> Array:
    """Average over axes, weighted if ``weights`` are given: of the shape of x, or of one axis."""
    if weights is None:
        return mean(x, axis, keepdims)
    if np.shape(weights) != np.shape(x):
        if axis is None or isinstance(axis, tuple) or np.shape(weights) != (x.shape[axis],):
            raise TypeError(
                f"average: weights of shape {np.shape(weights)} for an array of shape {x.shape} "
                f"and axis={axis}. Give as many as the axis is long, or the shape of the array."
            )
        weights = np.expand_dims(weights, tuple(i for i in range(x.ndim) if i != axis % x.ndim))
    total = sum(x * weights, axis, keepdims)
    return total / sum(np.broadcast_to(weights, x.shape), axis, keepdims)


@derived(numpy=np.var)
def var(
    x: Array, axis: Any = None, ddof: float = 0, keepdims: bool = False, *, where: Any = None
) -> Array:
    """Variance over axes: the sum of squared differences from the mean, over n − ddof."""
    squares = np.square(x - mean(x, axis, True, where=where))
    count = _count(x, axis, where) - ddof
    count = np.maximum(count, 0) if where is not None else count if count > 0 else 0.0
    total = sum(squares, axis, True, where=where) / count
    return total if keepdims else np.squeeze(total, reduced_axes(x, axis))


@op(name="root")
def _root(x: Array) -> Array:
    """Square root for norms and deviations, whose slope at 0 is 0."""
    return np.sqrt(x)


@_root.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d√x/dx = 1/(2√x), and 0 at 0"""
    return g * ((out > 0) / (2 * np.where(out > 0, out, 1.0)))


@derived(numpy=np.std)
def std(
    x: Array, axis: Any = None, ddof: float = 0, keepdims: bool = False, *, where: Any = None
) -> Array:
    """Standard deviation over axes; where all elements are equal its slope is 0."""
    return _root(var(x, axis, ddof, keepdims, where=where))


@op(name="max")
def _max(x: Array, *, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Array:
    """Largest number over axes."""
    return x.max(axis=axis, keepdims=keepdims, **_start(initial))


@op(name="min")
def _min(x: Array, *, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Array:
    """Smallest number over axes."""
    return x.min(axis=axis, keepdims=keepdims, **_start(initial))


@_max.gradient("x")
@_min.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: Any, keepdims: bool, initial: Any) -> Array:
    """d max(x)/dx_i = 1/k for each of the k numbers that equal the result, else 0"""
    top = restored(out, x, axis, keepdims)
    chosen = x == top
    ties = chosen.sum(axis=axis, keepdims=True) + (top == initial)  # the constant is one of them
    return restored(g, x, axis, keepdims) * (chosen / np.maximum(ties, 1))


def _start(initial: Any) -> dict[str, Any]:
    return {} if initial is None else {"initial": initial}


@derived(numpy=(np.max, np.amax))
def max(
    x: Array, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = None
) -> Array:
    """Largest number over axes; ties share the gradient evenly."""
    _needs_initial(initial, where)
    return _max(_masked(x, where, -np.inf), axis=axis, keepdims=keepdims, initial=initial)


@derived(numpy=(np.min, np.amin))
def min(
    x: Array, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = None
) -> Array:
    """Smallest number over axes; ties share the gradient evenly."""
    _needs_initial(initial, where)
    return _min(_masked(x, where, np.inf), axis=axis, keepdims=keepdims, initial=initial)


def _needs_initial(initial: Any, where: Any) -> None:
    if where is not None and initial is None:
        raise ValueError("max and min with where= need initial=, for the case that none is left.")


amax, amin = max, min


@derived(numpy=np.ptp)
def ptp(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Largest minus smallest number over axes."""
    return max(x, axis, keepdims) - min(x, axis, keepdims)


@op
def logsumexp(x: Array, *, axis: Any = None, keepdims: bool = False) -> Array:
    """ln Σ eˣ over axes, without overflow; where all elements are −∞ its slope is 0."""
    top = x.max(axis=axis, keepdims=True, initial=np.finfo(x.dtype).min)
    top = np.where(np.isfinite(top), top, 0.0)
    total = np.exp(x - top).sum(axis=axis, keepdims=True)
    empty = total == 0
    out = np.where(empty, -np.inf, np.log(np.where(empty, 1.0, total)) + top)
    return out if keepdims else np.squeeze(out, reduced_axes(x, axis))


@logsumexp.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: Any, keepdims: bool) -> Array:
    """d ln Σeˣ/dx_i = eˣⁱ⁻ᵒᵘᵗ, which is softmax"""
    out = restored(out, x, axis, keepdims)
    return restored(g, x, axis, keepdims) * np.exp(x - np.where(out == -np.inf, 0.0, out))


@op(name="cumsum")
def _cumsum(x: Array, *, axis: int) -> Array:
    """Sums of the first, the first two, ... numbers along an axis."""
    return np.cumsum(x, axis)


@_cumsum.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: int) -> Array:
    """x_i is in every sum from the i-th on: the cumulative sum of g from the other end"""
    return np.flip(np.cumsum(np.flip(g, axis), axis), axis)


@derived(numpy=np.cumsum)
def cumsum(x: Array, axis: Any = None) -> Array:
    """Sums of the first, the first two, ... numbers along an axis; of all of them if None."""
    if axis is None or x.ndim == 0:
        x, axis = np.reshape(x, -1), 0 if axis is None else axis
    return _cumsum(x, axis=axis)


@op(name="cumprod")
def _cumprod(x: Array, *, axis: int) -> Array:
    """Products of the first, the first two, ... numbers along an axis."""
    return np.cumprod(x, axis)


@_cumprod.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: int) -> Array:
    """d out_j/dx_i = Π_{k ≤ j, k ≠ i} x_k, with no division, so zeros do no harm.

    The product of what stands before i is the output one place back. The sum over j of g_j times
    the product of what stands between obeys h_i = g_i + x_{i+1} h_{i+1}: a scan from the end.
    """
    axis %= x.ndim
    one = np.ones((*x.shape[:axis], _one_or_none(x, axis), *x.shape[axis + 1 :]), x.dtype)
    before = np.concatenate([one, out[(slice(None),) * axis + (slice(0, -1),)]], axis)
    return before * np.flip(scan(np.flip(g, axis), np.flip(x, axis), axis=axis), axis)


def _one_or_none(x: Array, axis: int) -> int:
    """One, or zero for an axis without elements."""
    return 1 if x.shape[axis] else 0


@derived(numpy=np.cumprod)
def cumprod(x: Array, axis: Any = None) -> Array:
    """Products of the first, the first two, ... numbers along an axis; of all of them if None."""
    if axis is None or x.ndim == 0:
        x, axis = np.reshape(x, -1), 0 if axis is None else axis
    return _cumprod(x, axis=axis)


@op(name="prod")
def _prod(x: Array, *, axis: Any = None, keepdims: bool = False) -> Array:
    """Product over axes."""
    return x.prod(axis=axis, keepdims=keepdims)


@_prod.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: Any, keepdims: bool) -> Array:
    """dΠx/dx_i is the product of the others: of those before i times those after, so that no zero
    is divided by"""
    axes = reduced_axes(x, axis)
    kept = tuple(i for i in range(x.ndim) if i not in axes)
    order = (*kept, *axes)
    flat = in_a_row(x, axes)
    one = np.ones((*flat.shape[:-1], _one_or_none(flat, -1)), x.dtype)
    before = np.cumprod(np.concatenate([one, flat[..., :-1]], -1), -1)
    after = np.flip(np.cumprod(np.concatenate([one, np.flip(flat, -1)[..., :-1]], -1), -1), -1)
    others = np.reshape(before * after, tuple(x.shape[i] for i in order))
    back = tuple(int(i) for i in np.argsort(order))
    return restored(g, x, axis, keepdims) * np.transpose(others, back)


@derived(numpy=np.prod)
def prod(x: Array, axis: Any = None, keepdims: bool = False, *, where: Any = None) -> Array:
    """Product over axes; zeros among the elements do no harm to the gradient."""
    return _prod(_masked(x, where, 1.0), axis=axis, keepdims=keepdims)


@derived(numpy=np.median)
def median(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """The middle one of the sorted numbers, or the mean of the two in the middle."""
    axes = exact_axes(x, axis)
    ordered = np.sort(in_a_row(x, axes), -1)
    n = ordered.shape[-1]
    middle = mean(ordered[..., (n - 1) // 2 : n // 2 + 1], -1)
    if n:  # nan is sorted to the end
        middle = np.where(np.isnan(ordered[..., -1]), np.nan, middle)
    return np.expand_dims(middle, sorted(axes)) if keepdims else middle
