"""What stands in a box, and how is any text at all put there safely?

A box is a Graphviz *record*: fields one above the other. (HTML-like labels could do more, but
Graphviz has them only where it was built with an XML parser, and its WebAssembly build was not.)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from micrograd.engine import Value

from .numbers import aligned, array_lines, brief

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


def card(value: Value, heading: str, rankdir: str) -> str:
    """Write the label of a Value's box: heading (if there is any), data, gradient."""
    data = array_lines(value.data)
    gradient = array_lines(value.grad) if value.has_grad else [NOT_COMPUTED]
    if value.ndim == 0 and value.has_grad:
        data, gradient = ([text] for text in aligned([*data, *gradient]))
    fields = [_field("data", data), _field("gradient", gradient)]
    if heading:
        fields.insert(0, f"{escape(heading)}\\l")
    stacked = "|".join(fields)  # from top to bottom; records turn together with the direction
    return stacked if rankdir in ("LR", "RL") else f"{{{stacked}}}"


def heading(value: Value, use: str = "") -> str:
    """Say whose box it is: the name, the scope it was made in, and which use of a leaf it shows."""
    known = not value.scope or value.name.startswith(f"{value.scope}.")
    scope = "" if known else f"in {value.scope}"
    return " \N{MIDDLE DOT} ".join(part for part in (value.name, scope, use) if part)


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


def _field(word: str, lines: Sequence[str]) -> str:
    """Put a word before the first of some lines, and indent the others as far."""
    starts = [f"{word:<10}", *[" " * 10] * (len(lines) - 1)]
    pairs = zip(starts, lines, strict=True)
    return "".join(f"{escape(start + line)}\\l" for start, line in pairs)
