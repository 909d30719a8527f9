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


def fill(key: tuple[Any, ...], indices: Sequence[Any]) -> tuple[Any, ...]:
    """An index, from its pattern and the index arrays that stand at each ``"array"``.

    >>> fill((slice(None), "array"), [np.array([0, 2])])
    (slice(None, None, None), array([0, 2]))
    """
    arrays = iter(indices)
    return tuple(next(arrays, k) if isinstance(k, str) and k == "array" else k for k in key)


@op(constant="indices")
def scatter_add(x: Array, *indices: Array, key: Any, shape: tuple[int, ...]) -> Array:
    """Zeros of a shape, with x added at an index; a place that is named twice gets both."""
    out = np.zeros(shape, x.dtype)
    if indices:
        np.add.at(out, fill(key, indices), x)
    else:
        out[key] = x  # slices and integers name each place once
    return out


@scatter_add.gradient("x")
def _(g: Array, out: Array, x: Array, *indices: Array, key: Any) -> Array:
    """Each number of x receives what arrives at its place"""
    return g[fill(key, indices)]
