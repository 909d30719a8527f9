"""How are a case and a training run computed here?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from micrograd.engine import Value, plugins
from micrograd.engine.ops import plain
from micrograd.nn import MLP, losses, optim

from .cases import SUBJECTS
from .inputs import Stream
from .table import Case, Result
from .training import History, Run, make_schedule

Function = Callable[..., Any]

FAMILY = ("micrograd-core", "micrograd-nn", "micrograd-viz")

UNKNOWN_TO_PYTORCH: dict[str, str] = {
    **dict.fromkeys(plain.__all__, "a plain array, without a gradient"),
    **dict.fromkeys(("floor", "ceil", "trunc", "rint", "round"), "piecewise constant"),
    "floor_divide": "piecewise constant",
    "cbrt": "PyTorch has no cube root of negative numbers",
    "average": "PyTorch has no weighted mean",
    "median": "PyTorch takes the lower of the two in the middle",
    "partition": "the order within the parts is not determined",
    "compress": "PyTorch has extract only",
    "append": "concatenate by another name",
    "full_like": "PyTorch's takes a number, which has no gradient",
    "scan": "a kernel, compared through cumprod",
    "fold": "a kernel, compared through sliding_window_view",
    "matvec": "matmul by another name",
    "vecmat": "matmul by another name",
}
"""Ops and losses that cannot be compared, by name, each with the reason."""


def plainly(function: Function, *arrays: Any, **settings: Any) -> Any:
    return function(*arrays, **settings)


def on_a_list(function: Function, *arrays: Any, **settings: Any) -> Any:
    return function(list(arrays), **settings)


def joined(function: Function, *arrays: Any, **settings: Any) -> Any:
    """All results, flattened one after another."""
    return np.concatenate([np.reshape(one, -1) for one in function(*arrays, **settings)])


def of_symmetric(function: Function, x: Any) -> Any:
    return function(x + np.swapaxes(x, -1, -2))


def of_definite(function: Function, x: Any) -> Any:
    return function(x @ np.swapaxes(x, -1, -2) + np.eye(x.shape[-1]))


def squared(arrays: Any) -> Any:
    """Factors whose signs are free, each number squared, flattened one after another."""
    return joined(lambda: [one * one for one in arrays])


# Functions of several arrays take a list of them; shapes, axes and keys go by position; of several
# results, those are compared that are determined.
LISTS = ("concatenate", "stack", "hstack", "vstack", "dstack", "column_stack", "multi_dot")
PARTS = ("split", "array_split", "hsplit", "vsplit", "dsplit", "unstack")
CALLS: dict[str, Function] = {
    **dict.fromkeys(LISTS, on_a_list),
    **dict.fromkeys(PARTS, joined),
    "broadcast_arrays": joined,
    "eigh": lambda f, x: of_symmetric(lambda y: squared(f(y)), x),
    "eigvalsh": of_symmetric,
    "cholesky": of_definite,
    "svd": lambda f, x: squared(f(x, full_matrices=False)),
    "slogdet": lambda f, x: f(x)[1],
    "lstsq": lambda f, *arrays: f(*arrays)[0],
    "qr": joined,
    "einsum": lambda f, *arrays, subscripts: f(subscripts, *arrays),
    "extract": lambda f, x, condition: f(condition, x),
    "reshape": lambda f, x, shape: f(x, shape),
    "transpose": lambda f, x, axes=None: f(x, axes),
    "getitem": lambda f, x, key: f(x, key),
}


def call(case: Case, dtype: Any = None) -> tuple[Any, list[Value], Stream]:
    """The result of a case, the Values that went in, and the stream of the case."""
    arguments, stream = case.draw()
    if dtype is not None:
        arguments = tuple(cast(one, dtype) for one in arguments)
    given = [
        Value(argument) if one.differentiable else argument
        for one, argument in zip(case.inputs, arguments, strict=True)
    ]
    function: Any = registered()[case.subject]
    way: Callable[..., Any] = CALLS.get(case.subject, plainly)
    out = way(function, *given, **case.settings)
    return out, [one for one in given if isinstance(one, Value)], stream


def cast(argument: Any, dtype: Any) -> Any:
    """Floats in a dtype; anything else as it is."""
    array = np.asarray(argument)
    return array.astype(dtype) if array.dtype.kind == "f" else argument


def compute(case: Case, dtype: Any = None) -> Result:
    """The output of a case, and its gradients for an incoming gradient from the case's seed."""
    out, values, stream = call(case, dtype)
    if not values:
        return Result(np.asarray(out), [])
    out.backward(gradient=stream.uniform(out.shape, -1.0, 1.0))
    return Result(out.data, [one.grad for one in values])


def train(run: Run) -> History:
    """The losses of a run, and every parameter after each step."""
    start = run.start()
    weights, biases = start.weights, start.biases
    model = MLP(run.sizes[0], run.sizes[1:], run.activation, weights, biases, dtype=run.dtype)
    parameters = model.parameters()
    clip = {f"clip_{run.clip[0]}": run.clip[1]} if run.clip else {}
    groups = run.groups(parameters)
    optimizer = getattr(optim, run.optimizer)(groups, **run.settings, **clip)
    schedule = (
        make_schedule(optim.schedules, run.schedule, optimizer, run.schedule_settings)
        if run.schedule
        else None
    )
    history = History([], [])
    for rows, targets in start.batches:
        loss = losses.get(run.loss)(model(rows), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if schedule is not None:
            schedule.step(*([loss.item()] if run.schedule == "ReduceLROnPlateau" else []))
        history.losses.append(loss.item())
        history.parameters.append([one.data.copy() for one in parameters])
    return history


def registered() -> dict[str, object]:
    """Every op and loss of the family, by name."""
    found = {}
    for registry in (plugins.ops_registry, losses.registry):
        for name in registry.names():
            if registry.distribution_of(name) in FAMILY:
                found[name] = registry.get(name)
    return found


def without_case() -> list[str]:
    """The names that are neither in the table of cases nor excused; an alias counts as its op."""
    functions = registered()
    covered = {id(functions[name]) for name in SUBJECTS}
    return [
        name
        for name, function in functions.items()
        if id(function) not in covered and name not in UNKNOWN_TO_PYTORCH
    ]
