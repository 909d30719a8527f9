"""Which class does each row belong to, and which rows count?

What ``cross_entropy`` and ``nll`` share: scores have their classes on axis 1 (on axis 0 where that
is the only one), a target names one class for each row, and rows may be left out or weighted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .weighting import shape_of


def class_axis(scores: Any) -> int:
    """The axis that the classes are on."""
    return 1 if scores.ndim > 1 else 0


def check_scores(loss: str, what: str, shape: tuple[int, ...]) -> None:
    """Refuse scores without classes or rows."""
    if not shape or 0 in shape:
        raise ValueError(
            f"{loss}: {what} have shape {shape}, so there is nothing to choose "
            "from. Give it one number a class and at least one row, in shape (N, C)."
        )


def check_labels(
    loss: str, what: str, shape: tuple[int, ...], target: Any, or_else: str = ""
) -> None:
    """Refuse labels of another shape or dtype, or beyond the classes.

    ``shape`` is that of the scores, ``or_else`` what the target might be instead of labels.
    """
    axis = 1 if len(shape) > 1 else 0
    rows, have = shape[:axis] + shape[axis + 1 :], shape_of(target)
    if have != rows:
        raise ValueError(
            f"{loss}: {what} have shape {shape} but target has shape {have}. Give "
            f"it integer labels of shape {rows}{or_else}."
        )
    dtype = getattr(target, "dtype", np.dtype(type(target)))
    if dtype.kind not in "iu":
        raise TypeError(
            f"{loss}: target has shape {have}, so it must hold labels, but its dtype is "
            f"{dtype}. Give it a plain array of integers, for example target.astype(int)."
        )


def rows_that_count(loss: str, target: Any, classes: int, ignore_index: int | None) -> int | None:
    """``ignore_index`` if some label is that, else None: the usual case, which costs nothing more.

    **Errors.** ValueError for other labels beyond the classes, and if no row is left.
    """
    if ignore_index is None or isinstance(ignore_index, (int, np.integer)):
        pass
    else:
        raise TypeError(
            f"{loss}: ignore_index is {ignore_index!r}. Give a whole number, or None to leave no "
            "row out."
        )
    if hasattr(target, "recorder"):  # a symbol may hold any label that its dtype has
        unsigned = target.dtype.kind == "u" and (ignore_index or 0) < 0
        return None if unsigned else ignore_index
    labels = np.asarray(target)
    low, high = labels.min(), labels.max()
    if ignore_index is not None and low <= ignore_index <= high:
        kept = labels[labels != ignore_index]
        if not kept.size:
            raise ValueError(
                f"{loss}: every label is {ignore_index}, which ignore_index leaves out, so no row "
                "is left to learn from."
            )
        low, high = kept.min(), kept.max()
        ignore_index = ignore_index if kept.size < labels.size else None
    else:
        ignore_index = None
    if low < 0 or high >= classes:
        raise ValueError(
            f"{loss}: labels reach from {low} to {high}, but there are {classes} "
            f"classes. Give labels from 0 to {classes - 1}; ignore_index= names one that is left "
            "out."
        )
    return ignore_index


class Rows(NamedTuple):
    """Labels to look up with, which rows count, and how much; None where all do, and the same."""

    labels: Any
    kept: Any
    weights: Any

    def total(self, dtype: Any) -> Any:
        """What the mean divides by, unless it is the number of rows."""
        return self.kept.astype(dtype).sum() if self.weights is None else self.weights.sum()

    @property
    def all_alike(self) -> bool:
        """Whether the mean is the plain one."""
        return self.kept is None and self.weights is None


def rows_of(target: Any, weight: Any, ignore_index: int | None) -> Rows:
    """The rows that labels name."""
    if ignore_index is None:
        return Rows(target, None, None if weight is None else _looked_up(weight, target))
    kept = np.not_equal(target, ignore_index)
    labels = target * kept  # class 0 stands for what is left out
    return Rows(labels, kept, None if weight is None else _looked_up(weight, labels) * kept)


def _looked_up(weight: Any, target: Any) -> Any:
    """weight[target], in words that symbols understand too."""
    found = np.take_along_axis(weight, np.reshape(target, -1), 0)
    return found.reshape(np.shape(target))


def row_losses(log_p: Any, rows: Rows) -> Any:
    """−log p of each row's class, times the row's weight; 0 for a row that does not count."""
    if log_p.ndim == 2:  # the frequent case, and NumPy's shortest way to say it
        each = -log_p[np.arange(log_p.shape[0]), rows.labels]
    else:
        axis = class_axis(log_p)
        each = -np.take_along_axis(log_p, np.expand_dims(rows.labels, axis), axis).squeeze(axis)
    if rows.kept is not None:
        each = np.where(rows.kept, each, 0.0)  # not a product: log p may be −∞
    return each if rows.weights is None else each * rows.weights


def one_hot(scores: Any, target: Any) -> Any:
    """True at each row's class, in the shape of the scores."""
    axis = class_axis(scores)
    classes = np.arange(scores.shape[axis]).reshape(-1, *(1,) * (scores.ndim - 1 - axis))
    one_each = np.reshape(target, (*scores.shape[:axis], 1, *scores.shape[axis + 1 :]))
    return np.equal(one_each, classes)


def along_classes(scores: Any, weight: Any) -> Any:
    """One number for each class, in a shape that broadcasts to that of the scores."""
    return weight.reshape(-1, *(1,) * (scores.ndim - 1 - class_axis(scores)))
