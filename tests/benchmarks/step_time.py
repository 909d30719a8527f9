"""How long does a training step of the demo's network take, here and in PyTorch?

Both train the network of `examples/digits.py`, from the same weights, on the same mini-batches
(numbers of the size of the demo's; the scans themselves are not needed), with one thread each.
First their losses and parameters are compared; then they run in turn, a few steps at a time, so
that a busy machine slows both alike. What is printed are medians, and the median of the ratios of
neighbouring turns.

    hatch run parity:python tests/benchmarks/step_time.py [TURNS]
"""

from __future__ import annotations

import ast
import os
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

# ruff: noqa: E402 - the number of threads is read when NumPy and PyTorch are imported
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np
import torch

from micrograd.engine import Value
from micrograd.nn import MLP, Adam

DEMO = Path(__file__).resolve().parents[2] / "examples" / "digits.py"
PIXELS, DIGITS = 64, 10
BATCHES = 45  # as many as an epoch of the demo has
STEPS = 15  # a turn; BATCHES is a multiple, so that all see the same batches equally often
TOLERANCE = 1e-9

Step = Callable[[int], float]


def settings() -> tuple[list[int], int, float]:
    """The demo's sizes, its batch size and its learning rate, read from its source."""
    found: dict[str, Any] = {}
    for node in ast.parse(DEMO.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id in ("HIDDEN", "BATCH", "RATE"):
                found[node.targets[0].id] = ast.literal_eval(node.value)
    return [PIXELS, *found["HIDDEN"], DIGITS], found["BATCH"], found["RATE"]


class Data:
    """Weights to begin with, and mini-batches."""

    def __init__(self, sizes: list[int], batch: int) -> None:
        rng = np.random.default_rng(0)
        model = MLP(sizes[0], sizes[1:], rng=rng)
        self.weights = [layer.weight.data.copy() for layer in model.layers]
        self.biases = [rng.normal(0.0, 0.1, size) for size in sizes[1:]]
        self.rows = rng.normal(size=(BATCHES, batch, sizes[0]))
        self.labels = rng.integers(sizes[-1], size=(BATCHES, batch))


def ours(sizes: list[int], rate: float, data: Data) -> tuple[Step, Callable[[], list[np.ndarray]]]:
    """The step as the demo takes it, and what gives the parameters."""
    model = MLP(sizes[0], sizes[1:], weights=data.weights, biases=data.biases)
    parameters: list[Value] = model.parameters()
    optimizer = Adam(parameters, lr=rate)

    def step(number: int) -> float:
        loss = model(data.rows[number]).cross_entropy(data.labels[number])
        optimizer.zero_grad()
        loss.backward(keep_inner=False)
        optimizer.step()
        return float(loss.item())

    return step, lambda: [one.data for one in parameters]


def theirs(
    sizes: list[int], rate: float, data: Data, fused: bool | None
) -> tuple[Step, Callable[[], list[np.ndarray]]]:
    """The same in PyTorch, as its own documentation writes it."""
    modules: list[torch.nn.Module] = []
    for pair, weight, bias in zip(pairwise(sizes), data.weights, data.biases, strict=True):
        layer = torch.nn.Linear(*pair, dtype=torch.float64)
        layer.weight.data = torch.from_numpy(weight.T.copy())
        layer.bias.data = torch.from_numpy(bias.copy())
        modules += [layer, torch.nn.ReLU()]
    model = torch.nn.Sequential(*modules[:-1])
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate, fused=fused)
    rows, labels = torch.from_numpy(data.rows), torch.from_numpy(data.labels)

    def step(number: int) -> float:
        loss = criterion(model(rows[number]), labels[number])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step, lambda: [one.detach().numpy().T for one in model.parameters()]


def compare(steps: dict[str, Step], parameters: dict[str, Callable[[], list[np.ndarray]]]) -> float:
    """Run an epoch of each; how far losses and parameters are from the first one's."""
    losses = {name: [step(i) for i in range(BATCHES)] for name, step in steps.items()}
    first, *others = steps
    worst = 0.0
    for name in others:
        worst = max(worst, float(np.abs(np.subtract(losses[name], losses[first])).max()))
        for a, b in zip(parameters[name](), parameters[first](), strict=True):
            worst = max(worst, float(np.abs(a - b).max()))
    if not worst < TOLERANCE:
        raise SystemExit(f"the results differ by {worst:.1e}, so their times say nothing")
    return worst


def measure(steps: dict[str, Step], turns: int) -> dict[str, list[float]]:
    """Seconds a step, turn by turn; who begins changes from turn to turn."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    names = list(steps)
    for turn in range(turns):
        start = turn * STEPS % BATCHES
        for name in names:
            began = time.perf_counter()
            for number in range(start, start + STEPS):
                steps[name](number)
            times[name].append((time.perf_counter() - began) / STEPS)
        names.append(names.pop(0))
    return times


def main(turns: int) -> None:
    torch.set_num_threads(1)
    sizes, batch, rate = settings()
    data = Data(sizes, batch)
    made = {
        "micrograd": ours(sizes, rate, data),
        "PyTorch": theirs(sizes, rate, data, None),
        "PyTorch, fused Adam": theirs(sizes, rate, data, True),
    }
    steps = {name: step for name, (step, _) in made.items()}
    worst = compare(steps, {name: parameters for name, (_, parameters) in made.items()})
    shape = " → ".join(map(str, sizes))
    print(f"{shape}, batches of {batch}, float64, cross-entropy, Adam, one thread")
    print(f"NumPy {np.__version__}, PyTorch {torch.__version__}")
    print(f"after {BATCHES} steps, losses and parameters agree to {worst:.0e}\n")
    times = measure(steps, turns)
    for name, taken in times.items():
        ratios = [a / b for a, b in zip(times["micrograd"], taken, strict=True)]
        ratio = "" if name == "micrograd" else f"   ours to theirs {statistics.median(ratios):.2f}"
        print(f"{name:20} {1e6 * statistics.median(taken):6.0f} µs a step{ratio}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
