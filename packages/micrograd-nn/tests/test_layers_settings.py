"""How layers are printed and named, begin, keep a dtype, and take single samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd import nn
from micrograd.engine import Value

from .layer_table import LAYERS

TEXTS = [
    "Conv1d(2, 4, kernel_size=3)",
    "Conv2d(2, 4, kernel_size=(3, 2), stride=2, padding=1, dilation=(1, 2), groups=2, bias=False)",
    "Conv2d(2, 4, kernel_size=3, padding='same', padding_mode='reflect')",
    "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True)",
    "AvgPool2d(kernel_size=2, count_include_pad=False, divisor_override=3)",
    "BatchNorm2d(3, eps=0.001, momentum=None, affine=False, track_running_stats=False)",
    "BatchNorm1d(3)",
    "LayerNorm((3, 4), eps=0.1, bias=False)",
    "LayerNorm(3, elementwise_affine=False)",
    "Dropout(0.25)",
    "Flatten()",
    "Flatten(0, 1)",
    "Embedding(5, 2, padding_idx=4)",
    "ReLU()",
    "LeakyReLU(negative_slope=0.2)",
    "GELU(approximate='tanh')",
    "Softmax(dim=1)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_printed_layer_is_the_call_that_builds_it(text: str) -> None:
    assert repr(eval(text, vars(nn))) == text


@pytest.mark.parametrize(
    "text",
    [
        "LSTM(3, 4, num_layers=2, bias=False, batch_first=True, dropout=0.5, bidirectional=True)",
        "MultiHeadAttention(4, 2, dropout=0.1, bias=False, kdim=3, vdim=5, batch_first=True)",
    ],
)
def test_a_printed_layer_with_parts_begins_with_its_settings(text: str) -> None:
    name, _, settings = text[:-1].partition("(")
    layer = eval(text, vars(nn))
    assert layer._head() == text
    assert repr(layer).startswith(f"{name}(\n  {settings}\n")


def names(layer: nn.Module) -> list[str]:
    return list(layer.state_dict())


def test_states_have_pytorchs_names() -> None:
    norm = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    assert names(nn.BatchNorm2d(2)) == norm
    assert names(nn.GRU(2, 3, bidirectional=True))[::4] == ["weight_ih_l0", "weight_ih_l0_reverse"]
    assert names(nn.MultiHeadAttention(2, 1)) == [
        *("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"),
    ]
    assert names(nn.TransformerBlock(2, 1))[-4:] == [
        *("norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"),
    ]


@pytest.mark.parametrize(
    ("layer", "bound"),
    [
        (lambda rng: nn.Conv2d(8, 400, 3, rng=rng), 1 / np.sqrt(72)),
        (lambda rng: nn.Conv1d(16, 400, 4, groups=2, rng=rng), 1 / np.sqrt(32)),
        (lambda rng: nn.LSTM(30, 64, rng=rng), 1 / 8),
        (lambda rng: nn.GRU(30, 64, rng=rng), 1 / 8),
    ],
)
def test_weights_begin_in_pytorchs_interval(layer: Any, bound: float) -> None:
    for p in layer(np.random.default_rng(0)).parameters():
        assert 0.97 * bound < abs(p.data).max() <= bound


def test_an_embedding_begins_normal_and_its_padding_as_zeros() -> None:
    weight = nn.Embedding(300, 50, -1, rng=np.random.default_rng(0)).weight.data
    assert abs(weight[:-1].std() - 1.0) < 0.02
    assert not weight[-1].any()


@pytest.mark.parametrize("name", LAYERS)
def test_the_same_generator_gives_the_same_layer(name: str) -> None:
    one, two = (LAYERS[name].make(np.float64, np.random.default_rng(4)) for _ in range(2))
    for key, array in one.state_dict().items():
        np.testing.assert_array_equal(array, two.state_dict()[key])


@pytest.mark.parametrize("name", LAYERS)
def test_float32_is_kept(name: str, rng: np.random.Generator) -> None:
    row = LAYERS[name]
    layer = row.make(np.float32, rng)
    out = row.call(layer, row.input(rng, np.float32))
    out.sum().backward()
    assert out.dtype == np.float32
    assert {p.dtype for p in layer.parameters()} == {np.dtype(np.float32)}
    assert {v.dtype for v in layer.state_dict().values()} == {np.dtype(np.float32)}


def test_whole_numbers_become_floats_of_the_layer(rng: np.random.Generator) -> None:
    layer = nn.Conv2d(1, 2, 2, dtype=np.float32, rng=rng)
    pixels = rng.integers(255, size=(1, 1, 4, 4), dtype=np.uint8)
    out = layer(pixels)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out.data, layer(pixels.tolist()).data)


def test_one_sample_needs_no_batch(rng: np.random.Generator) -> None:
    image, sequence = rng.normal(size=(2, 5, 6)), rng.normal(size=(4, 3))
    for layer in (nn.Conv2d(2, 3, 2, rng=rng), nn.MaxPool2d(2), nn.AvgPool2d(2)):
        one, several = layer(Value(image)), layer(Value(image[None]))
        np.testing.assert_array_equal(one.data, several.data[0])
    for first in (False, True):
        lstm = nn.LSTM(3, 2, batch_first=first, rng=rng)
        alone, (h, _) = lstm(sequence)
        batch, (states, _) = lstm(np.expand_dims(sequence, 0 if first else 1))
        np.testing.assert_array_equal(alone.data, batch.data.reshape(4, 2))
        np.testing.assert_array_equal(h.data, states.data[:, 0])
    attention = nn.MultiHeadAttention(3, 1, rng=rng)
    padding = np.array([False, True, False, False])
    out, weights = attention(sequence, key_padding_mask=padding)
    assert (out.shape, weights.shape) == ((4, 3), (4, 4))
    assert not weights.data[:, 1].any()


def test_a_place_that_may_look_nowhere_gets_zeros(rng: np.random.Generator) -> None:
    layer, x = nn.MultiHeadAttention(4, 2, rng=rng), Value(rng.normal(size=(3, 2, 4)))
    out, weights = layer(x, attn_mask=np.ones((3, 3), bool))
    out.sum().backward()
    assert not weights.data.any()
    assert np.isfinite(x.grad).all()
    assert layer(x, need_weights=False)[1] is None


def test_batch_norm_in_use_does_not_move_its_statistics(rng: np.random.Generator) -> None:
    layer, x = nn.BatchNorm1d(2), rng.normal(3.0, 2.0, size=(50, 2))
    for _ in range(200):
        layer(x)
    np.testing.assert_allclose(layer.running_mean.data, x.mean(axis=0))
    np.testing.assert_allclose(layer.running_var.data, x.var(axis=0, ddof=1))
    before = layer.state_dict()
    y = layer.eval()(x[:1])  # one sample will do
    for key, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[key])
    right = (x[:1] - x.mean(axis=0)) / np.sqrt(x.var(axis=0, ddof=1) + 1e-5)
    np.testing.assert_allclose(y.data, right)


def test_every_activation_of_the_module_is_its_op_by_name(rng: np.random.Generator) -> None:
    x = rng.normal(size=(3, 4))
    for name in ("ReLU", "LeakyReLU", "ELU", "SELU", "GELU", "SiLU", "Sigmoid", "Tanh", "Softplus"):
        by_name = {"LeakyReLU": "leaky_relu"}.get(name, name.lower())
        np.testing.assert_array_equal(
            getattr(nn, name)()(x), nn.activations.get(by_name)(x), err_msg=name
        )
    model = nn.Sequential(nn.Linear(4, 2, rng=rng), nn.ReLU, nn.LeakyReLU(0.3))
    assert "1: ReLU()" in repr(model)
    assert nn.MLP(4, [3, 2], nn.Tanh, rng=rng)(x).shape == (3, 2)
