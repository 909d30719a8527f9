"""In which module does a Value stand?

A node remembers the scope that it was made in: `layers.0.norm`. A number belongs to the word before
it, so this is the module `norm` in the module `layers.0`, two levels. Parameters were made long
before any scope was open; they stand in the module that uses them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from micrograd.engine import Value


def levels(path: str) -> list[str]:
    """The paths of the modules that hold what was made in a scope, outermost first.

    >>> levels("layers.0"), levels("blocks.3.attention.out"), levels("")
    (['layers.0'], ['blocks.3', 'blocks.3.attention', 'blocks.3.attention.out'], [])
    """
    found: list[str] = []
    before, parts = "", path.split(".") if path else []
    for end, part in enumerate(parts, start=1):
        if part.isdecimal() and before and not before.isdecimal():
            found.pop()
        found.append(".".join(parts[:end]))
        before = part
    return found


def outside(path: str) -> str:
    """The module that holds a module; "" where none does."""
    return "".join(levels(path)[-2:-1])


def places(values: Sequence[Value]) -> dict[int, str]:
    """The scope in which each Value is drawn, by id; those outside of all are left out.

    A leaf stands in the scope that its name begins with, else in the one that it was made in. If
    it has neither, it may be a parameter that knows its name within its module only (`weight`), or
    an input that wants a gradient. It is taken for a parameter if it has a name, if one module
    alone uses it, if it is not what comes before parameters in a call (`x @ weight`), and if the
    parameters there are not called by their path.
    """
    if not any(value.scope for value in values):
        return {}
    known = {level for scope in {value.scope for value in values} for level in levels(scope)}
    users: dict[int, set[str]] = defaultdict(set)
    for value in values:
        for position, parent in enumerate(value.parents):
            if parent is not None and parent.op is None:
                first = position == 0 and any(map(_trained, value.parents[1:]))
                users[id(parent)] |= {value.scope, ""} if first else {value.scope}
    found = {id(value): value.scope for value in values if value.op is not None}
    leaves = [value for value in values if value.op is None]
    named = {id(leaf): _prefix(leaf.name, known) for leaf in leaves}
    by_path = set(named.values())
    for leaf in leaves:
        place, used = named[id(leaf)] or leaf.scope, users[id(leaf)]
        if not place and _trained(leaf) and leaf.name and len(used) == 1:
            place = next(iter(used - by_path), "")
        found[id(leaf)] = place
    return {one: place for one, place in found.items() if place}


def _trained(operand: Value | None) -> bool:
    """Whether an operand is a leaf that wants a gradient."""
    return operand is not None and operand.op is None and operand.requires_grad


def _prefix(name: str, known: set[str]) -> str:
    """The longest known path that a dotted name begins with."""
    while "." in name:
        name = name.rpartition(".")[0]
        if name in known:
            return name
    return ""
