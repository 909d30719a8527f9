"""Is every op right? The table of `optable.py`, driven; and is the checker itself?"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from micrograd.engine import Value, grad, gradients, op, ops
from micrograd.engine.testing import check_gradients, check_op, sample

from .optable import TABLE, Row

ELEMENTWISE = {name: row for name, row in TABLE.items() if row.domains}


def test_every_op_is_in_the_table() -> None:
    """An op that is registered without a sample fails the suite."""
    assert set(TABLE) == set(ops.__all__)


@pytest.mark.parametrize("name", TABLE)
def test_op(name: str, rng: np.random.Generator) -> None:
    row = TABLE[name]
    samples = row.samples(rng)
    check_op(
        row.function,
        samples,
        reference=row.reference,
        elementwise=bool(row.domains),
        rng=rng,
    )


def domain_arrays(
    row: Row, data: st.DataObject, rng: np.random.Generator
) -> tuple[list[np.ndarray], tuple[int, ...]]:
    """Arrays from the domains of an elementwise op, of shapes that broadcast, also empty ones."""
    drawn = data.draw(
        hnp.mutually_broadcastable_shapes(num_shapes=len(row.domains), min_side=0, max_side=3)
    )
    arrays = [domain(rng, shape) for domain, shape in zip(row.domains, drawn[0], strict=True)]
    return arrays, drawn.result_shape


@pytest.mark.parametrize("name", ELEMENTWISE)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(data=st.data())
def test_elementwise_op_under_drawn_shapes(name: str, data: st.DataObject) -> None:
    row = TABLE[name]
    arrays, shape = domain_arrays(row, data, np.random.default_rng(5))
    values = [Value(a) if a.dtype.kind == "f" else a for a in arrays]
    out = row.function(*values)
    assert out.shape == shape
    np.testing.assert_allclose(out.data, row.reference(*arrays), rtol=1e-12, strict=True)
    inputs = [v for v in values if isinstance(v, Value)]
    for v, g in zip(inputs, gradients(out.sum(), inputs), strict=True):
        assert g.shape == v.shape
    assert_close_to_full_gradients(row, arrays)


def assert_close_to_full_gradients(row: Row, arrays: list[np.ndarray]) -> None:
    """The gradient of a broadcast operand is the summed gradient of the stretched one."""
    places = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]
    small = [Value(a) if i in places else a for i, a in enumerate(arrays)]
    full = [np.array(a) for a in np.broadcast_arrays(*arrays)]
    large = [Value(a) if i in places else a for i, a in enumerate(full)]
    found = gradients(row.function(*small).sum(), [small[i] for i in places])
    stretched = gradients(row.function(*large).sum(), [large[i] for i in places])
    for g, whole, i in zip(found, stretched, places, strict=True):
        new = whole.ndim - arrays[i].ndim
        by_hand = whole.sum(axis=tuple(range(new)))
        for axis, length in enumerate(arrays[i].shape):
            if length == 1:
                by_hand = by_hand.sum(axis=axis, keepdims=True)
        np.testing.assert_allclose(g, by_hand, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_looking_at_the_data_of_a_number_changes_nothing(name: str) -> None:
    """Inside, a Value without an axis holds a NumPy scalar until somebody asks for an array."""
    row = TABLE[name]
    found = []
    for looked in (False, True):
        rng = np.random.default_rng(3)
        arrays = [domain(rng, ()) for domain in row.domains]
        values = [Value(a) if a.dtype.kind == "f" else a for a in arrays]
        inputs = [v for v in values if isinstance(v, Value)]
        if looked:
            assert all(type(v.data) is np.ndarray for v in inputs)
        out = row.function(*values)
        if looked:
            assert type(out.data) is np.ndarray
        slopes = gradients(out, inputs, create_graph=True)
        found.append([g.item() for g in slopes] + [out.item()])
        if out.requires_grad:
            out.backward()
            assert [v.grad.item() for v in inputs] == found[-1][:-1]
    assert found[0] == found[1]


# -- conventions ------------------------------------------------------------------------------

KINKS: list[tuple[str, Any, list[Any], list[list[float]]]] = [
    ("relu at 0", ops.relu, [[-1.0, 0.0, 2.0]], [[0, 0, 1]]),
    ("absolute at 0", ops.absolute, [[-1.0, 0.0, 2.0]], [[-1, 0, 1]]),
    ("maximum tie", ops.maximum, [[1.0, 2.0], [1.0, 1.0]], [[0.5, 1], [0.5, 0]]),
    ("minimum tie", ops.minimum, [[1.0, 2.0], [1.0, 1.0]], [[0.5, 0], [0.5, 1]]),
    ("max tie", ops.max, [[3.0, 1.0, 3.0, 3.0]], [[1 / 3, 0, 1 / 3, 1 / 3]]),
    ("min tie", ops.min, [[1.0, 1.0, 3.0]], [[0.5, 0.5, 0]]),
    ("power of 0 to 0", ops.power, [[0.0, 0.0], [0.0, 2.0]], [[0, 0], [0, 0]]),
    ("power of 0 to 1", lambda x: x ** np.array([1.0, 1.0]), [[0.0, 2.0]], [[1, 1]]),
    ("sign", ops.sign, [[-1.0, 0.0, 2.0]], [[0, 0, 0]]),
]


@pytest.mark.parametrize(
    ("function", "arrays", "expected"), [k[1:] for k in KINKS], ids=[k[0] for k in KINKS]
)
@pytest.mark.parametrize("create_graph", [False, True], ids=["on arrays", "on Values"])
def test_kink(function: Any, arrays: Any, expected: Any, create_graph: bool) -> None:
    """The conventions of STYLE.md, and the same numbers on arrays and on Values."""
    values = [Value(a) for a in arrays]
    out = ops.sum(function(*values))
    found = gradients(out, values, create_graph=create_graph)
    for g, right in zip(found, expected, strict=True):
        np.testing.assert_array_equal(g.data if create_graph else g, right)


@pytest.mark.parametrize(
    "function", [ops.relu, ops.absolute, lambda x: ops.maximum(x, 0.0) * 2 - x]
)
def test_functions_that_agree_away_from_0_agree_on_convention(function: Any) -> None:
    """relu, |x| and maximum take the middle or the 0 of their slopes; none gives nan."""
    slope = grad(lambda x: ops.sum(function(x)))(np.array([0.0, -0.0]))
    np.testing.assert_array_equal(slope, [0.0, 0.0])


@pytest.mark.parametrize("name", ["sigmoid", "softmax", "log_softmax", "tanh", "relu"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_stable_at_1000(name: str, dtype: type) -> None:
    """No overflow, nothing invalid, and finite gradients of both orders."""
    function = getattr(ops, name)
    x = Value([-1000.0, 0.5, 1000.0], dtype=dtype)
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        (slope,) = gradients((function(x) * [1.0, 2.0, 3.0]).sum(), [x], create_graph=True)
        (curvature,) = gradients(slope.sum(), [x])
    assert np.isfinite(function(x).data).all()
    assert np.isfinite(slope.data).all()
    assert np.isfinite(curvature).all()


def test_where_gives_a_finite_gradient_beside_an_infinite_one() -> None:
    """The documented double where: inside, so that no rule divides by 0, and outside."""

    def safe(x: Value) -> Value:
        inside = np.where(x > 0, x, 1.0)
        return np.where(x > 0, np.log(inside), 0.0).sum()

    np.testing.assert_array_equal(grad(safe)(np.array([0.0, 2.0])), [0.0, 0.5])


def test_astype_passes_the_gradient_back_in_the_old_dtype() -> None:
    x = Value([1.0, 2.0], dtype=np.float32)
    y = x.astype(np.float64)
    (y * y).sum().backward()
    assert y.dtype == np.float64
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(x.grad, [2.0, 4.0])


def test_reshape_refuses_another_order() -> None:
    with pytest.raises(TypeError, match="order='F'"):
        Value(np.ones((2, 3))).reshape(6, order="F")


# -- the checker ------------------------------------------------------------------------------


def planted(rule: Any) -> Any:
    """A tanh with another rule."""

    @op
    def plant(x):  # type: ignore[no-untyped-def]
        return np.tanh(x)

    plant.gradient("x")(rule)
    return plant


POINT = np.array([0.3, -0.7, 1.1])


def test_the_right_rule_passes() -> None:
    check_op(planted(lambda g, out, x: g * (1 - out * out)), [sample(POINT)], elementwise=True)


def test_a_rule_that_is_wrong_by_a_thousandth_is_caught() -> None:
    wrong = planted(lambda g, out, x: g * (1 - out * out) * 1.001)
    with pytest.raises(AssertionError, match=r"order 1, argument 0 .*Worst at index \(0,\)"):
        check_gradients(wrong, POINT)
    with pytest.raises(AssertionError, match="check_gradients of plant"):
        check_op(wrong, [sample(POINT)])


def test_a_rule_that_is_wrong_in_one_element_is_caught() -> None:
    mask = np.array([1.0, 1.0, 1.001])
    wrong = planted(lambda g, out, x: g * (1 - out * out) * mask)
    with pytest.raises(AssertionError, match=r"Worst at index \(2,\)"):
        check_gradients(wrong, POINT)


def test_a_rule_that_detaches_the_output_is_caught() -> None:
    def detaching(g: Any, out: Any, x: Any) -> Any:
        out = out.detach() if isinstance(out, Value) else out
        return g * (1 - out * out)

    check_gradients(planted(detaching), POINT, order=1)
    with pytest.raises(AssertionError, match="order 2, argument 0"):
        check_gradients(planted(detaching), POINT)


def test_a_rule_that_differs_on_values_is_caught() -> None:
    def two_faced(g: Any, out: Any, x: Any) -> Any:
        return g * (1 - out * out) * (1.01 if isinstance(out, Value) else 1.0)

    with pytest.raises(AssertionError, match=r"on arrays but .* on Values"):
        check_gradients(planted(two_faced), POINT)


def test_a_kink_is_told() -> None:
    with pytest.raises(AssertionError, match=r"sits on a kink: .* on the left and .* on the right"):
        check_gradients(ops.relu, [1.0, 0.0])


def test_a_wrong_rule_is_not_called_a_kink() -> None:
    with pytest.raises(AssertionError, match="Correct the rule") as caught:
        check_gradients(planted(lambda g, out, x: g * 2), POINT)
    assert "kink" not in str(caught.value)


def test_a_function_that_is_random_is_refused(rng: np.random.Generator) -> None:
    with pytest.raises(ValueError, match="another result when called again"):
        check_gradients(lambda x: x * rng.normal(), 1.0)


def test_a_point_that_is_not_finite_is_refused() -> None:
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="is not finite"):
        check_gradients(np.log, [1.0, -1.0])


def test_a_function_that_loses_the_graph_is_refused() -> None:
    with pytest.raises(TypeError, match=r"returned ndarray, not a Value"):
        check_gradients(lambda x: x.data * 2, [1.0])


@pytest.mark.parametrize("order", [0, 1.5])
def test_an_order_that_is_none_is_refused(order: Any) -> None:
    with pytest.raises(ValueError, match="an order of 1 or more"):
        check_gradients(ops.exp, 1.0, order=order)


def test_check_gradients_without_arguments_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one argument"):
        check_gradients(lambda: Value(1.0))


def test_third_order() -> None:
    check_gradients(lambda x: x**4, [0.5, -1.5], order=3)


def test_check_op_wants_a_sample() -> None:
    with pytest.raises(ValueError, match="without a sample"):
        check_op(ops.exp, [])


def test_check_op_compares_with_the_reference() -> None:
    with pytest.raises(AssertionError, match=r"check_op of exp on \(3,\): the result is"):
        check_op(ops.exp, [sample(POINT)], reference=np.expm1)
    with pytest.raises(
        AssertionError, match=r"float64 of shape \(3,\), expected .* shape \(1, 3\)"
    ):
        check_op(ops.exp, [sample(POINT)], reference=lambda x: np.exp(x)[None])
    with pytest.raises(AssertionError, match="is 1 arrays, expected 2"):
        check_op(ops.exp, [sample(POINT)], reference=lambda x: (x, x))


def test_check_op_sees_a_numpy_scalar_lift_float32() -> None:
    @op
    def doubled(x):  # type: ignore[no-untyped-def]
        return x * np.float64(2.0)

    doubled.gradient("x")(lambda g, out, x: g * 2)
    with pytest.raises(AssertionError, match="from float32, the result became float64"):
        check_op(doubled, [sample(POINT)])


def test_check_op_sees_a_forward_that_depends_on_the_layout() -> None:
    @op
    def shifted(x):  # type: ignore[no-untyped-def]
        return x + float(not x.flags.c_contiguous)

    shifted.gradient("x")(lambda g, out, x: g)
    with pytest.raises(AssertionError, match="not contiguous, the result is"):
        check_op(shifted, [sample(POINT)])


def test_check_op_sees_a_rule_that_fails_to_broadcast() -> None:
    @op
    def product(x, y):  # type: ignore[no-untyped-def]
        return x * y

    product.gradient("x")(lambda g, out, x, y: (g * y).reshape(x.shape))
    product.gradient("y")(lambda g, out, x, y: g * x)
    check_op(product, [sample(POINT, POINT + 1)])
    with pytest.raises(ValueError, match="reshape"):
        check_op(product, [sample(POINT, POINT + 1)], elementwise=True)


def test_check_op_counts_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull that runs every rule, wanted or not, is what no op may have."""

    @op
    def product(x, y):  # type: ignore[no-untyped-def]
        return x * y

    product.gradient("x")(lambda g, out, x, y: g * y)
    product.gradient("y")(lambda g, out, x, y: g * x)
    pull = product.op.pull

    def wasteful(node: Any, g: Any, sums: Any) -> None:
        for position in (0, 1):
            product.op.rules[position](g, node.data, *node.inputs)
        pull(node, g, sums)

    monkeypatch.setattr(product.op, "pull", wasteful)
    with pytest.raises(AssertionError, match="No rule may run for a constant"):
        check_op(product, [sample(POINT, POINT + 1)])
