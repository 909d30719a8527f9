"""How surprised is a classifier by the right class?

A classifier gives each class a number, its logit; softmax turns the logits into probabilities;
the loss is the negative logarithm of the probability of the right class. Softmax and logarithm
belong in one formula: apart, the logarithm meets probabilities that were rounded to 0, and the
loss is infinite where it should be 800. Together they are log p = z − max z − log Σ exp(z − max z),
in which nothing overflows, and the gradient becomes the shortest in this package.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import op

from .reduction import check_reduction, reduce, share


@op
def cross_entropy(logits: Any, target: Any, *, reduction: str = "mean") -> Any:
    """Cross-entropy of softmax(logits) and the target: class numbers, or probabilities.

    Give it logits, not probabilities: it takes the softmax itself.

    **Maths.** With p = softmax(logits) over the classes: −log p[target] for a class number,
    −Σ target · log p for probabilities; then the mean over the rows.

    **Shapes.** ``logits`` (N, C), or (N, C, d₁, ...), or (C,) for one row: the classes are on axis
    1, or 0 where that is the only one. ``target``: integers of the shape of ``logits`` without
    the axis of the classes, or probabilities (one-hot rows, for instance) of the shape of
    ``logits``. The result has shape (), or one number a row for ``reduction="none"``.

    **Errors.** ValueError for other shapes, a label outside 0 ... C−1, or an unknown reduction;
    TypeError for labels that are not integers.

    **Example.**

    >>> from micrograd.engine import Value
    >>> logits = Value([[2.0, 1.0, 0.0], [0.0, 3.0, 0.0]])
    >>> f"{cross_entropy(logits, np.array([0, 1])):.4f}"
    '0.2513'
    """
    check_reduction("cross_entropy", reduction)
    check_target(logits, target)
    log_p = log_softmax(logits)
    axis = class_axis(logits)
    if holds_probabilities(logits, target):
        return reduce(-(target * log_p).sum(axis=axis), reduction)
    if logits.ndim == 2:  # the frequent case, and NumPy's shortest way to say it
        return reduce(-log_p[np.arange(logits.shape[0]), target], reduction)
    chosen = np.take_along_axis(log_p, np.expand_dims(target, axis), axis)
    return reduce(-chosen.squeeze(axis), reduction)


@cross_entropy.gradient("logits")
def _(g: Any, out: Any, logits: Any, target: Any, *, reduction: str) -> Any:
    """d/d logits = (softmax(logits) − target) / n, a label standing for its one-hot row.

    (For rows of numbers that do not sum to 1, softmax is multiplied by their sum.)
    """
    axis = class_axis(logits)
    softmax = np.exp(log_softmax(logits))
    if holds_probabilities(logits, target):
        slope = softmax * target.sum(axis=axis, keepdims=True) - target
    else:
        classes = np.arange(logits.shape[axis]).reshape(-1, *(1,) * (logits.ndim - 1 - axis))
        slope = softmax - (np.expand_dims(target, axis) == classes)
    return slope * _each(g, logits, reduction)


@cross_entropy.gradient("target")
def _(g: Any, out: Any, logits: Any, target: Any, *, reduction: str) -> Any:
    """d/d target = −log softmax(logits) / n, for rows of probabilities."""
    return -log_softmax(logits) * _each(g, logits, reduction)


def class_axis(logits: Any) -> int:
    """The axis that the classes are on."""
    return 1 if logits.ndim > 1 else 0


def log_softmax(logits: Any) -> Any:
    """The logarithm of softmax over the classes, without overflow."""
    axis = class_axis(logits)
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def holds_probabilities(logits: Any, target: Any) -> bool:
    """Whether the target gives a number for each class; otherwise it gives labels."""
    return bool(getattr(target, "ndim", 0) == logits.ndim)  # one label may be a Python int


def _each(g: Any, logits: Any, reduction: str) -> Any:
    """The gradient of each row's loss, in a shape that broadcasts to that of the logits."""
    axis = class_axis(logits)
    if reduction == "none":
        return np.expand_dims(g, axis)
    return share(g, logits.size // logits.shape[axis], reduction)


def check_target(logits: Any, target: Any) -> None:
    """Refuse logits without classes, and targets that are neither labels nor probabilities."""
    shape = getattr(target, "shape", ())
    if not logits.ndim or not logits.size:
        raise ValueError(
            f"cross_entropy: logits have shape {logits.shape}, so there is nothing to choose "
            "from. Give it one logit a class and at least one row, in shape (N, C)."
        )
    if shape == logits.shape:
        return
    axis = class_axis(logits)
    rows = logits.shape[:axis] + logits.shape[axis + 1 :]
    if shape != rows:
        raise ValueError(
            f"cross_entropy: logits have shape {logits.shape} but target has shape {shape}. Give "
            f"it integer labels of shape {rows}, or probabilities of shape {logits.shape}."
        )
    dtype = getattr(target, "dtype", np.dtype(type(target)))
    if dtype.kind not in "iu":
        raise TypeError(
            f"cross_entropy: target has shape {shape}, so it must hold labels, but its dtype is "
            f"{dtype}. Give it a plain array of integers, for example target.astype(int)."
        )
    if isinstance(target, (np.ndarray, np.integer, int)):  # a symbol has no numbers to look at
        labels, classes = np.asarray(target), logits.shape[axis]
        low, high = labels.min(), labels.max()
        if low < 0 or high >= classes:
            raise ValueError(
                f"cross_entropy: labels reach from {low} to {high}, but there are {classes} "
                f"classes. Give labels from 0 to {classes - 1}."
            )
