"""What of a graph is drawn, what is folded into its module's box, and what is left out?

A picture is for eyes: of a hundred thousand Values it shows those nearest to the end, and says how
many more there are.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from micrograd.engine import Value

from . import modules

TOO_MANY = 10_000
"""Graphs of more boxes than this are cut, unless the program asks for as many."""

CUT = 500
"""So many boxes are left of them."""


@dataclass
class Folded:
    """A module that is one box."""

    path: str
    members: list[Value] = field(default_factory=list)
    inputs: list[Value] = field(default_factory=list)  # used inside, made outside
    outputs: list[Value] = field(default_factory=list)  # made inside, used outside or the last
    arrays: list[np.ndarray[Any, Any]] = field(default_factory=list)  # plain ones used inside


@dataclass(frozen=True)
class Plan:
    """The Values of a picture, parents first, and where each of them is."""

    values: list[Value]  # all but those left out
    places: dict[int, str]  # the scope that a Value is drawn in, by id; none for those outside
    folded: dict[int, str]  # the module whose box a Value is folded into, by id
    hidden: int  # how many Values were left out
    modules: dict[str, Folded]
    last: str = ""  # the folded module that made the last Value, which is drawn all the same

    def shown(self) -> list[Value]:
        """The Values that have boxes of their own."""
        return [value for value in self.values if id(value) not in self.folded]


def plan(root: Value, values: Sequence[Value], depth: int | None, limit: int | None) -> Plan:
    """Fold modules that are `depth` levels down, and keep the `limit` boxes nearest to `root`."""
    places = modules.places(values)
    homes: dict[int, str] = {}
    if depth is not None:
        for one, place in places.items():
            path = modules.levels(place)
            if len(path) >= depth:
                homes[one] = path[depth - 1]
        _call_by_call(values, homes)
    found = _modules(root, values, homes)
    last = homes.pop(id(root), "")
    members: dict[int | str, list[Value]] = defaultdict(list)
    for value in values:
        members[homes.get(id(value), id(value))].append(value)
    if limit is None:
        limit = CUT if len(members) > TOO_MANY else len(members)
    if len(members) <= limit:
        return Plan(list(values), places, homes, 0, found, last)
    near = _nearest(root, members, last, homes, limit)
    kept = [value for value in values if homes.get(id(value), id(value)) in near]
    return Plan(kept, places, homes, len(values) - len(kept), found, last)


CALL = "\0"
"""Stands between the path of a module and the number of its call."""


def _call_by_call(values: Sequence[Value], homes: dict[int, str]) -> None:
    """Give a module that trains nothing a box for each call, or the arrows would run in circles.

    (One Dropout serves a whole transformer block.) What was made in one call hangs together. A
    module with parameters stays one box, for its calls share them.
    """
    trained = {homes.get(id(value)) for value in values if value.op is None and value.requires_grad}
    heads: dict[int, int] = {}  # of all that hangs together, by id

    def head(one: int) -> int:
        while heads.setdefault(one, one) != one:
            heads[one] = one = heads[heads[one]]
        return one

    loose = [value for value in values if homes.get(id(value)) not in {None, *trained}]
    for value in loose:
        heads[head(id(value.call))] = head(id(value))
        for parent in value.parents:
            if parent is not None and homes.get(id(parent)) == homes[id(value)]:
                heads[head(id(parent))] = head(id(value))
    counts: dict[str, dict[int, int]] = defaultdict(dict)
    for value in loose:
        calls = counts[homes[id(value)]]
        if number := calls.setdefault(head(id(value)), len(calls)):
            homes[id(value)] += f"{CALL}{number}"


def _modules(root: Value, values: Sequence[Value], homes: dict[int, str]) -> dict[str, Folded]:
    """What each folded module holds, and what goes in and out."""
    found = {path: Folded(path.partition(CALL)[0]) for path in homes.values()}
    seen: set[tuple[int, str]] = set()
    for value in values:
        home = homes.get(id(value))
        if home is not None:
            found[home].members.append(value)
        for parent, array in zip(value.parents, value.inputs, strict=True):
            other = homes.get(id(parent))
            if parent is None:
                if home is not None and np.ndim(array):
                    found[home].arrays.append(array)
                continue
            if other == home:
                continue
            if home is not None and (id(parent), home) not in seen:
                found[home].inputs.append(parent)
                seen.add((id(parent), home))
            if other is not None and (id(parent), "") not in seen:
                found[other].outputs.append(parent)
                seen.add((id(parent), ""))
    if id(root) in homes:
        found[homes[id(root)]].outputs.append(root)
    return found


def _nearest(
    root: Value,
    members: dict[int | str, list[Value]],
    last: str,
    folded: dict[int, str],
    limit: int,
) -> set[int | str]:
    """The boxes that are fewest arrows away from the end."""
    near: set[int | str] = {id(root)} | ({last} if last else set())
    waiting: deque[int | str] = deque([id(root), *([last] if last else [])])
    while waiting and len(near) < limit:
        for value in members[waiting.popleft()]:
            for parent in value.parents:
                box = folded.get(id(parent), id(parent))
                if parent is not None and box not in near and len(near) < limit:
                    near.add(box)
                    waiting.append(box)
    return near
