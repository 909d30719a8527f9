"""How many bytes does a step need at its peak, and does anything grow?

tracemalloc counts what Python and NumPy allocate (so nothing of PyTorch and JAX), and slows all
down, so nothing is timed meanwhile. The figure is what a training loop holds in arrays between two
steps, the parameters and the data not counted, and what a step adds on top at its peak. Before the
step that is measured, everybody drops the gradients of the last one, except a program, which owns
the arrays that it writes into: so all keep one set of gradients, and nobody two.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from case import Case, Runner

WARM_UP = 4
FURTHER, ROUNDS = 1000, 3


@dataclass(frozen=True)
class Peak:
    """Bytes: in arrays that are held between steps, and allocated on top within a warm one."""

    held: int
    fresh: int

    @property
    def total(self) -> int:
        return self.held + self.fresh


def peak(make: Callable[[Case], Runner], case: Case) -> Peak:
    """Build a runner, warm it up, and measure one step."""
    gc.collect()
    tracemalloc.start()
    try:
        runner = make(case)
        for _ in range(WARM_UP):
            runner.step()
        runner.forget()
        gc.collect()
        held = _in_arrays() - sum(parameter.nbytes for parameter in case.parameters)
        at_rest, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        loss = runner.step()
        _, highest = tracemalloc.get_traced_memory()
        del loss
    finally:
        tracemalloc.stop()
    return Peak(held, highest - at_rest)


def _in_arrays() -> int:
    domain = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    arrays = tracemalloc.take_snapshot().filter_traces([domain])
    return sum(trace.size for trace in arrays.traces)


def growth(make: Callable[[Case], Runner], case: Case) -> int:
    """By how many bytes 1,000 further steps grow what is held.

    Of three times 1,000, after as many to warm up, the smallest. Small blocks that were freed are
    kept for reuse, and it takes thousands of steps until all of them were allocated while somebody
    watched. That dies out; what a step leaves behind grows every time.
    """
    runner = make(case)
    gc.collect()
    tracemalloc.start()
    held = []
    try:
        for _ in range(1 + ROUNDS):
            for _ in range(FURTHER):
                runner.step()
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    return min(after - before for before, after in pairwise(held))
