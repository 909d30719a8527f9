"""How does viz enter the family?

Through the hooks that strangers use: this module is viz's plugin.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from micrograd.engine import Value, hookimpl, plugins

from . import data, engines, formats, hookspecs, mermaid, notebook, page, style


@hookimpl
def micrograd_mimebundle(value: Value, include: object, exclude: object) -> dict[str, str] | None:
    """Show a Value as its graph."""
    return notebook.bundle(value, include, exclude)


@hookimpl
def micrograd_node_style(value: Value) -> dict[str, str]:
    """Tell parameters, inputs and the results of ops apart."""
    return style.kind(value)


@hookimpl
def micrograd_renderers() -> Mapping[str, formats.Renderer]:
    """All that Graphviz can write, and what is written without it."""
    own = {"html": page.render, "json": data.render, "mermaid": mermaid.render}
    return {**engines.renderers(), **own, "mmd": mermaid.render}


def enter() -> None:
    """Enter viz."""
    plugins.enter_family("micrograd-viz", sys.modules[__name__], hookspecs)
