"""How did the training go? One list of numbers for each thing that was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


class History(Mapping[str, list[float]]):
    """What ``fit`` measured: a mapping from names to lists with one number an epoch.

    ``history["loss"]`` is there always; the metrics under their names, and, with validation data,
    each again as ``val_loss`` and so on. ``history.steps`` is a dict with one number a batch,
    under ``"loss"`` and ``"lr"``. ``history.stopped`` says why the run ended before its last
    epoch; it is empty if it did not. ``micrograd.viz.plots.loss_curves`` draws it.

    **Example.**

    >>> history = History()
    >>> history.add_epoch({"loss": 0.5, "val_loss": 0.7})
    >>> history.add_epoch({"loss": 0.3, "val_loss": 0.6})
    >>> history["val_loss"], history.epochs
    ([0.7, 0.6], 2)
    >>> history
    History of 2 epochs: loss 0.3, val_loss 0.6
    """

    def __init__(self) -> None:
        self._epochs: dict[str, list[float]] = {}
        self.steps: dict[str, list[float]] = {"loss": [], "lr": []}
        self.stopped = ""

    def __getitem__(self, name: str) -> list[float]:
        if name not in self._epochs:
            raise KeyError(
                f"The history has no {name!r}; it has {', '.join(self._epochs) or 'no epochs yet'}."
            )
        return self._epochs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._epochs)

    def __len__(self) -> int:
        return len(self._epochs)

    @property
    def epochs(self) -> int:
        """How many epochs were finished."""
        return len(next(iter(self._epochs.values()), ()))

    def add_epoch(self, row: Mapping[str, float]) -> None:
        """Write down what was measured in an epoch."""
        for name, number in row.items():
            self._epochs.setdefault(name, []).append(number)

    def add_step(self, loss: float, lr: float) -> None:
        """Write down the loss of a batch, and the learning rate of the step that followed."""
        self.steps["loss"].append(loss)
        self.steps["lr"].append(lr)

    def state_dict(self) -> dict[str, Any]:
        """All numbers, for a checkpoint."""
        return {
            "epochs": {name: list(numbers) for name, numbers in self._epochs.items()},
            "steps": {name: np.array(numbers) for name, numbers in self.steps.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over the numbers of a checkpoint."""
        self._epochs = {name: list(numbers) for name, numbers in state["epochs"].items()}
        self.steps = {name: numbers.tolist() for name, numbers in state["steps"].items()}

    def __repr__(self) -> str:
        if not self.epochs:
            return "History of 0 epochs"
        last = ", ".join(f"{name} {numbers[-1]:.4g}" for name, numbers in self.items())
        why = f" ({self.stopped})" if self.stopped else ""
        return f"History of {self.epochs} epoch{'s' * (self.epochs > 1)}: {last}{why}"
