"""How did the training go?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from ..wishes import one_of
from . import look as looks
from .look import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VALIDATION = "val_"
PICK = {"min": np.nanargmin, "max": np.nanargmax}


def loss_curves(
    history: Any,
    names: str | Sequence[str] | None = None,
    *,
    log: bool | None = None,
    best: str | None = None,
    xlabel: str = "epoch",
    ax: Axes | None = None,
    theme: str | None = None,
) -> Axes:
    """Draw numbers over the epochs in which they were measured.

    ``history`` is what ``fit`` returns, any dict of lists with one number an epoch, or one such
    list. ``names`` are the curves to draw; by default all losses, or all there is if nothing is
    called a loss. A name that begins with ``val_`` is measured on validation data, and is dashed.

    ``best="min"`` marks the epoch of the least number, ``"max"`` that of the greatest: of the
    validation data's curves, or of all if there are none. ``log`` says whether the axis is
    logarithmic; by default it is if the numbers, all positive, fall to less than a twentieth.
    For the batches of ``fit``, draw ``history.steps`` with ``xlabel="batch"``.

    **Errors.** KeyError with near misses for a name that the history does not have; TypeError for
    what is no list of numbers; ValueError for an empty one, for an unknown ``best``, and for
    ``log=True`` where a number is not positive.

    **Example.**

    >>> from matplotlib.figure import Figure
    >>> history = {"loss": [1.0, 0.5, 0.3], "val_loss": [1.1, 0.7, 0.8]}
    >>> ax = loss_curves(history, best="min", ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['loss, training', 'loss, validation', '0.7 in epoch 2']
    """
    history = _named(history)
    curves = _chosen(history, names)
    if best is not None:
        one_of("loss_curves", "best", best, tuple(PICK))
    falls = looks.falls_far("loss_curves", np.concatenate(list(curves.values())), log)
    ax, look = looks.canvas("loss_curves", ax, theme)
    first = len(ax.get_lines())  # a second call goes on with the next colours
    validated = [name for name in curves if name.startswith(VALIDATION)]
    colors = dict(zip(curves, _skip(look.colors, first), strict=False))
    for name, numbers in curves.items():
        epochs = np.arange(1, len(numbers) + 1)
        ax.plot(
            epochs,
            numbers,
            color=colors[name],
            linestyle="--" if name in validated else "-",
            marker="o" if len(numbers) < 3 else "",
            label=_label(name, history),
        )
        if best is not None and name in (validated or curves):
            _mark(ax, numbers, colors[name], best, xlabel)
    if falls:
        ax.set_yscale("log")
    ax.set_xlabel(xlabel)
    looks.whole_ticks(ax)
    looks.lines(ax)
    if len(ax.get_lines()) > 1 or best is not None:
        looks.legend(ax, look)
    return ax


def _named(history: Any) -> Mapping[str, Any]:
    """A history by names; numbers may be names, too, such as learning rates."""
    if not isinstance(history, Mapping):
        return {"loss": history}
    return {str(name): numbers for name, numbers in history.items()}


def _chosen(history: Mapping[str, Any], names: str | Sequence[str] | None) -> dict[str, Array]:
    """The curves to draw, by name."""
    if not history:
        raise ValueError("loss_curves: the history is empty. Train for an epoch first.")
    if names is None:
        names = [name for name in history if name.endswith("loss")] or list(history)
    chosen = [names] if isinstance(names, str) else [str(name) for name in names]
    for name in chosen:
        if name not in history:
            near = get_close_matches(name, list(history), n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(history)}."
            raise KeyError(f"loss_curves: the history has no {name!r}. {hint}")
    if not chosen:
        raise ValueError(f"loss_curves: names is empty. Name some of {', '.join(history)}.")
    return {name: _numbers(name, history[name]) for name in chosen}


def _numbers(name: str, given: Any) -> Array:
    try:
        numbers = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"loss_curves: {name!r} is no list of numbers. Pass one number an epoch; that of a "
            "Value is loss.item()."
        ) from error
    if numbers.ndim != 1 or not numbers.size:
        raise ValueError(
            f"loss_curves: {name!r} has shape {numbers.shape}. Pass a list with one number an "
            "epoch, of one epoch at least."
        )
    return numbers


def _label(name: str, history: Mapping[str, Any]) -> str:
    """A measure of ``fit``: what it was measured on. Anything else: its own name."""
    measure = name.removeprefix(VALIDATION)
    if f"{VALIDATION}{measure}" not in history:
        return name
    on = "validation" if name.startswith(VALIDATION) else "training"
    return f"{measure}, {on}".replace("_", " ")


def _skip(colors: Sequence[str], first: int) -> Any:
    endless = cycle(colors)
    for _ in range(first % len(colors)):
        next(endless)
    return endless


def _mark(ax: Axes, numbers: Array, color: str, best: str, unit: str) -> None:
    """A ring around the best number; the legend says which it is, and when it was."""
    if np.isnan(numbers).all():
        return
    where = int(PICK[best](numbers))
    told = f"{numbers[where]:.3g} in {unit} {where + 1}"
    looks.ring(ax, [where + 1], [numbers[where]], color, told)
