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
from sphinx.util.inspect import stringify_signature

INIT = object.__init__
OPS = "micrograd.engine.ops."


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


def options(thing: type, module: Any) -> list[str]:
    """What of a class is shown: no bound ops, and not again what a base tells elsewhere."""
    bases = [base for base in thing.__mro__[1:-1] if getattr(module, base.__name__, None) is base]
    told = {name for base in bases for name in vars(base) if name[0] != "_"}
    ops = {name for name, one in vars(thing).items() if home(one).startswith(OPS)}
    ours = {
        name for base in thing.__mro__ if home(base).startswith("micrograd") for name in vars(base)
    }
    theirs = {name for base in thing.__mro__ for name in vars(base) if name[0] != "_"} - ours
    chosen = ["   :members:", f"   :exclude-members: {', '.join(sorted(told | ops | theirs))}"]
    alone = not bases and not issubclass(thing, BaseException)
    return [*chosen, "   :inherited-members: dict, object"] if alone else chosen


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
    if what == "class" and vars(thing).get("__new__") is None and thing.__init__ is not INIT:
        init = inspect.signature(thing.__init__)  # a base's `__new__` takes anything
        plain = init.replace(parameters=list(init.parameters.values())[1:])
        arguments = stringify_signature(
            plain, show_return_annotation=False, unqualified_typehints=True
        )
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
            if told:
                parts += [f".. py:data:: {one}", f"   :module: {name}", "", f"   {told}", ""]
                continue
            parts += [f".. {kind(thing)}:: {name}.{one}"]
            if inspect.isclass(thing):
                parts += options(thing, module)
            parts += [""]
        table = [".. list-table::", "   :class: names", "   :widths: 30 70", "", *rows, ""]
        return self.parse_text_to_nodes("\n".join(["```{eval-rst}", *table, *parts, "```"]))


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("api", Api)
    app.connect("autodoc-process-docstring", docstring)
    app.connect("autodoc-process-signature", signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
