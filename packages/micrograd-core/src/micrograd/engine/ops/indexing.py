"""Indexing: some numbers are taken, perhaps more than once, or put in another order.

All of it is ``x[key]``, whose gradient puts each number back to where it was taken from, and adds
where one was taken twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..broadcasting import Array
from ..op import derived, op
from .kernels import fill, numbers, scatter_add
from .shaping import moveaxis, reshape, swapaxes

__all__ = [
    "compress",
    "diag",
    "diagflat",
    "diagonal",
    "diff",
    "extract",
    "flip",
    "fliplr",
    "flipud",
    "getitem",
    "pad",
    "partition",
    "repeat",
    "roll",
    "rot90",
    "sort",
    "take",
    "take_along_axis",
    "tile",
    "trace",
    "tril",
    "triu",
]


@op(name="getitem", constant="indices")
def _getitem(x: Array, *indices: Array, key: Any) -> Array:
    """``x[key]``."""
    return x[fill(key, indices)]


@_getitem.gradient("x")
def _(g: Array, out: Array, x: Array, *indices: Array, key: Any) -> Array:
    """Each number goes back to where it was taken from; one that was taken twice adds up"""
    return scatter_add(g, *indices, key=key, shape=x.shape)


@derived(operator="getitem")
def getitem(x: Array, key: Any) -> Array:
    """``x[key]``, basic and advanced indexing; an index may repeat."""
    arrays, pattern = [], []
    for one in key if isinstance(key, tuple) else (key,):
        if place := _is_array(one):
            arrays.append(_index(one))
        pattern.append("array" if place else one)
    return _getitem(x, *arrays, key=tuple(pattern))


def _is_array(key: Any) -> bool:
    """Whether a part of a key may name a place twice: no integer, slice, None or ellipsis."""
    return hasattr(key, "__len__") and not isinstance(key, str)


def _index(key: Any) -> Any:
    if hasattr(key, "recorder"):
        return key  # the symbol of an array
    array = np.asarray(key)
    return array if array.size or isinstance(key, np.ndarray) else array.astype(np.intp)


def along(x: Array, axis: int, key: Any) -> Array:
    """``x[..., key, ...]`` with the key at an axis."""
    return getitem(x, (slice(None),) * normalize_axis_index(axis, x.ndim) + (key,))


def _flattened(x: Array, axis: Any) -> tuple[Array, int]:
    """The array and the axis, or all numbers in a row for None."""
    return (reshape(x, -1), 0) if axis is None else (x, normalize_axis_index(axis, x.ndim))


@derived(numpy=np.take)
def take(x: Array, indices: Any, axis: Any = None, *, mode: str = "raise") -> Array:
    """The numbers at positions along an axis, or of the flattened array."""
    x, axis = _flattened(x if x.ndim else reshape(x, 1), axis)  # NumPy takes axis 0 of a number
    index = _index(indices)
    if mode != "raise":
        index = np.arange(x.shape[axis]).take(index, mode=mode)  # type: ignore[call-overload]
    return along(x, axis, index)


@derived(numpy=np.take_along_axis)
def take_along_axis(x: Array, indices: Any, axis: Any = -1) -> Array:
    """The numbers at positions that are given for each line along an axis."""
    x, axis = _flattened(x, axis)
    index = _index(indices)
    if index.ndim != x.ndim:
        raise ValueError(
            f"take_along_axis: indices of shape {index.shape} for an array of shape {x.shape}. "
            "Give as many axes."
        )
    shape = [1 if i == axis else n for i, n in enumerate(x.shape)]
    key = [
        np.arange(n).reshape([n if j == i else 1 for j in range(x.ndim)])
        for i, n in enumerate(shape)
    ]
    key[axis] = index
    return getitem(x, tuple(key))


@derived(numpy=np.repeat)
def repeat(x: Array, repeats: Any, axis: Any = None) -> Array:
    """Each number, or each slice along an axis, several times in a row."""
    x, axis = _flattened(x if x.ndim else reshape(x, 1), axis)  # as take
    return along(x, axis, np.repeat(np.arange(x.shape[axis]), repeats))


@derived(numpy=np.tile)
def tile(x: Array, reps: Any) -> Array:
    """The whole array several times in a row, along each axis."""
    times = tuple(reps) if np.ndim(reps) else (reps,)
    ndim = max(len(times), x.ndim)
    x = reshape(x, (1,) * (ndim - x.ndim) + x.shape)
    for axis, n in enumerate((1,) * (ndim - len(times)) + times):
        x = along(x, axis, np.tile(np.arange(x.shape[axis]), n)) if n != 1 else x
    return x


@derived(numpy=np.flip)
def flip(x: Array, axis: Any = None) -> Array:
    """In reverse order along axes."""
    turned = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    return x[tuple(slice(None, None, -1) if i in turned else slice(None) for i in range(x.ndim))]


@derived(numpy=np.fliplr)
def fliplr(x: Array) -> Array:
    """In reverse order along the second axis."""
    return flip(x, 1)


@derived(numpy=np.flipud)
def flipud(x: Array) -> Array:
    """In reverse order along the first axis."""
    return flip(x, 0)


@derived(numpy=np.rot90)
def rot90(x: Array, k: int = 1, axes: Any = (0, 1)) -> Array:
    """Turned by quarters in the plane of two axes."""
    first, second = axes
    for _ in range(k % 4):
        x = swapaxes(flip(x, second), first, second)
    return x


@derived(numpy=np.roll)
def roll(x: Array, shift: Any, axis: Any = None) -> Array:
    """Shifted along axes; what leaves at one end comes in at the other."""
    if axis is None:
        return reshape(roll(reshape(x, -1), shift, 0), x.shape)
    shifts, axes = np.broadcast_arrays(np.atleast_1d(shift), np.atleast_1d(axis))
    places = normalize_axis_tuple(axes.tolist(), x.ndim, allow_duplicate=True)
    for n, one in zip(shifts.tolist(), places, strict=True):
        x = along(x, one, np.roll(np.arange(x.shape[one]), n))
    return x


@derived(numpy=np.pad)
def pad(x: Array, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0) -> Array:
    """With a margin, of constants or (by ``mode``) of numbers of the array itself."""
    widths = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2))
    if widths.dtype.kind not in "iu":
        raise TypeError(f"pad: pad_width={pad_width!r}. Pass integers.")
    if mode == "constant":
        values = np.broadcast_to(np.asarray(constant_values), (x.ndim, 2))
        for axis, ((before, after), (left, right)) in enumerate(zip(widths, values, strict=True)):
            x = np.concatenate(
                [_margin(x, axis, before, left), x, _margin(x, axis, after, right)], axis
            )
        return x
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise TypeError(
            f"pad: mode={mode!r} is not supported for Values. Use 'constant', 'edge', 'reflect', "
            "'symmetric' or 'wrap'."
        )
    for axis, width in enumerate(widths):
        x = along(x, axis, np.pad(np.arange(x.shape[axis]), tuple(width), mode=mode))
    return x


def _margin(x: Array, axis: int, width: Any, value: Any) -> Array:
    shape = (*x.shape[:axis], int(width), *x.shape[axis + 1 :])
    return np.full(shape, value, x.dtype)


@derived(numpy=np.diagonal)
def diagonal(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The numbers whose positions on two axes differ by an offset, as a new last axis."""
    x = moveaxis(x, (axis1, axis2), (-2, -1))
    rows, columns = _diagonal(x.shape[-2], x.shape[-1], offset)
    return x[..., rows, columns]


def _diagonal(n: int, m: int, offset: int) -> tuple[Any, Any]:
    count = max(0, min(n + min(offset, 0), m - max(offset, 0)))
    return np.arange(count) - min(offset, 0), np.arange(count) + max(offset, 0)


@derived(numpy=np.diag)
def diag(x: Array, k: int = 0) -> Array:
    """The diagonal of a matrix, or the matrix with a vector as its diagonal."""
    if x.ndim not in (1, 2):
        raise ValueError(f"diag of shape {x.shape}. Give one axis or two, or use diagonal.")
    if x.ndim == 2:
        return diagonal(x, k)
    n = x.shape[0] + max(k, -k)
    rows, columns = _diagonal(n, n, k)
    return scatter_add(x, rows, columns, key=("array", "array"), shape=(n, n))


@derived(numpy=np.diagflat)
def diagflat(x: Array, k: int = 0) -> Array:
    """The matrix with all numbers as its diagonal."""
    return diag(reshape(x, -1), k)


@derived(numpy=np.trace)
def trace(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The sum of a diagonal."""
    return diagonal(x, offset, axis1, axis2).sum(axis=-1)


@derived(numpy=np.linalg.diagonal)
def _diagonal_of_matrices(x: Array, *, offset: int = 0) -> Array:
    return diagonal(x, offset, -2, -1)


@derived(numpy=np.linalg.trace)
def _trace_of_matrices(x: Array, *, offset: int = 0) -> Array:
    return trace(x, offset, -2, -1)


@derived(numpy=np.tril)
def tril(x: Array, k: int = 0) -> Array:
    """Zeros above a diagonal."""
    return np.where(_below(x, k), x, 0.0)


@derived(numpy=np.triu)
def triu(x: Array, k: int = 0) -> Array:
    """Zeros below a diagonal."""
    return np.where(_below(x, k - 1), 0.0, x)


def _below(x: Array, k: int) -> Any:
    """Whether an element of a matrix stands on or below a diagonal."""
    rows, columns = (x.shape * 2)[-2:] if x.ndim == 1 else x.shape[-2:]
    return np.tri(rows, columns, k) > 0


@derived(numpy=np.sort)
def sort(x: Array, axis: Any = -1, kind: Any = None, *, stable: Any = None) -> Array:
    """In ascending order along an axis; of equal numbers the first stays first.

    The method ``v.sort()`` does the same: unlike that of an array it changes nothing in place.
    ``kind`` and ``stable`` are accepted and not needed.
    """
    x, axis = _flattened(x, axis)
    return take_along_axis(x, np.argsort(x, axis, kind="stable"), axis)


@derived(numpy=np.partition)
def partition(x: Array, kth: Any, axis: Any = -1, kind: Any = "introselect") -> Array:
    """The k-th number where it stands in ascending order, smaller ones before it."""
    x, axis = _flattened(x, axis)
    return take_along_axis(x, np.argpartition(numbers(x), kth, axis, kind=kind), axis)


@derived(numpy=np.extract)
def extract(condition: Any, arr: Array) -> Array:
    """The numbers where a condition holds, along one axis."""
    return reshape(arr, -1)[np.nonzero(np.ravel(condition))[0]]


@derived(numpy=np.compress)
def compress(condition: Any, x: Array, axis: Any = None) -> Array:
    """The slices along an axis where a condition holds."""
    return take(x, np.nonzero(condition)[0], axis)


@derived(numpy=np.diff)
def diff(x: Array, n: int = 1, axis: int = -1, *, prepend: Any = None, append: Any = None) -> Array:
    """Each number minus the one before it, n times."""
    if n < 0:
        raise ValueError(f"diff: n={n}. Pass the number of times, 0 or more.")
    if n == 0:
        return x
    axis, ends = normalize_axis_index(axis, x.ndim), []
    for end in (prepend, append):
        shape = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
        ends.append(
            [] if end is None else [np.broadcast_to(end, shape) if np.ndim(end) == 0 else end]
        )
    x = np.concatenate([*ends[0], x, *ends[1]], axis) if ends[0] or ends[1] else x
    for _ in range(n):
        x = along(x, axis, slice(1, None)) - along(x, axis, slice(None, -1))
    return x
