"""What does a sample look like in a notebook?

The cells of `table`, with the histograms drawn in SVG. What is written has the page's own colour,
so it can be read on light and on dark paper.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from . import table

if TYPE_CHECKING:
    from .watcher import Watcher

BINS = 32
WIDTH, HEIGHT = 128, 22
COLOURS = ("#3d8fc4", "#d9822b")
"""Of outputs and of gradients; both can be seen on light and on dark paper."""


def page(watcher: Watcher) -> str:
    """The last sample as HTML that stands alone."""
    rows = table.rows(watcher, BINS)
    if not rows:
        return f"<pre>{escape(table.text(watcher))}</pre>"
    cell = '<td style="text-align:{};padding:2px 10px 2px 0">{}</td>'
    body = []
    for row in rows:
        flags = f"<b>{escape(', '.join(row.flags))}</b>" if row.flags else ""
        cells = (
            cell.format("left", escape(row.layer)),
            cell.format("left", strip(row.outputs, f"outputs of {row.layer}", COLOURS[0])),
            cell.format("right", row.std),
            cell.format("right", escape(row.dead)),
            cell.format("left", strip(row.gradients, f"gradients at {row.layer}", COLOURS[1])),
            cell.format("right", row.norm),
            cell.format("right", row.update),
            cell.format("left", flags),
        )
        body.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(
        f'<th style="text-align:{"right" if one in table.NUMBERS else "left"};'
        f'padding:2px 10px 2px 0">{escape(one)}</th>'
        for one in table.HEADS
    )
    notes = "<br>".join(map(escape, table.notes(watcher)))
    return (
        f"<div><b>{escape(table.title(watcher))}</b>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        f"<small>{notes}</small></div>"
    )


def strip(counts: list[int], told: str, colour: str) -> str:
    """A histogram as a small SVG; empty for no counts."""
    most = max(counts, default=0)
    if not most:
        return ""
    step = WIDTH / len(counts)
    boxes = []
    for position, count in enumerate(counts):
        if count:
            high = max(count / most * HEIGHT, 0.7)
            boxes.append(
                f'<rect x="{position * step:g}" y="{HEIGHT - high:.1f}" '
                f'width="{step - 0.6:g}" height="{high:.1f}"/>'
            )
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'fill="{colour}" role="img" aria-label="{escape(told)}">{"".join(boxes)}</svg>'
    )
