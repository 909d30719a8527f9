"""Two functions that NumPy lacks, or whose slope needs care: erf and sinc."""

from __future__ import annotations

import math

import numpy as np

from ..broadcasting import Array
from ..op import derived, op

__all__ = [
    "erf",
    "sinc",
]


_TWO_OVER_SQRT_PI = float(2 / np.sqrt(np.pi))

# Numerators and denominators, highest power first. In float64, W. J. Cody's (Mathematics of
# Computation 23, 1969): erf(x)/x in x² where |x| < 0.46875, and erfc(x) e^x² in x up to 4; beyond,
# their error is lost in that of 1 − erfc(x). In float32 one quotient does for all, erf(x)/x in x²:
# fitted up to 3.9, with a relative error of 2e-8; from 4 on, erf is 1 to the last bit.
_FLOAT32 = (
    (
        2.066468286099008e-06,
        2.850633436805661e-04,
        3.738388521382573e-03,
        5.266821368882626e-02,
        1.8966778863851338e-01,
        1.128379147619172,
    ),
    (
        3.827002926758775e-05,
        1.1573868299577731e-03,
        1.4914361656599297e-02,
        1.1381935988025912e-01,
        5.014214826093117e-01,
        1.0,
    ),
)
_SMALL = (
    (
        1.85777706184603153e-1,
        3.16112374387056560,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    ),
    (
        1.0,
        2.36012909523441209e1,
        2.44024637934444173e2,
        1.28261652607737228e3,
        2.84423683343917062e3,
    ),
)
_MIDDLE = (
    (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    ),
    (
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    ),
)


@op
def erf(x: Array) -> Array:
    """The error function 2/√π ∫₀ˣ e^−t² dt, elementwise."""
    if getattr(x, "dtype", None) == np.float32:
        near = np.clip(x, -4.0, 4.0)
        return np.clip(near * _ratio(_FLOAT32, near * near), -1.0, 1.0)
    a = abs(x)
    small, large = np.minimum(a, 0.5), np.clip(a, 0.25, 6.0)
    near = x * _ratio(_SMALL, small * small)
    far = np.sign(x) * (1 - np.exp(-(large * large)) * _ratio(_MIDDLE, large))
    return np.where(a <= 0.46875, near, far)


@erf.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d erf(x)/dx = 2/√π e^−x²"""
    return g * (_TWO_OVER_SQRT_PI * np.exp(-(x * x)))


@op(name="sinc")
def _sinc(x: Array, *, order: int = 0) -> Array:
    """The derivative of sinc of an order: by its series near 0, else by recursion."""
    z = np.pi * x
    near = np.abs(z) < 2.0
    small, far = np.where(near, z, 0.0), np.where(near, 2.0, z)
    series, power = 0.0 * small, 1.0 + 0.0 * small
    for k in range(order % 2, 28, 2):  # the terms zᵏ of (sin z / z)⁽ⁿ⁾
        sign = -1.0 if ((order + k) // 2) % 2 else 1.0
        factor = small if order % 2 and k == 1 else 1.0
        power = power * factor if k < 2 else power * (small * small)
        series = series + sign * power / (math.factorial(k) * (order + k + 1))
    recursion = np.sin(far) / far
    for n in range(1, order + 1):
        recursion = (np.sin(far + n * math.pi / 2) - n * recursion) / far
    return np.where(near, series, recursion) * math.pi**order


@_sinc.gradient("x")
def _(g: Array, out: Array, x: Array, *, order: int) -> Array:
    """d sinc⁽ⁿ⁾(x)/dx = sinc⁽ⁿ⁺¹⁾(x)"""
    return g * _sinc(x, order=order + 1)


@derived(numpy=np.sinc)
def sinc(x: Array) -> Array:
    """sin(πx)/(πx), and 1 at 0: smooth everywhere, to every order."""
    return _sinc(x)


def _ratio(polynomials: tuple[tuple[float, ...], tuple[float, ...]], x: Array) -> Array:
    """One polynomial over another."""
    above, below = polynomials
    return _polynomial(above, x) / _polynomial(below, x)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """By Horner's rule, the highest power first."""
    first, second, *others = coefficients
    result = first * x + second
    for one in others:
        result = result * x + one
    return result
