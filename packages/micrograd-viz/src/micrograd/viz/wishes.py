"""What may one ask of a picture, and what is said when it is asked wrongly?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

SHOWN = ("name", "op", "data", "grad", "shape")
RANKDIRS = ("LR", "TB", "RL", "BT")
COLORS = ("kind", "grad")
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Wishes:
    """How a graph is to be drawn; made by `check`."""

    rankdir: str
    show: frozenset[str]
    depth: int | None
    max_nodes: int | None
    color: str
    theme: str


def check(
    rankdir: str,
    show: Iterable[str],
    depth: int | None,
    max_nodes: int | None,
    color: str,
    theme: str,
) -> Wishes:
    """Hold the settings of a picture against what there is.

    **Errors.** `ValueError` that names what there is, and the near miss.
    """
    if rankdir not in RANKDIRS:
        raise ValueError(
            f"draw_dot: rankdir={rankdir!r} is not a direction. "
            f"Pass one of {', '.join(RANKDIRS)}; LR draws from left to right."
        )
    words = (show,) if isinstance(show, str) else tuple(show)
    for word in words:
        one_of("draw_dot", "show", word, SHOWN)
    one_of("draw_dot", "color", color, COLORS)
    one_of("draw_dot", "theme", theme, THEMES)
    for name, number in (("depth", depth), ("max_nodes", max_nodes)):
        if number is not None and number < 1:
            raise ValueError(f"draw_dot: {name}={number}. It must be at least 1, or None.")
    return Wishes(rankdir, frozenset(words), depth, max_nodes, color, theme)


def one_of(told: str, name: str, word: str, known: tuple[str, ...]) -> None:
    """Refuse a word that is none of those known; `told` is the function that was asked."""
    if word not in known:
        near = get_close_matches(str(word), known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"{told}: {name} got {word!r}, which it does not know.{hint} "
            f"There is {', '.join(map(repr, known))}."
        )
