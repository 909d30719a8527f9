"""Which classes does a model take for which?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import look as looks
from .asking import array_of
from .look import Array, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TOLD = "confusion_matrix"
DEEP = 0.7  # from here on a cell is nearer to ink than to paper


def confusion_matrix(
    prediction: Any,
    target: Any = None,
    *,
    normalize: bool = False,
    classes: Sequence[object] | None = None,
    ax: Axes | None = None,
    theme: str | None = None,
) -> Axes:
    """Draw how many targets of each class (row) are predicted as each class (column).

    Pass class numbers, predictions first as for nn's metrics, or a matrix of counts alone, such as
    ``micrograd.nn.metrics.confusion_matrix`` gives for scores and thresholds too. A cell tells its
    count, or with ``normalize`` its share of the row; what is right is blue, what is wrong orange.
    ``classes`` are names for the classes.

    **Maths.** With n the counts, the depth of a colour is the root of n_ij / Σ_k n_ik, so that rare
    mistakes can be seen; a row without targets is blank.

    **Shapes.** prediction and target (N,), whole numbers from 0; or one matrix (C, C).

    **Errors.** ValueError for other shapes, negative numbers, and as many names as there are no
    classes; TypeError for class numbers that are not whole.

    **Example.**

    >>> from matplotlib.figure import Figure
    >>> ax = confusion_matrix([0, 1, 1], [0, 0, 1], ax=Figure().subplots())
    >>> [text.get_text() for text in ax.texts]
    ['1', '1', '0', '1']
    """
    counts = _matrix(prediction) if target is None else _counted(prediction, target, classes)
    count = len(counts)
    if classes is not None and len(classes) != count:
        raise ValueError(
            f"{TOLD}: classes has {len(classes)} names, but there are {count} classes. Name each "
            "of them."
        )
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    right = np.eye(count, dtype=bool)
    side = min(max(2.5 + 0.45 * count, 3.5), 12.0)
    ax, look = looks.canvas(TOLD, ax, theme, (side, side))
    depth, form = np.sqrt(shares), ".3g" if counts.dtype.kind == "f" else "d"
    ax.imshow(np.where(right, depth, -depth), cmap=look.diverging(), vmin=-1.5, vmax=1.5)
    size = min(max(110.0 / count, 4.0), 12.0)
    for (row, column), number in np.ndenumerate(counts):
        told = f"{shares[row, column]:.0%}" if normalize else f"{number:{form}}"
        ax.text(
            column,
            row,
            told if totals[row, 0] or not normalize else "–",
            ha="center",
            va="center",
            fontsize=size,
            fontweight="bold" if right[row, column] else "normal",
            color=_ink(look, number, depth[row, column]),
        )
    names = [str(name) for name in (range(count) if classes is None else classes)]
    ax.set_xticks(range(count), names, rotation=45 if max(map(len, names)) > 4 else 0)
    ax.set_yticks(range(count), names)
    ax.set(xlabel="predicted", ylabel="target")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _ink(look: Look, number: float, depth: float) -> str:
    if not number:
        return look.faint
    return look.paper if depth > DEEP else look.ink


def _matrix(given: Any) -> Array:
    counts = array_of(given)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not counts.size:
        raise ValueError(
            f"{TOLD}: without a target, got shape {counts.shape}. Pass a matrix of counts (C, C), "
            "or a prediction and a target."
        )
    if counts.dtype.kind not in "fiub" or not (np.isfinite(counts) & (counts >= 0)).all():
        raise ValueError(
            f"{TOLD}: the matrix holds what is no count. Pass numbers from 0, finite ones."
        )
    return counts if counts.dtype.kind == "f" else counts.astype(np.int64)


def _counted(prediction: Any, target: Any, classes: Sequence[object] | None) -> Array:
    given, wanted = array_of(prediction), array_of(target)
    if given.shape != wanted.shape or not given.size:
        raise ValueError(
            f"{TOLD}: prediction has shape {given.shape} and target has shape {wanted.shape}. Pass "
            "a class number for each, at least one; of scores (N, C) that is scores.argmax(axis=1)."
        )
    for name, array in (("prediction", given), ("target", wanted)):
        if array.dtype.kind not in "iub":
            raise TypeError(
                f"{TOLD}: {name} has dtype {array.dtype}. Pass class numbers, whole ones: of "
                "logits of two classes that is logits > 0."
            )
        if array.min() < 0:
            raise ValueError(f"{TOLD}: {name} holds {array.min()}. Number the classes from 0.")
    least = 0 if classes is None else len(classes)
    count = max(int(given.max()) + 1, int(wanted.max()) + 1, least)
    counts = np.zeros((count, count), dtype=np.int64)
    np.add.at(counts, (wanted.reshape(-1).astype(int), given.reshape(-1).astype(int)), 1)
    return counts
