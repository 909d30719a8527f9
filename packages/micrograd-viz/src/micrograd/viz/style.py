"""Which colours, shapes and lines does a picture have?

Kinds of Values are told apart by muted fills, which also reach PNG and PDF. SVG gets a style sheet
on top, because a record knows one font only: the name bold, the gradient in a colour of its own.
"""

from __future__ import annotations

import re

from micrograd.engine import Value

GRAPH = {
    "bgcolor": "white",
    "charset": "UTF-8",
    "class": "micrograd",
    "fontname": "Courier",
    "nodesep": "0.18",
    "pad": "0.15",
    "ranksep": "0.3",
}
# Courier is the one fixed-width family whose widths every build of Graphviz knows by heart, and
# the fonts that FONTS names are no wider, so text stays in its box whichever of them a browser has.
NODE = {
    "color": "#a3abb5",
    "fillcolor": "#ffffff",
    "fontcolor": "#26303b",
    "fontname": "Courier",
    "fontsize": "10",
    "margin": "0.09,0.05",
    "penwidth": "0.8",
    "shape": "record",
    "style": "rounded,filled",
}
EDGE = {
    "arrowsize": "0.5",
    "color": "#8b95a1",
    "fontcolor": "#5d6773",
    "fontname": "Courier",
    "fontsize": "8",
    "labelangle": "0",  # the number of an operand stands on its arrow
    "labeldistance": "1.6",
    "penwidth": "0.8",
}

PARAMETER = {"class": "value parameter", "color": "#7d9cc0", "fillcolor": "#e9f1fa"}
INPUT = {"class": "value input", "color": "#a8aaa4", "fillcolor": "#f0f0ec"}
INNER = {"class": "value inner"}
OUTPUT = {"class": "value output", "color": "#c9a24a", "fillcolor": "#fcf4df", "penwidth": "1.2"}
USE = {"style": "rounded,filled,dashed"}
OP = {
    "class": "op",
    "color": "#9a8fb8",
    "fillcolor": "#f1eef8",
    "fontcolor": "#4d3f78",
    "fontsize": "11",
    "height": "0.3",
    "margin": "0.05,0.02",
    "shape": "ellipse",
    "style": "filled",
    "width": "0.3",
}
CONSTANT = {
    "class": "constant",
    "fontcolor": "#6d747c",
    "fontsize": "9",
    "height": "0.2",
    "margin": "0.04,0.02",
    "shape": "plaintext",
    "style": "",
    "width": "0.2",
}


def kind(value: Value) -> dict[str, str]:
    """Tell parameters, inputs and the results of ops apart."""
    if value.op is not None:
        return INNER
    return PARAMETER if value.requires_grad else INPUT


LARGE, HUGE = 100, 1000
"""Graphs of more Values than this are laid out in haste, and in greater haste."""


def haste(values: int) -> dict[str, str]:
    """Bound the work that Graphviz puts into a large graph.

    Its search for good positions (network simplex) is quick on most graphs and may take hours on
    one whose Values are used again far away: a Value used by each of 100 steps costs over a minute
    without a bound, 2 seconds with `nslimit` 1. On huge graphs, a straight line instead of a curve
    round the boxes saves half of the rest.
    """
    if values <= LARGE:
        return {}
    return {"nslimit": "1"} if values <= HUGE else {"nslimit": "0.1", "splines": "line"}


FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
STYLE_SHEET = f"""<style>
.micrograd text {{ font-family: {FONTS}; white-space: pre; }}
.micrograd .named text {{ font-weight: 600; }}
.micrograd .named polyline ~ text {{ font-weight: 400; }}
.micrograd .unnamed polyline ~ text[fill="{NODE["fontcolor"]}"],
.micrograd .named polyline ~ polyline ~ text[fill="{NODE["fontcolor"]}"] {{ fill: #a34a28; }}
.micrograd .edge text {{ paint-order: stroke; stroke: #fff; stroke-width: 3px; }}
</style>
"""


def dress(svg: bytes) -> bytes:
    """Add the style sheet to an SVG file of Graphviz, and write its text as one would search it.

    Graphviz writes minus signs as entities, and a record's spaces as unbreakable ones.
    """
    svg = re.sub(rb"(?<=>)[^<]*(?=</text>)", _legible, svg)
    return re.sub(rb'(?=<g id="graph0")', STYLE_SHEET.encode(), svg, count=1)


def _legible(text: re.Match[bytes]) -> bytes:
    return text[0].replace(b"&#160;", b" ").replace(b"&#45;", b"-")
