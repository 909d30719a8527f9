"""Joining arrays, and splitting one: the gradient of a part is a part of the gradient."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ..broadcasting import Array
from ..op import derived, op
from .indexing import along
from .shaping import atleast_1d, atleast_2d, atleast_3d

__all__ = [
    "append",
    "array_split",
    "column_stack",
    "concat",
    "concatenate",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "split",
    "stack",
    "unstack",
    "vsplit",
    "vstack",
]


@op(name="concatenate")
def _concatenate(*arrays: Array, axis: int = 0) -> Array:
    """Arrays joined along an axis."""
    return np.concatenate(arrays, axis=axis)


@_concatenate.gradient("arrays")
def _(g: Array, out: Array, *arrays: Array, axis: int, position: int) -> Array:
    """The slice of g that came from this array"""
    axis %= g.ndim
    start = int(np.sum([array.shape[axis] for array in arrays[:position]], dtype=int))
    return along(g, axis, slice(start, start + arrays[position].shape[axis]))


@derived(numpy=np.concatenate)
def concatenate(arrays: Any, axis: Any = 0) -> Array:
    """Arrays joined along an axis that they have; flattened first with ``axis=None``."""
    if axis is None:
        return _concatenate(*(np.reshape(array, -1) for array in arrays))
    return _concatenate(*arrays, axis=axis)


concat = concatenate


@op(name="stack")
def _stack(*arrays: Array, axis: int = 0) -> Array:
    """Arrays joined along a new axis."""
    return np.stack(arrays, axis=axis)


@_stack.gradient("arrays")
def _(g: Array, out: Array, *arrays: Array, axis: int, position: int) -> Array:
    """The slice of g at this array's place on the new axis"""
    return along(g, axis, position)


@derived(numpy=np.stack)
def stack(arrays: Any, axis: int = 0) -> Array:
    """Arrays of one shape joined along a new axis."""
    return _stack(*arrays, axis=axis)


@derived(numpy=getattr(np, "unstack", ()))  # since NumPy 2.1
def unstack(x: Array, *, axis: int = 0) -> tuple[Array, ...]:
    """The slices along an axis."""
    if x.ndim == 0:
        raise ValueError("unstack of shape (). It needs an axis.")
    return tuple(along(x, axis, i) for i in range(x.shape[axis]))


@derived(numpy=np.vstack)
def vstack(tup: Any) -> Array:
    """Arrays joined along the first axis; a vector is a row."""
    return concatenate([atleast_2d(array) for array in tup], 0)


@derived(numpy=np.hstack)
def hstack(tup: Any) -> Array:
    """Arrays joined along the second axis; vectors along their only one."""
    arrays = [atleast_1d(array) for array in tup]
    return concatenate(arrays, 0 if arrays and arrays[0].ndim == 1 else 1)


@derived(numpy=np.dstack)
def dstack(tup: Any) -> Array:
    """Arrays joined along the third axis."""
    return concatenate([atleast_3d(array) for array in tup], 2)


@derived(numpy=np.column_stack)
def column_stack(tup: Any) -> Array:
    """Arrays joined along the second axis; a vector is a column."""
    return concatenate([np.reshape(a, (-1, 1)) if np.ndim(a) < 2 else a for a in tup], 1)


@derived(numpy=np.append)
def append(arr: Array, values: Any, axis: Any = None) -> Array:
    """One array after another; flattened first without an axis."""
    return concatenate([arr, values], axis)


@derived(numpy=np.array_split)
def array_split(ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """Parts along an axis: a number of them, of nearly equal length, or the places to cut at."""
    places = np.array_split(np.arange(ary.shape[axis]), indices_or_sections)
    n, parts, start = ary.shape[axis], [], 0
    if np.ndim(indices_or_sections) == 0:
        for place in places:
            parts.append(along(ary, axis, slice(start, start + len(place))))
            start += len(place)
        return parts
    cuts = [0, *indices_or_sections, n]
    return [along(ary, axis, slice(a, b)) for a, b in pairwise(cuts)]


@derived(numpy=np.split)
def split(ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """Parts along an axis: a number of equal parts, or the places to cut at."""
    if np.ndim(indices_or_sections) == 0 and ary.shape[axis] % indices_or_sections:
        raise ValueError(
            f"split of axis {axis} with length {ary.shape[axis]} into {indices_or_sections} equal "
            "parts. Choose a divisor, or use array_split."
        )
    return array_split(ary, indices_or_sections, axis)


@derived(numpy=np.hsplit)
def hsplit(ary: Array, indices_or_sections: Any) -> list[Array]:
    """Parts along the second axis, or a vector's only one."""
    if ary.ndim < 1:
        raise ValueError(f"hsplit of shape {ary.shape}. It needs an axis.")
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@derived(numpy=np.vsplit)
def vsplit(ary: Array, indices_or_sections: Any) -> list[Array]:
    """Parts along the first axis of an array with two or more."""
    if ary.ndim < 2:
        raise ValueError(f"vsplit of shape {ary.shape}. It needs two axes or more.")
    return split(ary, indices_or_sections, 0)


@derived(numpy=np.dsplit)
def dsplit(ary: Array, indices_or_sections: Any) -> list[Array]:
    """Parts along the third axis."""
    if ary.ndim < 3:
        raise ValueError(f"dsplit of shape {ary.shape}. It needs three axes or more.")
    return split(ary, indices_or_sections, 2)
