"""The rules that layers bring along, of order one and two, and every layer's second derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, ops
from micrograd.engine.testing import check_gradients, check_op, sample
from micrograd.nn import Conv2d, Dropout, MaxPool2d
from micrograd.nn.convolution import columns, weigh
from micrograd.nn.dropout import kept
from micrograd.nn.embedding import lookup
from micrograd.nn.gates import gru_gates, gru_step, lstm_gates, lstm_step, unstacked
from micrograd.nn.normalization import normalized
from micrograd.nn.pooling import max_of_windows, mean_of_windows

from .layer_table import LAYERS

_rng = np.random.default_rng(11)


def a(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape)


WINDOWS = [
    {"window": (2, 2), "stride": (2, 2)},
    {"window": (3, 2), "stride": (1, 2)},
]
OPS: dict[str, tuple[Any, list[Any]]] = {
    "unstacked": (unstacked, [sample(a(3, 2)), sample(a(1, 2, 3))]),
    "lstm_gates": (lstm_gates, [sample(a(2, 8)), sample(a(3, 2, 4))]),
    "lstm_step": (lstm_step, [sample(a(3, 8), a(3, 2))]),
    "gru_gates": (gru_gates, [sample(a(3, 6), a(3, 6))]),
    "gru_step": (gru_step, [sample(a(3, 6), a(3, 2))]),
    "normalized": (
        normalized,
        [sample(a(4, 5), axis=0, eps=1e-3), sample(a(2, 3, 4), axis=(0, 2), eps=1e-5)],
    ),
    "max_of_windows": (
        max_of_windows,
        [
            *(sample(a(2, 4, 6), **how, dilation=None) for how in WINDOWS),
            sample(a(2, 5, 6), window=(2, 2), stride=(1, 2), dilation=(2, 1)),
        ],
    ),
    "mean_of_windows": (
        mean_of_windows,
        [*(sample(a(2, 4, 6), np.array(4.0), **how) for how in WINDOWS)],
    ),
    "columns": (
        columns,
        [
            sample(a(2, 3, 5), window=(2,), stride=(2,), dilation=(1,)),
            sample(a(1, 2, 4, 5), window=(2, 1), stride=(1, 2), dilation=(3, 1)),
        ],
    ),
    "weigh": (
        weigh,
        [
            sample(a(3, 4), a(2, 4, 5), a(3)),
            sample(a(2, 3, 4), a(2, 2, 4, 5), a(6)),
        ],
    ),
    "lookup": (
        lookup,
        [
            sample(a(4, 3), np.array([[0, 3], [3, 1]])),
            sample(a(4, 3), np.array([2, 1])),
        ],
    ),
}


def windows(x: np.ndarray, window: Any, stride: Any, dilation: Any = None) -> np.ndarray:
    return ops.sliding_window_view(x, window, (-2, -1), stride=stride, dilation=dilation)


REFERENCES: dict[str, Any] = {
    "max_of_windows": lambda x, **how: windows(x, **how).max(axis=(-2, -1)),
    "mean_of_windows": lambda x, n, **how: windows(x, **how).sum(axis=(-2, -1)) / n,
}


@pytest.mark.parametrize("name", OPS)
def test_a_rule(name: str, rng: np.random.Generator) -> None:
    op, samples = OPS[name]
    check_op(op, samples, reference=REFERENCES.get(name), elementwise=False, rng=rng)


# The padding's row takes no gradient although the result depends on it: as in PyTorch.
TRUE_TO_ITS_NUMBERS = [name for name in LAYERS if name != "Embedding with padding"]


@pytest.mark.parametrize("name", TRUE_TO_ITS_NUMBERS)
def test_second_derivatives_of_a_layer(name: str, rng: np.random.Generator) -> None:
    """Of order 2 through whatever the layer is composed of, with respect to its parameters."""
    row = LAYERS[name]
    layer = row.make(np.float64, np.random.default_rng(1))
    layer.train("BatchNorm" in name)
    x = row.input(rng, np.float64)
    parameters = layer.parameters()
    names = [path for path, _ in layer.named_parameters()]

    def f(*given: Any) -> Any:
        for path, one in zip(names, given, strict=True):
            put(layer, path, one)
        return row.call(layer, x)

    check_gradients(f, *(p.data.copy() for p in parameters), order=2, rng=rng)


def put(module: Any, path: str, value: Any) -> None:
    """Set what stands at a path."""
    *holders, last = path.split(".")
    for one in holders:
        module = module[int(one)] if isinstance(module, (list, tuple)) else getattr(module, one)
    object.__setattr__(module, last, value)


def test_numbers_that_are_equally_the_largest_share_the_gradient() -> None:
    x = Value([[[[1.0, 1.0, 0.0], [1.0, 0.0, 2.0]]]])
    MaxPool2d((2, 2), 1)(x).backward(gradient=[[[[3.0, 1.0]]]])
    np.testing.assert_allclose(x.grad, [[[[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]]])


def test_the_row_of_the_padding_gets_no_gradient() -> None:
    weight = Value(np.ones((3, 2)))
    lookup(weight, np.array([0, 1, 1, 2]), padding_idx=1).sum().backward()
    np.testing.assert_array_equal(weight.grad, [[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]])


def test_a_convolution_is_a_sum_of_products(rng: np.random.Generator) -> None:
    """As the maths has it, with loops."""
    layer = Conv2d(4, 6, (2, 3), (2, 1), (1, 0), (1, 2), groups=2, rng=rng)
    x = rng.normal(size=(2, 4, 5, 8))
    margin = np.pad(x, [(0, 0), (0, 0), (1, 1), (0, 0)])
    w, b = layer.weight.data, layer.bias.data
    out = layer(x).data
    right = np.zeros(out.shape)
    for n, o, i, j in np.ndindex(*out.shape):
        group = margin[n, 2 * (o // 3) : 2 * (o // 3) + 2]
        right[n, o, i, j] = b[o] + sum(
            w[o, c, k, m] * group[c, 2 * i + k, j + 2 * m] for c, k, m in np.ndindex(2, 2, 3)
        )
    np.testing.assert_allclose(out, right)


def test_dropout_keeps_the_mean_and_draws_from_its_generator() -> None:
    x = np.full((200, 500), 2.0)
    layer = Dropout(0.3, rng=np.random.default_rng(5))
    y = layer(Value(x)).data
    share = float((y == 0.0).mean())
    assert abs(share - 0.3) < 0.01
    np.testing.assert_allclose(y[y != 0.0], 2.0 / 0.7)
    again = Dropout(0.3, rng=np.random.default_rng(5))
    np.testing.assert_array_equal(again(Value(x)).data, y)
    assert (layer(Value(x)).data != y).any()
    assert layer.eval()(x) is x
    assert not Dropout(1.0)(Value(x)).data.any()


def test_the_mask_of_a_dropout_is_a_constant() -> None:
    x = Value(np.ones((3, 4)))
    y = ops.sum(x * kept(x, p=0.5, rng=np.random.default_rng(0)))
    y.backward()
    assert set(np.unique(x.grad)) <= {0.0, 2.0}
