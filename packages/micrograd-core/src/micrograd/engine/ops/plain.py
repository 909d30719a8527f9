"""Questions about numbers whose answer has no gradient: truth values, places and orders.

They take Values and give plain arrays, which are never part of the graph.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..broadcasting import Array
from ..op import derived
from .kernels import numbers

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "count_nonzero",
    "equal",
    "greater",
    "greater_equal",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "nonzero",
    "not_equal",
    "searchsorted",
]


@derived()
def all(x: Array, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all numbers over axes differ from 0."""
    return np.all(numbers(x), axis, keepdims=keepdims)


@derived()
def any(x: Array, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether some number over axes differs from 0."""
    return np.any(numbers(x), axis, keepdims=keepdims)


@derived()
def argmax(x: Array, axis: Any = None, keepdims: bool = False) -> Any:
    """Where the largest number along an axis stands, the first of several."""
    return np.argmax(numbers(x), axis, keepdims=keepdims)


@derived()
def argmin(x: Array, axis: Any = None, keepdims: bool = False) -> Any:
    """Where the smallest number along an axis stands, the first of several."""
    return np.argmin(numbers(x), axis, keepdims=keepdims)


@derived()
def argpartition(x: Array, kth: Any, axis: Any = -1) -> Any:
    """The places from which ``partition`` takes its numbers."""
    return np.argpartition(numbers(x), kth, axis)


@derived()
def argsort(x: Array, axis: Any = -1, kind: Any = None) -> Any:
    """The places from which ``sort`` takes its numbers."""
    return np.argsort(numbers(x), axis, kind=kind)


@derived()
def count_nonzero(x: Array, axis: Any = None, keepdims: bool = False) -> Any:
    """How many numbers over axes differ from 0."""
    return np.count_nonzero(numbers(x), axis, keepdims=keepdims)


@derived()
def isfinite(x: Array) -> Any:
    """Whether a number is neither infinite nor nan."""
    return np.isfinite(numbers(x))


@derived()
def isinf(x: Array) -> Any:
    """Whether a number is infinite."""
    return np.isinf(numbers(x))


@derived()
def isnan(x: Array) -> Any:
    """Whether a number is nan."""
    return np.isnan(numbers(x))


@derived()
def nonzero(x: Array) -> Any:
    """The places of the numbers that differ from 0, as one array of indices an axis."""
    return np.nonzero(numbers(x))


@derived()
def searchsorted(x: Array, v: Array, side: str = "left") -> Any:
    """The places where numbers go into an array in ascending order."""
    return np.searchsorted(numbers(x), numbers(v), side)  # type: ignore[call-overload]


@derived()
def less(x: Array, y: Array) -> Any:
    """x < y."""
    return np.less(numbers(x), numbers(y))


@derived()
def less_equal(x: Array, y: Array) -> Any:
    """x ≤ y."""
    return np.less_equal(numbers(x), numbers(y))


@derived()
def equal(x: Array, y: Array) -> Any:
    """x = y."""
    return np.equal(numbers(x), numbers(y))


@derived()
def not_equal(x: Array, y: Array) -> Any:
    """x ≠ y."""
    return np.not_equal(numbers(x), numbers(y))


@derived()
def greater(x: Array, y: Array) -> Any:
    """x > y."""
    return np.greater(numbers(x), numbers(y))


@derived()
def greater_equal(x: Array, y: Array) -> Any:
    """x ≥ y."""
    return np.greater_equal(numbers(x), numbers(y))
