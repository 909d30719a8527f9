"""How does everything become one file that opens anywhere?

`page.html` is the frame; `page.css`, `page.js`, the drawing and the story as JSON go into its
marks. The page asks for nothing: its own policy forbids every request.
"""

from __future__ import annotations

import json
import os
import re
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from micrograd.engine import Value

from ..tracing import trace
from .picture import draw
from .story import Story

LARGEST = 400
"""A graph of more Values than this is none that anybody steps through."""


class Player:
    """A page that steps through one pass, forward and backward.

    `html` is the text of the page, `save(path)` writes it; a notebook shows it by itself.
    """

    def __init__(self, html: str) -> None:
        self.html = html

    def save(self, path: os.PathLike[str] | str) -> str:
        """Write the page into a file, make its folder if need be, and return the path."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self.html, encoding="utf-8")
        return os.fspath(target)

    def _repr_html_(self) -> str:
        """The page within a notebook's, from which it is shut off."""
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts allow-modals" '
            'title="Backpropagation, step by step" '
            'style="width: 100%; height: clamp(26rem, 85vh, 44rem); border: 0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Player: a page of {len(self.html):,} characters; save(path) writes it>"


def play(
    loss: Value, path: os.PathLike[str] | str | None = None, *, gradient: Any = None
) -> Player:
    """Make a page that steps through the computation of `loss` and of its gradients.

    The page is one HTML file that needs no network: the graph, every call in the order in which it
    was made, and every rule in the order in which the engine ran it, with its maths and numbers.
    `play` lets the engine run a backward pass of its own and changes no ``grad``. With `path` the
    page is also saved there. Backward starts with `gradient`, as that of a Value does; a `loss` of
    one element needs none.

    **Errors.** `TypeError` if `loss` is no Value; `ValueError` if it is a leaf, if it has several
    elements and no `gradient` is given, if that has another shape, if nothing in its graph wants a
    gradient, or if the graph has more than 400 Values; those of `gradients` and of `draw_dot`.

    **Example.**

    >>> from micrograd.engine import Value
    >>> x = Value(2.0, name="x")
    >>> player = play(x * x + 3 * x)
    >>> "step by step" in player.html, x.has_grad
    (True, False)
    """
    values = _checked(loss, gradient)
    player = Player(page(Story(loss, values, gradient)))
    if path is not None:
        player.save(path)
    return player


def _checked(loss: Value, gradient: Any) -> list[Value]:
    """The Values of a graph that can be played."""
    if not isinstance(loss, Value):
        raise TypeError(
            f"play: a graph is played from one Value, but got {type(loss).__name__}. "
            "Pass the Value that the computation ends in, for example play(loss)."
        )
    if loss.op is None:
        raise ValueError(
            f"play: {loss.name or 'the Value'} is a leaf, so no op led to it and there is nothing "
            "to step through. Pass a result, for example play((x * x).sum())."
        )
    values, _ = trace(loss)
    if not any(value.op is None and value.requires_grad for value in values):
        raise ValueError(
            f"play: {loss.name or 'the Value'} is a constant: no leaf that it came from wants a "
            "gradient. Compute it outside of no_grad(), from a Value with requires_grad=True."
        )
    if loss.size != 1 and gradient is None:
        raise ValueError(
            f"play: backward starts at one number, but the Value has shape {loss.shape}. "
            "Reduce it first, for example play(value.sum()), or say which gradient arrives there: "
            "play(value, gradient=array), with an array of that shape."
        )
    if len(values) > LARGEST:
        raise ValueError(
            f"play: {len(values):,} Values led to it, and nobody steps through more than "
            f"{LARGEST}. Play a smaller network or fewer steps of it, or draw the graph with "
            "micrograd.viz.draw_dot."
        )
    return values


def page(story: Story) -> str:
    """The text of the page."""
    told = {"values": story.values, "facts": story.facts, "steps": story.steps}
    parts = {
        "title": escape(story.names[story.root]),
        "css": _file("page.css"),
        "js": _file("page.js"),
        "graph": draw(story),
        "story": embedded(told),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda mark: parts[mark[1]], _file("page.html"))


def embedded(data: object) -> str:
    r"""JSON that no HTML parser takes for markup.

    >>> embedded("</script>&")
    '"\\u003c/script\\u003e\\u0026"'
    """
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return re.sub("[<>&]", lambda sign: f"\\u{ord(sign[0]):04x}", text)


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
