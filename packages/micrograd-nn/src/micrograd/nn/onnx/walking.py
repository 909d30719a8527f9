"""Which calls of ops lie between the inputs and the outputs, and are they the same in two passes?

What a file holds is one graph. Where two forward passes went different ways, or used arrays that
are different and that no op made, the model decided by its numbers, and is refused.
"""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

import numpy as np

from micrograd.engine import Value

from .table import CannotExport

Pair = tuple[Any, Any]  # the same thing in the first and in the second pass


class Step(NamedTuple):
    """One call of an op, in both passes."""

    op: Any
    scope: str
    settings: dict[str, Any]
    parents: tuple[Pair, ...]  # Values, or a pair of None where the operand is none
    inputs: tuple[Pair, ...]  # the operands' arrays
    results: dict[int, Pair]  # by position, those that somebody uses


class Watch:
    """Sees every call of an op, those too that need no gradient and so leave no graph."""

    def __init__(self) -> None:
        self.operands: dict[int, tuple[Any, ...]] = {}  # by the id of the call
        self._kept: list[Any] = []  # an id is that of one object while that is there

    def after_forward(self, op: Any, operands: Any, out: Any, result: Any) -> None:
        """Remember what a call was given."""
        call = (result[0] if isinstance(result, tuple) else result).call
        self._kept.append(call)
        self.operands[id(call)] = tuple(operands)

    def before_rule(self, node: Any, position: int) -> None:
        """A rule runs on Values: what it calls is seen like any op."""

    def after_rule(self, node: Any, position: int, gradient: Any) -> None:
        """Nothing to do."""

    def made(self, value: Value) -> bool:
        """Whether an op made a Value in this pass."""
        return id(value.call) in self.operands


class Pass(NamedTuple):
    """One forward pass: what went in, what came out, and what was called."""

    given: list[Any]  # Values, or arrays of whole numbers
    outputs: list[Value]
    watch: Watch


def walk(first: Pass, second: Pass) -> tuple[dict[int, Step], list[Pair]]:
    """Every call between the inputs and the outputs, what it needs before it; and the outputs."""
    if len(first.outputs) != len(second.outputs):
        raise CannotExport(
            f"export_onnx: the model returned {len(first.outputs)} results for one batch and "
            f"{len(second.outputs)} for another. Let the number of results be fixed."
        )
    outputs = list(zip(first.outputs, second.outputs, strict=True))
    steps: dict[int, Step] = {}
    stack = [(pair, False) for pair in reversed(outputs)]
    while stack:
        (one, two), ready = stack.pop()
        if not first.watch.made(one) and not second.watch.made(two):
            continue
        call = one.call
        if id(call) not in steps:
            given = _operands(one, two, first.watch, second.watch)
            if not ready:
                values = [pair for pair in given if isinstance(pair[0], Value)]
                stack += [((one, two), True), *((pair, False) for pair in reversed(values))]
                continue
            parents = tuple(p if isinstance(p[0], Value) else (None, None) for p in given)
            inputs = tuple((_plain(p), _plain(q)) for p, q in given)
            scope = one.scope or call.scope
            steps[id(call)] = Step(one.op, scope, call.settings, parents, inputs, {})
        steps[id(call)].results[position(one)] = (one, two)
    return steps, outputs


def _operands(one: Value, two: Value, first: Watch, second: Watch) -> list[Pair]:
    """What a call was given in both passes; refused if the two are different graphs."""
    given = [w.operands.get(id(v.call)) for v, w in ((one, first), (two, second))]
    told = [
        "a constant" if g is None else f"{v.op.name} of {len(g)}"
        for v, g in zip((one, two), given, strict=True)
    ]
    kinds = [[isinstance(x, Value) for x in g or ()] for g in given]
    if given[0] is None or given[1] is None or one.op is not two.op or kinds[0] != kinds[1]:
        raise CannotExport(
            f"export_onnx: the model computes another graph for another input: {told[0]} for one, "
            f"{told[1]} for the other{f' (in {one.scope})' * bool(one.scope)}. A file holds one "
            "graph, and no if may look at numbers. If a loop runs along the first axis, name the "
            "axis of the samples by batch_axis=, build the layer with batch_first=True, or fix it "
            "by batch_axis=None."
        )
    return list(zip(*given, strict=True))


def steady(steps: dict[int, Step], second: Pass, third: Pass) -> None:
    """Refuse what is other for other numbers and is not computed by ops: a mask, an order."""
    given = {id(one) for one in (*second.given, *third.given)}
    numbers = [
        p for p in zip(second.given, third.given, strict=True) if not isinstance(p[0], Value)
    ]
    for step in steps.values():
        for parent, pair in zip(step.parents, step.inputs, strict=True):
            made = parent[0] is not None and second.watch.made(parent[0])
            one, two = np.asarray(pair[0]), np.asarray(pair[1])
            if made or id(parent[0]) in given or same(one, two):
                continue
            if not any(holds(one, x) and holds(two, y) for x, y in numbers):
                refuse_outside(
                    f"export_onnx: {step.op.told()}" + f" in {step.scope}" * bool(step.scope)
                )


def refuse_outside(where: str) -> NoReturn:
    """What a file could only repeat as it was for the example."""
    raise CannotExport(
        f"{where} uses an array that was computed from the input outside of the graph (a "
        "comparison, np.isnan, an order, .data, a draw), and a file would keep that of the "
        "example. Compute it by ops that give Values: np.maximum, np.clip or relu in place of a "
        "mask. Or give it to the model as an input of its own: example=(x, mask)."
    )


def same(one: np.ndarray, two: np.ndarray) -> bool:
    """Whether two arrays are the same, nan for nan."""
    if one.shape != two.shape or one.dtype != two.dtype:
        return False
    return bool(np.array_equal(one, two, equal_nan=one.dtype.kind == "f"))


def holds(array: np.ndarray, given: np.ndarray) -> bool:
    """Whether an array holds the numbers of an input, in any shape and dtype."""
    if array.size != given.size:
        return False
    return array is given or bool(np.array_equal(array.ravel(), given.ravel()))


def _plain(operand: Any) -> Any:
    return operand.data if isinstance(operand, Value) else operand


def position(value: Value) -> int:
    """Which result of its call a Value is."""
    return int(value.settings["position"]) if value.call is not value else 0
