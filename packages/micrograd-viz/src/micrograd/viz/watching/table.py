"""What does a sample look like in letters?

A row for each layer, at most 80 columns wide: histograms in bars, how far outputs spread, how many
units are dead, the length of the gradient and of the step, and what is wrong. The bars of outputs
have a scale for each row, those of gradients one for all: so one sees them fade, or grow, from
layer to layer. `html` and `live` show the same cells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..numbers import BARS
from .counting import OCTAVES, Array, Tally
from .readings import Reading

if TYPE_CHECKING:
    from .watcher import Watcher

HEADS = ("layer", "output", "std", "dead", "gradient", "norm", "update", "")
WIDTHS = (16, 8, 6, 5, 8, 6, 6)
NUMBERS = ("std", "dead", "norm", "update")
"""The columns whose cells stand to the right."""

FEW = 0.005
"""The share of gradients, smallest and largest, for which no scale is widened."""

BEFORE = "Nothing was seen yet: call step() after each optimizer.step()."
PARAMETERS = "norm: length of the gradient of the parameters; update: ‖step‖ / ‖weights‖"
UNHEARD = (
    "No rule ran on arrays in this step, as in a compiled program, so what came out",
    "of the layers and which units are dead is not known.",
)


@dataclass(frozen=True)
class Row:
    """What is told about a layer."""

    layer: str
    outputs: list[int]  # how often, bin by bin
    std: str
    dead: str
    gradients: list[int]
    norm: str
    update: str
    flags: list[str]

    def cells(self, most: int = 9) -> tuple[str, ...]:
        """All of it in letters, with so many flags at most."""
        flags = ", ".join(self.flags[:most]) + "…" * (len(self.flags) > most)
        first = (self.layer, bars(self.outputs), self.std, self.dead, bars(self.gradients))
        return (*first, self.norm, self.update, flags)


def text(watcher: Watcher) -> str:
    """The last sample."""
    if watcher.last is None:
        return f"{title(watcher)}\n{BEFORE}"
    lines = []
    for cells in (HEADS, *(row.cells(most=1) for row in rows(watcher))):
        padded = [
            cell.rjust(width) if head in NUMBERS else cell.ljust(width)
            for cell, width, head in zip(cells, WIDTHS, HEADS, strict=False)
        ]
        lines.append("  ".join([*padded, cells[-1]]).rstrip())
    return "\n".join([title(watcher), *lines, *notes(watcher)])


def title(watcher: Watcher) -> str:
    """Of which model, when, and how often one looks."""
    often = "seen at every step" if watcher.every == 1 else f"seen every {watcher.every} steps"
    if watcher.last is None:
        return f"{watcher.title} ({often})"
    return f"{watcher.title}, step {watcher.last.step} ({often})"


def notes(watcher: Watcher) -> list[str]:
    """What the columns mean."""
    if watcher.last is None or not watcher.last.heard:
        return [*UNHEARD, PARAMETERS]
    bends = {reading.bend for reading in watcher.last.readings}
    lines = ["output: from the lowest to the highest, without zeros; std: how far they spread"]
    if (octaves := scale(watcher)) is not None:
        low, high = (_tiny(2.0**exponent) for exponent in octaves)
        lines.append(f"gradient: its size where the output is, bars from {low} to {high}")
    if "relu" in bends:
        lines.append("dead: units that put out 0 for the whole batch")
    if bends & {"tanh", "sigmoid"}:
        lines.append("dead, with an s: outputs of tanh or sigmoid that are saturated")
    return [*lines, PARAMETERS]


def rows(watcher: Watcher, width: int = 8) -> list[Row]:
    """A row for each layer, with histograms of `width` bins."""
    sample, octaves = watcher.last, scale(watcher)
    if sample is None:
        return []
    return [
        Row(
            named(reading),
            outputs(watcher.counts.get(reading.layer), width),
            number(reading.output_std),
            share(reading),
            gradients(watcher.counts.get(reading.layer), octaves, width),
            number(reading.gradient_norm),
            number(reading.update),
            flags,
        )
        for reading, flags in zip(sample.readings, sample.flags(), strict=True)
    ]


def named(reading: Reading, most: int = WIDTHS[0]) -> str:
    """The layer, and the activation behind it; a long path loses its beginning."""
    end = f" {reading.bend}" if reading.bend else ""
    room, path = most - len(end), reading.name
    return (path if len(path) <= room else f"…{path[1 - room :]}") + end


def share(reading: Reading) -> str:
    """How many units of a relu are dead, or how many outputs of a tanh saturated (with an s)."""
    if reading.dead is not None:
        return f"{reading.dead:.0%}"
    return "" if reading.saturated is None else f"s{reading.saturated:.0%}"


def number(x: float | None) -> str:
    """A number in six letters; a dash for what is not known.

    >>> [number(x) for x in (0.41234, 12345.0, 0.00123, 1.26e-12, 0.0, None, math.inf)]
    ['0.412', '1.2e4', '1.2e-3', '1e-12', '0', '-', 'inf']
    """
    if x is None:
        return "-"
    if x == 0.0 or not math.isfinite(x) or 0.01 <= abs(x) < 1e3:
        return f"{x:.3g}"
    return _tiny(x, 1) if len(_tiny(x, 1)) <= 6 else _tiny(x)


def bars(counts: list[int]) -> str:
    """Counts as a row of bars; a bin that is not empty has one.

    >>> bars([0, 1, 5, 100])
    ' ▁▁█'
    """
    most, steps = max(counts, default=0), len(BARS) - 1
    return "".join(BARS[round(n / most * steps)] if n else " " for n in counts)


def outputs(tally: Tally | None, width: int) -> list[int]:
    """The histogram of what a layer put out, between the lowest and the highest, without zeros."""
    if tally is None:
        return []
    counts, edges = tally.spread()
    (found,) = counts.nonzero()
    if not len(found):
        return []
    low, high = edges[found[0]], edges[found[-1] + 1]
    middles = (edges[:-1] + edges[1:]) / 2
    return binned((middles - low) / (high - low), counts, width)


def gradients(tally: Tally | None, octaves: tuple[int, int] | None, width: int) -> list[int]:
    """The histogram of the sizes of the gradients that came back to a layer.

    A doubling is never more than one bin wide.
    """
    if tally is None or octaves is None:
        return []
    low, high = octaves
    width = min(width, high - low)
    exponents = np.arange(OCTAVES[0], OCTAVES[1] + 1) - 0.5
    return binned((exponents - low) / (high - low), tally.gradients.counts, width)


def scale(watcher: Watcher) -> tuple[int, int] | None:
    """From which to which power of two the gradients of all layers reach; None for no gradient."""
    ends = []
    for tally in watcher.counts.values():
        below = np.cumsum(tally.gradients.counts)
        if below[-1]:
            ends.append(np.searchsorted(below, [FEW * below[-1], (1.0 - FEW) * below[-1]]))
    if not ends:
        return None
    return OCTAVES[0] - 1 + int(np.min(ends)), OCTAVES[0] + int(np.max(ends))


def binned(places: Array, counts: Array, width: int) -> list[int]:
    """Counts that stand at places from 0 to 1, in fewer bins; what lies beyond is in the ends."""
    bins = np.clip(np.floor(places * width).astype(np.intp), 0, width - 1)
    summed: list[int] = np.bincount(bins, weights=counts, minlength=width).astype(int).tolist()
    return summed


def _tiny(x: float, digits: int = 0) -> str:
    """Written with a power of ten, without the zeros of its exponent."""
    mantissa, exponent = f"{x:.{digits}e}".split("e")
    return f"{mantissa}e{int(exponent)}"
