"""What does a sample look like in a notebook?

The cells of `table`, with the histograms drawn in SVG. Colours are the page's own, so it can be
read on light and on dark paper.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from . import table

if TYPE_CHECKING:
    from .watcher import Watcher

BINS = 32
WIDTH, HEIGHT = 128, 22


def page(watcher: Watcher) -> str:
    """The last sample as HTML that stands alone."""
    rows = table.rows(watcher, BINS)
    if not rows:
        return f"<pre>{escape(table.text(watcher))}</pre>"
    cell = '<td style="text-align:{}">{}</td>'
    body = []
    for row in rows:
        flags = f"<b>{escape(', '.join(row.flags))}</b>" if row.flags else ""
        cells = (
            cell.format("left", escape(row.layer)),
            cell.format("left", strip(row.outputs, f"outputs of {row.layer}")),
            cell.format("right", row.std),
            cell.format("right", escape(row.dead)),
            cell.format("left", strip(row.gradients, f"gradients at {row.layer}")),
            cell.format("right", row.norm),
            cell.format("right", row.update),
            cell.format("left", flags),
        )
        body.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(f'<th style="text-align:left">{escape(one)}</th>' for one in table.HEADS)
    notes = "<br>".join(map(escape, table.notes(watcher)))
    return (
        f"<div><b>{escape(table.title(watcher))}</b>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        f"<small>{notes}</small></div>"
    )


def strip(counts: list[int], told: str) -> str:
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
                f'width="{step - 0.5:g}" height="{high:.1f}"/>'
            )
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'fill="currentColor" role="img" aria-label="{escape(told)}">{"".join(boxes)}</svg>'
    )
