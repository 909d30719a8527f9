"""What does a notebook show for a Value when micrograd-viz is installed?

Its graph, so that it can be read in a cell: a cell is some thousand pixels wide and as high as need
be, and shrinks what is wider. So a graph runs from left to right where there is room, from top to
bottom where there is not; if it is too wide still, modules are folded, and then only what is near
to the Value is drawn. What was left out is counted in the picture.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

from micrograd.engine import Value

from . import modules
from .drawing import draw_dot
from .plan import TOO_MANY
from .tracing import trace

LARGEST = 300
"""Graphs of more Values than this are not laid out whole: a notebook must not wait for it."""

ROOM, WIDE = 1_000, 1_400
"""Points: what a cell has room for, and what can still be read when it is shrunk to fit."""

LEGIBLE = 0.5
"""A picture is shrunk to this part of its size, not further; then the cell scrolls."""

NEAREST = (100, 70, 50, 35, 25, 12)
"""So many boxes are drawn of a graph that is too wide as a whole: the first that fit."""


def bundle(value: Value, include: object, exclude: object) -> dict[str, str] | None:
    """The graph behind a Value as SVG, and its numbers where there is only text.

    As HTML it is the same picture, as wide as the cell at most: few notebooks shrink an SVG.
    """
    wanted = {"text/html", "image/svg+xml", "text/plain"}
    if include is not None:
        wanted &= set(cast("Iterable[str]", include))
    if exclude is not None:
        wanted -= set(cast("Iterable[str]", exclude))
    shown, note = {}, ""
    if pictures := wanted - {"text/plain"}:
        svg, note = fitting(value)
        kinds = {"text/html": in_cell(svg, value), "image/svg+xml": svg}
        shown = {kind: text for kind, text in kinds.items() if kind in pictures}
    if "text/plain" in wanted:
        shown["text/plain"] = repr(value) + note
    return shown or None


def fitting(value: Value) -> tuple[str, str]:
    """A picture that can be read in a cell, and a line about what is not drawn one by one in it."""
    values, _ = trace(value)
    for wishes in _ways(values):
        picture = draw_dot(value, **wishes)
        svg = picture.pipe("svg", encoding="utf-8")
        if _width(svg) <= (WIDE if wishes["rankdir"] == "TB" else ROOM):
            break
    drawn = len(picture.looks)
    note = (
        f"\n({len(values):,} Values led to it, of which the picture shows {drawn:,} one by one: "
        'micrograd.viz.save(value, "graph.svg") draws more.)'
    )
    return inline(svg), note if drawn < len(values) else ""


def inline(svg: str) -> str:
    """An SVG file as an element of a page: at its size, or as wide as the page has room for.

    >>> inline('<?xml version="1.0"?><svg width="8pt" height="9pt" viewBox="0 0 8 9"></svg>')
    '<svg style="max-width: 100%; height: auto" width="8pt" height="9pt" viewBox="0 0 8 9"></svg>'
    """
    element = svg[svg.index("<svg") :].strip()
    return element.replace("<svg", '<svg style="max-width: 100%; height: auto"', 1)


def in_cell(svg: str, root: Value | None) -> str:
    """The same as an image in HTML: no other picture's style reaches it, nor its own any other."""
    about = "A graph"
    if root is not None:
        about = f"The graph behind {root.name or (root.op.name if root.op else 'a Value')}"
    data = base64.b64encode(svg.encode()).decode()
    least = LEGIBLE * _width(svg) * 4 / 3  # pixels
    return (
        f'<div style="overflow-x: auto"><img alt="{html.escape(about)}" style="max-width: 100%; '
        f'min-width: {least:.0f}px; height: auto" src="data:image/svg+xml;base64,{data}"></div>'
    )


def _ways(values: list[Value]) -> Iterator[dict[str, Any]]:
    """The settings that are tried one after the other, from a whole graph to the end of one."""
    deepest = max(len(modules.levels(scope)) for scope in {value.scope for value in values})
    if len(values) <= LARGEST:
        yield {"rankdir": "LR"}
        yield {"rankdir": "TB"}
    down: dict[str, Any] = {"rankdir": "TB"}
    if len(values) <= TOO_MANY:
        for depth in range(deepest, 0, -1):
            down["depth"] = depth
            yield {**down, "max_nodes": LARGEST}
    elif deepest:
        down["depth"] = 1
    for count in NEAREST:
        yield {**down, "max_nodes": count}


def _width(svg: str) -> float:
    """How wide an SVG file of Graphviz is, in points."""
    match = re.search(r'<svg[^>]* width="([\d.]+)pt"', svg)
    assert match is not None
    return float(match[1])
