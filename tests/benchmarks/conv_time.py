"""How long does a convolution take, forward and backward, here and in PyTorch?

Conv2d with 3x3 windows on 64 images of 28 x 28, as it stands in the CNN for digits: one channel to
eight, eight to sixteen, and both in a row. The same weights and images, one thread each. First the
results are compared, then all run in turn, so that a busy machine slows both alike. What is printed
are medians of the processor's time, and the median of the ratios of neighbouring turns. The images
take no gradient, and the sixteen-channel layer alone does for its input, as it would inside a
network.

    hatch run bench:conv [TURNS]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import threads

# ruff: noqa: E402 - NumPy and PyTorch read it when they are imported
threads.unpin()
threads.limit(1)

import numpy as np
import torch

from micrograd.engine import Value, compile
from micrograd.nn import Conv2d, Sequential

IMAGES, SIDE = 64, 28
MOST = 3.0  # times PyTorch's time
CHAINS = {"1 → 8": [1, 8], "8 → 16": [8, 16], "1 → 8 → 16": [1, 8, 16]}
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}

Run = Callable[[], list[Any]]


def runs(channels: list[int], dtype: Any) -> dict[str, Run]:
    """Forward and backward of a sum of products, eager, compiled and in PyTorch."""
    rng = np.random.default_rng(0)
    layers = [Conv2d(a, b, 3, dtype=dtype, rng=rng) for a, b in zip(channels, channels[1:])]  # noqa: B905, RUF007
    model = Sequential(*layers)
    x: Any = rng.normal(size=(IMAGES, channels[0], SIDE, SIDE)).astype(dtype)
    inside = channels[0] > 1  # of a network, so that the input takes a gradient too
    x = Value(x) if inside else x
    side = SIDE - 2 * len(layers)
    g = rng.normal(size=(IMAGES, channels[-1], side, side)).astype(dtype)
    leaves = [*model.parameters(), *([x] if inside else [])]

    def eager() -> list[Any]:
        for leaf in leaves:
            leaf.zero_grad()
        model(x).backward(gradient=g, keep_inner=False)
        return [leaf.grad for leaf in leaves]

    program = compile(lambda g: (model(x) * g).sum(), leaves)

    def compiled() -> list[Any]:
        program(g)
        return [leaf.grad for leaf in leaves]

    theirs = torch.nn.Sequential(
        *(torch.nn.Conv2d(a, b, 3) for a, b in zip(channels, channels[1:]))  # noqa: B905, RUF007
    ).to(torch.from_numpy(g).dtype)
    theirs.load_state_dict({k: torch.from_numpy(v) for k, v in model.state_dict().items()})
    images = torch.tensor(x.data if inside else x).requires_grad_(inside)
    incoming = torch.from_numpy(g)
    tensors = [*theirs.parameters(), *([images] if inside else [])]

    def pytorch() -> list[Any]:
        for one in tensors:
            one.grad = None
        theirs(images).backward(incoming)
        return [one.grad.numpy() for one in tensors]

    return {"eager": eager, "compiled": compiled, "PyTorch": pytorch}


def check(made: dict[str, Run], tolerance: float) -> None:
    """All gradients are PyTorch's; otherwise their times say nothing."""
    right = [one.copy() for one in made["PyTorch"]()]
    for name in ("eager", "compiled"):
        for got, want in zip(made[name](), right, strict=True):
            wrong = float(np.abs(got - want).max() / max(1.0, np.abs(want).max()))
            if not wrong < tolerance:
                raise SystemExit(f"{name}: the gradients differ by {wrong:.1e}")


def measure(made: dict[str, Run], turns: int) -> dict[str, list[float]]:
    """The processor's seconds, turn by turn; who begins changes from turn to turn."""
    times: dict[str, list[float]] = {name: [] for name in made}
    names = list(made)
    for _ in range(turns):
        for name in names:
            began = time.process_time()
            made[name]()
            times[name].append(time.process_time() - began)
        names.append(names.pop(0))
    return times


def main(turns: int) -> None:
    torch.set_num_threads(1)
    print(f"NumPy {np.__version__}, PyTorch {torch.__version__}, one thread, {turns} turns\n")
    worst = 0.0
    for dtype in ("float32", "float64"):
        for told, channels in CHAINS.items():
            made = runs(channels, dtype)
            check(made, TOLERANCE[dtype])
            times = measure(made, turns)
            line = f"{dtype}  {told:10}"
            for name, taken in times.items():
                line += f"  {name} {1e3 * statistics.median(taken):6.2f} ms"
                if name != "PyTorch":
                    pairs = zip(taken, times["PyTorch"], strict=True)
                    ratio = statistics.median(a / b for a, b in pairs)
                    worst = max(worst, ratio)
                    line += f" ({ratio:.2f})"
            print(line)
    print(f"\nthe largest ratio is {worst:.2f}, allowed are {MOST}")
    if worst > MOST:
        raise SystemExit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
