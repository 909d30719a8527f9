"""How does a graph become a picture?

`draw_dot` writes the text that Graphviz lays out: a box for each Value, a round node for each call
of an op, an arrow for each operand. How the text is rendered is for `picture.py`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from micrograd.engine import Value, plugins

from . import labels, style
from .numbers import constant
from .tracing import trace

if TYPE_CHECKING:
    from .picture import Picture

RANKDIRS = ("LR", "TB", "RL", "BT")
OFTEN = 8
"""A leaf used more often than this is drawn once per use (Graphviz does not finish otherwise)."""
COMMUTATIVE = frozenset({"add", "multiply", "maximum", "minimum"})
"""Ops whose operands need no numbers at their arrows."""


def draw_dot(root: Value, format: str = "svg", rankdir: str = "LR") -> Picture:
    """Draw the graph behind `root`: names, data and gradients, and the ops between them.

    The picture is a `graphviz.Digraph` that renders after pip alone: `draw_dot(loss)` shows itself
    in a notebook, `draw_dot(loss).render("graph")` writes `graph.svg`.

    Blue boxes are parameters, grey ones are Values that want no gradient, white ones were made by
    an op, and the yellow one is `root`. Small arrays are laid out, larger ones are given by shape
    and range; a gradient that was not computed is a dash. Operands that do not commute are
    numbered. A leaf that is used more than eight times has a dashed box for every use. The same
    graph gives the same text every time. Plugins may change the boxes, and add formats.

    **Errors** `TypeError` if `root` is not a Value, `ValueError` for a direction other than LR, TB,
    RL and BT, or for a format that neither Graphviz nor a plugin has. A format that cannot be
    rendered here is an error of `render` and `pipe`.

    **Example**

    >>> from micrograd.engine import Value
    >>> x = Value(2.0, name="x")
    >>> [line.strip() for line in draw_dot(x * 3) if "->" in line]
    ['v0 -> o0', 'c0 -> o0', 'o0 -> v1']
    """
    from .looks import looks
    from .picture import Picture

    if rankdir not in RANKDIRS:
        raise ValueError(
            f"draw_dot: rankdir={rankdir!r} is not a direction. "
            f"Pass one of {', '.join(RANKDIRS)}; LR draws from left to right."
        )
    values, _ = trace(root)
    plugins.load()
    picture = Picture(
        format=format,
        graph_attr={**style.GRAPH, **style.haste(len(values)), "rankdir": rankdir},
        node_attr=style.NODE,
        edge_attr=style.EDGE,
    )
    picture.root, picture.looks = root, looks(root, values)
    _Sketch(picture, rankdir, root, values).draw()
    return picture


class _Sketch:
    """The nodes of one picture, and the counted names under which Graphviz knows them."""

    def __init__(self, picture: Picture, rankdir: str, root: Value, values: list[Value]) -> None:
        self.picture = picture
        self.rankdir = rankdir
        self.root = root
        self.values = values
        results = {id(value.call): value for value in values if value.op is not None}
        operands = (parent for result in results.values() for parent in result.parents)
        self.uses = Counter(id(parent) for parent in operands if parent is not None)
        self.shown: Counter[int] = Counter()  # the uses of a leaf that have their box
        self.boxes: dict[int, str] = {}  # a Value's box, by id
        self.rounds: dict[int, str] = {}  # a call's round node, by id
        self.counts: Counter[str] = Counter()

    def draw(self) -> None:
        """Draw each op after its operands and before its results; leaves come with their ops."""
        for value in self.values:
            if value.op is None:
                continue
            call = id(value.call)
            if call not in self.rounds:
                self.rounds[call] = self.round(value)
            self.boxes[id(value)] = self.box(value)
            self.picture.edge(self.rounds[call], self.boxes[id(value)])
        if self.root.op is None:
            self.box(self.root)

    def box(self, value: Value, use: str = "") -> str:
        """Draw a Value."""
        name = self.count("v")
        heading = labels.heading(value, use)
        usual = {"tooltip": labels.about(value), **(style.USE if use else {})}
        look = {**usual, **self.picture.looks[value]}
        look["class"] += " named" if heading else " unnamed"
        if "label" not in look:
            look["label"] = labels.card(value, heading, self.rankdir)
        self.picture.node(name, **look)
        return name

    def round(self, result: Value) -> str:
        """Draw the call of an op, the constants among its operands, and an arrow an operand."""
        pairs = zip(result.parents, result.inputs, strict=True)
        operands = [self.operand(parent, array) for parent, array in pairs]
        name = self.count("o")
        label, about = labels.escape(result.op.label, labels.PLAIN), labels.about_call(result)
        self.picture.node(name, label, tooltip=about, **style.OP)
        numbered = len(operands) > 1 and result.op.name not in COMMUTATIVE
        for position, operand in enumerate(operands, start=1):
            self.picture.edge(operand, name, headlabel=str(position) if numbered else None)
        return name

    def operand(self, parent: Value | None, array: Any) -> str:
        """Name the node that an operand's arrow starts from; draw it unless it is there already."""
        if parent is None:
            name = self.count("c")
            self.picture.node(name, labels.escape(constant(array), labels.PLAIN), **style.CONSTANT)
            return name
        if id(parent) not in self.boxes:
            uses = self.uses[id(parent)]
            if uses > OFTEN:
                self.shown[id(parent)] += 1
                return self.box(parent, f"use {self.shown[id(parent)]} of {uses}")
            self.boxes[id(parent)] = self.box(parent)
        return self.boxes[id(parent)]

    def count(self, letter: str) -> str:
        """Name the next box (v0, v1, ...), round node (o0, ...) or constant (c0, ...)."""
        self.counts[letter] += 1
        return f"{letter}{self.counts[letter] - 1}"
