"""Transforms of nested arguments, with a second result, and what they refuse."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from micrograd.engine import Value, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

TRANSFORMS = {
    "grad": grad,
    "value_and_grad": value_and_grad,
    "jacobian": jacobian,
    "hessian": hessian,
}


class Layer(NamedTuple):
    w: Any
    b: Any


def penalty(p: Any) -> Value:
    """A function of a nested argument: Σ (x w + b)², with two layers."""
    first, second = p["layers"]
    out = (first.w * 2.0 + first.b) * second["w"] + second["b"]
    return (out * out).sum()


def nested(kind: Any = np.array) -> Any:
    return {
        "layers": [
            Layer(kind([1.0, 2.0]), kind(3.0)),
            {"w": kind([0.5, -1.0]), "b": kind(0.25)},
        ],
        "unused": (kind([[1.0]]),),
    }


def by_hand(p: Any) -> Any:
    first, second = p["layers"]
    inner = first.w * 2.0 + first.b
    g = 2 * (inner * second["w"] + second["b"])
    return {
        "layers": [
            Layer(g * second["w"] * 2, (g * second["w"]).sum()),
            {"w": g * inner, "b": g.sum()},
        ],
        "unused": (np.zeros((1, 1)),),
    }


def assert_same(got: Any, expected: Any, kind: type = np.ndarray) -> None:
    """The same nesting, with arrays (or Values) that hold the same numbers."""
    if isinstance(expected, (dict, list, tuple)):
        assert type(got) is type(expected)
        assert len(got) == len(expected)
        for key in expected if isinstance(expected, dict) else range(len(expected)):
            assert_same(got[key], expected[key], kind)
        return
    assert type(got) is kind
    data = got.data if isinstance(got, Value) else got
    np.testing.assert_allclose(data, expected, rtol=1e-12, strict=True)


def test_a_gradient_has_the_nesting_of_its_argument() -> None:
    p = nested()
    g = grad(penalty)(p)
    assert_same(g, by_hand(p))
    assert list(g) == list(p)
    assert type(g["layers"][0]) is Layer


def test_the_gradient_of_nested_values_is_nested_values() -> None:
    p = nested(Value)
    g = grad(penalty)(p)
    assert_same(g, by_hand(nested()), Value)
    (g["layers"][0].w * g["layers"][0].w).sum().backward()
    assert p["layers"][0].w.has_grad


def test_one_value_in_a_nesting_makes_values() -> None:
    g = grad(lambda p: (p[0] * p[1]).sum())([np.array([1.0, 2.0]), Value(3.0)])
    assert_same(g, [np.array([3.0, 3.0]), np.array(3.0)], Value)


def test_the_function_cannot_change_the_nesting_of_the_caller() -> None:
    def f(p: list[Value]) -> Value:
        return p.pop() * p.pop()

    p = [2.0, 3.0]
    assert grad(f)(p) == [3.0, 2.0]
    assert p == [2.0, 3.0]


def test_one_value_in_two_places_has_a_gradient_in_each() -> None:
    w = Value(3.0)
    first, second = grad(lambda p: p[0] * p[0] * p[1])([w, w])
    assert (first.item(), second.item()) == (18.0, 9.0)


def test_an_empty_nesting_has_an_empty_gradient() -> None:
    assert grad(lambda p, x: x * x, argnums=(0, 1))([], 3.0) == ([], 6.0)


def test_float32_and_float64_stay_apart_in_a_nesting() -> None:
    g = grad(lambda p: (p[0] * p[1]).sum())([np.ones(2, np.float32), np.ones(2)])
    assert [one.dtype for one in g] == [np.float32, np.float64]


# -- value_and_grad, has_aux ------------------------------------------------------------------


def test_the_value_and_the_gradient_come_from_one_call() -> None:
    calls = []

    def f(x: Value) -> Value:
        calls.append(x)
        return x**3

    value, g = value_and_grad(f)(2.0)
    assert (value, g, len(calls)) == (8, 12, 1)
    assert type(value) is np.ndarray
    assert value_and_grad(lambda x, y: x * y, argnums=(1, 0))(2.0, 3.0) == (6, (2, 3))


def test_the_value_of_a_value_stays_in_the_graph() -> None:
    x = Value(2.0)
    value, g = value_and_grad(lambda v: v**3)(x)
    assert type(value) is Value
    (value + g).backward()
    assert x.grad == 12 + 12


def with_aux(x: Any) -> Any:
    return (x * x).sum(), {"half": x / 2, "note": "text"}


def test_an_aux_of_arrays_is_arrays() -> None:
    x = np.array([2.0, 4.0])
    g, aux = grad(with_aux, has_aux=True)(x)
    (value, again), same = value_and_grad(with_aux, has_aux=True)(x)
    assert_same(g, np.array([4.0, 8.0]))
    assert_same(same, np.array([4.0, 8.0]))
    assert value == 20
    for one in (aux, again):
        assert one["note"] == "text"
        assert_same(one["half"], np.array([1.0, 2.0]))


def test_an_aux_of_values_stays_in_the_graph() -> None:
    x = Value([2.0, 4.0])
    _, aux = grad(with_aux, has_aux=True)(x)
    aux["half"].sum().backward()
    np.testing.assert_array_equal(x.grad, [0.5, 0.5])


def test_aux_counts_for_nothing_in_the_gradient() -> None:
    g, aux = grad(lambda x: (x * x, x**5), has_aux=True)(2.0)
    assert (g, aux) == (4, 32)


@pytest.mark.parametrize("transform", [grad, value_and_grad])
def test_has_aux_wants_a_pair(transform: Any) -> None:
    name = transform.__name__
    with pytest.raises(TypeError, match=rf"{name}\(has_aux=True\): .* returned a Value.* a pair"):
        transform(lambda x: x, has_aux=True)(1.0)
    with pytest.raises(TypeError, match="returned a tuple of 3"):
        transform(lambda x: (x, 1, 2), has_aux=True)(1.0)


# -- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("argnums", [2, -3, (0, 2)])
def test_an_argument_number_out_of_range_is_refused(name: str, argnums: Any) -> None:
    with pytest.raises(ValueError, match=rf"{name}\(argnums=.*\) of a call with 2 arguments"):
        TRANSFORMS[name](lambda x, y: x * y, argnums)(1.0, 2.0)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_an_argument_number_that_is_given_twice_is_refused(name: str) -> None:
    """Once, it would have had a gradient of zeros."""
    for argnums in ((0, 0), (1, -1)):
        with pytest.raises(ValueError, match=rf"{name}\(argnums=.* names an argument twice"):
            TRANSFORMS[name](lambda x, y: x * y, argnums)(1.0, 2.0)


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("argnums", [1.0, "x", None, [0, 1], (), (0, "x"), True])
def test_an_argument_number_that_is_no_number_is_refused(name: str, argnums: Any) -> None:
    with pytest.raises(TypeError, match=rf"{name}\(argnums=.*Pass a whole number"):
        TRANSFORMS[name](lambda x, y: x * y, argnums)


def test_what_is_no_function_is_refused() -> None:
    for name, transform in TRANSFORMS.items():
        with pytest.raises(TypeError, match=f"{name} of float 2.0. Pass a function"):
            transform(2.0)  # type: ignore[operator]
    x: Any = np.ones(2)
    with pytest.raises(TypeError, match=r"vjp of ndarray .*Pass a function"):
        vjp(x, x)
    with pytest.raises(TypeError, match=r"jvp of ndarray .*Pass a function"):
        jvp(x, (x,), (x,))
    with pytest.raises(TypeError, match=r"hvp of ndarray .*Pass a function"):
        hvp(x, x, x)


@pytest.mark.parametrize("leaf", ["text", None, 1j, np.float16(1.0), {1, 2}, np.array([None])])
def test_a_leaf_that_is_not_made_of_real_numbers_is_refused(leaf: Any) -> None:
    f = lambda p: p["w"][1] * 2  # noqa: E731
    p = {"w": [1.0, leaf]}
    calls = [lambda t=t: t(f)(p) for t in TRANSFORMS.values()]
    calls += [lambda: vjp(f, p), lambda: jvp(f, (p,), (p,)), lambda: hvp(f, p, p)]
    for call in calls:
        with pytest.raises(TypeError, match=r"argument 0\['w'\]\[1\] is .*Pass real numbers"):
            call()


@pytest.mark.parametrize("result", [None, "text", object()])
def test_a_function_that_returns_no_value_is_refused(result: Any) -> None:
    f = lambda x: result  # noqa: E731
    calls = {name: lambda t=t: t(f)(2.0) for name, t in TRANSFORMS.items()}
    calls["vjp"] = lambda: vjp(f, 2.0)
    calls["jvp"] = lambda: jvp(f, (2.0,), (1.0,))
    calls["hvp"] = lambda: hvp(f, 2.0, 1.0)
    for name, call in calls.items():
        with pytest.raises(TypeError, match=f"{name}: the function returned .*not a Value"):
            call()


def test_several_elements_where_one_is_needed_are_refused() -> None:
    f = lambda x: x * x  # noqa: E731
    x = np.ones(2)
    calls = {name: lambda t=t: t(f)(x) for name, t in TRANSFORMS.items() if name != "jacobian"}
    calls["hvp"] = lambda: hvp(f, x, x)
    for name, call in calls.items():
        with pytest.raises(ValueError, match=rf"{name}: .* shape \(2,\).*\.sum\(\).*jacobian"):
            call()
    with pytest.raises(TypeError, match=r"grad: the function returned list\. Return one"):
        grad(lambda x: [x])(1.0)


def test_a_direction_of_another_shape_is_refused() -> None:
    f = lambda x: (x * x).sum()  # noqa: E731
    x, wrong = np.ones((2, 3)), np.ones(3)
    with pytest.raises(ValueError, match=r"hvp: v has shape \(3,\), but x \(2, 3\)"):
        hvp(f, x, wrong)
    with pytest.raises(ValueError, match=r"jvp: the tangent\[0\] has shape \(3,\), but the primal"):
        jvp(f, (x,), (wrong,))
    with pytest.raises(ValueError, match=r"pullback: the gradient has shape \(3,\), but the resul"):
        vjp(f, x)[1](wrong)


def test_a_direction_that_is_not_made_of_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match=r"hvp: v is str 'a'. Pass real numbers"):
        hvp(lambda x: x * x, 1.0, "a")


def test_a_direction_of_another_nesting_is_refused() -> None:
    f = lambda p: p["w"] * p["b"]  # noqa: E731
    p = {"w": 1.0, "b": 2.0}
    with pytest.raises(ValueError, match=r"hvp: v is a list of 2. Pass a dict with the keys \['w'"):
        hvp(f, p, [1.0, 2.0])
    with pytest.raises(ValueError, match=r"hvp: v is a dict with the keys \['w'\]"):
        hvp(f, p, {"w": 1.0})
    with pytest.raises(ValueError, match=r"jvp: the tangent is a tuple of 2. Pass a tuple of 1"):
        jvp(f, (p,), (p, p))
    with pytest.raises(ValueError, match=r"jvp: the tangent\[0\]\['w'\] has shape \(2,\)"):
        jvp(f, (p,), ({"w": [1.0, 2.0], "b": 2.0},))


@pytest.mark.parametrize("given", [1.0, np.ones(2), {"x": 1.0}])
def test_jvp_wants_tuples(given: Any) -> None:
    with pytest.raises(TypeError, match=r"jvp: primals is a .*Pass a tuple"):
        jvp(lambda x: x, given, (1.0,))
    with pytest.raises(TypeError, match=r"jvp: tangents is a .*Pass a tuple"):
        jvp(lambda x: x, (1.0,), given)
