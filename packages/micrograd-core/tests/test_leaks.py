"""Is there any way for a Value's numbers to leave their graph without a word?

Every callable of NumPy that cannot be overridden, every method of arrays, and what Python offers
may do what they like with a Value, except return something that depends on its numbers and is no
Value.
"""

from __future__ import annotations

import array
import cmath
import copy
import decimal
import fractions
import io
import math
import operator
import pickle
import statistics
import struct
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, ops
from micrograd.engine.op import NUMPY

from .leaks import (
    CONSTANT,
    FUNCTIONS,
    PAIRS,
    ROW,
    UFUNCS,
    UNSET,
    X,
    at_each_place,
    leak,
    leaves,
    told,
)

PLANTED: dict[str, Callable[[Any], Any]] = {
    "an array": lambda x: x.data,
    "what is computed from it": lambda x: np.fft.fft(x.data),
    "a number": lambda x: float(x.data.sum()),
    "numbers in a list": lambda x: [None, (x, x.data.tolist())],
    "an array of objects": lambda x: np.array([x.data.sum(), None]),
    "a record": lambda x: np.array([(1, x.data.sum())], dtype=[("a", int), ("b", float)]),
    "a masked array": lambda x: np.ma.array(x.data),
    "a polynomial": lambda x: np.poly1d(x.data.ravel()),
    "a fraction": lambda x: fractions.Fraction(x.data.sum()),
    "an array of the standard library": lambda x: array.array("d", x.data.ravel()),
    "an error for some numbers": lambda x: 1.0 if x.data.sum() == X.sum() else 1 / 0,
    "a write": lambda x: x.data.fill(0.0),
}


@pytest.mark.parametrize("call", PLANTED.values(), ids=PLANTED)
def test_a_planted_leak_is_found(call: Any) -> None:
    assert leak(call)
    assert not leak(lambda x: [x * 2, x > 0, x.shape, str(x), 1.0])


@pytest.fixture(autouse=True)
def numpy_settings() -> Iterator[None]:
    """Give NumPy its settings back: some of its functions change how it prints and warns."""
    options, handler, errors = np.get_printoptions(), np.geterrcall(), np.geterr()
    yield
    np.set_printoptions(**options)
    np.seterrcall(handler)
    np.seterr(**errors)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some functions write files."""
    monkeypatch.chdir(tmp_path)


def quietly(module: Any, name: str) -> Any:
    """What a module has under a name; NumPy warns of some that it will drop."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(module, name)


OTHERS = {
    f"{module.__name__}.{name}".replace("numpy", "np", 1): quietly(module, name)
    for module in (
        np,
        np.linalg,
        np.fft,
        np.ma,
        np.polynomial,
        np.polynomial.polynomial,
        np.emath,
        np.char,
        np.strings,
        np.rec,
        np.lib.stride_tricks,
        np.lib.array_utils,
        np.lib.scimath,
    )
    for name in dir(module)
    if not name.startswith("_")
}
OTHERS |= {
    f"np.random.{kind.__name__}.{name}": lambda *given, kind=kind, name=name, **named: getattr(
        kind(np.random.PCG64(0)), name
    )(*given, **named)
    for kind in (np.random.Generator, np.random.RandomState)
    for name in dir(kind)
    if not name.startswith("_")
}
MINE = {id(f) for f in (*FUNCTIONS, *UFUNCS)}
OTHERS = {
    name: one
    for name, one in OTHERS.items()
    if callable(one)
    and id(one) not in MINE
    and not (isinstance(one, type) and issubclass(one, (BaseException, Warning)))
    and name.rpartition(".")[2] not in ("test", "info", "show_config", "show_runtime")
}


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("name", OTHERS)
def test_no_other_function_of_numpy_leaks(name: str) -> None:
    function = OTHERS[name]
    if function in UNSET:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call in at_each_place(function):
            for one, other in PAIRS:
                assert not leak(call, one, other)


METHODS_OF_ARRAYS = [name for name in dir(np.ndarray) if callable(getattr(np.ndarray, name))]


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("name", [name for name in METHODS_OF_ARRAYS if name != "__class__"])
def test_no_method_of_an_array_leaks(name: str) -> None:
    for left in (X, ROW, np.float64(2.5), np.float32(2.5), np.array(1.5), X.astype(object)):
        for zeros in ((), (0,), (0, 0)):

            def call(x: Any, left: Any = left, zeros: Any = zeros) -> Any:
                this = copy.deepcopy(left)
                return getattr(this, name)(*zeros, x), this

            for one, other in PAIRS:
                assert not leak(call, one, other)


def own(data: Any) -> Any:
    return np.array(data)


LOOPHOLES: dict[str, Callable[[Any], Any]] = {
    "array": lambda x: np.array([x, x]),
    "array of a tuple and a number": lambda x: np.array((x, 1.0)),
    "array of objects": lambda x: np.array(x, dtype=object),
    "array with a dtype": lambda x: np.array(x, dtype=np.float32),
    "asarray": lambda x: np.asarray(x),
    "array without a copy": lambda x: np.array(x, copy=None),
    "float64": lambda x: np.float64(x),
    "float32": lambda x: np.float32(x),
    "full": lambda x: np.full((2,), x),
    "fromiter": lambda x: np.fromiter([x], float),
    "fromiter of its elements": lambda x: np.fromiter(iter(x), float),
    "vectorize": lambda x: np.vectorize(lambda y: y)(x),
    "frompyfunc": lambda x: np.frompyfunc(lambda y: y, 1, 1)(x),
    "matrix": lambda x: np.matrix(x),
    "masked array": lambda x: np.ma.array(x),
    "arithmetic with a masked array": lambda x: np.ma.array(ROW, mask=[0, 1, 0]) + x,
    "memmap": lambda x: np.memmap("m", float, "w+", shape=(3,)).__setitem__(0, x),
    "item assignment": lambda x: [a := X.copy(), operator.setitem(a, 0, x)],
    "item assignment of one": lambda x: [a := X.copy(), operator.setitem(a, (0, 0), x)],
    "assignment to flat": lambda x: [a := X.copy(), operator.setitem(a.flat, 0, x)],
    "slice assignment": lambda x: [a := X.copy(), operator.setitem(a, slice(None), [x, x, x])],
    "fill": lambda x: [a := X.copy(), a.fill(x)],
    "in place": lambda x: [a := X.copy(), operator.iadd(a, x)],
    "nditer": lambda x: [float(y) for y in np.nditer(x)],
    "ndenumerate": lambda x: list(np.ndenumerate(x)),
    "r_": lambda x: np.r_[x, x],
    "c_": lambda x: np.c_[x, x],
    "linspace": lambda x: np.linspace(x, 1.0, 3),
    "arange": lambda x: np.arange(x),
    "frombuffer": lambda x: np.frombuffer(x),
    "from_dlpack": lambda x: np.from_dlpack(x),
    "record": lambda x: np.array([(1, x)], dtype=[("a", int), ("b", float)]),
    "poly1d": lambda x: np.poly1d(x),
    "generator": lambda x: np.random.default_rng(0).normal(x),
    "choice": lambda x: np.random.default_rng(0).choice(x),
    "permutation": lambda x: np.random.default_rng(0).permutation(x),
    "shuffle": lambda x: [y := [x, 2 * x], np.random.default_rng(0).shuffle(y)],
    "print options": lambda x: np.format_float_positional(x),
    "reduce of a list": lambda x: np.add.reduce([x, x]),
    "where of a list": lambda x: np.where([True, False], [x, x], 0.0),
    "maximum of a list": lambda x: np.maximum([x, x], 0.0),
    "initial": lambda x: np.sum(X, initial=x),
    "fill value": lambda x: np.full_like(X, x),
    "clip method": lambda x: X.clip(x, 2 * x),
    "dot method": lambda x: X.dot(x),
    "pad's constant": lambda x: np.pad(X, 1, constant_values=x),
    "einsum of a list": lambda x: np.einsum(X, [0, 1], [x, x, x], [1]),
    "cumulative operations on a list": lambda x: np.cumsum([x, x]),
    "concatenate of lists": lambda x: np.concatenate([[x], [x]]),
    "buffer": lambda x: memoryview(x),
    "bytes": lambda x: bytes(x),
    "interface": lambda x: x.__array_interface__,
    "struct": lambda x: x.__array_struct__,
    "tolist": lambda x: x.tolist(),
    "tobytes": lambda x: x.tobytes(),
    "float": lambda x: float(x),
    "int": lambda x: int(x),
    "complex": lambda x: complex(x),
    "round": lambda x: round(x),
    "index": lambda x: operator.index(x),
    "as an index": lambda x: X[x],
    "as an index of a Value": lambda x: x[x],
    "range": lambda x: range(x),
    "array module": lambda x: array.array("d", x),
    "array module, one": lambda x: array.array("d", [x]),
    "decimal": lambda x: decimal.Decimal(x),
    "fraction": lambda x: fractions.Fraction(x),
    "struct module": lambda x: struct.pack("d", x),
    "mean of statistics": lambda x: statistics.mean([x, x]),
    "fmean of statistics": lambda x: statistics.fmean([x, x]),
    "stdev of statistics": lambda x: statistics.stdev([x, 2 * x]),
    "pickle of a node": lambda x: pickle.dumps(2 * x),
    "copy of a node": lambda x: copy.copy(2 * x),
    "deepcopy of a node": lambda x: copy.deepcopy(2 * x),
    "save": lambda x: np.save(io.BytesIO(), x),
}


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("name", LOOPHOLES)
def test_a_loophole_is_closed(name: str) -> None:
    """Each raises, or carries the graph."""
    for data in (X, ROW, own(1.5), own([1.5])):
        x = Value(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                result = LOOPHOLES[name](x)
            except Exception:
                continue
        out = [one for one in leaves(result) if one is not None]
        assert all(type(one) is Value for one in out), out
        assert all(one.requires_grad for one in out), out


MATHS = [getattr(module, n) for module in (math, cmath) for n in dir(module) if n[0] != "_"]


@pytest.mark.parametrize("function", [f for f in MATHS if callable(f)], ids=told)
def test_no_function_of_math_leaks(function: Any) -> None:
    for call in at_each_place(function):
        for one, other in PAIRS:
            assert not leak(call, one, other)


def reaches(out: Value, leaf: Value) -> bool:
    """Whether a leaf is among what a Value came from."""
    seen: set[Value] = set()
    todo = [out]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += [parent for parent in node.parents if parent is not None]
    return leaf in seen


SPOKEN_OF = {**NUMPY, **{getattr(ops, name): getattr(ops, name) for name in ops.__all__}}
STEPS = {NUMPY[function] for function in CONSTANT}


@pytest.mark.parametrize("function", [f for f in SPOKEN_OF if SPOKEN_OF[f] not in STEPS], ids=told)
@pytest.mark.filterwarnings("ignore")
def test_a_result_that_depends_on_a_value_has_it_in_its_graph(function: Any) -> None:
    """Also where the Value is given as a setting, a limit, a weight or a distance."""
    for call in at_each_place(function):
        for pair in PAIRS:
            leaf, *others = (Value(data) for data in pair)
            try:
                results = [list(leaves(call(value))) for value in (leaf, *others)]
            except Exception:
                continue
            for one, other in zip(*results, strict=False):
                if isinstance(one, Value) and one.shape == other.shape:
                    same = np.array_equal(one.data, other.data, equal_nan=True)
                    assert same or reaches(one, leaf)
