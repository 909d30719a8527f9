"""Is every op right? The table of `optable.py`, driven; and is the checker itself?"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from micrograd.engine import Op, Value, grad, gradients, op, ops
from micrograd.engine.testing import Sample, check_gradients, check_op, sample

from .optable import TABLE, Row

GRADED = {name: row for name, row in TABLE.items() if not row.plain}
PLAIN = {name: row for name, row in TABLE.items() if row.plain}
ELEMENTWISE = {name: row for name, row in GRADED.items() if row.domains}
ACTIVATIONS = [*ops.activations.__all__, "tanh", "erf", "logsumexp"]


def test_every_op_is_in_the_table() -> None:
    """An op that is registered without a sample fails the suite."""
    assert set(TABLE) == set(ops.__all__)


@pytest.mark.parametrize("name", GRADED)
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


def flat(out: Any) -> list[Any]:
    return list(out) if isinstance(out, (tuple, list)) else [out]


def as_values(call: Sample) -> list[Any]:
    return [Value(x) if np.asarray(x).dtype.kind == "f" else x for x in call.arrays]


@pytest.mark.parametrize("name", PLAIN)
def test_what_has_no_gradient_gives_plain_arrays(name: str, rng: np.random.Generator) -> None:
    """On Values as on arrays; by NumPy's name, by ours, and as a method."""
    row = TABLE[name]
    for call in row.samples(rng):
        right = flat(row.reference(*call.arrays, **call.settings))
        values = as_values(call)
        for function in (row.function, row.reference, getattr(Value, name)):
            for one, other in zip(flat(function(*values, **call.settings)), right, strict=True):
                assert not isinstance(one, Value)
                np.testing.assert_array_equal(one, other, strict=True)


@pytest.mark.parametrize("name", [name for name, row in GRADED.items() if row.by_numpy])
def test_numpys_function_leads_to_the_op(name: str, rng: np.random.Generator) -> None:
    """Called with Values, with each setting by its NumPy name, it gives what the op gives."""
    row = GRADED[name]
    for call in row.samples(rng):
        values = as_values(call)
        if not any(isinstance(one, Value) for one in values):
            continue
        got = flat(row.reference(*values, **call.settings))
        for one, right in zip(got, flat(row.function(*values, **call.settings)), strict=True):
            assert isinstance(one, Value)
            assert one.requires_grad == right.requires_grad
            np.testing.assert_array_equal(one.data, right.data, strict=True)


# Not here: what writes in place, turns into something else or shows memory (fill, tolist, view).
METHODS = """
all any argmax argmin argpartition argsort astype clip compress copy cumprod cumsum diagonal
dot flatten max mean min nonzero partition prod ptp ravel repeat reshape round searchsorted
sort squeeze std sum swapaxes take trace transpose var
"""


def test_ndarrays_methods_are_there() -> None:
    for name in METHODS.split():
        assert callable(getattr(Value, name)), name
    x = np.arange(24.0).reshape(2, 3, 4)
    v = Value(x)
    for one, right in [
        (v.T, x.T),
        (v.mT, x.mT),
        (v.clip(2, 5), x.clip(2, 5)),
        (v.clip(max=5), x.clip(max=5)),
        (v.round(1), x.round(1)),
        (v.take([0, 1], 2), x.take([0, 1], 2)),
        (v.repeat(2, 0), x.repeat(2, 0)),
        (v.cumsum(1), x.cumsum(1)),
        (v.prod(axis=(0, 1)), x.prod(axis=(0, 1))),
        (v.std(axis=1, ddof=1), x.std(axis=1, ddof=1)),
        (v.var(0), x.var(0)),
        (v.trace(1), x.trace(1)),
        (v.swapaxes(0, 2), x.swapaxes(0, 2)),
        (v[:1].squeeze(0), x[:1].squeeze(0)),
        (v.dot(np.ones(4)), x.dot(np.ones(4))),
        (v.ravel(), x.ravel()),
    ]:
        np.testing.assert_array_equal(one.data, right, strict=True)
    assert (v.argmax(1) == x.argmax(1)).all()


@pytest.mark.parametrize(
    ("name", "arrays", "settings"),
    [
        ("matmul", [(2, 3), (3, 2)], {}),
        ("vecdot", [(2, 3), (3,)], {}),
        ("matrix_transpose", [(2, 3, 4)], {}),
        ("outer", [(2,), (3,)], {}),
        ("tensordot", [(2, 3), (3, 2)], {"axes": 1}),
        ("cross", [(2, 3), (3,)], {}),
        ("trace", [(2, 3, 4)], {"offset": 1}),
        ("diagonal", [(2, 3, 4)], {"offset": -1}),
    ],
)
def test_linalg_has_names_of_its_own(name: str, arrays: Any, settings: Any) -> None:
    """Some with other axes than NumPy's function of the same name."""
    given, function = [positive(shape) for shape in arrays], getattr(np.linalg, name)
    values = [Value(x) for x in given]
    out = function(*values, **settings)
    np.testing.assert_allclose(out.data, function(*given, **settings), rtol=1e-12, strict=True)
    assert all(g.any() for g in gradients(out.sum(), values))


def positive(shape: Any) -> np.ndarray:
    return np.random.default_rng(6).uniform(0.5, 1.5, shape)


def test_sort_as_a_method_changes_nothing_in_place() -> None:
    v = Value([2.0, 1.0])
    np.testing.assert_array_equal(v.sort().data, [1.0, 2.0])
    np.testing.assert_array_equal(v.data, [2.0, 1.0])


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("svd", {}),  # the further columns of U or V have no gradient
    ("cross", {"axis": 0}),  # vectors of two elements: NumPy warns that it will refuse them too
    ("cross", {"axisa": 0, "axisc": 0}),
]
"""What NumPy takes and we refuse, by op and settings; the square and the 3-D are in the table."""
TAKEN_LATER = ("norm", "vector_norm", "matrix_norm", "take", "compress")
"""What NumPy 2.0 refuses of no elements and later ones take; we take it with all of them."""
SHAPES = [(), (0,), (1,), (0, 3), (2, 0), (2, 2, 0)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", [name for name, row in GRADED.items() if row.by_numpy])
def test_without_axes_or_elements_as_numpy(name: str, shape: Any, rng: np.random.Generator) -> None:
    """What NumPy takes gives NumPy's result, and gradients; what it refuses is refused."""
    row = GRADED[name]
    for call in row.samples(rng)[:6]:
        floats = [i for i, x in enumerate(call.arrays) if np.asarray(x).dtype.kind == "f"]
        arrays = [np.ones(shape) if i in floats else x for i, x in enumerate(call.arrays)]
        values = [Value(x) if i in floats else x for i, x in enumerate(arrays)]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                right = flat(row.reference(*arrays, **call.settings))
            except ZeroDivisionError:  # np.average of nothing, by oversight
                continue
            except (ValueError, IndexError, TypeError) as error:
                if name in TAKEN_LATER and 0 in shape:
                    continue
                with pytest.raises((type(error), ValueError, IndexError, TypeError)):
                    row.function(*values, **call.settings)
                continue
            if (name, call.settings) in REFUSED:
                with pytest.raises((TypeError, ValueError)):
                    row.function(*values, **call.settings)
                continue
            out = flat(row.function(*values, **call.settings))
            assert len(out) == len(right)
            for one, expected in zip(out, right, strict=True):
                np.testing.assert_allclose(one.data, expected, rtol=1e-12, strict=True)
            inputs = [one for one in values if isinstance(one, Value)]
            total = sum(one.sum() for one in out)
            if inputs and isinstance(total, Value):
                for v, g in zip(inputs, gradients(total, inputs), strict=True):
                    assert g.shape == v.shape


@pytest.mark.parametrize("name", GRADED)
def test_ties_and_zeros_give_the_same_on_arrays_and_on_values(
    name: str, rng: np.random.Generator
) -> None:
    """Whole numbers, many of them 0 or equal, and never nan where the table is finite."""
    row = GRADED[name]
    for call in row.samples(rng):
        arrays = [
            np.rint(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
            for x in call.arrays
        ]
        values = as_values(Sample(tuple(arrays), call.settings))
        inputs = [one for one in values if isinstance(one, Value)]
        with np.errstate(all="ignore"):
            try:
                out = [one for one in flat(row.function(*values, **call.settings)) if one.size]
            except np.linalg.LinAlgError:
                continue
            total = sum(one.sum() for one in out)
            if not isinstance(total, Value) or not total.requires_grad:
                continue
            try:
                once, again = (
                    gradients(total, inputs, create_graph=create_graph)
                    for create_graph in (False, True)
                )
            except np.linalg.LinAlgError:
                continue
        for g, graph in zip(once, again, strict=True):
            np.testing.assert_allclose(g, graph.data, rtol=1e-12, atol=1e-14, equal_nan=True)


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


REDUCTIONS = (
    "sum",
    "mean",
    "prod",
    "max",
    "min",
    "ptp",
    "var",
    "std",
    "median",
    "nansum",
    "average",
)


@pytest.mark.parametrize("name", REDUCTIONS)
@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=st.data())
def test_reduction_under_drawn_shapes_and_axes(name: str, data: st.DataObject) -> None:
    """Also over no axis, over no element, and of a number: NumPy's result, or an error like its."""
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    axes = hnp.valid_tuple_axes(len(shape))
    one = st.integers(-len(shape) - 1, len(shape))
    axis = data.draw(st.none() | one | axes)
    keepdims = data.draw(st.booleans())
    x = np.random.default_rng(3).normal(size=shape)
    v, function = Value(x), getattr(np, name)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            right = function(x, axis=axis, keepdims=keepdims)
        except ZeroDivisionError:  # np.average of nothing, by oversight
            return
        except ValueError:
            if name == "median" and axis == ():  # NumPy fails on no axis of nothing; ours is empty
                return
            with pytest.raises(ValueError, match=r"axis|zero-size"):
                function(v, axis=axis, keepdims=keepdims)
            return
        out = function(v, axis=axis, keepdims=keepdims)
        np.testing.assert_allclose(out.data, right, rtol=1e-12, strict=True)
        (g,) = gradients(out.sum(), [v])
    assert g.shape == x.shape


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
    ("clip at the limits", lambda x: np.clip(x, -1, 1), [[-1.0, 0.0, 1.0]], [[0.5, 1, 0.5]]),
    ("hardtanh at the limits", ops.hardtanh, [[-1.0, 0.0, 1.0]], [[0.5, 1, 0.5]]),
    ("leaky_relu at 0", ops.leaky_relu, [[-1.0, 0.0, 2.0]], [[0.01, 0.01, 1]]),
    ("elu at 0", ops.elu, [[0.0, 2.0]], [[1, 1]]),
    ("softsign at 0", ops.softsign, [[0.0]], [[1]]),
    (
        "fmax tie, nan",
        ops.fmax,
        [[1.0, np.nan, 2.0], [1.0, 3.0, np.nan]],
        [[0.5, 0, 1], [0.5, 1, 0]],
    ),
    (
        "fmin tie, nan",
        ops.fmin,
        [[1.0, np.nan, 2.0], [1.0, 3.0, np.nan]],
        [[0.5, 0, 1], [0.5, 1, 0]],
    ),
    ("hypot at (0, 0)", ops.hypot, [[0.0, 3.0], [0.0, 4.0]], [[0, 0.6], [0, 0.8]]),
    ("arctan2 at (0, 0)", ops.arctan2, [[0.0, 0.0], [0.0, 2.0]], [[0, 0.5], [0, 0]]),
    ("copysign at 0", lambda x: np.copysign(x, [-1.0, 1.0]), [[0.0, -2.0]], [[0, -1]]),
    ("norm of 0", np.linalg.norm, [[0.0, 0.0]], [[0, 0]]),
    ("norm of order 1 of 0", lambda x: np.linalg.norm(x, 1), [[0.0, -2.0]], [[0, -1]]),
    ("norm of order 3 of 0", lambda x: np.linalg.norm(x, 3), [[0.0, 0.0]], [[0, 0]]),
    ("norm of order 3 beside 0", lambda x: np.linalg.norm(x, 3), [[0.0, -2.0]], [[0, -1]]),
    ("norm of order inf tie", lambda x: np.linalg.norm(x, np.inf), [[2.0, -2.0]], [[0.5, -0.5]]),
    ("Frobenius norm of 0", np.linalg.norm, [[[0.0, 0.0], [0.0, 0.0]]], [[[0, 0], [0, 0]]]),
    ("std of equal numbers", np.std, [[2.0, 2.0]], [[0, 0]]),
    ("sort tie", lambda x: np.sort(x) * [1.0, 2.0, 4.0], [[2.0, 1.0, 2.0]], [[2, 1, 4]]),
    ("median tie", np.median, [[2.0, 2.0, 1.0]], [[1, 0, 0]]),
    ("prod with a zero", np.prod, [[2.0, 0.0, 3.0]], [[0, 6, 0]]),
    ("prod with two zeros", np.prod, [[0.0, 0.0, 3.0]], [[0, 0, 0]]),
    ("cumprod with a zero", np.cumprod, [[2.0, 0.0, 3.0]], [[1, 8, 0]]),
    ("max with an initial tie", lambda x: np.max(x, initial=3.0), [[3.0, 1.0]], [[0.5, 0]]),
    ("round", ops.round, [[0.5, 2.0]], [[0, 0]]),
    ("nan_to_num", np.nan_to_num, [[np.nan, np.inf, 2.0]], [[0, 0, 1]]),
    ("logaddexp of −inf", ops.logaddexp, [[-np.inf, 0.0], [-np.inf, -np.inf]], [[0, 1], [0, 0]]),
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


@pytest.mark.parametrize("name", ACTIVATIONS)
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


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_a_row_of_minus_infinity(name: str) -> None:
    """Zeros, or −∞, and a gradient of 0; the row beside it is as it would be alone."""
    x = Value([[-np.inf, -np.inf], [-np.inf, 0.5]])
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        out = getattr(ops, name)(x, axis=-1)
        alone = getattr(ops, name)(x[1], axis=-1)
        (slope,) = gradients(out, [x], gradient=np.ones(out.shape), create_graph=True)
        (curvature,) = gradients(slope.sum(), [x])
    assert (out.data[0] == (0.0 if name == "softmax" else -np.inf)).all()
    np.testing.assert_array_equal(out.data[1], alone.data)
    np.testing.assert_array_equal(slope.data[0], 0.0)
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


def test_the_gradient_of_a_determinant_of_100_rows_is_no_matter() -> None:
    a = np.random.default_rng(4).normal(size=(100, 100)) / 10
    (g,) = gradients(np.linalg.det(v := Value(a)), [v])
    np.testing.assert_allclose(g, np.linalg.det(a) * np.linalg.inv(a).T, rtol=1e-9, atol=1e-12)


def test_erf_is_accurate() -> None:
    x = np.linspace(-6, 6, 2401)
    right = np.array([math.erf(one) for one in x])
    np.testing.assert_allclose(ops.erf(Value(x)).data, right, rtol=1e-15, atol=1e-300)
    single = ops.erf(Value(x, dtype=np.float32)).data
    np.testing.assert_allclose(single, right, rtol=5e-7)
    assert np.abs(single).max() == 1.0


def test_erf_far_out_is_one() -> None:
    x = np.array([7.0, 30.0, 1e30, np.inf])
    for dtype in (np.float64, np.float32):
        assert (ops.erf(Value(x, dtype=dtype)).data == 1.0).all()
        assert (ops.erf(Value(-x, dtype=dtype)).data == -1.0).all()
        assert np.isnan(ops.erf(Value(np.nan, dtype=dtype)).data)


def test_power_of_a_negative_base_never_takes_a_logarithm() -> None:
    x = Value([-2.0, -1.0])
    with np.errstate(all="raise"):
        (g,) = gradients((x ** np.array([2.0, 3.0])).sum(), [x])
    np.testing.assert_array_equal(g, [-4.0, 3.0])


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


EVERY_OP = sorted(
    {
        one.op
        for family in ops.FAMILIES
        for one in vars(family).values()
        if any(getattr(getattr(one, "op", None), "rules", ()))
    },
    key=lambda one: one.name,
)
SEEN_IN = {"cofactors": "det", "root": "std"}
"""Ops that are no function of their own, and the row in which they work."""


@pytest.mark.parametrize("one", EVERY_OP, ids=lambda one: one.name)
def test_the_table_catches_every_rule_that_is_wrong_by_a_thousandth(one: Op) -> None:
    row = TABLE[SEEN_IN.get(one.name, one.name)]
    for place, right in enumerate(one.rules):
        if right is None:
            continue

        def wrong(*arrays: Any, right: Any = right, **settings: Any) -> Any:
            return 1.001 * right(*arrays, **settings)

        one.rules[place] = wrong
        try:
            with pytest.raises(AssertionError, match="check_gradients"):
                check_op(
                    row.function,
                    row.samples(np.random.default_rng(1)),
                    reference=row.reference,
                    order=2 if one.name == "cofactors" else 1,
                )
        finally:
            one.rules[place] = right


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
    check_op(product, [sample(POINT, POINT + 1)], elementwise=False)
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
