"""What is a leak, and how is one found?

A call leaks if what it gives depends on a Value's numbers and is no Value: a gradient would be lost
without a word. `leak` makes a call with two sets of numbers and looks at the difference.
`test_numpy_sweep.py` and `test_leaks.py` look for leaks all over NumPy and Python.
"""

from __future__ import annotations

import array
import copy
import decimal
import fractions
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.testing import overrides

from micrograd.engine import Value

FUNCTIONS = sorted(
    overrides.get_overridable_numpy_array_functions(), key=lambda f: (f.__module__, f.__name__)
)
UFUNCS = sorted(overrides.get_overridable_numpy_ufuncs(), key=lambda f: f.__name__)

X = np.array([[2.5, 0.25, 0.125], [0.25, 1.75, 0.375], [0.125, 0.375, 3.25]])  # definite
Y = X + np.array([[0.5, 0.0625, 0.25], [0.0625, 0.75, 0.125], [0.25, 0.125, 1.0]])
ROW = np.array([0.5, 0.75, 1.25])


def told(function: Any) -> str:
    """How messages name a function: ``np.linalg.norm``, ``np.exp``."""
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


def leaves(result: Any) -> Iterator[Any]:
    """What is in a result: the Values, arrays and numbers in its lists, tuples and dicts."""
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, (list, tuple, set)):
        for one in result:
            yield from leaves(one)
    elif isinstance(result, np.ndarray) and result.dtype == object:
        yield from leaves(list(result.flat))
    elif isinstance(result, (np.poly1d, np.polynomial.Polynomial)):
        yield from leaves(list(result))
    elif isinstance(result, np.ndarray) and result.dtype.names:
        yield from leaves([result[name] for name in result.dtype.names])
    else:
        yield result


FILLERS: dict[str, Any] = {
    **dict.fromkeys(("shape", "new_shape", "newshape", "dims"), (3, 3)),
    **dict.fromkeys(("axis", "axes", "k", "n", "m", "deg", "N", "offset", "obj", "ind"), 1),
    **dict.fromkeys(("func1d", "func", "function"), np.sum),
    **dict.fromkeys(("dtype", "formats"), float),
    **dict.fromkeys(("file", "fname"), "numbers"),
    **{name: [X, X] for name in ("choices", "choicelist", "funclist")},
    "condlist": [X > 1, X <= 1],
    **dict.fromkeys(("mask", "condition"), X > 1),
    **dict.fromkeys(("indices", "multi_index"), np.zeros((3, 3), int)),
    **dict.fromkeys(("subscripts",), "ij->i"),
    **dict.fromkeys(("q",), 0.5),
    **dict.fromkeys(("names", "name", "defaults", "required_fields", "field_names"), "a"),
}


BOTH = object()


def at_each_place(function: Any) -> list[Callable[[Any], Any]]:
    """Calls with an argument in each parameter in turn, the others filled with something apt.

    A call gives what the function gave, and the arrays that it may have written into.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # written in C, before NumPy 2.4
        parameters = []
    needed = [p for p in parameters if p.default is p.empty]
    single = [p for p in needed if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    fill = [FILLERS.get(p.name, X) for p in single]
    here = object()

    def at(*places: Any, **named: Any) -> Callable[[Any], Any]:
        def call(x: Any) -> Any:
            special = {id(here): x, id(BOTH): [x, x]}
            given = [special.get(id(one), copy.deepcopy(one)) for one in places]
            return function(*given, **dict.fromkeys(named, x)), given

        return call

    usual = [(here,), (here, here), (here, 1), (BOTH,), (X, here), (here,) * 3, ((3, 3), here)]
    calls = [at(*places) for places in usual]
    calls += [at(*fill[:i], here, *fill[i + 1 :]) for i in range(len(single))]
    optional = [p for p in parameters if p.default is not p.empty]
    return calls + [at(*fill, **{p.name: here}) for p in optional if p.kind > p.POSITIONAL_ONLY]


def numbers(result: Any) -> list[Any]:
    """The real numbers in a result that is no Value (truth values and indices are not)."""
    found: list[Any] = []
    for one in leaves(result):
        if isinstance(one, Value):
            continue
        if isinstance(one, (float, complex, decimal.Decimal, fractions.Fraction)):
            found.append(complex(one))
        elif isinstance(one, (np.ndarray, np.inexact)) and one.dtype.kind in "fc":
            found.extend(complex(number) for number in np.asarray(one).flat)
        elif isinstance(one, (array.array, memoryview)):
            found.extend(one.tolist())
    return found


PAIRS = ((X, Y), (ROW, 2 * ROW), (np.asarray(1.25), np.asarray(1.75)))
"""Two sets of numbers of each shape: what depends on them is told by the difference."""


def leak(call: Callable[[Any], Any], one: np.ndarray = X, other: np.ndarray = Y) -> str:
    """What a call gives that depends on a Value's numbers and is no Value; else nothing."""
    got = []
    for data in (one, other):
        value = Value(data)
        try:
            got.append(numbers(call(value)))
        except Exception:
            got.append([])
        if not np.array_equal(value.data, data):
            return f"{value} was {data}: it was written into"
    return "" if np.array_equal(got[0], got[1], equal_nan=True) else f"{got[0]} for {one.tolist()}"


UNSET = {np.empty, np.empty_like, np.ndarray, np.recarray}
UNSET |= {np.ma.empty, np.ma.empty_like, np.ma.masked_all, np.ma.masked_all_like}
"""What these return is whatever the memory holds."""

CONSTANT = {
    *(np.sign, np.floor, np.ceil, np.trunc, np.rint, np.round, np.around, np.fix, np.floor_divide)
}
"""Piecewise constant: the result is a Value that needs no gradient."""
