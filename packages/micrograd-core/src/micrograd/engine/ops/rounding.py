"""What cuts the number line into pieces: rounding, remainders, signs, limits.

Between two cuts the slope is 0 or 1; at a cut it is that of one side, or, for ``clip`` as for
``maximum``, the mean of both. An op that is constant between its cuts takes no gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..broadcasting import Array
from ..op import derived, op
from .arithmetic import maximum, minimum

__all__ = [
    "ceil",
    "clip",
    "copysign",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "mod",
    "nan_to_num",
    "remainder",
    "rint",
    "round",
    "sign",
    "trunc",
]


@op(numpy=np.sign, constant="x")
def sign(x: Array) -> Array:
    """−1, 0 or 1: piecewise constant."""
    return np.sign(x)


@op(numpy=np.floor, constant="x")
def floor(x: Array) -> Array:
    """The largest integer that is not above x: piecewise constant."""
    return np.floor(x)


@op(numpy=np.ceil, constant="x")
def ceil(x: Array) -> Array:
    """The smallest integer that is not below x: piecewise constant."""
    return np.ceil(x)


@op(numpy=(np.trunc, np.fix), constant="x")
def trunc(x: Array) -> Array:
    """x without its fraction: piecewise constant."""
    return np.trunc(x)


@op(numpy=np.rint, constant="x")
def rint(x: Array) -> Array:
    """The nearest integer, the even one of two: piecewise constant."""
    return np.rint(x)


@op(numpy=(np.round, np.around), constant="x")
def round(x: Array, *, decimals: int = 0) -> Array:
    """Rounded to a number of decimals: piecewise constant."""
    return np.round(x, decimals)


@op(numpy=np.floor_divide, operator="//", constant=("x", "y"))
def floor_divide(x: Array, y: Array) -> Array:
    """The largest integer that is not above x/y: piecewise constant."""
    return x // y


@op(numpy=(np.remainder, np.mod), operator="%")
def remainder(x: Array, y: Array) -> Array:
    """What is left of x when y is taken as often as it fits; it has the sign of y."""
    return x % y


@remainder.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(x − y⌊x/y⌋)/dx = 1"""
    return g


@remainder.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(x − y⌊x/y⌋)/dy = −⌊x/y⌋"""
    return -(g * np.floor_divide(x, y))


mod = remainder


@op(numpy=np.copysign, constant="y")
def copysign(x: Array, y: Array) -> Array:
    """|x| with the sign of y; its slope at x = 0 is 0."""
    return np.copysign(x, y)


@copysign.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d copysign(x, y)/dx = 1 where x and y have one sign, −1 where not"""
    return g * (np.sign(x) * np.copysign(1.0, y))


@op(numpy=np.fmax)
def fmax(x: Array, y: Array) -> Array:
    """The larger one, or the one that is a number; a tie gives half of the gradient to each."""
    return np.fmax(x, y)


@fmax.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d fmax(x, y)/dx = 1 where x > y or y is nan, ½ where x = y, else 0"""
    return g * (((x > y) | (y != y)) + 0.5 * (x == y))


@fmax.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d fmax(x, y)/dy = 1 where y > x or x is nan, ½ where x = y, else 0"""
    return g * (((y > x) | (x != x)) + 0.5 * (x == y))


@op(numpy=np.fmin)
def fmin(x: Array, y: Array) -> Array:
    """The smaller one, or the one that is a number; a tie gives half of the gradient to each."""
    return np.fmin(x, y)


@fmin.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d fmin(x, y)/dx = 1 where x < y or y is nan, ½ where x = y, else 0"""
    return g * (((x < y) | (y != y)) + 0.5 * (x == y))


@fmin.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d fmin(x, y)/dy = 1 where y < x or x is nan, ½ where x = y, else 0"""
    return g * (((y < x) | (x != x)) + 0.5 * (x == y))


@derived(numpy=np.clip)
def clip(
    x: Array, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None
) -> Array:
    """x, but not below ``a_min`` and not above ``a_max``; at a limit the slope is ½.

    ``min`` and ``max`` are other names of the two limits, as in NumPy.
    """
    if (a_min is not None and min is not None) or (a_max is not None and max is not None):
        raise ValueError("clip with a limit under two names. Give min= or a_min=, not both.")
    low, high = a_min if min is None else min, a_max if max is None else max
    x = x if low is None else maximum(x, low)
    return x if high is None else minimum(x, high)


@op(numpy=np.nan_to_num)
def nan_to_num(x: Array, *, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Array:
    """x with numbers in place of nan and the infinities, which then have slope 0."""
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@nan_to_num.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """g where x is finite, else 0"""
    return np.where(np.isfinite(x), g, 0.0)
