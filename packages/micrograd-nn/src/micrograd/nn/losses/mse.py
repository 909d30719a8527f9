"""How far are the predictions from the targets, squared?"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import op

from .reduction import as_floats, check_reduction, check_same_shape, reduce, refuse_nan, share


@op
def mse(prediction: Any, target: Any, *, reduction: str = "mean") -> Any:
    """Mean squared error: the mean of the squared differences.

    **Maths.** mean over i of (predictionᵢ − targetᵢ)².

    **Shapes.** ``prediction`` and ``target`` have one shape, any; the result has shape (), or that
    shape for ``reduction="none"``.

    **Errors.** ValueError when the shapes differ, for the mean of nothing, for targets that are
    NaN, or for an unknown reduction.

    **Example.**

    >>> from micrograd.engine import Value
    >>> f"{mse(Value([1.0, 2.0]), np.array([0.0, 4.0])):.2f}"
    '2.50'
    """
    check_reduction("mse", reduction)
    check_same_shape("mse", np.shape(target), np.shape(prediction), reduction)
    difference = prediction - as_floats(target, prediction)
    return refuse_nan("mse", reduce(difference * difference, reduction), target)


@mse.gradient("prediction")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    """d mse/d prediction = 2 (prediction − target) / n."""
    difference = prediction - as_floats(target, prediction)
    return difference * (2.0 * share(g, difference.size, reduction))


@mse.gradient("target")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str) -> Any:
    """d mse/d target = 2 (target − prediction) / n."""
    difference = target - prediction
    return difference * (2.0 * share(g, difference.size, reduction))
