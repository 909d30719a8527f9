"""Losses at extreme numbers, labels of every kind, targets that have no digits left."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd.engine import Value
from micrograd.nn import losses


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_cross_entropy_of_huge_logits_is_exact(dtype):
    logits = Value(np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, -1000.0]], dtype))
    out = losses.cross_entropy(logits, np.array([2, 0]), reduction="none")
    np.testing.assert_allclose(out.data, [2000.0, np.log(3.0)], rtol=1e-6)
    out.sum().backward()
    third = 1.0 / 3.0
    np.testing.assert_allclose(
        logits.grad, [[1.0, 0.0, -1.0], [third - 1.0, third, third]], rtol=1e-6
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_logits_of_any_size_neither_overflow_nor_saturate(dtype):
    logits = Value(np.array([-1000.0, -40.0, 0.0, 40.0, 1000.0], dtype))
    out = losses.binary_cross_entropy_with_logits(logits, np.zeros(5, dtype), reduction="none")
    np.testing.assert_allclose(out.data, [0.0, np.exp(-40.0), np.log(2.0), 40.0, 1000.0], rtol=1e-6)
    out.sum().backward()
    np.testing.assert_allclose(logits.grad, [0.0, np.exp(-40.0), 0.5, 1.0, 1.0], rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_certain_probabilities_cost_at_most_100(dtype):
    p = Value(np.array([0.0, 1.0, 0.0, 1.0], dtype))
    out = losses.binary_cross_entropy(p, np.array([0, 0, 1, 1], dtype), reduction="none")
    np.testing.assert_allclose(out.data, [0.0, 100.0, 100.0, 0.0], rtol=1e-3)
    out.sum().backward()
    np.testing.assert_allclose(p.grad, [0.0, 1e12, -1e12, 0.0], rtol=1e-6)


def test_an_impossible_class_may_be_minus_infinity():
    logits = Value([[0.0, -np.inf, 0.0]])
    out = losses.cross_entropy(logits, np.array([0]))
    assert out.item() == pytest.approx(np.log(2.0))
    out.backward()
    np.testing.assert_allclose(logits.grad, [[-0.5, 0.0, 0.5]])


# -- labels ---------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_labels_and_their_one_hot_rows_are_the_same_target(labels):
    one, two = (Value(np.sin(np.arange(4.0 * len(labels))).reshape(-1, 4)) for _ in range(2))
    by_label = losses.cross_entropy(one, np.array(labels))
    by_row = losses.cross_entropy(two, np.eye(4)[labels])
    by_label.backward()
    by_row.backward()
    np.testing.assert_allclose(by_label.data, by_row.data, rtol=1e-12)
    np.testing.assert_allclose(one.grad, two.grad, atol=1e-15)


@pytest.mark.parametrize("labels", [[2, 0], (2, 0), np.array([2, 0], np.uint8)])
def test_labels_may_be_any_whole_numbers(labels):
    logits = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    expected = losses.cross_entropy(logits, np.array([2, 0]))
    assert losses.cross_entropy(Value(logits), labels).item() == pytest.approx(expected)


@pytest.mark.parametrize("label", [2, np.int64(2), np.array(2)])
def test_one_row_takes_one_label(label):
    logits = Value([0.0, 1.0, 2.0])
    out = losses.cross_entropy(logits, label)
    assert out.item() == pytest.approx(0.40760596)
    out.backward()
    np.testing.assert_allclose(logits.grad, [0.09003057, 0.24472847, -0.33475904], atol=1e-8)
