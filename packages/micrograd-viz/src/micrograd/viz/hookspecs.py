"""What can a plugin add to micrograd-viz?

A hook is a function that a plugin defines, with the name and the arguments that stand here, and
marks with ``micrograd.engine.hookimpl``. These are viz's; core and nn have their own. Plugins are
loaded by the first picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from micrograd.engine import Value

    from .picture import Picture

hookspec = pluggy.HookspecMarker("micrograd")


@hookspec
def micrograd_node_style(value: Value) -> Mapping[str, str] | None:
    """How the box of a Value is drawn: Graphviz's attributes of a node, or None to leave it as is.

    It is asked once for each Value of a picture, and should depend on nothing else, so that the
    same graph gives the same picture. Attributes of several plugins come together on one box. If
    two give the same one, it is that of an object which the program registered, then that of the
    distribution whose name comes first; viz's own comes last. A ``class`` is added to the others.
    A ``label`` takes the place of all that stands in the box; its fields are separated by ``|``,
    and ``micrograd.viz.escape(text)`` writes any text into one.

    .. code-block:: python

        @hookimpl
        def micrograd_node_style(value):
            return {"penwidth": "3"} if value.size > 1000 else None
    """


@hookspec
def micrograd_renderers() -> Mapping[str, Callable[[Picture], bytes]]:  # type: ignore[empty-body]
    """Picture formats, by name in lower case: functions of a picture that return the file's bytes.

    ``picture.source`` is the text that Graphviz lays out and ``picture.pipe("svg")`` what it makes
    of it. ``micrograd.viz.trace(picture.root)`` gives the graph itself, ``picture.looks`` the
    attributes of each Value's box, and ``picture.sketch`` the boxes and arrows as they were asked
    for: with modules folded, and what was too much left out. The formats that Graphviz has, and
    html, mermaid, mmd and json, are viz's own. ``save`` takes a format's name for a suffix.

    .. code-block:: python

        def outline(picture):
            values, _ = trace(picture.root)
            return "\\n".join(value.name or value.op.name for value in values).encode()

        @hookimpl
        def micrograd_renderers():
            return {"outline": outline}

    A user writes ``draw_dot(loss).pipe("outline")``, or ``draw_dot(loss, format="outline")``.
    """
