"""Angles and hyperbolas, elementwise; angles are in radians."""

from __future__ import annotations

import numpy as np

from ..broadcasting import Array
from ..op import derived, op

__all__ = [
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cos",
    "cosh",
    "deg2rad",
    "degrees",
    "rad2deg",
    "radians",
    "sin",
    "sinh",
    "tan",
    "tanh",
]


_RADIANS_PER_DEGREE = float(np.pi / 180)


@op(numpy=np.sin)
def sin(x: Array) -> Array:
    """Sine."""
    return np.sin(x)


@sin.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d sin(x)/dx = cos(x)"""
    return g * np.cos(x)


@op(numpy=np.cos)
def cos(x: Array) -> Array:
    """Cosine."""
    return np.cos(x)


@cos.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d cos(x)/dx = −sin(x)"""
    return -(g * np.sin(x))


@op(numpy=np.tan)
def tan(x: Array) -> Array:
    """Tangent."""
    return np.tan(x)


@tan.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d tan(x)/dx = 1 + tan²(x)"""
    return g * (1 + out * out)


@op(numpy=np.arcsin)
def arcsin(x: Array) -> Array:
    """Inverse sine; its slope at ±1 is infinite."""
    return np.arcsin(x)


@arcsin.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d arcsin(x)/dx = 1/√(1 − x²)"""
    return g / np.sqrt((1 - x) * (1 + x))


@op(numpy=np.arccos)
def arccos(x: Array) -> Array:
    """Inverse cosine; its slope at ±1 is infinite."""
    return np.arccos(x)


@arccos.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d arccos(x)/dx = −1/√(1 − x²)"""
    return -(g / np.sqrt((1 - x) * (1 + x)))


@op(numpy=np.arctan)
def arctan(x: Array) -> Array:
    """Inverse tangent."""
    return np.arctan(x)


@arctan.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d arctan(x)/dx = 1/(1 + x²)"""
    return g / (1 + x * x)


@op(numpy=np.arctan2)
def arctan2(y: Array, x: Array) -> Array:
    """The angle of the point (x, y); its slopes at (0, 0) are 0."""
    return np.arctan2(y, x)


@arctan2.gradient("y")
def _(g: Array, out: Array, y: Array, x: Array) -> Array:
    """dθ/dy = x/(x² + y²)"""
    square = x * x + y * y
    return g * (x / np.where(square == 0, 1.0, square))


@arctan2.gradient("x")
def _(g: Array, out: Array, y: Array, x: Array) -> Array:
    """dθ/dx = −y/(x² + y²)"""
    square = x * x + y * y
    return -(g * (y / np.where(square == 0, 1.0, square)))


@op(numpy=np.sinh)
def sinh(x: Array) -> Array:
    """Hyperbolic sine."""
    return np.sinh(x)


@sinh.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d sinh(x)/dx = cosh(x)"""
    return g * np.cosh(x)


@op(numpy=np.cosh)
def cosh(x: Array) -> Array:
    """Hyperbolic cosine."""
    return np.cosh(x)


@cosh.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d cosh(x)/dx = sinh(x)"""
    return g * np.sinh(x)


@op(numpy=np.tanh)
def tanh(x: Array) -> Array:
    """Hyperbolic tangent."""
    return np.tanh(x)


@tanh.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d tanh(x)/dx = 1 − tanh²(x), written with the output to save a tanh"""
    return g * (1 - out * out)


@op(numpy=np.arcsinh)
def arcsinh(x: Array) -> Array:
    """Inverse hyperbolic sine."""
    return np.arcsinh(x)


@arcsinh.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d arsinh(x)/dx = 1/√(x² + 1)"""
    return g / np.hypot(x, 1.0)


@op(numpy=np.arccosh)
def arccosh(x: Array) -> Array:
    """Inverse hyperbolic cosine, for x ≥ 1; its slope at 1 is infinite."""
    return np.arccosh(x)


@arccosh.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d arcosh(x)/dx = 1/√(x² − 1)"""
    return g / (np.sqrt(x - 1) * np.sqrt(x + 1))


@op(numpy=np.arctanh)
def arctanh(x: Array) -> Array:
    """Inverse hyperbolic tangent; its slope at ±1 is infinite."""
    return np.arctanh(x)


@arctanh.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d artanh(x)/dx = 1/(1 − x²)"""
    return g / ((1 - x) * (1 + x))


@derived(numpy=(np.degrees, np.rad2deg))
def degrees(x: Array) -> Array:
    """Radians as degrees."""
    return x / _RADIANS_PER_DEGREE


@derived(numpy=(np.radians, np.deg2rad))
def radians(x: Array) -> Array:
    """Degrees as radians."""
    return x * _RADIANS_PER_DEGREE


rad2deg, deg2rad = degrees, radians
