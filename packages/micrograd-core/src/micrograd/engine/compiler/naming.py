"""What is each array called?

By the name that the user gave it, else by what it is: a parameter by its path
(``layers_0_weight``), the output of a layer by its number (``h1``), a gradient by what it is the
gradient of (``d_h1``), anything else by the op or the function that makes it.
"""

from __future__ import annotations

import builtins
import keyword
import re
from typing import Any

import numpy as np

from ..ops import kernels
from .primitives import NOUNS
from .recorder import Input
from .recording import Recording
from .symbol import Symbol

RESERVED = {"np", "step", "make_step", "program", *keyword.kwlist, *dir(builtins), *kernels.__all__}


class Names:
    """Gives names, each once."""

    def __init__(self, recording: Recording, known: dict[int, str]) -> None:
        self.taken: set[str] = set(RESERVED)
        self.recording = recording
        self._known = known  # what objects are called where the function was written
        self._layers: dict[str, str] = {}  # scope -> name of a layer's output
        self._shares: dict[Symbol, Symbol] = {}  # the last step of a rule -> whose gradient
        self._last: set[Symbol] = set()  # the last step of an op
        self._alone: set[Symbol] = set()  # the only step of an op
        for group in grouped(recording.steps):
            note, last = group[0].note, group[-1]
            if note.kind == "op":
                self._last.add(last)
                if note.scope and len(group) == 2 and _same_kind(group[0], last):
                    self._last.add(group[0])  # x @ W, before the bias is added
                self._alone |= {last} if len(group) == 1 else set()
            for step in group if note.kind == "rule" else ():
                if isinstance(note.target, Symbol) and note.target.shape == step.shape:
                    self._shares[step] = note.target
        self._scopes: dict[Symbol, str] = {}  # a parameter -> the scope that uses it first
        for step in recording.steps:
            for one in step.args:
                if isinstance(one, Input) and step.note.scope:
                    self._scopes.setdefault(one, step.note.scope)

    def of_input(self, one: Input) -> str:
        """A name for what the program is given."""
        name = one.name
        if one.kind == "constant":
            name = self._known.get(id(one.source), "") or _constant(one.value)
        elif one.kind == "state" and not name:
            name = self._known.get(id(one.source), "state")
        scope = "" if one.is_constant else self._scopes.get(one, "")
        if scope and identifier(name) in self.taken | {"weight", "bias"}:
            name = name if name.startswith(scope) else f"{scope}_{name}"
        return self.free(name or one.kind)

    def of_step(self, step: Symbol, names: dict[Symbol, str]) -> str:
        """A name for a result."""
        if step in self.recording.names:
            return self.free(self.recording.names[step])
        return self.free(self.meaning(step, names))

    def meaning(self, step: Symbol, names: dict[Symbol, str]) -> str:
        """The name that a result would have if it were the only one."""
        note, function = step.note, getattr(step.function, "__name__", "result")
        noun = NOUNS.get(function, function)
        if step.dtype == bool or noun == "mask":
            return "mask"
        target = self._shares.get(step)
        if target is not None and target in names:
            return "d_" + names[target].removeprefix("d_")
        if step in self._last and note.scope:
            return self._layer(note.scope)
        if step in self._last and note.name.isidentifier():
            return NOUNS.get(note.name, note.name)
        return "change" if note.kind == "update" else noun

    def keeps(self, step: Symbol, operand: Symbol, names: dict[Symbol, str]) -> bool:
        """Whether a result that is written over an operand keeps the operand's name."""
        if step in self.recording.names:
            return False
        if step in self._alone and operand in self._last | self._alone and not step.note.scope:
            return True  # an activation
        meaning, old = self.meaning(step, names), names[operand]
        return re.fullmatch(rf"{re.escape(identifier(meaning))}(_\d+)?", old) is not None

    def free(self, wanted: str) -> str:
        """The name itself, or with a number if it is taken."""
        name = base = identifier(wanted)
        count = 1
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        self.taken.add(name)
        return name

    def _layer(self, scope: str) -> str:
        if not re.fullmatch(r"(layers\.)?\d+", scope):
            return scope
        if scope not in self._layers:
            self._layers[scope] = f"h{len(self._layers) + 1}"
        return self._layers[scope]


def _same_kind(one: Symbol, last: Symbol) -> bool:
    used = any(operand is one for operand in last.args)
    return used and (one.shape, one.dtype) == (last.shape, last.dtype)


def grouped(steps: list[Symbol]) -> list[list[Symbol]]:
    """Runs of steps that one op or one rule made."""
    groups: list[list[Symbol]] = []
    for step in steps:
        note = groups[-1][0].note if groups else None
        if note is not None and note.group == step.note.group and note.target is step.note.target:
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def identifier(text: str) -> str:
    """A name as Python takes it."""
    name = re.sub(r"\W+", "_", text).strip("_") or "x"
    return f"x_{name}" if name[0].isdigit() else name


def _constant(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.size and value.dtype.kind in "iu":
        return "indices"
    if isinstance(value, np.ndarray) and (value == 1).all():
        return f"ones_{value.size}" if value.ndim == 1 else "ones"
    return "constant"
