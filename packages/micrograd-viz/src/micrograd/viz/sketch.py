"""Which boxes, round nodes and arrows does a picture consist of, before anybody lays them out?

Plain data: `drawing.py` writes it as text for Graphviz, `mermaid.py` and `data.py` in other words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from micrograd.engine import Value

from . import heat, labels, modules, style
from .numbers import constant
from .plan import Plan
from .wishes import Wishes

if TYPE_CHECKING:
    from .picture import Picture

OFTEN = 8
"""A leaf used more often than this is drawn once per use (Graphviz does not finish otherwise)."""
COMMUTATIVE = frozenset({"add", "multiply", "maximum", "minimum"})
"""Ops whose operands need no numbers at their arrows."""

Look = Mapping[str, str]


@dataclass(frozen=True)
class Node:
    """A box or a round node."""

    name: str  # counted: v0 a Value, o0 a call, c0 a constant, m0 a module; "more"
    place: str  # the scope that it is drawn in, "" for the page
    look: Look  # Graphviz's attributes, the label too
    fields: list[list[str]]  # the text: lines, field by field
    value: Value | None = None  # of a box; of a call one of its results

    def in_theme(self, theme: str) -> Look:
        """The attributes in a theme's colours; those of a Value's box are in them already."""
        return self.look if self.name.startswith("v") else style.themed(self.look, theme)


@dataclass(frozen=True)
class Edge:
    """An arrow."""

    tail: str
    head: str
    position: int | None = None  # which operand, where the order matters
    look: Look = field(default_factory=dict)


@dataclass
class Frame:
    """What stands in the frame of a module."""

    number: int
    nodes: list[Node] = field(default_factory=list)
    inner: list[str] = field(default_factory=list)  # the paths of the modules in it


@dataclass
class Sketch:
    """All of a picture, in the order in which it is written down."""

    wishes: Wishes
    plan: Plan
    parts: list[Node | Edge] = field(default_factory=list)

    def nodes(self) -> list[Node]:
        """The boxes and round nodes."""
        return [part for part in self.parts if isinstance(part, Node)]

    def edges(self) -> list[Edge]:
        """The arrows."""
        return [part for part in self.parts if isinstance(part, Edge)]

    def length(self) -> int:
        """How many ranks all arrows cross together, each box being as near to the end as it can.

        It is what the layout costs: Graphviz puts a hidden node wherever an arrow crosses a rank.
        """
        ranks: dict[str, int] = {}
        edges = self.edges()
        for edge in reversed(edges):
            ranks[edge.tail] = max(ranks.get(edge.tail, 0), ranks.get(edge.head, 0) + 1)
        return sum(ranks[edge.tail] - ranks.get(edge.head, 0) for edge in edges)

    def frames(self) -> dict[str, Frame]:
        """The frame of each module that is not folded, by path, outer ones first."""
        found: dict[str, Frame] = {}
        for node in self.nodes():
            outer = ""
            for level in modules.levels(node.place):
                if level not in found:
                    found[level] = Frame(len(found))
                    if outer:
                        found[outer].inner.append(level)
                outer = level
            if outer:
                found[outer].nodes.append(node)
        return found


def sketch(root: Value, plan: Plan, looks: Mapping[Value, Look], wishes: Wishes) -> Sketch:
    """Draw a graph as far as its plan goes."""
    drawn = Sketch(wishes, plan)
    _Pencil(drawn, root, looks).draw()
    return drawn


def sketch_of(picture: Picture, format: str) -> Sketch:
    """The sketch of a picture, for a format that is written from it.

    **Errors.** `ValueError` for a picture that has none.
    """
    if picture.sketch is None:
        raise ValueError(
            f"picture: {format} is written from a graph, and this picture has none: draw_dot did "
            "not make it, or it was pickled. Ask for svg, or call draw_dot(loss) again."
        )
    return picture.sketch


class _Pencil:
    """Draws each op after its operands and before its results; leaves come with their ops."""

    def __init__(self, sketch: Sketch, root: Value, looks: Mapping[Value, Look]) -> None:
        self.wishes, self.plan = sketch.wishes, sketch.plan
        self.parts = sketch.parts
        self.root, self.looks = root, looks
        self.kept = {id(value) for value in self.plan.values}
        results = {id(value.call): value for value in self.plan.values if value.op is not None}
        operands = (parent for result in results.values() for parent in result.parents)
        self.uses = Counter(id(parent) for parent in operands if parent is not None)
        self.depths: dict[int, int] = {}  # how many ops led to a Value, at most
        for value in self.plan.values:
            self.depths[id(value)] = 1 + max(map(self.depth, value.parents), default=-1)
        self.shown: Counter[int] = Counter()  # the uses of a leaf that have their box
        self.boxes: dict[int | str, str] = {}  # a Value's box, by id, and a module's, by path
        self.rounds: dict[int, list[Edge]] = {}  # what leads to a call's results, by id
        self.drawn: set[tuple[str, str, int]] = set()  # arrows to modules
        self.counts: Counter[str] = Counter()

    def draw(self) -> None:
        """Draw everything."""
        for value in self.plan.values:
            if value.op is None:
                continue
            path = self.plan.folded.get(id(value)) or (value is self.root and self.plan.last)
            if path:
                self.enter(value, path)
                if value is self.root:
                    self.parts.append(Edge(self.module(path), self.box(value, place="")))
                continue
            call = id(value.call)
            if call not in self.rounds:
                self.rounds[call] = self.round(value)
            self.boxes[id(value)] = name = self.box(value)
            self.parts += [replace(arrow, head=name) for arrow in self.rounds[call]]
        if self.root.op is None:
            self.box(self.root)

    def box(self, value: Value, use: str = "", place: str | None = None) -> str:
        """Draw a Value."""
        name, show = self.count("v"), self.wishes.show
        heading = labels.heading(value, use) if "name" in show else use
        usual = {"tooltip": labels.about(value), **(style.USE if use else {})}
        look = {**usual, **self.looks[value]}
        look["class"] += " named" if heading else " unnamed"
        if not show & {"data", "shape"}:
            look["class"] += " brief"
        notes = heat.notes(value) if self.wishes.color == "grad" else []
        fields = labels.fields(value, heading, show, notes)
        if "label" not in look:
            look["label"] = labels.card(fields, self.wishes.rankdir)
            look |= {} if fields else style.BARE
        where = self.plan.places.get(id(value), "") if place is None else place
        self.parts.append(Node(name, where, look, fields, value))
        return name

    def round(self, result: Value) -> list[Edge]:
        """Draw the call of an op, and say what leads to its results.

        That is an arrow from its round node, or from each operand where ops are not shown.
        """
        pairs = zip(result.parents, result.inputs, strict=True)
        place = self.plan.places.get(id(result), "")
        tails = {
            position: self.operand(parent, array, place)
            for position, (parent, array) in enumerate(pairs, start=1)
            if parent is not None or array is not None  # None: an argument that was not given
        }
        numbered = len(tails) > 1 and result.op.name not in COMMUTATIVE
        arrows = [
            Edge(tail, "", position if numbered else None, self.along(result, position))
            for position, tail in tails.items()
            if tail != "more"
        ]
        if "more" in tails.values():
            arrows.append(Edge("more", "", None, style.MORE_EDGE))
        if "op" not in self.wishes.show:
            return arrows
        name = self.count("o")
        label, about = labels.escape(result.op.label, labels.PLAIN), labels.about_call(result)
        look = {"label": label, "tooltip": about, **style.OP}
        self.parts.append(Node(name, place, look, [[result.op.label]], result))
        self.parts += [replace(arrow, head=name) for arrow in arrows]
        return [Edge(name, "")]

    def depth(self, operand: Value | None) -> int:
        """How many of the ops that are drawn led to an operand, at most."""
        return self.depths.get(id(operand), 0)

    def along(self, result: Value, position: int) -> Look:
        """How an operand's arrow runs: straight from the one that most ops led to."""
        depths = [self.depth(operand) for operand in result.parents]
        first = depths.index(max(depths)) + 1
        return style.ALONG if position == first and depths[first - 1] else {}

    def operand(self, parent: Value | None, array: Any, place: str) -> str:
        """Name the node that an operand's arrow starts from; draw it unless it is there already."""
        if parent is None:
            name, text = self.count("c"), constant(array)
            label = {"label": labels.escape(text, labels.PLAIN)}
            self.parts.append(Node(name, place, {**label, **style.CONSTANT}, [[text]]))
            return name
        if id(parent) not in self.kept:
            return self.more()
        if path := self.plan.folded.get(id(parent)):
            return self.module(path)
        if id(parent) not in self.boxes:
            uses = self.uses[id(parent)]
            if uses > OFTEN:
                self.shown[id(parent)] += 1
                return self.box(parent, f"use {self.shown[id(parent)]} of {uses}", place)
            self.boxes[id(parent)] = self.box(parent)
        return self.boxes[id(parent)]

    def more(self) -> str:
        """The box that stands for all that was left out."""
        if "more" not in self.boxes:
            self.boxes["more"] = "more"
            s = "s" * (self.plan.hidden > 1)
            text = f"\N{HORIZONTAL ELLIPSIS} {self.plan.hidden:,} more node{s}"
            self.parts.append(Node("more", "", {"label": text, **style.MORE}, [[text]]))
        return "more"

    # -- modules -------------------------------------------------------------------------------

    def module(self, path: str) -> str:
        """The box of a folded module."""
        if path not in self.boxes:
            name = self.boxes[path] = self.count("m")
            module, wishes = self.plan.modules[path], self.wishes
            fields, look = labels.about_module(module), style.themed(style.MODULE, wishes.theme)
            if wishes.color == "grad":
                fields[-1] += heat.notes_of_module(module)
                look = style.over(look, heat.look_of_module(module, wishes.theme))
            look["label"] = labels.card(fields, wishes.rankdir)
            look["tooltip"] = labels.escape(f"the module {path}", labels.PLAIN)
            self.parts.append(Node(name, modules.outside(path), look, fields))
            if not module.inputs:
                for array in module.arrays[:1]:
                    tail = self.operand(None, array, modules.outside(path))
                    self.parts.append(Edge(tail, name))
        return self.boxes[path]

    def enter(self, value: Value, path: str) -> None:
        """Draw an arrow to a module for each Value that reaches one made inside."""
        name = self.module(path)
        for position, parent in enumerate(value.parents, start=1):
            if parent is None or self.plan.folded.get(id(parent)) == path:
                continue
            tail = self.operand(parent, None, modules.outside(path))
            arrow = (tail, name, 0 if tail == "more" else id(parent))
            if arrow not in self.drawn:
                self.drawn.add(arrow)
                look = style.MORE_EDGE if tail == "more" else self.along(value, position)
                self.parts.append(Edge(tail, name, None, look))

    def count(self, letter: str) -> str:
        """Name the next box (v0, v1, ...), round node (o0, ...) or constant (c0, ...)."""
        self.counts[letter] += 1
        return f"{letter}{self.counts[letter] - 1}"
