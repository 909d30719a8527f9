"""What did the watcher see, drawn?

Histograms stand one above the other, the first layer on top, on one axis; curves run over the
steps. matplotlib is imported when the first of them is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..extras import imported
from ..plots import look as looks
from .counting import OCTAVES, Array
from .readings import Reading
from .table import scale

if TYPE_CHECKING:
    from .watcher import Watcher

THUMB = 1e-3
"""How long a step should be, as a share of the weights: Karpathy's rule of thumb in makemore."""

OVERLAP = 1.3
"""How far a histogram may reach, where the next one begins at 1."""

MARGIN = 0.02
BARS = 40
"""More would be ragged: a batch has few numbers in a bin."""

LABELLED = 12
"""Of more layers than this, the legend names three."""


def plot(watcher: Watcher, what: str | None, ax: Any, figure: Any) -> Any:
    """See ``Watcher.plot``."""
    if what is not None and what not in PANELS:
        raise ValueError(f"plot: what is {what!r}. Give one of {', '.join(map(repr, PANELS))}.")
    if what is None and ax is not None:
        raise ValueError("plot: ax has room for one thing. Say what, for example what='updates'.")
    pyplot = imported("matplotlib.pyplot", "watcher.plot() draws with matplotlib", "plot")
    if watcher.last is None:
        raise ValueError("plot: nothing was seen yet. Train with watcher.step() after each step.")
    if what is not None:
        if ax is None:
            ax = (figure or pyplot.figure(figsize=(6.4, 4.4), layout="constrained")).subplots()
        PANELS[what](watcher, ax)
        return ax
    if figure is None:
        figure = pyplot.figure(figsize=(13.0, 7.6), layout="constrained")
    places = figure.subplots(2, 3)
    for draw, place in zip(PANELS.values(), places.flat, strict=False):
        draw(watcher, place)
    _legend(watcher, places.flat[-1])
    figure.suptitle(f"{watcher.title}, step {watcher.last.step}")
    return figure


def outputs(watcher: Watcher, ax: Any) -> None:
    """What each layer puts out, without zeros."""
    drawn = []
    for reading, tally in _heard(watcher):
        counts, edges = _coarse(*tally.spread())
        drawn.append((reading, edges, counts, _zeros(reading.zeros or 0.0)))
    _ridges(watcher, ax, drawn)
    limits = [_reach(edges, counts) for _, edges, counts, _ in drawn if counts.any()]
    if limits:
        low, high = min(low for low, _ in limits), max(high for _, high in limits)
        ax.set_xlim(low - MARGIN * (high - low), high + MARGIN * (high - low))
    ax.set_title("what comes out of each layer")
    ax.set_xlabel("output")


def gradients(watcher: Watcher, ax: Any) -> None:
    """How large the gradients are that come back there."""
    edges = 2.0 ** np.arange(OCTAVES[0] - 1, OCTAVES[1] + 1, dtype=np.float64)
    drawn = []
    for reading, tally in _heard(watcher):
        zeros = tally.gradients.zeros / max(tally.size, 1)
        drawn.append((reading, edges, tally.gradients.counts, _zeros(zeros)))
    _ridges(watcher, ax, drawn)
    ax.set_xscale("log")
    if (octaves := scale(watcher)) is not None:
        ax.set_xlim(2.0 ** (octaves[0] - 1), 2.0 ** (octaves[1] + 1))
    ax.set_title("the gradient that comes back to it")
    ax.set_xlabel("size of the gradient")


def norms(watcher: Watcher, ax: Any) -> None:
    """The length of the gradient of each layer's parameters."""
    _curves(watcher, ax, lambda reading: reading.gradient_norm)
    ax.set_title("length of the gradient of the parameters")
    _logarithmic(ax)


def updates(watcher: Watcher, ax: Any) -> None:
    """The length of each step as a share of the weights', with the line where it should be."""
    _curves(watcher, ax, lambda reading: reading.update)
    ax.axhline(THUMB, color=looks.suiting(ax).ink, linewidth=1.0, linestyle="--")
    ax.annotate(
        "rule of thumb",
        (1.0, THUMB),
        xycoords=("axes fraction", "data"),
        xytext=(-2, 3),
        textcoords="offset points",
        ha="right",
        fontsize="small",
    )
    ax.set_title("step, as a share of the weights")
    _logarithmic(ax)


def dead(watcher: Watcher, ax: Any) -> None:
    """How many units of relus put out nothing but 0, and how many outputs are saturated."""
    _curves(watcher, ax, lambda reading: reading.dead)
    _curves(watcher, ax, lambda reading: reading.saturated, ":")
    ax.set_title("dead units (dotted: saturated outputs)")
    ax.set_ylim(-0.02, 1.02)
    ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    if not ax.get_lines():
        _say(ax, "no relu, tanh or sigmoid was seen")


PANELS: dict[str, Callable[[Watcher, Any], None]] = {
    "outputs": outputs,
    "gradients": gradients,
    "norms": norms,
    "updates": updates,
    "dead": dead,
}


def _ridges(watcher: Watcher, ax: Any, drawn: list[tuple[Reading, Array, Array, str]]) -> None:
    """Histograms, each on a line of its own."""
    if not drawn:
        return _say(ax, "not known: no rule ran on arrays,\nas in a compiled program")
    colors = _colors(watcher)
    for row, (reading, edges, counts, note) in enumerate(drawn):
        heights = OVERLAP * counts / max(counts.max(), 1) - row
        color = colors[reading.layer]
        ax.stairs(heights, edges, baseline=-row, fill=True, color=color, alpha=0.6)
        ax.stairs(heights, edges, baseline=-row, color=color, linewidth=0.9)
        ax.axhline(-row, color=color, linewidth=0.9)
        if note:
            ax.annotate(
                note,
                (1.0, -row),
                xycoords=("axes fraction", "data"),
                xytext=(-2, 2),
                textcoords="offset points",
                ha="right",
                fontsize="x-small",
            )
    ax.set_yticks(
        [-row for row in range(len(drawn))],
        [f"{reading.name} {reading.bend}".strip() for reading, *_ in drawn],
        fontsize="small" if len(drawn) <= LABELLED else "xx-small",
    )
    ax.set_ylim(0.4 - len(drawn), OVERLAP + 0.2)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _curves(
    watcher: Watcher, ax: Any, number: Callable[[Reading], float | None], style: str = "-"
) -> None:
    """A curve for each layer of which there are numbers."""
    colors = _colors(watcher)
    series: dict[str, list[tuple[int, float]]] = {}
    for sample in _samples(watcher):
        for reading in sample.readings:
            value = number(reading)
            if value is not None:
                series.setdefault(reading.layer, []).append((sample.step, value))
    for layer, points in series.items():
        marker = "o" if len(points) < 3 else ""
        color = colors.get(layer, "grey")
        label = layer or "(model)"
        ax.plot(*zip(*points, strict=True), style, marker=marker, color=color, label=label)
    ax.set_xlabel("step")
    looks.whole_ticks(ax)
    looks.lines(ax)


def _samples(watcher: Watcher) -> list[Any]:
    """All that are kept, and the last."""
    kept, last = watcher.samples, watcher.last
    return kept if last is None or (kept and kept[-1] is last) else [*kept, last]


def _heard(watcher: Watcher) -> list[Any]:
    """The layers whose outputs were counted."""
    readings = () if watcher.last is None else watcher.last.readings
    counts = watcher.counts
    return [(one, counts[one.layer]) for one in readings if one.layer in counts]


def _colors(watcher: Watcher) -> dict[str, Any]:
    """From the first layer, dark, to the last."""
    colormap = imported("matplotlib", "watcher.plot() draws with matplotlib", "plot").colormaps
    readings = () if watcher.last is None else watcher.last.readings
    places = np.linspace(0.0, 0.85, max(len(readings), 2))
    return {
        reading.layer: colormap["viridis"](place)
        for reading, place in zip(readings, places, strict=False)
    }


def _legend(watcher: Watcher, ax: Any) -> None:
    """Which colour is which layer."""
    ax.set_axis_off()
    colors = _colors(watcher)
    names = list(colors)
    if len(names) > LABELLED:
        names = [names[0], names[len(names) // 2], names[-1]]
    for name in names:
        ax.plot([], [], color=colors[name], linewidth=4, label=name or "(model)")
    ax.legend(loc="center", frameon=False, title="layers, from first to last")


def _coarse(counts: Array, edges: Array) -> tuple[Array, Array]:
    """The same in at most `BARS` bins, where there are numbers."""
    while counts.any() and np.ptp(counts.nonzero()[0]) >= BARS:
        counts, edges = counts.reshape(-1, 2).sum(axis=1), edges[::2]
    return counts, edges


def _zeros(share: float) -> str:
    """How many numbers no histogram shows."""
    if share == 1.0:
        return "all are 0"
    return "" if share < 0.005 else f"{min(share, 0.99):.0%} are 0"


def _reach(edges: Array, counts: Array) -> tuple[float, float]:
    (found,) = counts.nonzero()
    return float(edges[found[0]]), float(edges[found[-1] + 1])


def _logarithmic(ax: Any) -> None:
    """A logarithmic axis, if there is a number that it can show."""
    lines = [np.asarray(line.get_ydata(), np.float64) for line in ax.get_lines()]
    if any(np.any(line > 0.0) for line in lines):
        ax.set_yscale("log")


def _say(ax: Any, words: str) -> None:
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color="grey")
    ax.set_yticks([])
