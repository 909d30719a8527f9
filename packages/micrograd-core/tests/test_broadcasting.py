"""Is a gradient summed back to its input's shape, for every pair of shapes?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from micrograd.engine import Value
from micrograd.engine.broadcasting import stretched_axes, unbroadcast

PAIRS = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, min_side=0, max_side=3)


def summed_by_hand(g: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Each number of g goes to the number of x that NumPy reads for it."""
    places = np.broadcast_to(np.arange(int(np.prod(shape))).reshape(shape), g.shape)
    out = np.bincount(places.ravel(), g.ravel(), int(np.prod(shape)))
    return np.asarray(out[: int(np.prod(shape))].reshape(shape))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(pair=PAIRS)
def test_unbroadcast_sums_over_every_repeat(pair: hnp.BroadcastableShapes) -> None:
    g = np.random.default_rng(3).normal(size=pair.result_shape)
    for shape in pair.input_shapes:
        found = unbroadcast(g, shape)
        assert found.shape == shape
        np.testing.assert_allclose(found, summed_by_hand(g, shape), rtol=1e-12, atol=1e-14)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(pair=PAIRS, dtype=st.sampled_from([np.float32, np.float64]))
def test_unbroadcast_is_the_same_on_values(pair: hnp.BroadcastableShapes, dtype: type) -> None:
    g = np.random.default_rng(3).integers(-4, 5, pair.result_shape).astype(dtype)
    for shape in pair.input_shapes:
        on_arrays, on_values = unbroadcast(g, shape), unbroadcast(Value(g), shape)
        assert on_values.dtype == on_arrays.dtype == dtype
        np.testing.assert_array_equal(on_values.data, on_arrays, strict=True)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(pair=PAIRS)
def test_every_pair_of_ranks_runs_backward(pair: hnp.BroadcastableShapes) -> None:
    rng = np.random.default_rng(4)
    x, y = (Value(rng.normal(size=shape)) for shape in pair.input_shapes)
    out = x * y
    g = rng.normal(size=out.shape)
    out.backward(gradient=g)
    assert out.shape == pair.result_shape
    np.testing.assert_allclose(x.grad, summed_by_hand(g * y.data, x.shape), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(y.grad, summed_by_hand(g * x.data, y.shape), rtol=1e-9, atol=1e-12)


def test_a_shape_that_does_not_broadcast_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2,\).*\(4, 3\)"):
        unbroadcast(np.ones((4, 3)), (2,))
    with pytest.raises(ValueError, match=r"\(1, 3\).*\(3,\)"):
        unbroadcast(np.ones(3), (1, 3))


@pytest.mark.parametrize(
    ("large", "small", "axes"),
    [
        ((), (), ()),
        ((2, 3), (), (0, 1)),
        ((2, 3), (1, 1), (0, 1)),
        ((2, 1), (1, 1), (0,)),
        ((5, 2, 3), (2, 1), (0, 2)),
        ((0, 3), (1, 3), (0,)),
        ((1, 3), (0, 3), None),
        ((3,), (4,), None),
        ((3,), (1, 3), None),
    ],
)
def test_stretched_axes(large: tuple[int, ...], small: tuple[int, ...], axes: object) -> None:
    assert stretched_axes(large, small) == axes


def test_a_bias_of_no_rows_has_a_gradient_of_zeros() -> None:
    bias = Value([1.0, 2.0])
    (np.ones((0, 2)) + bias).sum().backward()
    np.testing.assert_array_equal(bias.grad, [0.0, 0.0])
