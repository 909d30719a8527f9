"""What is a picture in Mermaid's words, which GitHub and many notebooks draw themselves?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import modules, style
from .labels import legible
from .sketch import Edge, Frame, Node, Sketch, sketch_of

if TYPE_CHECKING:
    from .picture import Picture

SETTINGS = (
    '    %%{init: {"flowchart": {"wrappingWidth": 600}}}%%',  # numbers stay on their line
    "    classDef default font-family:monospace,text-align:left",
)
SHAPES = {"v": ('["', '"]'), "o": ('(["', '"])'), "c": ('>"', '"]'), "m": ('[["', '"]]')}
"""The brackets of a box, a round node, a constant, a module."""


def render(picture: Picture) -> bytes:
    """Write a picture as a flowchart of Mermaid.

    **Errors.** `ValueError` for a picture that `draw_dot` did not make.
    """
    drawn = sketch_of(picture, "mmd")
    lines = [f"flowchart {drawn.wishes.rankdir}", *SETTINGS]
    frames = drawn.frames()
    lines += [f"    {_node(node)}" for node in drawn.nodes() if not node.place]
    for path in frames:
        if not modules.outside(path):
            lines += _frame(path, frames, "    ")
    lines += [f"    {_arrow(edge)}" for edge in drawn.edges()]
    lines += [f"    style {node.name} {_look(node, drawn)}" for node in drawn.nodes()]
    look = _look_of_frames(drawn)
    lines += [f"    style s{frame.number} {look}" for frame in frames.values()]
    return "\n".join([*lines, ""]).encode()


def escape(text: str) -> str:
    """Write any text so that Mermaid shows it as it is.

    >>> escape('a "b" <c> #1; `x`')
    'a #quot;b#quot; #lt;c#gt; #35;1#59; #96;x#96;'
    """
    text = text.replace("\r\n", "\n").replace("  ", "\N{NO-BREAK SPACE}" * 2)
    text = re.sub(READ_AFTERWARDS, "\N{WORD JOINER}", text)
    return "".join(_escaped(character) for character in text)


READ_AFTERWARDS = r"(?<=\$)(?=\$)|(?<=\\)(?=n)|(?<=:)(?=fa-)"
"""Parts $$maths$$, \\n and icons (fa:fa-car): Mermaid looks for them after our escapes."""

NAMES = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "\n": "<br/>"}


def _escaped(character: str) -> str:
    if character in NAMES:
        return NAMES[character]
    if (spelled := legible(character)) != character:
        return escape(spelled)
    return f"#{ord(character)};" if character in "#;`*_\\{}[]()|" else character


def _frame(path: str, frames: dict[str, Frame], indent: str) -> list[str]:
    """The lines of a module's frame, with the frames in it."""
    frame = frames[path]
    lines = [f'{indent}subgraph s{frame.number}["{escape(path)}"]']
    lines += [f"{indent}    {_node(node)}" for node in frame.nodes]
    for inner in frame.inner:
        lines += _frame(inner, frames, indent + "    ")
    return [*lines, f"{indent}end"]


def _look_of_frames(drawn: Sketch) -> str:
    look = style.themed(style.CLUSTER, drawn.wishes.theme)
    return f"fill:{look['bgcolor']},stroke:{look['color']},color:{look['fontcolor']}"


def _node(node: Node) -> str:
    opening, closing = SHAPES.get(node.name[0], SHAPES["v"])
    if node.name == "more":
        opening, closing = SHAPES["v"]
    fields = node.fields or [[" "]]
    text = "<br/>".join(escape(line) for lines in fields for line in lines)
    return f"{node.name}{opening}{text}{closing}"


def _arrow(edge: Edge) -> str:
    line = "-.->" if edge.look.get("style") == "dashed" else "-->"
    label = "" if edge.position is None else f"|{edge.position}|"
    return f"{edge.tail} {line}{label} {edge.head}"


def _look(node: Node, drawn: Sketch) -> str:
    """A node's colours, in CSS."""
    theme = drawn.wishes.theme
    own = {**style.themed(style.NODE, theme), **node.in_theme(theme)}
    fill = own["fillcolor"] if own["shape"] != "plaintext" else "none"
    colour = own["color"] if own["shape"] != "plaintext" else "none"
    dashes = "dashed" in own["style"] or "dotted" in own["style"]
    css = [f"fill:{fill}", f"stroke:{colour}", f"color:{own['fontcolor']}"]
    css += [f"stroke-width:{own['penwidth']}px"] if own["penwidth"] != "0.8" else []
    return ",".join(css + ["stroke-dasharray:4"] * dashes)
