"""Which colours, shapes and lines does a picture have?

Kinds of Values are told apart by muted fills, which also reach PNG and PDF. SVG gets a style sheet
on top, because a record knows one font only: the name bold, the gradient in a colour of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

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


MODULE = {
    "class": "module",
    "color": "#6f9a86",
    "fillcolor": "#e6f3ec",
    "margin": "0.12,0.07",
    "penwidth": "1.2",
}
MORE = {"class": "more", "fontcolor": "#5d6773", "shape": "box", "style": "rounded,dashed"}
MORE_EDGE = {"style": "dashed"}
ALONG = {"weight": "2"}  # an arrow from what an op made: so a chain is straight, leaves hang at it
CLUSTER = {
    "bgcolor": "#f7f8fa",
    "class": "scope",
    "color": "#c9cfd6",
    "fontcolor": "#5d6773",
    "fontname": "Courier",
    "fontsize": "10",
    "labeljust": "l",
    "style": "rounded",
}
BARE = {"height": "0.2", "width": "0.2"}


def kind(value: Value) -> dict[str, str]:
    """Tell parameters, inputs and the results of ops apart."""
    if value.op is not None:
        return INNER
    return PARAMETER if value.requires_grad else INPUT


def over(look: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Lay one style over another; classes come together.

    >>> over({"class": "value", "color": "red"}, {"class": "hot", "color": "blue"})
    {'class': 'value hot', 'color': 'blue'}
    """
    classes = [one["class"] for one in (look, more) if "class" in one]
    return {**look, **more, **({"class": " ".join(classes)} if classes else {})}


LARGE, HUGE = 100, 1000
"""Graphs of more Values than this are laid out in haste, and in greater haste."""

LONG = 3_000
"""So is a large graph whose arrows cross more ranks than this."""


def haste(values: int, length: int) -> dict[str, str]:
    """Bound the work that Graphviz puts into a large graph, whose arrows have some length in all.

    Its search for good positions (network simplex) is quick on most graphs and may take hours on
    one whose Values are used again far away: a Value used by each of 100 steps costs over a minute
    without a bound, 2 seconds with `nslimit` 1. On huge graphs, a straight line instead of a curve
    round the boxes saves half of the rest. Long arrows also cost tries to untangle them: 100 steps
    whose results are stacked take 2 seconds with `mclimit`, over a minute without.
    """
    if values <= LARGE:
        return {}
    if values <= HUGE and length <= LONG:
        return {"nslimit": "1"}
    tries = {"mclimit": "0.1"} if length > LONG else {}
    # a recurrence of 500 steps, 5,502 ranks in all, is a fifth as high for twice the time
    limit = "0.3" if length <= 2 * LONG else "0.1"
    return {"nslimit": limit, "splines": "line", **tries}


DARK = {
    "white": "#15191e",
    "#a3abb5": "#5b6672",
    "#ffffff": "#1f252c",
    "#26303b": "#dfe5ec",
    "#8b95a1": "#7b8793",
    "#5d6773": "#9aa6b3",
    "#7d9cc0": "#5f86b5",
    "#e9f1fa": "#1b2c42",
    "#a8aaa4": "#7c7f78",
    "#f0f0ec": "#2b2d2a",
    "#c9a24a": "#b8923c",
    "#fcf4df": "#37300f",
    "#9a8fb8": "#7d70a3",
    "#f1eef8": "#2a243d",
    "#4d3f78": "#cfc4f0",
    "#6d747c": "#98a1ab",
    "#6f9a86": "#5c8f77",
    "#e6f3ec": "#1a3027",
    "#f7f8fa": "#1a1f25",
    "#c9cfd6": "#3b444e",
}
"""What each colour of viz's own is on a dark page."""


def themed(look: Mapping[str, str], theme: str) -> dict[str, str]:
    """Change viz's own colours into those of a theme.

    >>> themed({"bgcolor": "white", "pad": "0.15"}, "dark")
    {'bgcolor': '#15191e', 'pad': '0.15'}
    """
    return dict(look) if theme == "light" else {k: DARK.get(text, text) for k, text in look.items()}


FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def _sheet(theme: str, gradient: str) -> str:
    ink = f'text[fill="{themed(NODE, theme)["fontcolor"]}"]'
    page = themed(GRAPH, theme)["bgcolor"]
    return f"""<style>
.micrograd text {{ font-family: {FONTS}; white-space: pre; }}
.micrograd .named text, .micrograd .module text {{ font-weight: 600; }}
.micrograd .named polyline ~ text, .micrograd .module polyline ~ text {{ font-weight: 400; }}
.micrograd .unnamed polyline ~ {ink}, .micrograd .named.brief polyline ~ {ink},
.micrograd .named polyline ~ polyline ~ {ink} {{ fill: {gradient}; }}
.micrograd .edge text {{ paint-order: stroke; stroke: {page}; stroke-width: 3px; }}
</style>
"""


STYLE_SHEETS = {"light": _sheet("light", "#a34a28"), "dark": _sheet("dark", "#f2a07c")}


def dress(svg: bytes) -> bytes:
    """Add the style sheet to an SVG file of Graphviz, and write its text as one would search it.

    Graphviz writes minus signs as entities, and a record's spaces as unbreakable ones.
    """
    svg = re.sub(rb"(?<=>)[^<]*(?=</text>)", _legible, svg)
    theme = "dark" if b' class="graph micrograd dark"' in svg else "light"
    return re.sub(rb'(?=<g id="graph0")', STYLE_SHEETS[theme].encode(), svg, count=1)


def _legible(text: re.Match[bytes]) -> bytes:
    return text[0].replace(b"&#160;", b" ").replace(b"&#45;", b"-")
