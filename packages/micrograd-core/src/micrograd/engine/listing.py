"""What is installed here, what does each plugin add, and what was refused?

``python -m micrograd.engine plugins`` loads all that is installed and prints what became of it: a
row for each plugin, and below it what does not fit into a row. ``--json`` prints the same reports
as data. Standard output belongs to this answer alone; what plugins print goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from itertools import zip_longest
from shutil import get_terminal_size
from textwrap import wrap
from typing import Final

from . import plugins
from .hosting.discovery import CHOICE
from .hosting.host import host
from .hosting.listeners import LISTENERS
from .plugins import PluginReport

COLUMNS: Final = ("DISTRIBUTION", "VERSION", "ENTRY POINT", "LOADED IN", "STATUS")
NAMES: Final = (0, 2)  # the columns that give way where the table is too wide
GAP: Final = 2
LABEL: Final = 14  # the width of what stands before a detail
LONGEST: Final = 3  # lines of names that one plugin adds; core has more than a hundred names

Paint = Callable[[str, str], str]


def show(as_json: bool = False) -> int:
    """Print the reports; returns 0, or 1 if something was refused or could not be done."""
    with others_to_stderr():
        reports = plugins.report()
    if as_json:
        print(json.dumps([report._asdict() for report in reports], indent=2))
        for problem in host.problems:
            print(problem, file=sys.stderr)
    else:
        width = max(60, min(120, get_terminal_size().columns))
        text = "\n".join(table(reports, host.problems, width, painter()))
        encoding = sys.stdout.encoding or "utf-8"  # a reason may hold any character
        print(text.encode(encoding, "backslashreplace").decode(encoding))
    return int(bool(host.problems) or any(report.status == "refused" for report in reports))


def table(
    reports: Sequence[PluginReport], problems: Sequence[str], width: int, paint: Paint
) -> Iterator[str]:
    """The lines that a terminal shows."""
    rows = [tuple(map(plain, row(report))) for report in reports]
    widths = fitted([COLUMNS, *rows], width)
    for line in cells(COLUMNS, widths):
        yield paint("dim", line)
    for report, texts in zip(reports, rows, strict=True):
        yield ""
        for number, line in enumerate(cells(texts, widths)):
            head = line[: -len(report.status)] if number == 0 else line
            yield head + (paint(report.status, report.status) if number == 0 else "")
        for label, text in details(report, reports):
            for number, line in enumerate(detail(label, plain(text), width)):
                yield f"  {paint('dim', (label if number == 0 else '').ljust(LABEL - 2))}{line}"
    yield ""
    for note in [*notes(reports), *problems, counted(reports)]:
        yield from wrap(plain(note), width, break_on_hyphens=False)


def row(report: PluginReport) -> tuple[str, ...]:
    """One cell a column."""
    milliseconds = 1000 * report.seconds
    took = f"{milliseconds:.{int(milliseconds < 10)}f} ms" if report.seconds else ""
    return report.distribution, report.version, report.entry_point, took, report.status


def details(report: PluginReport, reports: Iterable[PluginReport]) -> Iterator[tuple[str, str]]:
    """What stands below the row of a plugin: (label, text)."""
    if report.hooks:
        yield "hooks", ", ".join(report.hooks)
    if report.names:
        yield "adds", ", ".join(report.names)
    if report.contested:
        rivals = {
            name: [r.distribution for r in reports if name in r.names and r is not report]
            for name in report.contested
        }
        told = (f"{name} (also in {', '.join(rivals[name])})" for name in report.contested)
        yield "contested", ", ".join(told)
    if sleeping := [hook for hook in report.hooks if hook in LISTENERS]:
        yield "on request", f"{', '.join(sleeping)} (once the program calls plugins.register)"
    for line in dict.fromkeys(report.waiting.values()):
        yield "waiting", ", ".join(hook for hook in report.waiting if report.waiting[hook] == line)
        yield "  install", line
    if report.reason:
        yield "reason", report.reason
    if report.fix:
        yield "fix", report.fix
    if report.status == "blocked":
        yield "reason", f"{CHOICE}={os.environ.get(CHOICE, '')!r} leaves it out."


def detail(label: str, text: str, width: int) -> list[str]:
    """The lines of one detail; a long list of names is cut."""
    room = width - LABEL
    lines = wrap(text, room, break_on_hyphens=False)
    if label == "adds" and len(lines) > LONGEST:
        names = text.split(", ")
        shown = len(names)
        while len(lines) > LONGEST:
            shown -= 1
            told = f"{', '.join(names[:shown])}, and {len(names) - shown} more"
            lines = wrap(told, room, break_on_hyphens=False)
    return lines


def notes(reports: Iterable[PluginReport]) -> Iterator[str]:
    """What to do about contested names."""
    for report in reports:
        for name in report.contested[:1]:
            yield (
                "A contested name means nothing until the program decides, for instance with "
                f"plugins.prefer({name!r}, {report.distribution!r}). The qualified name, "
                f"'{report.distribution}:{name}', always works."
            )
            return


def counted(reports: Sequence[PluginReport]) -> str:
    """How many there are, by status, and who was refused."""
    statuses = [report.status for report in reports]
    parts = (f"{statuses.count(s)} {s}" for s in ("loaded", "blocked", "refused") if s in statuses)
    refused = ", ".join(report.distribution for report in reports if report.status == "refused")
    told = f"{len(reports)} plugin{'s' * (len(reports) != 1)}: {', '.join(parts)}"
    return f"{told} ({refused})." if refused else f"{told}."


def fitted(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """The width of each column; where they are too wide together, the columns of names give way."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    while sum(widths) + GAP * (len(widths) - 1) > width:
        widest = max(NAMES, key=widths.__getitem__)
        if widths[widest] <= len(COLUMNS[widest]):
            break
        widths[widest] -= 1
    return widths


def cells(texts: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """One row; a cell that is too long goes on in a further line."""
    for line in zip_longest(*map(wrap, texts, widths), fillvalue=""):
        yield (" " * GAP).join(map(str.ljust, line, widths)).rstrip()


def plain(text: str) -> str:
    """A plugin's text on one line, without what would move a terminal's cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def painter() -> Paint:
    """Colours, where somebody looks at a terminal that has them and did not say NO_COLOR."""
    looks = sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb")
    if not looks or os.environ.get("NO_COLOR"):
        return lambda kind, text: text
    codes = {"loaded": "32", "refused": "1;31", "blocked": "33", "dim": "2"}
    return lambda kind, text: f"\x1b[{codes[kind]}m{text}\x1b[0m"


@contextmanager
def others_to_stderr() -> Iterator[None]:
    """Whatever is printed meanwhile, also past Python's own `sys.stdout`, goes to stderr."""
    sys.stdout.flush()
    descriptor = os.dup(1)
    leave_stdout()
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if sys.__stdout__ is not None:
            sys.__stdout__.flush()
        os.dup2(descriptor, 1)
        os.close(descriptor)


def leave_stdout() -> None:
    """From here on, file descriptor 1 is standard error."""
    sys.stdout.flush()
    with suppress(OSError):  # standard error is closed
        os.dup2(2, 1)
