"""What does a user hold, and what happens when it is called?

A ``Program`` has one built function for each signature that it met. A call finds the one that fits,
hands it the arrays of the moment (arguments, the parameters' data, the arrays of their gradients)
and marks what it wrote. Buffers belong to a thread: two threads may call one program at once.
"""

from __future__ import annotations

import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from operator import is_
from typing import Any

import numpy as np

from .. import trees
from ..value import Value, tick
from .build import Built
from .recorder import Input
from .recording import Held, Recording, record
from .refusal import CannotCompile
from .symbol import Symbol

MOST_SIGNATURES = 32


class Program:
    """A compiled function. ``compile`` makes it and says what it does.

    ``source`` is the text of the program that ran last, ``signatures`` tells how many there are,
    ``recordings`` how often one was recorded.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        parameters: Iterable[Value] | None,
        optimizer: Any,
        verify: bool,
    ) -> None:
        if not callable(f):
            raise TypeError(
                f"compile of {type(f).__name__} {f!r:.40}. Pass a function or a module."
            )
        if parameters is None and optimizer is not None:
            parameters = optimizer.params
        self.parameters = None if parameters is None else _checked(parameters)
        self.f, self.optimizer, self.verify = f, optimizer, verify
        self.recordings = 0
        self._entries: OrderedDict[Any, Entry] = OrderedDict()
        self._last: Entry | None = None
        self._lock = threading.RLock()

    @property
    def signatures(self) -> int:
        """How many programs there are: one for each signature, the oldest forgotten beyond 32."""
        return len(self._entries)

    @property
    def source(self) -> str:
        """The text of the program that ran last."""
        return self._entry().built.source

    def save(self, path: Any, arrays: str = "auto") -> None:
        """Write the program that ran last to a Python file that imports NumPy only.

        Its parameters and other arrays stand in the file, or beside it in an ``.npz`` with
        ``arrays="npz"``; by default it is the latter when they hold more than 10,000 numbers. See
        ``saving`` for what the file offers.

        **Errors.** RuntimeError before the first call; CannotCompile when the program calls
        functions that no file could import.
        """
        from .saving import save

        save(self._entry(), path, arrays)

    def explain(self) -> Any:
        """What the program that ran last computes and allocates: a table to print."""
        from .explaining import explain

        return explain(self._entry().built)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Run it: results as arrays, gradients into the parameters."""
        entry = self._last
        if entry is None or named or not entry.fits(args):
            entry = self._find(args, named)
        if entry.unverified:
            return self._compared(entry, args, named)
        return entry.run(args, named)

    def __repr__(self) -> str:
        name = getattr(self.f, "__qualname__", type(self.f).__name__)
        return f"<program of {name}, {self.signatures} signatures>"

    def _entry(self) -> Entry:
        if self._last is None:
            raise RuntimeError(
                "The program has not been called yet, so nothing is recorded. Call it."
            )
        return self._last

    def _find(self, args: tuple[Any, ...], named: dict[str, Any]) -> Entry:
        """The entry for a signature; recorded now, if it is new."""
        with self._lock:
            key = _signature(args, named)
            entry = self._entries.get(key)
            if entry is None:
                recording = self._record(args, named)
                entry = Entry(self, recording, args, named)
                entry.expected = recording.seen
                self._entries[key] = entry
                if len(self._entries) > MOST_SIGNATURES:
                    self._entries.popitem(last=False)
            self._entries.move_to_end(key)
            self._last = entry
            return entry

    def _record(self, args: tuple[Any, ...], named: dict[str, Any]) -> Recording:
        self.recordings += 1
        return record(self.f, args, named, self.parameters, self.optimizer)

    def _compared(self, entry: Entry, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Run a call whose results are held against what the eager engine computes."""
        expected = entry.expected or self._record(args, named).seen
        entry.expected = None
        result = entry.run(args, named)
        entry.compare(expected, result)
        entry.unverified -= 1
        return result


class Entry:
    """One signature's function, and how its arguments are collected."""

    def __init__(
        self, program: Program, recording: Recording, args: tuple[Any, ...], named: dict[str, Any]
    ) -> None:
        self.program = program
        self.expected: list[Any] | None = None
        self.unverified = 2 if program.verify else 0
        names = _names(program.f, args)
        for one in recording.inputs:
            head, _, rest = one.name.partition("_")
            number, _, path = rest.partition("_")
            if one.kind == "argument" and head == "argument" and number.isdigit():
                one.name = names[int(number)] + (f"_{path}" if path else "")
        self.built = Built(recording, _title(program.f), _known(program.f))
        self.simple = _simple(args, named)
        inputs = self.built.inputs
        self._places = [one.source for one in inputs if one.kind in ("argument", "generator")]
        self._parameters = [one.source for one in inputs if one.kind == "parameter"]
        self._gradients = [parameter for parameter, _ in recording.gradients]
        self._owned: list[Any] = [self] * len(self._gradients)  # none yet
        self._states = [one for one in inputs if one.kind == "state"]
        self._readers = [_reader(one) for one in self._states]
        self._in_order = self._places == list(range(len(args)))
        self._scalars = [one.name for one in inputs if one.kind == "scalar"]
        kinds = {parameter.dtype for parameter in self._gradients}
        self._dtype = kinds.pop() if len(kinds) == 1 else None
        self._touched = _touched(self.built)
        known = [one.dtype for one in (*recording.inputs, *recording.steps)]
        self._tolerance = 1e-4 if np.dtype(np.float32) in known else 1e-9
        self._local = threading.local()

    def fits(self, args: tuple[Any, ...]) -> bool:
        """Whether a call by position has this signature; False if that takes a longer look."""
        simple = self.simple
        if simple is None or len(args) != len(simple):
            return False
        for one, (shape, dtype) in zip(args, simple, strict=True):
            if type(one) is not np.ndarray or one.shape != shape or one.dtype is not dtype:
                return False
        return True

    def run(self, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call the function in this thread's buffers."""
        try:
            step = self._local.step
        except AttributeError:
            step = self._local.step = self.built.make_step()
        given = self._collected(args, named)
        given += [parameter._array for parameter in self._parameters]
        gradients = [parameter._grad for parameter in self._gradients]
        if not all(map(is_, gradients, self._owned)):
            gradients = [self._own(i, one) for i, one in enumerate(self._gradients)]
        given += gradients
        if self._readers:
            given += [read() for read in self._readers]
        if self._scalars:
            scalars = self.program.optimizer.scalars(advance=True)
            given += [np.array(scalars[name], self._dtype) for name in self._scalars]
        result = step(*given)
        if self._touched:
            now = tick()
            for one in self._touched:
                one._stamp = now
        return result

    def compare(self, expected: Any, result: Any) -> None:
        """Hold results, gradients and what was written against the eager numbers."""
        r = self.built.recording
        results = [one for _, one in trees.leaves(result)]
        kept = [one for _, one in trees.leaves(r.tree)]
        got = [one for one, leaf in zip(results, kept, strict=True) if isinstance(leaf, Symbol)]
        gradients = [parameter._grad for parameter, _ in r.gradients]
        written = [_state(target) for target, _ in [*r.effects, *r.updates]]
        names = [f"result {i}" for i in range(len(got))]
        names += [f"the gradient of {p.name or 'a parameter'}" for p, _ in r.gradients]
        names += [
            f"what it writes into {self.built.plan.name[t]}" for t, _ in [*r.effects, *r.updates]
        ]
        wanted = [one for group in expected for one in group]
        for name, have, want in zip(names, [*got, *gradients, *written], wanted, strict=True):
            if not _agree(have, want, self._tolerance):
                raise RuntimeError(
                    f"compile: {name} differs from what the eager engine computes "
                    f"({_difference(have, want)}). The function may depend on something that "
                    "changes between calls and is no argument, parameter or generator of an op: "
                    "pass it as an argument. The program is in program.source."
                )

    # -- what a file needs -------------------------------------------------------------------

    def arrays(self) -> dict[str, Any]:
        """The arrays that the program reads or writes at each call, by name."""
        held = [one for one in self.built.inputs if one.kind in ("parameter", "state")]
        return {self.built.plan.name[one]: np.asarray(_state(one)) for one in held}

    def views(self) -> dict[str, str]:
        """The parameters and gradients that are parts of a flat array, and which."""
        names, found = self.built.plan.name, {}
        inputs = {one.source: one for one in self.built.inputs if one.kind == "parameter"}
        for one in self._states:
            if isinstance(one.source, Held) and one.source.what in ("data", "gradient"):
                start, prefix = 0, "" if one.source.what == "data" else "d_"
                for parameter in one.source.piece.parameters:
                    stop = start + parameter.size
                    sizes = ", ".join(map(str, parameter.shape)) or "()"
                    part = f"{names[one]}[{start}:{stop}].reshape({sizes})"
                    found[prefix + names[inputs[parameter]]] = part
                    start = stop
        return found

    def gradient_arrays(self) -> list[tuple[str, Any, Any]]:
        """Name, shape and dtype of the arrays that gradients are written into."""
        names = self.built.gradient_names()
        return [(names[one], one.shape, one.dtype) for one in self._gradients]

    def generators(self) -> list[tuple[str, Any]]:
        """The generators that the function closes over."""
        inputs = [one for one in self.built.inputs if one.kind == "generator"]
        return [(self.built.plan.name[o], o.source) for o in inputs if type(o.source) is not int]

    def parts(self) -> tuple[list[str], list[str], dict[str, float]]:
        """What a caller gives, what the program has, and the numbers of the next step."""
        names, inputs = self.built.plan.name, self.built.inputs
        given = [names[one] for one in inputs if type(one.source) is int]
        scalars = self.program.optimizer.scalars() if self._scalars else {}
        rest = [one for one in self.built.arguments() if one not in {*given, *scalars}]
        return given, rest, scalars

    # -- collecting --------------------------------------------------------------------------

    def _collected(self, args: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        """The arrays and generators that the call gives, in the order of the program's inputs."""
        found: Any = args
        if self.simple is not None and self._in_order:
            return list(args)
        if self.simple is None:
            found = [one for _, one in trees.leaves([*args, *dict(sorted(named.items())).values()])]
            found = [one._array if isinstance(one, Value) else one for one in found]
        return [found[place] if type(place) is int else place for place in self._places]

    def _own(self, i: int, parameter: Value) -> Any:
        """The array that a parameter owns for its gradient."""
        owner = getattr(self.program.optimizer, "gradient_of", None)
        g = owner(parameter) if owner is not None else parameter._grad
        fits = type(g) is np.ndarray and g.flags.c_contiguous and g.flags.writeable
        if not fits or g.dtype != parameter.dtype:
            g = np.empty(parameter.shape, parameter.dtype)
        parameter._grad = self._owned[i] = g
        parameter.has_grad = True
        return g


def _state(one: Input) -> Any:
    """The array that a state holds at this moment."""
    return _reader(one)()


def _reader(one: Input) -> Callable[[], Any]:
    """What gives the array that a state, or a parameter, holds at the moment of a call."""
    source = one.source
    return source.reader() if isinstance(source, Held) else partial(getattr, source, "_array")


def _touched(built: Built) -> list[Value]:
    """The Values that the program writes; those of shape () get an array to write into."""
    r, found = built.recording, []
    for target, _ in [*r.effects, *r.updates]:
        held = target.source.parameters if isinstance(target.source, Held) else (target.source,)
        found += list(held)
    for one in found:
        _ = one.data
    return found


def _checked(parameters: Iterable[Value]) -> list[Value]:
    found = list(parameters)
    for one in found:
        if not isinstance(one, Value):
            raise TypeError(
                f"compile: parameters holds {type(one).__name__} {one!r:.40}. Pass Values, for "
                "example model.parameters()."
            )
        if one.op is not None or not one.requires_grad:
            what = f"a Value that {one.op.name} made" if one.op is not None else "a constant"
            raise ValueError(
                f"compile: parameters holds {what} of shape {one.shape}. Pass leaves with "
                "requires_grad=True."
            )
    if len(set(found)) < len(found):
        raise ValueError("compile: parameters names a Value twice. Pass each once.")
    return found


def _signature(args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What decides which program fits: shapes and dtypes, and Python objects themselves."""
    key: list[Any] = [len(args)]
    for path, one in trees.leaves([*args, dict(sorted(named.items()))]):
        if isinstance(one, (np.ndarray, np.generic, Value)):
            key.append((path, type(one).__name__, one.shape, one.dtype))
        elif type(one) is float or isinstance(one, np.random.Generator):
            key.append((path, type(one).__name__))
        else:
            try:
                hash(one)
            except TypeError as error:
                raise CannotCompile(
                    f"compile: argument{path} is {type(one).__name__}, which cannot be told from "
                    "others. Pass arrays, Values, numbers, strings, or nestings of them."
                ) from error
            key.append((path, type(one), one))
    return tuple(key)


def _simple(args: tuple[Any, ...], named: dict[str, Any]) -> list[Any] | None:
    """Shapes and dtypes, for a call with nothing but arrays by position."""
    if named or any(type(one) is not np.ndarray for one in args):
        return None
    return [(one.shape, one.dtype) for one in args]


def _names(f: Any, args: tuple[Any, ...]) -> list[str]:
    """What the function calls its arguments."""
    try:
        target = getattr(f, "forward", f)  # of a module
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*names, *(f"x{i}" for i in range(len(names), len(args)))]


def _known(f: Any) -> dict[int, str]:
    """What arrays and Values are called where the function was written."""
    code = getattr(f, "__code__", None)
    if code is None:
        return {}
    cells = zip(code.co_freevars, f.__closure__ or (), strict=True)
    known = {name: cell.cell_contents for name, cell in cells}
    known |= {name: f.__globals__[name] for name in code.co_names if name in f.__globals__}
    return {id(one): name for name, one in known.items() if isinstance(one, (np.ndarray, Value))}


def _title(f: Any) -> str:
    """The first line of the program's docstring."""
    import os

    from .._version import __version__

    name = getattr(f, "__qualname__", type(f).__name__)
    code = getattr(f, "__code__", None)
    where = f", {os.path.basename(code.co_filename)}:{code.co_firstlineno}" if code else ""
    return f"Recorded from {name}{where} by micrograd-core {__version__}, for"


def _agree(have: Any, want: Any, tolerance: float) -> bool:
    """Whether two arrays are equal but for rounding, measured by their largest number."""
    have, want = np.asarray(have), np.asarray(want)
    if have.shape != want.shape or have.dtype != want.dtype:
        return False
    if have.dtype.kind != "f" or not have.size:
        return bool(np.array_equal(have, want))
    finite = np.isfinite(want)
    if not np.array_equal(have[~finite], want[~finite], equal_nan=True):
        return False
    largest = np.abs(want[finite]).max(initial=0.0)
    return bool((np.abs(have[finite] - want[finite]) <= tolerance * (1e-2 + largest)).all())


def _difference(have: Any, want: Any) -> str:
    have, want = np.asarray(have), np.asarray(want)
    if have.shape != want.shape or have.dtype != want.dtype:
        return f"{have.dtype} {have.shape} instead of {want.dtype} {want.shape}"
    return f"by up to {np.nanmax(np.abs(have - want)):.3g}" if have.dtype.kind == "f" else "values"
