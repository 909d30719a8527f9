"""Do all runners compute the same? Until they do, their times say nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from case import Array, Case, Runner

STEPS = 3
TOLERANCE = {np.dtype(np.float64): 1e-10, np.dtype(np.float32): 2e-4}


def distance(ours: Array, theirs: Array) -> float:
    """The largest difference, relative to the largest number (or to 1, where all are smaller)."""
    if ours.shape != theirs.shape:
        raise SystemExit(f"results have the shapes {ours.shape} and {theirs.shape}")
    return float(np.abs(ours - theirs).max() / max(1.0, float(np.abs(theirs).max())))


def results(runner: Runner) -> list[Array]:
    """Losses of some steps, the gradients of the first one, the parameters after the last."""
    losses = [runner.number(runner.step())]
    gradients = [array.copy() for array in runner.gradients()]
    losses += [runner.number(runner.step()) for _ in range(STEPS - 1)]
    return [np.array(losses), *gradients, *(array.copy() for array in runner.parameters())]


def agree(case: Case, runners: dict[str, Runner], reference: Callable[[], Runner]) -> float:
    """Hold fresh runners against a reference; the largest distance, or the end of the program."""
    expected, worst = results(reference()), 0.0
    for name, runner in runners.items():
        pairs = zip(results(runner), expected, strict=True)
        found = max(distance(ours, theirs) for ours, theirs in pairs)
        if not found < TOLERANCE[case.dtype]:
            raise SystemExit(f"{case.name}: {name} is {found:.1e} off, so its times say nothing")
        worst = max(worst, found)
    return worst
