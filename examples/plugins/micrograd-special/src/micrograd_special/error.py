"""The error function's companions. ``erf`` itself is an op of micrograd-core."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from micrograd.engine import op

TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)
HALF_SQRT_PI = math.sqrt(math.pi) / 2


@op(numpy=special.erfc, opaque=True)
def erfc(x: Any) -> Any:
    """1 − erf(x), elementwise, exact to the last digits where erf(x) is nearly 1."""
    return special.erfc(x)


@erfc.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    """d erfc(x)/dx = −2/√π e^−x²"""
    return g * (-TWO_OVER_SQRT_PI * np.exp(-(x * x)))


@op(numpy=special.erfinv, opaque=True)
def erfinv(y: Any) -> Any:
    """The x with erf(x) = y, elementwise, for −1 < y < 1; ±∞ at ±1, and nan outside."""
    return special.erfinv(y)


@erfinv.gradient("y")
def _(g: Any, out: Any, y: Any) -> Any:
    """d erfinv(y)/dy = √π/2 e^x², with x = erfinv(y): one over the slope of erf there."""
    return g * (HALF_SQRT_PI * np.exp(out * out))
