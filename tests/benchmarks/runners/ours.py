"""micrograd: ops of the core alone, with nn, and compiled."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from case import Absent, Array, Case, Runner
from micrograd import engine
from micrograd.engine import Value, ops
from micrograd.nn import SGD


class CoreWords:
    """What the core has; the losses are written out, because it knows none."""

    linear = staticmethod(ops.linear)
    relu = staticmethod(ops.relu)
    tanh = staticmethod(ops.tanh)
    softmax = staticmethod(ops.softmax)
    swapaxes = staticmethod(ops.swapaxes)

    def mse(self, prediction: Any, target: Any) -> Any:
        return ops.square(prediction - target).mean()

    def cross_entropy(self, logits: Any, labels: Any) -> Any:
        return -ops.log_softmax(logits)[np.arange(len(labels)), labels].mean()


def _runner(step: Any, parameters: Sequence[Value]) -> Runner:
    def forget() -> None:
        for parameter in parameters:
            parameter.zero_grad()

    return Runner(
        step,
        lambda: [parameter.data for parameter in parameters],
        lambda: [parameter.grad for parameter in parameters],
        forget,
    )


def eager(case: Case) -> Runner:
    words, parameters, rate = CoreWords(), [Value(array) for array in case.parameters], case.rate

    def step() -> Value:
        loss: Value = case.loss(words, parameters, *case.data)
        for p in parameters:
            p.zero_grad()
        loss.backward(keep_inner=False)
        for p in parameters:
            p.data -= rate * p.grad
        return loss

    return _runner(step, parameters)


def nn(case: Case) -> Runner:
    if "micrograd" not in case.networks:
        raise Absent(f"{case.name}: written with ops alone; layers_time.py measures layers")
    parameters, loss_of = case.networks["micrograd"](case.parameters)
    optimizer = SGD(parameters, lr=case.rate)

    def step() -> Value:
        loss: Value = loss_of(*case.data)
        optimizer.zero_grad()
        loss.backward(keep_inner=False)
        optimizer.step()
        return loss

    return _runner(step, parameters)


def written(case: Case) -> tuple[list[Value], Any]:
    """The parameters of a case, and its loss: through nn, if it has the layers."""
    if "micrograd" in case.networks:
        return case.networks["micrograd"](case.parameters)
    words, parameters = CoreWords(), [Value(array) for array in case.parameters]
    return parameters, lambda *data: case.loss(words, parameters, *data)


def compiled(case: Case) -> Runner:
    parameters, loss_of = written(case)
    return _program(case, parameters, loss_of, SGD(parameters, lr=case.rate))


def compiled_flat(case: Case) -> Runner:
    if "flat" not in inspect.signature(SGD).parameters:
        raise Absent("micrograd.nn.SGD has no flat=True yet")
    parameters, loss_of = written(case)
    flat: dict[str, Any] = {"flat": True}
    return _program(case, parameters, loss_of, SGD(parameters, lr=case.rate, **flat))


def compiler() -> Any:
    """``micrograd.engine.compile``, if this micrograd has it."""
    if not hasattr(engine, "compile"):
        raise Absent("micrograd.engine has no compile yet")
    if "optimizer" not in inspect.signature(engine.compile).parameters:
        raise Absent("micrograd.engine.compile takes no optimizer= yet")
    return engine.compile


def _program(case: Case, parameters: list[Value], loss_of: Any, optimizer: SGD) -> Runner:
    program = compiler()(loss_of, parameters, optimizer=optimizer)
    data = case.data

    def step() -> Array:
        loss: Array = program(*data)
        return loss

    made = _runner(step, parameters)
    # A program writes into the gradients' arrays, and so must keep them.
    return Runner(made.step, made.parameters, made.gradients)
