"""What do the examples with handwritten digits share? The scans, the folds, and the pictures.

`digits.py` reads them with a perceptron, `digits_cnn.py` with a convolutional network.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from sklearn.datasets import load_digits
from sklearn.model_selection import KFold, StratifiedKFold

from micrograd.nn import Module
from micrograd.nn.training import History
from micrograd.viz.plots import loss_curves

ORANGE, GREY = "#D55E00", "#6B7280"  # told apart by colour-blind eyes, too

# -- data -------------------------------------------------------------------------------------


def load() -> tuple[np.ndarray, np.ndarray]:
    """1,797 scans of 8 by 8 pixels, from 0 (paper) to 16 (ink), and which digit each one is."""
    digits = load_digits()
    return digits.images, digits.target


def folds(
    images: np.ndarray, labels: np.ndarray, unshuffled: bool
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Five times: the rows to train on, and the rows, a fifth of all, to be asked about.

    The scans are in the order in which they were written. Shuffled, each writer is in both parts;
    unshuffled, a network is asked about people whose hand it has never seen.
    """
    if unshuffled:
        return list(KFold(5).split(images, labels))
    return list(StratifiedKFold(5, shuffle=True, random_state=0).split(images, labels))


def nudge(images: np.ndarray, by: float, rng: np.random.Generator) -> np.ndarray:
    """Move each image by up to ``by`` of a pixel, up or down and left or right.

    A 3 that stands a little to the left is still a 3. Showing a network each scan in a slightly
    different place, every time, says so.
    """
    for axis in (1, 2):
        way = rng.uniform(-by, by, (len(images), 1, 1))
        padded = np.pad(images, [(0, 0), *((1, 1) if axis == a else (0, 0) for a in (1, 2))])
        before, after = (np.take(padded, np.arange(8) + start, axis) for start in (0, 2))
        images = (1 - abs(way)) * images + abs(way) * np.where(way > 0, before, after)
    return images


class Scale:
    """Bring the pixels to mean 0 and spread 1, judged by the scans that are trained on."""

    def __init__(self, images: np.ndarray) -> None:
        self.mean, self.spread = images.mean(), images.std()

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return (images - self.mean) / self.spread


class Trained(NamedTuple):
    """What comes out of one fold: ``guess`` is what is read in the scans that were asked about."""

    model: Module
    scale: Scale
    guess: np.ndarray
    history: History


# -- what the programs are asked for, and tell ----------------------------------------------------


def options(
    argv: Sequence[str] | None, about: str, epochs: int, short: int, out: str, mpi: bool = False
) -> argparse.Namespace:
    """The command line of both programs; ``mpi`` for the one that can train on many processes."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--folds", action="store_true", help="train and test on all five folds")
    parser.add_argument(
        "--unshuffled", action="store_true", help="test with writers that were not trained on"
    )
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument(
        "--short", action="store_const", dest="epochs", const=short, help=f"{short} epochs"
    )
    parser.add_argument(
        "--compile",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="run each batch as one NumPy program (the default), or op by op",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(out), help="folder for pictures")
    if mpi:
        parser.add_argument(
            "--mpi", action="store_true", help="train on all processes that mpiexec started"
        )
    chosen = parser.parse_args(argv)
    if chosen.epochs < 1:
        parser.error(f"--epochs {chosen.epochs}: at least one epoch is needed")
    return chosen


def score_folds(
    parts: list[tuple[np.ndarray, np.ndarray]],
    train: Callable[..., Trained],
    chosen: argparse.Namespace,
    tell: Callable[[str], object] = print,
) -> list[Trained]:
    """Train on the first fold, or on each; say how many of the new scans are read right."""
    runs, scores = [], []
    for number, (train_on, test_on) in enumerate(parts if chosen.folds else parts[:1], start=1):
        runs.append(train(train_on, test_on, progress=not chosen.folds))
        scores.append(runs[-1].history["val_accuracy"][-1])
        tell(f"fold {number}: {scores[-1]:.2%} of the new scans read right")
    if chosen.folds:
        tell(f"mean of the five folds: {np.mean(scores):.2%}")
    return runs


# -- pictures -----------------------------------------------------------------------------------


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and as SVG."""
    paths = [folder / f"{name}.{suffix}" for suffix in ("png", "svg")]
    for path in paths:
        figure.savefig(path, dpi=160)
    return paths


def draw_curve(history: History, folder: Path) -> list[Path]:
    """Loss and accuracy, epoch by epoch; that of the scans trained on while they are nudged."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    loss_curves(history, ax=left).set(title="Loss", ylabel="cross-entropy")
    loss_curves(history, ["accuracy", "val_accuracy"], ax=right)
    right.set(title="Accuracy", ylim=(0.88, 1.002))
    right.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for axes in (left, right):
        axes.legend(["scans trained on, nudged", "new scans"], frameon=False)
    return save(figure, folder, "learning-curve")


def draw_sheet(
    images: np.ndarray, truth: np.ndarray, guess: np.ndarray, folder: Path
) -> list[Path]:
    """Sixty new scans and how they were read, the mistakes first."""
    wrong, right = np.flatnonzero(guess != truth), np.flatnonzero(guess == truth)
    shown = np.concatenate([wrong, right])[:60]
    figure = Figure(figsize=(12, 6.2))
    grid = figure.subplots(5, 12)
    figure.subplots_adjust(0.01, 0.015, 0.99, 0.87, wspace=0.15, hspace=0.35)
    for axes, index in zip(grid.flat, shown, strict=False):
        axes.imshow(images[index], cmap="gray_r", vmin=0, vmax=16)
        axes.set(xticks=[], yticks=[])
        mistake = guess[index] != truth[index]
        axes.spines[:].set(color=ORANGE if mistake else "#D1D5DB", linewidth=3 if mistake else 1)
        told = f"{guess[index]}, not {truth[index]}" if mistake else f"{guess[index]}"
        axes.set_title(
            told,
            color=ORANGE if mistake else GREY,
            fontsize=12,
            fontweight="bold" if mistake else "normal",
            pad=4,
        )
    figure.suptitle(
        f"{len(truth):,} scans that the network had never seen: {len(right):,} read right, "
        f"{len(wrong)} wrong (framed)",
        fontsize=14,
    )
    return save(figure, folder, "digits")
