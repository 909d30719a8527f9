"""How long does a training step take in our layers, next to PyTorch's?

An MLP, a CNN, an LSTM and a small transformer, each with the same weights and data here and there:
forward, backward and the step of the optimizer. Ours as the eager engine runs them and as one
compiled program, PyTorch eager, on one thread. First the losses and gradients of some steps are
compared, then all take turns (``timing``). What is printed are medians: PyTorch's milliseconds, and
the ratios of neighbouring turns, ± half of the middle half. The time is the processor's, so that a
turn in which another program had it counts as any other.

    hatch run bench:layers                     half a minute
    hatch run bench:layers --turns 100 --optimizer SGD --only CNN

The exit code is 1 if a ratio is above its bound and ``--strict`` is given.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import threads

BOUNDS = {"eager": 2.2, "compiled": 1.3}  # times PyTorch's time
TOLERANCE = {"float64": 1e-10, "float32": 1e-4}
COMPARED = 4  # steps
RATE = 1e-3
PYTORCH = "PyTorch"
LINE = "{:11}  {:34}  {:7}  {:>8}  {:>9}  {:>11}  {:>11}"


@dataclass(frozen=True)
class Runner:
    """``step`` trains once and returns the loss; ``gradients`` are those of the last step."""

    step: Callable[[], Any]
    gradients: Callable[[], dict[str, Any]]


def eager(network: Any, dtype: str, optimizer: str) -> Runner:
    from micrograd import nn

    model, x, y = _made(network, dtype)
    rule = getattr(nn, optimizer)(model.parameters(), lr=RATE)

    def step() -> Any:
        loss = nn.cross_entropy(model(x), y)
        rule.zero_grad()
        loss.backward(keep_inner=False)
        rule.step()
        return loss.data

    return Runner(step, lambda: _gradients(model))


def compiled(network: Any, dtype: str, optimizer: str) -> Runner:
    from micrograd import nn
    from micrograd.engine import compile

    model, x, y = _made(network, dtype)
    rule = getattr(nn, optimizer)(model.parameters(), lr=RATE)
    program = compile(lambda x, y: nn.cross_entropy(model(x), y), optimizer=rule)
    return Runner(lambda: program(x, y), lambda: _gradients(model))


def pytorch(network: Any, dtype: str, optimizer: str) -> Runner:
    import torch

    from networks_in_pytorch import MODELS

    model, *data = _made(network, dtype)
    x, y = map(torch.from_numpy, data)
    theirs = MODELS[network.name]().to(getattr(torch, dtype))
    weights = model.state_dict(layout="torch")
    theirs.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    rule = getattr(torch.optim, optimizer)(theirs.parameters(), lr=RATE)

    def step() -> Any:
        loss = torch.nn.functional.cross_entropy(theirs(x), y)
        rule.zero_grad()
        loss.backward()
        rule.step()
        return loss.detach().numpy()

    def gradients() -> dict[str, Any]:
        return {name: p.grad.numpy().copy() for name, p in theirs.named_parameters()}

    return Runner(step, gradients)


OURS = {"eager": eager, "compiled": compiled}
RUNNERS = {PYTORCH: pytorch, **OURS}


def _made(network: Any, dtype: str) -> tuple[Any, Any, Any]:
    """The model and its data; the same each time."""
    import numpy as np

    rng = np.random.default_rng(0)
    return (network.model(dtype, rng), *network.data(dtype, rng))


def _gradients(model: Any) -> dict[str, Any]:
    """Copies by name, as PyTorch lays them out."""
    turned = {
        f"{path}.{name}"
        for path, module in model.named_modules()
        for name in module.torch_transposed
    }
    return {
        name: (p.grad.T if name in turned else p.grad).copy()
        for name, p in model.named_parameters()
    }


def agree(told: str, runners: dict[str, Runner], tolerance: float) -> float:
    """Hold all runners against the first one; the largest distance, or the end of the program.

    Weights are not compared: Adam moves what has no gradient but for rounding (the keys' bias) by
    that rounding. Had others gone wrong, the next step would show it.
    """
    import numpy as np

    worst = 0.0
    for step in range(COMPARED):
        found = [(name, float(one.step()), one.gradients()) for name, one in runners.items()]
        _, loss, right = found[0]
        largest = max(float(np.abs(gradient).max()) for gradient in right.values())
        for name, other, gradients in found[1:]:
            off = {what: np.abs(gradients[what] - g).max() / largest for what, g in right.items()}
            off["loss"] = abs(other - loss) / abs(loss)
            what = max(off, key=lambda one: off[one])
            if not off[what] < tolerance:
                raise SystemExit(
                    f"{told}: {name} is {off[what]:.1e} off in step {step + 1}, {what}, so its "
                    "times say nothing"
                )
            worst = max(worst, float(off[what]))
    return worst


def main(arguments: list[str]) -> int:
    asked = options(arguments)
    threads.unpin()
    threads.limit(1)  # before NumPy and PyTorch are imported:
    from networks import NETWORKS

    unknown = set(asked.only) - {network.name for network in NETWORKS}
    if unknown:
        names = ", ".join(network.name for network in NETWORKS)
        raise SystemExit(f"no network {sorted(unknown)}. There are: {names}")
    import numpy as np
    import torch

    from timing import interleave

    threads.check(1)
    print(
        f"A training step with {asked.optimizer}: NumPy {np.__version__}, PyTorch "
        f"{torch.__version__}, one thread, {asked.turns} turns"
    )
    print(LINE.format("", "", "", "agree to", PYTORCH, *OURS))
    missed = []
    for network in NETWORKS:
        if asked.only and network.name not in asked.only:
            continue
        for dtype in asked.dtype or TOLERANCE:
            made = {name: make(network, dtype, asked.optimizer) for name, make in RUNNERS.items()}
            off = agree(f"{network.name}, {dtype}", made, TOLERANCE[dtype])
            steps = {name: one.step for name, one in made.items()}
            times = interleave(steps, asked.turns, clock=time.process_time)
            cells = [network.name, network.title, dtype, f"{off:.0e}"]
            cells.append(f"{1e3 * times.median(PYTORCH):.2f} ms")
            for name in OURS:
                middle, spread = times.ratio(name, PYTORCH)
                cells.append(f"{middle:.2f} ±{spread:.2f}")
                if middle > BOUNDS[name]:
                    missed.append(f"{network.name}, {dtype}, {name}: {middle:.2f}")
            print(LINE.format(*cells))
    bounds = ", ".join(f"{name} {bound}" for name, bound in BOUNDS.items())
    print(f"Bounds: {bounds}. {'Above: ' + '; '.join(missed) if missed else 'All are met.'}")
    return 1 if asked.strict and missed else 0


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="hatch run bench:layers", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--turns", type=int, default=60, metavar="N")
    parser.add_argument("--optimizer", choices=("Adam", "SGD"), default="Adam")
    parser.add_argument("--only", action="append", default=[], metavar="NETWORK", help="repeatable")
    parser.add_argument("--dtype", action="append", choices=[*TOLERANCE], help="repeatable")
    parser.add_argument("--strict", action="store_true", help="fail if a bound is missed")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
