"""The results as one picture, for the docs: who takes how long, and how much memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from results import Results
from runners import (
    AUTOGRAD,
    COMPILED,
    EAGER,
    FLAT,
    HAND,
    IN_NUMPY,
    JAX,
    KARPATHY,
    MYGRAD,
    NN,
    TORCH,
    TORCH_NN,
)

# Okabe and Ito's colours, told apart by colour-blind eyes too. Ours are filled and large.
INK, GREY, FAINT = "#111827", "#6B7280", "#E5E7EB"
LOOK: dict[str, tuple[str, str, float, bool]] = {  # colour, marker, size, filled
    AUTOGRAD: ("#E69F00", "D", 36, False),
    MYGRAD: ("#CC79A7", "s", 36, False),
    TORCH_NN: ("#B45309", "<", 48, False),
    TORCH: ("#D55E00", "^", 48, False),
    JAX: ("#009E73", "v", 48, False),
    NN: ("#56B4E9", "o", 64, True),
    EAGER: ("#0072B2", "o", 64, True),
    COMPILED: ("#0B3D66", "*", 170, True),
    FLAT: ("#0B3D66", "P", 90, True),
}
NAMES = {
    TORCH: "PyTorch, plain tensors",
    TORCH_NN: "PyTorch, torch.nn",
    NN: "micrograd, with nn",
    EAGER: "micrograd, eager",
    COMPILED: "micrograd, compiled",
    FLAT: "micrograd, compiled and flat",
}
TICKS = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10)


def draw(results: Results, path: Path) -> None:
    """Draw what was measured of the cases, and of the scalars below."""
    rows, below = len(results.cases), 2 * len(results.scalars)
    figure = plt.figure(figsize=(11.5, 2.0 + 0.42 * (rows + below)), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.08, w_pad=0.08)
    grid = figure.add_gridspec(2, 2, height_ratios=(max(rows, 1), 0.8 + below))
    time, memory = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    titles = [f"{case.name}\n{case.title}" for case in results.cases]

    def slower(name: str, row: int) -> float | None:
        ratio = results.cases[row].timed.ratio.get(name)
        return ratio[HAND][0] if ratio else None

    def larger(name: str, row: int) -> float | None:
        case = results.cases[row]
        return case.peak_ratio(name) if name in case.peaks else None

    _dots(time, titles, LOOK, slower)
    _dots(memory, ["" for _ in titles], [name for name in LOOK if name in IN_NUMPY], larger)
    threads = "one thread" if results.machine["threads"] == "1" else "several threads"
    time.set_title("Time of a training step", loc="left", color=INK, weight="bold")
    memory.set_title("Peak memory of a step", loc="left", color=INK, weight="bold")
    for axes in (time, memory):
        axes.set_xlabel("NumPy by hand = 1", color=GREY)
    if below:
        _scalars(figure.add_subplot(grid[1, 0]), results)
    handles, labels = time.get_legend_handles_labels()
    corner = figure.add_subplot(grid[1, 1])
    corner.axis("off")
    corner.legend(handles[::-1], labels[::-1], loc="center left", frameon=False, ncols=2)
    told = [results.machine[name] for name in ("dtype", "processor", "turns")]
    note = "{}, {}, medians of {} turns, {threads}".format(*told, threads=threads)
    corner.text(0.02, -0.1, note, color=GREY, fontsize=8, transform=corner.transAxes)
    figure.savefig(path, dpi=160)
    plt.close(figure)


def _dots(
    axes: Axes,
    titles: Sequence[str],
    names: Sequence[str] | dict[str, object],
    value: Callable[[str, int], float | None],
) -> None:
    rows = range(len(titles))
    for name in names:
        colour, marker, size, filled = LOOK[name]
        found = [(value(name, row), row) for row in rows]
        beside = -0.13 if filled else 0.13  # so that ours and theirs do not cover each other
        points = [(x, row + beside) for x, row in found if x is not None]
        if points:
            axes.scatter(
                *zip(*points, strict=True),
                s=size,
                marker=marker,
                facecolor=colour if filled else "white",
                edgecolor="white" if filled else colour,
                linewidth=0.8 if filled else 1.4,
                zorder=4 if filled else 3,
                label=NAMES.get(name, name),
            )
    axes.axvline(1, color=INK, linewidth=1.2, zorder=2)
    axes.set_ylim(len(titles) - 0.5, -0.5)
    axes.set_yticks(rows, titles, fontsize=8, color=INK)
    _scale(axes)


def _scale(axes: Axes) -> None:
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, 0.7), max(high, 2.2))
    axes.xaxis.set_major_locator(FixedLocator(TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.grid(True, color=FAINT, zorder=0)
    axes.tick_params(length=0, colors=GREY)
    axes.tick_params(axis="y", labelcolor=INK)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _scalars(axes: Axes, results: Results) -> None:
    titles, bars = [], []
    for scalar in results.scalars:
        for way, timed in (("on", scalar.on), ("off", scalar.off)):
            titles.append(f"{scalar.name.removeprefix('scalars, ')}, collector {way}")
            bars.append(timed.ratio[EAGER][KARPATHY][0])
    colours = [LOOK[EAGER][0] if "on" in title else "#A7C9E3" for title in titles]
    drawn = axes.barh(range(len(bars)), bars, color=colours, height=0.62, zorder=3)
    axes.bar_label(drawn, [f"{x:.2f}" for x in bars], padding=4, color=INK, fontsize=9)
    axes.axvline(1, color=INK, linewidth=1.2, zorder=4)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_yticks(range(len(bars)), titles, fontsize=8)
    axes.set_xlim(0, 1.15 * max(*bars, 1.2))
    axes.set_title(
        "10,000 scalar nodes, forward and backward", loc="left", color=INK, weight="bold"
    )
    axes.set_xlabel("karpathy's micrograd = 1", color=GREY)
    axes.grid(True, axis="x", color=FAINT, zorder=0)
    axes.tick_params(length=0, colors=GREY)
    axes.tick_params(axis="y", labelcolor=INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
