"""Tell the three arms of a spiral apart, and draw the regions that the network draws.

Each arm winds almost once around the centre, and the points are scattered about it. ``fit`` trains
a perceptron with two hidden layers of 64: shuffled batches, a learning rate that falls along a
cosine, new points measured after each epoch.

    hatch run spiral            (or: hatch run python examples/spiral.py)
    hatch run spiral --short    30 epochs, not 100
    hatch run spiral --watch    tell what the layers did, too

Measured: 99.1 % of 3,000 new points are told right (98.2 to 99.4 % with seeds 1 to 4); the best
that anyone can do, knowing how the points were made, is 99.7 %. It takes 2 seconds of one core. The
short form gets 97.4 % (96.2 to 98.3 %).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from micrograd.nn import MLP, AdamW, fit, predict
from micrograd.nn.optim.schedules import CosineAnnealingLR
from micrograd.viz import watch
from micrograd.viz.plots import decision_boundary

TURN = 6.0  # radians, from the centre to the rim
NOISE = 0.35  # radians; the arms are 2.1 apart
EPOCHS, SHORT = 100, 30


def spiral(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points (count, 2) in the unit circle, evenly dense, and their arms."""
    arm = np.arange(count) % 3
    radius = np.sqrt(rng.uniform(0.01, 1.0, count))
    angle = TURN * radius + 2 * np.pi * arm / 3 + rng.normal(0.0, NOISE, count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), arm


def nearest_arm(points: np.ndarray) -> np.ndarray:
    """The best answer there is: the arm that is nearest, seen from the centre."""
    across, up = points.T
    angle = np.arctan2(up, across) - TURN * np.hypot(across, up)
    return np.rint(angle / (2 * np.pi / 3)).astype(int) % 3


def train(points: np.ndarray, arm: np.ndarray, new: tuple, options: argparse.Namespace) -> MLP:
    """A network with one output for each arm; the largest is its answer."""
    rng = np.random.default_rng([options.seed, 1])
    epochs = SHORT if options.short else EPOCHS
    model = MLP(2, [64, 64, 3], rng=rng)
    optimizer = AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    watchers = [watch(model)] if options.watch else []
    fit(
        model,
        points,
        arm,
        "cross_entropy",
        optimizer,
        epochs,
        batch_size=64,
        rng=rng,
        validation=new,
        metrics=["accuracy"],
        schedule=CosineAnnealingLR(optimizer, T_max=epochs),
        callbacks=watchers,
        compile=options.compile and not options.watch,  # in a program, nobody can listen
    )
    for watcher in watchers:
        print(watcher)
    return model


def draw(model: MLP, points: np.ndarray, arm: np.ndarray, path: Path) -> None:
    """Which arm the network sees all over the plane, how sure it is, and what it gets wrong."""
    figure = Figure(figsize=(7, 7.1), layout="constrained")
    axes = figure.subplots()
    decision_boundary(model, points, arm, margin=0.06, resolution=500, ax=axes)
    axes.set_aspect("equal")
    figure.savefig(path, dpi=160)


def main(argv: Sequence[str] | None = None) -> None:
    """Make points, train, tell, draw."""
    parser = argparse.ArgumentParser(description="Tell the three arms of a spiral apart.")
    parser.add_argument("--short", action="store_true", help=f"{SHORT} epochs, not {EPOCHS}")
    parser.add_argument(
        "--compile",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="run each batch as one NumPy program (the default), or op by op",
    )
    parser.add_argument("--watch", action="store_true", help="tell what the layers did (op by op)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("spiral-out"), help="for the picture")
    options = parser.parse_args(argv)

    rng = np.random.default_rng(options.seed)
    points, arm = spiral(900, rng)
    new_points, new_arm = spiral(3000, rng)
    model = train(points, arm, (new_points, new_arm), options)
    right = predict(model, new_points).argmax(axis=1) == new_arm
    print(f"accuracy on 3,000 new points: {right.mean():.1%}")
    print(f"of the rule that they were made by: {(nearest_arm(new_points) == new_arm).mean():.1%}")

    options.out.mkdir(parents=True, exist_ok=True)
    draw(model, new_points[:900], new_arm[:900], options.out / "spiral.png")
    print(f"picture: {(options.out / 'spiral.png').resolve()}")


if __name__ == "__main__":
    main()
