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
    return "autofunction"


def left_out(thing: type) -> list[str]:
    """The members of a class that its page need not repeat: bound ops, and what each layer has."""
    members = vars(thing).items()
    ops = [name for name, one in members if home(one).startswith("micrograd.engine.ops.")]
    base = any("forward" in vars(parent) for parent in thing.__mro__[1:])
    return ops + ["forward", "extra_repr"] * base


def home(thing: Any) -> str:
    return getattr(thing, "__module__", None) or ""


def escaped(line: str) -> str:
    """A line of a docstring whose bars, |x|, are those of mathematics."""
    parts = re.split(r"(`+[^`]+`+)", line)
    return "".join(part if part[:1] == "`" else part.replace("|", r"\|") for part in parts)


def docstring(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Escape bars, but not in examples, which go from a prompt to the next empty line."""
    example = False
    for number, line in enumerate(lines):
        example = line.lstrip().startswith(">>> ") or (example and bool(line.strip()))
        if not example:
            lines[number] = escaped(line)


def signature(
    app: Any, what: str, name: str, thing: Any, options: Any, arguments: str | None, result: str
) -> tuple[str, str | None] | None:
    """A signature without the types that say nothing."""
    if arguments is None:
        return None
    any_type = r"(?:~?typing\.)?Any\b(?=[,)=]| =|$)"
    nothing = re.fullmatch(any_type, result or "")
    return re.sub(rf": {any_type}", "", arguments), None if nothing else result


class Api(SphinxDirective):
    """The directive. A line `name: what it is` shows an object that has no docstring."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        module = importlib.import_module(name)
        rows, parts = [], []
        for line in filter(None, map(str.strip, self.content)):
            one, _, told = line.partition(": ")
            thing = getattr(module, one)
            role = "data" if told else "class" if inspect.isclass(thing) else "func"
            rows += [f"   * - :py:{role}:`~{name}.{one}`"]
            rows += [f"     - {told or escaped(summary(thing))}"]
            parts += [f".. {'py:data' if told else kind(thing)}:: {name}.{one}"]
            if told:
                parts += ["", f"   {told}"]
            elif inspect.isclass(thing):
                parts += ["   :members:", f"   :exclude-members: {', '.join(left_out(thing))}"]
            parts += [""]
        table = [".. list-table::", "   :class: names", "   :widths: 30 70", "", *rows, ""]
        return self.parse_text_to_nodes("\n".join(["```{eval-rst}", *table, *parts, "```"]))


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("api", Api)
    app.connect("autodoc-process-docstring", docstring)
    app.connect("autodoc-process-signature", signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
