"""Elementary functions of one array, elementwise."""

from __future__ import annotations

import numpy as np

from ..broadcasting import Array
from ..op import op


@op(numpy=np.exp)
def exp(x: Array) -> Array:
    """Exponential."""
    return np.exp(x)


@exp.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d eˣ/dx = eˣ, which is the output"""
    return g * out


@op(numpy=np.log)
def log(x: Array) -> Array:
    """Natural logarithm."""
    return np.log(x)


@log.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d ln x/dx = 1/x"""
    return g / x


@op(numpy=np.sqrt)
def sqrt(x: Array) -> Array:
    """Square root; its slope at 0 is infinite."""
    return np.sqrt(x)


@sqrt.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d√x/dx = 1/(2√x)"""
    return g / (2 * out)


@op(numpy=np.tanh)
def tanh(x: Array) -> Array:
    """Hyperbolic tangent."""
    return np.tanh(x)


@tanh.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d tanh(x)/dx = 1 − tanh²(x), written with the output to save a tanh"""
    return g * (1 - out * out)
