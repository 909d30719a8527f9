"""Colours for micrograd's pictures: how large is the gradient of each Value?

The size of a gradient is the root mean square of its elements, so that a large array is not hotter
than a small one. A hook is told of one Value alone, so the scale is absolute, with one colour for
each power of ten: from pale and cold, 10⁻⁶ and less, to dark and hot, 100 and more. What lies
beyond its ends has a border of its own, as have gradients that are missing, zero or not finite; so
a picture can be read in grey too.
"""

from __future__ import annotations

import math

import numpy as np

from micrograd.engine import Value, hookimpl

__all__ = ["SCALE", "size", "style"]

LOWEST = -6
"""The power of ten below which a gradient has vanished: float32 weights near 1 do not feel it."""

# One hue after another, from blue to red, and each colour darker than the one before (OKLCH).
SCALE = (
    "#eef7fe",  # less than 10⁻⁶
    "#d7f2fa",
    "#c4eee8",
    "#c0e7c7",
    "#ccdba0",
    "#d7cd87",
    "#e1ba79",
    "#e6a268",  # 1 to 10
    "#cb452b",
    "#721026",  # 100 and more
)

NOT_COMPUTED = {"fillcolor": "#ffffff", "style": "rounded,filled,dotted", "fontcolor": "#6b7480"}
ZERO = {"fillcolor": "#ffffff", "style": "rounded,filled,dashed"}
VANISHING = {"fillcolor": SCALE[0], "style": "rounded,filled,dashed"}
LIGHT_TEXT = {"fontcolor": "#ffffff"}  # on the two darkest
EXPLODING = {"fillcolor": SCALE[-1], "color": "#300510", "penwidth": "3", **LIGHT_TEXT}
NOT_FINITE = {"fillcolor": "#000000", "color": "#e4002b", "penwidth": "3", **LIGHT_TEXT}


def size(value: Value) -> float:
    """The root mean square of a Value's gradient; nan or inf if an element is not finite.

    >>> x = Value([3.0, 4.0])
    >>> (x * x).sum().backward()
    >>> round(size(x), 4)
    7.0711
    """
    gradient = np.asarray(value.grad, dtype=np.float64)
    largest = float(np.max(np.abs(gradient), initial=0.0))
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.mean(np.square(gradient / largest))))  # cannot overflow


def style(value: Value) -> dict[str, str] | None:
    """Graphviz's attributes for a Value; None for one that wants no gradient, or is empty."""
    if not value.requires_grad or value.size == 0:
        return None
    if not value.has_grad:
        return {**NOT_COMPUTED, "class": "gradient-not-computed"}
    found = size(value)
    if not math.isfinite(found):
        return {**NOT_FINITE, "class": "gradient-not-finite"}
    if found == 0.0:
        return {**ZERO, "class": "gradient-zero"}
    step = math.floor(math.log10(found)) - LOWEST + 1
    if step < 1:
        return {**VANISHING, "class": "gradient-vanishing"}
    if step >= len(SCALE) - 1:
        return {**EXPLODING, "class": "gradient-exploding"}
    dark = LIGHT_TEXT if step == len(SCALE) - 2 else {}
    return {"fillcolor": SCALE[step], **dark, "class": f"gradient-1e{step - 1 + LOWEST}"}


@hookimpl
def micrograd_node_style(value: Value) -> dict[str, str] | None:
    return style(value)
