"""By how much does a score miss the margin?"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import op

from .reduction import as_floats, check_positive, check_reduction, check_same_shape, reduce, share


@op(constant="target")
def hinge(prediction: Any, target: Any, *, reduction: str = "mean", margin: float = 1.0) -> Any:
    """The loss of support vector machines: 0 for scores that are right by more than a margin.

    A score says yes where it is positive; targets are −1 and 1.

    **Maths.** mean over i of max(0, margin − targetᵢ · predictionᵢ); the slope at the corner is 0.

    **Shapes.** As ``mse``.

    **Errors.** As ``mse``, and ValueError for targets other than −1 and 1, or a ``margin`` that is
    not positive.

    **Source.** Cortes and Vapnik, Support-vector networks (1995). It is PyTorch's
    ``margin_ranking_loss(prediction, 0, target, margin)``.

    **Example.**

    >>> from micrograd.engine import Value
    >>> hinge(Value([3.0, 0.5, 2.0]), np.array([1, 1, -1]), reduction="none").data
    array([0. , 0.5, 3. ])
    """
    check_reduction("hinge", reduction)
    check_positive("hinge", "margin", margin)
    check_same_shape("hinge", np.shape(target), np.shape(prediction), reduction)
    check_signs(target)
    t = as_floats(target, prediction)
    return reduce(np.maximum(margin - t * prediction, 0.0), reduction)


@hinge.gradient("prediction")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str, margin: float) -> Any:
    """d hinge/d prediction = −target / n where the margin is missed, else 0."""
    t = as_floats(target, prediction)
    return -t * (margin - t * prediction > 0.0) * share(g, prediction.size, reduction)


def check_signs(target: Any) -> None:
    """Refuse targets other than −1 and 1; symbols have no numbers to look at."""
    if hasattr(target, "recorder"):
        return
    odd = np.asarray(target)[np.abs(np.asarray(target, np.float64)) != 1.0]
    if odd.size:
        raise ValueError(
            f"hinge: targets must be -1 or 1, but one is {odd.reshape(-1)[0]}. Turn 0 and 1 into "
            "them by 2 * target - 1."
        )
