"""What does a plot ask of a model, and how is the model left as it was?

Plots know no class of nn: a model is something to call with an array. If it has parts with a
``training`` mode, as nn's modules have, they are in ``eval`` mode meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from micrograd.engine import Value, no_grad

from .look import Array


@contextmanager
def asking(model: Any) -> Iterator[None]:
    """Without a graph, and with ``training`` False in every part, for as long as it lasts."""
    parts = model.modules() if callable(getattr(model, "modules", None)) else [model]
    modes = [(part, part.training) for part in parts if isinstance(_mode(part), bool)]
    for part, _ in modes:
        part.training = False
    try:
        with no_grad():
            yield
    finally:
        for part, training in modes:
            part.training = training


def _mode(part: Any) -> Any:
    return getattr(part, "training", None)


def array_of(given: Any) -> Array:
    """The numbers of a Value, or of what NumPy takes for an array."""
    return given.data if isinstance(given, Value) else np.asarray(given)


def parameters_of(told: str, model: Any) -> dict[str, Value]:
    """The parameters of a model, or those in a list, by name.

    **Errors.** TypeError if there are none.
    """
    if callable(getattr(model, "named_parameters", None)):
        named = dict(model.named_parameters())
    else:
        listed = model.parameters() if callable(getattr(model, "parameters", None)) else model
        values = list(listed) if isinstance(listed, Iterable) else []
        named = {f"parameters[{i}]": value for i, value in enumerate(values)}
    if not named or not all(isinstance(value, Value) for value in named.values()):
        raise TypeError(
            f"{told}: the model is a {type(model).__name__} without parameters. Pass a model with "
            "parameters(), or a list of Values."
        )
    return named


def whole(told: str, name: str, number: Any, least: int) -> int:
    """A count.

    **Errors.** ValueError if it is not a whole number, or too small.
    """
    if not isinstance(number, (int, np.integer)) or isinstance(number, bool) or number < least:
        raise ValueError(f"{told}: {name} is {number!r}. Pass a whole number, {least} or more.")
    return int(number)
