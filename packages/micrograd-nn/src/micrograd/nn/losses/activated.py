"""Was the softmax taken twice?

The commonest slip with losses is a network that ends in a softmax (or a sigmoid) before a loss that
takes it once more. Nothing fails: the loss falls, a little, and learning stays slow. The graph
knows better, since the prediction remembers which op made it.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

from micrograd.engine import Value

VIEWS = {
    *("reshape", "ravel", "flatten", "squeeze", "expand_dims", "transpose", "swapaxes", "moveaxis"),
    *("matrix_transpose", "broadcast_to", "getitem", "astype", "positive", "copy"),
}
"""Ops whose result holds the same kind of number as their first array."""


class ProbabilitiesWarning(UserWarning):
    """A loss of logits, or of log-probabilities, got what a softmax or a sigmoid made."""


def maker(prediction: Any) -> Any:
    """The node that made the numbers of a prediction, looking through views; None for a leaf."""
    while isinstance(prediction, Value) and prediction.op is not None:
        if prediction.op.name not in VIEWS:
            return prediction
        prediction = next(iter(prediction.parents), None)
    return None


def warn_if_activated(loss: str, prediction: Any, advice: dict[str, str]) -> None:
    """Warn if one of the ops in ``advice`` made the prediction, and why that is a slip.

    Python shows a warning once for each line that is warned about.
    """
    node = maker(prediction)
    if node is None or node.op.name not in advice:
        return
    where = f" in {node.scope}" if node.scope else ""
    message = f"{loss}: the prediction was made by {node.op.name}{where}. {advice[node.op.name]}"
    warnings.warn(message, ProbabilitiesWarning, stacklevel=_outside())


def _outside() -> int:
    """How far up the first caller is that is not of the family: the line to warn about."""
    level, frame = 2, sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("micrograd."):
        level, frame = level + 1, frame.f_back
    return level
