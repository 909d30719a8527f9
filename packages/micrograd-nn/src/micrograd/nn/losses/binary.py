"""How surprised is a classifier with two classes, yes and no?

The classifier may say the probability of yes, or its logit. The logit is the better choice:
near 0 and 1 a probability has lost the digits that its logarithm needs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import op

from .reduction import check_reduction, check_same_shape, reduce, share

SMALLEST = 3.7200759760208356e-44
"""exp(−100): a logarithm of a probability is never taken to be less than −100."""


@op
def binary_cross_entropy(prediction: Any, target: Any, *, reduction: str = "mean") -> Any:
    """Cross-entropy of the probabilities of yes in ``prediction`` and those in ``target``.

    **Maths.** mean of −(t log p + (1 − t) log(1 − p)), each logarithm at least −100.

    **Shapes.** ``prediction`` and ``target`` have one shape, any; the result has shape (), or that
    shape for ``reduction="none"``.

    **Errors.** ValueError when the shapes differ, for predictions that are not between 0 and 1
    (logits, perhaps), or for an unknown reduction.

    **Example.**

    >>> from micrograd.engine import Value
    >>> f"{binary_cross_entropy(Value([0.9, 0.2]), np.array([1.0, 0.0])):.4f}"
    '0.1643'
    """
    check_reduction("binary_cross_entropy", reduction)
    check_same_shape("binary_cross_entropy", np.shape(target), np.shape(prediction))
    check_probabilities(prediction)
    yes = np.log(np.maximum(prediction, SMALLEST))
    no = np.log(np.maximum(1.0 - prediction, SMALLEST))
    return reduce(-(target * yes + (1.0 - target) * no), reduction)


@binary_cross_entropy.gradient("prediction")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    """d/dp = (p − t) / (p (1 − p)) / n, the denominator at least 1e−12."""
    slope = (prediction - target) / np.maximum(prediction * (1.0 - prediction), 1e-12)
    return slope * share(g, prediction.size, reduction)


@binary_cross_entropy.gradient("target")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    """d/dt = (log(1 − p) − log p) / n."""
    yes = np.log(np.maximum(prediction, SMALLEST))
    no = np.log(np.maximum(1.0 - prediction, SMALLEST))
    return (no - yes) * share(g, prediction.size, reduction)


@op
def binary_cross_entropy_with_logits(
    prediction: Any, target: Any, *, reduction: str = "mean"
) -> Any:
    """``binary_cross_entropy`` of sigmoid(prediction), from the logits themselves.

    **Maths.** mean of max(z, 0) − z t + log(1 + exp(−|z|)): the same number, without overflow.

    **Shapes.** As ``binary_cross_entropy``.

    **Errors.** ValueError when the shapes differ, or for an unknown reduction.

    **Example.**

    >>> from micrograd.engine import Value
    >>> f"{binary_cross_entropy_with_logits(Value([0.0, 800.0]), np.array([1.0, 0.0])):.4f}"
    '400.3466'
    """
    name = "binary_cross_entropy_with_logits"
    check_reduction(name, reduction)
    check_same_shape(name, np.shape(target), np.shape(prediction))
    softplus = np.maximum(prediction, 0.0) + np.log1p(np.exp(-np.abs(prediction)))
    return reduce(softplus - prediction * target, reduction)


@binary_cross_entropy_with_logits.gradient("prediction")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    """d/dz = (sigmoid(z) − t) / n."""
    return (_sigmoid(prediction) - target) * share(g, prediction.size, reduction)


@binary_cross_entropy_with_logits.gradient("target")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    """d/dt = −z / n."""
    return -prediction * share(g, prediction.size, reduction)


def _sigmoid(z: Any) -> Any:
    """1 / (1 + exp(−z)), with exp of negative numbers only, so that it cannot overflow."""
    return np.exp(np.minimum(z, 0.0)) / (1.0 + np.exp(-np.abs(z)))


def check_probabilities(prediction: Any) -> None:
    """Refuse numbers outside 0 ... 1; symbols have no numbers to look at."""
    if isinstance(prediction, (np.ndarray, np.floating)) and prediction.size:
        low, high = prediction.min(), prediction.max()
        if low < 0.0 or high > 1.0:
            raise ValueError(
                f"binary_cross_entropy: predictions reach from {low:.4g} to {high:.4g}, but "
                "probabilities are between 0 and 1. For logits, use "
                "binary_cross_entropy_with_logits."
            )
