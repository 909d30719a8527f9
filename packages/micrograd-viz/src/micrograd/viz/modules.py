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
    it has neither, but a name and a gradient to be moved by, it is taken for a parameter and
    stands where all of its uses are, unless the parameters there are called by their path.
    """
    scopes = {value.scope for value in values if value.scope}
    if not scopes:
        return {}
    known = {level for scope in scopes for level in levels(scope)}
    users: dict[int, list[str]] = defaultdict(list)
    for value in values:
        for parent in value.parents:
            if parent is not None and parent.op is None:
                users[id(parent)].append(value.scope)
    found = {id(value): value.scope for value in values if value.op is not None}
    leaves = [value for value in values if value.op is None]
    named = {id(leaf): _prefix(leaf.name, known) for leaf in leaves}
    by_path = set(named.values())
    for leaf in leaves:
        place = named[id(leaf)] or leaf.scope
        if not place and leaf.requires_grad and leaf.name:
            common = _common(users[id(leaf)])
            place = "" if common in by_path else common
        found[id(leaf)] = place
    return {one: place for one, place in found.items() if place}


def _prefix(name: str, known: set[str]) -> str:
    """The longest known path that a dotted name begins with."""
    while "." in name:
        name = name.rpartition(".")[0]
        if name in known:
            return name
    return ""


def _common(scopes: Sequence[str]) -> str:
    """The innermost module that holds all of some scopes."""
    if not scopes:
        return ""
    shared = levels(scopes[0])
    for scope in set(scopes[1:]):
        within = set(levels(scope))
        shared = [level for level in shared if level in within]
    return shared[-1] if shared else ""
