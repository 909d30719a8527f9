"""vjp, jvp, hvp, jacobian and hessian: their numbers, arrays or Values, and which rules run."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from micrograd.engine import (
    Value,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    op,
    ops,
    value_and_grad,
    vjp,
)
from micrograd.engine.testing import check_gradients

A = np.array([[1.0, -2.0, 0.5], [0.3, 0.7, -1.1]])
X = np.array([0.4, -0.9, 1.3])


def curve(x: Any) -> Any:
    """Two results of three arguments, whose Jacobian is written below."""
    return np.tanh(A @ x) * x[0]


def curve_jacobian(x: np.ndarray) -> np.ndarray:
    t = np.tanh(A @ x)
    return (1 - t**2)[:, None] * A * x[0] + t[:, None] * np.eye(3)[0]


def bowl(x: Any) -> Any:
    return np.exp(A @ x).sum() + x[0] * x[1]


def bowl_hessian(x: np.ndarray) -> np.ndarray:
    cross = np.zeros((3, 3))
    cross[0, 1] = cross[1, 0] = 1.0
    return A.T @ np.diag(np.exp(A @ x)) @ A + cross


def close(got: Any, expected: Any) -> None:
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-14)


# -- numbers ----------------------------------------------------------------------------------


def test_vjp_is_the_transposed_jacobian_times_g() -> None:
    out, pullback = vjp(curve, X)
    close(out, curve(X))
    for g in (np.array([1.0, 0.0]), np.array([-0.3, 2.0])):  # again and again
        close(pullback(g)[0], curve_jacobian(X).T @ g)


def test_jvp_is_the_jacobian_times_v() -> None:
    v = np.array([1.0, -2.0, 0.1])
    out, along = jvp(curve, (X,), (v,))
    close(out, curve(X))
    close(along, curve_jacobian(X) @ v)


def test_hvp_is_the_hessian_times_v() -> None:
    v = np.array([1.0, -2.0, 0.1])
    close(hvp(bowl, X, v), bowl_hessian(X) @ v)


def test_jacobian_and_hessian() -> None:
    close(jacobian(curve)(X), curve_jacobian(X))
    close(hessian(bowl)(X), bowl_hessian(X))
    close(jacobian(grad(bowl))(X), bowl_hessian(X))


def test_the_derivative_of_a_number_by_a_number_has_no_axis() -> None:
    for found in (jacobian(lambda x: x**3)(2.0), hessian(lambda x: x**3)(2.0)):
        assert (type(found), found.shape, found) == (np.ndarray, (), 12.0)


def test_the_shape_of_a_jacobian_is_that_of_result_and_argument() -> None:
    x, y = np.ones((2, 3)), np.ones((3, 4))
    dx, dy = jacobian(np.matmul, argnums=(0, 1))(x, y)
    assert (dx.shape, dy.shape) == ((2, 4, 2, 3), (2, 4, 3, 4))
    blocks = hessian(lambda x, y: (x @ y).sum(), argnums=(0, 1))(x, y)
    assert [[h.shape for h in row] for row in blocks] == [
        [(2, 3, 2, 3), (2, 3, 3, 4)],
        [(3, 4, 2, 3), (3, 4, 3, 4)],
    ]
    close(blocks[0][1], mixed())


def mixed() -> np.ndarray:
    """∂²Σ(xy)/∂x[i,j]∂y[k,l] = [j = k]."""
    found = np.zeros((2, 3, 3, 4))
    for j in range(3):
        found[:, j, j, :] = 1.0
    return found


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_that_of_the_argument(dtype: type) -> None:
    x = X.astype(dtype)
    v = np.ones(3)
    found = [
        jacobian(curve)(x),
        hessian(bowl)(x),
        hvp(bowl, x, v),
        vjp(lambda x: x * 2, x)[1](v)[0],
        jvp(lambda x: x * 2, (x,), (v,))[1],
    ]
    assert [one.dtype for one in found] == [dtype] * 5


def test_empty_arrays() -> None:
    x = np.ones((0, 2))
    double = lambda x: x * 2  # noqa: E731
    assert jacobian(double)(x).shape == (0, 2, 0, 2)
    assert jacobian(double)(Value(x)).shape == (0, 2, 0, 2)
    assert hessian(lambda x: (x * x).sum())(x).shape == (0, 2, 0, 2)
    assert jvp(double, (x,), (x,))[1].shape == (0, 2)
    assert hvp(lambda x: (x * x).sum(), x, x).shape == (0, 2)


def test_nested_results_and_arguments() -> None:
    def f(p: Any) -> Any:
        return {"sum": p["a"] + p["b"], "product": (p["a"] * p["b"],)}

    p, v = {"a": 2.0, "b": 3.0}, {"a": 1.0, "b": 10.0}
    rows = {"sum": {"a": 1, "b": 1}, "product": ({"a": 3, "b": 2},)}
    assert jacobian(f)(p) == rows
    out, along = jvp(f, (p,), (v,))
    assert (out, along) == ({"sum": 5, "product": (6,)}, {"sum": 11, "product": (23,)})
    out, pullback = vjp(f, p)
    assert pullback({"product": (1.0,), "sum": 10.0}) == ({"a": 13, "b": 12},)
    assert hvp(lambda p: p["a"] ** 2 * p["b"], p, v) == {"a": 6 + 40, "b": 4}
    assert hessian(lambda p: p["a"] ** 2 * p["b"])(p) == {
        "a": {"a": 6, "b": 4},
        "b": {"a": 4, "b": 0},
    }


def test_several_arguments() -> None:
    out, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    assert (out, pullback(10.0)) == (6, (30, 20))
    assert jvp(lambda x, y: x * y, [2.0, 3.0], [1.0, 10.0]) == (6, 23)
    assert jacobian(lambda x, *, by: x * by)(2.0, by=5.0) == 5


def test_unused_inputs_give_zeros() -> None:
    f = lambda x, y: (y * y).sum()  # noqa: E731
    x, y = np.ones((2, 1)), np.array([3.0, 4.0])
    np.testing.assert_array_equal(vjp(f, x, y)[1](1.0)[0], np.zeros((2, 1)), strict=True)
    assert jvp(f, (x, y), (x, np.zeros(2)))[1] == 0
    np.testing.assert_array_equal(jacobian(f)(x, y), np.zeros((2, 1)), strict=True)
    np.testing.assert_array_equal(hessian(f)(x, y), np.zeros((2, 1, 2, 1)), strict=True)
    np.testing.assert_array_equal(hvp(lambda x: f(x, y), x, x), np.zeros((2, 1)), strict=True)
    np.testing.assert_array_equal(hvp(lambda y: y.sum(), y, y), np.zeros(2), strict=True)


def test_a_function_that_is_constant() -> None:
    assert vjp(lambda x: 3.0, 2.0)[1](1.0) == (0,)
    assert jvp(lambda x: 3.0, (2.0,), (1.0,)) == (3, 0)
    assert (jacobian(lambda x: 3.0)(2.0), hessian(lambda x: 3.0)(2.0)) == (0, 0)
    assert hvp(lambda x: 3.0, 2.0, 1.0) == 0


# -- arrays or Values -------------------------------------------------------------------------

EACH: dict[str, Any] = {
    "grad": lambda x: grad(bowl)(x),
    "value_and_grad": lambda x: value_and_grad(bowl)(x)[1],
    "vjp, result": lambda x: vjp(curve, x)[0],
    "vjp, pullback": lambda x: vjp(curve, x)[1](np.array([1.0, -2.0]))[0],
    "jvp, result": lambda x: jvp(curve, (x,), (X,))[0],
    "jvp, tangent": lambda x: jvp(curve, (x,), (X,))[1],
    "hvp": lambda x: hvp(bowl, x, X),
    "jacobian": lambda x: jacobian(curve)(x),
    "hessian": lambda x: hessian(bowl)(x),
}


@pytest.mark.parametrize("name", EACH)
def test_arrays_give_arrays_and_values_give_values(name: str) -> None:
    plain, value = EACH[name](X), EACH[name](Value(X))
    assert type(plain) is np.ndarray
    assert type(value) is Value
    close(value.data, plain)


@pytest.mark.parametrize("name", EACH)
def test_what_comes_from_a_value_can_be_differentiated(name: str) -> None:
    check_gradients(EACH[name], X, order=2)


@pytest.mark.parametrize("name", EACH)
def test_inside_another_transform_everything_is_a_value(name: str) -> None:
    """Also what is computed from arrays: a transform further out might ask for its graph."""
    seen = []

    def outer(x: Value) -> Value:
        seen.append(EACH[name](X))
        return x * x

    assert grad(outer)(2.0) == 4
    assert type(seen[0]) is Value


@pytest.mark.parametrize("name", EACH)
def test_parameters_that_a_function_closes_over_change_nothing(name: str) -> None:
    w = Value(A)
    f, g = (lambda x: np.tanh(w @ x) * x[0]), (lambda x: np.exp(w @ x).sum() + x[0] * x[1])
    same: dict[str, Any] = {
        "grad": lambda: grad(g)(X),
        "value_and_grad": lambda: value_and_grad(g)(X)[1],
        "vjp, result": lambda: vjp(f, X)[0],
        "vjp, pullback": lambda: vjp(f, X)[1](np.array([1.0, -2.0]))[0],
        "jvp, result": lambda: jvp(f, (X,), (X,))[0],
        "jvp, tangent": lambda: jvp(f, (X,), (X,))[1],
        "hvp": lambda: hvp(g, X, X),
        "jacobian": lambda: jacobian(f)(X),
        "hessian": lambda: hessian(g)(X),
    }
    found = same[name]()
    assert type(found) is np.ndarray
    close(found, EACH[name](X))
    assert not w.has_grad


def test_a_direction_that_is_a_value_gives_values() -> None:
    """A direction is an argument too; Jv and Hv are linear in it."""
    v, g = Value(X), Value([1.0, 2.0])
    along = jvp(curve, (X,), (v,))[1]
    close(gradients(along.sum(), [v])[0], curve_jacobian(X).sum(axis=0))
    close(gradients(hvp(bowl, X, v).sum(), [v])[0], bowl_hessian(X).sum(axis=0))
    (pulled,) = vjp(curve, X)[1](g)
    close(gradients(pulled.sum(), [g])[0], curve_jacobian(X).sum(axis=1))
    assert not any(one.has_grad for one in (v, g))


def test_a_pullback_that_is_called_inside_a_transform_keeps_the_graph() -> None:
    _, pullback = vjp(curve, X)
    found = jacobian(lambda g: pullback(g)[0])(np.array([1.0, 2.0]))
    close(found, curve_jacobian(X).T)


def test_they_work_where_nothing_is_recorded() -> None:
    with no_grad():
        for function in EACH.values():
            close(function(X), function(Value(X)).data)
        close(jacobian(curve)(X), curve_jacobian(X))
        close(hessian(bowl)(X), bowl_hessian(X))


def test_a_function_that_raises_leaves_nothing_behind() -> None:
    def f(x: Value) -> Value:
        raise ArithmeticError("no result")

    for name, call in {"grad": lambda: grad(f)(X), "hvp": lambda: hvp(f, X, X)}.items():
        with pytest.raises(ArithmeticError, match="no result"):
            call()
        assert type(grad(bowl)(X)) is np.ndarray, name


def test_threads_do_not_disturb_each_other() -> None:
    """A transform in one thread makes no Values in another."""
    inside, done = threading.Event(), threading.Event()

    def slow(x: Value) -> Value:
        inside.set()
        assert done.wait(30)
        return x * x

    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(grad(slow)(3.0)))
    thread.start()
    assert inside.wait(30)
    assert type(hessian(bowl)(X)) is np.ndarray
    done.set()
    thread.join()
    assert found == [6]


def test_nested_transforms_do_not_mix() -> None:
    """Perturbations of x and of y are different graphs, whatever stands inside."""
    assert grad(lambda x: x * jvp(lambda y: x * y, (3.0,), (1.0,))[1])(2.0) == 4
    assert grad(lambda x: x * vjp(lambda y: x * y, 3.0)[1](1.0)[0])(2.0) == 4
    assert grad(lambda x: x * hvp(lambda y: x * y * y, 3.0, 1.0))(2.0) == 8
    assert grad(lambda x: x * jacobian(lambda y: x * y)(3.0))(2.0) == 4
    assert jvp(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1], (2.0,), (1.0,))[1] == 1
    assert hessian(lambda x: x * grad(lambda y: x * x * y)(3.0))(2.0) == 12


# -- which rules run, and what they leave -----------------------------------------------------


def counting() -> tuple[Any, list[str]]:
    """A product that tells which of its rules ran."""
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

    return product, ran


@pytest.mark.parametrize("kind", [np.array, Value])
def test_the_gradient_for_an_input_runs_no_rule_of_the_weights(kind: Any) -> None:
    product, ran = counting()
    w1, w2 = Value(np.ones((3, 4))), Value(np.ones((4, 1)))

    def model(x: Any) -> Any:
        return product(product(x, w1).tanh(), w2)

    x = kind(np.ones((2, 3)))
    for run in (
        lambda: grad(lambda x: model(x).sum())(x),
        lambda: vjp(model, x)[1](np.ones((2, 1))),
    ):
        ran.clear()
        run()
        assert ran == ["x", "x"]
    ran.clear()
    jacobian(model)(x)
    assert ran == ["x", "x"] * 2


def test_a_gradient_penalty_trains_the_critic(rng: np.random.Generator) -> None:
    """‖∂critic/∂x‖ is pulled to 1 by steps on the weights alone."""
    w1, w2 = Value(rng.normal(size=(3, 8))), Value(rng.normal(size=8))
    data = rng.normal(size=(16, 3))

    def critic(x: Any) -> Any:
        return np.tanh(x @ w1) @ w2

    def penalty(x: Value) -> Value:
        g = grad(lambda x: critic(x).sum())(x)
        return (((g * g).sum(axis=1).sqrt() - 1) ** 2).mean()

    losses = []
    for _ in range(60):
        loss = penalty(Value(data))
        for w in (w1, w2):
            w.zero_grad()
        loss.backward()
        for w in (w1, w2):
            w.data = w.data - 0.05 * w.grad
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    w1.zero_grad()
    check_gradients(
        lambda w: (grad(lambda x: (np.tanh(x @ w) @ w2).sum())(Value(data)) ** 2).sum(),
        w1.data,
        order=1,
    )


def test_a_pullback_after_an_assignment_is_refused() -> None:
    w = Value(A)
    _, pullback = vjp(lambda x: np.tanh(w @ x), X)
    w.data = A * 2
    with pytest.raises(RuntimeError, match="data has changed since"):
        pullback(np.ones(2))


def test_hvp_does_not_build_the_hessian() -> None:
    """A Hessian of a hundred thousand numbers would fill 80 GB."""
    x = np.linspace(-1.0, 1.0, 100_000)
    close(hvp(lambda x: (x**4).sum(), x, np.ones(x.size)), 12 * x**2)


def test_ops_and_composed_functions_can_be_transformed() -> None:
    close(jacobian(ops.softmax)(X), np.diag(s := ops.softmax(X)) - np.outer(s, s))
    close(jacobian(np.sin)(X), np.diag(np.cos(X)))
