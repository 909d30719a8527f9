"""What does every function of NumPy that can be overridden do with a Value?

It carries the gradient, or is plain by nature (the list in `plain.py`, each with its reason), or
refuses and gives its name. What the others do is in `test_leaks.py`.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.lib.recfunctions  # so that its functions can be found by name
import pytest

from micrograd.engine import Value, gradients
from micrograd.engine.numpy_protocol import METHODS
from micrograd.engine.op import NUMPY
from micrograd.engine.plain import PLAIN

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

# -- functions that lead to an op or a derived function ----------------------------------------

ONE_ARGUMENT = """
    sum nansum mean average var std max amax min amin ptp cumsum cumprod prod median ravel transpose
    permute_dims matrix_transpose copy atleast_1d atleast_2d atleast_3d fliplr flipud flip rot90
    diagonal diag diagflat trace tril triu sort diff sinc gradient trapezoid unstack round around
    fix nan_to_num linalg.inv linalg.det linalg.slogdet linalg.cholesky linalg.eigh linalg.eigvalsh
    linalg.svd linalg.svdvals linalg.qr linalg.pinv linalg.norm linalg.vector_norm
    linalg.matrix_norm
"""
TWO_ARGUMENTS = "dot vdot inner outer kron cross tensordot"


def named(names: str) -> list[Any]:
    """NumPy's functions of these names (``unstack`` came with NumPy 2.1)."""
    present = [name for name in names.split() if name != "unstack" or hasattr(np, name)]
    return [operator.attrgetter(name)(np) for name in present]


def with_another(function: Any) -> Callable[[Any], Any]:
    return lambda x: function(x, x @ np.diag(ROW))


CALLS: dict[Any, Callable[[Any], Any]] = {
    **{function: function for function in named(ONE_ARGUMENT)},
    **{function: with_another(function) for function in named(TWO_ARGUMENTS)},
    np.append: lambda x: np.append(x, ROW),
    np.array_split: lambda x: np.array_split(x, 2),
    np.broadcast_arrays: lambda x: np.broadcast_arrays(x, ROW)[:1],
    np.broadcast_to: lambda x: np.broadcast_to(x, (2, 3, 3)),
    np.clip: lambda x: np.clip(x, 0.3, 2.0),
    np.column_stack: lambda x: np.column_stack([x, ROW]),
    np.compress: lambda x: np.compress([True, False, True], x, 0),
    np.concatenate: lambda x: np.concatenate([x, x], 1),
    np.dsplit: lambda x: np.dsplit(x[..., None] * ROW, 3),
    np.dstack: lambda x: np.dstack([x, X]),
    np.einsum: lambda x: np.einsum("ij,j->i", x, ROW),
    np.expand_dims: lambda x: np.expand_dims(x, 0),
    np.extract: lambda x: np.extract(X > 1, x),
    np.hsplit: lambda x: np.hsplit(x, 3),
    np.hstack: lambda x: np.hstack([x, X]),
    np.moveaxis: lambda x: np.moveaxis(x, 0, 1),
    np.pad: lambda x: np.pad(x, 1),
    np.partition: lambda x: np.partition(x, 1),
    np.repeat: lambda x: np.repeat(x, 2),
    np.reshape: lambda x: np.reshape(x, -1),
    np.roll: lambda x: np.roll(x, 1, axis=0),
    np.full_like: lambda x: np.full_like(x, x[0]),
    np.lib.stride_tricks.sliding_window_view: (
        lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2))
    ),
    np.split: lambda x: np.split(x, 3),
    np.squeeze: lambda x: np.squeeze(x[None]),
    np.stack: lambda x: np.stack([x, X], axis=-1),
    np.swapaxes: lambda x: np.swapaxes(x, 0, 1),
    np.take: lambda x: np.take(x, [0, 2, 2], axis=1),
    np.take_along_axis: lambda x: np.take_along_axis(x, np.array([[0], [2], [1]]), axis=1),
    np.tile: lambda x: np.tile(x, 2),
    np.vsplit: lambda x: np.vsplit(x, 3),
    np.vstack: lambda x: np.vstack([x, ROW]),
    np.where: lambda x: np.where(X > 1, x, 0.0),
    np.linalg.cross: lambda x: np.linalg.cross(x, ROW),
    np.linalg.lstsq: lambda x: np.linalg.lstsq(x, ROW)[0],
    np.linalg.matrix_power: lambda x: np.linalg.matrix_power(x, 3),
    np.linalg.multi_dot: lambda x: np.linalg.multi_dot([x, X, ROW]),
    np.linalg.diagonal: lambda x: np.linalg.diagonal(x, offset=1),
    np.linalg.matmul: lambda x: np.linalg.matmul(x, X),
    np.linalg.matrix_transpose: lambda x: np.linalg.matrix_transpose(x),
    np.linalg.trace: lambda x: np.linalg.trace(x),
    np.linalg.vecdot: lambda x: np.linalg.vecdot(x, ROW),
    np.linalg.outer: lambda x: np.linalg.outer(x[0], ROW),
    np.linalg.solve: lambda x: np.linalg.solve(x, ROW),
    np.linalg.tensordot: lambda x: np.linalg.tensordot(x, X, axes=1),
}


def test_every_function_that_leads_somewhere_has_a_call() -> None:
    assert {f for f in NUMPY if not isinstance(f, np.ufunc)} == CALLS.keys()


@pytest.mark.parametrize("function", CALLS, ids=told)
@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
def test_a_function_gives_numpys_numbers_and_the_gradient(function: Any) -> None:
    carries(function, CALLS[function])


def carries(function: Any, call: Callable[[Any], Any]) -> None:
    x = Value(X)
    out, expected = call(x), call(X)
    if hasattr(expected, "_fields"):  # eigh, svd, qr and slogdet name their results
        assert type(out)._fields == type(expected)._fields
    out, expected = list(leaves(out)), list(leaves(expected))
    assert len(out) == len(expected)
    for ours, theirs in zip(out, expected, strict=True):
        assert type(ours) is Value
        np.testing.assert_allclose(ours.data, theirs, rtol=1e-9, atol=1e-12, strict=True)
    total = sum((one * np.cos(np.arange(one.size)).reshape(one.shape)).sum() for one in out)
    assert total.requires_grad is (function not in CONSTANT)
    if function not in CONSTANT:
        (g,) = gradients(total, [x])
        assert np.isfinite(g).all()
        assert g.any()


# -- functions that are refused, or plain ------------------------------------------------------


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some functions write files."""
    monkeypatch.chdir(tmp_path)


DEFINED = [f for f in FUNCTIONS if f not in PLAIN and f not in UNSET]


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("function", DEFINED, ids=told)
def test_no_overridable_function_leaks(function: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call in at_each_place(function):
            for one, other in PAIRS:
                assert not leak(call, one, other)


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("function", [f for f in DEFINED if f not in NUMPY], ids=told)
def test_a_function_without_a_rule_gives_its_name(function: Any) -> None:
    messages = []
    made = (lambda x: function(3, like=x), lambda x: function("3", sep=" ", like=x))
    for call in (*at_each_place(function), *made):
        try:
            call(Value(X))
        except Exception as error:
            messages.append(f"{type(error).__name__}: {error}")
    assert any(
        message.startswith(f"TypeError: {told(function)} has no rule for Values")
        for message in messages
    ), messages


@pytest.mark.parametrize("function", PLAIN, ids=told)
def test_a_plain_function_has_a_reason_and_hands_no_number_on(function: Any) -> None:
    assert PLAIN[function]
    assert function in FUNCTIONS or function in UFUNCS
    for call in at_each_place(function):
        assert function in UNSET or not leak(call)


# -- ufuncs ------------------------------------------------------------------------------------


def of_its_arity(ufunc: np.ufunc, x: Any) -> Any:
    """A call with x first (in the domain of arccosh, or of arcsin and the like)."""
    if ufunc is np.arccosh:
        return ufunc(1 + x)
    if ufunc.__name__ == "vecmat":
        return ufunc(ROW, x)
    return ufunc(x / 4) if ufunc.nin == 1 else ufunc(x, *[ROW] * (ufunc.nin - 1))


@pytest.mark.parametrize("ufunc", UFUNCS, ids=told)
def test_a_ufunc_carries_the_gradient_is_plain_or_gives_its_name(ufunc: Any) -> None:
    if ufunc in NUMPY:
        carries(ufunc, partial(of_its_arity, ufunc))
    elif ufunc in PLAIN:
        out, expected = of_its_arity(ufunc, Value(X)), of_its_arity(ufunc, X)
        assert type(out) is np.ndarray
        assert out.dtype == bool
        np.testing.assert_array_equal(out, expected)
    else:
        with pytest.raises(TypeError, match=rf"^np\.{ufunc.__name__} has no rule for Values\."):
            of_its_arity(ufunc, Value(X))


OF_UFUNCS: dict[str, Callable[[Any, Any], Any]] = {
    "reduce": lambda ufunc, x: ufunc.reduce(x),
    "accumulate": lambda ufunc, x: ufunc.accumulate(x),
    "reduceat": lambda ufunc, x: ufunc.reduceat(x, [0, 1]),
    "outer": lambda ufunc, x: ufunc.outer(X, x),
    "at": lambda ufunc, x: ufunc.at(X.copy(), [0], *[x] * (ufunc.nin - 1)),
}


@pytest.mark.parametrize("method", OF_UFUNCS)
@pytest.mark.parametrize("ufunc", UFUNCS, ids=told)
def test_a_method_of_a_ufunc_carries_the_gradient_or_gives_its_name(
    ufunc: Any, method: str
) -> None:
    call = partial(OF_UFUNCS[method], ufunc)
    if (ufunc, method) in METHODS:
        carries(ufunc, call)
    elif not (method == "at" and ufunc.nin == 1):  # such a call has no place for a Value
        told = rf"^np\.{ufunc.__name__}\.{method} .*Value"
        # or NumPy says that the ufunc has no such method
        none = "only supported|supported at this time|requires|not enough dim|signature"
        with pytest.raises((TypeError, ValueError, RuntimeError), match=rf"{told}|{none}"):
            call(Value(X))


def test_a_method_of_a_ufunc_takes_the_settings_of_its_function() -> None:
    x = Value(X)
    assert np.add.reduce(x, axis=None).item() == X.sum()
    np.testing.assert_array_equal(
        np.maximum.reduce(x, axis=1, keepdims=True).data, X.max(1, keepdims=True)
    )
    with pytest.raises(TypeError, match=r"np\.prod: dtype= is not supported"):
        np.multiply.reduce(x, dtype=np.float32)


@pytest.mark.parametrize("ufunc", UFUNCS, ids=told)
def test_no_ufunc_writes_a_value_into_an_array(ufunc: Any) -> None:
    out = tuple(np.zeros(X.shape) for _ in range(ufunc.nout))
    for call in (
        lambda x: ufunc(*[x] * ufunc.nin, out=out),
        lambda x: ufunc(*[X] * ufunc.nin, out=(x,) * ufunc.nout),
    ):
        with pytest.raises(TypeError, match=rf"^np\.{ufunc.__name__} of a Value into an array"):
            call(Value(X))
    assert not any(one.any() for one in out)
