"""How far are the predictions from the targets, squared where near and plain where far?"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import op

from .reduction import (
    as_floats,
    check_positive,
    check_reduction,
    check_same_shape,
    reduce,
    refuse_nan,
    share,
)


@op
def huber(prediction: Any, target: Any, *, reduction: str = "mean", delta: float = 1.0) -> Any:
    """Huber's loss: smooth at 0 as ``mse``, and no steeper than ``l1`` for outliers.

    **Maths.** With d = prediction − target: d² / 2 where |d| ≤ δ, else δ (|d| − δ / 2); then the
    mean. With c, the d that is clipped to −δ ... δ, both are c (d − c / 2), and the slope is c.

    **Shapes.** As ``mse``.

    **Errors.** As ``mse``, and ValueError for a ``delta`` that is not positive.

    **Source.** Huber, Robust estimation of a location parameter (1964).

    **Example.**

    >>> from micrograd.engine import Value
    >>> huber(Value([0.5, 3.0]), np.array([0.0, 0.0]), reduction="none").data
    array([0.125, 2.5  ])
    """
    check_reduction("huber", reduction)
    check_positive("huber", "delta", delta)
    check_same_shape("huber", np.shape(target), np.shape(prediction), reduction)
    d = prediction - as_floats(target, prediction)
    clipped = _clipped(d, delta)
    return refuse_nan("huber", reduce(clipped * (d - 0.5 * clipped), reduction), target)


@huber.gradient("prediction")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str, delta: float) -> Any:
    """d huber/d prediction = (prediction − target, clipped to −δ ... δ) / n."""
    d = prediction - as_floats(target, prediction)
    return _clipped(d, delta) * share(g, d.size, reduction)


@huber.gradient("target")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str, delta: float) -> Any:
    """d huber/d target = (target − prediction, clipped to −δ ... δ) / n."""
    d = target - prediction
    return _clipped(d, delta) * share(g, d.size, reduction)


def _clipped(d: Any, delta: float) -> Any:
    return np.minimum(np.maximum(d, -float(delta)), float(delta))
