"""Does what users of peer libraries trip over hold here? Traps of correctness.

Each test is named after a trap; its docstring says where it was met. What users missed in peers is
in `test_peer_wishes.py`.
"""

from __future__ import annotations

import gc
import warnings
import weakref
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, detect_anomaly, grad, gradients, no_grad, op, ops


def slope(f: Any, at: Any) -> np.ndarray:
    x = Value(at)
    (g,) = gradients(f(x).sum(), [x])
    return np.asarray(g)


# -- shapes and dtypes -------------------------------------------------------------------------

RANKS = [(), (1,), (3,), (0,), (2, 3), (1, 3), (2, 1), (0, 3), (4, 2, 3), (4, 1, 1), (0, 2, 3)]


@pytest.mark.parametrize("left", RANKS, ids=str)
@pytest.mark.parametrize("right", RANKS, ids=str)
def test_broadcast_gradients_have_the_shape_and_the_sum_of_their_operand(
    left: tuple[int, ...], right: tuple[int, ...], rng: np.random.Generator
) -> None:
    """minitorch Module-2 PR#14, pytorch#1787, #13669, #15223 (size 0), burn#181."""
    try:
        shape = np.broadcast_shapes(left, right)
    except ValueError:
        with pytest.raises(ValueError, match="broadcast"):
            Value(np.ones(left)) * Value(np.ones(right))
        return
    x, y = Value(rng.normal(size=left)), Value(rng.normal(size=right))
    g = rng.normal(size=shape)
    (x * y).backward(gradient=g)
    for value, other in ((x, y), (y, x)):
        full = np.broadcast_to(g * other.data, shape)
        lead = tuple(range(full.ndim - value.ndim))
        kept = tuple(i for i, n in enumerate(value.shape, len(lead)) if n == 1)
        expected = full.sum(axis=lead + kept).reshape(value.shape)
        assert value.grad.shape == value.shape
        np.testing.assert_allclose(value.grad, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_0_d_gradient_is_an_ndarray_of_the_shape_and_dtype_of_its_data(dtype: Any) -> None:
    """autograd#695 (shape () against (1,)), MyGrad PR#373 (a NumPy float as gradient)."""
    for call in (
        lambda x: x * 2,
        lambda x: x + np.ones(1, dtype),
        lambda x: np.exp(x),
        lambda x: x.sum(),
        lambda x: x.reshape(1),
        lambda x: np.maximum(x, 0),
        lambda x: np.stack([x, x]),
        lambda x: np.linalg.norm(x[None]),
        lambda x: ops.softmax(x[None]),
    ):
        x = Value(np.array(1.5, dtype))
        assert type(x.grad) is np.ndarray
        call(x).sum().backward()
        assert type(x.grad) is np.ndarray
        assert x.grad.shape == ()
        assert x.grad.dtype == dtype
        assert type(x.data) is np.ndarray


def test_float32_does_not_creep_to_float64() -> None:
    """autograd PR#199 (max), dlsyscourse hw1#20, tinygrad PR#3613, #3186."""
    X = np.array([[0.5, 2.0], [1.5, 0.25]], np.float32)
    for call in (
        lambda x: x.max(axis=0),
        lambda x: x.mean(),
        lambda x: np.var(x, axis=1, ddof=1),
        lambda x: np.std(x),
        lambda x: x**2,
        lambda x: x**1.5,
        lambda x: 3 * x / 7 - 1,
        lambda x: ops.gelu(x),
        lambda x: ops.log_softmax(x),
        lambda x: ops.logsumexp(x, axis=1),
        lambda x: np.log2(x),
        lambda x: np.linalg.norm(x, axis=0),
        lambda x: np.linalg.inv(x),
        lambda x: np.median(x, axis=0),
        lambda x: np.pad(x, 1, constant_values=2.0),
        lambda x: np.tril(x),
        lambda x: np.average(x, axis=0),
        lambda x: x[[0, 0, 1]],
    ):
        x = Value(X)
        out = call(x)
        assert out.dtype == np.float32
        out.sum().backward()
        assert x.grad.dtype == np.float32


def test_integers_become_float64_and_have_a_gradient() -> None:
    """autograd#3, #482, jax#2663, pytorch#3226, keras#20058."""
    for data in (3, [1, 2], np.int64(2), np.array([1, 2], np.int8), True, np.array([True])):
        x = Value(data)
        (x * x).sum().backward()
        assert x.dtype == x.grad.dtype == np.float64
        np.testing.assert_array_equal(x.grad, 2 * np.asarray(data, float))


def test_other_dtypes_are_refused_and_told() -> None:
    """keras#20058 (a vague message)."""
    for data in (1j, np.float16(1), "1", None, np.array([Value(1.0).data, None])):
        with pytest.raises(TypeError, match=r"Value of .* as .*float64, float32"):
            Value(data)


@pytest.mark.parametrize(
    "left", [np.ones(2), np.float64(2), np.float32(2), np.int64(2), np.array(2.0), np.ones((3, 2))]
)
def test_an_array_or_numpy_scalar_on_the_left_makes_one_value(left: Any) -> None:
    """pytorch#59237, #9468, numpy#8155, MyGrad PR#363."""
    x = Value([3.0, 4.0])
    for out in (left * x, left + x, left - x, left / x, left**x, np.exp(x) * left):
        assert type(out) is Value
        out.sum().backward()
    assert x.grad.shape == (2,)


# -- quiet ways out of the graph ---------------------------------------------------------------


def test_a_plain_numpy_call_never_detaches() -> None:
    """autograd#8, #83, #85, #423 (zeros, and an easily missed warning): `np.dot` above all."""
    A, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0])
    np.testing.assert_array_equal(slope(lambda x: np.dot(A, x), b), A.sum(0))
    np.testing.assert_array_equal(slope(lambda x: np.sum(np.square(x)), b), 2 * b)
    with pytest.raises(TypeError, match=r"np\.fft\.fft has no rule for Values"):
        np.fft.fft(Value(b))
    with pytest.raises(TypeError, match=r"the graph would be lost.*\.data"):
        np.asarray(Value(b))
    with pytest.raises(TypeError, match="the graph would be lost"):
        np.array([Value(1.0), Value(2.0)])


def test_item_assignment_names_what_to_write_instead() -> None:
    """autograd#58, #177, #559, mxnet PR#10844, pytorch#38480, #104859."""
    v, array = Value([1.0, 2.0]), np.zeros(2)
    told = r"change in place.*np\.where to replace elements, v \+ array"
    with pytest.raises(TypeError, match=told):
        v[0] = 3.0
    with pytest.raises(TypeError, match=told):
        v[v > 1] += 3.0
    with pytest.raises(ValueError, match="setting an array element") as error:
        array[0] = v[0]  # NumPy's own words for it, caused by ours
    assert "v + array" in str(error.value.__cause__)
    with pytest.raises(TypeError, match=told):
        array[:] = v
    with pytest.raises(TypeError, match=r"np\.add of a Value into an array.*write v \+ array"):
        array += v
    np.testing.assert_array_equal(array, 0)


def test_assigned_data_is_noticed_and_a_write_into_them_under_anomaly_detection() -> None:
    """autograd's tutorial and MyGrad 2.0's memory guarding: saved arrays that change in silence."""
    x = Value([1.0, 2.0])
    y = (x * x).sum()
    x.data -= 0.5
    with pytest.raises(RuntimeError, match="multiply"):
        y.backward()
    with detect_anomaly():
        x = Value([1.0, 2.0])
        y = (x * x).sum()
        x.data[0] = 100.0
        with pytest.raises(RuntimeError, match="multiply"):
            y.backward()


# -- kinks, edges, overflow --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "exponent", "in_base", "in_exponent"),
    [
        (0.0, 0, 0.0, None),
        (0.0, 1, 1.0, None),
        (0.0, 2, 0.0, None),
        (-2.0, 3, 12.0, None),
        (-2.0, 2.0, -4.0, None),
        (-2.0, -1, -0.25, None),
        (0.0, Value(0.0), 0.0, None),
        (0.0, Value(2.0), 0.0, 0.0),
        (2.0, Value(3.0), 12.0, 8 * np.log(2)),
    ],
)
def test_power_at_the_edges(base: float, exponent: Any, in_base: float, in_exponent: Any) -> None:
    """autograd#149, tinygrad#155, pytorch#27134, tfjs#346, drake PR#23862 (x⁰ at 0)."""
    x = Value(base)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (g,) = gradients(x**exponent, [x], create_graph=True)
        np.testing.assert_allclose(g.data, in_base)
        if in_exponent is not None:
            (h,) = gradients(x**exponent, [exponent])
            np.testing.assert_allclose(h, in_exponent)


def test_the_exponents_gradient_is_not_computed_unless_wanted() -> None:
    """tinygrad#155: a logarithm of a negative base, for an exponent that needs no gradient."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for exponent in (3, 3.0, np.array([3.0]), Value(3.0, requires_grad=False)):
            np.testing.assert_allclose(slope(lambda x, e=exponent: x**e, [-2.0]), [12.0])


def test_kinks_and_ties_follow_one_convention() -> None:
    """pytorch#184572, #56734, PR#43519, tensorflow#51681, tinygrad PR#229; autograd, MyGrad."""
    zero = [0.0]
    for flat in (abs, np.sign, ops.relu, np.fabs):
        assert slope(flat, zero) == 0
    halves = (
        lambda x: np.maximum(x, 0.0),
        lambda x: np.minimum(0.0, x),
        lambda x: np.clip(x, 0.0, 1.0),
        lambda x: np.clip(x, -1.0, 0.0),
        lambda x: np.fmax(x, 0.0),
        lambda x: np.fmin(x, 0.0),
        lambda x: np.max(np.concatenate([x, [0.0]])),
        lambda x: np.min(np.concatenate([[0.0], x])),
    )
    for split in halves:
        assert slope(split, zero) == 0.5
    np.testing.assert_array_equal(slope(np.max, [1.0, 1.0, 0.0]), [0.5, 0.5, 0.0])
    np.testing.assert_array_equal(slope(np.min, [1.0, 1.0, 1.0, 2.0]), [1 / 3, 1 / 3, 1 / 3, 0])


@pytest.mark.parametrize("call", [np.max, np.linalg.norm, np.sort, lambda x: x**2, abs, ops.relu])
@pytest.mark.parametrize("at", [[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]], ids=["zero", "tie"])
def test_a_rule_gives_the_same_on_arrays_and_on_values(call: Any, at: Any) -> None:
    """pytorch#184572: conventions that differ between one implementation and the next."""
    x = Value(at)
    (g,) = gradients(call(x).sum(), [x], create_graph=True)
    np.testing.assert_array_equal(g.data, slope(call, at))


def test_a_masked_branch_gives_nan_and_a_double_where_does_not() -> None:
    """pytorch#68425, #18287, #52248, #108618; autograd and MyGrad: nan. So is it in mathematics
    of floats: 0 · ∞. The remedy is a `where` inside and one outside."""
    at = [0.0, 4.0]
    with np.errstate(all="ignore"):
        once = slope(lambda x: np.where(x > 0, np.sqrt(x), 0.0), at)
    assert np.isnan(once[0])
    assert once[1] == 0.25

    def twice(x: Any) -> Any:
        safe = np.where(x > 0, x, 1.0)
        return np.where(x > 0, np.sqrt(safe), 0.0)

    np.testing.assert_array_equal(slope(twice, at), [0.0, 0.25])


def test_norm_at_zero_has_slope_zero() -> None:
    """autograd#151, #183, #268, #570, #586, #617, pytorch#2421; MyGrad's is nan."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for order in (None, 1, 2, 3, 2.5):
            for zeros in (np.zeros(3), np.array([0.0])):
                np.testing.assert_array_equal(
                    slope(lambda x, o=order: np.linalg.norm(x, o), zeros), 0
                )
        np.testing.assert_array_equal(slope(np.linalg.norm, np.zeros((2, 2))), 0)
        np.testing.assert_array_equal(slope(np.std, np.ones(3)), 0)
        rows = slope(lambda x: np.linalg.norm(x, axis=1), [[0.0, 0.0], [3.0, 4.0]])
        np.testing.assert_allclose(rows, [[0, 0], [0.6, 0.8]])


def test_softmax_and_its_kin_stand_1000_without_a_warning() -> None:
    """pytorch#31829, #49724, jax#6811, NNlib.jl#68, micrograd PR#74 (tanh at 1000)."""
    functions = "softmax log_softmax logsumexp softplus sigmoid logsigmoid silu gelu elu selu"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in [*functions.split(), "tanh", "softsign", "relu", "hardtanh", "erf"]:
            f = getattr(ops, name)
            for at in ([1000.0, -1000.0], [0.0, 1000.0], [-1000.0, -1000.0]):
                assert np.isfinite(f(Value(at)).data).all(), name
                assert np.isfinite(slope(f, at)).all(), name
        empty = [-np.inf, -np.inf]
        assert ops.logsumexp(Value(empty)).item() == -np.inf
        np.testing.assert_array_equal(slope(ops.logsumexp, empty), 0)


# -- graphs ------------------------------------------------------------------------------------


def test_a_graph_of_100000_nodes_is_differentiated_and_freed() -> None:
    """micrograd PR#90, ml-by-hand PR#27, pytorch#5534 (freeing); four peers: RecursionError."""
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y + x
    y.backward()
    assert x.grad == 100_001
    leaf = weakref.ref(x)
    gc.disable()
    try:
        del x, y
        assert leaf() is None
    finally:
        gc.enable()


def test_backward_twice_adds_once_more_and_not_more() -> None:
    """micrograd#53, PR#54, PR#102: inner gradients poison the second pass."""
    x = Value(2.0)
    z = 2 * x
    y = z * z
    y.backward()
    assert (x.grad, z.grad) == (16.0, 8.0)
    y.backward()
    assert (x.grad, z.grad) == (32.0, 8.0)
    x.zero_grad()
    y.backward()
    assert (x.grad, z.grad) == (16.0, 8.0)


def test_no_recording_leaves_no_graph() -> None:
    """MyGrad PR#307: evaluation needs no graph."""
    x = Value([1.0])
    with no_grad():
        y = np.exp(x) * 2
    assert not y.requires_grad
    assert y.parents == y.inputs == ()
    leaf = weakref.ref(x)
    del x
    assert leaf() is None


def test_an_ops_result_does_not_pass_for_a_leaf() -> None:
    """MyGrad 2.0.1: an in-place sum of a 0-d array changed the leaf; here a name is bound anew."""
    x = y = Value(1.0)
    y += np.ones(1)
    assert y is not x
    assert (x.shape, y.shape) == ((), (1,))


def test_a_custom_rule_is_used_on_the_left_and_on_the_right() -> None:
    """autograd#487: a rule for one argument only, used with a Value in the other."""

    @op
    def scaled(x, factor):  # type: ignore[no-untyped-def]
        return x * factor

    scaled.gradient("x")(lambda g, out, x, factor: g * factor)
    np.testing.assert_array_equal(grad(lambda x: scaled(x, 3.0).sum())(np.ones(2)), [3.0, 3.0])
    with pytest.raises(TypeError, match=r"scaled has no rule for the Value given as 'factor'"):
        scaled(np.ones(2), Value(3.0))
