"""Where can a picture move? In a notebook, and in a terminal with rich; elsewhere none is shown."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

from ..extras import imported
from . import html, table

if TYPE_CHECKING:
    from .watcher import Watcher

MOMENT = 0.1
"""Seconds between two pictures: drawing more often would cost more than it shows."""

ALARMING = {"dead", "exploding", "not finite"}


class Screen(Protocol):
    """What shows the last sample, anew each time."""

    def show(self, watcher: Watcher) -> None: ...

    def stop(self) -> None: ...


def for_here() -> Screen | None:
    """The screen that this place has; None for a file or a pipe.

    **Errors.** ModuleNotFoundError with the install line, in a terminal without rich.
    """
    if "ipykernel" in sys.modules:
        return Notebook()
    return Terminal() if sys.stdout.isatty() else None


class _Seldom:
    """What is not drawn too often, but the last time in any case."""

    def __init__(self) -> None:
        self._drawn = 0.0
        self._waiting: Watcher | None = None

    def show(self, watcher: Watcher) -> None:
        """Draw, unless that was just done."""
        self._waiting = watcher
        if time.perf_counter() - self._drawn > MOMENT:
            self._draw_it()

    def stop(self) -> None:
        """Draw what was left out, and leave it there."""
        if self._waiting is not None:
            self._draw_it()

    def _draw_it(self) -> None:
        watcher, self._waiting = self._waiting, None
        if watcher is not None:
            self.draw(watcher)
        self._drawn = time.perf_counter()

    def draw(self, watcher: Watcher) -> None:
        raise NotImplementedError


class Notebook(_Seldom):
    """The output of a cell, replaced at each sample."""

    def __init__(self) -> None:
        super().__init__()
        self._display = imported("IPython.display", "live=True in a notebook needs IPython", "live")
        self._handle: Any = None

    def draw(self, watcher: Watcher) -> None:
        """Draw the table in HTML."""
        shown = self._display.HTML(html.page(watcher))
        if self._handle is None:
            self._handle = self._display.display(shown, display_id=True)
        else:
            self._handle.update(shown)


class Terminal(_Seldom):
    """A table that stays in its place, while other lines are printed above it."""

    def __init__(self) -> None:
        super().__init__()
        told = "live=True draws in a terminal with rich"
        console = imported("rich.console", told, "live")
        self._group, self._console = console.Group, console.Console()
        self._live_of = imported("rich.live", told, "live").Live
        self._table_of = imported("rich.table", told, "live").Table
        self._text = imported("rich.text", told, "live").Text
        self._live: Any = None

    def draw(self, watcher: Watcher) -> None:
        """Draw the table."""
        if self._live is None:
            self._live = self._live_of(console=self._console, auto_refresh=False)
            self._live.start()
        self._live.update(self._picture(watcher), refresh=True)

    def stop(self) -> None:
        """Leave the last picture there."""
        super().stop()
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _picture(self, watcher: Watcher) -> Any:
        grid = self._table_of.grid(padding=(0, 2))
        for head in table.HEADS:
            right = head in table.NUMBERS
            grid.add_column(justify="right" if right else "left", no_wrap=True)
        grid.add_row(*(self._text(head, "bold") for head in table.HEADS))
        for row in table.rows(watcher):
            alarm = "bold red" if ALARMING & set(row.flags) else "bold yellow"
            styles = ("", "cyan", "", "", "bright_blue", "", "", alarm)
            grid.add_row(*map(self._text, row.cells(), styles))
        title = self._text(table.title(watcher), "bold")
        return self._group(title, grid, *(self._text(n, "dim") for n in table.notes(watcher)))
