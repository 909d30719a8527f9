"""How does a run look in a terminal with rich? A bar, and the curve of each measure under it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .callbacks import BETTER, Callback
from .extras import imported
from .progress import curve, duration, ending, number, title

if TYPE_CHECKING:
    from .run import Run

MOMENT = 0.1
"""Seconds between two looks at the batches: drawing more often would cost more than it shows."""


class Panel(Callback):
    """A live picture of a run: how far it is, and each measure's last number, curve and best."""

    def __init__(self) -> None:
        told = 'fit(progress="rich") draws with rich'
        self.console = imported("rich.console", told).Console()
        self.live = imported("rich.live", told).Live
        self.table = imported("rich.table", told).Table
        self.group = imported("rich.console", told).Group
        self.bar = imported("rich.progress_bar", told).ProgressBar

    def on_fit_begin(self, run: Run) -> None:
        """The picture appears."""
        self.began = time.perf_counter()
        self.drawn = 0.0
        self.before = len(run.history.steps["loss"])
        self.display = self.live(
            self._picture(run), console=self.console, auto_refresh=False, transient=False
        )
        self.display.start()

    def on_batch_end(self, run: Run) -> None:
        """It moves, not too often."""
        if time.perf_counter() - self.drawn > MOMENT:
            self._draw(run)

    def on_epoch_end(self, run: Run) -> None:
        """It moves, not too often."""
        if time.perf_counter() - self.drawn > MOMENT:
            self._draw(run)

    def on_fit_end(self, run: Run) -> None:
        """It stays as it was last."""
        self._draw(run)
        self.display.stop()
        if run.stopped:
            self.console.print(
                ending(run),
                style="yellow",
                markup=False,
                highlight=False,
            )

    def _draw(self, run: Run) -> None:
        self.display.update(self._picture(run), refresh=True)
        self.drawn = time.perf_counter()

    def _picture(self, run: Run) -> Any:
        return self.group(self._head(run), *([self._measures(run)] if run.history.epochs else []))

    def _head(self, run: Run) -> Any:
        """How far the run is, and how long it takes."""
        steps, total = len(run.history.steps["loss"]), run.epochs * run.batches
        spent = time.perf_counter() - self.began
        made = steps - self.before
        over = run.stopped or steps == total
        left = spent / made * (total - steps) if made else 0.0
        clock = duration(spent) if over or not made else f"{duration(left)} left"
        row = self.table.grid(padding=(0, 2))
        row.add_row(
            f"[bold]epoch {min(run.epoch, run.epochs)}[/]/{run.epochs}",
            self.bar(total, steps, 30, complete_style="cyan", finished_style="green"),
            f"batch loss {number('loss', run.loss)}" if made else "",
            f"lr {run.optimizer.lr:.3g}",
            f"[dim]{clock}[/]",
        )
        return row

    def _measures(self, run: Run) -> Any:
        """A line for each measure."""
        rows = self.table.grid(padding=(0, 2))
        rows.add_column(justify="left")
        rows.add_column(justify="right", style="bold")
        for name in run.names:
            numbers = run.history[name]
            color = "bright_blue" if name.startswith("val_") else "cyan"
            grows = BETTER.get(name.removeprefix("val_"), "min") == "max"
            best = (max if grows else min)(numbers)
            where = numbers.index(best) + 1
            rows.add_row(
                f"[{color}]{title(name)}[/]",
                number(name, numbers[-1]),
                f"[{color}]{curve(numbers)}[/]",
                f"[dim]best {number(name, best)} in epoch {where}[/]",
            )
        return rows
