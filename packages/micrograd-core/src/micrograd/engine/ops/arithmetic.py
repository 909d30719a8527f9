"""The operators, and what chooses between two arrays.

All work elementwise and broadcast. Where two numbers tie, ``maximum`` and ``minimum`` give each
half of the gradient; ``absolute`` gives 0 at 0.
"""

from __future__ import annotations

import numpy as np

from ..broadcasting import Array
from ..op import op

__all__ = [
    "abs",
    "absolute",
    "add",
    "divide",
    "fabs",
    "maximum",
    "minimum",
    "multiply",
    "neg",
    "negative",
    "positive",
    "power",
    "subtract",
    "true_divide",
    "where",
]


@op(numpy=np.add, operator="+")
def add(x: Array, y: Array) -> Array:
    """Sum, elementwise."""
    return x + y


@add.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(x + y)/dx = 1"""
    return g


@add.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(x + y)/dy = 1"""
    return g


@op(numpy=np.subtract, operator="-")
def subtract(x: Array, y: Array) -> Array:
    """Difference, elementwise."""
    return x - y


@subtract.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(x − y)/dx = 1"""
    return g


@subtract.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(x − y)/dy = −1"""
    return -g


@op(numpy=np.multiply, operator="*")
def multiply(x: Array, y: Array) -> Array:
    """Product, elementwise."""
    return x * y


@multiply.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(xy)/dx = y"""
    return g * y


@multiply.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(xy)/dy = x"""
    return g * x


@op(numpy=(np.divide, np.true_divide), operator="/")
def divide(x: Array, y: Array) -> Array:
    """Quotient, elementwise."""
    return x / y


@divide.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(x/y)/dx = 1/y"""
    return g / y


@divide.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(x/y)/dy = −x/y², written with the output"""
    return -(g * out / y)


@op(numpy=(np.power, np.float_power), operator="**")
def power(x: Array, y: Array) -> Array:
    """x to the power y, elementwise; x⁰ is 1 everywhere, so its slope is 0 everywhere."""
    return x**y


@power.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(xʸ)/dx = y·xʸ⁻¹, and 0 where y = 0 (there the formula would read 0·x⁻¹)"""
    if isinstance(y, (int, float)):
        return g * (y * x ** (y - 1)) if y != 0 else np.multiply(g, 0.0)
    return g * (y * x ** np.where(y == 0, 1.0, y - 1))


@power.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d(xʸ)/dy = xʸ·ln x, and 0 where x = 0 (there the formula would read 0·ln 0)"""
    return g * (out * np.log(np.where(x == 0, 1.0, x)))


@op(numpy=np.negative, operator="neg")
def negative(x: Array) -> Array:
    """Negation, elementwise."""
    return -x


@negative.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d(−x)/dx = −1"""
    return -g


@op(numpy=np.positive, operator="pos")
def positive(x: Array) -> Array:
    """The same number."""
    return +x


@positive.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """dx/dx = 1"""
    return g


@op(numpy=(np.absolute, np.fabs), operator="abs")
def absolute(x: Array) -> Array:
    """Absolute value, elementwise; its slope at 0 is 0."""
    return np.absolute(x)


@absolute.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d|x|/dx = sign(x)"""
    return g * np.sign(x)


@op(numpy=np.maximum)
def maximum(x: Array, y: Array) -> Array:
    """The larger one, elementwise; a tie gives half of the gradient to each."""
    return np.maximum(x, y)


@maximum.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d max(x, y)/dx = 1 where x > y, ½ where x = y, else 0"""
    return g * ((x > y) + 0.5 * (x == y))


@maximum.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d max(x, y)/dy = 1 where y > x, ½ where x = y, else 0"""
    return g * ((y > x) + 0.5 * (x == y))


@op(numpy=np.minimum)
def minimum(x: Array, y: Array) -> Array:
    """The smaller one, elementwise; a tie gives half of the gradient to each."""
    return np.minimum(x, y)


@minimum.gradient("x")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d min(x, y)/dx = 1 where x < y, ½ where x = y, else 0"""
    return g * ((x < y) + 0.5 * (x == y))


@minimum.gradient("y")
def _(g: Array, out: Array, x: Array, y: Array) -> Array:
    """d min(x, y)/dy = 1 where y < x, ½ where x = y, else 0"""
    return g * ((y < x) + 0.5 * (x == y))


@op(numpy=np.where, constant="condition")
def where(condition: Array, x: Array, y: Array) -> Array:
    """x where the condition holds, else y."""
    return np.where(condition, x, y)


@where.gradient("x")
def _(g: Array, out: Array, condition: Array, x: Array, y: Array) -> Array:
    """g where the condition holds, else 0 (a product with the mask would turn inf into nan)"""
    return np.where(condition, g, 0.0)


@where.gradient("y")
def _(g: Array, out: Array, condition: Array, x: Array, y: Array) -> Array:
    """0 where the condition holds, else g"""
    return np.where(condition, 0.0, g)


abs = fabs = absolute
neg = negative
true_divide = divide
