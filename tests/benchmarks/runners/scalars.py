"""Who builds graphs of scalars with operators: ours, karpathy's micrograd, and PyTorch.

All run ``backward()`` as it comes; karpathy's recursion needs a higher limit in deep graphs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch

from cases.scalars import ScalarCase
from micrograd.engine import Value

from . import karpathy

Made = tuple[Callable[[], Any], Callable[[], list[float]]]  # a step, the leaves' gradients

sys.setrecursionlimit(100_000)


def ours(case: ScalarCase) -> Made:
    leaves = [Value(number) for number in case.numbers]

    def step() -> Any:
        out = case.build(leaves)
        for leaf in leaves:
            leaf.zero_grad()
        out.backward()
        return out

    return step, lambda: [leaf.grad.item() for leaf in leaves]


def first(case: ScalarCase) -> Made:
    leaves = [karpathy.engine().Value(number) for number in case.numbers]

    def step() -> Any:
        out = case.build(leaves)
        for leaf in leaves:
            leaf.grad = 0
        out.backward()
        return out

    return step, lambda: [float(leaf.grad) for leaf in leaves]


def pytorch(case: ScalarCase) -> Made:
    leaves = [
        torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in case.numbers
    ]

    def step() -> Any:
        out = case.build(leaves)
        for leaf in leaves:
            leaf.grad = None
        out.backward()
        return out

    return step, lambda: [0.0 if leaf.grad is None else leaf.grad.item() for leaf in leaves]
