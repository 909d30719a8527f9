"""How surprised is a classifier that says the logarithms of probabilities?"""

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
from .reduction import check_reduction, reduce, share
from .weighting import check_class_weight, checked_weight, shape_of, stands_for

ADVICE = dict.fromkeys(
    ("softmax", "sigmoid"),
    "nll takes the logarithms of probabilities and only picks out one of each row. End the network "
    "in log_softmax, or in its last linear layer and use cross_entropy.",
)


@op(name="nll", constant=("target", "weight"))
def _nll(
    prediction: Any, target: Any, weight: Any, *, ignore_index: int | None, reduction: str
) -> Any:
    """−log p of the right class"""
    rows = rows_of(target, weight, ignore_index)
    each = row_losses(prediction, rows)
    if reduction == "mean" and not rows.all_alike:
        return each.sum() / rows.total(prediction.dtype)
    return reduce(each, reduction)


@_nll.gradient("prediction")
def _(
    g: Any,
    out: Any,
    prediction: Any,
    target: Any,
    weight: Any,
    *,
    ignore_index: int | None,
    reduction: str,
) -> Any:
    """d nll/d prediction = −w / Σ w at the right class of each row that counts, else 0."""
    axis = class_axis(prediction)
    rows = rows_of(target, weight, ignore_index)
    slope = -one_hot(prediction, target).astype(prediction.dtype)
    if weight is not None:
        slope = slope * along_classes(prediction, weight)
    if rows.kept is not None:
        slope = slope * np.expand_dims(rows.kept, axis)
    if reduction == "none":
        return slope * np.expand_dims(g, axis)
    if reduction == "mean" and not rows.all_alike:
        return slope * (g / rows.total(prediction.dtype))
    return slope * share(g, prediction.size // prediction.shape[axis], reduction)


@stands_for(_nll)
def nll(
    prediction: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int | None = -100,
    reduction: str = "mean",
) -> Any:
    """Negative log-likelihood: ``cross_entropy`` of what has been through ``log_softmax`` already.

    **Maths.** −prediction[target] for each row, times the weight of its class; then the sum divided
    by the sum of these weights. Rows whose label is ``ignore_index`` do not count.

    **Shapes.** ``prediction`` (N, C), or (N, C, d₁, ...), or (C,) for one row; ``target`` integers
    of this shape without the axis of the classes; ``weight`` (C,). The result has shape (), or one
    number a row for ``reduction="none"``.

    **Errors.** As ``cross_entropy``. A prediction that a softmax made is warned about.

    **Example.**

    >>> from micrograd.engine import Value, ops
    >>> logits = Value([[2.0, 1.0, 0.0], [0.0, 3.0, 0.0]])
    >>> f"{nll(ops.log_softmax(logits), np.array([0, 1])):.4f}"
    '0.2513'
    """
    check_reduction("nll", reduction)
    warn_if_activated("nll", prediction, ADVICE)
    shape = shape_of(prediction)
    check_scores("nll", "predictions", shape)
    classes = shape[1 if len(shape) > 1 else 0]
    if not hasattr(target, "shape"):
        target = np.asarray(target)
    check_labels("nll", "predictions", shape, target)
    ignore_index = rows_that_count("nll", target, classes, ignore_index)
    if weight is not None:
        weight = checked_weight("nll", "weight", weight, prediction)
        check_class_weight("nll", weight, classes)
    return _nll(prediction, target, weight, ignore_index=ignore_index, reduction=reduction)
