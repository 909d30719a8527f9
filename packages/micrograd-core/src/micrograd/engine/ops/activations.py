"""Activations: what stands between the layers of a network.

None of them overflows: each is written so that ``exp`` sees no positive number.
"""

from __future__ import annotations

import numpy as np

from ..broadcasting import Array
from ..op import op


@op
def relu(x: Array) -> Array:
    """max(x, 0), elementwise; its slope at 0 is 0."""
    return np.maximum(x, 0)


@relu.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d relu(x)/dx = 1 where x > 0, else 0"""
    return g * (out > 0)


@op
def sigmoid(x: Array) -> Array:
    """1 / (1 + e⁻ˣ), elementwise, as e^min(x,0) / (1 + e^−|x|)."""
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-abs(x)))


@sigmoid.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """dσ(x)/dx = σ(x)(1 − σ(x))"""
    return g * (out * (1 - out))


@op
def softmax(x: Array, *, axis: int = -1) -> Array:
    """eˣ over its sum along an axis: positive numbers that sum to 1."""
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@softmax.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: int) -> Array:
    """With s = softmax(x): ds_j/dx_i = s_j (δ_ij − s_i), so the gradient is s (g − Σ g s)"""
    return out * (g - (g * out).sum(axis=axis, keepdims=True))


@op
def log_softmax(x: Array, *, axis: int = -1) -> Array:
    """The logarithm of softmax, without taking the logarithm of a number near 0."""
    s = x - x.max(axis=axis, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=axis, keepdims=True))


@log_softmax.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: int) -> Array:
    """d log s_j/dx_i = δ_ij − s_i, so the gradient is g − s Σ g"""
    return g - np.exp(out) * g.sum(axis=axis, keepdims=True)
