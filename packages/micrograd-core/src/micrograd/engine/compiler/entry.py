"""How does a call reach the function that was built for its signature?

It hands over the arrays of the moment, in the order of the program's inputs: arguments, parameters,
the arrays for their gradients, what an optimizer remembers and the numbers of its step.
"""

from __future__ import annotations

import os
import threading
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np

from .._version import __version__
from ..backward import ASSIGNED
from ..value import Value, tick
from .build import Built
from .recording import Held, Recording
from .signature import arrays_of, name_of, simple_signature

if TYPE_CHECKING:
    from .program import Program


class Entry:
    """One signature's function, and how its arguments are collected."""

    def __init__(
        self, program: Program, recording: Recording, args: tuple[Any, ...], named: dict[str, Any]
    ) -> None:
        self.program = program
        self.unverified = 2 if program.verify else 0
        self.built = Built(recording._replace(seen=[]), _title(program.f), _known(program.f))
        self.simple = simple_signature(args, named)
        self._consulted = recording.consulted
        inputs = self.built.inputs
        self._places = [one.source for one in inputs if one.kind in ("argument", "generator")]
        self._in_order = self.simple is not None and self._places == list(range(len(args)))
        self._parameters = [one.source for one in inputs if one.kind == "parameter"]
        self.gradients = [parameter for parameter, _ in recording.gradients]
        self._owned: list[Any] = [self] * len(self.gradients)  # none yet
        self.states = [one for one in inputs if one.kind == "state"]
        self.scalars = [one.name for one in inputs if one.kind == "scalar"]
        kinds = {parameter.dtype for parameter in self.gradients}
        self._numbers: dict[str, tuple[float, Any]] = {}
        self._dtype = kinds.pop() if len(kinds) == 1 else None
        self._written = _written(self.built.recording)
        self._local = threading.local()

    def fits(self, args: tuple[Any, ...]) -> bool:
        """Whether a call by position has this signature; False if that takes a longer look."""
        simple = self.simple
        if simple is None or len(args) != len(simple):
            return False
        for one, (shape, dtype) in zip(args, simple, strict=True):
            if type(one) is not np.ndarray or one.shape != shape or one.dtype is not dtype:
                return False
        return not self._consulted or self.holds()

    def holds(self) -> bool:
        """Whether what the function consulted is as it was."""
        return all(getattr(owner, name) == value for owner, name, value in self._consulted)

    def run(self, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call the function in this thread's buffers."""
        try:
            step = self._local.step
        except AttributeError:
            step = self._local.step = self.built.make_step()
        found: Any = args if self.simple is not None else arrays_of(args, named)
        if self._in_order:
            given = list(found)
        else:
            given = [found[place] if type(place) is int else place for place in self._places]
        given += [parameter._array for parameter in self._parameters]
        gradients = [parameter._grad for parameter in self.gradients]
        if not all(map(is_, gradients, self._owned)):
            gradients = [self._own(i, parameter) for i, parameter in enumerate(self.gradients)]
        given += gradients
        if self.states:
            given += [one.source._array for one in self.states]
        if self.scalars:
            scalars = self.program.optimizer.scalars(advance=True)
            given += [self._number(name, scalars[name]) for name in self.scalars]
        result = step(*given)
        if self._written:
            ASSIGNED[threading.get_ident()] = now = tick()
            for one in self._written:
                one._stamp = now
        return result

    def _number(self, name: str, number: float) -> Any:
        """A number of the optimizer's step as an array, the same one until it changes."""
        known, array = self._numbers.get(name, (None, None))
        if number != known:
            array = np.array(number, self._dtype)
            self._numbers[name] = number, array
        return array

    def _own(self, i: int, parameter: Value) -> Any:
        """The array that a parameter owns for its gradient; freezing a parameter forgets it."""
        if not parameter.requires_grad:
            raise RuntimeError(
                f"compile: the parameter {parameter.name!r} of shape {parameter.shape} was frozen "
                "after the program was made. Compile again, with those that are trained."
            )
        owner = getattr(self.program.optimizer, "gradient_of", None)
        g = owner(parameter) if owner is not None else parameter._grad
        fits = type(g) is np.ndarray and g.flags.c_contiguous and g.flags.writeable
        if not fits or g.dtype != parameter.dtype:
            g = np.empty(parameter.shape, parameter.dtype)
        parameter._grad = self._owned[i] = g
        parameter.has_grad = True
        return g


def _written(recording: Recording) -> list[Value]:
    """The Values that the program writes; those of shape () get an array to write into."""
    found: list[Value] = []
    for target, _ in [*recording.effects, *recording.updates]:
        source = target.source
        found += source.parameters if isinstance(source, Held) else [source]
    for one in found:
        _ = one.data
    return found


def _known(f: Any) -> dict[int, str]:
    """What arrays and Values are called where the function was written."""
    code = getattr(f, "__code__", None)
    if code is None:
        return {}
    known = {name: f.__globals__[name] for name in code.co_names if name in f.__globals__}
    for name, cell in zip(code.co_freevars, f.__closure__ or (), strict=True):
        try:
            known[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return {id(one): name for name, one in known.items() if isinstance(one, (np.ndarray, Value))}


def _title(f: Any) -> str:
    """The first line of the program's docstring."""
    code = getattr(f, "__code__", None)
    where = f", {os.path.basename(code.co_filename)}:{code.co_firstlineno}" if code else ""
    return f"Recorded from {name_of(f)}{where} by micrograd-core {__version__}, for"
