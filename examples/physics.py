"""Let a network find out how a weight on a spring moves, from the law alone.

Nobody shows the network a motion. It is a function x(t), and it is told what Newton's law asks of
such a function: m x″ + c x′ + k x = 0, for a weight m, a damper c and a spring k. The loss tells
how much it breaks the law; so the *second derivative* of the network is in the loss, and is
differentiated once more, for the network's own weights. ``grad`` inside ``grad`` is all it takes.

    hatch run physics           (or: hatch run python examples/physics.py)
    hatch run physics --short   a few seconds; the error is larger

Measured on two shared cores, with one thread: after 6,000 epochs the motion, which swings between
1.0 and −0.73, is wrong by 1.0e-4 at most, and by 3.7e-5 in the root mean square (at most 1.4e-4 and
9e-5 with seeds 1 and 2). It takes 11 seconds of one core. The short form, 420 epochs in 2 seconds,
is wrong by 0.009 at most, and by 0.003 rms (at most 0.02 and 0.03).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from micrograd.engine import Value, grad, no_grad
from micrograd.nn import MLP, Adam, Module, fit
from micrograd.nn.optim.schedules import CosineAnnealingLR
from micrograd.nn.training import History
from micrograd.viz.plots import loss_curves

MASS, DAMPER, SPRING = 1.0, 0.4, 4.0
START = 1.0  # pulled so far, held still, and let go at t = 0
SPAN = 10.0  # seconds: three swings
POINTS, BATCH = 256, 64
EPOCHS, SHORT = 6000, 420
RATE = 1e-2
EARLY = (20, 80)  # epochs after which the picture shows the motion, too

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#6B7280"  # told apart by colour-blind eyes, too


def exact(t: np.ndarray) -> np.ndarray:
    """The solution that a textbook derives: a swing that dies away."""
    decay = DAMPER / (2 * MASS)
    turn = np.sqrt(SPRING / MASS - decay**2)
    return START * np.exp(-decay * t) * (np.cos(turn * t) + decay / turn * np.sin(turn * t))


# -- the model ----------------------------------------------------------------------------------


class Motion(Module):
    """A motion that a network draws; called with times, it says how it breaks Newton's law there.

    So ``fit`` can train it as it trains anything: the prediction is the broken law, the target 0.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.net = MLP(1, [32, 32, 32, 1], activation="sin", rng=rng)

    def position(self, t: Any) -> Any:
        """Where the weight is. The form sees to it that x(0) = START and x′(0) = 0."""
        return START + t**2 / (1 + t**2) * self.net(t - SPAN / 2)

    def forward(self, t: Any) -> Any:
        """m x″ + c x′ + k x at each time t, in shape (n, 1).

        Each position depends on its own time alone, so the gradient of their sum holds the slope
        of each.
        """
        velocity = grad(lambda t: self.position(t).sum())
        acceleration = grad(lambda t: velocity(t).sum())
        t = Value(t)
        return MASS * acceleration(t) + DAMPER * velocity(t) + SPRING * self.position(t)


def moved(model: Motion, t: np.ndarray) -> np.ndarray:
    """The motion that the network has found."""
    with no_grad():
        return model.position(Value(t)).data


# -- training -----------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """How far the network's motion is from the textbook's, at times it was not trained at."""

    largest: float
    rms: float
    seconds: float


def train(
    epochs: int, seed: int, compile: bool
) -> tuple[Motion, History, dict[int, np.ndarray], np.ndarray]:
    """A model, its history, and what it drew on the way, by epoch, at the times that come last."""
    rng = np.random.default_rng(seed)
    model = Motion(rng)
    times = np.linspace(0.0, SPAN, POINTS)[:, None]
    shown = np.linspace(0.0, SPAN, 1001)[:, None]
    drawn: dict[int, np.ndarray] = {}

    def look(run: Any) -> None:
        """Keep what the network draws early on; tell the loss six times."""
        if run.epoch in EARLY:
            drawn[run.epoch] = moved(model, shown)
        if run.epoch % (epochs // 6) == 0:
            print(
                f"epoch {run.epoch:5}: mean square of the broken law {run.history['loss'][-1]:.2e}"
            )

    optimizer = Adam(model.parameters(), lr=RATE)
    history = fit(
        model,
        times,
        np.zeros_like(times),
        "mse",
        optimizer,
        epochs,
        batch_size=BATCH,
        rng=rng,
        schedule=CosineAnnealingLR(optimizer, T_max=epochs),
        callbacks=look,
        compile=compile,
        progress=False,
    )
    return model, history, drawn, shown


# -- the picture ----------------------------------------------------------------------------------


def draw(
    model: Motion, history: History, drawn: dict[int, np.ndarray], t: np.ndarray, path: Path
) -> None:
    """The motion, its error and the broken law, and the loss."""
    found, truth = moved(model, t), exact(t)
    with no_grad():
        broken = model(t).data
    figure = Figure(figsize=(10, 7), layout="constrained")
    grid = figure.subplot_mosaic([["motion", "motion"], ["error", "loss"]], height_ratios=[1.25, 1])
    axes = grid["motion"]
    for (epoch, positions), alpha in zip(drawn.items(), (0.35, 0.7), strict=True):
        axes.plot(t, positions, color=ORANGE, alpha=alpha, label=f"network, epoch {epoch:,}")
    axes.plot(t, found, color=BLUE, linewidth=5, alpha=0.45, label="network, in the end")
    axes.plot(t, truth, color="#111827", linewidth=1.2, linestyle="--", label="textbook")
    axes.axhline(0.0, color=GREY, linewidth=0.6)
    axes.set(title="A weight on a spring, pulled and let go", ylabel="position x", xlim=(0, SPAN))
    axes.legend(frameon=False, ncols=2, loc="upper right")
    axes.set_xlabel("time t")

    axes = grid["error"]
    axes.semilogy(t, abs(broken), color=GREY, linewidth=1, label="|m x″ + c x′ + k x|")
    axes.semilogy(t, abs(found - truth), color=ORANGE, linewidth=2, label="|network − textbook|")
    least = np.quantile(abs(found - truth), 0.02)  # the error is 0 wherever the curves cross
    axes.set(title="What is left", xlabel="time t", xlim=(0, SPAN), ylim=(least, None))
    axes.legend(frameon=False)

    axes = grid["loss"]
    loss_curves(history, log=True, ax=axes)
    axes.set(title="Loss", ylabel="mean square of the broken law", xscale="log")
    for axes in grid.values():
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=160)


# -- the program ----------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> Outcome:
    """Train, tell, draw."""
    parser = argparse.ArgumentParser(description="Find a motion from Newton's law alone.")
    parser.add_argument("--short", action="store_true", help=f"{SHORT} epochs, not {EPOCHS:,}")
    parser.add_argument(
        "--compile",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="run each batch as one NumPy program (the default), or op by op",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--out", type=Path, default=Path("physics-out"), help="folder for the picture"
    )
    options = parser.parse_args(argv)
    began = time.perf_counter()
    epochs = SHORT if options.short else EPOCHS
    model, history, drawn, t = train(epochs, options.seed, options.compile)
    error = moved(model, t) - exact(t)
    outcome = Outcome(
        float(abs(error).max()), float(np.sqrt((error**2).mean())), time.perf_counter() - began
    )
    print(
        f"error against the exact solution, of 1 at most: {outcome.largest:.1e} at most, "
        f"{outcome.rms:.1e} rms ({outcome.seconds:.0f} s)"
    )
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "physics.png"
    draw(model, history, drawn, t, path)
    print(f"picture: {path.resolve()}")
    return outcome


if __name__ == "__main__":
    main()
