"""The ops: every function here takes Values, arrays or a mixture of them.

One short file per family, each rule with its maths. What installed plugins add is here too:
``ops.swish`` finds the op of a plugin, and loads the plugins if it has to.
"""

from __future__ import annotations

from typing import Any

from .. import shortcuts  # noqa: F401  # before the first op is made
from .activations import log_softmax, relu, sigmoid, softmax
from .arithmetic import (
    absolute,
    add,
    divide,
    maximum,
    minimum,
    multiply,
    negative,
    positive,
    power,
    sign,
    subtract,
    where,
)
from .elementary import exp, log, sqrt, tanh
from .kernels import scatter_add
from .linear_algebra import matmul
from .reductions import max, mean, min, sum
from .shaping import (
    astype,
    broadcast_to,
    concatenate,
    expand_dims,
    getitem,
    reshape,
    stack,
    swapaxes,
    transpose,
)

abs = absolute
neg = negative

__all__ = [
    "abs",
    "absolute",
    "add",
    "astype",
    "broadcast_to",
    "concatenate",
    "divide",
    "exp",
    "expand_dims",
    "getitem",
    "log",
    "log_softmax",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "multiply",
    "neg",
    "negative",
    "positive",
    "power",
    "relu",
    "reshape",
    "scatter_add",
    "sigmoid",
    "sign",
    "softmax",
    "sqrt",
    "stack",
    "subtract",
    "sum",
    "swapaxes",
    "tanh",
    "transpose",
    "where",
]


def __getattr__(name: str) -> Any:
    from ..plugins import ops_registry

    if name.startswith("_"):
        raise AttributeError(f"module 'micrograd.engine.ops' has no attribute {name!r}")
    return ops_registry.get(name)
