"""What does a transform do with a call of its function?

``record`` calls the function with Values in place of some arguments, and keeps what went in and
what came out: a ``Run``. From that, ``transforms`` and ``derivatives`` compute theirs. The checks
of what users pass, and of what their functions return, stand here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from . import trees
from .modes import changed
from .value import STATE, Value, plain

Function = Callable[..., Any]


class Run(NamedTuple):
    """A call of the function that is transformed: what went in as Values, and what came out."""

    out: Any  # the result, its numbers as Values
    aux: Any  # what else the function returned
    chosen: Any  # the arguments with respect to which to differentiate, as the caller gave them
    inputs: list[Value]  # their leaves
    differentiable: bool  # whether the caller gets Values

    @property
    def outputs(self) -> list[Value]:
        """The leaves of the result."""
        return [one for _, one in trees.leaves(self.out)]

    def nested(self, found: Iterable[Any]) -> Any:
        """One thing for each input, nested as the arguments are."""
        return trees.filled(self.chosen, iter(found))

    def handed(self, tree: Any) -> Any:
        """A nesting as the caller gets it: with Values, or with arrays instead."""

        def leaf(one: Any) -> Any:
            return own_copy(one._bare) if isinstance(one, Value) else one

        return tree if self.differentiable else trees.mapped(leaf, tree)


def record(
    name: str,
    f: Function,
    argnums: int | tuple[int, ...],
    args: Sequence[Any],
    kwargs: dict[str, Any] | None = None,
    has_aux: bool = False,
) -> Run:
    """Call ``f`` with Values of its own where ``argnums`` says; ``name`` is the transform."""
    numbers = argnums if isinstance(argnums, tuple) else (argnums,)
    if not all(-len(args) <= n < len(args) for n in numbers):
        got = f"{name}(argnums={argnums}) of a call with {len(args)} arguments"
        raise ValueError(f"{got}. Count from 0, and pass by position what argnums names.")
    if len({n % len(args) for n in numbers}) < len(numbers):
        raise ValueError(f"{name}(argnums={argnums}) names an argument twice. Name it once.")
    kwargs, inputs, arguments = kwargs or {}, list[Value](), list(args)
    differentiable = STATE.get().transforming or holds_value([*args, *kwargs.values()])
    for n in numbers:
        made = [
            _own(name, f"argument {n % len(args)}{path}", leaf)
            for path, leaf in trees.leaves(args[n])
        ]
        arguments[n] = trees.filled(args[n], iter(made))
        inputs += made
    with changed(recording=True, transforming=True):
        out, aux = f(*arguments, **kwargs), None
    if has_aux:
        if not isinstance(out, tuple) or len(out) != 2:
            raise TypeError(
                f"{name}(has_aux=True): the function returned {trees.form(out)}. Return a pair, "
                "(result, aux)."
            )
        out, aux = out
    out = trees.mapped(partial(_result, name), out)
    chosen = tuple(args[n] for n in numbers) if isinstance(argnums, tuple) else args[argnums]
    return Run(out, aux, chosen, inputs, differentiable)


def own_copy(array: Any) -> Any:
    """A copy that the caller may keep; the symbol of an array is nobody's to change."""
    return array if hasattr(array, "recorder") else np.array(array)


def check_function(name: str, f: Any, argnums: Any = 0) -> None:
    if not callable(f):
        raise TypeError(f"{name} of {type(f).__name__} {f!r:.40}. Pass a function.")
    numbers = argnums if isinstance(argnums, tuple) else (argnums,)
    if not numbers or not all(type(n) is int for n in numbers):
        raise TypeError(f"{name}(argnums={argnums!r}). Pass a whole number, or a tuple of them.")


def one_element(name: str, out: Any) -> Value:
    """The result of a function that has a gradient."""
    if not isinstance(out, Value):
        raise TypeError(f"{name}: the function returned {type(out).__name__}. Return one Value.")
    if out.size != 1:
        raise ValueError(
            f"{name}: the function returned shape {out.shape}. Reduce it to one element, with "
            ".sum() or .mean(); jacobian gives the derivative of each."
        )
    return out


def weighted(outputs: Sequence[Value], weights: Sequence[Any]) -> Value:
    """The sum of ``weights * outputs``, whose gradient is the share of them all."""
    with changed(recording=True):
        parts = [(one * w).sum() for one, w in zip(outputs, weights, strict=True)]
        return sum(parts[1:], parts[0]) if parts else Value(0.0, requires_grad=False)


def beside(name: str, what: str, whose: str, tree: Any, given: Any) -> list[Any]:
    """The leaves of ``given``, which has to have the nesting and the shapes of a tree of Values."""
    found = []
    for path, one, leaf in trees.aligned(tree, given, f"{name}: {what}"):
        array = leaf if isinstance(leaf, Value) else plain(leaf)
        if array.dtype.kind not in "fiub":
            got = f"{what}{path} is {type(leaf).__name__} {leaf!r:.40}"
            raise TypeError(f"{name}: {got}. Pass real numbers.")
        if array.shape != one.shape:
            got = f"{what}{path} has shape {array.shape}, but {whose} {one.shape}"
            raise ValueError(f"{name}: {got}. Pass an array of that shape.")
        found.append(array if isinstance(array, Value) else array.astype(one.dtype))
    return found


def holds_value(tree: Any) -> bool:
    """Whether there is a Value in a nesting."""
    return any(isinstance(leaf, Value) for _, leaf in trees.leaves(tree))


def _own(name: str, where: str, given: Any) -> Value:
    """A Value that only this call of the function knows."""
    if isinstance(given, Value):
        if not given.requires_grad:
            return Value(given._bare, given.name)
        with changed(recording=True):
            node: Value = +given  # f may use `given` elsewhere too
        node.name = given.name
        return node
    try:
        return Value(given)
    except (TypeError, ValueError) as error:
        got = f"{where} is {type(given).__name__} {given!r:.40}"
        raise TypeError(f"{name}: {got}. Pass real numbers, as float64 or float32.") from error


def _result(name: str, leaf: Any) -> Value:
    """A leaf of what the function returned; a number is a constant."""
    if isinstance(leaf, Value):
        return leaf
    if not isinstance(leaf, (int, float, np.generic, np.ndarray)) and not hasattr(leaf, "recorder"):
        got = f"{name}: the function returned {type(leaf).__name__}"
        raise TypeError(f"{got}, not a Value. Compute its result from its arguments.")
    return Value(leaf, requires_grad=False)
