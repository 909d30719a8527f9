"""Is each simplification made where it holds, and left where it would change a number?

A case is a function of arrays and the rewrites that may be seen in it. Numbers are compared with
what NumPy computes: to the bit for those of the file ``rewrites``, else to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from micrograd.engine import Value, compile, op
from micrograd.engine.compiler.recording import record
from micrograd.engine.compiler.rounding import REWRITES
from micrograd.engine.compiler.simplify import Simplifier, simplify

A = np.array([[1.0, -2.0, 3.0, 0.25], [0.5, -0.0, 4.0, -1.5], [2.0, 0.0, -3.0, 8.0]])
ODD = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e-300, 1.5])
ONES, WHOLE = np.ones((3, 4)), np.arange(12).reshape(3, 4)
EXACT = 0.0
ROUNDED = 1e-12


class Case(NamedTuple):
    """A function, what it is given, and how near the program has to come."""

    f: Callable[..., Any]
    args: tuple[Any, ...] = (A,)
    tolerance: float = EXACT


def changes(case: Case) -> dict[str, int]:
    """How often each rewrite applied."""
    simplifier = Simplifier()
    simplify(record(case.f, case.args, {}, None, None), simplifier)
    return simplifier.changes


def computed_alike(case: Case) -> None:
    """The program gives what NumPy gives, for these numbers, odd ones and others."""
    program = compile(case.f)
    with np.errstate(all="ignore"):
        others = [one[::-1].copy() if np.ndim(one) else one for one in case.args]
        odd = [
            np.resize(ODD, np.shape(one)).astype(one.dtype)
            if getattr(one, "dtype", None) in (np.float64, np.float32)
            else one
            for one in case.args
        ]
        for args in (case.args, others, odd):
            out, right = np.asarray(program(*args)), np.asarray(case.f(*args))
            assert out.dtype == right.dtype
            assert out.shape == right.shape
            if case.tolerance or out.dtype.kind != "f":
                np.testing.assert_allclose(out, right, rtol=case.tolerance, atol=case.tolerance)
            else:
                np.testing.assert_array_equal(out, right)
                np.testing.assert_array_equal(np.signbit(out), np.signbit(right))


MADE: dict[str, list[Case]] = {
    "nothing_to_do": [Case(lambda x: +x * 2.0), Case(lambda x: np.copy(x) + 1.0)],
    "as_it_was": [
        Case(lambda x: np.broadcast_to(x, (3, 4)) * 2.0),
        Case(lambda x: x.reshape(3, -1) * 2.0),
    ],
    "times_one": [
        Case(lambda x: x * 1.0 + 2.0),
        Case(lambda x: 1 * x + 2.0),
        Case(lambda x: x * ONES + 2.0),
        Case(lambda x: np.float64(1.0) * x + 2.0),
        Case(lambda x: x * 1.0, (ODD,)),
    ],
    "by_one": [
        Case(lambda x: x / 1.0 + 2.0),
        Case(lambda x: x**1 + 2.0),
        Case(lambda x: x / ONES + 2.0),
        Case(lambda x: x / 1, (ODD,)),
        Case(lambda x: x**1.0, (ODD,)),
    ],
    "minus_zero": [Case(lambda x: (x - 0.0) * 2.0), Case(lambda x: x - 0, (ODD,))],
    "minus_minus": [Case(lambda x: -(-x) * 2.0), Case(lambda x: -(-x), (ODD,))],  # noqa: B002
    "square_as_product": [Case(np.square), Case(np.square, (WHOLE,)), Case(np.square, (ODD,))],
    "small_powers": [
        Case(lambda x: x**2),
        Case(lambda x: x**2.0 + 1.0),
        Case(lambda x: abs(x) ** 0.5),
        Case(lambda x: x**-1),
        Case(lambda x: x**2, (WHOLE,)),
        Case(lambda x: x**2, (ODD,)),
        Case(lambda x: x**-1.0, (ODD,)),
        Case(lambda x: x**0.5, (ODD,)),
    ],
    "repeat_nothing": [
        Case(lambda x: x * np.broadcast_to(x[0], (3, 4))),
        Case(lambda x: np.broadcast_to(x[:, :1], (3, 4)) - x),
        Case(lambda x: np.where(x > 0, x, np.broadcast_to(x[0], (3, 4)))),
        Case(lambda x: np.broadcast_to(x[0], (3, 4)) * np.broadcast_to(x[:, :1], (3, 4))),
        Case(lambda x: x + np.full((3, 4), 2.5)),
        Case(lambda x: x * np.zeros((3, 4))),
        Case(lambda x: x / np.full((3, 4), -0.0)),
    ],
    "as_reshape": [
        Case(lambda x: np.expand_dims(x, 1) * 2.0),
        Case(lambda x: np.squeeze(x[:, :1]) * 2.0),
        Case(lambda x: np.ravel(x) * 2.0),
        Case(lambda x: np.ravel(x, order="F") * 2.0),
    ],
    "reshape_once": [
        Case(lambda x: x.reshape(2, 6).reshape(12).reshape(4, 3) * 2.0),
        Case(lambda x: x.reshape(2, 6, order="F").reshape(4, 3) * 2.0),
        Case(lambda x: x.reshape(2, 6).reshape(4, 3, order="F") * 2.0),
    ],
    "flip_as_slices": [Case(lambda x: np.flip(x) * 2.0), Case(lambda x: np.flip(x, -1) * 2.0)],
    "as_transpose": [
        Case(lambda x: np.swapaxes(x, 0, -1) * 2.0),
        Case(lambda x: np.matrix_transpose(x) * 2.0),
        Case(lambda x: np.moveaxis(x.reshape(3, 2, 2), (0, 1), (2, 0)) * 2.0),
        Case(lambda x: np.moveaxis(x.reshape(3, 2, 2), -1, 0) * 2.0),
        Case(lambda x: np.matrix_transpose(x.reshape(3, 2, 2)) * 2.0),
    ],
    "transpose_once": [
        Case(lambda x: x.T.T * 2.0),
        Case(lambda x: x.reshape(3, 2, 2).transpose(2, 0, 1).transpose(1, 0, 2) * 2.0),
        Case(lambda x: np.transpose(x, (0, 1)) * 2.0),
        Case(lambda x: np.transpose(x.reshape(3, 2, 2), (-1, 0, -2)) * 2.0),
    ],
    "mean_as_sum": [
        Case(np.mean, tolerance=ROUNDED),
        Case(lambda x: x.mean(0), tolerance=ROUNDED),
        Case(lambda x: x - x.mean(1, keepdims=True), tolerance=ROUNDED),
        Case(lambda x: x.mean(0), (A.astype(np.float32),), 1e-6),
    ],
    "scale_once": [
        Case(lambda x: x * 2.0 * 3.0, tolerance=ROUNDED),
        Case(lambda x: 3.0 * (x / 7.0), tolerance=ROUNDED),
        Case(lambda x: x / 3.0 / 7.0, tolerance=ROUNDED),
        Case(lambda x: (x * np.full((3, 4), 2.0)) / np.float64(7.0), tolerance=ROUNDED),
        Case(lambda x: x * 0.1 * 0.1, (A.astype(np.float32),), 1e-6),
        Case(lambda x: x * 2.0 * 3.0, (ODD,), ROUNDED),
    ],
    "sum_of_negated": [
        Case(lambda x: (-x).sum(), tolerance=ROUNDED),
        Case(lambda x: (-x).sum(0), tolerance=ROUNDED),
        Case(lambda x: (-x).sum(1, keepdims=True) * x, tolerance=ROUNDED),
    ],
    "sum_by_product": [
        Case(lambda x: x.sum(0), tolerance=ROUNDED),
        Case(lambda x: x.sum(1), tolerance=ROUNDED),
        Case(lambda x: x.sum(-1, keepdims=True), tolerance=ROUNDED),
        Case(lambda x: x[0].sum(), tolerance=ROUNDED),
        Case(lambda x: (x * x).sum(), tolerance=ROUNDED),
        Case(lambda x: (x * x.T.reshape(3, 4)).sum(keepdims=True), tolerance=ROUNDED),
        Case(lambda x: x.reshape(3, 2, 2).sum((0, 1)), tolerance=ROUNDED),
        Case(lambda x: x.reshape(3, 2, 2).sum(2), tolerance=ROUNDED),
        Case(lambda x: x.T.sum(0), tolerance=ROUNDED),
        Case(lambda x: x[::2, 1:].sum(0), tolerance=ROUNDED),
        Case(lambda x: x.sum(0), (A.astype(np.float32),), 1e-6),
    ],
    "matmul_as_dot": [
        Case(lambda x: x @ x.T, tolerance=ROUNDED),
        Case(lambda x: x @ x[0], tolerance=ROUNDED),
        Case(lambda x: x[0] @ x[0], tolerance=ROUNDED),
        Case(lambda x: x[:, 0] @ x, tolerance=ROUNDED),
        Case(lambda x: x.reshape(3, 2, 2) @ x[:2], tolerance=ROUNDED),
        Case(lambda x: x.reshape(2, 3, 2).transpose(1, 0, 2) @ x[:2], tolerance=ROUNDED),
    ],
    "choose_first": [
        Case(lambda x: (x - x.max(1, keepdims=True))[np.arange(3), np.array([0, 3, 1])]),
    ],
    "labels_as_places": [
        Case(
            lambda x, i: x[np.arange(3), i].reshape(3, 1) + (x - (i.reshape(3, 1) == np.arange(4))),
            (A, np.array([0, 3, 1])),
        ),
    ],
    "softmax_again": [
        Case(lambda x: softmax_twice(x, 1), tolerance=ROUNDED),
        Case(lambda x: softmax_twice(x, 0), tolerance=ROUNDED),
        Case(lambda x: softmax_twice(x, 1), (A * 300.0,), ROUNDED),
        Case(lambda x: softmax_twice(x, 1), (A.astype(np.float32),), 1e-5),
    ],
}


def softmax_twice(x: Any, axis: int) -> Any:
    """log softmax plus softmax, which is its exponential."""
    below = x - x.max(axis, keepdims=True)
    log_p = below - np.log(np.exp(below).sum(axis, keepdims=True))
    return log_p + np.exp(log_p)


def test_every_rewrite_has_a_case() -> None:
    names = {one.__name__ for several in REWRITES.values() for one in several}
    assert names == {*MADE, "computed_at_once"}


def test_what_is_made_of_numbers_is_computed_at_once() -> None:
    w = Value(A, name="w")
    recording = record(lambda: np.tanh(w * 2.0 * 3.0).sum(), (), {}, [w], None)
    simplifier = Simplifier()
    simplify(recording, simplifier)
    assert "computed_at_once" not in simplifier.changes
    recording = record(lambda: (w * 2.0 * 3.0).sum(), (), {}, [w], None)
    simple = simplify(recording, simplifier)
    assert simplifier.changes["computed_at_once"] > 0
    ((_, g),) = simple.gradients
    assert (g.function, g.args[0].value) == (np.broadcast_to, 6.0)


def numbered(cases: dict[str, list[Case]]) -> Any:
    return [
        pytest.param(name, case, id=f"{name}-{i}")
        for name, several in cases.items()
        for i, case in enumerate(several)
    ]


@pytest.mark.parametrize(("name", "case"), numbered(MADE))
def test_a_rewrite_applies_and_changes_no_number(name: str, case: Case) -> None:
    assert changes(case).get(name, 0) > 0
    computed_alike(case)


LEFT: dict[str, list[Case]] = {
    "as_it_was": [
        Case(lambda x: x.astype(np.float32)),
        Case(lambda x: np.broadcast_to(x, (2, 3, 4)) * 2.0),
    ],
    "times_one": [
        Case(lambda x: x * 1.0, (WHOLE,)),  # becomes a float
        Case(lambda x: x * np.ones((2, 3, 4))),  # has another shape
        Case(lambda x: x * np.float64(1.0), (A.astype(np.float32),)),
        Case(lambda x: x * 1, (A > 0,)),
        Case(lambda x: x * -1.0),
        Case(lambda x: x * np.array([1.0, 1.0, 2.0, 1.0])),
    ],
    "by_one": [
        Case(lambda x: x / 1, (WHOLE,)),
        Case(lambda x: x / np.ones((2, 3, 4))),
        Case(lambda x: 1.0 / x),
        Case(lambda x: 1.0**x),
        Case(lambda x: x // 1.0),
    ],
    "minus_zero": [
        Case(lambda x: x - -0.0, (ODD,)),  # −0 − −0 is 0
        Case(lambda x: x + 0.0, (ODD,)),  # −0 + 0 is 0
        Case(lambda x: 0.0 - x, (ODD,)),
        Case(lambda x: x - np.zeros((2, 3, 4))),
        Case(lambda x: x - 0.0, (WHOLE,)),
        Case(lambda x: x - np.array([0.0, -0.0, 0.0, 0.0]), (ODD[:4],)),
    ],
    "minus_minus": [Case(lambda x: -(0.0 - x), (ODD,))],
    "small_powers": [
        Case(lambda x: x**3),
        Case(lambda x: x**2.0, (WHOLE,)),
        Case(lambda x: x**0.5, (WHOLE,)),
        Case(lambda x: x ** np.full((2, 3, 4), 2.0)),
        Case(lambda x: x ** np.array([2.0, 2.0, 3.0, 2.0])),
        Case(lambda x: 2.0**x),
        Case(lambda x: x ** x[0]),
    ],
    "computed_at_once": [
        Case(lambda x: x + np.broadcast_to(x[0, 0], (3, 4))),
        Case(lambda x: np.divmod(x, 2.0)[1]),
    ],
    "repeat_nothing": [
        Case(lambda x: np.broadcast_to(x[0, 0], (3, 4)) * 2.0),  # nothing else has the shape
        Case(lambda x: np.broadcast_to(x[0], (3, 4)) + x[0]),
        Case(lambda x: x / np.array([0.0, -0.0, 0.0, 0.0])),  # two numbers, if equal ones
        Case(lambda x: x[0] * np.ones((3, 4)) * 2.0),
    ],
    "scale_once": [
        Case(lambda x: x * 2 * 3, (WHOLE,)),
        Case(lambda x: x * 1e30 * 1e30, (A.astype(np.float32),)),
        Case(lambda x: x * 1e-30 * 1e30, (A.astype(np.float32),)),
        Case(lambda x: x * 1e200 * 1e-200, (ODD,)),
        Case(lambda x: x * 0.0 * 2.0, (ODD,)),
        Case(lambda x: x * np.inf * 2.0, (ODD,)),
        Case(lambda x: 2.0 / x * 3.0),
        Case(lambda x: x[0] * 2.0 * np.full((3, 4), 3.0)),
        Case(lambda x: x * np.float64(2.0) * 3.0, (A.astype(np.float32),)),
    ],
    "sum_by_product": [
        Case(np.sum),  # all numbers of a matrix: NumPy adds them up best
        Case(lambda x: x.sum(0), (WHOLE,)),
        Case(lambda x: (x > 0).sum(0)),
        Case(lambda x: x.reshape(3, 2, 2).sum(1)),
        Case(lambda x: x.sum(0, dtype=np.float32)),
        Case(lambda x: x.sum(0, initial=2.0)),
        Case(lambda x: x[:0].sum(0)),
        Case(lambda x: (x * x[0]).sum()),  # another shape
        Case(lambda x: x[0, 0].sum()),
    ],
    "mean_as_sum": [
        Case(np.mean, (WHOLE,)),
        Case(lambda x: np.mean(x > 0)),
        Case(lambda x: x.mean(0, dtype=np.float32)),
    ],
    "matmul_as_dot": [
        Case(lambda x: x @ x.T, (WHOLE,)),
        Case(lambda x: x @ x.T.astype(np.float32), tolerance=1e-6),
        Case(lambda x: x.reshape(3, 2, 2) @ x.reshape(3, 2, 2), tolerance=ROUNDED),
        Case(lambda x: x[:, :2] @ x.reshape(2, 2, 3), tolerance=ROUNDED),
    ],
    "choose_first": [
        Case(lambda x: (x - x.max(1, keepdims=True))[np.array([0, 2, 1]), np.array([0, 3, 1])]),
        Case(lambda x: (x - x.max(1, keepdims=True))[np.arange(3), np.zeros((2, 3), int)]),
        Case(lambda x: (x - x.max(1, keepdims=True))[np.arange(3)]),
        Case(lambda x: (x - x.max(1, keepdims=True))[np.arange(2), np.array([0, 3])]),
        Case(lambda x: (x - x.max(0))[np.arange(3), np.array([0, 3, 1])]),
        Case(lambda x: (x - x[:, 1:2])[np.arange(3), 2]),
    ],
    "labels_as_places": [
        Case(  # nobody takes numbers at the labels, so they may be any
            lambda x, i: x - (i.reshape(3, 1) == np.arange(4)),
            (A, np.array([0, -1, 7])),
        ),
        Case(
            lambda x, i: (
                x[np.arange(3), i].reshape(3, 1) + (x - (i.reshape(3, 1) == np.arange(1, 5)))
            ),
            (A, np.array([0, 3, 1])),
        ),
        Case(
            lambda x, i: (
                x[np.array([0, 0, 1]), i].reshape(3, 1) + (x - (i.reshape(3, 1) == np.arange(4)))
            ),
            (A, np.array([0, 3, 1])),
        ),
    ],
    "softmax_again": [
        Case(  # of another sum
            lambda x: np.exp(x - np.log(np.exp(x).sum() + 1.0)) + np.exp(x), tolerance=ROUNDED
        ),
        Case(  # exp(x) may be too large a number
            lambda x: np.exp(x - np.log(np.exp(x).sum(1, keepdims=True))) + np.exp(x),
            tolerance=ROUNDED,
        ),
        Case(lambda x: np.exp(x - np.log(abs(x) + 1.0))),
    ],
}


@pytest.mark.parametrize(("name", "case"), numbered(LEFT))
def test_a_rewrite_is_left_where_it_would_change_something(name: str, case: Case) -> None:
    assert name not in changes(case)
    computed_alike(case)


# -- common and dead parts -----------------------------------------------------------------------


def steps(f: Any, *args: Any) -> list[str]:
    """The functions of the steps that are left."""
    found = simplify(record(f, args, {}, None, None)).steps
    return [getattr(one.function, "__name__", "") for one in found]


def test_the_same_twice_is_computed_once() -> None:
    assert steps(lambda x: np.exp(x) * np.exp(x) + np.exp(x), A) == ["exp", "multiply", "add"]
    assert steps(lambda x, y: (x + y) / (x + y), A, A) == ["add", "divide"]
    assert steps(lambda x: x.sum(1) + x.sum(axis=1), A).count("dot") == 1
    assert steps(lambda x: x.T @ x.T.T + x.T @ x, A).count("dot") == 1


def test_what_differs_is_computed_twice() -> None:
    assert steps(lambda x: (x.max(0) + x.max(0, keepdims=True)).sum(), A).count("max") == 2
    assert steps(lambda x: (x + 0.0) / (x + -0.0), A).count("add") == 2
    assert steps(lambda x: x / np.zeros(4) + x / -np.zeros(4), A).count("divide") == 2
    assert steps(lambda x: (x + 1) / (x + 1.0), WHOLE).count("add") == 2
    assert steps(lambda x: x[1:] + x[:-1], A).count("getitem") == 2
    assert steps(lambda x: x.astype(np.float32) + x.astype(np.int64), A).count("as_type") == 2


def test_objects_among_settings_are_told_apart_by_identity() -> None:
    class Scale:
        def __init__(self, factor: float) -> None:
            self.factor = factor

        def __repr__(self) -> str:
            return "Scale()"

    @op(opaque=True)
    def scaled(x: Any, *, by: Any) -> Any:
        return x * by.factor

    @scaled.gradient("x")
    def _(g: Any, out: Any, x: Any, *, by: Any) -> Any:
        return g * by.factor

    w, two, three = Value(A), Scale(2.0), Scale(3.0)
    program = compile(lambda: (scaled(w, by=two) + scaled(w, by=three)).sum(), [w])
    for _ in range(3):
        np.testing.assert_allclose(program(), 5.0 * A.sum())
        np.testing.assert_allclose(w.grad, np.full((3, 4), 5.0))


def test_what_nobody_needs_is_not_computed() -> None:
    assert steps(lambda x: (np.exp(x), np.tanh(x))[1], A) == ["tanh"]
    w, b = Value(A), Value(A)
    program = compile(lambda x: (np.tanh(w * x) * b).sum(), [b])
    program(A)
    assert "rule of tanh" not in program.source
    program = compile(lambda x: (np.tanh(w * x) * b).sum(), [w])
    program(A)
    assert "rule of tanh" in program.source


def test_constants_are_computed_while_recording() -> None:
    table = np.arange(12.0).reshape(3, 4)
    assert steps(lambda x: x * np.exp(table).sum(0), A) == ["multiply"]
    assert steps(lambda x: x + np.zeros_like(x) @ np.ones((4, 4)), A) == ["add"]


def test_equal_constants_are_one() -> None:
    program = compile(lambda x: x @ np.arange(12.0).reshape(4, 3) @ np.arange(12.0).reshape(3, 4))
    program(A)
    program = compile(lambda x: (x * np.array([1.0, 2.0, 3.0, 4.0])) / np.array([1.0, 2, 3, 4]))
    program(A)
    assert program.source.count("np.array([1.0, 2.0, 3.0, 4.0])") == 1


def test_zeros_of_two_signs_are_written_as_they_are() -> None:
    program = compile(lambda x: (x / np.array([0.0, -0.0]), np.array([-0.0, 0.0]) * x))
    with np.errstate(all="ignore"):
        for _ in range(3):
            quotients, products = program(np.ones(2))
            np.testing.assert_array_equal(quotients, [np.inf, -np.inf])
            np.testing.assert_array_equal(np.signbit(products), [True, False])


def test_a_small_mask_that_is_calculated_with_holds_numbers() -> None:
    program = compile(lambda x: (x > 0) * x + 1.0)
    program(A)
    assert "mask = np.empty((3, 4))" in program.source
    for f in (lambda x: np.where(x > 0, x, 1.0) + (x > 0), lambda x: ((x > 0) * x, x > 0)):
        program = compile(f)
        for x in (A, -A, A + 1):
            for one, right in zip(np.atleast_1d(program(x)), np.atleast_1d(f(x)), strict=True):
                np.testing.assert_array_equal(one, right)
    assert program(A)[1].dtype == bool
    for f in (lambda x: (x > 0) + (x > 1), lambda x: (x > 0) * 2, lambda x: 1 - (x > 0)):
        program = compile(f)
        for x in (A, -A, A + 1):
            assert program(x).dtype == f(x).dtype
            np.testing.assert_array_equal(program(x), f(x))
