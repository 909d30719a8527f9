"""How a function becomes an op, and what the engine says when its author is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Op, Value, gradients, no_grad, op, ops


def scaled(**how: Any) -> Any:
    """x · by, and nothing else; each test makes its own."""

    @op(**how)
    def scale(x, *, by=2.0, shift=0.0):  # type: ignore[no-untyped-def]
        """A product with a number."""
        return x * by + shift

    return scale


# -- the decorator ----------------------------------------------------------------------------


def test_an_op_is_a_function_that_knows_its_op() -> None:
    scale = scaled()
    assert type(scale.op) is Op
    assert (scale.__name__, scale.__doc__) == ("scale", "A product with a number.")
    assert (scale.op.name, scale.op.label, scale.op.distribution) == ("scale", "scale", "")
    assert scale.op.arrays == ("x",)
    assert list(scale.op.settings) == ["by", "shift"]
    assert scale.op.defaults == {"by": 2.0, "shift": 0.0}
    assert scaled(name="times").op.name == "times"
    assert "scale" not in vars(Value)


@pytest.mark.parametrize("given", [(), (5.0,), (5.0, 1.0)])
@pytest.mark.parametrize("recording", [True, False])
def test_settings_may_be_given_by_position(given: tuple[float, ...], recording: bool) -> None:
    scale = scaled()
    scale.gradient("x")(lambda g, out, x, *, by: g * by)
    by, shift = (*given, *(2.0, 0.0)[len(given) :])
    x = Value([3.0])
    if recording:
        y = scale(x, *given)
        y.backward()
        np.testing.assert_array_equal(x.grad, [by])
        assert y.settings == {"by": by, "shift": shift}
    else:
        with no_grad():
            y = scale(x, *given)
    np.testing.assert_array_equal(y.data, [3 * by + shift])


def test_a_rule_gets_the_settings_that_it_names_in_any_order() -> None:
    scale = scaled()
    seen: list[dict[str, float]] = []

    @scale.gradient("x")
    def _(g, out, x, *, shift, by):  # type: ignore[no-untyped-def]
        seen.append({"by": by, "shift": shift})
        return g * by

    scale(Value(1.0), shift=7.0).backward()
    assert seen == [{"by": 2.0, "shift": 7.0}]


def test_an_op_on_arrays_alone_is_its_forward() -> None:
    out = scaled()(np.array([1.0, 2.0]), by=3)
    assert type(out) is np.ndarray
    np.testing.assert_array_equal(out, [3.0, 6.0])


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ((), {}),
        ((1.0, 2.0, 3.0, 4.0), {}),
        ((1.0, 2.0), {"by": 2.0}),
        ((1.0,), {"bye": 2.0}),
    ],
)
@pytest.mark.parametrize("wrap", [Value, float])
def test_arguments_that_do_not_fit_are_refused(given: Any, named: Any, wrap: Any) -> None:
    scale = scaled()
    scale.gradient("x")(lambda g, out, x: g)
    with pytest.raises(TypeError, match="scale"):
        scale(*map(wrap, given[:1]), *given[1:], **named)


def test_too_many_arguments_are_told() -> None:
    with pytest.raises(TypeError, match=r"scale takes .*'x'.*'by', 'shift'.* 4 .*by position"):
        scaled()(1.0, 2.0, 3.0, 4.0)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, axis=0: x,
        lambda x, **settings: x,
        lambda x=1.0: x,
    ],
)
def test_a_parameter_that_is_neither_array_nor_setting_is_refused(function: Any) -> None:
    with pytest.raises(TypeError, match=r"@op <lambda>.*keyword-only"):
        op(function)


def test_a_constant_that_is_no_argument_is_refused() -> None:
    with pytest.raises(TypeError, match="'labels'"):
        scaled(constant="labels")


# -- rules ------------------------------------------------------------------------------------


def test_a_rule_for_an_unknown_argument_is_refused() -> None:
    with pytest.raises(TypeError, match=r"scale\.gradient\('y'\).*\['x'\]"):
        scaled().gradient("y")(lambda g, out, x: g)


def test_a_second_rule_for_an_argument_is_refused() -> None:
    scale = scaled()
    scale.gradient("x")(lambda g, out, x: g)
    with pytest.raises(TypeError, match=r"scale\.gradient\('x'\).*missing"):
        scale.gradient("x")(lambda g, out, x: g)


def test_a_rule_for_a_constant_argument_is_refused() -> None:
    with pytest.raises(TypeError, match=r"scale\.gradient\('x'\)"):
        scaled(constant="x").gradient("x")(lambda g, out, x: g)


def test_a_rule_that_wants_an_unknown_setting_is_refused() -> None:
    with pytest.raises(TypeError, match=r"scale\.gradient\('x'\).*axis.*by"):
        scaled().gradient("x")(lambda g, out, x, *, axis: g)


@pytest.mark.parametrize("x", [Value(1.0), Value([1.0])])
def test_a_missing_rule_is_told_when_a_value_stands_there(x: Value) -> None:
    @op
    def product(x, y):  # type: ignore[no-untyped-def]
        return x * y

    product.gradient("x")(lambda g, out, x, y: g * y)
    product(x, 2.0).sum().backward()
    with pytest.raises(TypeError, match=r"product has no rule for .*'y'.*product\.gradient\('y'\)"):
        product(2.0, x)
    with pytest.raises(TypeError, match=r"has no rule for .*'y'.*constant"):
        product(x, x)


def test_an_op_without_any_rule_takes_no_value() -> None:
    with pytest.raises(TypeError, match=r"scale has no rule for .*'x'"):
        scaled()(Value(1.0))


def test_an_argument_that_is_declared_constant_takes_no_gradient() -> None:
    @op(constant=("labels",))
    def chosen(x, labels):  # type: ignore[no-untyped-def]
        return x * labels

    chosen.gradient("x")(lambda g, out, x, labels: g * labels)
    x, labels = Value([1.0, 2.0]), Value([0.0, 1.0], name="labels")
    y = chosen(x, labels)
    y.sum().backward()
    assert y.parents[1] is labels
    np.testing.assert_array_equal(x.grad, [0.0, 1.0])
    assert not labels.has_grad
    np.testing.assert_array_equal(gradients(y.sum(), [labels]), [[0.0, 0.0]])


def test_one_rule_serves_a_variable_number_of_arrays() -> None:
    @op
    def weighted(*arrays, power=1):  # type: ignore[no-untyped-def]
        return sum((i + 1) ** power * x for i, x in enumerate(arrays))

    @weighted.gradient("arrays")
    def _(g, out, *arrays, position, power):  # type: ignore[no-untyped-def]
        assert len(arrays) == 3
        return (position + 1) ** power * g

    a, c = Value([1.0, 1.0]), Value(1.0)
    y = weighted(a, np.ones(2), c, power=2)
    assert y.parents[0] is a
    assert y.parents[1] is None
    y.sum().backward()
    np.testing.assert_array_equal(a.grad, [1.0, 1.0])
    assert c.grad == 18


def test_arrays_before_variable_ones_have_rules_of_their_own() -> None:
    @op
    def spread(x, *others):  # type: ignore[no-untyped-def]
        return x * sum(others)

    spread.gradient("x")(lambda g, out, x, *others: g * sum(others))
    spread.gradient("others")(lambda g, out, x, *others: g * x)
    values = [Value(2.0), Value(3.0), Value(4.0)]
    spread(*values).backward()
    assert [v.grad.item() for v in values] == [7.0, 2.0, 2.0]


# -- rules that are wrong ---------------------------------------------------------------------


def wrong(result: Any, distribution: str = "") -> Value:
    """The end of a graph through an op whose rule returns this."""

    @op
    def bad(x):  # type: ignore[no-untyped-def]
        return x * 1.0

    bad.gradient("x")(lambda g, out, x: result)
    bad.op.distribution = distribution
    return bad(Value([1.0, 2.0, 3.0])).sum()


WRONG_RESULTS = {
    "another length": (np.ones(2), ValueError, r"shape \(2,\).*shape \(3,\)"),
    "one number": (1.0, ValueError, r"shape \(\).*shape \(3,\)"),
    "more axes": (np.ones((5, 3)), ValueError, r"shape \(5, 3\).*shape \(3,\)"),
    "objects": (np.array([1.0, 2.0, 3.0], object), TypeError, "object"),
    "complex numbers": (np.ones(3, complex), TypeError, "complex128"),
    "None": (None, TypeError, "object"),
    "text": (np.array(["a", "b", "c"]), TypeError, "<U1"),
}


@pytest.mark.parametrize(("result", "error", "told"), WRONG_RESULTS.values(), ids=WRONG_RESULTS)
def test_a_wrong_result_of_a_rule_names_op_and_argument(
    result: Any, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=rf"bad: the rule for 'x' returned.*{told}"):
        wrong(result).backward()


@pytest.mark.parametrize("create_graph", [True, False])
def test_a_wrong_result_of_a_plugins_rule_names_its_distribution(create_graph: bool) -> None:
    y = wrong(np.ones(2), "micrograd-fancy")
    leaf = y.parents[0].parents[0]
    with pytest.raises(ValueError, match=r"bad \(micrograd-fancy\): the rule for 'x'"):
        gradients(y, [leaf], create_graph=create_graph)


def test_a_rule_that_returns_a_value_on_arrays_is_blamed() -> None:
    with pytest.raises(TypeError, match=r"bad: the rule for 'x' returned.*Value"):
        wrong(Value(np.ones(3))).backward()


def test_a_rule_may_return_another_real_dtype() -> None:
    for result in (np.ones(3, int), np.ones(3, bool), np.ones(3, np.float32), np.ones(3)):
        y = wrong(result)
        (g,) = gradients(y, [y.parents[0].parents[0]])
        np.testing.assert_array_equal(g, np.ones(3), strict=True)


def test_a_rule_may_return_what_broadcasting_made() -> None:
    x = Value([1.0, 2.0, 3.0])
    y = ops.multiply(x, np.ones((4, 3)))
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [4.0, 4.0, 4.0])


# -- forwards that are wrong ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (np.ones(2, int), "int64"),
        (np.ones(2, complex), "complex128"),
        (np.ones(2, np.float16), "float16"),
        (1.0, "float"),
        ([1.0], "list"),
        (None, "NoneType"),
        ((np.ones(2), 3), "int"),
    ],
)
@pytest.mark.parametrize("recording", [True, False])
def test_a_wrong_result_of_a_forward_names_the_op(result: Any, told: str, recording: bool) -> None:
    bad = op(lambda x: result, name="bad")
    bad.gradient("x")(lambda g, out, x: g)
    x = Value([1.0, 2.0], requires_grad=recording)
    with pytest.raises(TypeError, match=rf"bad returned {told}.*float64 or float32"):
        bad(x)


@pytest.mark.parametrize("operand", ["text", object(), {}, [None], 1j])
def test_an_operand_that_is_no_number_is_refused(operand: Any) -> None:
    x = Value([1.0, 2.0])
    with pytest.raises(TypeError, match=r"add got .* as 'y'.*Pass a Value, an array or a number"):
        x + operand
    with pytest.raises(TypeError, match=r"add got .* as 'x'.*Pass a Value, an array or a number"):
        operand + x


@pytest.mark.parametrize(
    "operand", [np.ones(2, complex), np.array([1.0, None])], ids=["complex", "object"]
)
def test_an_array_that_is_not_real_is_refused(operand: Any) -> None:
    with pytest.raises(TypeError, match=r"multiply|unsupported operand"):
        Value([1.0, 2.0]) * operand


def test_lists_are_operands() -> None:
    x = Value([1.0, 2.0])
    ([3.0, 4.0] * x + [1, 1]).sum().backward()
    np.testing.assert_array_equal(x.grad, [3.0, 4.0])


def test_a_rule_may_not_return_an_axis_that_nothing_was_stretched_to() -> None:
    @op
    def same(x):
        return x + 0.0

    @same.gradient("x")
    def _(g, out, x):
        return np.ones(5)

    with pytest.raises(ValueError, match=r"same: .* 'x' returned shape \(5,\) .* shape \(1,\)"):
        same(Value([1.0])).sum().backward()


def test_an_op_is_made_of_a_function() -> None:
    with pytest.raises(TypeError, match=r"@op of <ufunc 'sin'>\. Write it above the def"):
        op(np.sin)


def test_a_setting_may_be_called_position() -> None:
    @op
    def shifted(x: Any, *, position: float) -> Any:
        """x·position"""
        return x * position

    shifted.gradient("x")(lambda g, out, x, *, position: g * position)
    x = Value(2.0)
    shifted(x, position=5.0).backward()
    assert x.grad == 5.0
