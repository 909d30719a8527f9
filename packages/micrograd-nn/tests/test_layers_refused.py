"""What layers refuse, when they are built and when they are called, and what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd import nn
from micrograd.engine import Value


def z(*shape: int) -> np.ndarray:
    return np.zeros(shape)


CALLS: dict[str, tuple[Any, Any, str]] = {
    "Conv2d, rank": (
        lambda: nn.Conv2d(3, 8, 3),
        z(5, 4),
        r"Conv2d\(3, 8, kernel_size=3\): the input has shape \(5, 4\), but it must have 4 axes, "
        r"\(N, 3, H, W\), or \(3, H, W\) for one sample. Reshape it",
    ),
    "Conv2d, channels": (
        lambda: nn.Conv2d(3, 8, 3),
        z(2, 28, 28, 3),
        r"shape \(2, 28, 28, 3\), but its axis 1 must have 3 entries.*build the layer for 28",
    ),
    "Conv2d, channels of one": (
        lambda: nn.Conv2d(3, 8, 3),
        z(1, 9, 9),
        r"its axis 0 must have 3 entries",
    ),
    "Conv2d, empty": (
        lambda: nn.Conv2d(3, 8, 3),
        z(0, 3, 9, 9),
        r"shape \(0, 3, 9, 9\), which holds no numbers. Give it at least one sample",
    ),
    "Conv2d, small": (
        lambda: nn.Conv2d(1, 1, (3, 5), padding=1),
        z(1, 1, 9, 2),
        r"covers \(3, 5\) places, but the input has only \(11, 4\), padding included",
    ),
    "Conv1d, dilated": (
        lambda: nn.Conv1d(1, 1, 3, dilation=4),
        z(1, 1, 8),
        r"covers 9 places, but the input has only \(8,\)",
    ),
    "MaxPool2d, rank": (
        lambda: nn.MaxPool2d(2),
        z(4, 4),
        r"MaxPool2d\(kernel_size=2\).*\(4, 4\), but it must have 4 axes, \(N, C, H, W\)",
    ),
    "MaxPool2d, small": (
        lambda: nn.MaxPool2d(3),
        z(1, 1, 2, 9),
        r"covers 3 places.*smaller kernel",
    ),
    "AvgPool2d, empty": (lambda: nn.AvgPool2d(3), z(0, 1, 9, 9), r"holds no numbers"),
    "BatchNorm1d, rank": (lambda: nn.BatchNorm1d(3), z(3), r"must have 2 axes, \(N, 3\)\. Reshape"),
    "BatchNorm1d, features": (lambda: nn.BatchNorm1d(3), z(4, 2), r"axis 1 must have 3 entries"),
    "BatchNorm1d, one": (
        lambda: nn.BatchNorm1d(3),
        z(1, 3),
        r"one number for each channel, which has no spread. Give it a batch of two",
    ),
    "BatchNorm2d, rank": (lambda: nn.BatchNorm2d(3), z(4, 3), r"4 axes, \(N, 3, H, W\)\. Reshape"),
    "BatchNorm2d, empty": (lambda: nn.BatchNorm2d(3), z(0, 3, 2, 2), r"holds no numbers"),
    "LayerNorm": (
        lambda: nn.LayerNorm(3),
        z(4, 2),
        r"LayerNorm\(3\): the input has shape \(4, 2\), but its last axes must be \(3,\).*"
        r"build LayerNorm\(2\)",
    ),
    "LayerNorm, empty": (lambda: nn.LayerNorm(3), z(0, 3), r"no axis empty"),
    "Flatten": (
        lambda: nn.Flatten(),
        z(3),
        r"Flatten\(\): the input has shape \(3,\), which has no axes from 1 to -1. Give it",
    ),
    "Embedding, high": (
        lambda: nn.Embedding(5, 2),
        [0, 7],
        r"indices reach from 0 to 7, but there are 5 rows.*from 0 to 4, or build Embedding\(8, 2\)",
    ),
    "Embedding, low": (lambda: nn.Embedding(5, 2), [-1, 3], r"from -1 to 3, but there are 5 rows"),
    "Embedding, empty": (lambda: nn.Embedding(5, 2), z(0, 2).astype(int), r"so there are none"),
    "LSTM, rank": (lambda: nn.LSTM(3, 4), z(3), r"must have 3 axes, \(L, N, H\)"),
    "LSTM, features": (
        lambda: nn.LSTM(3, 4, batch_first=True),
        z(2, 5, 4),
        r"LSTM\(3, 4, batch_first=True\): the input has shape \(2, 5, 4\), but its last axis must "
        r"have 3 entries",
    ),
    "GRU, empty": (lambda: nn.GRU(3, 4), z(5, 0, 3), r"holds no numbers"),
    "MultiHeadAttention, features": (
        lambda: nn.MultiHeadAttention(4, 2),
        z(3, 2, 5),
        r"MultiHeadAttention\(4, 2\): the query has shape \(3, 2, 5\), but its last axis",
    ),
    "MultiHeadAttention, rank": (
        lambda: nn.MultiHeadAttention(4, 2),
        z(1, 3, 2, 4),
        r"must have 3 axes, \(N, L, E\)",
    ),
    "MultiHeadAttention, empty": (
        lambda: nn.MultiHeadAttention(4, 2),
        z(3, 0, 4),
        r"the query has shape \(3, 0, 4\), which holds no numbers",
    ),
    "TransformerBlock": (
        lambda: nn.TransformerBlock(4, 2),
        z(3, 2, 5),
        r"TransformerBlock: the input has shape \(3, 2, 5\), but its last axis must have 4",
    ),
    "Residual": (
        lambda: nn.Residual(nn.Linear(3, 2)),
        z(4, 3),
        r"Residual: the input has shape \(4, 3\), but its layers made \(4, 2\) of it",
    ),
    "Softmax": (lambda: nn.Softmax(1), z(3), r"Softmax\(dim=1\): .*\(3,\), so there is no axis 1"),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_input_that_does_not_fit_is_refused(name: str) -> None:
    make, x, message = CALLS[name]
    with pytest.raises(ValueError, match=message):
        make()(x)


@pytest.mark.parametrize(
    ("indices", "got"),
    [(np.ones(3), "an array of float64"), (Value([1.0]), "a Value"), ([True], "an array of bool")],
)
def test_an_index_is_a_whole_number(indices: Any, got: str) -> None:
    with pytest.raises(TypeError, match=rf"Embedding\(5, 2\): the indices are {got}. Give a plain"):
        nn.Embedding(5, 2)(indices)


def test_states_of_another_shape_are_refused() -> None:
    x = z(5, 2, 3)
    with pytest.raises(
        ValueError, match=r"GRU\(3, 4\): h0 has shape \(2, 4\), but it must be \(1, 2"
    ):
        nn.GRU(3, 4)(x, z(2, 4))
    with pytest.raises(ValueError, match=r"c0 has shape \(1, 2, 3\), but it must be \(1, 2, 4\)"):
        nn.LSTM(3, 4)(x, (z(1, 2, 4), z(1, 2, 3)))
    with pytest.raises(TypeError, match=r"LSTM\(3, 4\): hx is ndarray. Give a pair, \(h0, c0\)"):
        nn.LSTM(3, 4)(x, z(1, 2, 4))


def test_masks_and_keys_that_do_not_fit_are_refused() -> None:
    layer, x = nn.MultiHeadAttention(4, 2), z(3, 2, 4)
    with pytest.raises(
        ValueError, match=r"attn_mask has shape \(3, 2\), but it must be \(3, 3\) or"
    ):
        layer(x, attn_mask=np.zeros((3, 2), bool))
    with pytest.raises(ValueError, match=r"key_padding_mask has shape \(3,\), .* must be \(2, 3\)"):
        layer(x, key_padding_mask=np.zeros(3, bool))
    with pytest.raises(TypeError, match=r"attn_mask has dtype int64. Give booleans, True where"):
        layer(x, attn_mask=np.zeros((3, 3), np.int64))
    with pytest.raises(
        ValueError, match=r"batches of shapes \(2, 3, 4\), \(1, 3, 4\) and \(1, 3, 4"
    ):
        layer(x, z(3, 1, 4))
    with pytest.raises(ValueError, match=r"a value for every key"):
        layer(x, x, z(2, 2, 4))


BUILDS: dict[str, tuple[Any, str]] = {
    "padding": (lambda: nn.Conv2d(1, 1, 3, padding="some"), r"padding='some'. Give whole numbers"),
    "same, stride": (
        lambda: nn.Conv2d(1, 1, 3, 2, "same"),
        r"padding='same' keeps the size, and stride=2 divides it. Use stride=1",
    ),
    "padding, pair": (lambda: nn.Conv1d(1, 1, 3, padding=(1, 2)), r"Conv1d: padding=\(1, 2\)\."),
    "negative": (
        lambda: nn.Conv1d(1, 1, 3, padding=-1),
        r"padding=-1. Give a whole number, from 0",
    ),
    "mode": (lambda: nn.Conv1d(1, 1, 3, padding_mode="odd"), r"padding_mode='odd'. Choose one of"),
    "kernel": (
        lambda: nn.Conv2d(1, 1, (3, 3, 3)),
        r"kernel_size=\(3, 3, 3\).*or 2 of them, from 1",
    ),
    "stride": (lambda: nn.Conv2d(1, 1, 3, 0), r"Conv2d: stride=0. Give a whole number, or 2"),
    "half": (lambda: nn.Conv2d(1, 1, 1.5), r"kernel_size=1.5"),
    "channels": (lambda: nn.Conv2d(0, 1, 1), r"in_channels=0"),
    "groups": (lambda: nn.Conv2d(4, 6, 1, groups=4), r"groups=4 does not divide in_channels=4 and"),
    "pool": (lambda: nn.MaxPool2d(2, padding=2), r"padding=2 for kernel_size=2. Give at most half"),
    "divisor": (lambda: nn.AvgPool2d(2, divisor_override=0), r"AvgPool2d: divisor_override=0"),
    "features": (lambda: nn.BatchNorm2d(0), r"BatchNorm2d: num_features=0. Give a whole number"),
    "shape": (lambda: nn.LayerNorm((3, 0)), r"LayerNorm: normalized_shape=\(3, 0\)"),
    "rows": (lambda: nn.Embedding(0, 2), r"Embedding: num_embeddings=0"),
    "padding_idx": (lambda: nn.Embedding(3, 2, 3), r"padding_idx=3, but there are 3 rows"),
    "p": (lambda: nn.Dropout(1.5), r"Dropout: p=1.5. Give the probability of a zero, from 0 to 1"),
    "hidden": (lambda: nn.LSTM(3, 0), r"LSTM: hidden_size=0"),
    "heads": (lambda: nn.MultiHeadAttention(4, 3), r"num_heads=3 does not divide embed_dim=4"),
    "no heads": (lambda: nn.MultiHeadAttention(4, 0), r"MultiHeadAttention: num_heads=0"),
    "nothing": (lambda: nn.Residual(), r"Residual\(\) has no layers. Give it at least one"),
    "gelu": (lambda: nn.GELU("erf"), r"GELU: approximate='erf'. Pass 'none' or 'tanh'"),
    "limits": (lambda: nn.Hardtanh(1.0, -1.0), r"min_val=1.0 and max_val=-1.0. Give a smaller"),
}


@pytest.mark.parametrize("name", BUILDS)
def test_settings_that_fit_nothing_are_refused(name: str) -> None:
    make, message = BUILDS[name]
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: nn.Conv2d(1, 1, 1, rng=rng),
        lambda rng: nn.Dropout(rng=rng),
        lambda rng: nn.Embedding(2, 2, rng=rng),
        lambda rng: nn.LSTM(2, 2, rng=rng),
        lambda rng: nn.MultiHeadAttention(2, 1, rng=rng),
        lambda rng: nn.TransformerBlock(2, 1, rng=rng),
    ],
)
def test_a_seed_is_no_generator(make: Any) -> None:
    with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator or None"):
        make(0)
