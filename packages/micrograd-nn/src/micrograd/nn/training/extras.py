"""How is a library that nobody must have brought in, and what is said where it is missing?"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

LINE = 'pip install "micrograd-nn[progress]>=1,<2"'


def imported(module: str, told: str) -> Any:
    """A module of an optional library.

    **Errors.** ModuleNotFoundError with the line that installs it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module.partition(".")[0]:
            raise  # the library is there, and something that it needs is not
        raise ModuleNotFoundError(
            f"{told}, which is not installed. Install it: {LINE}",
            name=error.name,
        ) from None


def there(library: str) -> bool:
    """Whether a library is installed, without importing it."""
    try:
        return importlib.util.find_spec(library) is not None
    except ValueError:  # sys.modules says None: somebody forbade it
        return False
