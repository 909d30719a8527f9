"""Gradients as functions: which order, which arguments, arrays or Values, which rules run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, grad, gradients, no_grad, op, ops
from micrograd.engine.testing import check_gradients

# -- gradients --------------------------------------------------------------------------------


def test_gradients_come_in_the_order_of_the_inputs_and_are_stored_nowhere() -> None:
    x, y = Value([1.0, 2.0]), Value([3.0, 4.0])
    inner = x * y
    found = gradients((inner * inner).sum(), [y, inner, x])
    expected = [2 * x.data**2 * y.data, 2 * inner.data, 2 * x.data * y.data**2]
    for g, right in zip(found, expected, strict=True):
        assert type(g) is np.ndarray
        np.testing.assert_allclose(g, right)
    assert not any(v.has_grad for v in (x, y, inner))


def test_gradients_leave_what_backward_stored() -> None:
    x = Value(3.0)
    y = x * x
    y.backward()
    gradients(y, [x])
    assert (x.grad, y.grad) == (6.0, 1.0)


@pytest.mark.parametrize("create_graph", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_unused_input_gives_zeros(create_graph: bool, dtype: type) -> None:
    x, unused = Value(2.0), Value(np.ones((2, 3)), dtype=dtype)
    _, zeros = gradients(x * x, [x, unused], create_graph=create_graph)
    assert isinstance(zeros, Value) is create_graph
    data = zeros.data if create_graph else zeros
    np.testing.assert_array_equal(data, np.zeros((2, 3), dtype), strict=True)


@pytest.mark.parametrize("create_graph", [True, False])
def test_the_gradient_of_the_output_itself(create_graph: bool) -> None:
    x = Value([1.0, 2.0])
    for output in (x, x * 2):
        (g,) = gradients(output, [output], gradient=[3.0, 4.0], create_graph=create_graph)
        np.testing.assert_array_equal(g.data if create_graph else g, [3.0, 4.0])


def test_an_input_that_is_named_twice() -> None:
    x = Value(3.0)
    first, second = gradients(x * x, [x, x])
    assert (first, second) == (6.0, 6.0)
    assert not np.shares_memory(first, second)


def test_gradients_of_an_inner_value_stop_there() -> None:
    ran: list[str] = []

    def step(name: str) -> Any:
        made = op(lambda x: x * 2.0, name=name)
        made.gradient("x")(lambda g, out, x: ran.append(name) or g * 2)
        return made

    inner = step("below")(Value(1.0))
    y = step("above")(inner)
    assert gradients(y, [inner]) == [2.0]
    assert ran == ["above"]


@pytest.mark.parametrize("create_graph", [True, False])
def test_only_rules_on_the_paths_run(create_graph: bool) -> None:
    """The gradient for the input of a network runs no rule of its weights."""
    ran: list[str] = []

    @op
    def product(x, w):  # type: ignore[no-untyped-def]
        return x @ w

    @product.gradient("x")
    def _(g, out, x, w):  # type: ignore[no-untyped-def]
        ran.append("x")
        return g @ w.T

    @product.gradient("w")
    def _(g, out, x, w):  # type: ignore[no-untyped-def]
        ran.append("w")
        return x.T @ g

    x = Value(np.ones((2, 3)))
    first, second = Value(np.ones((3, 4))), Value(np.ones((4, 1)))
    loss = product(product(x, first).tanh(), second).sum()
    gradients(loss, [x], create_graph=create_graph)
    assert ran == ["x", "x"]
    ran.clear()
    gradients(loss, [second], create_graph=create_graph)
    assert ran == ["w"]
    ran.clear()
    gradients(loss, [first], create_graph=create_graph)
    assert ran == ["x", "w"]


def test_a_gradient_for_each_element_of_the_output() -> None:
    x = Value([1.0, 2.0])
    (g,) = gradients(x * x, [x], gradient=[1.0, 10.0])
    np.testing.assert_array_equal(g, [2.0, 40.0])
    with pytest.raises(ValueError, match=r"\.sum\(\).*gradient="):
        gradients(x * x, [x])
    with pytest.raises(ValueError, match=r"gradient= has shape \(3,\)"):
        gradients(x * x, [x], gradient=np.ones(3))


def test_a_gradient_that_is_a_value_stays_in_the_graph() -> None:
    x, g = Value([1.0, 2.0]), Value([3.0, 4.0])
    (plain,) = gradients(x * x, [x], gradient=g)
    np.testing.assert_array_equal(plain, [6.0, 16.0])
    (found,) = gradients(x * x, [x], gradient=g, create_graph=True)
    np.testing.assert_array_equal(gradients(found.sum(), [g])[0], [2.0, 4.0])


def test_gradients_of_what_is_no_value_is_refused() -> None:
    x = Value(1.0)
    with pytest.raises(TypeError, match=r"gradients\(\) of float 2\.0"):
        gradients(2.0, [x])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"gradients\(\) of ndarray"):
        gradients(x * 2, [np.ones(2)])  # type: ignore[list-item]


def test_gradients_with_respect_to_a_constant_are_refused() -> None:
    with pytest.raises(ValueError, match=r"the constant Value\(2\.\).*requires_grad=True"):
        gradients(Value(1.0) * 2, [Value(2.0, requires_grad=False)])


def test_orders_by_gradients() -> None:
    x = Value(2.0)
    y = x**5
    found = []
    for _ in range(5):
        (y,) = gradients(y, [x], create_graph=True)
        found.append(y.item())
    assert found == [80.0, 160.0, 240.0, 240.0, 120.0]


def test_a_gradient_penalty_reaches_the_weights(rng: np.random.Generator) -> None:
    """The gradient of a gradient's norm, through a network: order 2 with several parameters."""
    data = rng.normal(size=(4, 3))

    def penalty(w1: Value, w2: Value) -> Value:
        x = Value(data)
        (g,) = gradients(((x @ w1).tanh() @ w2).sum(), [x], create_graph=True)
        return ((g * g).sum(axis=1).sqrt() - 1) ** 2

    check_gradients(penalty, rng.normal(size=(3, 5)), rng.normal(size=5), order=1, rng=rng)


# -- grad -------------------------------------------------------------------------------------


def test_orders_by_grad() -> None:
    f: Any = lambda x: x**4  # noqa: E731
    for expected in (32.0, 48.0, 48.0, 24.0):
        f = grad(f)
        out = f(2.0)
        assert type(out) is np.ndarray
        assert out == expected


def test_orders_of_a_function_of_arrays() -> None:
    def total(x: Value) -> Value:
        return np.tanh(x).sum()

    x = np.array([0.3, -0.7])
    t = np.tanh(x)
    second = grad(lambda v: grad(total)(v).sum())
    third = grad(lambda v: second(v).sum())
    np.testing.assert_allclose(grad(total)(x), 1 - t**2)
    np.testing.assert_allclose(second(x), -2 * t * (1 - t**2))
    np.testing.assert_allclose(third(x), (1 - t**2) * (6 * t**2 - 2))


def test_second_derivative_of_tanh_at_a_half() -> None:
    """A rule that reads .data passes every check of order 1 and gives 0 here."""
    np.testing.assert_allclose(grad(grad(np.tanh))(0.5), -0.7269, atol=1e-4)


def test_nested_gradients_do_not_mix() -> None:
    assert grad(lambda x: x * grad(lambda y: x * y)(3.0))(2.0) == 4
    assert grad(lambda x: grad(lambda y: x * x * y)(1.0) * x)(2.0) == 12
    assert grad(lambda x: x * grad(lambda y: y * y)(x))(3.0) == 12


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_in_arrays_out(dtype: type) -> None:
    g = grad(lambda x: (x * x).sum())(np.ones((2, 3), dtype))
    assert type(g) is np.ndarray
    np.testing.assert_array_equal(g, np.full((2, 3), 2, dtype), strict=True)


def test_value_in_value_out() -> None:
    x = Value([1.0, 2.0])
    g = grad(lambda v: (v**3).sum())(x)
    assert type(g) is Value
    assert not x.has_grad
    g.sum().backward()
    np.testing.assert_array_equal(x.grad, [6.0, 12.0])


def test_a_constant_value_in_value_out() -> None:
    g = grad(lambda v: v**3)(Value(2.0, requires_grad=False))
    assert type(g) is Value
    assert g.item() == 12


def test_an_argument_by_name_makes_values_too() -> None:
    scale = Value(3.0)
    g = grad(lambda x, *, by: x * x * by)(2.0, by=scale)
    assert type(g) is Value
    g.backward()
    assert scale.grad == 4


def test_parameters_that_a_function_closes_over_change_nothing() -> None:
    w = Value([3.0, 4.0])
    g = grad(lambda x: (x * w).sum())(np.array([1.0, 2.0]))
    assert type(g) is np.ndarray
    np.testing.assert_array_equal(g, [3.0, 4.0])
    assert not w.has_grad


def test_a_value_that_is_argument_and_closed_over_counts_once() -> None:
    """∂f/∂argument, not the total derivative."""
    w = Value(3.0)
    assert grad(lambda x: x * w)(w).item() == 3


def test_arguments_by_number() -> None:
    def f(x: Value, y: Value, z: float) -> Value:
        return x * y**2 * z

    assert grad(f)(2.0, 3.0, 5.0) == 45
    assert grad(f, argnums=1)(2.0, 3.0, 5.0) == 60
    assert grad(f, argnums=-2)(2.0, 3.0, 5.0) == 60
    assert grad(f, argnums=-3)(2.0, 3.0, 5.0) == 45
    assert grad(f, argnums=(1, 0))(2.0, 3.0, 5.0) == (60, 45)
    assert grad(f, argnums=(0,))(2.0, 3.0, 5.0) == (45,)


@pytest.mark.parametrize("argnums", [2, -3, (0, 2)])
def test_an_argument_number_out_of_range_is_refused(argnums: Any) -> None:
    with pytest.raises(ValueError, match=r"argnums=.* 2 arguments"):
        grad(lambda x, y: x * y, argnums=argnums)(1.0, 2.0)


@pytest.mark.parametrize("value_in", [True, False])
def test_an_argument_that_is_not_used_has_a_gradient_of_zeros(value_in: bool) -> None:
    x: Any = np.ones((2, 1))
    g = grad(lambda x, y: y * 2)(Value(x) if value_in else x, 3.0)
    assert isinstance(g, Value) is value_in
    np.testing.assert_array_equal(g.data if value_in else g, np.zeros((2, 1)), strict=True)


def test_a_function_that_returns_a_number_is_constant() -> None:
    assert grad(lambda x: 3.0)(2.0) == 0
    assert grad(lambda x: np.float64(3))(2.0) == 0
    assert grad(lambda x: np.argmax(x))(2.0) == 0


@pytest.mark.parametrize("result", [None, "text", [1.0]])
def test_a_function_that_returns_no_number_is_refused(result: Any) -> None:
    with pytest.raises(TypeError, match=f"grad: the function returned {type(result).__name__}"):
        grad(lambda x: result)(2.0)


def test_a_function_of_several_results_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\.sum\(\)"):
        grad(lambda x: x * x)(np.ones(2))


def test_grad_works_where_nothing_is_recorded() -> None:
    x = Value(3.0)
    with no_grad():
        assert grad(lambda x: x * x)(3.0) == 6
        assert grad(lambda y: y * y)(x).item() == 6
        assert not (x * 2).requires_grad
        assert gradients(x, [x]) == [1.0]


def test_no_grad_inside_a_transform_makes_constants() -> None:
    def f(x: Value) -> Value:
        with no_grad():
            factor = x * 2
        return x * factor

    assert grad(f)(3.0) == 6


def test_grad_keeps_the_name_of_the_function_and_of_the_argument() -> None:
    def loss(x: Value) -> Value:
        """What is minimised."""
        assert x.name == "w"
        return x * x

    assert (grad(loss).__name__, grad(loss).__doc__) == ("loss", "What is minimised.")
    assert grad(loss)(Value(3.0, name="w")).item() == 6


def test_mixed_second_derivatives_agree() -> None:
    def f(x: Value, y: Value) -> Value:
        return ops.sum(np.exp(x * y) + x**2 * y)

    x, y = 0.4, -1.3
    xy = grad(lambda y: grad(f)(x, y))(y)
    yx = grad(lambda x: grad(f, argnums=1)(x, y))(x)
    np.testing.assert_allclose(xy, yx)
    np.testing.assert_allclose(xy, np.exp(x * y) * (1 + x * y) + 2 * x)
