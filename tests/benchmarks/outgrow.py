"""From which size on is it worth leaving? A training step, by width and batch, here and elsewhere.

A perceptron with three layers of one width learns to classify, in float32: our layers (nn), the
program that ``compile`` writes of the same step, PyTorch's plain tensors and ``jax.jit``. All begin
with the same numbers; losses, gradients and new weights are compared, in float64, and then all take
turns (``timing``). First everybody has one thread, and what counts is the processor's time; then as
many as the machine has processors, by the clock on the wall.

    hatch run bench:outgrow                        some minutes
    hatch run bench:outgrow --quick                fewer turns and sizes
    hatch run bench:outgrow --page docs/outgrow.md

Each cell of the table is a time divided by that of our program: below 1, the other one is faster.
Measure on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import threads

WIDTHS, BATCHES = (16, 64, 256, 1024), (1, 32, 256, 2048)
QUICK = (16, 256), (1, 256)
CLASSES = 10
LINE = "{:>6} {:>6} {:>12} {:>9} {:>9} {:>9}"
ONE, ALL = "one thread", "all threads"
EDGE = 0.95  # of our time: nearer to it, noise decides


def measure(count: int, turns: int, widths: tuple[int, ...], batches: tuple[int, ...]) -> Any:
    """The machine, and a row for each size: our milliseconds, and the ratios of the others."""
    threads.unpin()
    threads.limit(count)  # before any of these is imported:
    import numpy as np

    import compare
    import suite
    from cases.mlp import mlp, relu_cross_entropy
    from runners import COMPILED, HAND, JAX, NN, TORCH
    from runners.table import RUNNERS
    from timing import interleave

    threads.check(count)
    clock = time.process_time if count == 1 else time.perf_counter  # others may need the processor
    rows = []
    for width in widths:
        for batch in batches:
            sizes = (width, width, width, CLASSES)
            how = (sizes, batch, relu_cross_entropy, "relu", "cross_entropy")
            case, exact = (mlp(*how, dtype, "other") for dtype in (np.float32, np.float64))
            names = (COMPILED, NN, TORCH, JAX)
            runners = {name: RUNNERS[name](case) for name in names}
            alike = {name: RUNNERS[name](exact) for name in names}
            compare.agree(exact, alike, lambda exact=exact: RUNNERS[HAND](exact))
            steps = {name: runner.step for name, runner in runners.items()}
            times = interleave(steps, turns, clock=clock)
            ratios = {name: times.ratio(name, COMPILED)[0] for name in names[1:]}
            row = {"width": width, "batch": batch, "ms": 1e3 * times.median(COMPILED), **ratios}
            rows.append(row)
            print(told(row), flush=True)
    about = suite.machine(suite.Plan(dtype=np.float32, turns=turns, threads=count))
    others = ("autograd", "mygrad")
    return {"machine": {n: about[n] for n in about if n not in others}, "rows": rows}


def cells(row: dict[str, Any]) -> list[str]:
    """A row as it is shown."""
    ratios = [f"{row[name]:.2f}" for name in ("nn", "PyTorch", "jax.jit")]
    return [f"{row['width']}", f"{row['batch']}", f"{row['ms']:,.3f}", *ratios]


def told(row: dict[str, Any]) -> str:
    """A row for the terminal."""
    return LINE.format(*cells(row))


def overtaken(rows: list[dict[str, Any]], name: str) -> str:
    """From where on another one is faster than our program, in a sentence."""
    faster = [row for row in rows if round(row[name], 2) < EDGE]
    if not faster:
        return f"{name} is faster at no size."
    where = ", ".join(f"{row['width']} x {row['batch']}" for row in faster)
    best = min(faster, key=lambda row: row[name])
    times = 1 / best[name]
    return (
        f"{name} is faster at {len(faster)} of {len(rows)} sizes (width x batch): {where}; most at "
        f"{best['width']} x {best['batch']}, {times:.1f} times."
    )


def tables(measured: dict[str, Any]) -> dict[str, list[str]]:
    """The parts of the page, by place: the table, what it says, and what it was measured with."""
    from page import table

    head = ["width", "batch", "compiled, ms", "nn", "PyTorch", "jax.jit"]
    made: dict[str, list[str]] = {}
    for place, one in measured.items():
        rows = one["rows"]
        about = ", ".join(f"{name} {what}" for name, what in one["machine"].items())
        made[place] = [
            *table(head, [cells(row) for row in rows]),
            "",
            *(overtaken(rows, name) for name in ("PyTorch", "jax.jit")),
            "",
            f"Measured with {about}.",
        ]
    return made


def child(count: int, asked: argparse.Namespace) -> Any:
    """Measure in a process of its own: the libraries ask for the number of threads only once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "measured.json"
        how = ["--threads", str(count), "--turns", str(asked.turns), "--json", str(path)]
        command = [sys.executable, __file__, *how, *["--quick"] * asked.quick]
        subprocess.run(command, check=True)
        return json.loads(path.read_text("utf-8"))


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="hatch run bench:outgrow", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help="fewer sizes and turns")
    parser.add_argument("--turns", type=int, default=0, metavar="N", help="21, or 5 with --quick")
    parser.add_argument("--page", type=Path, metavar="FILE", help="renew the tables of a page")
    parser.add_argument("--threads", type=int, metavar="N", help="measure with that many only")
    parser.add_argument("--json", type=Path, metavar="FILE", help=argparse.SUPPRESS)  # of a child
    asked = parser.parse_args(arguments)
    asked.turns = asked.turns or (5 if asked.quick else 21)
    if asked.json:
        print(f"\nthreads {asked.threads}")
        print(LINE.format("width", "batch", "compiled, ms", "nn", "PyTorch", "jax.jit"))
        sizes = QUICK if asked.quick else (WIDTHS, BATCHES)
        measured = measure(asked.threads, asked.turns, *sizes)
        asked.json.write_text(json.dumps(measured), "utf-8")
        return
    every = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    counts = [asked.threads] if asked.threads else [1, every or 1]
    measured = {ONE if count == 1 else ALL: child(count, asked) for count in counts}
    for place, one in measured.items():
        print(f"\n{place}, {one['machine']['threads']}:")
        print("\n".join(overtaken(one["rows"], name) for name in ("PyTorch", "jax.jit")))
    if asked.page:
        import page

        page.put(tables(measured), asked.page)


if __name__ == "__main__":
    main(sys.argv[1:])
