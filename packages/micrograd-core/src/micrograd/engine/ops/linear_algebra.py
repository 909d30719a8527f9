"""Linear algebra."""

from __future__ import annotations

import math

import numpy as np

from ..broadcasting import Array
from ..op import op


@op(numpy=np.matmul, operator="@")
def matmul(a: Array, b: Array) -> Array:
    """Matrix product, for every pair of ranks that NumPy allows.

    Vectors are rows on the left and columns on the right, and lose that axis in the result; axes
    before the last two are batches, and broadcast.
    """
    return a @ b


@matmul.gradient("a")
def _(g: Array, out: Array, a: Array, b: Array) -> Array:
    """For matrices, dL/dA = G·Bᵀ; a vector is the matrix that it stands for"""
    if b.ndim == 1:
        return np.expand_dims(g, -1) * b if a.ndim > 1 else g * b
    if a.ndim == 1:
        return (b @ np.expand_dims(g, -1))[..., 0]
    return g @ _transposed(b)


@matmul.gradient("b")
def _(g: Array, out: Array, a: Array, b: Array) -> Array:
    """For matrices, dL/dB = Aᵀ·G; a vector is the matrix that it stands for"""
    if a.ndim == 1:
        return g * a if b.ndim == 1 else np.expand_dims(a, -1) * np.expand_dims(g, -2)
    if b.ndim == 1:
        return np.reshape(g, -1) @ np.reshape(a, (g.size, a.shape[-1]))
    if b.ndim == 2 and a.ndim > 2:  # one product over the batch instead of a sum of products
        count = math.prod(a.shape[:-1])
        rows, columns = (np.reshape(m, (count, m.shape[-1])) for m in (a, g))
        return rows.T @ columns
    return _transposed(a) @ g


def _transposed(x: Array) -> Array:
    return x.T if x.ndim == 2 else np.swapaxes(x, -1, -2)
