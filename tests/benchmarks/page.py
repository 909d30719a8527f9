"""The results as tables of a page in Markdown: each stands between two comments, and is renewed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from results import Results, Verdict
from runners import EAGER, EVERYBODY, HAND, IN_NUMPY, KARPATHY, TORCH


def renew(results: Results, verdicts: list[Verdict], path: Path) -> None:
    """Write every table of the page anew; the text around them stays.

    **Errors.** ValueError for a page that has no place for one of the tables.
    """
    put(tables(results, verdicts), path)


def put(made: dict[str, list[str]], path: Path) -> None:
    """Write tables into a page, each by its name; as ``renew``."""
    text = path.read_text("utf-8")
    for name, lines in made.items():
        begin, end = f"<!-- measured: {name} -->\n", "<!-- end -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"{path} has no place for {name!r}. Write {begin.strip()} and {end}.")
        text = "\n".join([before + begin.strip(), *lines, end + after])
    path.write_text(text, "utf-8")


def tables(results: Results, verdicts: list[Verdict]) -> dict[str, list[str]]:
    """The lines of each table, by name."""
    return {
        "machine": [", ".join(f"{name} {what}" for name, what in results.machine.items()) + "."],
        "times": times(results),
        "memory": memory(results),
        "scalars": scalars(results),
        "bounds": bounds(verdicts),
    }


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of Markdown; all columns but the first are aligned at the right."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def times(results: Results) -> list[str]:
    """By hand in µs, the others as ratios to it."""
    names = [name for name in EVERYBODY if any(name in c.timed.seconds for c in results.cases)]
    rows = []
    for case in results.cases:
        ratios = [case.timed.ratio.get(name, {}).get(HAND) for name in names if name != HAND]
        cells = ["—" if one is None else f"{one[0]:.2f}" for one in ratios]
        rows.append(
            [f"{case.name}: {case.title}", f"{1e6 * case.timed.seconds[HAND]:,.0f}", *cells]
        )
    means = [results.mean(name, HAND) for name in names if name != HAND]
    cells = ["" if mean is None else f"**{mean:.2f}**" for mean in means]
    rows.append(["**geometric mean of the first six**", "", *cells])
    return table(["training step", "by hand, µs", *(n for n in names if n != HAND)], rows)


def memory(results: Results) -> list[str]:
    """By hand in KiB, the others as ratios to it."""
    names = [n for n in IN_NUMPY if n != HAND and any(n in c.peaks for c in results.cases)]
    rows = []
    for case in results.cases:
        cells = [f"{case.peak_ratio(n):.2f}" if n in case.peaks else "—" for n in names]
        rows.append([case.name, f"{case.peaks[HAND].total / 1024:,.0f}", *cells])
    return table(["peak of a step", "by hand, KiB", *names], rows)


def scalars(results: Results) -> list[str]:
    """Milliseconds, and ratios to karpathy's micrograd."""
    rows = [
        [
            f"{one.title}, collector {way}",
            f"{1e3 * timed.seconds[KARPATHY]:.1f}",
            *(f"{timed.ratio[name][KARPATHY][0]:.2f}" for name in (EAGER, TORCH)),
        ]
        for one in results.scalars
        for way, timed in (("on", one.on), ("off", one.off))
    ]
    return table(["10,000 scalar nodes", "karpathy's micrograd, ms", EAGER, TORCH], rows)


def bounds(verdicts: list[Verdict]) -> list[str]:
    """What we set out to reach, and what came."""
    rows = [
        [
            one.what,
            one.where,
            one.show(one.bound),
            one.show(one.measured),
            "yes" if one.met else "no",
        ]
        for one in verdicts
        if one.measured is not None
    ]
    return table(["bound", "where", "at most", "measured", "met"], rows)
