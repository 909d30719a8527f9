"""What stands in place of a random generator while a program is recorded?

Its draws become steps, made anew at each call: from the generator that the function was given as an
argument, or from the one that an op has as a setting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .refusal import refuse, refuse_writing

if TYPE_CHECKING:
    from .recorder import Input


class Draws:
    """A random generator whose draws are steps of the program."""

    def __init__(self, symbol: Input) -> None:
        self._symbol = symbol

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if not hasattr(np.random.Generator, name):
            raise AttributeError(f"A random generator has no method {name!r}.")
        if name in ("bit_generator", "spawn"):
            refuse(
                f"the function takes the {name} of a random generator",
                "Draw arrays from the generator itself, or pass several generators.",
            )
        if name == "shuffle":
            refuse_writing("rng.shuffle writes into an array")

        def drawn(*args: Any, **settings: Any) -> Any:
            recorder = self._symbol.recorder
            assert recorder is not None
            return recorder.record(draw, (self._symbol, name, *args), settings)

        return drawn


def draw(generator: np.random.Generator, name: str, *args: Any, **settings: Any) -> Any:
    """One draw of a generator, as a function."""
    return getattr(generator, name)(*args, **settings)
