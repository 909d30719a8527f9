"""What does one call of a function become? A ``Recording``: inputs, steps, results.

``record`` calls the function with symbols, runs the rules from its first result, and lets the
optimizer say how the parameters change. What comes out is complete and unsimplified; ``simplify``
reads it next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from .. import trees
from ..backward import propagate
from ..modes import changed
from ..value import Value
from .notes import Note
from .recorder import Input, Recorder, first_line
from .refusal import CannotCompile, refuse
from .signature import argument_names
from .symbol import Symbol

PYTHON_OBJECTS = {str, bool, int, type(None)}  # that a result may hold
Effect = tuple[Input, Symbol]  # an array that the program writes, and what it writes there


class Held(NamedTuple):
    """An array that an optimizer holds: one of its own, or flat parameters or gradients."""

    piece: Any
    what: str

    @property
    def parameters(self) -> Any:
        """The parameters whose numbers the array holds."""
        return self.piece.parameters if self.what == "data" else ()

    @property
    def _array(self) -> Any:
        """The array of the moment, under the name that it has in a Value."""
        return (
            self.piece.slots[self.what]
            if self.what in self.piece.slots
            else getattr(self.piece, self.what)
        )


class Recording(NamedTuple):
    """A call, written down."""

    inputs: list[Input]
    steps: list[Symbol]
    tree: Any  # the result's nesting; its leaves are symbols, or Python objects that stay
    results: list[Symbol]  # the symbols among them, in order
    gradients: list[tuple[Value, Symbol]]
    effects: list[Effect]  # running statistics
    updates: list[Effect]  # what the optimizer writes
    names: dict[Symbol, str]  # what the user called the results of ops
    seen: list[Any]  # copies of the results', gradients' and effects' numbers in this call


def record(
    f: Any, args: Sequence[Any], named: dict[str, Any], parameters: Any, optimizer: Any
) -> Recording:
    """Write down a call of ``f`` with these arguments.

    ``parameters`` is None for a program without gradients.
    """
    recorder, places = Recorder(tuple(parameters or ())), count()
    given = [
        _argument(recorder, name, one, places)
        for name, one in zip(argument_names(f), args, strict=False)
    ]
    named = {name: _argument(recorder, name, one, places) for name, one in sorted(named.items())}
    state = {"bare": recorder.bare, "forward": recorder.forward, "watch": recorder}
    with changed(recording=True, scope="", **state), np.errstate(all="ignore"):
        out = _called(f, given, named, parameters or ())
        _check_keys(out)
        tree = trees.mapped(partial(_result, recorder), out)
        gradients = []
        if parameters is not None:
            loss = next((one for _, one in trees.leaves(out)), None)
            gradients = _backward(recorder, loss, list(parameters))
        updates = _updates(recorder, optimizer, gradients) if optimizer is not None else []
    effects = list(recorder.effects.values())
    names = {
        node._array: node.name
        for node in recorder.nodes
        if node.name and isinstance(node._array, Symbol)
    }
    results = [one for _, one in trees.leaves(tree) if isinstance(one, Symbol)]
    outputs = (results, [g for _, g in gradients], [s for _, s in [*effects, *updates]])
    seen = [[np.array(one.value) for one in group] for group in outputs]
    for step in (*recorder.steps, *recorder.inputs):
        step.recorder = None
        if not step.is_constant:
            step.value = None
    return Recording(
        recorder.inputs, recorder.steps, tree, results, gradients, effects, updates, names, seen
    )


def _called(f: Any, args: Any, named: dict[str, Any], parameters: Any) -> Any:
    """The function's result; if it raises, the gradients are those of before."""
    before = [(one, one._grad, one.has_grad) for one in parameters]
    try:
        return f(*args, **named)
    except BaseException:
        for one, grad, had in before:
            one._grad, one.has_grad = grad, had
        raise


def _argument(recorder: Recorder, name: str, given: Any, places: Iterator[int]) -> Any:
    """What the function gets for an argument: arrays and floats become symbols.

    The source of their inputs is their place among the leaves of all arguments.
    """

    def leaf(path: str, one: Any) -> Any:
        place = next(places)
        where = name + "".join(c if c.isalnum() else "_" for c in path).rstrip("_")
        if isinstance(one, Value):
            symbol = recorder.input("argument", one.name or where, place, one._array)
            return Value(symbol, one.name, requires_grad=False)
        if isinstance(one, np.random.Generator):
            return recorder.generator(one, place)
        if isinstance(one, (np.ndarray, np.generic)) or type(one) is float:
            return recorder.input("argument", where, place, one)
        return one

    made = (leaf(path, one) for path, one in trees.leaves(given))
    return trees.filled(given, made)


def _result(recorder: Recorder, leaf: Any) -> Any:
    """A leaf of what the function returned: a symbol, or a Python object that stays."""
    if isinstance(leaf, Value):
        leaf = recorder.bare(leaf)
    if isinstance(leaf, Symbol):  # Python's own number becomes NumPy's, as all results are
        return recorder.record(np.float64, (leaf,), {}) if type(leaf.value) is float else leaf
    if type(leaf) is float:
        leaf = np.float64(leaf)
    if isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind in "fiub":
        return recorder.constant(leaf)
    if type(leaf) in PYTHON_OBJECTS:
        return leaf
    raise CannotCompile(
        f"compile: the function returned {type(leaf).__name__}. Return Values, arrays and numbers, "
        "or lists, tuples and dicts of them."
    )


def _check_keys(tree: Any) -> None:
    """Refuse a key that a program could not write down."""
    inner = trees.children(tree) or {}
    for key, one in inner.items():
        if type(key) not in PYTHON_OBJECTS:
            raise CannotCompile(
                f"compile: the function returned a dict with the key {key!r:.40}. Return one whose "
                "keys are strings or whole numbers."
            )
        _check_keys(one)


def _backward(recorder: Recorder, loss: Any, parameters: list[Value]) -> Any:
    """The gradients of the first result."""
    if not isinstance(loss, Value) or loss.size != 1:
        got = f"shape {loss.shape}" if isinstance(loss, Value) else type(loss).__name__
        raise CannotCompile(
            f"compile: the first result has {got}, but gradients are those of one number. Return "
            "the loss first, reduced with .mean() or .sum(), or leave parameters out."
        )
    one = recorder.input("constant", "", None, np.ones(loss.shape, loss.dtype)[()])
    sums, _ = propagate(loss, one, parameters, keep=False, watch=recorder)
    if not any(isinstance(sums[parameter], Symbol) for parameter in parameters):
        raise CannotCompile(
            "compile: the loss does not depend on any parameter. Compute it from Values with "
            "requires_grad=True, outside of no_grad(), or leave parameters out."
        )
    gradients = []
    for parameter in parameters:
        recorder.bare(parameter)  # known to the program, even if the function did not use it
        g = sums[parameter]
        if not isinstance(g, Symbol):
            given = np.zeros(parameter.shape, parameter.dtype) if g is None else np.asarray(g)
            g = recorder.constant(np.broadcast_to(given, parameter.shape), object())
        gradients.append((parameter, g))
    return gradients


def _updates(recorder: Recorder, optimizer: Any, gradients: Any) -> list[Effect]:
    """What the optimizer writes into the parameters and its own arrays."""
    scalars = {
        name: recorder.input("scalar", name, name, number)
        for name, number in optimizer.scalars().items()
    }
    found = dict(gradients)
    taken = []
    for piece in optimizer.pieces():
        if any(parameter not in found for parameter in piece.parameters):
            refuse(
                "the optimizer has parameters that the program does not know",
                "Give compile the optimizer's own: compile(f, optimizer.params, optimizer=...).",
            )
        if piece.data is None:
            data = recorder.bare(piece.parameters[0])
            g = found[piece.parameters[0]]
        else:
            data = recorder.input("state", piece.name, Held(piece, "data"), piece.data)
            flat = np.concatenate([np.ravel(found[one].value) for one in piece.parameters])
            g = recorder.input("state", f"d_{piece.name}", Held(piece, "gradient"), flat)
        slots = {
            name: recorder.input("state", name, Held(piece, name), array)
            for name, array in piece.slots.items()
        }
        taken.append((piece, data, g, slots))
    recorder.note = Note("update", "clipping", maths=first_line(optimizer.clipped))
    used = optimizer.clipped([g for _, _, g, _ in taken], scalars)
    updates = []
    for (piece, data, _, slots), g in zip(taken, used, strict=True):
        recorder.note = Note("update", type(optimizer).__name__, maths=optimizer.maths)
        new = optimizer.updated(piece, data, g, slots, scalars)
        recorder.note = Note()
        updates += list(zip((*slots.values(), data), new, strict=True))
    return updates


__all__ = ["Effect", "Held", "Recording", "record"]
