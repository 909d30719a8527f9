"""Γ and what follows from it: gammaln → digamma → polygamma of every order."""

from __future__ import annotations

import math
import operator
from typing import Any

from scipy import special

from micrograd.engine import op

LARGEST = 169
"""The highest order of polygamma: (order + 1)! must be a float64."""


@op(numpy=special.gammaln, opaque=True)
def gammaln(x: Any) -> Any:
    """log |Γ(x)|, elementwise; ∞ at 0 and the negative integers."""
    return special.gammaln(x)


@gammaln.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    """d log |Γ(x)|/dx = ψ(x)"""
    return g * digamma(x)


@op(numpy=special.betaln, opaque=True)
def betaln(a: Any, b: Any) -> Any:
    """log |B(a, b)| = log |Γ(a) Γ(b) / Γ(a + b)|, elementwise, without cancellation."""
    return special.betaln(a, b)


@betaln.gradient("a")
def _(g: Any, out: Any, a: Any, b: Any) -> Any:
    """∂ log |B(a, b)|/∂a = ψ(a) − ψ(a + b)"""
    return g * (digamma(a) - digamma(a + b))


@betaln.gradient("b")
def _(g: Any, out: Any, a: Any, b: Any) -> Any:
    """∂ log |B(a, b)|/∂b = ψ(b) − ψ(a + b)"""
    return g * (digamma(b) - digamma(a + b))


@op(numpy=special.psi, opaque=True)
def digamma(x: Any) -> Any:
    """ψ(x) = Γ′(x)/Γ(x), elementwise; it has poles at 0 and the negative integers."""
    return special.psi(x)


@digamma.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    """dψ(x)/dx = ψ⁽¹⁾(x)"""
    return g * polygamma(x, order=1)


@op(opaque=True)
def polygamma(x: Any, *, order: int) -> Any:
    """ψ⁽ⁿ⁾(x), the derivative of digamma of order n, elementwise, for x > 0.

    **Maths.** ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n + 1, x) for n ≥ 1, with Hurwitz's zeta function.

    **Errors.** TypeError for an order that is no integer, ValueError for one outside 0 to 169.
    """
    n = operator.index(order)
    if not 0 <= n <= LARGEST:
        raise ValueError(f"polygamma(order={order}). Pass an order from 0 to {LARGEST}.")
    if n == 0:
        return special.psi(x)
    return (-1.0) ** (n + 1) * float(math.factorial(n)) * special.zeta(n + 1.0, x)


@polygamma.gradient("x")
def _(g: Any, out: Any, x: Any, *, order: int) -> Any:
    """dψ⁽ⁿ⁾(x)/dx = ψ⁽ⁿ⁺¹⁾(x)"""
    return g * polygamma(x, order=order + 1)
