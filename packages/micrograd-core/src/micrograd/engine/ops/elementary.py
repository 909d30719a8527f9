"""Elementary functions of one array, elementwise: exponentials, logarithms, roots.

Angles and hyperbolas are in ``trigonometric``.
"""

from __future__ import annotations

import numpy as np

from ..broadcasting import Array
from ..op import derived, op

__all__ = [
    "cbrt",
    "exp",
    "exp2",
    "expm1",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "reciprocal",
    "sqrt",
    "square",
]


_LN2 = float(np.log(2))
_LN10 = float(np.log(10))


@op(numpy=np.exp)
def exp(x: Array) -> Array:
    """Exponential."""
    return np.exp(x)


@exp.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d eˣ/dx = eˣ, which is the output"""
    return g * out


@op(numpy=np.exp2)
def exp2(x: Array) -> Array:
    """2 to the power x."""
    return np.exp2(x)


@exp2.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d 2ˣ/dx = 2ˣ ln 2"""
    return g * (out * _LN2)


@op(numpy=np.expm1)
def expm1(x: Array) -> Array:
    """eˣ − 1, accurate where x is small."""
    return np.expm1(x)


@expm1.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d(eˣ − 1)/dx = eˣ, one more than the output"""
    return g * (out + 1)


@op(numpy=np.log)
def log(x: Array) -> Array:
    """Natural logarithm."""
    return np.log(x)


@log.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d ln x/dx = 1/x"""
    return g / x


@op(numpy=np.log2)
def log2(x: Array) -> Array:
    """Logarithm to base 2."""
    return np.log2(x)


@log2.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d log₂ x/dx = 1/(x ln 2)"""
    return g / (x * _LN2)


@op(numpy=np.log10)
def log10(x: Array) -> Array:
    """Logarithm to base 10."""
    return np.log10(x)


@log10.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d log₁₀ x/dx = 1/(x ln 10)"""
    return g / (x * _LN10)


@op(numpy=np.log1p)
def log1p(x: Array) -> Array:
    """ln(1 + x), accurate where x is small."""
    return np.log1p(x)


@log1p.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d ln(1 + x)/dx = 1/(1 + x)"""
    return g / (1 + x)


@op(numpy=np.sqrt)
def sqrt(x: Array) -> Array:
    """Square root; its slope at 0 is infinite."""
    return np.sqrt(x)


@sqrt.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d√x/dx = 1/(2√x)"""
    return g / (2 * out)


@op(numpy=np.cbrt)
def cbrt(x: Array) -> Array:
    """Cube root; its slope at 0 is infinite."""
    return np.cbrt(x)


@cbrt.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d∛x/dx = 1/(3 (∛x)²)"""
    return g / (3 * out * out)


@op(numpy=np.square)
def square(x: Array) -> Array:
    """x times x."""
    return x * x


@square.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d x²/dx = 2x"""
    return g * (2 * x)


@op(numpy=np.reciprocal)
def reciprocal(x: Array) -> Array:
    """1/x."""
    return 1 / x


@reciprocal.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d(1/x)/dx = −1/x², minus the square of the output"""
    return -(g * (out * out))


@op(numpy=np.logaddexp)
def logaddexp(x: Array, y: Array) -> Array:
    """ln(eˣ + eʸ), without overflow; where both are −∞ its slopes are 0."""
    return np.logaddexp(x, y)


@logaddexp.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d ln(eˣ + eʸ)/dx = eˣ⁻ᵒᵘᵗ"""
    return g * np.exp(x - np.where(out == -np.inf, 0.0, out))


@logaddexp.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d ln(eˣ + eʸ)/dy = eʸ⁻ᵒᵘᵗ"""
    return g * np.exp(y - np.where(out == -np.inf, 0.0, out))


@derived(numpy=np.logaddexp2)
def logaddexp2(x: Array, y: Array) -> Array:
    """log₂(2ˣ + 2ʸ), without overflow."""
    return logaddexp(x * _LN2, y * _LN2) / _LN2


@op(numpy=np.hypot)
def hypot(x: Array, y: Array) -> Array:
    """√(x² + y²), without overflow; its slopes at (0, 0) are 0."""
    return np.hypot(x, y)


@hypot.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d√(x² + y²)/dx = x/out"""
    return g * (x / np.where(out == 0, 1.0, out))


@hypot.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d√(x² + y²)/dy = y/out"""
    return g * (y / np.where(out == 0, 1.0, out))
