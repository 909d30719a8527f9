"""How does a run look with tqdm? One bar, with the last numbers behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .callbacks import Callback
from .extras import imported
from .progress import ending, number, title

if TYPE_CHECKING:
    from .run import Run


class Bar(Callback):
    """A bar that counts batches."""

    def __init__(self) -> None:
        self.tqdm = imported("tqdm.auto", 'fit(progress="tqdm") draws with tqdm').tqdm

    def on_fit_begin(self, run: Run) -> None:
        """The bar appears."""
        done = len(run.history.steps["loss"])
        self.bar = self.tqdm(total=run.epochs * run.batches, initial=done, unit="batch")

    def on_epoch_begin(self, run: Run) -> None:
        """It tells the epoch."""
        self.bar.set_description(f"epoch {run.epoch}/{run.epochs}", refresh=False)

    def on_batch_end(self, run: Run) -> None:
        """It moves."""
        self.bar.update()

    def on_epoch_end(self, run: Run) -> None:
        """It tells the measures."""
        last = [f"{title(name)} {number(name, run.history[name][-1])}" for name in run.names]
        self.bar.set_postfix_str(", ".join(last), refresh=False)

    def on_fit_end(self, run: Run) -> None:
        """It stays."""
        self.bar.close()
        if run.stopped:
            self.bar.write(ending(run))
