"""How does a graph become a picture?

`draw_dot` writes the text that Graphviz lays out: a box for each Value, a round node for each call
of an op, an arrow for each operand, a frame round each module. What is drawn is decided by
`plan.py` and `sketch.py`; how the text is rendered is for `picture.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from micrograd.engine import Value, plugins

from . import heat, labels, modules, style
from .plan import plan
from .sketch import Edge, Frame, Sketch, sketch
from .tracing import trace
from .wishes import Wishes, check

if TYPE_CHECKING:
    from .picture import Picture

USUAL = ("name", "op", "data", "grad")


def draw_dot(
    root: Value,
    format: str = "svg",
    rankdir: str = "LR",
    *,
    show: Iterable[str] = USUAL,
    depth: int | None = None,
    max_nodes: int | None = None,
    color: str = "kind",
    theme: str = "light",
) -> Picture:
    """Draw the graph behind `root`: names, data and gradients, and the ops between them.

    The picture is a `graphviz.Digraph` that renders after pip alone: `draw_dot(loss)` shows itself
    in a notebook, `draw_dot(loss).save("graph.svg")` writes a file.

    Blue boxes are parameters, grey ones are Values that want no gradient, white ones were made by
    an op, and the yellow one is `root`. Small arrays are laid out, larger ones are given by shape
    and range, with bars that tell where between them their numbers lie; a gradient that was not
    computed is a dash. Operands that do not commute are numbered. A leaf that is used more than
    eight times has a dashed box for every use. What was made in a module stands in its frame. The
    same graph gives the same text every time. Plugins may change the boxes, and add formats.

    - `show`: what is shown, of "name", "op", "data", "grad" and "shape".
    - `depth`: modules that many levels down are one box each, with the shapes in and out.
    - `max_nodes`: only so many boxes, those nearest to `root`; one more says how many Values were
      left out. Unasked, a graph of more than 10,000 is cut to 500.
    - `color`: "grad" colours by the size of the gradient instead of the kind, and names gradients
      that are zero, vanish or explode, and ReLUs that put out nothing but 0.
    - `theme`: "light" or "dark".

    **Errors.** `TypeError` if `root` is not a Value, `ValueError` for a setting that there is not
    (a direction is LR, TB, RL or BT), or a format that neither Graphviz nor a plugin has. A format
    that cannot be rendered here is an error of `render`, `save` and `pipe`.

    **Example.**

    >>> from micrograd.engine import Value
    >>> x = Value(2.0, name="x")
    >>> [line.strip() for line in draw_dot(x * 3) if "->" in line]
    ['v0 -> o0', 'c0 -> o0', 'o0 -> v1']
    """
    from .looks import Look, looks
    from .picture import Picture

    wishes = check(rankdir, show, depth, max_nodes, color, theme)
    values, _ = trace(root)
    plugins.load()
    planned = plan(root, values, depth, max_nodes)
    shown = planned.shown()
    picture = Picture(
        format=format,
        graph_attr=_page(wishes),
        node_attr=style.themed(style.NODE, theme),
        edge_attr=style.themed(style.EDGE, theme),
    )

    def own(value: Value, look: Look) -> Look:
        look = style.themed(look, theme)
        return style.over(look, heat.look(value, theme)) if color == "grad" else look

    picture.root, picture.looks = root, looks(root, shown, own)
    picture.sketch = sketch(root, planned, picture.looks, wishes)
    picture.graph_attr.update(style.haste(len(shown), picture.sketch.length()))
    _write(picture, picture.sketch)
    return picture


def _page(wishes: Wishes) -> dict[str, str]:
    """The attributes of the whole picture."""
    page = style.themed(style.GRAPH, wishes.theme)
    if wishes.theme != "light":
        page["class"] += f" {wishes.theme}"
    return {**page, "rankdir": wishes.rankdir}


def _write(picture: Picture, drawn: Sketch) -> None:
    """Put a sketch into words for Graphviz: a module's frame stands where its first box does."""
    theme = drawn.wishes.theme
    if drawn.wishes.color == "grad":
        _legend(picture, theme)
    frames = drawn.frames()
    written: set[str] = set()
    for part in drawn.parts:
        if isinstance(part, Edge):
            number = None if part.position is None else str(part.position)
            picture.edge(part.tail, part.head, headlabel=number, **part.look)
        elif not part.place:
            picture.node(part.name, **part.in_theme(theme))
        elif (outermost := modules.levels(part.place)[0]) not in written:
            written.add(outermost)
            _frame(picture, outermost, frames, theme)


def _legend(picture: Picture, theme: str) -> None:
    """Write the colours of gradients: a row, or a column where the picture runs to the side."""
    look = style.themed({**style.CLUSTER, "label": "size of the gradient"}, theme)
    boxes = heat.legend(theme)
    with (
        picture.subgraph(name="cluster_legend", graph_attr=look) as frame,
        frame.subgraph(graph_attr={"rank": "same"}) as row,
    ):
        for number, box in enumerate(boxes):
            row.node(f"k{number}", **box)
        for number in range(1, len(boxes)):
            row.edge(f"k{number - 1}", f"k{number}", style="invis")


def _frame(picture: Picture, path: str, frames: Mapping[str, Frame], theme: str) -> None:
    """Write a module's frame, the boxes in it, and the frames of the modules in it."""
    name, this = labels.escape(path, labels.PLAIN), frames[path]
    look = {**style.themed(style.CLUSTER, theme), "label": name, "tooltip": name}
    with picture.subgraph(name=f"cluster_{this.number}", graph_attr=look) as frame:
        for node in this.nodes:
            frame.node(node.name, **node.in_theme(theme))
        for inner in this.inner:
            _frame(frame, inner, frames, theme)
