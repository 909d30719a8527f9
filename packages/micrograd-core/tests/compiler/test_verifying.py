"""Is a function found out that depends on what is no argument?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, compile
from micrograd.engine.compiler.comparing import agree

X = np.array([1.0, -2.0, 3.0])
STALE = (
    r"compile: .* differs from what the eager engine computes .*depend on something that changes "
    r"between calls.*pass it as an argument. The program is in program\.source"
)
factor = 1.0
array = np.ones(3)


def test_a_global_that_changes_is_found_out() -> None:
    global factor
    factor = 1.0
    w = Value(X)
    program = compile(lambda x: (w * x).sum() * factor, [w])
    program(X)
    factor = 2.0
    with pytest.raises(RuntimeError, match=f"(?s){STALE}"):
        program(X)
    with pytest.raises(RuntimeError, match=r"result 0 differs .*\(by up to 14\)"):
        program(X)  # again, for the call was not trusted


def test_an_array_that_changes_is_found_out() -> None:
    w, here = Value(X), np.ones(3)
    program = compile(lambda x: (w * x * here).sum(), [w])
    program(X)
    here[1] = 5.0
    with pytest.raises(RuntimeError, match=STALE):
        program(X)


def test_an_array_that_is_another_one_is_found_out() -> None:
    global array
    array = np.ones(3)
    program = compile(lambda x: x * array)
    program(X)
    array = np.zeros(3)
    with pytest.raises(RuntimeError, match=STALE):
        program(X)


def test_a_gradient_alone_is_found_out() -> None:
    w, here = Value(np.zeros(3), name="w"), [1.0]
    program = compile(lambda x: (w * x).sum() * here[0], [w])
    program(X)
    here[0] = 2.0
    with pytest.raises(RuntimeError, match="the gradient of w differs"):
        program(X)


def test_numbers_from_a_generator_that_no_op_was_given_are_found_out(
    rng: np.random.Generator,
) -> None:
    program = compile(lambda x: x + rng.standard_normal(3))
    program(X)
    with pytest.raises(RuntimeError, match=STALE):
        program(X)


def test_another_shape_or_dtype_is_found_out() -> None:
    turns = iter([X, X[:2], X.astype(np.float32), X])
    program = compile(lambda: next(turns) * 1.0)
    program()
    with pytest.raises(RuntimeError, match=r"float64 \(3,\) instead of float64 \(2,\)"):
        program()
    with pytest.raises(RuntimeError, match=r"float64 \(3,\) instead of float32 \(3,\)"):
        program()


def test_whole_numbers_are_found_out() -> None:
    turns = iter([1, 2, 3])
    program = compile(lambda x: x + next(turns))
    program(np.arange(3))
    with pytest.raises(RuntimeError, match=r"result 0 differs .*\(values\)"):
        program(np.arange(3))


def test_what_it_writes_is_found_out() -> None:
    from micrograd.engine import assign

    mean, here = Value(np.zeros(3), name="mean", requires_grad=False), [1.0]

    def f(x: Any) -> Any:
        assign(mean, x * here[0])
        return x

    program = compile(f)
    program(X)
    here[0] = 2.0
    with pytest.raises(RuntimeError, match="what it writes into mean differs"):
        program(X)


def test_a_change_after_two_calls_is_not_seen() -> None:
    here = [1.0]
    program = compile(lambda x: x * here[0])
    program(X)
    program(X)
    here[0] = 2.0
    np.testing.assert_array_equal(program(X), X)
    np.testing.assert_array_equal(program(X[:2]), X[:2] * 2)  # but by a new recording


def test_verify_false_looks_at_nothing() -> None:
    here, calls = [1.0], []

    def f(x: Any) -> Any:
        calls.append(x)
        return x * here[0]

    program = compile(f, verify=False)
    for _ in range(3):
        np.testing.assert_array_equal(program(X), X)
        here[0] = 2.0
    assert len(calls) == program.recordings == 1


def test_each_signature_is_verified() -> None:
    here = [1.0]
    program = compile(lambda x: x * here[0])
    for x in (X, X, X, X[:2]):
        program(x)
    here[0] = 2.0
    with pytest.raises(RuntimeError, match=STALE):
        program(X[:2])


@pytest.mark.parametrize(
    ("have", "want", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.0 + 1e-12], True),
        ([1.0, 2.0], [1.0, 2.0 + 1e-6], False),
        ([np.nan, np.inf], [np.nan, np.inf], True),
        ([np.nan, np.inf], [np.nan, -np.inf], False),
        ([np.inf], [1.0], False),
        ([1.0], [np.inf], False),
        ([np.nan], [1.0], False),
        ([1.0], [np.nan], False),
        ([], [], True),
        ([[1.0]], [1.0], False),
        ([True, False], [True, False], True),
        ([True, False], [True, True], False),
        ([1, 2], [1, 3], False),
        ([1, 2], [1.0, 2.0], False),
    ],
)
def test_agreement(have: Any, want: Any, expected: bool) -> None:
    assert agree(np.array(have), np.array(want), 1e-9) is expected
