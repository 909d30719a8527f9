"""How is a call of a function written down?

The recorder calls the function once, with symbols in place of arrays. While it runs, every op asks
the recorder to run its forward (``Op.apply``), and so nothing that a Value holds is touched, and no
other thread sees anything: the recorder is part of the state that each thread has for itself. What
NumPy is asked to do becomes a list of steps; then the rules run on the same symbols and lengthen
it by the backward pass.

Every step is also computed, once, on the arrays of this call. That tells its shape and dtype
whatever the function is, and gives the numbers with which the program's first run is compared.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import getitem
from typing import Any

import numpy as np

from ..ops import indexing, kernels
from ..value import STATE, Value, tick
from .draws import Draws, draw
from .notes import Note, first_line
from .refusal import refuse, refuse_writing, told
from .symbol import Symbol

KERNELS = {getattr(kernels, name).op for name in kernels.__all__}
GETITEM = indexing._getitem.op
NUMBERS = (bool, int, float, np.generic)

DATA_DECIDES_THE_SHAPE = {
    *(np.nonzero, np.flatnonzero, np.argwhere, np.extract, np.compress, np.unique),
    *(np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values, np.trim_zeros),
    *(np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d, np.bincount),
}
WRITING = {np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal}
PYTHONS = {np.add, np.subtract, np.multiply, np.divide, np.power, np.negative}
# Their result shows the operand's memory, and rewrites and the plan know that.
SHOWING = {
    *(np.reshape, np.transpose, np.broadcast_to, np.expand_dims, np.squeeze, np.ravel, np.flip),
    *(np.swapaxes, np.moveaxis, np.matrix_transpose, np.lib.stride_tricks.sliding_window_view),
    *(getitem, np.array),
}
FILLED = {np.zeros_like, np.ones_like, np.empty_like}


class Input(Symbol):
    """A symbol that no step makes: what the program is given when it is called, or a constant.

    ``kind`` is argument, parameter, state (a Value, or an optimizer's array, that is read and
    perhaps written at each call), scalar, generator or constant; ``source`` is the object.
    """

    __slots__ = ("kind", "name", "source")

    def __init__(self, recorder: Any, kind: str, name: str, source: Any, value: Any) -> None:
        super().__init__(recorder, None, (), {}, value, Note())
        self.kind, self.name, self.source = kind, name, source

    is_constant = property(lambda self: self.kind == "constant")


class Recorder:
    """Writes down what NumPy is asked to do with symbols."""

    def __init__(self, parameters: tuple[Value, ...] = ()) -> None:
        self.began = tick()
        self.parameters = set(parameters)
        self.steps: list[Symbol] = []
        self.inputs: list[Input] = []
        self.effects: dict[Value, tuple[Input, Symbol]] = {}  # what `assign` wants written
        self.nodes: list[Value] = []
        self.consulted: dict[tuple[int, str], tuple[Any, str, Any]] = {}  # see `consult`
        self.note = Note()
        self._leaves: dict[Value, Any] = {}  # the symbol for it
        self._constants: dict[int, Input] = {}
        self._generators: dict[int, Draws] = {}

    # -- what comes in -----------------------------------------------------------------------

    def input(self, kind: str, name: str, source: Any, value: Any) -> Input:
        """A new input."""
        made = Input(self, kind, name, source, value)
        self.inputs.append(made)
        return made

    def constant(self, value: Any, source: Any = None) -> Input:
        """A constant; the same one for the same array."""
        source = value if source is None else source
        if id(source) not in self._constants:
            copied = np.array(value)[()] if isinstance(value, np.ndarray) else value
            self._constants[id(source)] = self.input("constant", "", source, copied)
        return self._constants[id(source)]

    def bare(self, value: Value) -> Any:
        """What ops see of a Value: of a leaf from before a symbol, of others what they hold."""
        if value in self._leaves:
            return self._leaves[value]
        if value._stamp > self.began and value not in self.parameters:
            return value._array  # the function made it
        if value._op is not None and value.requires_grad:
            refuse(
                f"the function uses a Value that {value._op.name} made before",
                "Compute it inside the function, or detach() it, so that it is a constant.",
            )
        if value._op is not None:
            return self.constant(value._array, value)
        kind = "parameter" if value in self.parameters else "state"
        symbol = self.input(kind, value.name, value, value._array)
        self._leaves[value] = symbol
        return symbol

    def assign(self, value: Value, new: Any) -> None:
        """Write into a leaf from before when the program ends; here, read the new numbers."""
        before = self.bare(value)
        target = self.effects[value][0] if value in self.effects else before
        symbol = new if isinstance(new, Symbol) else self.constant(np.asarray(new))
        if symbol.shape != before.shape:
            raise ValueError(
                f"assign: the target has shape {before.shape}, but the numbers {symbol.shape}. "
                "Reduce or reshape them."
            )
        symbol = symbol.astype(before.dtype)
        self.effects[value] = (target, symbol)
        self._leaves[value] = symbol

    def refuse_backward(self) -> None:
        """A program computes gradients by itself."""
        refuse(
            "the function calls backward()",
            "Return the loss, and name its parameters: the program sets their gradients. Inside, "
            "use gradients() or grad().",
        )

    def generator(self, real: np.random.Generator, place: Any = None) -> Draws:
        """What stands for a random generator: its draws become steps."""
        if id(real) not in self._generators:
            source = real if place is None else place
            symbol = self.input("generator", "rng", source, copy.deepcopy(real))
            self._generators[id(real)] = Draws(symbol)
        return self._generators[id(real)]

    # -- what ops and NumPy ask --------------------------------------------------------------

    def forward(self, op: Any) -> Callable[..., Any]:
        """What an op runs instead of its forward."""

        def noted(*inputs: Any, **settings: Any) -> Any:
            settings = {
                name: self.generator(one) if isinstance(one, np.random.Generator) else one
                for name, one in settings.items()
            }
            if op is GETITEM and isinstance(inputs[0], np.ndarray) and holds_symbol(inputs):
                inputs = (self.constant(inputs[0]), *inputs[1:])  # an array knows no symbols
            note = Note("op", op.name, STATE.get().scope, maths=first_line(op.forward))
            with self.noting(note):
                if (op.opaque or op in KERNELS) and holds_symbol((inputs, settings)):
                    return self.record(op.forward, inputs, settings)
                return op.forward(*inputs, **settings)

        return noted

    def after_forward(self, op: Any, operands: Any, out: Any, result: Any) -> None:
        """Remember the node, to which the user may give a name later."""
        self.nodes += result if type(result) is tuple else (result,)

    def record(self, function: Any, args: Any, settings: dict[str, Any]) -> Any:
        """Write a step down, and give the symbol of its result, or of each result."""
        name = f"rng.{args[1]}" if function is draw else told(function)
        if function in WRITING or settings.get("out") is not None:
            refuse_writing(f"{name} writes into an array (+=, out=, .at)")
        self._check_shape(function, args)
        if function in FILLED:  # only the shape and the dtype of the symbol count
            return function(*self.numbers(args), **self.numbers(settings))
        args, settings = mapped(self._taken, tuple(args)), mapped(self._taken, settings)
        # ** takes √x for x**0.5; np.power of older NumPys does not
        run = pow if function is np.power and not settings else function
        value = run(*self.numbers(args), **self.numbers(settings))
        if function in PYTHONS and all(type(o) in (int, float) for o in self.numbers(args)):
            value = float(value)  # as Python has it: a number that bends to any array's dtype
        shown = function not in SHOWING and self._shown(value, (args, settings))
        if isinstance(value, (tuple, list)):
            whole = self._step(function, args, settings, tuple(value))
            items = [self._step(item, (whole, i), {}, one) for i, one in enumerate(value)]
            items = [self.record(np.array, (one,), {}) for one in items] if shown else items
            if isinstance(value, list):
                return items
            return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
        if (
            not isinstance(value, (np.ndarray, *NUMBERS))
            or np.asarray(value).dtype.kind not in "fiub"
        ):
            got = getattr(value, "dtype", type(value).__name__)
            refuse(f"{name} returned {got}", "Compute it outside of the function.")
        given = [one for one in leaves((args, settings)) if isinstance(one, Symbol)]
        if all(one.is_constant for one in given) and function not in (np.broadcast_to, draw):
            return self.constant(value, object()) if np.ndim(value) else self.constant(value)
        made = self._step(function, args, settings, value)
        return self.record(np.array, (made,), {}) if shown else made

    def _shown(self, value: Any, given: Any) -> bool:
        """Whether a result shows memory of an operand, which then must not be used again."""
        arrays = [one for one in leaves(self.numbers(given)) if isinstance(one, np.ndarray)]
        return any(np.may_share_memory(one, other) for one in leaves(value) for other in arrays)

    def numbers(self, tree: Any) -> Any:
        """The arrays that the symbols in a nesting stood for."""
        return mapped(lambda one: one.value if isinstance(one, Symbol) else one, tree)

    @contextmanager
    def noting(self, note: Note) -> Iterator[None]:
        """Give steps a note, unless they are part of something that has one."""
        outer, self.note = self.note, self.note if self.note.kind else note
        try:
            yield
        finally:
            self.note = outer

    # `pull_any` tells about each rule, as it does to detect_anomaly
    def before_rule(self, node: Any, position: int) -> None:
        """Note the steps of a rule."""
        op = node._op
        target = node._parents[position]._bare
        maths = first_line(op.rules[min(position, len(op.rules) - 1)])
        self.note = Note("rule", op.name, node.scope, op.argument(position), maths, target)

    def after_rule(self, node: Any, position: int, gradient: Any) -> None:
        """The rule has run."""
        self.note = Note()

    def _step(self, function: Any, args: Any, settings: Any, value: Any) -> Symbol:
        made = Symbol(self, function, args, settings, value, self.note)
        self.steps.append(made)
        return made

    def _taken(self, one: Any) -> Any:
        if isinstance(one, np.ndarray):
            return self.constant(one)
        if isinstance(one, Value):
            return self.bare(one)
        return one

    def _check_shape(self, function: Any, args: Any) -> None:
        """Refuse what would have another shape for other numbers."""
        masks = [
            one
            for key in (args[1:] if function is getitem else ())
            for one in leaves(key)
            if isinstance(one, Symbol) and one.dtype == bool
        ]
        counted = function is np.repeat and any(isinstance(one, Symbol) for one in args[1:])
        alone = function is np.where and len(args) == 1
        if function in DATA_DECIDES_THE_SHAPE or masks or counted or alone:
            what = "x[mask]" if masks else told(function)
            refuse(
                f"the shape of {what} depends on the numbers",
                "Multiply by the mask or use np.where(mask, x, 0), which keep the shape, or choose "
                "outside and pass the result.",
            )


def item(results: tuple[Any, ...], position: int) -> Any:
    """One of several results, as a function."""
    return results[position]


def leaves(tree: Any) -> Iterator[Any]:
    """What stands innermost in a nesting of tuples, lists, dicts and slices."""
    if type(tree) is dict:
        tree = tree.values()
    elif type(tree) is slice:
        tree = (tree.start, tree.stop, tree.step)
    elif not isinstance(tree, (tuple, list)):
        yield tree
        return
    for one in tree:
        yield from leaves(one)


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same nesting with ``function(leaf)`` for each leaf."""
    if type(tree) is dict:
        return {key: mapped(function, one) for key, one in tree.items()}
    if type(tree) is slice:
        return slice(*(mapped(function, one) for one in (tree.start, tree.stop, tree.step)))
    if isinstance(tree, (tuple, list)):
        made = [mapped(function, one) for one in tree]
        return type(tree)(*made) if hasattr(tree, "_fields") else type(tree)(made)
    return function(tree)


def holds_symbol(tree: Any) -> bool:
    """Whether there is a symbol in a nesting."""
    return any(isinstance(one, (Symbol, Draws)) for one in leaves(tree))
