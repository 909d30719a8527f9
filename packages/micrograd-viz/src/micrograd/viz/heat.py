"""How large is the gradient of each Value, and what does one see of it at a glance?

`draw_dot(loss, color="grad")`: a colour for each power of ten, from cold to hot, and words where
something is wrong. The size of a gradient is the root mean square of its elements, so a large array
is not hotter than a small one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from micrograd.engine import Value

from .numbers import number
from .plan import Folded
from .style import over

LOWEST, HIGHEST = -6, 2
"""Below ten to the first, float32 weights near one feel nothing; from the second on, they jump."""

SCALES = {
    "light": "#e3ecfa #cfe6f5 #c5ebe4 #cfeac3 #e4e6a6 #f3d68b #f7bd7c #f3a073 #e9826d #df6a6a",
    "dark": "#16233a #17304a #173f4f #1d4d42 #3c5527 #5f5617 #7a4f14 #8a431a #973426 #a52434",
}
"""The colours of vanishing, one for each power of ten, exploding."""

LEGEND = ("&lt;1e-6", "1e-6", "1e-5", "1e-4", "1e-3", "0.01", "0.1", "1", "10", "100+")

ALARM = {"light": "#b3122c", "dark": "#ff6b7d"}
GREY = {"light": "#d5d8dc", "dark": "#3a4048"}
_NONE = {
    theme: {"fillcolor": paper, "style": "rounded,filled,dotted"}
    for theme, paper in {"light": "#ffffff", "dark": "#1f252c"}.items()
}


def size(array: npt.NDArray[Any]) -> float:
    """The root mean square; nan or inf if an element is not finite.

    >>> round(size(np.array([3.0, 4.0])), 4), size(np.zeros(3)), size(np.array([1.0, np.inf]))
    (3.5355, 0.0, inf)
    """
    exact = np.asarray(array, dtype=np.float64)
    largest = float(np.max(np.abs(exact), initial=0.0))
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.mean(np.square(exact / largest))))  # cannot overflow


def look(value: Value, theme: str) -> dict[str, str]:
    """The attributes of a box that tell the size of the gradient; none where none is wanted."""
    dead = {"class": "dead", "color": ALARM[theme], "penwidth": "2.5"} if _is_dead(value) else {}
    if not value.requires_grad or value.size == 0:
        return {}
    if not value.has_grad:
        return over({"class": "no-gradient", **_NONE[theme]}, dead)
    return over(_colour(size(value.grad), theme), dead)


def look_of_module(module: Folded, theme: str) -> dict[str, str]:
    """The same for a folded module: that of its parameters, or of what it puts out."""
    found = _size_of_module(module)
    return {"class": "no-gradient", **_NONE[theme]} if found is None else _colour(found, theme)


def notes(value: Value) -> list[str]:
    """What is to be seen in a Value's gradient, or its output, in lines for its box."""
    lines = []
    if value.requires_grad and value.has_grad and value.size:
        found = size(value.grad)
        if (word := _word(found)) or value.ndim:
            lines.append(f"{'size':<10}{number(found)} {word}".rstrip())
    if _is_dead(value):
        lines.append(f"{'DEAD':<10}{'every output is' if value.size > 1 else 'the output is'} 0")
    elif dead := _dead_units(value):
        lines.append(f"{'dead':<10}{dead} of {value.shape[1]} units")
    return lines


def notes_of_module(module: Folded) -> list[str]:
    """The same for a folded module."""
    lines = []
    if (found := _size_of_module(module)) is not None:
        lines.append(f"{'gradient':<10}{number(found)} {_word(found)}".rstrip())
    if dead := sum(map(_is_dead, module.members)):
        lines.append(f"{'DEAD':<10}{dead} relu{'s' * (dead > 1)} with every output 0")
    return lines


def _word(found: float) -> str:
    """What is wrong with a gradient of some size."""
    if not math.isfinite(found):
        return "NOT FINITE"
    if found == 0.0:
        return "ZERO"
    if found < 10.0**LOWEST:
        return "VANISHING"
    return "EXPLODING" if found >= 10.0**HIGHEST else ""


def _colour(found: float, theme: str) -> dict[str, str]:
    """The attributes of a box whose gradient has some size."""
    word, colours = _word(found), SCALES[theme].split()
    cls = {"class": word.lower().replace(" ", "-")} if word else {}
    if word == "ZERO":
        return {**cls, "fillcolor": GREY[theme], "style": "rounded,filled,dashed"}
    if word == "VANISHING":
        return {**cls, "fillcolor": colours[0], "style": "rounded,filled,dashed"}
    if word:
        return {**cls, "fillcolor": colours[-1], "color": ALARM[theme], "penwidth": "2.5"}
    step = sum(found >= 10.0**power for power in range(LOWEST, HIGHEST))
    return {"class": f"gradient-1e{LOWEST + step - 1}", "fillcolor": colours[step]}


def _size_of_module(module: Folded) -> float | None:
    """The size of the gradients of all its parameters, or else of what it puts out."""
    own = [value for value in module.members if value.op is None and value.requires_grad]
    values = [v for v in own or module.outputs if v.requires_grad and v.has_grad and v.size]
    if not values:
        return None
    return size(np.array([size(v.grad) for v in values]).repeat([v.size for v in values]))


def legend(theme: str) -> list[dict[str, str]]:
    """The attributes of small boxes that tell which colour is which power of ten."""
    usual = {
        "class": "legend",
        "fontsize": "8",
        "height": "0.22",
        "margin": "0.02,0.02",
        "shape": "box",
        "style": "filled",
        "width": "0.5",
    }
    pairs = zip(LEGEND, SCALES[theme].split(), strict=True)
    return [{**usual, "label": word, "fillcolor": colour} for word, colour in pairs]


def _is_dead(value: Value) -> bool:
    """Whether a ReLU put out nothing but 0."""
    made = value.op is not None and value.op.name == "relu" and value.size > 0
    return made and not np.any(value.data)


def _dead_units(value: Value) -> int:
    """How many units of a ReLU, the columns of a batch, put out 0 for every example."""
    if value.op is None or value.op.name != "relu" or value.ndim != 2 or len(value.data) < 2:
        return 0
    return int(np.sum(~np.any(value.data, axis=0)))
