"""Which steps does a program not need?

The steps are made anew, in order, out of their inputs' new versions. On the way each is offered to
the rewrites of its function (``rewrites``); then, if the same step was made before, that one is
taken (common subexpressions); last, what no result needs is dropped (dead code). Draws of random
numbers are neither merged nor dropped: each moves its generator on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .draws import draw
from .recorder import Input, leaves, mapped
from .recording import Recording
from .symbol import Symbol

COMPARISONS = {np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal}
CALCULATIONS = {np.add, np.subtract, np.multiply}
SHORT = 1500  # numbers


class Simplifier:
    """Makes steps, each once."""

    def __init__(self) -> None:
        self.steps: list[Symbol] = []
        self.known: dict[Any, Symbol] = {}
        self.changes: dict[str, int] = {}  # how often each rewrite applied

    def make(
        self, function: Any, args: Any, settings: Any, like: tuple[Any, Any], note: Any
    ) -> Symbol:
        """A step, or a simpler one that computes the same, or the same one made before."""
        from .rewrites import REWRITES

        step = Symbol.made(function, tuple(args), settings, like, note)
        for rewrite in REWRITES.get(function, ()):
            simpler = rewrite(self, step)
            if simpler is not None:
                name = rewrite.__name__
                self.changes[name] = self.changes.get(name, 0) + 1
                return simpler
        key = None if function is draw else (function, _key(step.args), _key(settings))
        if key is not None and key in self.known:
            return self.known[key]
        if key is not None:
            self.known[key] = step
        self.steps.append(step)
        return step

    def constant(self, one: Input) -> Symbol:
        """The same constant for the same numbers."""
        value = np.asarray(one.value)
        key = ("constant", str(value.dtype), value.shape, hash(value.tobytes()))
        found = self.known.setdefault(key, one)
        return (
            found if np.array_equal(found.value, value, equal_nan=value.dtype.kind == "f") else one
        )

    def ones(self, count: int, dtype: Any) -> Symbol:
        """A constant of ones."""
        return self.constant(Input(None, "constant", "", None, np.ones(count, dtype)))

    def find(self, function: Any, *args: Any) -> Symbol | None:
        """A step without settings, if it was made before."""
        return self.known.get((function, _key(args), _key({})))


def simplify(recording: Recording) -> Recording:
    """The same recording with fewer and cheaper steps."""
    simplifier, new = Simplifier(), dict[Symbol, Symbol]()
    for one in recording.inputs:
        new[one] = simplifier.constant(one) if one.is_constant else one

    def renewed(tree: Any) -> Any:
        return mapped(lambda one: new.get(one, one) if isinstance(one, Symbol) else one, tree)

    for step in recording.steps:
        note = step.note._replace(target=renewed(step.note.target))
        like = (step.shape, step.dtype)
        new[step] = simplifier.make(
            step.function, renewed(step.args), renewed(step.settings), like, note
        )
    results = renewed(recording.results)
    gradients = [(p, new[g]) for p, g in recording.gradients]
    effects = [(target, new[s]) for target, s in recording.effects]
    updates = [(target, new[s]) for target, s in recording.updates]
    wanted = [*results, *(s for _, s in [*gradients, *effects, *updates])]
    steps = needed(simplifier.steps, wanted)
    kept = [one for one in recording.inputs if one.kind in ("argument", "parameter")]
    rest = dict.fromkeys(one for step in steps for one in symbols_of(step)) | dict.fromkeys(wanted)
    targets = [one for one, _ in [*effects, *updates]]
    inputs = list(dict.fromkeys([*kept, *targets, *(o for o in rest if isinstance(o, Input))]))
    _masks_as_numbers(steps, wanted)
    names = {new[symbol]: name for symbol, name in recording.names.items() if symbol in new}
    return recording._replace(
        inputs=inputs,
        steps=steps,
        tree=renewed(recording.tree),
        results=results,
        gradients=gradients,
        effects=effects,
        updates=updates,
        names=names,
    )


def needed(steps: list[Symbol], wanted: list[Symbol]) -> list[Symbol]:
    """The steps without which something wanted could not be computed, in order."""
    used = set(wanted)
    for step in reversed(steps):
        if step in used or step.function is draw:
            used.add(step)
            used.update(symbols_of(step))
    return [step for step in steps if step in used]


def _masks_as_numbers(steps: list[Symbol], wanted: list[Symbol]) -> None:
    """Let a small mask that is only calculated with hold 0.0 and 1.0 instead of truth values.

    NumPy converts a mask each time that it meets numbers. In a short array that costs more than to
    write the numbers at once; in a long one less, since truth values are compared faster.
    """
    readers: dict[Symbol, list[Symbol]] = {}
    for step in steps:
        for one in symbols_of(step):
            readers.setdefault(one, []).append(step)
    kept = set(wanted)
    for step in steps:
        if step.function in COMPARISONS and step.shape and step.size <= SHORT and step not in kept:
            kinds = {one.dtype for one in readers[step]}
            calculated = all(one.function in CALCULATIONS for one in readers[step])
            if calculated and len(kinds) == 1 and next(iter(kinds)).kind == "f":
                (step.dtype,) = kinds


def symbols_of(step: Symbol) -> list[Symbol]:
    """The symbols that a step reads, in order, one as often as it is read."""
    return [one for one in leaves((step.args, step.settings)) if isinstance(one, Symbol)]


def _key(tree: Any) -> Any:
    """What tells arguments apart: symbols by identity, Python objects by type and text."""
    if isinstance(tree, Symbol):
        if isinstance(tree, Input) and tree.is_constant and not tree.shape:
            return ("constant", str(tree.dtype), repr(tree.value))
        return id(tree)
    if type(tree) is dict:
        return tuple((name, _key(one)) for name, one in sorted(tree.items()))
    if type(tree) is slice:
        return ("slice", _key((tree.start, tree.stop, tree.step)))
    if isinstance(tree, (tuple, list)):
        return (type(tree).__name__, *map(_key, tree))
    if isinstance(tree, np.ndarray):
        return id(tree)
    return (type(tree).__name__, repr(tree))
