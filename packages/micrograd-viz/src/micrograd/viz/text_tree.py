"""What does a graph look like where there is only text?

`print(tree(loss))`: the last Value comes first, and below each the operands that it was made from.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from micrograd.engine import Value

from .labels import NOT_COMPUTED, legible
from .numbers import brief, constant, line
from .tracing import trace

DEPTH, NODES = 24, 200
"""A tree that is printed unasked is at most this deep, and this long."""


def tree(root: Value, *, depth: int | None = DEPTH, max_nodes: int | None = NODES) -> str:
    """Write the graph behind `root` as a tree of lines.

    A line tells the name, the op, the module, the data (large arrays by shape and range) and the
    gradient, with a dash for one that was not computed. A Value that is used more than once is
    written out once, with a number in brackets; later uses refer to it. What is more than `depth`
    operands away, or beyond `max_nodes` lines, is left out and counted; with None, all is written.

    **Errors.** `TypeError` if `root` is not a Value, `ValueError` for a bound below 1.

    **Example.**

    >>> x = Value(3.0, name="x")
    >>> y = x * x + 1
    >>> y.backward()
    >>> print(tree(y))
    +: 10.0, gradient 1.0
    ├─ *: 9.0, gradient 1.0
    │  ├─ x (1): 3.0, gradient 6.0
    │  └─ x (1), see above
    └─ 1
    """
    if not isinstance(root, Value):
        raise TypeError(
            f"tree: a graph is walked from one Value, but got {type(root).__name__}. "
            "Pass the Value that the computation ends in, for example tree(loss)."
        )
    for name, bound in (("depth", depth), ("max_nodes", max_nodes)):
        if bound is not None and bound < 1:
            raise ValueError(f"tree: {name}={bound}. It must be at least 1, or None for all.")
    values, edges = trace(root)
    uses = Counter(id(parent) for parent, _, _ in edges)
    numbers: dict[int, int] = {}  # of Values that are used more than once
    written: set[int] = set()
    lines: list[str] = []
    waiting: list[tuple[Any, str, str]] = [(root, "", "")]  # what, its branch, that of what follows
    while waiting and (max_nodes is None or len(lines) < max_nodes):
        one, branch, below = waiting.pop()
        if not isinstance(one, Value):
            lines.append(f"{branch}{one}")
            continue
        shared = uses[id(one)] > 1
        mark = f" ({numbers.setdefault(id(one), len(numbers) + 1)})" if shared else ""
        if id(one) in written:
            lines.append(f"{branch}{_called(one)}{mark}, see above")
            continue
        written.add(id(one))
        lines.append(f"{branch}{_called(one)}{mark}{_told(one)}")
        operands = _operands(one)
        if operands and depth is not None and len(below) >= 3 * (depth - 1):
            if any(isinstance(o, Value) and id(o) not in written for o in operands):
                operands = ["\N{HORIZONTAL ELLIPSIS}"]
        ends = [("├─ ", "│  ")] * (len(operands) - 1) + [("└─ ", "   ")]
        for operand, (turn, bar) in reversed(list(zip(operands, ends, strict=False))):
            waiting.append((operand, below + turn, below + bar))
    if left := len(values) - len(written):
        lines.append(f"\N{HORIZONTAL ELLIPSIS} {left:,} more node{'s' * (left > 1)}")
    return "\n".join(lines)


def _operands(value: Value) -> list[Any]:
    """What a Value was made from: Values, and plain operands as text."""
    if value.op is None:
        return []
    pairs = zip(value.parents, value.inputs, strict=True)
    return [
        constant(array) if parent is None else parent
        for parent, array in pairs
        if parent is not None or array is not None  # None: an argument that was not given
    ]


def _called(value: Value) -> str:
    """A Value's name and the op that made it, with the settings that are not the usual ones."""
    name = legible(" ".join(value.name.split()))
    if value.op is None:
        return name or "unnamed"
    usual = value.op.defaults
    settings = [
        f"{key}={brief(one)}"
        for key, one in value.call.settings.items()
        if one is not None and brief(usual.get(key)) != brief(one)
    ]
    call = value.op.label + (f"({', '.join(settings)})" if settings else "")
    return f"{name} = {call}" if name else call


def _told(value: Value) -> str:
    """Where a Value was made, its data and its gradient."""
    where = f" in {value.scope}" if value.scope else ""
    text = f"{where}: {line(value.data)}"
    if not value.requires_grad:
        return f"{text}, constant"
    return f"{text}, gradient {line(value.grad) if value.has_grad else NOT_COMPUTED}"
