"""Shape: numbers move to other places, and none changes.

The gradient of each is the same numbers moved back. Indexing and what is made of it is in
``indexing``, joining and splitting in ``joining``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple
from numpy.lib.stride_tricks import sliding_window_view as _windows

from ..broadcasting import Array
from ..op import derived, op
from .kernels import fold, windows

__all__ = [
    "astype",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_to",
    "copy",
    "expand_dims",
    "flatten",
    "full_like",
    "matrix_transpose",
    "moveaxis",
    "permute_dims",
    "ravel",
    "reshape",
    "sliding_window_view",
    "squeeze",
    "swapaxes",
    "transpose",
]


@op(name="reshape")
def _reshape(x: Array, *, shape: Any) -> Array:
    """The same numbers in another shape."""
    return np.reshape(x, shape)


@_reshape.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """The same numbers in the old shape"""
    return np.reshape(g, x.shape)


@derived(numpy=np.reshape)
def reshape(x: Array, *shape: Any, order: str = "C") -> Array:
    """The same numbers in another shape, as ``reshape(2, 3)`` or ``reshape((2, 3))``."""
    if order != "C":
        raise TypeError(f"reshape: order={order!r} on a Value. Only order='C' is supported.")
    return _reshape(x, shape=shape[0] if len(shape) == 1 else shape)


@derived(numpy=np.ravel)
def ravel(x: Array, order: str = "C") -> Array:
    """All numbers along one axis."""
    return reshape(x, -1, order=order)


@derived()
def flatten(x: Array, order: str = "C") -> Array:
    """All numbers along one axis."""
    return reshape(x, -1, order=order)


@op(name="transpose")
def _transpose(x: Array, *, axes: Any = None) -> Array:
    """Axes in another order."""
    return np.transpose(x, axes)


@_transpose.gradient("x")
def _(g: Array, out: Array, x: Array, *, axes: Any) -> Array:
    """Axes go back to where they were: the inverse permutation"""
    if axes is not None:
        axes = tuple(int(a) for a in np.argsort([a % x.ndim for a in axes]))
    return np.transpose(g, axes)


@derived(numpy=(np.transpose, np.permute_dims))
def transpose(x: Array, *axes: Any) -> Array:
    """Axes in another order, as ``transpose(1, 0)`` or ``transpose((1, 0))``; or reversed."""
    if not axes or axes == (None,):
        return _transpose(x)
    return _transpose(x, axes=tuple(axes[0] if np.ndim(axes[0]) else axes))


permute_dims = transpose


@derived(numpy=(np.matrix_transpose, np.linalg.matrix_transpose))
def matrix_transpose(x: Array) -> Array:
    """The last two axes exchanged; ``.mT`` of a Value."""
    if x.ndim < 2:
        raise ValueError(f"matrix_transpose of shape {x.shape}. It needs two axes or more.")
    return swapaxes(x, -1, -2)


@op(numpy=np.swapaxes)
def swapaxes(x: Array, *, axis1: int, axis2: int) -> Array:
    """Two axes exchanged."""
    return np.swapaxes(x, axis1, axis2)


@swapaxes.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis1: int, axis2: int) -> Array:
    """The same two axes exchanged again"""
    return np.swapaxes(g, axis1, axis2)


@derived(numpy=np.moveaxis)
def moveaxis(x: Array, source: Any, destination: Any) -> Array:
    """Some axes moved, the others in the order that they had."""
    sources = normalize_axis_tuple(source, x.ndim, "source")
    places = normalize_axis_tuple(destination, x.ndim, "destination")
    order = [axis for axis in range(x.ndim) if axis not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return transpose(x, tuple(order))


@op(numpy=np.expand_dims)
def expand_dims(x: Array, *, axis: Any) -> Array:
    """New axes of length 1."""
    return np.expand_dims(x, axis)


@expand_dims.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """The same numbers in the old shape"""
    return np.reshape(g, x.shape)


@op(numpy=np.squeeze)
def squeeze(x: Array, *, axis: Any = None) -> Array:
    """Without axes of length 1."""
    return np.squeeze(x, axis)


@squeeze.gradient("x")
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


@derived(numpy=np.broadcast_arrays)
def broadcast_arrays(*arrays: Array) -> tuple[Array, ...]:
    """Each array, repeated up to the shape that all of them broadcast to."""
    shape = np.broadcast_shapes(*(np.shape(array) for array in arrays))
    return tuple(broadcast_to(array, shape) for array in arrays)


@op
def astype(x: Array, *, dtype: Any) -> Array:
    """The same numbers as float64 or float32."""
    return x.astype(dtype)


@astype.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """g; the engine casts it back to the dtype of x, as for every op"""
    return g


@derived(numpy=np.copy)
def copy(a: Array, order: str = "K") -> Array:
    """The same numbers, as a node of its own."""
    return +a


@derived(numpy=np.full_like)
def full_like(a: Array, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Array:
    """A number, or an array that broadcasts, repeated to the shape of another array."""
    out = np.broadcast_to(fill_value, a.shape if shape is None else shape)
    return out.astype(a.dtype if dtype is None else dtype)


@derived(numpy=np.atleast_1d)
def atleast_1d(*arrays: Array) -> Any:
    """Each array with one axis or more."""
    return _each(arrays, lambda x: np.reshape(x, 1) if np.ndim(x) == 0 else x)


@derived(numpy=np.atleast_2d)
def atleast_2d(*arrays: Array) -> Any:
    """Each array with two axes or more; a vector becomes a row."""
    return _each(arrays, lambda x: np.reshape(x, (1, -1)) if np.ndim(x) < 2 else x)


@derived(numpy=np.atleast_3d)
def atleast_3d(*arrays: Array) -> Any:
    """Each array with three axes or more."""

    def three(x: Array) -> Array:
        shape = np.shape(x)
        if len(shape) > 2:
            return x
        return np.reshape(x, (*((1,) * (2 - len(shape)) if shape else (1, 1)), *shape, 1))

    return _each(arrays, three)


def _each(arrays: tuple[Array, ...], function: Any) -> Any:
    made = tuple(function(array) for array in arrays)
    return made[0] if len(made) == 1 else made


@op(name="sliding_window_view")
def _sliding_window_view(
    x: Array, *, window_shape: Any, axis: Any, stride: Any = None, dilation: Any = None
) -> Array:
    """Every window of a shape, as new last axes."""
    return windows(x, window_shape, axis, stride, dilation)


@_sliding_window_view.gradient("x")
def _(
    g: Array, out: Array, x: Array, *, window_shape: Any, axis: Any, stride: Any, dilation: Any
) -> Array:
    """Each number receives the sum of what arrives in all windows that show it"""
    how = {"stride": stride, "dilation": dilation}
    return fold(g, shape=x.shape, window_shape=window_shape, axis=axis, **how)


@derived(numpy=_windows)
def sliding_window_view(
    x: Array, window_shape: Any, axis: Any = None, *, stride: Any = None, dilation: Any = None
) -> Array:
    """Every window of a shape, as new last axes.

    Beyond NumPy: with ``stride``, windows begin only at every so many places along each of the
    axes; with ``dilation``, the numbers of a window stand so many places apart.
    """
    window = tuple(window_shape) if np.ndim(window_shape) else (window_shape,)
    where = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim, None, True)
    steps, gaps = (
        _of_each_axis(name, one, where)
        for name, one in (("stride", stride), ("dilation", dilation))
    )
    return _sliding_window_view(x, window_shape=window, axis=where, stride=steps, dilation=gaps)


def _of_each_axis(name: str, given: Any, axes: tuple[int, ...]) -> tuple[int, ...] | None:
    """A number for each axis; None for ones everywhere."""
    if given is None:
        return None
    numbers = tuple(given) if np.ndim(given) else (given,) * len(axes)
    if len(numbers) != len(axes) or len(set(axes)) < len(axes) or min(numbers, default=1) < 1:
        raise ValueError(
            f"sliding_window_view: {name}={given} for the axes {axes}. Pass one number from 1 on "
            "for each axis, and name each axis once."
        )
    return None if set(numbers) <= {1} else numbers
