"""Rows of what moves numbers: shape, indexing, joining; and of kernels and calculus."""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import ops
from micrograd.engine.testing import sample

from .rows import Function, Row, a, by_position, calls, like, on_a_list, p

_windows = np.lib.stride_tricks.sliding_window_view
_repeated = np.array([[0, 2], [2, 2]])
_two = [sample(a(2, 3), a(2, 3)), sample(a(4), a(4))]
_cube, _square = a(2, 3, 4), a(3, 3)


def _scatter_add(x: np.ndarray, *indices: np.ndarray, key: Any, shape: Any) -> np.ndarray:
    arrays = iter(indices)
    where = tuple(next(arrays) if isinstance(k, str) else k for k in key)
    flat = np.arange(int(np.prod(shape))).reshape(shape)[where]
    out = np.bincount(flat.ravel(), x.ravel(), int(np.prod(shape))).reshape(shape)
    return np.asarray(out, x.dtype)


def _scan(b: np.ndarray, a: np.ndarray, *, axis: int) -> np.ndarray:
    b, a = np.moveaxis(b, axis, 0), np.moveaxis(a, axis, 0)
    rows: list[Any] = []
    for i, one in enumerate(b):
        rows.append(one + a[i - 1] * rows[-1] if i else one)
    return np.moveaxis(np.array(rows).reshape(b.shape), 0, axis)


def _fold(
    x: np.ndarray,
    *,
    shape: Any,
    window_shape: Any,
    axis: Any,
    stride: Any = None,
    dilation: Any = None,
) -> np.ndarray:
    places = np.arange(int(np.prod(shape))).reshape(shape)
    how = {"stride": stride, "dilation": dilation}
    flat = each_window(places, window_shape, axis, **how).ravel()
    return np.bincount(flat, x.ravel(), int(np.prod(shape))).reshape(shape)


def each_window(
    x: np.ndarray, window_shape: Any, axis: Any = None, *, stride: Any = None, dilation: Any = None
) -> np.ndarray:
    """Window by window, as one would say it without strides."""
    axes = [a % x.ndim for a in (range(x.ndim) if axis is None else axis)]
    steps, gaps = (one or [1] * len(axes) for one in (stride, dilation))
    for one, n, step, gap in zip(axes, window_shape, steps, gaps, strict=True):
        starts = range(0, x.shape[one] - (n - 1) * gap, step)
        chosen = [np.take(x, range(i, i + n * gap, gap), one) for i in starts]
        x = np.moveaxis(np.stack(chosen, one), one + 1, -1)
    return x


def _condition_first(function: Function) -> Function:
    return lambda x, *, condition, **settings: function(condition, x, **settings)


def _gradient(function: Function) -> Function:
    return lambda x, *, steps=(), **settings: function(x, *steps, **settings)


def _tupled(function: Function) -> Function:
    def call(*arrays: Any, **settings: Any) -> Any:
        out = function(*arrays, **settings)
        return tuple(out) if isinstance(out, list) else out

    return call


def _each(name: str) -> Row:
    return like(
        name, sample(a()), sample(a(3)), sample(a(2, 3)), sample(a(2, 1, 3, 2)), sample(a(), a(2))
    )


MOVING: dict[str, Row] = {
    "reshape": like(
        "reshape",
        sample(a(2, 3), shape=(3, 2)),
        sample(a(2, 3), shape=-1),
        sample(a(0, 3), shape=(3, 0)),
        sample(a(), shape=(1, 1)),
        to=by_position("shape"),
    ),
    "ravel": like("ravel", sample(a(2, 3)), sample(a()), sample(a(0, 2))),
    "flatten": calls(
        ops.flatten, lambda x: x.flatten(), sample(a(2, 3)), sample(a()), sample(a(0, 2))
    ),
    "transpose": like(
        "transpose",
        sample(a(2, 3)),
        sample(a(2, 3, 4), axes=(2, 0, 1)),
        sample(a(2, 3, 4), axes=(-1, 0, -2)),
        sample(a(3)),
        sample(a()),
        sample(a(0, 2)),
        to=by_position("axes"),
    ),
    "permute_dims": like("permute_dims", sample(_cube, axes=(1, 2, 0)), to=by_position("axes")),
    "matrix_transpose": like("matrix_transpose", sample(_cube), sample(a(2, 0))),
    "swapaxes": like(
        "swapaxes", sample(_cube, axis1=0, axis2=-1), sample(a(0, 2), axis1=0, axis2=1)
    ),
    "moveaxis": like(
        "moveaxis",
        sample(_cube, source=0, destination=-1),
        sample(_cube, source=(-1, 0), destination=(0, 1)),
    ),
    "expand_dims": like(
        "expand_dims", sample(a(2, 3), axis=1), sample(a(2, 3), axis=(0, -1)), sample(a(), axis=0)
    ),
    "squeeze": like(
        "squeeze",
        sample(a(1, 3, 1)),
        sample(a(1, 3, 1), axis=-1),
        sample(a(1, 3, 1), axis=(0, 2)),
        sample(a(1, 1)),
        sample(a()),
    ),
    "broadcast_to": like(
        "broadcast_to",
        sample(a(3), shape=(2, 3)),
        sample(a(2, 1), shape=(4, 2, 3)),
        sample(a(), shape=(2, 0)),
        sample(a(1), shape=(0,)),
    ),
    "broadcast_arrays": like("broadcast_arrays", sample(a(3), a(2, 1)), sample(a(), a(2))),
    "astype": calls(
        ops.astype, lambda x, *, dtype: x.astype(dtype), sample(a(2, 3), dtype=np.float64)
    ),
    "copy": like("copy", sample(a(2, 3)), sample(a())),
    "full_like": like(
        "full_like",
        sample(a(2, 3), a()),
        sample(a(2, 3), a(3)),
        sample(a(2, 3), a(), shape=(4,)),
    ),
    "atleast_1d": _each("atleast_1d"),
    "atleast_2d": _each("atleast_2d"),
    "atleast_3d": _each("atleast_3d"),
    "sliding_window_view": like(
        "lib.stride_tricks.sliding_window_view",
        sample(a(6), window_shape=3),
        sample(a(3, 4), window_shape=(2, 3)),
        sample(a(2, 5), window_shape=2, axis=-1),
        sample(a(3, 4, 2), window_shape=(2, 2), axis=(1, 0)),
    ),
    # indexing
    "getitem": calls(
        lambda x, *, key: ops.getitem(x, key),
        lambda x, *, key: x[key],
        sample(a(3, 4), key=1),
        sample(a(3, 4), key=(slice(None, None, -2), -1)),
        sample(a(3, 4), key=(Ellipsis, None, 0)),
        sample(a(3, 4), key=_repeated),
        sample(a(3, 4), key=(_repeated, slice(1, 3))),
        sample(a(3, 4), key=(slice(None), [0, 0, 3])),
        sample(a(3, 4), key=((0, 0, 2),)),
        sample(a(3, 4), key=[]),
        sample(a(3, 4, 2), key=([0, 1], slice(None), [1, 1])),
        sample(a(3), key=np.array([True, False, True])),
        sample(a(3), key=np.zeros(0, int)),
        sample(a(3), key=slice(2, 2)),
        sample(a(), key=()),
        sample(a(), key=None),
    ),
    "take": like(
        "take",
        sample(a(2, 3), indices=[5, 0, 0]),
        sample(a(2, 3), indices=_repeated, axis=1),
        sample(a(2, 3), indices=-1, axis=0),
        sample(a(2, 3), indices=[4, -1], axis=1, mode="wrap"),
        sample(a(2, 3), indices=[4, -1], axis=1, mode="clip"),
        sample(a(2, 3), indices=[], axis=1),
    ),
    "take_along_axis": like(
        "take_along_axis",
        sample(a(2, 3), np.array([[0, 0, 2, 1], [1, 1, 1, 1]]), axis=1),
        sample(a(2, 3), np.array([[1, 0, 1]]), axis=0),
        sample(a(2, 3), np.array([5, 0, 0]), axis=None),
    ),
    "repeat": like(
        "repeat",
        sample(a(2, 3), repeats=2),
        sample(a(2, 3), repeats=[1, 0, 2], axis=1),
        sample(a(2, 3), repeats=0, axis=0),
        sample(a(), repeats=3),
    ),
    "tile": like(
        "tile",
        sample(a(3), reps=2),
        sample(a(2, 3), reps=(2, 1, 2)),
        sample(a(2, 3), reps=2),
        sample(a(), reps=(2, 2)),
        sample(a(2), reps=0),
    ),
    "flip": like(
        "flip", sample(a(2, 3)), sample(a(2, 3), axis=-1), sample(_cube, axis=(0, 2)), sample(a())
    ),
    "fliplr": like("fliplr", sample(a(2, 3))),
    "flipud": like("flipud", sample(a(3)), sample(a(2, 3))),
    "rot90": like("rot90", sample(a(2, 3)), sample(a(2, 3), k=-1), sample(_cube, k=2, axes=(2, 0))),
    "roll": like(
        "roll",
        sample(a(2, 3), shift=2),
        sample(a(2, 3), shift=-1, axis=1),
        sample(a(2, 3), shift=(1, 5), axis=(0, -1)),
        sample(a(2, 3), shift=(1, 1), axis=1),
        sample(a(0), shift=1),
    ),
    "pad": like(
        "pad",
        sample(a(2, 3), pad_width=1),
        sample(a(2, 3), pad_width=((1, 0), (2, 1)), constant_values=((1, 2), (3, 4))),
        *(
            sample(a(3, 4), pad_width=((1, 2), (0, 3)), mode=mode)
            for mode in ("edge", "reflect", "symmetric", "wrap")
        ),
        sample(a(0), pad_width=(2, 1)),
    ),
    "diagonal": like(
        "diagonal",
        sample(a(2, 3)),
        sample(a(3, 2), offset=-1),
        sample(_cube, offset=1, axis1=-1, axis2=0),
        sample(a(2, 2), offset=5),
    ),
    "diag": like("diag", sample(a(3)), sample(a(2), k=-1), sample(a(2, 3), k=1)),
    "diagflat": like("diagflat", sample(a(2, 2)), sample(a(2), k=1), sample(a())),
    "trace": like("trace", sample(_square), sample(_cube, offset=-1, axis1=2, axis2=1)),
    "tril": like("tril", sample(_square), sample(_cube, k=1), sample(a(2))),
    "triu": like("triu", sample(_square), sample(_cube, k=-1), sample(a(2))),
    "sort": like(
        "sort",
        sample(a(5)),
        sample(a(2, 3), axis=0),
        sample(a(2, 3), axis=None),
        sample(a(0)),
        sample(a(3), kind="heapsort"),
    ),
    "partition": like(
        "partition",
        sample(a(5), kth=2),
        sample(a(2, 4), kth=(0, 2)),
        sample(a(2, 3), kth=1, axis=0),
    ),
    "extract": like("extract", sample(a(2, 3), condition=_square[:2] > 0), to=_condition_first),
    "compress": like(
        "compress",
        sample(a(2, 3), condition=[True, False, True], axis=1),
        sample(a(2, 3), condition=[0, 1, 1]),
        to=_condition_first,
    ),
    "diff": like(
        "diff",
        sample(a(5)),
        sample(a(2, 4), n=2),
        sample(a(2, 4), axis=0, prepend=0.0, append=np.ones((1, 4))),
        sample(a(3), n=0),
        sample(a(2), n=3),
        sample(a(0)),
    ),
    # joining
    "concatenate": like(
        "concatenate",
        sample(a(2, 3), a(4, 3)),
        sample(a(2, 1), a(2, 3), a(2, 0), axis=-1),
        sample(a(2, 1), a(2), axis=None),
        to=on_a_list,
    ),
    "concat": like("concat", sample(a(2), a(3)), to=on_a_list),
    "stack": like(
        "stack",
        *_two,
        sample(a(2, 3), a(2, 3), a(2, 3), axis=-1),
        sample(a(), a()),
        sample(a(0), axis=1),
        to=on_a_list,
    ),
    "hstack": like("hstack", *_two, sample(a(), a(2)), sample(a(2, 1), a(2, 3)), to=on_a_list),
    "vstack": like("vstack", *_two, sample(a(3), a(2, 3)), sample(a()), to=on_a_list),
    "dstack": like("dstack", *_two, sample(a(2, 3, 1), a(2, 3, 2)), to=on_a_list),
    "column_stack": like("column_stack", *_two, sample(a(2), a(2, 3)), sample(a()), to=on_a_list),
    "append": like(
        "append", sample(a(2), a(2, 3)), sample(a(2, 3), a(1, 3), axis=0), sample(a(), 2.0)
    ),
    "split": like(
        "split",
        sample(a(4), indices_or_sections=2),
        sample(a(2, 6), indices_or_sections=[1, 1, 4], axis=1),
        to=_tupled,
    ),
    "array_split": like(
        "array_split",
        sample(a(5), indices_or_sections=3),
        sample(a(2, 3), indices_or_sections=[1, -1, 9], axis=-1),
        sample(a(1, 2), indices_or_sections=2),
        to=_tupled,
    ),
    "hsplit": like(
        "hsplit",
        sample(a(2, 4), indices_or_sections=2),
        sample(a(4), indices_or_sections=[1]),
        to=_tupled,
    ),
    "vsplit": like("vsplit", sample(a(4, 2), indices_or_sections=2), to=_tupled),
    "dsplit": like("dsplit", sample(_cube, indices_or_sections=[1]), to=_tupled),
    "unstack": calls(  # in NumPy since 2.1
        ops.unstack,
        lambda x, axis=0: tuple(np.moveaxis(x, axis, 0)),
        sample(a(2, 3)),
        sample(a(2, 3), axis=-1),
    ),
    # kernels and calculus
    "scatter_add": calls(
        ops.scatter_add,
        _scatter_add,
        sample(a(2, 2), _repeated, key=("array",), shape=(4,)),
        sample(a(2, 2, 3), _repeated, key=("array", slice(None)), shape=(3, 3)),
        sample(a(2), key=(slice(None, None, 2),), shape=(3,)),
    ),
    "scan": calls(
        ops.scan,
        _scan,
        sample(a(4), a(4), axis=0),
        sample(a(2, 3), a(2, 3), axis=-1),
        sample(a(2, 0), a(2, 0), axis=1),
    ),
    "fold": calls(
        ops.fold,
        _fold,
        sample(a(4, 3), shape=(6,), window_shape=(3,), axis=(0,)),
        sample(a(2, 2, 2, 3), shape=(3, 4), window_shape=(2, 3), axis=(0, 1)),
        sample(a(3, 2), shape=(6,), window_shape=(2,), axis=(0,), stride=(2,)),
        sample(a(2, 2), shape=(6,), window_shape=(2,), axis=(0,), dilation=(4,)),
        sample(
            a(2, 2, 3, 2, 2),
            shape=(2, 5, 7),
            window_shape=(2, 2),
            axis=(1, 2),
            stride=(2, 2),
            dilation=(1, 2),
        ),
    ),
    "gradient": like(
        "gradient",
        sample(a(4)),
        sample(a(4), steps=(0.5,)),
        sample(a(3, 4), steps=(0.5, 2.0)),
        sample(a(3, 4), axis=-1),
        to=_gradient,
    ),
    "trapezoid": like(
        "trapezoid",
        sample(a(5)),
        sample(a(3, 4), dx=0.5, axis=0),
        sample(a(2, 4), x=np.array([0.0, 0.5, 2.0, 2.5])),
        sample(a(2, 4), p(2, 4)),
    ),
}
