"""How often is a classifier right, at once or in a few guesses?"""

from __future__ import annotations

from typing import Any

import numpy as np

from .classes import as_array, class_axis, class_numbers, refuse_nan, whole, without


def accuracy(prediction: Any, target: Any, *, threshold: float | None = None) -> float:
    """How large a part of the targets is predicted right?

    **Example.**

    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2], [0.7, 0.3]]), np.array([1, 0, 1]))
    0.6666666666666666
    >>> accuracy(np.array([-2.0, 3.0]), np.array([0.0, 1.0]), threshold=0.0)
    1.0
    """
    predicted, wanted, _ = class_numbers("accuracy", prediction, target, threshold)
    return float((predicted == wanted).mean())


def top_k_accuracy(prediction: Any, target: Any, k: int = 5) -> float:
    """For how large a part of the targets is the right class among the ``k`` with most score?

    Of classes with the same score, the earlier one counts as the better, so that ``k=1`` is
    ``accuracy``. ``prediction`` must hold scores.

    **Errors.** Those of the module, and ValueError for a ``k`` that is not from 1 to the number of
    classes.

    **Example.**

    >>> scores = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    >>> top_k_accuracy(scores, np.array([1, 0]), k=2)
    0.5
    """
    name = "top_k_accuracy"
    scores, labels = as_array(name, "prediction", prediction), as_array(name, "target", target)
    axis = class_axis(scores)
    if scores.dtype.kind != "f" or without(scores.shape, axis) != labels.shape:
        raise ValueError(
            f"{name}: prediction has shape {scores.shape} and dtype {scores.dtype}, target has "
            f"shape {labels.shape}. Give a score for each class, floats of shape (N, C), and "
            "class numbers of shape (N,)."
        )
    classes = scores.shape[axis]
    if not isinstance(k, (int, np.integer)) or not 1 <= k <= classes:
        raise ValueError(
            f"{name}: k is {k!r}, but there are {classes} classes. Give a whole number from 1 to "
            f"{classes}."
        )
    refuse_nan(name, scores)
    wanted = np.expand_dims(whole(name, "target", labels, classes), axis)
    score = np.take_along_axis(scores, wanted, axis)
    place = np.arange(classes).reshape(-1, *(1,) * (scores.ndim - 1 - axis))
    better = (scores > score) | ((scores == score) & (place < wanted))
    return float((better.sum(axis=axis) < k).mean())
