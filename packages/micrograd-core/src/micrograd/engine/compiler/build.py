"""How does a recording become a function that runs?

The text of the program is compiled by Python like any other, and registered with ``linecache``, so
that tracebacks and debuggers show its lines. ``make_step()`` allocates the buffers and returns the
function that uses them, so each thread can have its own.
"""

from __future__ import annotations

import importlib
import linecache
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np

from .naming import Names
from .plan import Plan
from .recorder import Input
from .recording import Recording
from .simplify import simplify
from .tuning import tuned
from .writing import Writer, indent, wrapped

number = count(1)
ORDER = ("argument", "generator", "parameter", "gradient", "state", "scalar")


class Built:
    """The program of one signature."""

    def __init__(self, recording: Recording, title: str, known: dict[int, str]) -> None:
        self.before = recording
        self.recording = simplify(recording)
        self.plan = Plan(self.recording, Names(self.recording, known))
        self.writer = Writer(self.plan)
        inputs = self.recording.inputs
        self.inputs = [one for kind in ORDER for one in inputs if one.kind == kind]
        self.title = title
        self.filename = f"<micrograd program {next(number)}>"
        self.source = self._source()
        linecache.cache[self.filename] = (
            len(self.source),
            None,
            self.source.splitlines(keepends=True),
            self.filename,
        )
        code, names = tuned(self.source, self.filename)
        self.namespace = self._namespace() | names
        exec(code, self.namespace)
        self.make_step: Callable[[], Callable[..., Any]] = self.namespace["make_step"]

    def arguments(self) -> list[str]:
        """The names of what the step is called with, in order."""
        names, gradients = self.plan.name, self.gradient_names()
        found = []
        for kind in ORDER:
            if kind == "gradient":
                found += [gradients[p] for p, _ in self.recording.gradients]
            found += [names[one] for one in self.inputs if one.kind == kind]
        return found

    def gradient_names(self) -> dict[Any, str]:
        """What the array of a parameter's gradient is called, by parameter."""
        parameters = [one for one in self.inputs if one.kind == "parameter"]
        return {one.source: f"d_{self.plan.name[one]}" for one in parameters}

    def _namespace(self) -> dict[str, Any]:
        space = {"np": np, **self.writer.constants, **self.writer.unnamed}
        for module in self.writer.modules:
            importlib.import_module(module)
        return space

    def _source(self) -> str:
        w, r = self.writer, self.recording
        body = "\n".join([*w.lines, "", f"return {w.returned()}"])
        head = ['"""' + self.title, ""]
        shapes = [(self.plan.name[one], one) for one in self.inputs if one.kind != "generator"]
        width = max((len(name) for name, _ in shapes), default=0)
        kinds = {"argument": "", "parameter": "parameter", "state": "state", "scalar": "number"}
        head += [
            f"    {name:{width}}  {_told(one)}{'  ' * bool(kinds[one.kind])}{kinds[one.kind]}"
            for name, one in shapes
        ]
        if w.constants:
            frozen = ", ".join(f"{name} {value.shape}" for name, value in w.constants.items())
            head += ["", *wrapped(f"Frozen, as they were when the program was made: {frozen}.", 96)]
        if w.unnamed:
            head += ["", f"It calls {', '.join(w.unnamed)}, which no module gives by name."]
        if r.gradients:
            head += ["", "The gradient of each parameter is written into the array d_<parameter>."]
        if r.effects or r.updates:
            written = ", ".join(self.plan.name[target] for target, _ in [*r.effects, *r.updates])
            head += ["", *wrapped(f"It writes into {written}.", 96)]
        head += ['"""', "", "import numpy as np"]
        head += [f"import {module}" for module in sorted(w.modules)]
        kernels = w.kernels()
        if kernels:
            head += ["", "", kernels]
        arguments = ", ".join(self.arguments())
        signature = f"def step({arguments}):"
        if len(signature) > 92:
            lines = wrapped(arguments + ",", 88)
            signature = "def step(\n" + indent("\n".join(lines), "    ") + "\n):"
        inner = signature + "\n" + indent(body.strip("\n"), "    ")
        declared = w.declarations()
        make = ['"""Allocate the buffers, and return the function that works in them."""']
        make += declared
        make += ["", *inner.splitlines(), "", "return step"]
        return "\n".join(head) + "\n\n\ndef make_step():\n" + indent("\n".join(make), "    ") + "\n"


def _told(one: Input) -> str:
    return f"{one.dtype} {one.shape}"
