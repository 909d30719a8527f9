"""When does a program record again, and what may it be given?"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, compile

X = np.array([1.0, -2.0, 3.0])
Pair = namedtuple("Pair", "left right")


def recordings(program: Any, *calls: tuple[Any, ...]) -> list[int]:
    """How many signatures there are after each call."""
    found = []
    for args in calls:
        program(*args)
        found.append(program.signatures)
    return found


def test_shapes_and_dtypes_are_the_signature() -> None:
    program = compile(lambda x: x * 2, verify=False)
    given = [X, X + 1, X[:2], X[:, None], X.astype(np.float32), np.arange(3), X]
    assert recordings(program, *((one,) for one in given)) == [1, 1, 2, 3, 4, 5, 5]
    assert program.recordings == 5
    np.testing.assert_array_equal(program(X[:2]), [2.0, -4.0])
    np.testing.assert_array_equal(program(X[:, None]), X[:, None] * 2)
    assert program(X.astype(np.float32)).dtype == np.float32
    assert program(np.arange(3)).dtype == np.int64


def test_verified_calls_record_too() -> None:
    program = compile(lambda x: x * 2)
    for _ in range(4):
        program(X)
    assert (program.signatures, program.recordings) == (1, 2)
    program(X[:2])
    assert (program.signatures, program.recordings) == (2, 3)


def test_memory_layout_is_no_part_of_the_signature() -> None:
    program, w = compile(lambda x, w: (x @ w) * 2, verify=False), np.arange(12.0).reshape(4, 3)
    x = np.arange(8.0).reshape(2, 4)
    expected = x @ w * 2
    np.testing.assert_array_equal(program(x, w), expected)
    np.testing.assert_array_equal(program(np.asfortranarray(x), np.asfortranarray(w)), expected)
    wide = np.zeros((4, 8))
    wide[::2, ::2] = x
    np.testing.assert_array_equal(program(wide[::2, ::2], w[::-1][::-1]), expected)
    assert program.signatures == 1


def test_python_settings_are_part_of_the_signature() -> None:
    def f(x: Any, n: Any, flag: Any = None, name: str = "") -> Any:
        total = x
        for _ in range(n):
            total = total + x
        return (total if flag else -total), name

    program = compile(f)
    np.testing.assert_array_equal(program(X, 2, True, "a")[0], 3 * X)
    np.testing.assert_array_equal(program(X, 2, False, "a")[0], -3 * X)
    np.testing.assert_array_equal(program(X, 3, False, "a")[0], -4 * X)
    assert program(X, 3, False, "b")[1] == "b"
    assert program(X, 3, flag=False, name="b")[1] == "b"
    assert program.signatures == 5
    assert program(X, 1, 1)[1] == program(X, 1, True)[1] == ""
    assert program.signatures == 7  # True is not 1


def test_a_float_is_read_at_each_call_and_bends_to_the_arrays_dtype() -> None:
    program = compile(lambda x, a: x * a + a)
    for dtype in (np.float64, np.float32):
        x = X.astype(dtype)
        for a in (2.0, 3.0, -0.5, 1e10):
            out = program(x, a)
            assert out.dtype == dtype
            np.testing.assert_array_equal(out, x * dtype(a) + dtype(a))
    assert program.signatures == 2


def test_floats_among_themselves_stay_weak() -> None:
    program = compile(lambda x, a, b: x * (a / b + 1.0) ** 2 * -a)
    out = program(X.astype(np.float32), 3.0, 2.0)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, X * 6.25 * -3, rtol=1e-6)
    out = program(X.astype(np.float32), 1.0, 4.0)
    np.testing.assert_allclose(out, X * 1.25**2 * -1, rtol=1e-6)


def test_floats_among_themselves_are_pythons_in_numpys_functions_too() -> None:
    program = compile(lambda x, a: x * np.sqrt(a) + np.exp(a))
    out = program(X.astype(np.float32), 4.0)
    expected = X.astype(np.float32) * np.sqrt(4.0) + np.exp(4.0)
    assert out.dtype == expected.dtype
    np.testing.assert_allclose(out, expected, rtol=1e-6)


def test_a_numpy_scalar_keeps_its_dtype() -> None:
    program = compile(lambda x, a: x * a)
    x = X.astype(np.float32)
    assert program(x, np.float64(2.0)).dtype == np.float64
    assert program(x, np.float32(2.0)).dtype == np.float32
    assert program(x, 2.0).dtype == np.float32
    assert program(x, np.array(2.0)).dtype == np.float64
    assert program.signatures == 4


def test_at_most_32_signatures_are_kept() -> None:
    program = compile(lambda x: x * 2, verify=False)
    for n in range(1, 41):
        program(np.ones(n))
    assert (program.signatures, program.recordings) == (32, 40)
    program(np.ones(40))
    program(np.ones(9))  # the oldest that is kept
    assert program.recordings == 40
    program(np.ones(8))
    assert (program.signatures, program.recordings) == (32, 41)
    program(np.ones(9))  # used a moment ago, so 10 went
    assert program.recordings == 41
    program(np.ones(10))
    assert program.recordings == 42


def test_a_program_tells_what_it_is() -> None:
    def loss_of(x: Any) -> Any:
        return x * 2

    program = compile(loss_of)
    assert repr(program).endswith("loss_of, 0 signatures>")
    program(X)
    assert repr(program).endswith("loss_of, 1 signatures>")
    assert repr(compile(np.sin)) == "<program of sin, 0 signatures>"


# -- what may be given ---------------------------------------------------------------------------


def test_nestings_and_keywords() -> None:
    def f(batch: Any, *rest: Any, scale: Any = 1.0, **more: Any) -> Any:
        total = batch["x"] * batch["y"][0] + batch["y"][1].left * scale
        return total + sum(rest) + more["bias"][0] - batch["y"][1].right

    def batch(a: float) -> Any:
        return {"x": X * a, "y": [X + a, Pair(X - a, a * 1.5)]}

    program = compile(f)
    for a in (1.0, 2.0, 3.0):
        args, named = (batch(a), X * 2, a), {"scale": a / 2, "bias": (X * a,)}
        np.testing.assert_allclose(program(*args, **named), f(*args, **named), rtol=1e-14)
        np.testing.assert_allclose(  # keywords in another order
            program(*args, **dict(reversed(named.items()))), f(*args, **named), rtol=1e-14
        )
    assert program.signatures == 1


def test_a_list_is_no_tuple_and_empty_nestings_differ() -> None:
    program = compile(lambda x, given: (x, type(given).__name__, len(given)))
    for given in ([], (), {}, [X], (X,), {0: X}, [[]], [()]):
        out = program(X, given)
        assert out[1:] == (type(given).__name__, len(given))
    assert program.signatures == 8


def test_values_as_arguments_are_constants() -> None:
    w = Value([1.0, 2.0, 3.0])
    program = compile(lambda v: (v * w).sum(), [w])
    for numbers in ([1.0, 1.0, 1.0], [2.0, 3.0, 4.0], [5.0, 6.0, 7.0]):
        v = Value(numbers, name="v")
        assert program(v) == np.dot(numbers, w.data)
        np.testing.assert_array_equal(w.grad, numbers)
        assert not v.has_grad
        assert program(v * 1.0) == np.dot(numbers, w.data)  # what an op made will do too
    assert program.signatures == 1


def test_generators_as_arguments() -> None:
    program = compile(lambda x, rng: x + rng.standard_normal(3))
    rngs, others = [[np.random.default_rng(seed) for seed in (1, 2, 3)] for _ in range(2)]
    for rng, other in zip(rngs, others, strict=True):
        for _ in range(3):
            np.testing.assert_array_equal(program(X, rng), X + other.standard_normal(3))
        assert rng.bit_generator.state == other.bit_generator.state
    assert program.signatures == 1


def test_one_array_in_two_places() -> None:
    program = compile(lambda x, y: x * y)
    np.testing.assert_array_equal(program(X, X), X * X)
    np.testing.assert_array_equal(program(X, X + 1), X * (X + 1))
    assert program.signatures == 1


def test_no_arguments() -> None:
    w = Value([1.0, 2.0])
    program = compile(lambda: (w * w).sum(), [w])
    for factor in (1.0, 2.0, 3.0):
        w.data = np.array([1.0, 2.0]) * factor
        assert program() == 5.0 * factor**2
        np.testing.assert_array_equal(w.grad, 2 * w.data)
    assert program.recordings == 2


def test_defaults_may_be_left_out_or_given() -> None:
    program = compile(lambda x, y=X: x - y)
    np.testing.assert_array_equal(program(X * 3), X * 2)
    np.testing.assert_array_equal(program(X * 3, X * 2), X)
    np.testing.assert_array_equal(program(X * 3, y=X * 2), X)


@pytest.mark.parametrize("make", [np.ones, np.zeros, lambda shape: np.full(shape, -2.5)])
def test_parameters_of_shape_nothing(make: Any) -> None:
    a, b = Value(make(()), name="a"), Value(make(()), name="b")
    program = compile(lambda x: (a * x + b).sum(), [a, b])
    for x in (X, X + 1, X * 2):
        assert program(x) == (a.data * x + b.data).sum()
        assert a.grad == x.sum()
        assert b.grad == 3.0
        assert a.grad.shape == b.grad.shape == ()
        a.data = a.data + 1.0


# -- what comes out ------------------------------------------------------------------------------


def test_results_have_the_functions_nesting() -> None:
    w = Value([1.0, 2.0, 3.0])

    def f(x: Any) -> Any:
        y = x * w
        return {"loss": y.sum(), "all": [y, (x, w), Pair(y.mean(), 3)], "text": "t", "n": None}

    for program in (compile(f, [w]), compile(f)):
        for x in (X, X + 1, X + 2):
            out = program(x)
            assert list(out) == ["loss", "all", "text", "n"]
            assert out["loss"] == (x * w.data).sum()
            assert type(out["all"]) is list
            assert type(out["all"][1]) is tuple
            np.testing.assert_array_equal(out["all"][0], x * w.data)
            np.testing.assert_array_equal(out["all"][1], (x, w.data))
            assert isinstance(out["all"][2], Pair)
            assert out["all"][2] == ((x * w.data).mean(), 3)
            assert (out["text"], out["n"]) == ("t", None)


def test_every_number_that_comes_out_is_numpys() -> None:
    w = Value([1.0, 2.0], dtype=np.float32)
    program = compile(
        lambda a: (w.sum(), a, 2.5, np.float32(1.5), np.array(3.0), True, 4, a * 2.0, Value(7.0))
    )
    for _ in range(3):
        out = program(0.1)
        kinds = [np.float32, np.float64, np.float64, np.float32, np.float64, bool, int]
        kinds += [np.float64, np.float64]
        for one, kind in zip(out, kinds, strict=True):
            if kind in (bool, int):
                assert type(one) is kind
            else:
                assert one.dtype == kind
                assert one.shape == ()
        assert out[:6] == (3.0, 0.1, 2.5, 1.5, 3.0, True)


def test_forward_only() -> None:
    w = Value([1.0, 2.0, 3.0])
    w.grad = [7.0, 8.0, 9.0]
    program = compile(lambda x: np.tanh(x * w))
    for x in (X, X + 1, X + 2):
        np.testing.assert_allclose(program(x), np.tanh(x * w.data), rtol=1e-15)
    np.testing.assert_array_equal(w.grad, [7.0, 8.0, 9.0])
    assert "def step(x, w)" in program.source
