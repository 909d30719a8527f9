"""The results as tables, for a terminal, and as JSON, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from results import Results, Verdict
from runners import EAGER, HAND, IN_NUMPY, KARPATHY, OURS, TORCH
from runners.table import RUNNERS

STYLE = {True: "green", False: "bold red", None: "dim"}


def show(results: Results, verdicts: list[Verdict], console: Console) -> None:
    """Print everything that was measured."""
    console.print(", ".join(f"{name} {what}" for name, what in results.machine.items()))
    if results.cases:
        worst = max(case.distance for case in results.cases)
        console.print(f"Losses, gradients and new weights agree to {worst:.0e}.\n")
        console.print(times(results), peaks(results), sep="\n")
    if results.scalars:
        console.print(scalars(results))
    for name, why in results.absent.items():
        console.print(f"left out: {name}: {why}", style="yellow", highlight=False)
    console.print(bounds(verdicts))


def times(results: Results) -> Table:
    """A row a case: by hand in microseconds, the others as ratios to it."""
    measured = [name for name in RUNNERS if any(name in c.timed.seconds for c in results.cases)]
    table = Table(
        title="A training step: by hand in µs, the others as ratios to it (± half the middle half)",
        title_justify="left",
    )
    table.add_column("case", no_wrap=True)
    for name in measured:
        table.add_column(name, justify="right", no_wrap=True, style="bold" * (name in OURS))
    for case in results.cases:
        cells = []
        for name in measured:
            if name == HAND:
                cells.append(f"{1e6 * case.timed.seconds[name]:,.0f}")
            elif name in case.timed.seconds:
                middle, spread = case.timed.ratio[name][HAND]
                cells.append(f"{middle:.2f} [dim]±{spread:.2f}[/dim]")
            else:
                cells.append("[dim]—[/dim]")
        mark = "" if case.group == "mlp" else "[dim]"
        table.add_row(f"{mark}{case.name}", *cells)
    means = [results.mean(name, HAND) for name in measured]
    if any(means):
        cells = ["" if mean is None else f"{mean:.2f}" for mean in means]
        table.add_section()
        table.add_row("geometric mean of six", *cells, style="bold")
    busy = {
        f"{name} ({case.timed.busy[name]:.1f})"
        for case in results.cases
        for name in case.timed.busy
        if case.timed.busy[name] > 1.15 * int(results.machine["threads"])
    }
    if busy:
        table.caption = f"More processors than allowed were busy in {', '.join(sorted(busy))}."
    return table


def peaks(results: Results) -> Table:
    """A row a case: by hand in KiB, the others as ratios to it."""
    measured = [name for name in IN_NUMPY if any(name in case.peaks for case in results.cases)]
    table = Table(
        title="Peak memory of a step: by hand in KiB, the others as ratios to it "
        "(in brackets: KiB that a warm step allocates)",
        title_justify="left",
    )
    table.add_column("case", no_wrap=True)
    for name in measured:
        table.add_column(name, justify="right", no_wrap=True, style="bold" * (name in OURS))
    for case in results.cases:
        cells = []
        for name in measured:
            if name not in case.peaks:
                cells.append("[dim]—[/dim]")
            elif name == HAND:
                cells.append(f"{case.peaks[name].total / 1024:,.0f}")
            else:
                fresh = f"{case.peaks[name].fresh / 1024:,.0f}"
                cells.append(f"{case.peak_ratio(name):.2f} [dim]({fresh})[/dim]")
        table.add_row(case.name, *cells)
    return table


def scalars(results: Results) -> Table:
    """A row a graph: milliseconds, and ratios to karpathy's micrograd."""
    table = Table(
        title="Ten thousand scalar nodes, forward and backward: ratios to karpathy's micrograd",
        title_justify="left",
    )
    for name in ("graph", "", "collector"):
        table.add_column(name, no_wrap=True)
    for name in ("karpathy, ms", EAGER, TORCH):
        table.add_column(name, justify="right", no_wrap=True)
    for one in results.scalars:
        for way, timed in (("on, judged", one.on), ("off", one.off)):
            cells = [f"{1e3 * timed.seconds[KARPATHY]:.1f}"]
            for name in (EAGER, TORCH):
                middle, spread = timed.ratio[name][KARPATHY]
                cells.append(f"{middle:.2f} [dim]±{spread:.2f}[/dim]")
            table.add_row(one.name, one.title, way, *cells)
    return table


def bounds(verdicts: list[Verdict]) -> Table:
    """Every bound: what was asked, what came, met or missed."""
    table = Table(title="Bounds", title_justify="left")
    for name in ("what", "where", "verdict"):
        table.add_column(name, no_wrap=True)
    for verdict in verdicts:
        style = STYLE[verdict.met]
        table.add_row(verdict.what, verdict.where, Text(str(verdict), style=style))
    return table


def as_json(results: Results, verdicts: list[Verdict], path: Path) -> None:
    """Write all numbers down, and the verdicts."""
    everything = asdict(results)
    everything["bounds"] = [
        {"what": v.what, "where": v.where, "bound": v.bound, "measured": v.measured, "met": v.met}
        for v in verdicts
    ]
    path.write_text(json.dumps(everything, indent=1) + "\n", "utf-8")
