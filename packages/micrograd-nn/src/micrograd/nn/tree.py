"""How is a network printed?

As a tree: a line for each part, indented below the module that holds it. Neighbours that look the
same are one line, for a network of twelve equal blocks is described by one of them.
"""

from __future__ import annotations

from collections.abc import Iterable


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
    runs: list[list[tuple[str, str]]] = []
    for part in parts:
        if runs and _follows(runs[-1][-1], part):
            runs[-1].append(part)
        else:
            runs.append([part])
    return [_line(run) for run in runs]


def _follows(before: tuple[str, str], part: tuple[str, str]) -> bool:
    (head, _, first), (holder, _, second) = before[0].rpartition("."), part[0].rpartition(".")
    numbers = first.isdecimal() and second.isdecimal()
    same = before[1] == part[1] and head == holder
    return same and numbers and int(second) == int(first) + 1


def _line(run: list[tuple[str, str]]) -> str:
    (path, text), last = run[0], run[-1][0].rpartition(".")[2]
    return f"{path}: {text}" if len(run) == 1 else f"{path}-{last}: {len(run)} x {text}"
