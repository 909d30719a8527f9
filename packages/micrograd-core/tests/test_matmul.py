"""`@` for every pair of ranks that NumPy allows, against products and sums written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd.engine import Value, gradients, ops
from micrograd.engine.testing import check_gradients

SHAPES = [
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((3,), (2, 3, 4)),
    ((3,), (5, 2, 3, 4)),
    ((2, 3), (3,)),
    ((2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((2, 3), (6, 5, 3, 4)),
    ((5, 2, 3), (3,)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 2, 3), (1, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((6, 1, 2, 3), (5, 3, 4)),
    ((5, 2, 3), (6, 1, 3, 4)),
    ((6, 5, 2, 3), (3,)),
    ((6, 5, 2, 3), (3, 4)),
    ((1, 1), (1, 1)),
    ((1, 3), (3, 1)),
]


def by_sums(a: np.ndarray, b: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of Σ g·(a @ b), with the vectors as matrices and each product written out."""
    rows, columns = (a[None] if a.ndim == 1 else a), (b[:, None] if b.ndim == 1 else b)
    if a.ndim == 1:
        g = np.expand_dims(g, -1 if b.ndim == 1 else -2)
    if b.ndim == 1:
        g = np.expand_dims(g, -1)
    da = np.einsum("...ij,...kj->...ik", g, columns)
    db = np.einsum("...ki,...kj->...ij", rows, g)
    return summed(da, rows.shape).reshape(a.shape), summed(db, columns.shape).reshape(b.shape)


def summed(g: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1)
    return np.asarray(g.sum(axis=stretched, keepdims=True))


def assert_right(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> None:
    x, y = Value(a), Value(b)
    out = x @ y
    np.testing.assert_allclose(out.data, a @ b, rtol=1e-12, strict=True)
    g = rng.normal(size=out.shape)
    da, db = gradients(out, [x, y], gradient=g)
    expected_a, expected_b = by_sums(a, b, g)
    np.testing.assert_allclose(da, expected_a, rtol=1e-10, atol=1e-12, strict=True)
    np.testing.assert_allclose(db, expected_b, rtol=1e-10, atol=1e-12, strict=True)


@pytest.mark.parametrize(("left", "right"), SHAPES, ids=str)
def test_ranks(left: Any, right: Any, rng: np.random.Generator) -> None:
    assert_right(rng.normal(size=left), rng.normal(size=right), rng)


@pytest.mark.parametrize(("left", "right"), SHAPES, ids=str)
def test_both_orders_of_all_ranks(left: Any, right: Any, rng: np.random.Generator) -> None:
    check_gradients(np.matmul, rng.normal(size=left), rng.normal(size=right), rng=rng)


side = st.integers(0, 3)
batch = st.lists(st.integers(0, 2), max_size=2)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(m=side, k=side, n=side, batch=batch, ones=st.tuples(st.booleans(), st.booleans()))
def test_drawn_shapes_also_empty(
    m: int, k: int, n: int, batch: list[int], ones: tuple[bool, bool]
) -> None:
    rng = np.random.default_rng(11)
    left, right = ([1 if one else length for length in batch] for one in ones)
    for a in ((*left, m, k), (k,)):
        for b in ((*right, k, n), (k,)):
            assert_right(rng.normal(size=a), rng.normal(size=b), rng)


def test_scalars_are_refused_as_numpy_refuses_them() -> None:
    with pytest.raises(ValueError, match="matmul"):
        Value(2.0) @ Value([1.0, 2.0])


def test_lengths_that_differ_are_refused_as_numpy_refuses_them() -> None:
    with pytest.raises(ValueError, match="mismatch"):
        Value(np.ones((2, 3))) @ Value(np.ones((2, 3)))


def test_float32(rng: np.random.Generator) -> None:
    a = Value(rng.normal(size=(2, 3)), dtype=np.float32)
    b = Value(rng.normal(size=3), dtype=np.float32)
    out = a @ b
    out.sum().backward()
    assert out.dtype == a.grad.dtype == b.grad.dtype == np.float32


def test_an_array_on_either_side(rng: np.random.Generator) -> None:
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
    x = Value(b)
    (a @ x).sum().backward()
    np.testing.assert_allclose(x.grad, a.sum(axis=0)[:, None] * np.ones((1, 2)))
    x = Value(a)
    (x @ b).sum().backward()
    np.testing.assert_allclose(x.grad, np.ones((2, 1)) * b.sum(axis=1))


@pytest.mark.parametrize(("weight", "bias"), [((3,), ()), ((2, 3, 4), (4,)), ((3, 4), (1, 4))])
def test_linear_takes_a_matrix_and_a_number_for_each_column(weight: Any, bias: Any) -> None:
    with pytest.raises(
        ValueError, match="Give a matrix, and a number for each of its columns or for each"
    ):
        ops.linear(Value(np.ones((2, 3))), Value(np.ones(weight)), Value(np.ones(bias)))


@pytest.mark.parametrize(("weight", "bias"), [(2.0, 1.0), (np.ones((3, 4)), 1.0)])
def test_linear_refuses_plain_numbers(weight: Any, bias: Any) -> None:
    with pytest.raises(ValueError, match=r"a bias of shape \(\)\. Give a matrix, and a number"):
        ops.linear(Value(np.ones((2, 3))), weight, bias)


@pytest.mark.parametrize(
    ("rows", "of_bias"), [((5, 2), (4,)), ((5, 2), (5, 2, 4)), ((5,), (5, 4)), ((), (4,))]
)
def test_linear_is_the_product_and_the_sum_in_one_node(rows: Any, of_bias: Any) -> None:
    rng = np.random.default_rng(0)
    x, weight, bias = (Value(rng.normal(size=shape)) for shape in ((*rows, 3), (3, 4), of_bias))
    one, two = ops.linear(x, weight, bias), x @ weight + bias
    assert (one.data == two.data).all()
    assert one.parents == (x, weight, bias)
    for a, b in zip(
        gradients(one.sum(), [x, weight, bias]),
        gradients(two.sum(), [x, weight, bias]),
        strict=True,
    ):
        np.testing.assert_allclose(a.data, b.data, rtol=1e-12)
