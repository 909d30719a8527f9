"""Separate two moons, and draw the line that the network draws.

Two half moons reach into each other; no straight line divides them. A perceptron with two hidden
layers of 16 finds a curve that does.

    hatch run moons             (or: hatch run python examples/moons.py)

Measured: 98.6 % of 1,000 new points lie on the right side of the line, after a tenth of a second
of training.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import make_moons

from micrograd.nn import MLP, Adam, metrics, predict
from micrograd.viz.plots import decision_boundary

STEPS = 400


def train(points: np.ndarray, moon: np.ndarray) -> MLP:
    """A network that says, as a logit, how likely a point is on the second moon."""
    model = MLP(2, [16, 16, 1], activation="tanh", rng=np.random.default_rng(0))
    optimizer = Adam(model.parameters(), lr=0.01)
    for step in range(STEPS):
        loss = model(points).binary_cross_entropy_with_logits(moon[:, None])
        optimizer.zero_grad()
        loss.backward(keep_inner=False)
        optimizer.step()
        if step % 100 == 0 or step == STEPS - 1:
            print(f"step {step:3}: loss {loss:.4f}")
    return model


def draw(model: MLP, points: np.ndarray, moon: np.ndarray, path: Path) -> None:
    """The points, how sure the network is all over the plane, and the line where it is not."""
    figure = Figure(figsize=(8, 5.6), layout="constrained")
    axes = figure.subplots()
    decision_boundary(model, points, moon, classes=["first moon", "second moon"], ax=axes)
    axes.set_aspect("equal")
    figure.savefig(path, dpi=160)


def main() -> None:
    """Train, tell, draw."""
    parser = argparse.ArgumentParser(description="Separate two moons.")
    parser.add_argument(
        "--out", type=Path, default=Path("moons-out"), help="folder for the picture"
    )
    folder = parser.parse_args().out

    model = train(*make_moons(200, noise=0.15, random_state=0))
    points, moon = make_moons(1000, noise=0.15, random_state=1)
    accuracy = metrics.accuracy(predict(model, points)[:, 0], moon, threshold=0.0)
    print(f"accuracy on new points: {accuracy:.1%}")

    folder.mkdir(parents=True, exist_ok=True)
    draw(model, points, moon, folder / "moons.png")
    print(f"picture: {(folder / 'moons.png').resolve()}")


if __name__ == "__main__":
    main()
