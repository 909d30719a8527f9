"""The ops that work number by number: most of them ONNX has under another name.

Where it has none, a translation writes the formula that is accurate for the numbers at hand, as the
op does: ln(1 + x) and eˣ − 1 keep their digits near 0.
"""

from __future__ import annotations

import math

import numpy as np

from .table import translates
from .writer import Call

SAME = {
    "absolute": "Abs",
    "add": "Add",
    "arccos": "Acos",
    "arccosh": "Acosh",
    "arcsin": "Asin",
    "arcsinh": "Asinh",
    "arctan": "Atan",
    "arctanh": "Atanh",
    "ceil": "Ceil",
    "cos": "Cos",
    "cosh": "Cosh",
    "divide": "Div",
    "erf": "Erf",
    "exp": "Exp",
    "floor": "Floor",
    "log": "Log",
    "maximum": "Max",
    "minimum": "Min",
    "multiply": "Mul",
    "negative": "Neg",
    "positive": "Identity",
    "power": "Pow",
    "reciprocal": "Reciprocal",
    "relu": "Relu",
    "rint": "Round",
    "root": "Sqrt",
    "sigmoid": "Sigmoid",
    "sign": "Sign",
    "sin": "Sin",
    "sinh": "Sinh",
    "softsign": "Softsign",
    "sqrt": "Sqrt",
    "subtract": "Sub",
    "tan": "Tan",
    "tanh": "Tanh",
}
"""By the name of an op: the ONNX op that computes the same."""


@translates(*SAME)
def same(call: Call) -> str:
    """One node."""
    return str(call.add(SAME[call.step.op.name], *call.operands()))


@translates("where")
def where(call: Call) -> str:
    """Where takes a truth value."""
    return str(call.add("Where", call.operand(0, bool), call.operand(1), call.operand(2)))


@translates("leaky_relu")
def leaky_relu(call: Call) -> str:
    """One node, or the sum of what is above 0 and a share of what is below."""
    x, slope = call.operand(0), float(call.settings["negative_slope"])
    if call.exact(slope):
        return str(call.add("LeakyRelu", x, alpha=slope))
    below = call.add("Min", x, call.number(0.0))
    return str(call.add("Add", call.add("Relu", x), call.add("Mul", below, call.number(slope))))


@translates("elu")
def elu(call: Call) -> str:
    """One node, or with an α of its own the sum of what is above 0 and α times the bent rest."""
    x, alpha = call.operand(0), float(call.settings["alpha"])
    if call.exact(alpha):
        return str(call.add("Elu", x, alpha=alpha))
    bent = call.add("Elu", call.add("Min", x, call.number(0.0)), alpha=1.0)
    return str(call.add("Add", call.add("Relu", x), call.add("Mul", bent, call.number(alpha))))


@translates("softplus")
def softplus(call: Call) -> str:
    """ONNX has it for β = 1."""
    x, beta = call.operand(0), float(call.settings["beta"])
    if beta == 1.0:
        return str(call.add("Softplus", x))
    bent = call.add("Softplus", call.add("Mul", x, call.number(beta)))
    return str(call.add("Div", bent, call.number(beta)))


@translates("square")
def square(call: Call) -> str:
    """x times x."""
    x = call.operand(0)
    return str(call.add("Mul", x, x))


@translates("exp2")
def exp2(call: Call) -> str:
    """2 to the power x."""
    return str(call.add("Pow", call.number(2.0), call.operand(0)))


@translates("log2", "log10")
def logarithm(call: Call) -> str:
    """The natural logarithm, times a number."""
    base = {"log2": 2.0, "log10": 10.0}[call.step.op.name]
    return str(call.add("Div", call.add("Log", call.operand(0)), call.number(math.log(base))))


@translates("expm1")
def expm1(call: Call) -> str:
    """tanh(x/2) · (eˣ + 1), which is eˣ − 1 without taking a difference."""
    x = call.operand(0)
    half = call.add("Tanh", call.add("Mul", x, call.number(0.5)))
    return str(call.add("Mul", half, call.add("Add", call.add("Exp", x), call.number(1.0))))


@translates("log1p")
def log1p(call: Call) -> str:
    """2 artanh(x / (2 + x)), which is ln(1 + x), near 0; the logarithm elsewhere."""
    x = call.operand(0)
    far = call.add("Log", call.add("Add", x, call.number(1.0)))
    ratio = call.add("Div", x, call.add("Add", x, call.number(2.0)))
    near = call.add("Mul", call.number(2.0), call.add("Atanh", ratio))
    small = call.add("Less", call.add("Abs", x), call.number(0.5))
    return str(call.add("Where", small, near, far))


@translates("cbrt")
def cbrt(call: Call) -> str:
    """The sign of x, times the cube root of |x|."""
    x = call.operand(0)
    root = call.add("Pow", call.add("Abs", x), call.number(1 / 3))
    return str(call.add("Mul", call.add("Sign", x), root))


@translates("logaddexp")
def logaddexp(call: Call) -> str:
    """max(x, y) + softplus(−|x − y|), in which nothing overflows."""
    x, y = call.operands()
    apart = call.add("Neg", call.add("Abs", call.add("Sub", x, y)))
    return str(call.add("Add", call.add("Max", x, y), call.add("Softplus", apart)))


@translates("hypot")
def hypot(call: Call) -> str:
    """The larger one times √(1 + (smaller/larger)²), in which nothing overflows."""
    x, y = (call.add("Abs", one) for one in call.operands())
    top, low = call.add("Max", x, y), call.add("Min", x, y)
    zero = call.add("Equal", top, call.number(0.0))
    ratio = call.add("Div", low, call.add("Where", zero, call.number(1.0), top))
    inner = call.add("Add", call.add("Mul", ratio, ratio), call.number(1.0))
    return str(call.add("Mul", top, call.add("Sqrt", inner)))


@translates("arctan2")
def arctan2(call: Call) -> str:
    """The angle of y/x, half a turn further where x is negative."""
    y, x = call.operands()
    zero = call.number(0.0)
    both = call.add("And", call.add("Equal", x, zero), call.add("Equal", y, zero))
    angle = call.add("Atan", call.add("Div", y, call.add("Where", both, call.number(1.0), x)))
    turn = call.add("Where", call.add("Less", y, zero), call.number(-np.pi), call.number(np.pi))
    behind = call.add("Add", angle, turn)
    return str(call.add("Where", call.add("Less", x, zero), behind, angle))


@translates("trunc")
def trunc(call: Call) -> str:
    """The sign of x, times ⌊|x|⌋."""
    x = call.operand(0)
    whole = call.add("Floor", call.add("Abs", x))
    return str(call.add("Mul", call.add("Sign", x), whole))


@translates("round")
def round_(call: Call) -> str:
    """Rounded where the wanted digit is the last before the point."""
    x, scale = call.operand(0), 10.0 ** call.settings["decimals"]
    if scale == 1.0:
        return str(call.add("Round", x))
    moved = call.add("Round", call.add("Mul", x, call.number(scale)))
    return str(call.add("Div", moved, call.number(scale)))


@translates("floor_divide")
def floor_divide(call: Call) -> str:
    """⌊x/y⌋."""
    return str(call.add("Floor", call.add("Div", *call.operands())))


@translates("remainder")
def remainder(call: Call) -> str:
    """x − y⌊x/y⌋, which has the sign of y."""
    x, y = call.operands()
    times = call.add("Floor", call.add("Div", x, y))
    return str(call.add("Sub", x, call.add("Mul", y, times)))


@translates("copysign")
def copysign(call: Call) -> str:
    """|x|, negative where y is, or is −0."""
    x, y = call.operands()
    x, zero = call.add("Abs", x), call.number(0.0)
    below = call.add("Less", call.add("Reciprocal", y), zero)
    negative = call.add("Or", call.add("Less", y, zero), below)
    return str(call.add("Where", negative, call.add("Neg", x), x))


@translates("fmax", "fmin")
def of_numbers(call: Call) -> str:
    """The larger or smaller one, or the one that is a number."""
    x, y = call.operands()
    both = call.add({"fmax": "Max", "fmin": "Min"}[call.step.op.name], x, y)
    chosen = call.add("Where", call.add("IsNaN", y), x, both)
    return str(call.add("Where", call.add("IsNaN", x), y, chosen))


@translates("nan_to_num")
def nan_to_num(call: Call) -> str:
    """Numbers in place of what is none; without others, the dtype's largest and smallest."""
    x, limits = call.operand(0), np.finfo(call.dtype)
    given = call.settings
    high = limits.max if given["posinf"] is None else given["posinf"]
    low = limits.min if given["neginf"] is None else given["neginf"]
    above = call.add("IsInf", x, detect_negative=0)
    below = call.add("IsInf", x, detect_positive=0)
    found = call.add("Where", call.add("IsNaN", x), call.number(given["nan"]), x)
    found = call.add("Where", above, call.number(high), found)
    return str(call.add("Where", below, call.number(low), found))


@translates("sinc")
def sinc(call: Call) -> str:
    """sin(πx)/(πx), and 1 at 0."""
    x = call.add("Mul", call.operand(0), call.number(np.pi))
    zero = call.add("Equal", x, call.number(0.0))
    below = call.add("Where", zero, call.number(1.0), x)
    return str(
        call.add("Where", zero, call.number(1.0), call.add("Div", call.add("Sin", x), below))
    )
