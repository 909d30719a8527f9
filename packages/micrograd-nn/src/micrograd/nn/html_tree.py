"""What does a notebook show for a network?

The tree that is printed, with the numbers that each part holds; a part folds when it is clicked.
Nothing is run. The text has the page's own colours, so it can be read in the light and in the dark.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from micrograd.engine import Value

from .parts import Holder
from .tree import heading, runs

if TYPE_CHECKING:
    from .module import Module

TREE = "max-width: 46rem; font-family: monospace; line-height: 1.6; overflow-wrap: anywhere"
INSIDE = "margin-left: 0.35em; padding-left: 1.1em; border-left: 1px solid rgba(128, 128, 128, 0.4)"
LINE = "display: inline-flex; justify-content: space-between; gap: 1.5em; width: calc(100% - 1.3em)"
SOFT = "opacity: 0.7; text-align: right; overflow-wrap: normal"


class Line(NamedTuple):
    """What is told of a part, whatever its name is."""

    text: str
    numbers: int  # of the numbers that are trained, or could be
    inside: str = ""  # the lines below it, as HTML
    unfolded: bool = False


def html_tree(module: Module) -> str:
    """The tree of a network as HTML, for a notebook."""
    line = _Tree().line("", module)
    frozen = sum(one.size for one in module.parameters() if not one.requires_grad)
    buffers = sum(one.size for one in module.buffers())
    told = [f"{line.numbers:,} parameters"]
    told += [f"{frozen:,} frozen"] * bool(frozen) + [f"{buffers:,} in buffers"] * bool(buffers)
    html = _written("", line._replace(unfolded=True), ", ".join(told))
    return f'<div class="micrograd-module" style="{TREE}">{html}</div>'


class _Tree:
    """Walks from a module to all that it holds, in the order in which it is printed."""

    def __init__(self) -> None:
        self.paths: dict[int, str] = {}  # of the Values that were told of, by id
        self.above: list[Any] = []

    def line(self, path: str, thing: Any, buffer: bool = False) -> Line:
        """The line of a part, and those below it."""
        if isinstance(thing, Value):
            return self.value(path, thing, buffer)
        if not isinstance(thing, Holder):
            return Line(escape(str(thing)), 0)
        module: Module = thing  # type: ignore[assignment]
        text, count = escape(module._head()), sum(one.size for one in module.parameters())
        if any(module is one for one in self.above):
            return Line(f"{text}, see above", 0)
        self.above.append(module)
        inside = "".join(self.inside(path, module))
        self.above.pop()
        text = text.removesuffix("()") if inside else text
        return Line(text, count, inside, len(module.modules()) > 1)

    def inside(self, path: str, module: Module) -> Iterator[str]:
        """The lines of what a module holds; neighbours that look the same have one."""
        lines = [
            (name, self.line(f"{path}.{name}" if path else name, thing, name in module._buffers))
            for name, thing in module._shown_parts()
        ]
        for run in runs(lines):
            _, line = run[0]
            times = f"{len(run)} x " if len(run) > 1 else ""
            count = f"{times}{line.numbers:,}" if line.numbers else ""
            yield _written(heading(run), line._replace(text=times + line.text), count)

    def value(self, path: str, value: Value, buffer: bool) -> Line:
        """The line of a parameter, or of a buffer."""
        first = self.paths.setdefault(id(value), path)
        told = [str(value.shape)]
        told += [str(value.dtype)] * (value.dtype != np.float64)
        told += ["buffer"] * buffer + ["frozen"] * (not buffer and not value.requires_grad)
        told += [f"the same as {first}"] * (first != path)
        return Line(escape(" ".join(told)), 0 if buffer or first != path else value.size)


def _written(name: str, line: Line, count: str) -> str:
    named = f"<b>{escape(name)}</b>: {line.text}" if name else f"<b>{line.text}</b>"
    text = f"<span>{named}</span>"
    text += f'<span style="{SOFT}">{count}</span>' if count else ""
    if not line.inside:
        return f'<div style="{LINE}; padding-left: 1em">{text}</div>'
    opened = " open" if line.unfolded else ""
    return (
        f'<details{opened}><summary style="cursor: pointer"><span style="{LINE}">{text}</span>'
        f'</summary><div style="{INSIDE}">{line.inside}</div></details>'
    )
