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
_ONE_OVER_SQRT_PI = float(1 / np.sqrt(np.pi))

# Numerators and denominators of W. J. Cody's rational approximations (Mathematics of Computation
# 23, 1969), highest power first, for erf where |x| < 0.46875 and for erfc up to 4 and beyond.
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
_LARGE = (
    (
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
    ),
    (
        1.0,
        2.56852019228982242,
        1.87295284992346725,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3,
    ),
)


@op
def erf(x: Array) -> Array:
    """The error function 2/√π ∫₀ˣ e^−t² dt, elementwise."""
    a = abs(x)
    small, middle, large = np.minimum(a, 0.5), np.clip(a, 0.25, 4.0), np.clip(a, 4.0, 30.0)
    near = x * _ratio(_SMALL, small * small)
    inverse = 1 / (large * large)
    tail = np.where(
        a <= 4.0,
        _ratio(_MIDDLE, middle),
        (_ONE_OVER_SQRT_PI - inverse * _ratio(_LARGE, inverse)) / large,
    )
    far = np.sign(x) * (1 - np.exp(-np.square(np.minimum(a, 30.0))) * tail)
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
    """One polynomial over another, by Horner's rule."""
    above, below = 0.0, 0.0
    for a in polynomials[0]:
        above = above * x + a
    for b in polynomials[1]:
        below = below * x + b
    return above / below
