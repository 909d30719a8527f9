"""How far is one distribution from another?"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import op

from .activated import warn_if_activated
from .reduction import REDUCTIONS, as_floats, check_same_shape, reduce, refuse_nan
from .weighting import stands_for

TINY = float(np.finfo(np.float32).tiny)  # what log meets in place of 0, which then multiplies it

ADVICE = dict.fromkeys(
    ("softmax", "sigmoid"),
    "kl_div takes the logarithms of probabilities, so it would measure something else. End the "
    "network in log_softmax.",
)


@op(name="kl_div")
def _kl_div(prediction: Any, target: Any, *, reduction: str, log_target: bool) -> Any:
    """Σ t (log t − prediction)"""
    check_same_shape("kl_div", np.shape(target), np.shape(prediction), reduction)
    if log_target:
        each = np.exp(target) * (target - prediction)
    else:
        _check_not_negative(target)
        target = as_floats(target, prediction)
        each = target * (_log(target) - prediction)
    out = reduce(each, "sum" if reduction == "batchmean" else reduction)
    out = out / float(_count(prediction, reduction)) if reduction == "batchmean" else out
    return refuse_nan("kl_div", out, target)


@_kl_div.gradient("prediction")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str, log_target: bool) -> Any:
    """d kl_div/d prediction = −t / n."""
    t = np.exp(target) if log_target else as_floats(target, prediction)
    return -t * (g / float(_count(prediction, reduction)))


@_kl_div.gradient("target")
def _(g: Any, out: Any, prediction: Any, target: Any, *, reduction: str, log_target: bool) -> Any:
    """d kl_div/d t = (log t − prediction + 1) / n; with ``log_target`` times t."""
    g = g / float(_count(prediction, reduction))
    if log_target:
        return np.exp(target) * (target - prediction + 1.0) * g
    return (_log(target) - prediction + 1.0) * g


@stands_for(_kl_div)
def kl_div(
    prediction: Any, target: Any, *, reduction: str = "mean", log_target: bool = False
) -> Any:
    """Kullback and Leibler's divergence of the distribution ``target`` from the predicted one.

    ``prediction`` holds *logarithms* of probabilities (from ``log_softmax``), ``target``
    probabilities, or logarithms too with ``log_target=True``.

    **Maths.** t (log t − prediction) for each number, 0 where t = 0. Their sum over the classes is
    the divergence, so ``reduction="batchmean"``, the sum divided by the number of rows, is what
    one wants to train with; ``"mean"`` divides by the number of all numbers.

    **Shapes.** ``prediction`` and ``target`` have one shape, any, rows on axis 0; the result has
    shape (), or that shape for ``reduction="none"``.

    **Errors.** ValueError when the shapes differ, for targets that are negative or NaN, or for an
    unknown reduction. A prediction that a softmax made is warned about.

    **Example.**

    >>> from micrograd.engine import Value
    >>> guess = Value(np.log([[0.5, 0.5]]))
    >>> f"{kl_div(guess, np.array([[0.25, 0.75]]), reduction='batchmean'):.4f}"
    '0.1308'
    """
    if reduction not in (*REDUCTIONS, "batchmean"):
        raise ValueError(
            f"kl_div: reduction is {reduction!r}. It must be 'batchmean', 'mean', 'sum' or 'none'."
        )
    warn_if_activated("kl_div", prediction, ADVICE)
    return _kl_div(prediction, target, reduction=reduction, log_target=bool(log_target))


def _count(prediction: Any, reduction: str) -> int:
    """What the sum is divided by."""
    rows = prediction.shape[0] if prediction.ndim else 1
    return int({"mean": prediction.size, "batchmean": rows}.get(reduction, 1))


def _log(t: Any) -> Any:
    """log t; something finite where t is 0."""
    return np.log(np.maximum(t, TINY))


def _check_not_negative(target: Any) -> None:
    if not hasattr(target, "recorder") and np.less(target, 0.0).any():
        raise ValueError(
            f"kl_div: target holds {np.min(target):.4g}, and a probability is not negative. For "
            "logarithms, say log_target=True."
        )
