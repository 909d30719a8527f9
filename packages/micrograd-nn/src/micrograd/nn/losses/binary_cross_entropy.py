"""How surprised is a classifier with two classes that says the probability of yes?

Near 0 and 1 a probability has lost the digits that its logarithm needs. A network had better say
its logit, and ``binary_cross_entropy_with_logits`` take it from there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import op

from .reduction import as_floats, check_reduction, check_same_shape, reduce, refuse_nan, share
from .weighting import check_broadcasts, checked_weight, shape_of, stands_for

SMALLEST = 3.7200759760208356e-44
"""exp(−100): a logarithm of a probability is never taken to be less than −100."""


@op(name="binary_cross_entropy", constant="weight")
def _binary_cross_entropy(prediction: Any, target: Any, weight: Any, *, reduction: str) -> Any:
    """−(t log p + (1 − t) log(1 − p))"""
    check_same_shape("binary_cross_entropy", np.shape(target), np.shape(prediction), reduction)
    check_range("binary_cross_entropy", "predictions", prediction)
    check_range("binary_cross_entropy", "targets", target)
    target = as_floats(target, prediction)
    yes, no = _logarithms(prediction)
    each = -(target * yes + (1.0 - target) * no)
    each = each if weight is None else weight * each
    return refuse_nan("binary_cross_entropy", reduce(each, reduction), target)


@_binary_cross_entropy.gradient("prediction")
def _(g: Any, out: Any, prediction: Any, target: Any, weight: Any, *, reduction: str) -> Any:
    """d/dp = w (p − t) / (p (1 − p)) / n, the denominator at least 1e−12."""
    target = as_floats(target, prediction)
    slope = (prediction - target) / np.maximum(prediction * (1.0 - prediction), 1e-12)
    slope = slope if weight is None else weight * slope
    return slope * share(g, prediction.size, reduction)


@_binary_cross_entropy.gradient("target")
def _(g: Any, out: Any, prediction: Any, target: Any, weight: Any, *, reduction: str) -> Any:
    """d/dt = w (log(1 − p) − log p) / n."""
    yes, no = _logarithms(prediction)
    slope = no - yes if weight is None else weight * (no - yes)
    return slope * share(g, prediction.size, reduction)


@stands_for(_binary_cross_entropy)
def binary_cross_entropy(
    prediction: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
) -> Any:
    """Cross-entropy of the probabilities of yes in ``prediction`` and those in ``target``.

    **Maths.** mean of −w (t log p + (1 − t) log(1 − p)), each logarithm at least −100; the mean is
    the sum divided by the number of predictions, whatever the weights.

    **Shapes.** ``prediction`` and ``target`` have one shape, any; ``weight`` broadcasts to it; the
    result has shape (), or that shape for ``reduction="none"``.

    **Errors.** ValueError when the shapes differ, for predictions (logits, perhaps) or targets
    that are not between 0 and 1, or NaN, for negative weights, or for an unknown reduction.

    **Example.**

    >>> from micrograd.engine import Value
    >>> f"{binary_cross_entropy(Value([0.9, 0.2]), np.array([1.0, 0.0])):.4f}"
    '0.1643'
    """
    check_reduction("binary_cross_entropy", reduction)
    if weight is not None:
        weight = checked_weight("binary_cross_entropy", "weight", weight, prediction)
        check_broadcasts("binary_cross_entropy", "weight", weight, shape_of(prediction))
    return _binary_cross_entropy(prediction, target, weight, reduction=reduction)


def _logarithms(prediction: Any) -> tuple[Any, Any]:
    """log p and log(1 − p), neither below −100."""
    yes = np.log(np.maximum(prediction, SMALLEST))
    return yes, np.log(np.maximum(1.0 - prediction, SMALLEST))


def check_range(loss: str, what: str, probabilities: Any) -> None:
    """Refuse numbers outside 0 ... 1; symbols have no numbers to look at."""
    if not isinstance(probabilities, (np.ndarray, np.generic, float, int)):
        return
    array = np.asarray(probabilities)
    if not array.size:
        return
    low, high = array.min(), array.max()
    if low < 0.0 or high > 1.0:
        fix = "For logits, use binary_cross_entropy_with_logits."
        fix = fix if what == "predictions" else "Number the classes 0 and 1."
        raise ValueError(
            f"{loss}: {what} reach from {low:.4g} to {high:.4g}, but probabilities are between 0 "
            f"and 1. {fix}"
        )
