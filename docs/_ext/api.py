"""How does a page of the reference list names and show what their docstrings say?

    ```{api} micrograd.nn
    Linear
    MLP
    ```

is a table of the names with their first sentences, each a link, and below it all that their
docstrings say. Where the site is not built, it is the list of names.
"""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


def summary(thing: Any) -> str:
    """The first sentence of a docstring."""
    text = inspect.getdoc(thing) or ""
    paragraph = " ".join(text.split("\n\n")[0].split())
    found = re.match(r"(.+?[.?])(?: |$)", paragraph)
    return found[1] if found else paragraph


def kind(thing: Any) -> str:
    """The directive of autodoc that shows it."""
    if inspect.isclass(thing):
        return "autoexception" if issubclass(thing, BaseException) else "autoclass"
    return "autofunction" if callable(thing) else "autodata"


class Api(SphinxDirective):
    """The directive."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        module = importlib.import_module(name)
        rows, parts = [], []
        for one in filter(None, map(str.strip, self.content)):
            thing = getattr(module, one)
            role = "py:class" if inspect.isclass(thing) else "py:func"
            rows += [f"   * - :{role}:`{one} <{name}.{one}>`", f"     - {summary(thing)}"]
            parts += [f".. {kind(thing)}:: {name}.{one}"]
            if inspect.isclass(thing):
                parts += ["   :members:"]
            parts += [""]
        table = [".. list-table::", "   :class: names", "   :widths: 30 70", "", *rows, ""]
        text = "\n".join(["```{eval-rst}", *table, *parts, "```"])
        return self.parse_text_to_nodes(text)


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("api", Api)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
