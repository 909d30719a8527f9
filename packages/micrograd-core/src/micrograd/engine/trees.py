"""How is a nested argument taken apart, and its gradient put together again?

What a transform differentiates with respect to may be a nesting: lists, tuples and dicts, within
each other, of arrays. Its *leaves* are what stands innermost, and a *path*, such as ``['w'][0]``,
says where. A list is always a nesting, so ``[1.0, 2.0]`` holds two numbers; one array of two is
``np.array([1.0, 2.0])``. Results come in the same nesting, with the same keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a nesting in order, each with its path.

    >>> list(leaves({"w": [1.0, 2.0], "b": 3.0}))
    [("['w'][0]", 1.0), ("['w'][1]", 2.0), ("['b']", 3.0)]
    """
    inner = children(tree)
    if inner is None:
        yield path, tree
        return
    for key, child in inner.items():
        yield from leaves(child, f"{path}[{key!r}]")


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """A nesting of the same form, with ``function(leaf)`` for each leaf in order.

    >>> mapped(lambda x: x + 1, {"w": [1.0, 2.0], "b": (3.0,)})
    {'w': [2.0, 3.0], 'b': (4.0,)}
    """
    inner = children(tree)
    if inner is None:
        return function(tree)
    made = {key: mapped(function, child) for key, child in inner.items()}
    if isinstance(tree, dict):
        return made
    if hasattr(tree, "_fields"):  # a named tuple takes its fields one by one
        return type(tree)(*made.values())
    return tuple(made.values()) if isinstance(tree, tuple) else list(made.values())


def filled(tree: Any, new: Iterator[Any]) -> Any:
    """A nesting of the same form, with the next of ``new`` for each leaf in order.

    >>> filled([1.0, (2.0, 3.0)], iter("abc"))
    ['a', ('b', 'c')]
    """
    return mapped(lambda leaf: next(new), tree)


def aligned(tree: Any, other: Any, told: str, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The leaves of a nesting, with what stands at the same place of another.

    **Errors.** ValueError, which begins with ``told`` and a path, where they differ in form.

    >>> list(aligned({"w": 1.0, "b": 2.0}, {"b": 20.0, "w": 10.0}, "v"))
    [("['w']", 1.0, 10.0), ("['b']", 2.0, 20.0)]
    """
    inner, beside = children(tree), children(other)
    if inner is None:  # a shape is compared by whoever asks, also with that of a list of numbers
        yield path, tree, other
        return
    if (
        beside is None
        or inner.keys() != beside.keys()
        or isinstance(tree, dict) != isinstance(other, dict)
    ):
        raise ValueError(f"{told}{path} is {form(other)}. Pass {form(tree)}, as the other is.")
    for key, child in inner.items():
        yield from aligned(child, beside[key], told, f"{path}[{key!r}]")


def children(tree: Any) -> dict[Any, Any] | None:
    """What a nesting holds, by key; None for a leaf."""
    if isinstance(tree, dict):
        return tree
    return dict(enumerate(tree)) if isinstance(tree, (list, tuple)) else None


def form(tree: Any) -> str:
    """What a nesting looks like from outside, in words.

    >>> form([1.0, 2.0]), form({"w": 1.0}), form(1)
    ('a list of 2', "a dict with the keys ['w']", 'an int')
    """
    name = type(tree).__name__
    kind = f"an {name}" if name[0] in "aeiou" else f"a {name}"
    if isinstance(tree, dict):
        return f"{kind} with the keys {list(tree)}"
    return f"{kind} of {len(tree)}" if isinstance(tree, (list, tuple)) else kind
