"""What cannot be compiled, and on which line of the user's code does it stand?"""

from __future__ import annotations

import sys
from typing import NoReturn


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


def _is_inner(module: str) -> bool:
    return f"{module}.".startswith(("micrograd.engine.", "micrograd.nn.", "numpy."))
