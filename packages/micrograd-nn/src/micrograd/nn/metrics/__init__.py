"""How often is a classifier right, and about which classes is it wrong?

A loss is what training makes small; a metric is what one tells people. Metrics take no part in the
graph: they look at numbers and give numbers. All of them are called as ``metric(prediction,
target)``, on arrays and on Values, and all but ``top_k_accuracy`` can be read off the confusion
matrix.

**Shapes.** ``target`` holds class numbers, of any shape but an empty one. ``prediction`` is one of

- scores (logits or probabilities), floats with the classes on axis 1, or on axis 0 where that is
  the only one: (N, C) for a target of shape (N,), (N, C, d₁, ...) for (N, d₁, ...), (C,) for ();
  the class with the greatest score counts, the first of several;
- class numbers, integers of the shape of the target;
- with ``threshold=``, one number for each target, of its shape: it says class 1 where it is greater
  and class 0 elsewhere. Use 0.0 for logits and 0.5 for probabilities.

**Errors.** ValueError for other shapes, class numbers below 0 or beyond the classes, or scores that
are NaN; TypeError for class numbers that are not whole. Each says which.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from .accuracy import accuracy, top_k_accuracy
from .confusion import confusion_matrix, f1, precision, recall

__all__ = [
    "accuracy",
    "confusion_matrix",
    "f1",
    "get",
    "names",
    "precision",
    "recall",
    "top_k_accuracy",
]


def get(name: str) -> Callable[..., Any]:
    """The metric that ``name`` means.

    **Errors.** KeyError with near misses for an unknown name.

    **Example.**

    >>> get("accuracy") is accuracy
    True
    """
    if name not in names():
        near = difflib.get_close_matches(str(name), names(), 3, 0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(names())}."
        raise KeyError(f"There is no metric {name!r}. {hint}")
    return globals()[name]  # type: ignore[no-any-return]


def names() -> list[str]:
    """The names of all metrics, sorted."""
    return [name for name in __all__ if name not in ("get", "names")]
