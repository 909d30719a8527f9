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

from .activated import warn_if_activated
from .labels import (
    along_classes,
    check_labels,
    check_scores,
    class_axis,
    one_hot,
    row_losses,
    rows_of,
    rows_that_count,
)
from .reduction import check_reduction, reduce, refuse_nan, share
from .weighting import check_class_weight, checked_weight, shape_of, stands_for

TWICE = (
    "cross_entropy takes logits and applies the softmax itself: twice applied, no loss comes near "
    "0 and learning is slow. End the network in its last linear layer, and apply the softmax to "
    "what you show."
)
ADVICE = {
    "softmax": TWICE,
    "sigmoid": "cross_entropy takes logits and applies a softmax itself: numbers between 0 and 1 "
    "leave no class far behind. End the network in its last linear layer.",
    "log_softmax": "cross_entropy takes logits and applies log_softmax itself: twice applied it "
    "changes nothing but costs time. Use nll, or end the network in its last linear layer.",
}


@op(name="cross_entropy", constant="weight")
def _cross_entropy(
    logits: Any,
    target: Any,
    weight: Any,
    *,
    ignore_index: int | None,
    reduction: str,
    label_smoothing: float,
) -> Any:
    """−log p of the right class, with p = softmax(logits)"""
    log_p, axis = log_softmax(logits), class_axis(logits)
    if holds_probabilities(logits, target):
        wanted = smoothed(target, logits.shape[axis], label_smoothing)
        wanted = wanted if weight is None else wanted * along_classes(logits, weight)
        each = -(wanted * log_p).sum(axis=axis)
        return refuse_nan("cross_entropy", reduce(each, reduction), target)
    rows = rows_of(target, weight, ignore_index)
    each = row_losses(log_p, rows)
    if label_smoothing:
        others = log_p if weight is None else log_p * along_classes(logits, weight)
        evenly = -others.sum(axis=axis)
        if rows.kept is not None:
            evenly = evenly * rows.kept
        part = float(label_smoothing)
        each = (1.0 - part) * each + (part / logits.shape[axis]) * evenly
    if reduction == "mean" and not rows.all_alike:
        return each.sum() / rows.total(logits.dtype)
    return reduce(each, reduction)


@_cross_entropy.gradient("logits")
def _(
    g: Any,
    out: Any,
    logits: Any,
    target: Any,
    weight: Any,
    *,
    ignore_index: int | None,
    reduction: str,
    label_smoothing: float,
) -> Any:
    """d/d logits = (softmax(logits) − target) / n, a label standing for its one-hot row.

    (Rows of numbers that do not sum to 1, as with class weights, multiply softmax by their sum.)
    """
    axis = class_axis(logits)
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    softmax = powers / powers.sum(axis=axis, keepdims=True)
    if holds_probabilities(logits, target):
        wanted = smoothed(target, logits.shape[axis], label_smoothing)
        wanted = wanted if weight is None else wanted * along_classes(logits, weight)
        slope = softmax * wanted.sum(axis=axis, keepdims=True) - wanted
        return slope * _each(g, logits, reduction)
    rows = rows_of(target, weight, ignore_index)
    wanted = one_hot(logits, target)
    if label_smoothing:
        wanted = wanted.astype(logits.dtype)
        wanted = smoothed(wanted, logits.shape[axis], label_smoothing)
    if weight is None:
        slope = softmax - wanted
    else:
        wanted = wanted * along_classes(logits, weight)
        slope = softmax * wanted.sum(axis=axis, keepdims=True) - wanted
    if rows.kept is not None:
        slope = slope * np.expand_dims(rows.kept, axis)
    if reduction == "mean" and not rows.all_alike:
        return slope * (g / rows.total(logits.dtype))
    return slope * _each(g, logits, reduction)


@_cross_entropy.gradient("target")
def _(
    g: Any,
    out: Any,
    logits: Any,
    target: Any,
    weight: Any,
    *,
    reduction: str,
    label_smoothing: float,
) -> Any:
    """d/d target = −log softmax(logits) / n, for rows of probabilities."""
    slope = -log_softmax(logits) * (1.0 - label_smoothing)
    slope = slope if weight is None else slope * along_classes(logits, weight)
    return slope * _each(g, logits, reduction)


@stands_for(_cross_entropy)
def cross_entropy(
    logits: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int | None = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Cross-entropy of softmax(logits) and the target: class numbers, or probabilities.

    Give it logits, not probabilities: it takes the softmax itself.

    **Maths.** With p = softmax(logits) over the classes: −log p[target] for a class number,
    −Σ target · log p for probabilities; then the mean over the rows. ``label_smoothing`` = ε mixes
    each target with a uniform one: (1 − ε) target + ε / C. ``weight`` multiplies the target of each
    class by its weight. With labels, the mean is then the sum divided by the sum of the weights of
    the rows' labels, and rows whose label is ``ignore_index`` do not count.

    **Shapes.** ``logits`` (N, C), or (N, C, d₁, ...), or (C,) for one row: the classes are on axis
    1, or 0 where that is the only one. ``target``: integers of the shape of ``logits`` without
    the axis of the classes, or probabilities (one-hot rows, for instance) of the shape of
    ``logits``. ``weight`` (C,). The result has shape (), or one number a row for
    ``reduction="none"``.

    **Errors.** ValueError for other shapes, a label outside 0 ... C−1, NaN in a target, a
    ``label_smoothing`` outside 0 ... 1, only rows that do not count, or an unknown reduction;
    TypeError for labels that are not integers. Logits that a softmax or a sigmoid made are warned
    about. (A compiled program looks at no label: it cannot refuse one.)

    **Source.** Label smoothing: Szegedy and others, Rethinking the Inception architecture (2016).

    **Example.**

    >>> from micrograd.engine import Value
    >>> logits = Value([[2.0, 1.0, 0.0], [0.0, 3.0, 0.0]])
    >>> f"{cross_entropy(logits, np.array([0, 1])):.4f}"
    '0.2513'
    """
    check_reduction("cross_entropy", reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise ValueError(
            f"cross_entropy: label_smoothing is {label_smoothing}. It must be from 0 to 1."
        )
    warn_if_activated("cross_entropy", logits, ADVICE)
    shape = shape_of(logits)
    check_scores("cross_entropy", "logits", shape)
    classes = shape[1 if len(shape) > 1 else 0]
    if not hasattr(target, "shape"):
        target = np.asarray(target)
    if target.shape == shape:
        if ignore_index is not None and ignore_index >= 0:
            raise ValueError(
                f"cross_entropy: ignore_index is {ignore_index}, but the target holds "
                "probabilities, not labels. Leave rows out before, for example logits[kept]."
            )
        ignore_index = None
    else:
        also = f", or probabilities of shape {shape}"
        check_labels("cross_entropy", "logits", shape, target, also)
        ignore_index = rows_that_count("cross_entropy", target, classes, ignore_index)
    if weight is not None:
        weight = checked_weight("cross_entropy", "weight", weight, logits)
        check_class_weight("cross_entropy", weight, classes)
    return _cross_entropy(
        logits,
        target,
        weight,
        ignore_index=ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


def log_softmax(logits: Any) -> Any:
    """The logarithm of softmax over the classes, without overflow."""
    axis = class_axis(logits)
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def holds_probabilities(logits: Any, target: Any) -> bool:
    """Whether the target gives a number for each class; otherwise it gives labels."""
    return bool(getattr(target, "ndim", 0) == logits.ndim)  # one label may be a Python int


def smoothed(target: Any, classes: int, label_smoothing: float) -> Any:
    """The target mixed with a uniform one."""
    if not label_smoothing:
        return target
    return (1.0 - label_smoothing) * target + label_smoothing / classes


def _each(g: Any, logits: Any, reduction: str) -> Any:
    """The gradient of each row's loss, in a shape that broadcasts to that of the logits."""
    axis = class_axis(logits)
    if reduction == "none":
        return np.expand_dims(g, axis)
    return share(g, logits.size // logits.shape[axis], reduction)
