"""`v[key]`: everything that NumPy takes for a key, and repeated places that add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from micrograd.engine import Value, grad, gradients


def assert_right(x: np.ndarray, key: Any) -> None:
    v = Value(x)
    out = v[key]
    np.testing.assert_array_equal(out.data, x[key], strict=True)
    g = np.random.default_rng(2).normal(size=out.shape)
    expected = np.zeros(x.shape)
    np.add.at(expected, key, g)
    (found,) = gradients(out, [v], gradient=g)
    np.testing.assert_allclose(found, expected, rtol=1e-12, strict=True)


KEYS = {
    "integer": 1,
    "negative integer": -1,
    "NumPy integer": np.int64(2),
    "slice": slice(1, 3),
    "backward slice": slice(None, None, -2),
    "empty slice": slice(2, 2),
    "ellipsis": Ellipsis,
    "new axis": None,
    "tuple": (0, slice(None), 1),
    "new axes between": (None, slice(None), None, 0),
    "ellipsis and integer": (Ellipsis, 0),
    "list": [0, 2, 0],
    "array of two axes": np.array([[0, 1], [1, 1]]),
    "empty array": np.array([], dtype=int),
    "two arrays": (np.array([0, 1, 0]), np.array([2, 2, 2])),
    "arrays that broadcast": (np.array([[0], [2]]), np.array([1, 1, 3])),
    "arrays apart": ([0, 1], slice(None), [1, 1]),
    "array and slice": (slice(None), np.array([3, 3, 0])),
    "array and integer": (np.array([1, 1]), 2),
    "boolean mask": np.arange(24).reshape(3, 4, 2) % 5 == 0,
    "mask of the first axis": np.array([True, False, True]),
    "mask and slice": (np.array([True, False, True]), slice(1, None)),
    "mask of nothing": np.zeros(3, bool),
    "True": True,
    "empty tuple": (),
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_key(key: Any) -> None:
    assert_right(np.arange(24.0).reshape(3, 4, 2), key)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_drawn_basic_keys(data: st.DataObject) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    key = data.draw(hnp.basic_indices(shape, allow_newaxis=True))
    assert_right(np.arange(float(np.prod(shape))).reshape(shape), key)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_drawn_index_arrays(data: st.DataObject) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    key = data.draw(hnp.integer_array_indices(shape))
    assert_right(np.arange(float(np.prod(shape))).reshape(shape), key)


def test_a_place_that_is_taken_twice_gets_both_gradients() -> None:
    v = Value([1.0, 2.0, 3.0])
    (v[[0, 0, 2]] * [1.0, 10.0, 100.0]).sum().backward()
    np.testing.assert_array_equal(v.grad, [11.0, 0.0, 100.0])


def test_second_order_through_repeated_places() -> None:
    cubes = grad(lambda v: (v[[0, 0, 1]] ** 3).sum())
    curvature = grad(lambda v: cubes(v).sum())(np.array([2.0, 3.0]))
    np.testing.assert_array_equal(curvature, [24.0, 18.0])


def test_a_row_of_a_float32_matrix_stays_float32() -> None:
    v = Value(np.ones((2, 3), np.float32))
    v[0].sum().backward()
    assert v[0].dtype == v.grad.dtype == np.float32


def test_iteration_unpacking_and_length_go_over_the_first_axis() -> None:
    v = Value([[1.0, 2.0], [3.0, 4.0]])
    first, second = v
    (first * second).sum().backward()
    assert len(v) == 2
    np.testing.assert_array_equal(v.grad, [[3.0, 4.0], [1.0, 2.0]])


def test_an_index_that_is_out_of_range_is_numpys_error() -> None:
    with pytest.raises(IndexError, match="out of bounds"):
        Value([1.0])[3]


@pytest.mark.parametrize("key", ["array", "name"])
def test_a_string_is_numpys_error(key: str) -> None:
    with pytest.raises(IndexError, match="only integers, slices"):
        Value([1.0])[key]


def test_a_value_is_no_index() -> None:
    with pytest.raises(TypeError, match=r"\.item\(\)"):
        Value([1.0, 2.0])[Value(1.0)]


def test_assigning_to_an_element_is_refused() -> None:
    v = Value([1.0, 2.0])
    with pytest.raises(TypeError, match=r"np\.where"):
        v[0] = 5.0
