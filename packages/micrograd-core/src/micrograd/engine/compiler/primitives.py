"""How does each NumPy function take part in a program?

Four ways. A *view* shows the numbers of its operand in another shape. A *number* has shape (), and
is kept in a local variable. *out* writes into a buffer that is there already. *fresh* makes a new
array at each call, because NumPy offers no other way.
"""

from __future__ import annotations

from operator import getitem
from typing import Any

import numpy as np

from .draws import draw
from .recorder import item, leaves
from .symbol import Symbol, as_type

ELEMENTWISE = {one for one in vars(np).values() if isinstance(one, np.ufunc) and not one.signature}
sliding_window_view = np.lib.stride_tricks.sliding_window_view
VIEWS = {np.reshape, np.transpose, np.broadcast_to, sliding_window_view}
REDUCTIONS = {np.sum, np.max, np.min, np.prod, np.any, np.all, np.mean}
WITH_OUT = {
    *(np.dot, np.matmul, np.where, np.concatenate, np.stack, as_type, np.cumsum, np.cumprod),
    *REDUCTIONS,
}
FILLS = {"random", "standard_normal", "standard_exponential"}  # draws that take out=

# What a person writes instead of a function's name, and how tightly it binds.
INFIX = {
    np.add: ("+", 1),
    np.subtract: ("-", 1),
    np.multiply: ("*", 2),
    np.divide: ("/", 2),
    np.floor_divide: ("//", 2),
    np.remainder: ("%", 2),
    np.greater: (">", 0),
    np.greater_equal: (">=", 0),
    np.less: ("<", 0),
    np.less_equal: ("<=", 0),
    np.equal: ("==", 0),
    np.not_equal: ("!=", 0),
    np.power: ("**", 4),
}

# What the result of a function is called when nobody gave it a name.
NOUNS = {
    **dict.fromkeys(("greater", "greater_equal", "less", "less_equal"), "mask"),
    **dict.fromkeys(("equal", "not_equal", "logical_and", "logical_or"), "mask"),
    "add": "total",
    "sum": "total",
    "subtract": "difference",
    "multiply": "product",
    "divide": "ratio",
    "dot": "product",
    "matmul": "product",
    "vdot": "total",
    "max": "largest",
    "min": "smallest",
    "negative": "negated",
    "getitem": "chosen",
    "maximum": "upper",
    "minimum": "lower",
    "sqrt": "root",
    "reshape": "reshaped",
    "sliding_window_view": "windows",
    "concatenate": "joined",
    "stack": "stacked",
    "as_type": "converted",
    "where": "either",
}


def is_view(step: Symbol) -> bool:
    """Whether a step only shows its first operand's numbers in another shape."""
    if step.function is getitem:
        return not any(
            isinstance(one, (Symbol, np.ndarray, list)) for one in leaves(step.args[1])
        ) and not _has_list(step.args[1])
    if step.function is np.reshape:
        x = step.args[0]
        return in_one_piece(x) or _without_ones(x.shape) == _without_ones(step.shape)
    return step.function in VIEWS or step.function is item


def in_one_piece(x: Symbol) -> bool:
    """Whether the numbers of an array stand one after the other, so that any reshape is a view."""
    if x.function is np.reshape:
        return not is_view(x) or in_one_piece(x.args[0])
    return x.function is None or not is_view(x)


def _without_ones(shape: tuple[int, ...]) -> list[int]:
    return [n for n in shape if n != 1]


def _has_list(key: Any) -> bool:
    keys = key if isinstance(key, tuple) else (key,)
    return any(isinstance(one, list) for one in keys)


def kind(step: Symbol) -> str:
    """view, number, out or fresh: see above."""
    if is_view(step):
        return "view"
    if step.shape == ():
        return "number"
    return "out" if takes_out(step) else "fresh"


def takes_out(step: Symbol) -> bool:
    """Whether NumPy can write the result of a step into an array that is there."""
    function = step.function
    if function in ELEMENTWISE:
        return function.nout == 1 and not step.settings
    if function is draw:
        plain = step.args[1] in FILLS and step.dtype == np.float64
        return plain and not step.settings.keys() - {"size"} and len(step.args) <= 3
    if function is np.concatenate or function is np.stack:
        return not step.settings.keys() - {"axis"}
    return (
        function in WITH_OUT
        or function is np.reshape
        or getattr(function, "__name__", "") in ("scatter_add", "one_less_at")
    )


def overwrites(step: Symbol, operand: Symbol) -> bool:
    """Whether the result may be written over this operand while it is computed."""
    if operand.shape != step.shape or operand.dtype != step.dtype:
        return False
    if step.function in ELEMENTWISE:
        return True
    name = getattr(step.function, "__name__", "")
    return (step.function is np.where and step.args[2] is operand) or (
        name == "one_less_at" and step.args[0] is operand
    )


def flops(step: Symbol) -> int:
    """About how many floating-point operations a step takes."""
    if is_view(step) or step.function in (as_type, getitem, np.concatenate, np.stack):
        return 0
    if step.function in (np.dot, np.matmul):
        a = step.args[0]
        return int(2 * max(step.size, 1) * (a.shape[-1] if a.shape else 1))
    operands = [one.size for one in leaves(step.args) if isinstance(one, Symbol)]
    return int(max([step.size, *operands]))
