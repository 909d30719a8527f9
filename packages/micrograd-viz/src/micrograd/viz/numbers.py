"""How is an array put into a few words or lines that fit in a box?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

LAID_OUT = 4
"""Arrays of at most two axes, none longer than this, are shown number by number."""

DECIMALS = 4
"""As many as a number of everyday size is rounded to."""


STRIP = 9
"""Bars in the strip of a large array. (Graphviz takes each for three letters, and makes room.)"""

BARS = "▁▂▃▄▅▆▇█"


def number(x: Any, fixed: bool = False) -> str:
    """Write one number with four decimals, or four digits where it is small or huge.

    With `fixed`, only numbers that four decimals do not show at all are written otherwise.

    >>> [number(x) for x in (2.0, -1 / 3, 1 / 300, 0.0, 1.5e-7, 123456789.0, float("nan"))]
    ['2.0', '-0.3333', '0.003333', '0.0', '1.5e-7', '1.235e8', 'nan']
    >>> number(np.True_), number(np.int64(7))
    ('True', '7')
    """
    if isinstance(x, (bool, np.bool_, int, np.integer)):
        return str(x)
    x = float(x)
    if not np.isfinite(x):
        return str(x)
    if 1e-3 <= abs(x) < 0.1 and not fixed:
        return f"{x:.4g}"
    if x == 0 or 1e-3 <= abs(x) < 1e6:
        whole, decimals = f"{x or 0.0:.{DECIMALS}f}".split(".")
        return f"{whole}.{decimals.rstrip('0') or '0'}"
    digits, exponent = f"{x:.3e}".split("e")
    return f"{digits.rstrip('0').rstrip('.')}e{int(exponent)}"


def array_lines(array: npt.NDArray[Any]) -> list[str]:
    """Lay a small array out in lines of numbers; give shape and range of a larger one.

    >>> array_lines(np.array(2.0)), array_lines(np.array([1.0, -0.5]))
    (['2.0'], ['[1.0, -0.5]'])
    >>> print(*array_lines(np.array([[1.0, 10.25], [-3.0, 0.0]])), sep="\\n")
    [[ 1.0, 10.25]
     [-3.0,  0.00]]
    >>> array_lines(np.linspace(0.0, 1.0, 50)), array_lines(np.ones((0, 3)))
    (['(50,)  0.0 to 1.0'], ['(0, 3)  empty'])
    """
    if array.size == 0:
        return [f"{array.shape}  empty"]
    if array.ndim == 0:
        return [number(array[()])]
    if array.ndim > 2 or max(array.shape) > LAID_OUT:
        return [f"{array.shape}  {_range(array)}"]
    fixed = bool(np.any(np.abs(array) >= 0.1))
    rows = [[number(x, fixed) for x in row] for row in np.atleast_2d(array)]
    if array.ndim == 1:
        return ["[" + ", ".join(rows[0]) + "]"]
    columns = [aligned(column) for column in zip(*rows, strict=True)]
    lines = ["[" + ", ".join(row) + "]" for row in zip(*columns, strict=True)]
    lines = [("[" if i == 0 else " ") + line for i, line in enumerate(lines)]
    return [*lines[:-1], lines[-1] + "]"]


def line(array: npt.NDArray[Any]) -> str:
    """Write an array on one line: its numbers, or its shape and range.

    >>> line(np.array([1.0, -0.5])), line(np.eye(2))
    ('[1.0, -0.5]', '(2, 2)  0.0 to 1.0')
    """
    lines = array_lines(array)
    return lines[0] if len(lines) == 1 else f"{array.shape}  {_range(array)}"


def spread(array: npt.NDArray[Any]) -> str:
    """Show in a strip of bars where the numbers of a large array lie, from lowest to highest.

    An array that is laid out, or has one number only, needs none, and has an empty strip.

    >>> spread(np.array([0.0, 0.1, 0.1, 0.2, 1.0])), spread(np.ones(9)), spread(np.eye(2))
    ('█▃      ▃', '', '')
    """
    if array.size == 0 or (array.ndim <= 2 and max(array.shape, default=0) <= LAID_OUT):
        return ""
    finite = array[np.isfinite(array)].astype(np.float64) / 4  # a quarter: ranges stay finite
    if finite.size == 0 or (low := finite.min()) == (high := finite.max()):
        return ""
    cells = np.minimum((finite - low) / (high - low) * STRIP, STRIP - 1).astype(int)
    counts = np.bincount(cells, minlength=STRIP).tolist()
    heights = [-(-count * len(BARS) // max(counts)) for count in counts]  # rounded up: none is lost
    return "".join(BARS[height - 1] if height else " " for height in heights)


def constant(value: Any) -> str:
    """Write a plain operand (a number, an array, an index) on one line.

    >>> constant(2), constant(2.0), constant(np.array([1, 2])), constant(np.zeros((9, 9)))
    ('2', '2', '[1, 2]', '(9, 9)  0.0')
    """
    if isinstance(value, (bool, int, float, np.number, np.bool_, np.ndarray)):
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            if array.ndim == 0:
                return number(array[()]).removesuffix(".0")
            return line(array)
    return brief(value)


def brief(value: object) -> str:
    """Write anything at all in at most 40 characters, without its place in memory.

    >>> brief((0, slice(None))), brief(np.random.default_rng())
    ('(0, slice(None, None, None))', 'Generator(PCG64)')
    """
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))
    return text if len(text) <= 40 else f"{text[:39]}\N{HORIZONTAL ELLIPSIS}"


def aligned(column: Sequence[str]) -> list[str]:
    """Pad numbers that stand below each other, so that their decimal points do too.

    >>> aligned(["2.0", "-0.25"]), aligned(["0.5", "0.003333"]), aligned(["10.0", "1e-7"])
    ([' 2.00', '-0.25'], ['0.5000  ', '0.003333'], ['10.0', '1e-7'])
    """
    parts = [text.partition(".") for text in column]
    left = max(len(whole) for whole, _, _ in parts)
    right = max(len(decimals) for _, _, decimals in parts)
    if not all(decimals.isdigit() for _, _, decimals in parts):
        width = max(map(len, column))
        return [text.rjust(width) for text in column]
    zeros = min(right, DECIMALS)  # further ones would claim digits that were rounded away
    return [f"{whole:>{left}}.{f'{decimals:0<{zeros}}':<{right}}" for whole, _, decimals in parts]


def _range(array: npt.NDArray[Any]) -> str:
    """Say between which numbers an array lies, and how many of its elements are not finite."""
    finite = array if array.dtype.kind in "biu" else array[np.isfinite(array)]
    if finite.size == 0:
        return "not one finite number"
    low, high = number(finite.min()), number(finite.max())
    words = low if low == high else f"{low} to {high}"
    strange = array.size - finite.size
    return f"{words}, {strange} not finite" if strange else words
