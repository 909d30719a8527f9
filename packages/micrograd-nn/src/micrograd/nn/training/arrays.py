"""What is data here? An array, or a tuple or dict of arrays, each with one row a sample.

A tuple of inputs is given to a model as ``model(*inputs)``, a dict as ``model(**inputs)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from micrograd.engine import Value


def each(data: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The arrays of ``data``, with what one would write to get them: ``X``, ``X[0]``, ``X['a']``.

    >>> [name for name, _ in each({"a": 1, "b": 2}, "X")]
    ["X['a']", "X['b']"]
    """
    if isinstance(data, dict):
        for key, one in data.items():
            yield from each(one, f"{name}[{key!r}]")
    elif isinstance(data, tuple):
        for position, one in enumerate(data):
            yield from each(one, f"{name}[{position}]")
    elif data is not None:
        yield name, data


def mapped(function: Callable[[Any], Any], data: Any) -> Any:
    """The same nesting, with ``function(array)`` for each array.

    >>> mapped(lambda one: one + 1, (1, {"a": 2}))
    (2, {'a': 3})
    """
    if isinstance(data, dict):
        return {key: mapped(function, one) for key, one in data.items()}
    if isinstance(data, tuple):
        return tuple(mapped(function, one) for one in data)
    return None if data is None else function(data)


def with_dtype(dtype: Any, data: Any) -> Any:
    """The same nesting, with numbers that have a fraction in this dtype; labels stay labels.

    >>> [array.dtype.name for array in with_dtype(np.float32, (np.array([0.5]), np.array([1])))]
    ['float32', 'int64']
    """

    def converted(array: Any) -> Any:
        fractions = isinstance(array, np.ndarray) and array.dtype.kind == "f"
        return array.astype(dtype, copy=False) if fractions else array

    return mapped(converted, data)


def joined(parts: list[Any]) -> Any:
    """One nesting out of several, array by array, row after row.

    >>> joined([(np.array([1]),), (np.array([2, 3]),)])
    (array([1, 2, 3]),)
    """
    first = parts[0]
    if isinstance(first, dict):
        return {key: joined([part[key] for part in parts]) for key in first}
    if isinstance(first, tuple):
        return tuple(joined([part[i] for part in parts]) for i in range(len(first)))
    return None if first is None else np.concatenate([np.atleast_1d(part) for part in parts])


def as_arrays(told: str, data: Any, name: str) -> Any:
    """``data`` with an array wherever it has a list or the like.

    **Errors.** TypeError for Values and for what is not made of numbers; ValueError for a number
    without rows, or for no array at all.
    """

    def converted(given: Any) -> Any:
        if isinstance(given, Value):
            raise TypeError(f"{told}: {name} holds a Value. Give its array, {name}.data.")
        array = np.asarray(given)
        if array.dtype.kind not in "fiub":
            raise TypeError(
                f"{told}: {name} has dtype {array.dtype}. Give an array of numbers; several "
                "arrays go into a tuple or a dict."
            )
        if not array.ndim:
            raise ValueError(f"{told}: {name} is the number {array}. Give one row a sample.")
        return array

    if isinstance(data, (tuple, dict)) and not list(each(data, name)):
        raise ValueError(f"{told}: {name} is an empty {type(data).__name__}. Give it arrays.")
    return mapped(converted, data)


def rows_of(told: str, **named: Any) -> int:
    """How many rows all arrays have.

    **Errors.** ValueError when they differ, naming both, or when there are none.
    """
    lengths = [(name, len(a)) for key, data in named.items() for name, a in each(data, key)]
    first, rows = lengths[0]
    for name, length in lengths[1:]:
        if length != rows:
            raise ValueError(
                f"{told}: {first} has {rows} rows but {name} has {length}. Give each sample one "
                "row in both."
            )
    if not rows:
        raise ValueError(f"{told}: {first} has no rows. Give at least one sample.")
    return rows
