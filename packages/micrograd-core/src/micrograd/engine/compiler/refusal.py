"""What cannot be compiled, and on which line of the user's code does it stand?"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import numpy as np


class CannotCompile(TypeError):
    """A function does what a program cannot do; the message names the line and a way out."""


def user_line() -> str:
    """The innermost line that is neither ours nor NumPy's."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_inner(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def refuse(what: str, instead: str) -> NoReturn:
    """Stop recording."""
    raise CannotCompile(f"compile: {what}, at {user_line()}. {instead}")


def refuse_writing(what: str) -> NoReturn:
    """Stop at what writes into an array."""
    refuse(what, "Write a new array: x = x + y instead of x += y, or np.where.")


def told(function: Any) -> str:
    """What a function is called in messages."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"np.{owner.__name__}.{function.__name__}"
    name = getattr(function, "__name__", str(function))
    home = (getattr(function, "__module__", None) or "numpy").replace("numpy", "np", 1)
    return f"{home if home.startswith('np') else 'np'}.{name}"


def _is_inner(module: str) -> bool:
    return f"{module}.".startswith(("micrograd.engine.", "micrograd.nn.", "numpy."))
