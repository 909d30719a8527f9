"""How long does a step take, next to another one that runs in turn with it?

A busy machine is now fast, now slow; what holds is the ratio of neighbours. So all runners take
turns in one process, some steps at a time, each turn gives one ratio, and the median counts. The
garbage collector is on, as it is for everybody. Before each turn it collects, outside of the
measured time, so that nobody pays for another's garbage; and what was imported is frozen, because
no program holds the objects of all these libraries at once.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

Step = Callable[[], Any]


@dataclass
class Times:
    """Seconds a step, turn by turn, by runner; and how many processors were busy meanwhile."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    busy: dict[str, float] = field(default_factory=dict)

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])

    def ratio(self, name: str, other: str) -> tuple[float, float]:
        """The median of the ratios of neighbours, and half of the middle half's width."""
        pairs = zip(self.seconds[name], self.seconds[other], strict=True)
        ratios = [one / another for one, another in pairs]
        if len(ratios) < 2:
            return ratios[0], 0.0
        low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
        return middle, (high - low) / 2


def steps_for(step: Step, seconds: float) -> int:
    """How many steps fill that time."""
    step()
    began = time.perf_counter()
    step()
    return max(1, round(seconds / max(time.perf_counter() - began, 1e-9)))


def interleave(
    steps: Mapping[str, Step],
    turns: int,
    seconds: float = 0.015,
    collector: bool = True,
    around: Mapping[str, Callable[[], AbstractContextManager[Any]]] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Times:
    """Let all take turns of about ``seconds``; who begins changes from turn to turn.

    Where everybody has one thread, ``time.process_time`` as the ``clock`` leaves out what other
    programs took of the processor meanwhile.
    """
    around = around or {}
    gc.collect()
    gc.freeze()
    counts = {name: steps_for(step, seconds) for name, step in steps.items()}
    times = Times({name: [] for name in steps})
    processor = dict.fromkeys(steps, 0.0)
    order = list(steps)
    try:
        for _ in range(turns):
            for name in order:
                step, count = steps[name], counts[name]
                gc.collect()
                if not collector:
                    gc.disable()
                with around.get(name, nullcontext)():
                    step()  # brings its own data back into the cache
                    busy, began = time.process_time(), clock()
                    for _ in range(count):
                        step()
                    ended = clock()
                    processor[name] += time.process_time() - busy
                times.seconds[name].append((ended - began) / count)
                gc.enable()
            order.append(order.pop(0))
    finally:
        gc.enable()
        gc.unfreeze()
    for name in steps:
        times.busy[name] = processor[name] / (sum(times.seconds[name]) * counts[name])
    return times
