"""How is a library brought in that nobody must have, and what is said where it is missing?"""

from __future__ import annotations

import importlib
from typing import Any

LINES = {
    "live": 'pip install "micrograd-viz[live]>=1,<2"',
    "plot": 'pip install "micrograd-viz[plot]>=1,<2"',
}


def imported(module: str, told: str, extra: str) -> Any:
    """A module of an optional library.

    **Errors.** ModuleNotFoundError with the line that installs it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module.partition(".")[0]:
            raise  # the library is there, and something that it needs is not
        raise ModuleNotFoundError(
            f"{told}, which is not installed. Install it: {LINES[extra]}", name=error.name
        ) from None
