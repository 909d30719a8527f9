"""One table of ops: for each, what NumPy says, and where to try it.

`test_ops.py` drives it; an op of `micrograd.engine.ops` that is not in it fails the suite. An
elementwise op needs the domain of each argument; another op needs calls. An op that takes a list
or positional settings gets an adapter, so that its arrays are arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from micrograd.engine import ops
from micrograd.engine.testing import Sample, sample

Domain = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
Function = Callable[..., Any]


def real(rng: np.random.Generator, shape: tuple[int, ...] = (2, 3)) -> np.ndarray:
    """Distinct numbers on both sides of 0, none near it or near each other: no kink, no tie."""
    count = int(np.prod(shape))
    grid = (np.arange(count) + 0.5 + rng.uniform(-0.3, 0.3, count)) / max(count, 1)
    return (rng.permutation(grid) * 3.8 + 0.1).reshape(shape) * rng.choice([-1.0, 1.0], shape)


def positive(rng: np.random.Generator, shape: tuple[int, ...] = (2, 3)) -> np.ndarray:
    return np.asarray(rng.uniform(0.2, 2.0, shape))


def truth(rng: np.random.Generator, shape: tuple[int, ...] = (2, 3)) -> np.ndarray:
    return np.asarray(rng.uniform(size=shape) < 0.5)


@dataclass(frozen=True)
class Row:
    """An op, the function that gives the right result, and calls of it."""

    function: Function
    reference: Function
    calls: list[Sample] = field(default_factory=list)
    domains: tuple[Domain, ...] = ()  # of an elementwise op

    def samples(self, rng: np.random.Generator) -> list[Sample]:
        if self.domains:
            return [sample(*(domain(rng, (2, 3)) for domain in self.domains)), *self.calls]
        return self.calls


def elementwise(name: str, reference: Function, *domains: Domain, calls: Any = ()) -> Row:
    return Row(getattr(ops, name), reference, list(calls), domains)


def calls(function: Function, reference: Function, *samples: Sample) -> Row:
    return Row(function, reference, list(samples))


def on_a_list(name: str) -> tuple[Function, Function]:
    """`concatenate` and `stack`, with their arrays as arguments."""

    def adapter(function: Function) -> Function:
        return lambda *arrays, **settings: function(list(arrays), **settings)

    return adapter(getattr(ops, name)), adapter(getattr(np, name))


_rng = np.random.default_rng(7)


def _a(*shape: int) -> np.ndarray:
    return real(_rng, shape)


def _reductions(name: str) -> Row:
    return calls(
        getattr(ops, name),
        getattr(np, name),
        sample(_a(2, 3, 4)),
        sample(_a(2, 3, 4), axis=1),
        sample(_a(2, 3, 4), axis=(0, -1)),
        sample(_a(2, 3, 4), axis=(-1, 0), keepdims=True),
        sample(_a(2, 3), axis=-2, keepdims=True),
        sample(_a(2, 3), axis=None, keepdims=True),
        sample(_a(2, 3), axis=()),
        sample(_a(2, 0, 3), axis=0),
        sample(_a(3)),
        sample(_a()),
    )


def _softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    e = np.exp(x)
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def _log_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.log(_softmax(x, axis))


def _along_axes(name: str, reference: Function) -> Row:
    return calls(
        getattr(ops, name),
        reference,
        sample(_a(3)),
        sample(_a(2, 3)),
        sample(_a(2, 3), axis=0),
        sample(_a(2, 3, 2), axis=-2),
        sample(_a(0, 3)),
        sample(_a()),
    )


def _scatter_add(x: np.ndarray, *indices: np.ndarray, key: Any, shape: Any) -> np.ndarray:
    arrays = iter(indices)
    where = tuple(next(arrays) if isinstance(k, str) else k for k in key)
    flat = np.arange(int(np.prod(shape))).reshape(shape)[where]
    out = np.bincount(flat.ravel(), x.ravel(), int(np.prod(shape))).reshape(shape)
    return np.asarray(out, x.dtype)


def _getitem(x: Any, *, key: Any) -> Any:
    return x[key]


_repeated = np.array([[0, 2], [2, 2]])

TABLE: dict[str, Row] = {
    # operators, and what chooses between two arrays
    "add": elementwise("add", np.add, real, real, calls=[sample(_a(2), 3.0), sample(2, _a(2))]),
    "subtract": elementwise("subtract", np.subtract, real, real, calls=[sample(2, _a(2))]),
    "multiply": elementwise("multiply", np.multiply, real, real, calls=[sample(_a(2), 3)]),
    "divide": elementwise("divide", np.divide, real, real, calls=[sample(2, _a(2))]),
    "power": elementwise(
        "power",
        np.power,
        positive,
        real,
        calls=[
            sample(_a(4), 3),
            sample(_a(4), -2),
            sample(np.array([0.0, 1.0, -2.0]), 0),
            sample(np.array([0.0, 1.0, -2.0]), 2),
            sample(np.array([0.0, -1.0, 2.0]), np.array([2, 0, 3])),
            sample(2, _a(3)),
            sample(np.array([1, 2]), _a(2)),
        ],
    ),
    "negative": elementwise("negative", np.negative, real),
    "neg": elementwise("neg", np.negative, real),
    "positive": elementwise("positive", np.positive, real),
    "absolute": elementwise("absolute", np.absolute, real),
    "abs": elementwise("abs", np.absolute, real),
    "sign": elementwise("sign", np.sign, real),
    "maximum": elementwise("maximum", np.maximum, real, positive, calls=[sample(_a(3), 0.5)]),
    "minimum": elementwise("minimum", np.minimum, real, positive, calls=[sample(0, _a(3))]),
    "where": elementwise("where", np.where, truth, real, real, calls=[sample(True, _a(2), 0)]),
    # elementary functions
    "exp": elementwise("exp", np.exp, real),
    "log": elementwise("log", np.log, positive),
    "sqrt": elementwise("sqrt", np.sqrt, positive),
    "tanh": elementwise("tanh", np.tanh, real),
    # activations
    "relu": elementwise("relu", lambda x: np.where(x > 0, x, 0), real),
    "sigmoid": elementwise("sigmoid", lambda x: 1 / (1 + np.exp(-x)), real),
    "softmax": _along_axes("softmax", _softmax),
    "log_softmax": _along_axes("log_softmax", _log_softmax),
    # reductions
    "sum": _reductions("sum"),
    "mean": _reductions("mean"),
    "max": _reductions("max"),
    "min": _reductions("min"),
    # shape and indexing
    "reshape": calls(
        lambda x, *, shape: ops.reshape(x, shape),
        lambda x, *, shape: np.reshape(x, shape),
        sample(_a(2, 3), shape=(3, 2)),
        sample(_a(2, 3), shape=-1),
        sample(_a(0, 3), shape=(3, 0)),
        sample(_a(), shape=(1, 1)),
    ),
    "transpose": calls(
        lambda x, *, axes=None: ops.transpose(x, axes),
        lambda x, *, axes=None: np.transpose(x, axes),
        sample(_a(2, 3)),
        sample(_a(2, 3, 4), axes=(2, 0, 1)),
        sample(_a(2, 3, 4), axes=(-1, 0, -2)),
        sample(_a(3)),
        sample(_a()),
        sample(_a(0, 2)),
    ),
    "swapaxes": calls(
        ops.swapaxes,
        np.swapaxes,
        sample(_a(2, 3, 4), axis1=0, axis2=-1),
        sample(_a(0, 2), axis1=0, axis2=1),
    ),
    "expand_dims": calls(
        ops.expand_dims,
        np.expand_dims,
        sample(_a(2, 3), axis=1),
        sample(_a(2, 3), axis=(0, -1)),
        sample(_a(), axis=0),
    ),
    "broadcast_to": calls(
        ops.broadcast_to,
        np.broadcast_to,
        sample(_a(3), shape=(2, 3)),
        sample(_a(2, 1), shape=(4, 2, 3)),
        sample(_a(), shape=(2, 0)),
        sample(_a(1), shape=(0,)),
    ),
    "astype": calls(
        ops.astype,
        lambda x, *, dtype: x.astype(dtype),
        sample(_a(2, 3), dtype=np.float64),
    ),
    "getitem": calls(
        lambda x, *, key: ops.getitem(x, key),
        _getitem,
        sample(_a(3, 4), key=1),
        sample(_a(3, 4), key=(slice(None, None, -2), -1)),
        sample(_a(3, 4), key=(Ellipsis, None, 0)),
        sample(_a(3, 4), key=_repeated),
        sample(_a(3, 4), key=(_repeated, slice(1, 3))),
        sample(_a(3, 4), key=(slice(None), [0, 0, 3])),
        sample(_a(3, 4, 2), key=([0, 1], slice(None), [1, 1])),
        sample(_a(3), key=np.array([True, False, True])),
        sample(_a(3), key=np.zeros(0, int)),
        sample(_a(3), key=slice(2, 2)),
        sample(_a(), key=()),
    ),
    "concatenate": calls(
        *on_a_list("concatenate"),
        sample(_a(2, 3), _a(4, 3)),
        sample(_a(2, 1), _a(2, 3), _a(2, 0), axis=-1),
        sample(_a(2, 1), _a(2), axis=None),
    ),
    "stack": calls(
        *on_a_list("stack"),
        sample(_a(2, 3), _a(2, 3)),
        sample(_a(2, 3), _a(2, 3), _a(2, 3), axis=-1),
        sample(_a(), _a()),
        sample(_a(0), axis=1),
    ),
    "scatter_add": calls(
        ops.scatter_add,
        _scatter_add,
        sample(_a(2, 2), _repeated, key=("array",), shape=(4,)),
        sample(_a(2, 2, 3), _repeated, key=("array", slice(None)), shape=(3, 3)),
        sample(_a(2), key=(slice(None, None, 2),), shape=(3,)),
    ),
    # linear algebra; test_matmul.py tries every pair of ranks
    "matmul": calls(
        ops.matmul,
        np.matmul,
        sample(_a(2, 3), _a(3, 4)),
        sample(_a(3), _a(3)),
        sample(_a(2, 3, 4), _a(4)),
    ),
}
