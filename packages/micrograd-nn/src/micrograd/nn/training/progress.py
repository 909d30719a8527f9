"""What does a person see while a model trains?"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from .callbacks import Callback
from .extras import there

if TYPE_CHECKING:
    from .run import Run

KINDS = ("rich", "tqdm", "lines")
MOST_LINES = 30
BARS = "▁▂▃▄▅▆▇█"


def as_progress(progress: Any) -> list[Callback]:
    """What shows the progress: a list of one callback, or of none.

    **Errors.** ValueError for an unknown kind, ModuleNotFoundError with the install line for one
    whose library is missing.
    """
    if progress is False:
        return []
    if progress is True:
        progress = for_here()
    if progress == "lines":
        return [Lines()]
    if progress == "rich":
        from .progress_rich import Panel

        return [Panel()]
    if progress == "tqdm":
        from .progress_tqdm import Bar

        return [Bar()]
    raise ValueError(
        f"fit: progress is {progress!r}. Give True, False, or one of "
        f"{', '.join(repr(kind) for kind in KINDS)}."
    )


def for_here() -> str:
    """The best that this place can show: in a file, a bar that moves is a heap of control signs,
    and in a notebook it moves only with ipywidgets.
    """
    notebook = "ipykernel" in sys.modules
    moves = there("ipywidgets") if notebook else sys.stdout.isatty()
    return "rich" if moves and there("rich") else "tqdm" if moves and there("tqdm") else "lines"


class Lines(Callback):
    """A table that grows by a line an epoch, or by thirty in all if there are more epochs."""

    def on_fit_begin(self, run: Run) -> None:
        """The heading."""
        self.began = time.perf_counter()
        self.width = len(str(run.epochs))
        self.every = -(-run.epochs // MOST_LINES)
        self.told = run.history.epochs
        heads = [f"{title(name):>{max(len(title(name)), 8)}}" for name in run.names]
        print(f"{'epoch':>{2 * self.width + 1}}  {'  '.join(heads)}      time", flush=True)

    def on_epoch_end(self, run: Run) -> None:
        """A line."""
        if run.epoch == 1 or run.epoch % self.every == 0:
            self._line(run)

    def on_fit_end(self, run: Run) -> None:
        """The last line, and why it ended early, if it did."""
        if run.history.epochs > self.told:
            self._line(run)
        if run.stopped:
            print(ending(run))

    def _line(self, run: Run) -> None:
        cells = [
            f"{number(name, run.history[name][-1]):>{max(len(title(name)), 8)}}"
            for name in run.names
        ]
        seconds = duration(time.perf_counter() - self.began)
        self.told = run.history.epochs
        epoch = f"{self.told:>{self.width}}/{run.epochs}"
        print(f"{epoch:>5}  {'  '.join(cells)}  {seconds:>8}", flush=True)


def ending(run: Run) -> str:
    """When and why a run ended early."""
    return f"ended in epoch {run.epoch if run.batch else run.history.epochs}: {run.stopped}"


def title(name: str) -> str:
    """A measure's name, as a person reads it."""
    return name.replace("_", " ")


SHARES = ("accuracy", "f1", "precision", "recall", "top_k_accuracy")


def number(name: str, measured: float) -> str:
    """A measure's number: shares as percentages, the others with four digits.

    >>> number("val_accuracy", 0.98765), number("loss", 0.12), number("loss", 1234567.0)
    ('98.77 %', '0.1200', '1.235e+06')
    """
    if name.removeprefix("val_") in SHARES:
        return f"{measured:.2%}".replace("%", " %")
    return f"{measured:#.4g}".rstrip(".")


def duration(seconds: float) -> str:
    """A time that one can read.

    >>> duration(0.0312), duration(75.2), duration(7384.0)
    ('0.03 s', '1:15', '2:03:04')
    """
    if seconds < 60.0:
        return f"{seconds:.2f} s" if seconds < 10.0 else f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def curve(numbers: list[float], width: int = 24) -> str:
    """A curve, drawn with letters: the lowest number is the lowest bar.

    >>> curve([4.0, 2.0, 1.0, 0.5])
    '█▄▂▁'
    """
    if len(numbers) > width:  # of each stretch, the last number
        places = [(i + 1) * len(numbers) // width - 1 for i in range(width)]
        numbers = [numbers[place] for place in places]
    finite = [one for one in numbers if one - one == 0.0]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((one - low) * scale)] if one - one == 0.0 else "·" for one in numbers)
