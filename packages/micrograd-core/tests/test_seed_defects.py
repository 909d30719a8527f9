"""What the engine's forerunner did wrong, case by case, and the right answer to each.

The cases that draw (edges of `x * x`, escaped names, deep graphs) are in micrograd-viz, that of
a target of another shape is in micrograd-nn.
"""

from __future__ import annotations

import gc
import math
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, detect_anomaly, grad, ops

A = np.arange(1.0, 10.0).reshape(3, 3)


# -- matrix products --------------------------------------------------------------------------


def test_gradient_of_matrix_at_vector() -> None:
    a, v = Value(A), Value([1.0, 2.0, 3.0])
    (a @ v).sum().backward()
    np.testing.assert_array_equal(a.grad, [[1, 2, 3]] * 3)
    np.testing.assert_array_equal(v.grad, A.sum(axis=0))


def test_gradient_of_batched_matrices(rng: np.random.Generator) -> None:
    a, b = Value(rng.normal(size=(3, 3, 3))), Value(rng.normal(size=(3, 3, 3)))
    (a @ b).sum().backward()
    np.testing.assert_allclose(a.grad, np.ones((3, 3, 3)) @ b.data.swapaxes(-1, -2))
    np.testing.assert_allclose(b.grad, a.data.swapaxes(-1, -2) @ np.ones((3, 3, 3)))


def test_gradient_of_batched_matrices_that_are_not_square(rng: np.random.Generator) -> None:
    a, b = Value(rng.normal(size=(2, 3, 4))), Value(rng.normal(size=(2, 4, 5)))
    (a @ b).sum().backward()
    np.testing.assert_allclose(a.grad, np.ones((2, 3, 5)) @ b.data.swapaxes(-1, -2))
    np.testing.assert_allclose(b.grad, a.data.swapaxes(-1, -2) @ np.ones((2, 3, 5)))


def test_gradient_of_vector_at_vector() -> None:
    v, w = Value([1.0, 2.0]), Value([3.0, 4.0])
    (v @ w).backward()
    np.testing.assert_array_equal(v.grad, [3.0, 4.0])
    np.testing.assert_array_equal(w.grad, [1.0, 2.0])


# -- arrays on the left -----------------------------------------------------------------------


def test_array_times_value_is_one_value() -> None:
    v = Value([1.0, 2.0])
    out = np.array([3.0, 4.0]) * v
    assert type(out) is Value
    assert out.parents[0] is None
    assert out.parents[1] is v
    out.sum().backward()
    np.testing.assert_array_equal(v.grad, [3.0, 4.0])


# -- backward ---------------------------------------------------------------------------------


def test_backward_twice_adds_exactly_once_more() -> None:
    x = Value(3.0)
    z = 2 * x
    y = z * z
    y.backward()
    assert x.grad == 24
    y.backward()
    assert x.grad == 48


def test_backward_twice_after_zero_grad_of_the_leaf() -> None:
    x = Value(3.0)
    z = 2 * x
    y = z * z
    y.backward()
    x.zero_grad()
    y.backward()
    assert x.grad == 24
    assert z.grad == 12


def test_graph_of_2000_nodes_in_a_row() -> None:
    x = Value(1.0)
    y = x
    for _ in range(2000):
        y = y + 1
    y.backward()
    assert x.grad == 1


def test_backward_from_a_vector_wants_a_gradient() -> None:
    x = Value([1.0, 2.0])
    y = x * 2
    with pytest.raises(ValueError, match=r"shape \(2,\).*\.sum\(\).*gradient="):
        y.backward()
    y.backward(gradient=[1.0, 10.0])
    np.testing.assert_array_equal(x.grad, [2.0, 20.0])


def test_two_equal_operands_are_two_parents() -> None:
    x = Value(3.0)
    y = x * x
    assert len(y.parents) == 2
    assert y.parents[0] is x
    assert y.parents[1] is x
    y.backward()
    assert x.grad == 6


def test_operands_keep_their_order() -> None:
    values = [Value(float(i)) for i in range(8)]
    for x in values:
        for y in values:
            assert [p is q for p, q in zip((x - y).parents, (x, y), strict=True)] == [True, True]


# -- writing into data ------------------------------------------------------------------------


def test_data_assigned_before_backward_raises() -> None:
    x = Value([1.0, 2.0], name="x")
    y = (x**2).sum()
    x.data -= 1.0
    with pytest.raises(RuntimeError, match=r"power used x .*changed since"):
        y.backward()


def test_data_written_into_before_backward_raises_while_anomalies_are_detected() -> None:
    x = Value([1.0, 2.0])
    with detect_anomaly():
        y = (x**2).sum()
        x.data[0] = 100.0
        with pytest.raises(
            RuntimeError, match=r"input of power, .*test_seed_defects.*written into"
        ):
            y.backward()


# -- powers -----------------------------------------------------------------------------------


def test_power_of_0_to_0_has_slope_0() -> None:
    x = Value([0.0, 2.0])
    (x**0).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.0])


def test_power_by_a_numpy_integer() -> None:
    x = Value(3.0)
    (x ** np.int64(2)).backward()
    assert x.grad == 6


def test_power_by_a_value() -> None:
    x, y = Value(3.0), Value(2.0)
    (x**y).backward()
    assert x.grad == 6
    np.testing.assert_allclose(y.grad, 9 * math.log(3))


def test_number_to_the_power_of_a_value() -> None:
    x = Value(3.0)
    y = 2**x
    y.backward()
    assert y.item() == 8
    np.testing.assert_allclose(x.grad, 8 * math.log(2))


# -- numbers ----------------------------------------------------------------------------------


def test_sigmoid_of_1000_without_a_warning() -> None:
    x = Value([-1000.0, 0.0, 1000.0])
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        y = x.sigmoid()
        y.sum().backward()
    np.testing.assert_array_equal(y.data, [0.0, 0.5, 1.0])
    np.testing.assert_array_equal(x.grad, [0.0, 0.25, 0.0])


def test_float32_stays_float32() -> None:
    x = Value(np.array([1.0, 2.0], dtype=np.float32))
    y = (x.tanh() * 2 + 1).mean()
    y.backward()
    assert x.dtype == y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize("data", [1j, [1.0, 2j], np.ones(2, complex)])
def test_complex_data_are_refused(data: Any) -> None:
    with pytest.raises(TypeError, match=r"complex128.*real numbers"):
        Value(data)


# -- memory -----------------------------------------------------------------------------------


def test_a_graph_goes_with_its_last_name() -> None:
    """Without the garbage collector, so there is no reference cycle; before and after backward."""
    gc.collect()
    gc.disable()
    try:
        for run_backward in (False, True):
            x = Value([1.0, 2.0])
            inner = (x * 2).relu()
            y = inner.sum()
            dead = [weakref.ref(inner), weakref.ref(y)]
            if run_backward:
                y.backward()
            del inner, y
            assert [ref() for ref in dead] == [None, None]
    finally:
        gc.enable()


# -- conversions ------------------------------------------------------------------------------


def test_float_of_a_value_names_item() -> None:
    with pytest.raises(TypeError, match=r"\.item\(\)"):
        float(Value(2.0))
    assert Value(2.0).item() == 2.0


def test_len_of_a_value() -> None:
    assert len(Value([1.0, 2.0, 3.0])) == 3


def test_element_of_a_value() -> None:
    v = Value([1.0, 2.0])
    v[0].backward()
    np.testing.assert_array_equal(v.grad, [1.0, 0.0])


def test_comparison_of_values() -> None:
    less = Value([1.0, 5.0]) < Value([2.0, 2.0])
    assert type(less) is np.ndarray
    np.testing.assert_array_equal(less, [True, False])


@pytest.mark.parametrize(
    ("function", "slope"), [(np.exp, [1.0, math.e]), (np.sum, [1.0, 1.0])], ids=["exp", "sum"]
)
def test_numpy_function_of_a_value(function: Callable[..., Any], slope: list[float]) -> None:
    out = function(Value([0.0, 1.0]))
    assert type(out) is Value
    np.testing.assert_allclose(grad(lambda v: ops.sum(function(v)))(np.array([0.0, 1.0])), slope)


def test_value_of_a_value_is_refused() -> None:
    with pytest.raises(TypeError, match=r"detach\(\)"):
        Value(Value(1.0))
