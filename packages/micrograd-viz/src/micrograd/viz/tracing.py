"""Which Values and which edges does a graph hold, and in which order?

`trace` answers in plain data, without any drawing; `drawing.py` turns the answer into a picture.
"""

from __future__ import annotations

from micrograd.engine import Value

Edge = tuple[Value, Value, int]
"""One operand: the Value that is used, the Value that uses it, and the operand's position."""


def trace(root: Value) -> tuple[list[Value], list[Edge]]:
    """Walk the graph behind `root` and return its Values and its edges.

    The Values come in topological order, each once: parents before the Values made from them,
    operands in their order, `root` last. The edges are `(parent, child, position)`, one an operand,
    ordered by child and position, so `x * x` has two of them. Plain numbers and arrays are no
    Values and have no edge. The same program gives the same lists each time, in time and memory
    proportional to the graph, however deep it is.

    **Errors.** `TypeError` if `root` is not a Value.

    **Example.**

    >>> from micrograd.engine import Value
    >>> x = Value(3.0, name="x")
    >>> y = x * x
    >>> nodes, edges = trace(y)
    >>> [node.name or node.op.name for node in nodes]
    ['x', 'multiply']
    >>> [(parent.name, position) for parent, child, position in edges]
    [('x', 0), ('x', 1)]
    """
    if not isinstance(root, Value):
        raise TypeError(
            f"trace: a graph is walked from one Value, but got {type(root).__name__}. "
            "Pass the Value that the computation ends in, for example trace(loss)."
        )
    nodes: list[Value] = []
    seen = {id(root)}
    path = [(root, iter(root.parents))]
    while path:
        node, operands = path[-1]
        for parent in operands:
            if parent is not None and id(parent) not in seen:
                seen.add(id(parent))
                path.append((parent, iter(parent.parents)))
                break
        else:
            nodes.append(node)
            path.pop()
    edges = [
        (parent, child, position)
        for child in nodes
        for position, parent in enumerate(child.parents)
        if parent is not None
    ]
    return nodes, edges
