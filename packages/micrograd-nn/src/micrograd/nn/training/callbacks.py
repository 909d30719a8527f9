"""Who looks on while a model trains, and may end it?

A callback is an object whose methods ``fit`` calls at certain moments, each with the run: the
model, the history so far, the epoch and the batch, and ``run.stop(reason)``. ``EarlyStopping`` and
``BestWeights`` are two that are there; a function is one too, called at the end of each epoch, and
so is an object of another class that has some of the methods, as the watcher of micrograd-viz has.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .run import Run

HOOKS = ("on_fit_begin", "on_epoch_begin", "on_batch_end", "on_epoch_end", "on_fit_end")

BETTER = {"accuracy": "max", "f1": "max", "loss": "min", "precision": "max", "recall": "max"}
BETTER |= {"top_k_accuracy": "max", "mse": "min", "l1": "min", "mae": "min", "error": "min"}


class Callback:
    """Something that looks on: write a subclass, and the hooks that it needs.

    Each gets the run, whose attributes are ``model``, ``optimizer``, ``history``, ``epoch`` (from
    1), ``epochs``, ``batch`` (from 1), ``batches`` (in an epoch), ``loss`` (of the last batch) and
    ``names`` (what the history will hold). ``run.stop(reason)`` ends the run after this batch.

    What must survive a crash is told by ``state_dict``, and taken back by ``load_state_dict``; it
    may hold numbers, strings, arrays, lists and dicts. Generators in attributes are saved anyhow.

    **Errors.** TypeError at the definition of a class with a hook that does not exist.

    **Example.**

    >>> class Stop(Callback):
    ...     def on_batch_end(self, run):
    ...         if run.loss < 0.1:
    ...             run.stop("good enough")
    >>> class Typo(Callback):
    ...     def on_epoch_ends(self, run):
    ...         print(run.epoch)
    Traceback (most recent call last):
        ...
    TypeError: Typo.on_epoch_ends is no hook. Did you mean on_epoch_end?
    """

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        for name in vars(cls):
            if name.startswith("on_") and name not in HOOKS:
                near = difflib.get_close_matches(name, HOOKS, 1)
                hint = f"Did you mean {near[0]}?" if near else f"The hooks are {', '.join(HOOKS)}."
                raise TypeError(f"{cls.__name__}.{name} is no hook. {hint}")

    @property
    def name(self) -> str:
        """What a checkpoint calls it, to tell whether a run has the callbacks of another."""
        return type(self).__name__

    def on_fit_begin(self, run: Run) -> None:
        """Before the first batch, also of a run that goes on from a checkpoint."""

    def on_epoch_begin(self, run: Run) -> None:
        """Before the first batch of an epoch."""

    def on_batch_end(self, run: Run) -> None:
        """After the step of a batch."""

    def on_epoch_end(self, run: Run) -> None:
        """When the history holds an epoch, its validation too; ``run.epoch`` is that epoch."""

    def on_fit_end(self, run: Run) -> None:
        """When the run is over: finished, stopped, interrupted or, by a loss of NaN, broken."""

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what a checkpoint kept."""


class _Function(Callback):
    """A plain function, called at the end of each epoch."""

    def __init__(self, function: Callable[[Run], Any]) -> None:
        self.function = function

    @property
    def name(self) -> str:
        return getattr(self.function, "__name__", type(self.function).__name__)

    def on_epoch_end(self, run: Run) -> None:
        self.function(run)


class _Monitor(Callback):
    """What looks at one number of the history, and knows when it was best."""

    def __init__(self, monitor: str, mode: str | None, min_delta: float = 0.0) -> None:
        name = type(self).__name__
        self.monitor, self.min_delta = monitor, min_delta
        self.mode = mode or BETTER.get(monitor.removeprefix("val_"), "")
        if self.mode not in ("min", "max"):
            got = f"mode is {mode!r}" if mode else f"it is not known whether {monitor!r} is to grow"
            raise ValueError(f"{name}: {got}. Pass mode='min' or mode='max'.")
        if not min_delta >= 0.0:
            raise ValueError(f"{name}: min_delta is {min_delta}. It must not be negative.")
        self.best: float | None = None
        self.best_epoch = 0

    def on_fit_begin(self, run: Run) -> None:
        """Look whether there will be such a number."""
        if self.monitor not in run.names:
            near = difflib.get_close_matches(self.monitor, run.names, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            if self.monitor.startswith("val_") and "val_loss" not in run.names:
                hint = " Pass validation=(X, y) to fit."
            raise ValueError(
                f"{type(self).__name__}: the history will not have {self.monitor!r}; it will have "
                f"{', '.join(run.names)}.{hint}"
            )

    def improved(self, run: Run) -> bool:
        """Whether this epoch is the best so far; NaN never is."""
        now = run.history[self.monitor][-1]
        sign = 1.0 if self.mode == "min" else -1.0
        if self.best is None:
            better = now == now
        else:
            better = sign * now < sign * self.best - self.min_delta
        if better:
            self.best, self.best_epoch = now, run.epoch
        return better

    def state_dict(self) -> dict[str, Any]:
        """The best number, and when it was."""
        return {"best": self.best, "best_epoch": self.best_epoch}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take these back."""
        self.best, self.best_epoch = state["best"], state["best_epoch"]


class EarlyStopping(_Monitor):
    """End a run when a number of the history has not got better for ``patience`` epochs.

    Better means lower by more than ``min_delta``, or higher with ``mode="max"``, which is what is
    meant for accuracy, precision, recall and F1 without being said. Put a ``BestWeights`` beside it
    to get the weights of the best epoch back.

    **Errors.** ValueError for a patience below 1, a negative ``min_delta``, a monitor of which it
    is not known whether it is to grow, and, from ``fit``, one that is not in the history.

    >>> EarlyStopping(patience=3, monitor="val_accuracy").mode
    'max'
    """

    def __init__(
        self,
        patience: int = 10,
        monitor: str = "val_loss",
        mode: str | None = None,
        min_delta: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        if patience < 1:
            raise ValueError(f"EarlyStopping: patience is {patience}. Give at least 1 epoch.")
        self.patience = patience
        self.since = 0

    def on_epoch_end(self, run: Run) -> None:
        """Count the epochs without a new best."""
        self.since = 0 if self.improved(run) else self.since + 1
        if self.since >= self.patience:
            best = f"{self.best:.4g} in epoch {self.best_epoch}" if self.best_epoch else "NaN"
            run.stop(f"{self.monitor} has not got better for {self.since} epochs; best {best}")

    def state_dict(self) -> dict[str, Any]:
        """The best number, when it was, and for how long there was no better one."""
        return {**super().state_dict(), "since": self.since}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take these back."""
        super().load_state_dict(state)
        self.since = state["since"]


class BestWeights(_Monitor):
    """Keep the weights of the best epoch, and give them back to the model when the run ends.

    It does so also when the run was interrupted, or broke by a loss of NaN. ``weights`` is that
    state dict, ``best_epoch`` the epoch. Arguments and errors are those of ``EarlyStopping``.
    """

    def __init__(self, monitor: str = "val_loss", mode: str | None = None) -> None:
        super().__init__(monitor, mode)
        self.weights: dict[str, np.ndarray] | None = None

    def on_epoch_end(self, run: Run) -> None:
        """Copy the weights if they are the best."""
        if self.improved(run):
            self.weights = run.model.state_dict()

    def on_fit_end(self, run: Run) -> None:
        """Give the best weights back."""
        if self.weights is not None:
            run.model.load_state_dict(self.weights)

    def state_dict(self) -> dict[str, Any]:
        """The best number, when it was, and the weights."""
        return {**super().state_dict(), "weights": self.weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take these back."""
        super().load_state_dict(state)
        self.weights = state["weights"]


class _Other(Callback):
    """An object of another class that has some of the hooks, and perhaps a state."""

    def __init__(self, other: Any) -> None:
        self.other = other
        for hook in (*HOOKS, "state_dict", "load_state_dict"):
            if hasattr(other, hook):
                setattr(self, hook, getattr(other, hook))

    @property
    def name(self) -> str:
        return type(self.other).__name__


def as_callbacks(given: Any) -> list[Callback]:
    """A list of callbacks out of callbacks, objects with hooks and functions, or one of them.

    **Errors.** TypeError for what is neither.
    """
    if isinstance(given, Callback) or not isinstance(given, Iterable):
        given = [given]
    made = []
    for position, one in enumerate(given):
        if isinstance(one, Callback):
            made.append(one)
        elif not isinstance(one, type) and any(hasattr(one, hook) for hook in HOOKS):
            made.append(_Other(one))
        elif callable(one) and not isinstance(one, type):
            made.append(_Function(one))
        else:
            got = f"the class {one.__name__}" if isinstance(one, type) else repr(one)
            raise TypeError(
                f"fit: callback {position} is {got}. Give an object of a Callback class, one "
                "with a method such as on_epoch_end, or a function of the run."
            )
    return made
