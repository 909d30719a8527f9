"""Kernels: the short closed list of functions that write into an array.

A rule never writes in place, because a graph and a compiled program could not follow it. A kernel
may, into an array that it has just made; so it looks like a pure function from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..broadcasting import Array
from ..op import op
from ..value import Value

__all__ = [
    "fold",
    "scan",
    "scatter_add",
]


def fill(key: tuple[Any, ...], indices: Sequence[Any]) -> tuple[Any, ...]:
    """An index, from its pattern and the index arrays that stand at each ``"array"``.

    >>> fill((slice(None), "array"), [np.array([0, 2])])
    (slice(None, None, None), array([0, 2]))
    """
    if len(indices) == len(key):  # arrays only, the quick way
        return (*indices,)
    arrays = iter(indices)
    return tuple(next(arrays, k) if isinstance(k, str) and k == "array" else k for k in key)


def numbers(x: Array) -> Array:
    """The bare array, for what has no gradient: ranks, orders, places."""
    return x._bare if isinstance(x, Value) else x


@op(constant="indices")
def scatter_add(x: Array, *indices: Array, key: Any, shape: tuple[int, ...]) -> Array:
    """Zeros of a shape, with x added at an index; a place that is named twice gets both."""
    out = np.zeros(shape, x.dtype)
    if indices:
        places = fill(key, indices)
        np.add.at(out, places[0] if len(places) == 1 else places, x)  # one is quicker alone
    else:
        out[key] = x  # slices and integers name each place once
    return out


@scatter_add.gradient("x")
def _(g: Array, out: Array, x: Array, *indices: Array, key: Any) -> Array:
    """Each number of x receives what arrives at its place"""
    return g[fill(key, indices)]


@op
def scan(b: Array, a: Array, *, axis: int) -> Array:
    """h_i = b_i + a_{i-1} h_{i-1} along an axis, from h_0 = b_0: a linear recurrence."""
    b, a = np.moveaxis(b, axis, 0), np.moveaxis(a, axis, 0)
    out = np.array(b)
    for i in range(1, len(out)):
        out[i] += a[i - 1] * out[i - 1]
    return np.moveaxis(out, 0, axis)


@scan.gradient("b")
def _(g: Array, out: Array, b: Array, a: Array, *, axis: int) -> Array:
    """The same recurrence from the other end: d_i = g_i + a_i d_{i+1}"""
    return _scan_back(g, a, axis)


@scan.gradient("a")
def _(g: Array, out: Array, b: Array, a: Array, *, axis: int) -> Array:
    """a_i multiplies h_i on its way to h_{i+1}: d_{i+1} h_i, and 0 for the last a"""
    d = np.moveaxis(_scan_back(g, a, axis), axis, 0)
    h = np.moveaxis(out, axis, 0)
    last = np.zeros((min(1, len(h)), *h.shape[1:]), h.dtype)
    return np.moveaxis(np.concatenate([d[1:] * h[:-1], last]), 0, axis)


def _scan_back(g: Array, a: Array, axis: int) -> Array:
    g, a = np.flip(g, axis), np.flip(a, axis)
    a = np.roll(a, -1, axis)  # a_i stands between i and i + 1, whichever way one goes
    return np.flip(scan(g, a, axis=axis), axis)


@op
def fold(
    x: Array,
    *,
    shape: tuple[int, ...],
    window_shape: Any,
    axis: Any,
    stride: Any = None,
    dilation: Any = None,
) -> Array:
    """Windows laid over an array of zeros and added: what sliding_window_view took apart."""
    out = np.zeros(shape, x.dtype)
    strides, gaps = (one or (1,) * len(axis) for one in (stride, dilation))
    for offsets in np.ndindex(*window_shape):
        place: list[Any] = [slice(None)] * out.ndim
        first = [0] * out.ndim
        for a, offset, step, gap in zip(axis, offsets, strides, gaps, strict=True):
            first[a] += offset * gap
            place[a] = slice(first[a], first[a] + step * x.shape[a], step)
        out[tuple(place)] += x[(..., *offsets)] if len(axis) else x
    return out


@fold.gradient("x")
def _(
    g: Array, out: Array, x: Array, *, window_shape: Any, axis: Any, stride: Any, dilation: Any
) -> Array:
    """Each window receives what arrives at its places"""
    return windows(g, window_shape, axis, stride, dilation)


def windows(x: Array, window_shape: Any, axis: Any, stride: Any, dilation: Any) -> Array:
    """Every window, or with a stride some; with a dilation, of numbers that stand apart."""
    if not stride and not dilation:
        return np.lib.stride_tricks.sliding_window_view(x, window_shape, axis)
    gaps = dilation or (1,) * len(axis)
    wide = tuple((n - 1) * gap + 1 for n, gap in zip(window_shape, gaps, strict=True))
    found = np.lib.stride_tricks.sliding_window_view(x, wide, axis)
    key = [slice(None)] * x.ndim
    for a, step in zip(axis, stride or (), strict=False):
        key[a] = slice(None, None, step)
    return found[(*key, *(slice(None, None, gap) for gap in gaps))]
