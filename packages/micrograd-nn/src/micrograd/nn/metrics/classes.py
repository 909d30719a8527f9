"""Which classes do predictions and targets name?

Every metric begins here: scores, class numbers and numbers with a threshold become class numbers,
and what is none of these is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import Value


def class_numbers(
    name: str, prediction: Any, target: Any, threshold: float | None, classes: int | None = None
) -> tuple[np.ndarray, np.ndarray, int]:
    """Predicted and wanted class numbers in one shape, and how many classes there are."""
    given, wanted = as_array(name, "prediction", prediction), as_array(name, "target", target)
    axis = class_axis(given)
    if threshold is not None:
        if given.shape != wanted.shape:
            raise ValueError(
                f"{name}: prediction has shape {given.shape} but target has shape {wanted.shape}. "
                "With threshold=, give one number for each target."
            )
        refuse_nan(name, given)
        predicted, count = (given > threshold).astype(np.int64), 2
    elif given.dtype.kind == "f" and given.ndim and without(given.shape, axis) == wanted.shape:
        refuse_nan(name, given)
        predicted, count = given.argmax(axis=axis), given.shape[axis]
    elif given.shape == wanted.shape and given.dtype.kind in "iub":
        predicted = whole(name, "prediction", given, classes)
        wanted = whole(name, "target", wanted, classes)
        return predicted, wanted, classes or int(max(predicted.max(), wanted.max())) + 1
    elif given.shape == wanted.shape:
        raise TypeError(
            f"{name}: prediction and target have shape {given.shape}, but the prediction's dtype "
            f"is {given.dtype}. Give class numbers (integers), or threshold=0.0 for logits of two "
            "classes and threshold=0.5 for probabilities. Of one-hot targets take "
            "target.argmax(axis=1)."
        )
    else:
        raise ValueError(
            f"{name}: prediction has shape {given.shape} but target has shape {wanted.shape}. "
            "Give a score for each class, of shape (N, C), and class numbers of shape (N,); or "
            "class numbers for both."
        )
    if classes is not None and classes != count:
        raise ValueError(
            f"{name}: classes is {classes}, but the prediction has {count}. Leave classes out."
        )
    return predicted, whole(name, "target", wanted, count), count


def as_array(name: str, what: str, given: Any) -> np.ndarray:
    array = given.data if isinstance(given, Value) else np.asarray(given)
    if not array.size:
        raise ValueError(
            f"{name}: {what} has shape {array.shape}, so there is nothing to count. Give at least "
            "one row."
        )
    return array


def class_axis(scores: np.ndarray) -> int:
    return 1 if scores.ndim > 1 else 0


def without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return shape[:axis] + shape[axis + 1 :]


def whole(name: str, what: str, labels: np.ndarray, classes: int | None) -> np.ndarray:
    """Class numbers as integers; refuse what is none, or is out of range."""
    if labels.dtype.kind not in "iub":  # the targets of a binary loss are floats
        if labels.dtype.kind != "f" or not (labels == np.floor(labels)).all():
            raise TypeError(
                f"{name}: {what} of dtype {labels.dtype} holds numbers that are not whole. Give "
                "class numbers, for example target.argmax(axis=1)."
            )
    low, high = labels.min(), labels.max()
    if low < 0 or (classes is not None and high >= classes):
        known = f"there are {classes} classes" if classes is not None else "classes begin at 0"
        raise ValueError(
            f"{name}: the class numbers in {what} reach from {low} to {high}, but {known}. "
            "Number the classes from 0."
        )
    return labels.astype(np.int64)


def refuse_nan(name: str, scores: np.ndarray) -> None:
    found = np.argwhere(np.isnan(scores))
    if len(found):
        place = ", ".join(map(str, found[0]))
        raise ValueError(
            f"{name}: prediction[{place}] is NaN, so no class is the greatest. Look for it with "
            "micrograd.engine.detect_anomaly(), or train with a smaller learning rate."
        )
