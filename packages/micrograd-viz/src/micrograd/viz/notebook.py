"""What does a notebook show for a Value when micrograd-viz is installed?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from micrograd.engine import Value

from .drawing import draw_dot
from .tracing import trace

LARGEST = 300
"""Graphs of more Values than this are not laid out unasked: a notebook must not wait for it."""


def bundle(value: Value, include: object, exclude: object) -> dict[str, str] | None:
    """The graph behind a Value as SVG, and its numbers where there is only text."""
    wanted = {"image/svg+xml", "text/plain"}
    if include is not None:
        wanted &= set(cast("Iterable[str]", include))
    if exclude is not None:
        wanted -= set(cast("Iterable[str]", exclude))
    text = repr(value)
    size = len(trace(value)[0])
    if size > LARGEST:
        text += (
            f"\n({size:,} Values led to it, too many to draw unasked: "
            'micrograd.viz.draw_dot(value).render("graph") writes graph.svg.)'
        )
        wanted.discard("image/svg+xml")
    shown = {}
    if "image/svg+xml" in wanted:
        shown["image/svg+xml"] = draw_dot(value).pipe("svg", encoding="utf-8")
    if "text/plain" in wanted:
        shown["text/plain"] = text
    return shown or None
