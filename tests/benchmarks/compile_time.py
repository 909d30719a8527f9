"""How long until a program has given its first result?

That is recording, simplifying, emitting, and the first call with its check against eager.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from case import Case
from micrograd.engine import Value
from micrograd.nn import SGD
from runners.ours import compiler, written

ROUNDS = 3
OPS = 2000


def of_case(case: Case) -> float:
    """Seconds for a training step with its update."""

    def once() -> Callable[[], Any]:
        parameters, loss_of = written(case)
        optimizer = SGD(parameters, lr=case.rate)
        make = compiler()
        return lambda: make(loss_of, parameters, optimizer=optimizer)(*case.data)

    return _median(once)


def of_many_ops() -> float:
    """Seconds for a function of 2,000 ops, and its gradient."""
    rng = np.random.default_rng(0)
    x, start = rng.normal(size=(2, 50))

    def chain(x: Any, weight: Value) -> Any:
        for _ in range(OPS // 4):
            x = np.tanh(x * weight + 0.5) - x
        return x

    def once() -> Callable[[], Any]:
        weight, make = Value(start), compiler()
        return lambda: make(lambda x: chain(x, weight).sum(), [weight])(x)

    return _median(once)


def _median(prepare: Callable[[], Callable[[], Any]]) -> float:
    taken = []
    for _ in range(ROUNDS):
        compile_and_call = prepare()
        began = time.perf_counter()
        compile_and_call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
