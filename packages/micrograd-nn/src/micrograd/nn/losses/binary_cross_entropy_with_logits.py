"""How surprised is a classifier with two classes that says the logit of yes?

With z the logit, −log σ(z) = log(1 + e⁻ᶻ) = softplus(−z) and −log(1 − σ(z)) = softplus(z), which
neither overflow nor lose digits when they are written with log1p and |z|.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import op

from .activated import warn_if_activated
from .binary_cross_entropy import check_range
from .reduction import as_floats, check_reduction, check_same_shape, reduce, refuse_nan, share
from .weighting import check_broadcasts, checked_weight, shape_of, stands_for

NAME = "binary_cross_entropy_with_logits"

ADVICE = dict.fromkeys(
    ("sigmoid", "softmax", "log_softmax"),
    f"{NAME} takes logits and applies the sigmoid itself: twice applied, no loss comes near 0 and "
    "learning is slow. End the network in its last linear layer.",
)


@op(name=NAME, constant=("weight", "pos_weight"))
def _with_logits(
    prediction: Any, target: Any, weight: Any, pos_weight: Any, *, reduction: str
) -> Any:
    """t softplus(−z) + (1 − t) softplus(z)"""
    check_same_shape(NAME, np.shape(target), np.shape(prediction), reduction)
    check_range(NAME, "targets", target)
    target = as_floats(target, prediction)
    tail = np.log1p(np.exp(-np.abs(prediction)))
    if pos_weight is None:  # softplus(−z) = softplus(z) − z
        each = np.maximum(prediction, 0.0) + tail - prediction * target
    else:
        no = np.maximum(prediction, 0.0) + tail
        yes = np.maximum(-prediction, 0.0) + tail
        each = target * pos_weight * yes + (1.0 - target) * no
    each = each if weight is None else weight * each
    return refuse_nan(NAME, reduce(each, reduction), target)


@_with_logits.gradient("prediction")
def _(
    g: Any,
    out: Any,
    prediction: Any,
    target: Any,
    weight: Any,
    pos_weight: Any,
    *,
    reduction: str,
) -> Any:
    """d/dz = w ((1 − t) σ(z) − t σ(−z)) / n, which is (σ(z) − t) / n; t times pos_weight."""
    target = as_floats(target, prediction)
    if pos_weight is None:
        slope = _sigmoid(prediction) - target
    else:
        slope = (1.0 - target) * _sigmoid(prediction)
        slope = slope - target * pos_weight * _sigmoid(-prediction)
    slope = slope if weight is None else weight * slope
    return slope * share(g, prediction.size, reduction)


@_with_logits.gradient("target")
def _(
    g: Any,
    out: Any,
    prediction: Any,
    target: Any,
    weight: Any,
    pos_weight: Any,
    *,
    reduction: str,
) -> Any:
    """d/dt = w (pos_weight softplus(−z) − softplus(z)) / n, which is −z / n without weights."""
    slope = -prediction
    if pos_weight is not None:
        tail = np.log1p(np.exp(-np.abs(prediction)))
        yes = np.maximum(-prediction, 0.0) + tail
        slope = pos_weight * yes - np.maximum(prediction, 0.0) - tail
    slope = slope if weight is None else weight * slope
    return slope * share(g, prediction.size, reduction)


@stands_for(_with_logits)
def binary_cross_entropy_with_logits(
    prediction: Any,
    target: Any,
    weight: Any = None,
    *,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """``binary_cross_entropy`` of sigmoid(prediction), from the logits themselves.

    **Maths.** With w = ``weight`` and v = ``pos_weight``, which is how much more a missed yes
    costs than a false one: mean of w (v t softplus(−z) + (1 − t) softplus(z)).

    **Shapes.** ``prediction`` and ``target`` have one shape, any; the weights broadcast to it (one
    ``pos_weight`` for each column, for instance); the result has shape (), or the prediction's for
    ``reduction="none"``.

    **Errors.** ValueError when the shapes differ, for targets that are not between 0 and 1, or
    NaN, for negative weights, or for an unknown reduction. A prediction that a sigmoid or softmax
    made is warned about.

    **Example.**

    >>> from micrograd.engine import Value
    >>> f"{binary_cross_entropy_with_logits(Value([0.0, 800.0]), np.array([1.0, 0.0])):.4f}"
    '400.3466'
    """
    check_reduction(NAME, reduction)
    warn_if_activated(NAME, prediction, ADVICE)
    if weight is not None:
        weight = checked_weight(NAME, "weight", weight, prediction)
        check_broadcasts(NAME, "weight", weight, shape_of(prediction))
    if pos_weight is not None:
        pos_weight = checked_weight(NAME, "pos_weight", pos_weight, prediction)
        check_broadcasts(NAME, "pos_weight", pos_weight, shape_of(prediction))
    return _with_logits(prediction, target, weight, pos_weight, reduction=reduction)


def _sigmoid(z: Any) -> Any:
    """1 / (1 + exp(−z)), with exp of negative numbers only, so that it cannot overflow."""
    return np.exp(np.minimum(z, 0.0)) / (1.0 + np.exp(-np.abs(z)))
