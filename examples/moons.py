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

import matplotlib

matplotlib.use("Agg")  # draw into files; no window is needed

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from sklearn.datasets import make_moons

from micrograd.engine import no_grad
from micrograd.nn import MLP, Adam

STEPS = 400
BLUE, ORANGE = "#0072B2", "#D55E00"  # told apart by colour-blind eyes, too


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


def logits(model: MLP, points: np.ndarray) -> np.ndarray:
    """What the network says about each point; positive for the second moon."""
    with no_grad():
        return model(points).data[:, 0]


def draw(model: MLP, points: np.ndarray, moon: np.ndarray, path: Path) -> None:
    """The points, the probability all over the plane, and the line where it is one half."""
    span = np.stack([points.min(axis=0) - 0.5, points.max(axis=0) + 0.5], axis=1)
    across, up = np.meshgrid(*(np.linspace(*ends, 300) for ends in span))
    plane = np.stack([across.ravel(), up.ravel()], axis=1)
    probability = 1 / (1 + np.exp(-logits(model, plane).reshape(across.shape)))

    figure, axes = plt.subplots(figsize=(8, 5.2), layout="constrained")
    shades = LinearSegmentedColormap.from_list("moons", ["#BFDCEE", "#FFFFFF", "#F7D0B5"])
    shading = axes.contourf(across, up, probability, np.linspace(0, 1, 21), cmap=shades)
    axes.contour(across, up, probability, [0.5], colors="#111827", linewidths=2)
    for which, color, marker in ((0, BLUE, "o"), (1, ORANGE, "^")):
        chosen = points[moon == which]
        axes.scatter(*chosen.T, c=color, marker=marker, s=26, edgecolors="white", linewidths=0.6)
    right = ((logits(model, points) > 0) == moon).mean()
    axes.set(
        title=f"New points: {right:.1%} on the right side of the line",
        aspect="equal",
        xticks=[],
        yticks=[],
    )
    bar = figure.colorbar(shading, ax=axes, ticks=[0, 0.5, 1], shrink=0.8)
    bar.set_label("probability of the second moon (triangles)")
    figure.savefig(path, dpi=160, facecolor="white")
    plt.close(figure)


def main() -> None:
    """Train, tell, draw."""
    parser = argparse.ArgumentParser(description="Separate two moons.")
    parser.add_argument(
        "--out", type=Path, default=Path("moons-out"), help="folder for the picture"
    )
    folder = parser.parse_args().out

    model = train(*make_moons(200, noise=0.15, random_state=0))
    points, moon = make_moons(1000, noise=0.15, random_state=1)
    print(f"accuracy on new points: {((logits(model, points) > 0) == moon).mean():.1%}")

    folder.mkdir(parents=True, exist_ok=True)
    draw(model, points, moon, folder / "moons.png")
    print(f"picture: {(folder / 'moons.png').resolve()}")


if __name__ == "__main__":
    main()
