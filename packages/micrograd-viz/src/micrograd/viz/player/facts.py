"""How do numbers reach the page?

As text for people, and to the last digit where an array is small enough to be shown in full. Each
array is written once, however many steps show it.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from ..numbers import LAID_OUT, array_lines, constant, number, spread

Fact = dict[str, Any]


def fact(array: Any) -> Fact:
    """What the page knows of an operand, an array or anything else that an op was given.

    >>> fact(np.array([0.1, 1 / 3]))
    {'shape': '(2,)', 'lines': ['[0.1, 0.3333]'], 'numbers': [0.1, 0.3333333333333333]}
    >>> fact(np.full((9, 9), 0.5))
    {'shape': '(9, 9)', 'lines': ['(9, 9)  0.5', 'norm 4.5'], 'numbers': None}
    >>> fact((0, slice(2)))
    {'shape': '', 'lines': ['(0, slice(None, 2, None))'], 'numbers': None}
    """
    plain = isinstance(array, (bool, int, float, np.generic, np.ndarray))
    data = np.asarray(array) if plain else None
    if data is None or data.dtype.kind not in "biuf":
        return {"shape": "", "lines": [constant(array)], "numbers": None}
    lines = array_lines(data)
    small = data.ndim <= 2 and max(data.shape, default=0) <= LAID_OUT
    if not small and data.size:
        lines += [strip] if (strip := spread(data)) else []
        with np.errstate(all="ignore"):
            lines = [*lines, f"norm {number(np.linalg.norm(data.astype(float).ravel()))}"]
    return {
        "shape": str(data.shape),
        "lines": lines,
        "numbers": _exact(data.tolist()) if small else None,
    }


def _exact(numbers: Any) -> Any:
    """The numbers as JSON can hold them; those that are not finite become words."""
    if isinstance(numbers, list):
        return [_exact(one) for one in numbers]
    return numbers if np.isfinite(numbers) else str(numbers)


class Facts:
    """The table of all facts of a page, each once."""

    def __init__(self) -> None:
        self.table: list[Fact] = []
        self._places: dict[str, int] = {}

    def add(self, array: Any) -> int:
        """The place of an array in the table."""
        one = fact(array)
        key = json.dumps(one)
        if key not in self._places:
            self._places[key] = len(self.table)
            self.table.append(one)
        return self._places[key]

    def add_all(self, arrays: Any) -> list[int]:
        """The places of one array, or of each in a tuple (an op with several results)."""
        return [self.add(one) for one in (arrays if isinstance(arrays, tuple) else (arrays,))]
