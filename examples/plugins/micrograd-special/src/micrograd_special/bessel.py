"""Bessel functions of the first kind, J, and modified ones, I.

Every order's derivative is that of its neighbours, 2 J′ₙ = Jₙ₋₁ − Jₙ₊₁ and 2 I′ₙ = Iₙ₋₁ + Iₙ₊₁, so
``jv`` and ``iv`` differentiate without end. The orders 0 and 1 have ops of their own, which are
faster. The order is any real number; for one that is no integer, x ≥ 0.

**Source.** Abramowitz, Stegun: Handbook of Mathematical Functions, 9.1.27, 9.1.28 and 9.6.26.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from micrograd.engine import derived, op


def _real(name: str, order: Any) -> float:
    """The order as a number: SciPy would take arrays, and see no difference in a Value."""
    if isinstance(order, (int, float, np.integer, np.floating)):
        return float(order)
    raise TypeError(
        f"{name}: the order is {type(order).__name__}, and no gradient flows to it. Pass a number."
    )


# --- J -------------------------------------------------------------------------------------------


@op(numpy=special.j0, opaque=True)
def j0(x: Any) -> Any:
    """J₀(x), elementwise."""
    return special.j0(x)


@j0.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    """dJ₀(x)/dx = −J₁(x)"""
    return -g * j1(x)


@op(numpy=special.j1, opaque=True)
def j1(x: Any) -> Any:
    """J₁(x), elementwise."""
    return special.j1(x)


@j1.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    """dJ₁(x)/dx = (J₀(x) − J₂(x)) / 2"""
    return g * (0.5 * (j0(x) - jv(x, order=2)))


@op(opaque=True)
def jv(x: Any, *, order: float) -> Any:
    """Jₙ(x) of a real order n, elementwise."""
    return special.jv(_real("jv", order), x)


@jv.gradient("x")
def _(g: Any, out: Any, x: Any, *, order: float) -> Any:
    """dJₙ(x)/dx = (Jₙ₋₁(x) − Jₙ₊₁(x)) / 2"""
    return g * (0.5 * (jv(x, order=order - 1) - jv(x, order=order + 1)))


# --- I -------------------------------------------------------------------------------------------


@op(numpy=special.i0, opaque=True)
def i0(x: Any) -> Any:
    """I₀(x), elementwise; it grows like e^|x|."""
    return special.i0(x)


@i0.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    """dI₀(x)/dx = I₁(x)"""
    return g * i1(x)


@op(numpy=special.i1, opaque=True)
def i1(x: Any) -> Any:
    """I₁(x), elementwise; it grows like e^|x|."""
    return special.i1(x)


@i1.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    """dI₁(x)/dx = (I₀(x) + I₂(x)) / 2"""
    return g * (0.5 * (i0(x) + iv(x, order=2)))


@op(opaque=True)
def iv(x: Any, *, order: float) -> Any:
    """Iₙ(x) of a real order n, elementwise; it grows like e^|x|."""
    return special.iv(_real("iv", order), x)


@iv.gradient("x")
def _(g: Any, out: Any, x: Any, *, order: float) -> Any:
    """dIₙ(x)/dx = (Iₙ₋₁(x) + Iₙ₊₁(x)) / 2"""
    return g * (0.5 * (iv(x, order=order - 1) + iv(x, order=order + 1)))


# --- I, scaled so that it cannot overflow. At x = 0, where e^−|x| has its kink, |x|′ = 0. --------


@op(numpy=special.i0e, opaque=True)
def i0e(x: Any) -> Any:
    """e^−|x| I₀(x), elementwise."""
    return special.i0e(x)


@i0e.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    """d e^−|x| I₀(x)/dx = e^−|x| I₁(x) − sign(x) out"""
    return g * (i1e(x) - np.sign(x) * out)


@op(numpy=special.i1e, opaque=True)
def i1e(x: Any) -> Any:
    """e^−|x| I₁(x), elementwise."""
    return special.i1e(x)


@i1e.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    """d e^−|x| I₁(x)/dx = e^−|x| (I₀(x) + I₂(x)) / 2 − sign(x) out"""
    return g * (0.5 * (i0e(x) + ive(x, order=2)) - np.sign(x) * out)


@op(opaque=True)
def ive(x: Any, *, order: float) -> Any:
    """e^−|x| Iₙ(x) of a real order n, elementwise."""
    return special.ive(_real("ive", order), x)


@ive.gradient("x")
def _(g: Any, out: Any, x: Any, *, order: float) -> Any:
    """d e^−|x| Iₙ(x)/dx = e^−|x| (Iₙ₋₁(x) + Iₙ₊₁(x)) / 2 − sign(x) out"""
    return g * (0.5 * (ive(x, order=order - 1) + ive(x, order=order + 1)) - np.sign(x) * out)


# SciPy's order comes first.
for _function, _op in ((special.jv, jv), (special.iv, iv), (special.ive, ive)):
    derived(numpy=_function)(lambda order, x, op=_op: op(x, order=order))
