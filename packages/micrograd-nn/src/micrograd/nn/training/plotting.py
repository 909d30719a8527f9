"""What does a run look like, drawn?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

from .extras import imported

if TYPE_CHECKING:
    from .history import History

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")  # told apart by colour-blind eyes, too


def plot(history: History, ax: Any, names: Sequence[str] | None) -> list[Any]:
    """See ``History.plot``."""
    if ax is not None:
        shown = names or [name for name in history if name in ("loss", "val_loss")]
        return [_draw(history, ax, shown, "", "")]
    pyplot = imported("matplotlib.pyplot", "history.plot() draws with matplotlib", "plot")
    panels = [[name] for name in names] if names else _panels(history)
    width = 5.0 * len(panels) if len(panels) > 1 else 6.0
    _, axes = pyplot.subplots(
        1, len(panels), figsize=(width, 4.0), layout="constrained", squeeze=False
    )
    return [
        _draw(history, one, shown, shown[0].removeprefix("val_").replace("_", " "), "epoch")
        for one, shown in zip(axes.flat, panels, strict=True)
    ]


def _panels(history: History) -> list[list[str]]:
    """What is drawn together: a measure of the training data, and of the validation data."""
    alone = [name for name in history if not name.startswith("val_")] or ["loss"]
    return [[name, f"val_{name}"] if f"val_{name}" in history else [name] for name in alone]


def _draw(history: History, ax: Any, names: Sequence[str], title: str, xlabel: str) -> Any:
    for name, color, style in zip(names, cycle(COLORS), cycle(["-", "--"]), strict=False):
        numbers = history[name]
        epochs = range(1, len(numbers) + 1)
        marker = "o" if len(numbers) < 3 else ""
        ax.plot(epochs, numbers, color=color, linestyle=style, marker=marker, label=_label(name))
    if title:
        ax.set_title(title)
    ax.set_xlabel(xlabel or "epoch")
    losses = [number for name in names if "loss" in name for number in history[name]]
    if losses and min(losses) > 0.0 and max(losses) > 20.0 * min(losses):
        ax.set_yscale("log")  # a loss that fell that far is a flat line otherwise
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    if len(names) > 1:
        ax.legend(frameon=False)
    return ax


def _label(name: str) -> str:
    if name.startswith("val_"):
        return f"{name.removeprefix('val_')}, validation".replace("_", " ")
    return f"{name}, training".replace("_", " ")
