"""How are long lines broken, as a formatter would?"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

WIDTH = 100
OPENING, CLOSING = "([{", ")]}"


def wrapped(text: str, width: int) -> list[str]:
    """Words as lines of at most a width."""
    return textwrap.wrap(text, width, break_long_words=False)


def broken(line: str) -> list[str]:
    """A statement as it is, or, if it is too long, with what stands in its last brackets below.

    >>> broken("f(" + "x, " * 40 + "y)")[:1], broken("f(x)")
    (['f('], ['f(x)'])
    """
    body = line.rstrip(":,")
    if len(line) <= WIDTH or not body or body[-1] not in CLOSING or line.lstrip().startswith("#"):
        return [line]
    start = _opening(body)
    margin = " " * (len(line) - len(line.lstrip()))
    items, inner = list(_items(body[start + 1 : -1])), margin + "    "
    rows = [""]
    for item in items:
        longer = f"{rows[-1]} {item}," if rows[-1] else f"{item},"
        if rows[-1] and len(inner + longer) > WIDTH:
            rows.append(f"{item},")
        else:
            rows[-1] = longer
    if len(rows) == 1:  # which a last comma would part further, or make a tuple of
        rows[-1] = rows[-1].removesuffix(",")
    below = [deeper for row in rows for deeper in broken(inner + row)]
    return [line[: start + 1], *below, margin + line[len(body) - 1 :]]


def _opening(text: str) -> int:
    """Where the bracket opens that closes at the end."""
    opened = []
    for i, c in _code(text):
        if c in OPENING:
            opened.append(i)
        elif c in CLOSING:
            last = opened.pop()
    return last


def _items(text: str) -> Iterator[str]:
    """What stands between commas, brackets within left whole."""
    depth = start = 0
    for i, c in _code(text):
        depth += (c in OPENING) - (c in CLOSING)
        if c == "," and not depth:
            yield text[start:i].strip()
            start = i + 1
    if text[start:].strip():
        yield text[start:].strip()


def _code(text: str) -> Iterator[tuple[int, str]]:
    """The characters that stand in no string."""
    quote, escaped = "", False
    for i, c in enumerate(text):
        if quote:
            quote = "" if c == quote and not escaped else quote
            escaped = c == "\\" and not escaped
        elif c in "'\"":
            quote = c
        else:
            yield i, c
