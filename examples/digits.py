"""Teach a network to read handwritten digits.

scikit-learn brings 1,797 scans of handwritten digits, 8 by 8 pixels each. A perceptron with two
hidden layers learns them from four fifths of the scans, and is then asked about the last fifth,
which it has never seen.

    hatch run demo              train on one fold, show what it gets wrong, draw pictures
    hatch run demo --folds      all five folds: every scan is asked about once

Measured with the settings below: of the new scans of the five folds, 98.9, 98.6, 98.9, 98.6 and
98.9 % are read right, 98.8 % in the mean (98.8 to 99.1 % with seeds 1 to 3). The whole demo takes
about 10 seconds on two cores, of which training takes 3; all five folds take 30.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # draw into files; no window is needed

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, PercentFormatter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold

from micrograd.engine import Value, no_grad
from micrograd.nn import MLP, Adam
from micrograd.viz import draw_dot

HIDDEN = [128, 64]
EPOCHS = 60
BATCH = 32
RATE = 2e-3
NUDGE = 0.5  # pixels

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#6B7280"  # told apart by colour-blind eyes, too


# -- data -------------------------------------------------------------------------------------


def nudge(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move each image by up to half a pixel, up or down and left or right.

    A 3 that stands a little to the left is still a 3. Showing the network each scan in a slightly
    different place, every time, says so; without it, 98.2 % are read right in the mean.
    """
    for axis in (1, 2):
        way = rng.uniform(-NUDGE, NUDGE, (len(images), 1, 1))
        padded = np.pad(images, [(0, 0), *((1, 1) if axis == a else (0, 0) for a in (1, 2))])
        before, after = (np.take(padded, np.arange(8) + start, axis) for start in (0, 2))
        images = (1 - abs(way)) * images + abs(way) * np.where(way > 0, before, after)
    return images


class Scale:
    """Bring the pixels to mean 0 and spread 1, judged by the scans that are trained on."""

    def __init__(self, images: np.ndarray) -> None:
        self.mean, self.spread = images.mean(), images.std()

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """One row of 64 numbers for each image."""
        return ((images - self.mean) / self.spread).reshape(len(images), -1)


# -- training ---------------------------------------------------------------------------------


def train(
    images: np.ndarray,
    labels: np.ndarray,
    train_on: np.ndarray,
    test_on: np.ndarray,
    epochs: int,
    seed: int,
    progress: Progress,
    title: str,
) -> tuple[MLP, Scale, dict[str, list[float]]]:
    """Train a fresh network; return it, its scale, and how it went, epoch by epoch."""
    rng = np.random.default_rng(seed)  # all randomness of this run: it can be repeated bit for bit
    scale = Scale(images[train_on])
    model = MLP(64, [*HIDDEN, 10], rng=rng)
    optimizer = Adam(model.parameters(), lr=RATE)
    batches = -(-len(train_on) // BATCH)
    history: dict[str, list[float]] = {"loss": [], "seen": [], "new": []}

    task = progress.add_task(title, total=epochs, state="")
    for epoch in range(epochs):
        # along half a cosine wave: long steps to get there, short ones to settle
        optimizer.lr = RATE * (1 + np.cos(np.pi * epoch / epochs)) / 2
        losses, right = 0.0, 0
        for batch in np.array_split(rng.permutation(train_on), batches):
            logits = model(scale(nudge(images[batch], rng)))
            loss = logits.cross_entropy(labels[batch])
            optimizer.zero_grad()
            loss.backward(keep_inner=False)
            optimizer.step()

            losses += loss.item() * len(batch)
            right += (logits.data.argmax(axis=1) == labels[batch]).sum()
        history["loss"].append(losses / len(train_on))
        history["seen"].append(right / len(train_on))
        history["new"].append(accuracy(model, scale(images[test_on]), labels[test_on]))
        state = f"loss {history['loss'][-1]:.4f}, new scans {history['new'][-1]:.2%} right"
        progress.update(task, completed=epoch + 1, state=state)
    return model, scale, history


def predict(model: MLP, rows: np.ndarray) -> np.ndarray:
    """The digit that the network sees in each row."""
    with no_grad():
        return model(rows).data.argmax(axis=1)


def accuracy(model: MLP, rows: np.ndarray, labels: np.ndarray) -> float:
    """The share of rows that the network reads right."""
    return float((predict(model, rows) == labels).mean())


def gradient_error(model: MLP, rows: np.ndarray, labels: np.ndarray, count: int = 200) -> float:
    """How far backward() is from what one measures by moving a parameter a little, and looking.

    Central differences for ``count`` numbers among the parameters: the largest disagreement, as a
    share of the largest gradient.
    """
    model.zero_grad()
    model(rows).cross_entropy(labels).backward()
    pairs = [(p.data.reshape(-1), p.grad.reshape(-1)) for p in model.parameters()]
    rng, step = np.random.default_rng(0), 1e-6
    worst, largest = 0.0, max(abs(g).max() for _, g in pairs)
    for _ in range(count):
        data, gradient = pairs[rng.integers(len(pairs))]
        index = rng.integers(len(data))
        ends, before = [], data[index]
        for moved in (before + step, before - step):
            data[index] = moved
            with no_grad():
                ends.append(model(rows).cross_entropy(labels).item())
        data[index] = before
        worst = max(worst, abs((ends[0] - ends[1]) / (2 * step) - gradient[index]))
    for parameter in model.parameters():
        parameter.touch()  # we wrote into the arrays behind its back
    return worst / largest


# -- what the terminal shows --------------------------------------------------------------------


def confusion(truth: np.ndarray, guess: np.ndarray) -> Table:
    """How often each digit was taken for which."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (truth, guess), 1)
    table = Table(title="What was written (rows), and what was read (columns)")
    table.add_column("", justify="right", style="bold")
    for digit in range(10):
        table.add_column(str(digit), justify="right")
    table.add_column("right", justify="right", style="bold")
    for digit, row in enumerate(counts):
        cells = [
            f"[bold blue]{count}[/]"
            if digit == column
            else f"[bold red]{count}[/]"
            if count
            else "·"
            for column, count in enumerate(row)
        ]
        table.add_row(str(digit), *cells, f"{row[digit] / row.sum():.1%}")
    return table


# -- pictures -----------------------------------------------------------------------------------


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and as SVG."""
    paths = [folder / f"{name}.{suffix}" for suffix in ("png", "svg")]
    for path in paths:
        figure.savefig(path, dpi=160, facecolor="white")
    plt.close(figure)
    return paths


def draw_curve(history: dict[str, list[float]], folder: Path) -> list[Path]:
    """Loss and accuracy, epoch by epoch."""
    epochs = np.arange(1, len(history["loss"]) + 1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.semilogy(epochs, history["loss"], color=BLUE, linewidth=2)
    left.set(title="Loss", xlabel="epoch", ylabel="cross-entropy, scans trained on")
    left.yaxis.set_major_locator(FixedLocator([0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]))
    left.yaxis.set_major_formatter("{x:g}")
    left.yaxis.set_minor_formatter("")
    right.plot(epochs, history["seen"], color=BLUE, linewidth=2, label="scans trained on, nudged")
    right.plot(epochs, history["new"], color=ORANGE, linewidth=2, linestyle="--", label="new scans")
    right.set(title="Accuracy", xlabel="epoch", ylim=(0.88, 1.002))
    right.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    right.legend(loc="lower right", frameon=False)
    for axes in (left, right):
        axes.grid(alpha=0.25)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        axes.spines[["top", "right"]].set_visible(False)
    return save(figure, folder, "learning-curve")


def draw_sheet(
    images: np.ndarray, truth: np.ndarray, guess: np.ndarray, folder: Path
) -> list[Path]:
    """Sixty new scans and how they were read, the mistakes first."""
    wrong, right = np.flatnonzero(guess != truth), np.flatnonzero(guess == truth)
    shown = np.concatenate([wrong, right])[:60]
    figure, grid = plt.subplots(5, 12, figsize=(12, 6.2), layout="constrained")
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
        f"{len(truth)} scans that the network had never seen: {len(right)} read right, "
        f"{len(wrong)} wrong (framed)",
        fontsize=14,
    )
    return save(figure, folder, "digits")


def draw_graph(image: np.ndarray, folder: Path, console: Console) -> list[Path]:
    """The computation graph of a network that is small enough to look at, with its gradients.

    The scan is shrunk to four numbers, the network (a new one) to three hidden neurons and two
    answers: is it a 0, or is it not?
    """
    quarters = image.reshape(2, 4, 2, 4).mean(axis=(1, 3)).reshape(1, 4) / 16
    pixels = Value(quarters.round(2), "pixels", requires_grad=False)
    model = MLP(4, [3, 2], rng=np.random.default_rng(1))
    loss = model(pixels).cross_entropy(np.array([0]))
    loss.name = "loss"
    loss.backward()
    picture = draw_dot(loss, rankdir="TB")
    paths = []
    for suffix in ("svg", "png"):
        path = folder / f"graph.{suffix}"
        try:
            path.write_bytes(picture.pipe(suffix))
            paths.append(path)
        except RuntimeError as error:  # pip alone brings SVG; PNG wants Graphviz or an extra
            console.print(f"{path.name} was left out. {error}", markup=False, style="dim")
    return paths


# -- the program ----------------------------------------------------------------------------------


def main() -> None:
    """Train, tell, draw."""
    parser = argparse.ArgumentParser(description="Teach a network to read handwritten digits.")
    parser.add_argument("--folds", action="store_true", help="train and test on all five folds")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("digits-out"), help="folder for pictures")
    arguments = parser.parse_args()
    if arguments.epochs < 1:
        parser.error(f"--epochs {arguments.epochs}: at least one epoch is needed")
    console = Console()
    started = time.perf_counter()

    digits = load_digits()
    images, labels = digits.images, digits.target
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(images, labels))
    chosen = folds if arguments.folds else folds[:1]

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
    )
    runs = []
    with Progress(*columns, console=console) as progress:
        for number, (train_on, test_on) in enumerate(chosen, start=1):
            runs.append(
                train(
                    images,
                    labels,
                    train_on,
                    test_on,
                    arguments.epochs,
                    arguments.seed,
                    progress,
                    f"fold {number}",
                )
            )
    scores = [history["new"][-1] for _, _, history in runs]
    for number, score in enumerate(scores, start=1):
        console.print(f"fold {number}: {score:.2%} of the new scans read right")
    if arguments.folds:
        console.print(f"mean of the five folds: [bold]{np.mean(scores):.2%}[/]")

    # what is shown in detail is the first fold
    (model, scale, history), test_on = runs[0], chosen[0][1]
    rows, truth = scale(images[test_on]), labels[test_on]
    guess = predict(model, rows)
    console.print(confusion(truth, guess))
    error = gradient_error(MLP(64, [*HIDDEN, 10], rng=np.random.default_rng(0)), rows, truth)
    console.print(f"gradients against central differences: they agree to {error:.0e}")

    arguments.out.mkdir(parents=True, exist_ok=True)
    paths = [
        *draw_curve(history, arguments.out),
        *draw_sheet(images[test_on], truth, guess, arguments.out),
        *draw_graph(images[0], arguments.out, console),
    ]
    console.print(f"{time.perf_counter() - started:.1f} s. The pictures:")
    for path in paths:
        console.print(f"  {path.resolve()}", soft_wrap=True, highlight=False, markup=False)


if __name__ == "__main__":
    main()
