"""Which classes does a classifier take for which?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .classes import class_numbers

AVERAGES = ("macro", "micro", "binary", "none")


def confusion_matrix(
    prediction: Any, target: Any, *, classes: int | None = None, threshold: float | None = None
) -> np.ndarray:
    """How many targets of class i (row) are predicted as class j (column)?

    ``classes`` is the number of classes where it cannot be seen: class numbers alone only show the
    greatest one that occurs.

    **Shapes.** The result has shape (C, C), whole numbers.

    **Errors.** Those of the module, and ValueError for scores of another number of classes than
    ``classes``.

    **Example.**

    >>> confusion_matrix(np.array([0, 1, 1, 0]), np.array([0, 0, 1, 1]), classes=3)
    array([[1, 1, 0],
           [1, 1, 0],
           [0, 0, 0]])
    """
    return _counted("confusion_matrix", prediction, target, threshold, classes)


def precision(
    prediction: Any,
    target: Any,
    *,
    average: str = "macro",
    zero_division: float = 0.0,
    classes: int | None = None,
    threshold: float | None = None,
) -> Any:
    """How many of those that are predicted as a class belong to it?

    **Maths.** TP / (TP + FP) for each class. ``average`` makes one number of them:

    - ``"macro"``: the mean over the classes that occur in the predictions or in the targets;
    - ``"micro"``: from the sums of TP and FP over all classes, which is the accuracy;
    - ``"binary"``: that of class 1, of two classes;
    - ``"none"``: all of them, in an array of shape (C,).

    Where a class is never predicted, the quotient is 0 / 0; then ``zero_division`` stands for it.
    (These are scikit-learn's conventions.)

    **Errors.** Those of the module, and ValueError for an unknown ``average``, or for ``"binary"``
    with more than two classes.

    **Example.**

    >>> predicted, target = np.array([1, 1, 1, 0]), np.array([1, 0, 1, 1])
    >>> precision(predicted, target, average="binary")
    0.6666666666666666
    >>> precision(predicted, target, average="none")
    array([0.        , 0.66666667])
    """
    matrix = _matrix("precision", prediction, target, average, classes, threshold)
    return _averaged(matrix, lambda tp, fp, fn: (tp, tp + fp), average, zero_division)


def recall(
    prediction: Any,
    target: Any,
    *,
    average: str = "macro",
    zero_division: float = 0.0,
    classes: int | None = None,
    threshold: float | None = None,
) -> Any:
    """How many of those that belong to a class are predicted as it?

    **Maths.** TP / (TP + FN) for each class; ``average`` and ``zero_division`` (here for a class
    that no target has) as in ``precision``.

    **Errors.** As ``precision``.

    **Example.**

    >>> recall(np.array([1, 1, 1, 0]), np.array([1, 0, 1, 1]), average="none")
    array([0.        , 0.66666667])
    """
    matrix = _matrix("recall", prediction, target, average, classes, threshold)
    return _averaged(matrix, lambda tp, fp, fn: (tp, tp + fn), average, zero_division)


def f1(
    prediction: Any,
    target: Any,
    *,
    average: str = "macro",
    zero_division: float = 0.0,
    classes: int | None = None,
    threshold: float | None = None,
) -> Any:
    """Precision and recall in one number, their harmonic mean.

    **Maths.** 2 TP / (2 TP + FP + FN) for each class; ``average`` as in ``precision``;
    ``zero_division`` stands for a class that occurs neither in predictions nor in targets.

    **Errors.** As ``precision``.

    **Example.**

    >>> f1(np.array([1, 1, 1, 0]), np.array([1, 0, 1, 1]))
    0.3333333333333333
    """
    matrix = _matrix("f1", prediction, target, average, classes, threshold)
    return _averaged(matrix, lambda tp, fp, fn: (2 * tp, 2 * tp + fp + fn), average, zero_division)


def _counted(
    name: str,
    prediction: Any,
    target: Any,
    threshold: float | None,
    classes: int | None,
    least: int = 1,
) -> np.ndarray:
    predicted, wanted, count = class_numbers(name, prediction, target, threshold, classes)
    count = max(count, least)
    pairs = np.bincount((wanted * count + predicted).reshape(-1), minlength=count * count)
    return pairs.reshape(count, count)


def _matrix(
    name: str,
    prediction: Any,
    target: Any,
    average: str,
    classes: int | None,
    threshold: float | None,
) -> np.ndarray:
    """The confusion matrix, if ``average`` makes sense for it."""
    if average not in AVERAGES:
        known = "'macro', 'micro', 'binary' or 'none'"
        raise ValueError(f"{name}: average is {average!r}. It must be {known}.")
    least = 2 if average == "binary" else 1  # class 1 need not occur among class numbers
    matrix = _counted(name, prediction, target, threshold, classes, least)
    if average == "binary" and len(matrix) > 2:
        raise ValueError(
            f"{name}: average is 'binary', but there are {len(matrix)} classes. Choose 'macro', "
            "'micro' or 'none'."
        )
    return matrix


def _averaged(
    matrix: np.ndarray, quotient: Callable[..., Any], average: str, zero_division: float
) -> Any:
    """One number from the counts of all classes, or one for each."""
    right = matrix.diagonal()
    others, missed = matrix.sum(axis=0) - right, matrix.sum(axis=1) - right
    if average == "micro":
        right, others, missed = (one.sum(keepdims=True) for one in (right, others, missed))
    above, below = quotient(right, others, missed)
    each = np.full(above.shape, float(zero_division))
    np.divide(above, below, out=each, where=below > 0)
    if average == "none":
        return each
    if average == "binary":
        return float(each[1])
    return float(each[right + others + missed > 0].mean())
