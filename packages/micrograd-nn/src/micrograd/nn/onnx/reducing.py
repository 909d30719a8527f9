"""The ops that make one number of several along axes, and the softmax that is made of such."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .table import translates
from .writer import Call

REDUCTIONS = {
    "logsumexp": "ReduceLogSumExp",
    "max": "ReduceMax",
    "mean": "ReduceMean",
    "min": "ReduceMin",
    "prod": "ReduceProd",
    "sum": "ReduceSum",
}
"""By the name of an op: the ONNX op that reduces in the same way."""


def reduced(call: Call, kind: str, x: str, axis: Any, keepdims: bool) -> str:
    """A reduction over the axes that NumPy means."""
    rank = call.ndim(0)
    axes = tuple(range(rank)) if axis is None else normalize_axis_tuple(axis, rank)
    if not axes:  # ONNX would reduce all of them
        return str(call.add("Abs" if kind in ("ReduceL1", "ReduceL2") else "Identity", x))
    return str(call.add(kind, x, call.whole(axes), keepdims=int(keepdims)))


@translates(*REDUCTIONS)
def reduction(call: Call) -> str:
    """One node; another one if a constant is among what is compared."""
    how = call.settings
    kind = REDUCTIONS[call.step.op.name]
    out = reduced(call, kind, call.operand(0), how["axis"], how["keepdims"])
    if how.get("initial") is None:
        return out
    return str(call.add(kind.removeprefix("Reduce"), out, call.number(how["initial"])))


@translates("norm")
def norm(call: Call) -> str:
    """ONNX has the norms with powers 1 and 2; the others are Σ|x|ᵖ, scaled by the largest |x|."""
    x, (power, axis, keep) = (
        call.operand(0),
        (call.settings[n] for n in ("ord", "axis", "keepdims")),
    )
    if power in (1, 2):
        return reduced(call, f"ReduceL{int(power)}", x, axis, keep)
    x = str(call.add("Abs", x))
    top = reduced(call, "ReduceMax", x, axis, True)
    zero = call.add("Equal", top, call.number(0.0))
    scaled = call.add("Div", x, call.add("Where", zero, call.number(1.0), top))
    total = reduced(call, "ReduceSum", call.add("Pow", scaled, call.number(power)), axis, True)
    long = call.add("Mul", call.add("Pow", total, call.number(1 / power)), top)
    return reduced(call, "ReduceSum", long, axis, keep)


@translates("cumsum")
def cumsum(call: Call) -> str:
    """The axis is an operand there."""
    return str(call.add("CumSum", call.operand(0), call.whole(call.settings["axis"])))


@translates("softmax", "log_softmax")
def softmax(call: Call) -> str:
    """One node, unless it is over several axes, or some row holds nothing but −∞.

    ONNX's makes nan of such a row, and ours zeros: then the formula is written out, as it stands in
    the op.
    """
    x, axis = call.operand(0), call.settings["axis"]
    log = call.step.op.name == "log_softmax"
    if not call.ndim(0):  # a number alone has the share 1
        nothing = call.add("Sub", x, x)
        return str(nothing if log else call.add("Exp", nothing))
    axes = normalize_axis_tuple(range(call.ndim(0)) if axis is None else axis, call.ndim(0))
    rows = [np.max(one, axis=axes, initial=-np.inf) for one in call.step.inputs[0]]
    if len(axes) == 1 and not any(np.isneginf(one).any() for one in rows):
        return str(call.add("LogSoftmax" if log else "Softmax", x, axis=axes[0]))
    top = call.add("ReduceMax", x, call.whole(axes))
    top = call.add("Max", top, call.number(np.finfo(call.dtype).min))
    below = call.add("Sub", x, top)
    e = call.add("Exp", below)
    total = call.add("Max", call.add("ReduceSum", e, call.whole(axes)), call.number(0.5))
    return str(call.add("Sub", below, call.add("Log", total)) if log else call.add("Div", e, total))
