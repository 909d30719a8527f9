"""What stands in a box, and how is any text at all put there safely?

A box is a Graphviz *record*: fields one above the other. (HTML-like labels could do more, but
Graphviz has them only where it was built with an XML parser, and its WebAssembly build was not.)
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from micrograd.engine import Value

from .numbers import aligned, array_lines, brief, spread
from .plan import Folded
from .wishes import SHOWN

NOT_COMPUTED = "\N{EM DASH}"

PLAIN = {"\\": "\\\\", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "\\n"}
RECORD = {**PLAIN, "|": "\\|", "{": "\\{", "}": "\\}", " ": "\\ ", "\n": "\\l"}


def escape(text: str, table: Mapping[str, str] = RECORD) -> str:
    r"""Write `text` so that Graphviz shows it as it is, in a `RECORD`'s field or a `PLAIN` label.

    What Graphviz would read as syntax is escaped, `&` too (it would show `&lt;` as `<`). A line
    break stays one, and characters that no SVG file may hold are spelled out.

    >>> print(escape("a|b {c}"), escape("x < y", PLAIN), escape("bell\a"))
    a\|b\ \{c\} x &lt; y bell\\x07
    """
    return "".join(_escaped(character, table) for character in text.replace("\r\n", "\n"))


def _escaped(character: str, table: Mapping[str, str]) -> str:
    if character in table:
        return table[character]
    if unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff":
        return "\\" + repr(character)[1:-1]
    return character


def legible(text: str) -> str:
    r"""Spell out the characters that a terminal would obey.

    >>> print(legible("bell\a"))
    bell\x07
    """
    odd = ("Cc", "Cs")
    return "".join(repr(c)[1:-1] if unicodedata.category(c) in odd else c for c in text)


def fields(
    value: Value, heading: str, show: Collection[str] = SHOWN, notes: Sequence[str] = ()
) -> list[list[str]]:
    """The lines of a Value's box, field by field: heading (if any), data, gradient and notes."""
    data = array_lines(value.data)
    gradient = array_lines(value.grad) if value.has_grad else [NOT_COMPUTED]
    if value.ndim == 0 and value.has_grad:
        data, gradient = ([text] for text in aligned([*data, *gradient]))
    about = worded("shape", [str(value.shape)]) if "shape" in show else []
    if "data" in show:
        about += worded("data", data)
        about += worded("", [strip]) if (strip := spread(value.data)) else []
    found = [[heading] if heading else [], about]
    found.append([*(worded("gradient", gradient) if "grad" in show else []), *notes])
    return [lines for lines in found if lines]


def card(fields: Sequence[Sequence[str]], rankdir: str) -> str:
    """Write fields of lines as the label of a box."""
    stacked = "|".join("".join(f"{escape(line)}\\l" for line in lines) for lines in fields)
    # from top to bottom; records turn together with the direction
    return stacked if rankdir in ("LR", "RL") else f"{{{stacked}}}"


def heading(value: Value, use: str = "") -> str:
    """Say whose box it is: the name, and which use of a leaf it shows."""
    return " \N{MIDDLE DOT} ".join(part for part in (value.name, use) if part)


def about(value: Value) -> str:
    """Say in a line what the box has no room for; a browser shows it under the pointer."""
    facts = [value.name or "unnamed", f"shape {value.shape}", str(value.dtype)]
    if value.scope:
        facts.append(f"in {value.scope}")
    if not value.requires_grad:
        facts.append("wants no gradient")
    return escape(", ".join(facts), PLAIN)


def about_call(result: Value) -> str:
    """Say in a line which op was called, with which settings."""
    settings = ", ".join(f"{name}={brief(value)}" for name, value in result.call.settings.items())
    return escape(f"{result.op.name}({settings})", PLAIN)


def about_module(module: Folded) -> list[list[str]]:
    """The lines of a folded module: its path, the shapes in and out, and what it holds."""
    entering = [value.shape for value in module.inputs]
    if not entering:  # the first layer of a network that was called with a plain array
        entering = [array.shape for array in module.arrays[:1]]
    shapes = worded("in", _shapes(entering)) if entering else []
    shapes += worded("out", _shapes([value.shape for value in module.outputs]))
    leaves = [value for value in module.members if value.op is None and value.requires_grad]
    calls = len({id(value.call) for value in module.members if value.op is not None})
    holds = worded("ops", [f"{calls:,}"])
    if leaves:
        numbers = sum(leaf.size for leaf in leaves)
        holds += worded("params", [f"{len(leaves):,} with {numbers:,} numbers"])
    return [[module.path], shapes, holds]


def _shapes(shapes: Sequence[tuple[int, ...]]) -> list[str]:
    """Each shape once, with how often it is there; at most four of them."""
    counts = Counter(shapes)
    lines = [f"{shape} x{n}" if n > 1 else str(shape) for shape, n in counts.items()]
    return (
        [*lines[:4], f"and {len(lines) - 4} more shapes"] if len(lines) > 5 else lines or ["none"]
    )


def worded(word: str, lines: Sequence[str]) -> list[str]:
    """Put a word before the first of some lines, and indent the others as far."""
    starts = [f"{word:<10}", *[" " * 10] * (len(lines) - 1)]
    return [start + line for start, line in zip(starts, lines, strict=True)]
