"""What does it cost to watch a model while it trains?

An MLP, a CNN, an LSTM and a small transformer take training steps, and with ``micrograd.viz.watch``
beside them the same steps, in turn: looked at every step, one of ten, and none at all (between two
looks, that is). What is printed are medians: the milliseconds of a step that nobody watches, and
the ratios of neighbouring turns of twenty steps, ± half of the middle half. The time is the
processor's, on one thread.

    hatch run bench:watch [TURNS]

The exit code is 1 if a bound is missed. A look costs a small network about as much as a step, so
that one of ten makes its training a tenth longer; a large one's it does not change.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import threads

# ruff: noqa: E402 - NumPy reads it when it is imported
threads.unpin()
threads.limit(1)

import numpy as np

from micrograd import nn
from micrograd.viz import watch
from networks import NETWORKS
from timing import interleave

LAP = 20  # steps
NEVER = 10**9
BOUNDS = {10: 1.3, NEVER: 1.1}  # times the step that nobody watches; of the MLP a third of a ms
LINE = "{:12} {:>10}  {:>12} {:>12} {:>12}"


def lap(network: Any, every: int | None) -> Callable[[], None]:
    """Some training steps, looked at one of so many."""
    rng = np.random.default_rng(0)
    model, (x, y) = network.model("float64", rng), network.data("float64", rng)
    optimizer = nn.Adam(model.parameters(), lr=1e-4)
    watcher = None if every is None else watch(model, every)

    def steps() -> None:
        for _ in range(LAP):
            loss = nn.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward(keep_inner=False)
            optimizer.step()
            if watcher is not None:
                watcher.step()

    return steps


def main(turns: int) -> int:
    print(f"A training step with Adam, watched: NumPy {np.__version__}, one thread, {turns} turns")
    print(LINE.format("", "unwatched", "every step", "one of 10", "none"))
    missed = []
    for network in NETWORKS:
        laps = {str(every): lap(network, every) for every in (None, 1, 10, NEVER)}
        times = interleave(laps, turns, clock=time.process_time)
        cells = []
        for every in (1, 10, NEVER):
            middle, spread = times.ratio(str(every), "None")
            cells.append(f"{middle:.2f} ±{spread:.2f}")
            if middle > BOUNDS.get(every, float("inf")):
                missed.append(f"{network.name}: {middle:.2f}")
        alone = f"{1e3 * times.median('None') / LAP:.2f} ms"
        print(LINE.format(network.name, alone, *cells))
    bounds = f"{BOUNDS[10]} for one of ten, {BOUNDS[NEVER]} for none"
    print(f"Bounds: {bounds}. {'Above: ' + '; '.join(missed) if missed else 'All are met.'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
