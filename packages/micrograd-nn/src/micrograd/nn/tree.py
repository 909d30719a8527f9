"""How is a network printed?

As a tree: a line for each part, indented below the module that holds it. Neighbours that look the
same are one line, for a network of twelve equal blocks is described by one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def tree(name: str, extra: str, parts: Iterable[tuple[str, str]]) -> str:
    """The text of a module: its name, what it says about itself, and its (path, text) parts.

    **Example.**

    >>> print(tree("Net", "", [("0", "Block()"), ("1", "Block()"), ("2", "Last()")]))
    Net(
      0-1: 2 x Block()
      2: Last()
    )
    """
    lines = folded(parts)
    if not lines:
        return f"{name}({extra})"
    body = "\n".join([extra, *lines] if extra else lines).replace("\n", "\n  ")
    return f"{name}(\n  {body}\n)"


def folded(parts: Iterable[tuple[str, str]]) -> list[str]:
    """Lines ``path: text``; parts with consecutive numbers and the same text share one."""
    return [_line(run) for run in runs(parts)]


def runs(parts: Iterable[tuple[str, T]]) -> list[list[tuple[str, T]]]:
    """The parts, those together that share a line."""
    found: list[list[tuple[str, T]]] = []
    for part in parts:
        if found and _follows(found[-1][-1], part):
            found[-1].append(part)
        else:
            found.append([part])
    return found


def heading(run: Sequence[tuple[str, object]]) -> str:
    """The name of a line: a path, or the first of several and the number of the last.

    >>> heading([("blocks.0", ""), ("blocks.1", "")])
    'blocks.0-1'
    """
    path, last = run[0][0], run[-1][0].rpartition(".")[2]
    return path if len(run) == 1 else f"{path}-{last}"


def _follows(before: tuple[str, object], part: tuple[str, object]) -> bool:
    (head, _, first), (holder, _, second) = before[0].rpartition("."), part[0].rpartition(".")
    numbers = first.isdecimal() and second.isdecimal()
    same = before[1] == part[1] and head == holder
    return same and numbers and int(second) == int(first) + 1


def _line(run: list[tuple[str, str]]) -> str:
    times = f"{len(run)} x " if len(run) > 1 else ""
    return f"{heading(run)}: {times}{run[0][1]}"
