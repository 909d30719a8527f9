"""How far are the predictions from the targets?"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import op

from .reduction import as_floats, check_reduction, check_same_shape, reduce, refuse_nan, share


@op
def l1(prediction: Any, target: Any, *, reduction: str = "mean") -> Any:
    """Mean absolute error: the mean of the distances. Outliers pull no harder than others.

    **Maths.** mean over i of |predictionᵢ − targetᵢ|; the slope where they are equal is 0.

    **Shapes.** As ``mse``.

    **Errors.** As ``mse``.

    **Example.**

    >>> from micrograd.engine import Value
    >>> f"{l1(Value([1.0, 2.0]), np.array([0.0, 4.0])):.2f}"
    '1.50'
    """
    check_reduction("l1", reduction)
    check_same_shape("l1", np.shape(target), np.shape(prediction), reduction)
    distance = np.abs(prediction - as_floats(target, prediction))
    return refuse_nan("l1", reduce(distance, reduction), target)


@l1.gradient("prediction")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    """d l1/d prediction = sign(prediction − target) / n."""
    difference = prediction - as_floats(target, prediction)
    return np.sign(difference) * share(g, difference.size, reduction)


@l1.gradient("target")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    """d l1/d target = sign(target − prediction) / n."""
    difference = target - prediction
    return np.sign(difference) * share(g, difference.size, reduction)
