"""Modules to look into: one with a part in every place, and one with nothing but a parameter."""

from __future__ import annotations

import numpy as np

from micrograd.engine import Value
from micrograd.nn import Linear, Module


class Everything(Module):
    """Parameters and modules in every place where they are looked for."""

    def __init__(self) -> None:
        self.z = Value(1.0)
        self.a = Value([1.0, 2.0])
        self.pair = (Value([1.0]), Linear(2, 3))
        self.table = {
            "left": Linear(3, 1, bias=False),
            "right": [Value([5.0]), {"deep": Value(6.0)}],
        }
        self.size = 3
        self.array = np.ones(4)
        self.nothing = None


PATHS = [
    "z",
    "a",
    "pair.0",
    "pair.1.weight",
    "pair.1.bias",
    "table.left.weight",
    "table.right.0",
    "table.right.1.deep",
]


class Leaf(Module):
    def __init__(self) -> None:
        self.w = Value(3.0)

    def forward(self, x: Value) -> Value:
        return x * self.w
