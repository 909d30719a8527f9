"""How does a nesting of numbers, strings and arrays become arrays and a text, and back?

A checkpoint must hold what optimizers, callbacks and generators remember, and must never hold
code. So arrays are taken out and kept as arrays, under names; everything else is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

ARRAY, TUPLE, PAIRS = "__array__", "__tuple__", "__pairs__"


def pack(tree: Any) -> tuple[dict[str, np.ndarray], str]:
    """The arrays of a nesting by their paths, and the rest as JSON.

    **Errors.** TypeError, with the path, for what is neither a number, a string, None, an array,
    nor a list, tuple or dict (with strings or whole numbers for keys) of these.

    **Example.**

    >>> arrays, text = pack({"rate": 0.5, "slots": [np.zeros(2)]})
    >>> arrays, text
    ({'slots.0': array([0., 0.])}, '{"rate": 0.5, "slots": [{"__array__": "slots.0"}]}')
    >>> unpack(arrays, text)
    {'rate': 0.5, 'slots': [array([0., 0.])]}
    """
    arrays: dict[str, np.ndarray] = {}

    def plain(one: Any, path: str) -> Any:
        if isinstance(one, np.ndarray):
            arrays[path] = one
            return {ARRAY: path}
        if isinstance(one, np.generic):
            return one.item()
        if one is None or isinstance(one, (bool, int, float, str)):
            return one
        below = f"{path}." if path else ""
        if isinstance(one, Mapping) and all(isinstance(key, (str, int)) for key in one):
            items = {key: plain(inner, f"{below}{key}") for key, inner in one.items()}
            named = all(isinstance(key, str) for key in one)  # the only keys that JSON has
            return items if named else {PAIRS: [list(pair) for pair in items.items()]}
        if isinstance(one, (list, tuple)):
            row = [plain(inner, f"{below}{i}") for i, inner in enumerate(one)]
            return {TUPLE: row} if isinstance(one, tuple) else row
        raise TypeError(
            f"checkpoint: {path} is a {type(one).__name__}, which no file can hold without code. "
            "Let state_dict() give numbers, strings, arrays, and lists and dicts of them."
        )

    return arrays, json.dumps(plain(tree, ""))


def unpack(arrays: Mapping[str, np.ndarray], text: str) -> Any:
    """The nesting that ``pack`` took apart."""

    def filled(one: Any) -> Any:
        if isinstance(one, list):
            return [filled(inner) for inner in one]
        if isinstance(one, dict):
            if one.keys() == {ARRAY}:
                return arrays[one[ARRAY]]
            if one.keys() == {TUPLE}:
                return tuple(filled(inner) for inner in one[TUPLE])
            if one.keys() == {PAIRS}:
                return {key: filled(inner) for key, inner in one[PAIRS]}
            return {key: filled(inner) for key, inner in one.items()}
        return one

    return filled(json.loads(text))
