"""Shape and indexing: numbers move, none changes.

So the gradient of each is the same numbers moved back.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..broadcasting import Array
from ..op import derived, op
from .kernels import fill, scatter_add


@op(name="reshape", numpy=np.reshape)
def _reshape(x: Array, *, shape: Any) -> Array:
    return np.reshape(x, shape)


@_reshape.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """The same numbers in the old shape"""
    return np.reshape(g, x.shape)


def reshape(x: Array, *shape: Any, order: str = "C") -> Array:
    """The same numbers in another shape, as ``reshape(2, 3)`` or ``reshape((2, 3))``."""
    if order != "C":
        raise TypeError(f"reshape: order={order!r} on a Value. Only order='C' is supported.")
    return _reshape(x, shape=shape[0] if len(shape) == 1 else shape)


@op(name="transpose", numpy=np.transpose)
def _transpose(x: Array, *, axes: Any = None) -> Array:
    return np.transpose(x, axes)


@_transpose.gradient("x")
def _(g: Array, out: Array, x: Array, *, axes: Any) -> Array:
    """Axes go back to where they were: the inverse permutation"""
    if axes is not None:
        axes = tuple(int(a) for a in np.argsort([a % x.ndim for a in axes]))
    return np.transpose(g, axes)


def transpose(x: Array, *axes: Any) -> Array:
    """Axes in another order, as ``transpose(1, 0)`` or ``transpose((1, 0))``; or reversed."""
    if not axes or axes == (None,):
        return _transpose(x)
    return _transpose(x, axes=tuple(axes[0] if np.ndim(axes[0]) else axes))


@op(numpy=np.swapaxes)
def swapaxes(x: Array, *, axis1: int, axis2: int) -> Array:
    """Two axes exchanged."""
    return np.swapaxes(x, axis1, axis2)


@swapaxes.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis1: int, axis2: int) -> Array:
    """The same two axes exchanged again"""
    return np.swapaxes(g, axis1, axis2)


@op(numpy=np.expand_dims)
def expand_dims(x: Array, *, axis: Any) -> Array:
    """New axes of length 1."""
    return np.expand_dims(x, axis)


@expand_dims.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """The same numbers in the old shape"""
    return np.reshape(g, x.shape)


@op(numpy=np.broadcast_to)
def broadcast_to(x: Array, *, shape: Any) -> Array:
    """Repeated along axes of length 1 and new leading axes, up to a shape."""
    return np.broadcast_to(x, shape)


@broadcast_to.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """g; the engine sums it back to the shape of x, as for every op"""
    return g


@op
def astype(x: Array, *, dtype: Any) -> Array:
    """The same numbers as float64 or float32."""
    return x.astype(dtype)


@astype.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """g; the engine casts it back to the dtype of x, as for every op"""
    return g


@op(name="getitem", constant="indices")
def _getitem(x: Array, *indices: Array, key: Any) -> Array:
    return x[fill(key, indices)]


@_getitem.gradient("x")
def _(g: Array, out: Array, x: Array, *indices: Array, key: Any) -> Array:
    """Each number goes back to where it was taken from; one that was taken twice adds up"""
    return scatter_add(g, *indices, key=key, shape=x.shape)


@derived(operator="getitem")
def getitem(x: Array, key: Any) -> Array:
    """``x[key]``, basic and advanced indexing; an index may repeat."""
    keys = key if isinstance(key, tuple) else (key,)
    arrays = tuple(np.asarray(k) for k in keys if isinstance(k, (list, np.ndarray)))
    pattern = tuple("array" if isinstance(k, (list, np.ndarray)) else k for k in keys)
    return _getitem(x, *arrays, key=pattern)


@op(name="concatenate")
def _concatenate(*arrays: Array, axis: int = 0) -> Array:
    return np.concatenate(arrays, axis=axis)


@_concatenate.gradient("arrays")
def _(g: Array, out: Array, *arrays: Array, axis: int, position: int) -> Array:
    """The slice of g that came from this array"""
    axis %= g.ndim
    start = int(np.sum([array.shape[axis] for array in arrays[:position]], dtype=int))
    stop = start + arrays[position].shape[axis]
    return g[(slice(None),) * axis + (slice(start, stop),)]


@derived(numpy=np.concatenate)
def concatenate(arrays: Any, *, axis: int | None = 0) -> Array:
    """Arrays joined along an axis that they have; flattened first with ``axis=None``."""
    if axis is None:
        return _concatenate(*(np.reshape(array, -1) for array in arrays))
    return _concatenate(*arrays, axis=axis)


@op(name="stack")
def _stack(*arrays: Array, axis: int = 0) -> Array:
    return np.stack(arrays, axis=axis)


@_stack.gradient("arrays")
def _(g: Array, out: Array, *arrays: Array, axis: int, position: int) -> Array:
    """The slice of g at this array's place on the new axis"""
    return g[(slice(None),) * (axis % g.ndim) + (position,)]


@derived(numpy=np.stack)
def stack(arrays: Any, *, axis: int = 0) -> Array:
    """Arrays of one shape joined along a new axis."""
    return _stack(*arrays, axis=axis)
