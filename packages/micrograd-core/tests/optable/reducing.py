"""Rows of what makes few numbers of many, and of what runs along an axis."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from micrograd.engine import ops
from micrograd.engine.testing import Sample, sample

from .rows import Function, Row, a, calls, like, m, p


def _axes(empty: bool = True, tuples: bool = True) -> list[Sample]:
    found = [
        sample(a(2, 3, 4)),
        sample(a(2, 3, 4), axis=1),
        sample(a(2, 3), axis=-2, keepdims=True),
        sample(a(2, 3), axis=None, keepdims=True),
        sample(a(2, 1), axis=1),
        sample(a(2, 0, 3), axis=0),
        sample(a(3)),
        sample(a()),
    ]
    if tuples:
        found += [
            sample(a(2, 3, 4), axis=(0, -1)),
            sample(a(2, 3, 4), axis=(-1, 0), keepdims=True),
        ]
    return [*found, sample(a(2, 3), axis=())] * empty or found


def _mask(*shape: int) -> np.ndarray:
    """Truth values of which every line along an axis has two that hold or more."""
    mask = m(*shape)
    mask[..., :2] = True
    return mask


_MASKED = [
    sample(a(2, 4), where=_mask(2, 4), axis=1),
    sample(a(2, 3, 4), where=_mask(4), axis=(1, 2), keepdims=True),
    sample(a(2, 4), where=_mask(2, 4)),
]
_SPREAD = [sample(a(2, 3, 4), axis=1, ddof=1), sample(a(2, 3), ddof=0.5, keepdims=True)]
_EXTREME = [
    sample(a(2, 3), axis=1, initial=0.05),
    sample(a(2, 0), axis=1, initial=0.5),
    sample(a(2, 3), axis=1, initial=-9.0, where=_mask(2, 3)),
]


def _softmax(x: np.ndarray, axis: Any = -1) -> np.ndarray:
    e = np.exp(x)
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def _along(name: str, reference: Function) -> Row:
    return calls(
        getattr(ops, name),
        reference,
        sample(a(3)),
        sample(a(2, 3)),
        sample(a(2, 3), axis=0),
        sample(a(2, 3, 2), axis=-2),
        sample(a(2, 3, 2), axis=(0, 2)),
        sample(a(0, 3)),
        sample(a(3, 0)),
        sample(a()),
    )


def _cumulative(name: str) -> Row:
    return like(
        name,
        sample(a(3)),
        sample(a(2, 3)),
        sample(a(2, 3), axis=0),
        sample(a(2, 3, 2), axis=-2),
        sample(np.array([[2.0, 0.0, 3.0, 0.0], [1.0, 2.0, 0.0, 4.0]]), axis=1),
        sample(a(0)),
        sample(a(2, 0, 2), axis=1),
        sample(a()),
    )


def _plain(row: Row) -> Row:
    return replace(row, plain=True)


_ZEROS = np.array([[2.0, 0.0, 3.0], [0.0, 5.0, 0.0], [1.0, 2.0, 4.0]])
_NAN = np.array([[np.nan, 1.0], [2.0, 3.0]])

_VECTOR = [
    *(sample(a(4), ord=one) for one in (None, 1, 2, 3, 2.5, np.inf, -np.inf)),
    *(sample(a(2, 3), ord=one, axis=-1) for one in (1, 2, 4, np.inf)),
    sample(a(2, 3, 2), axis=1, keepdims=True),
    sample(np.array([0.0, 2.0, -1.0])),
    sample(a(0)),
]
_MATRIX = [
    *(sample(a(2, 3), ord=one) for one in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)),
    sample(a(2, 3, 4), ord=1, axis=(2, 0), keepdims=True),
    sample(a(2, 3, 4), ord="nuc", axis=(0, -1), keepdims=True),
    sample(a(2, 3, 4), ord="fro", axis=(0, 2)),
]

REDUCING: dict[str, Row] = {
    "sum": like("sum", *_axes(), *_MASKED),
    "mean": like("mean", *_axes(), *_MASKED),
    "nansum": like("nansum", *_axes(), *_MASKED),
    "prod": like("prod", *_axes(), *_MASKED, sample(_ZEROS), sample(_ZEROS, axis=1)),
    "max": like("max", *_axes(), *_EXTREME),
    "amax": like("amax", *_axes()),
    "min": like("min", *_axes(), *_EXTREME),
    "amin": like("amin", *_axes()),
    "ptp": like("ptp", *_axes(empty=False)),
    "var": like("var", *_axes(empty=False), *_MASKED, *_SPREAD),
    "std": like("std", *(one for one in _SPREAD), *_MASKED, sample(a(3, 4), axis=0)),
    "average": like(
        "average",
        *(one for one in _axes(empty=False) if one.arrays[0].size),
        sample(a(2, 3), weights=p(2, 3), axis=1),
        sample(a(2, 3), weights=p(3), axis=-1, keepdims=True),
        sample(a(2, 3), weights=p(2, 3)),
    ),
    "median": like("median", *_axes(empty=False), sample(a(2, 5), axis=1)),
    "cumsum": _cumulative("cumsum"),
    "cumprod": _cumulative("cumprod"),
    "logsumexp": calls(
        ops.logsumexp,
        lambda x, **axes: np.log(np.sum(np.exp(x), **axes)),
        *(one for one in _axes(empty=False)),
    ),
    "softmax": _along("softmax", _softmax),
    "log_softmax": _along("log_softmax", lambda x, axis=-1: np.log(_softmax(x, axis))),
    "norm": like("linalg.norm", *_VECTOR, *_MATRIX, sample(a(2, 3, 4))),
    "vector_norm": like(
        "linalg.vector_norm", *_VECTOR[1:6], *_VECTOR[7:], sample(a(2, 3, 4), axis=(2, 0), ord=3)
    ),
    "matrix_norm": like(
        "linalg.matrix_norm",
        *(sample(a(2, 3, 2), ord=one) for one in ("fro", "nuc", 1, -1, 2, -2, np.inf)),
        sample(a(2, 3), keepdims=True),
    ),
    # plain by nature
    "all": _plain(like("all", *_axes(), sample(_ZEROS, axis=1))),
    "any": _plain(like("any", *_axes(), sample(_ZEROS, axis=1))),
    "argmax": _plain(like("argmax", sample(_ZEROS), sample(_ZEROS, axis=1, keepdims=True))),
    "argmin": _plain(like("argmin", sample(_ZEROS), sample(_ZEROS, axis=-2))),
    "argsort": _plain(like("argsort", sample(a(4)), sample(a(2, 3), axis=0))),
    "argpartition": _plain(like("argpartition", sample(a(5), kth=2), sample(a(2, 5), kth=(1, 3)))),
    "count_nonzero": _plain(like("count_nonzero", sample(_ZEROS), sample(_ZEROS, axis=0))),
    "nonzero": _plain(like("nonzero", sample(_ZEROS), sample(a(0)))),
    "searchsorted": _plain(
        like(
            "searchsorted",
            sample(np.array([1.0, 2.0, 2.0, 5.0]), np.array([0.0, 2.0, 9.0])),
            sample(np.array([1.0, 2.0, 2.0, 5.0]), np.array([2.0]), side="right"),
        )
    ),
}
