"""Which layers are compared with PyTorch's, and how are their settings drawn?

Each entry of `LAYERS` draws a layer with settings of its own, the same layer of PyTorch, and the
inputs. The weights are carried over by name, so that a name or a shape that PyTorch does not have
is an error too. Arrays of floats take a gradient; indices and masks do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import torch

from micrograd import nn

Rng: TypeAlias = np.random.Generator
F64 = {"dtype": torch.float64}


@dataclass
class Pair:
    """A layer here and there, and what both are called with."""

    ours: nn.Module
    theirs: torch.nn.Module
    inputs: list[Any]
    named: dict[str, Any] = field(default_factory=dict)
    their_names: dict[str, str] = field(default_factory=dict)  # where PyTorch's are others


Draw: TypeAlias = Callable[[Rng], Pair]
LAYERS: dict[str, Draw] = {}


def layer(draw: Draw) -> Draw:
    """Enter a layer under the name of the function that draws it."""
    LAYERS[draw.__name__] = draw
    return draw


def one(rng: Rng, *choices: Any) -> Any:
    return choices[int(rng.integers(len(choices)))]


def size(rng: Rng, low: int, high: int) -> int:
    return int(rng.integers(low, high + 1))


def convolution(rng: Rng, name: str, rank: int) -> Pair:
    groups = one(rng, 1, 1, 2)
    channels = (groups * size(rng, 1, 3), groups * size(rng, 1, 3))
    kernel = tuple(size(rng, 1, 3) for _ in range(rank))
    how: dict[str, Any] = {"dilation": one(rng, 1, 1, 2), "groups": groups, "bias": one(rng, 1, 0)}
    how["bias"] = bool(how["bias"])
    padding = one(rng, 0, 1, tuple(size(rng, 0, 2) for _ in range(rank)), "same", "valid")
    how["padding"], how["stride"] = padding, 1 if padding == "same" else size(rng, 1, 3)
    how["padding_mode"] = one(rng, "zeros", "zeros", "reflect", "replicate", "circular")
    shape = (size(rng, 1, 3), channels[0], *(size(rng, 6, 9) for _ in range(rank)))
    x = rng.normal(size=shape[one(rng, 0, 0, 1) :])
    ours = getattr(nn, name)(*channels, kernel, **how, rng=rng)
    return Pair(ours, getattr(torch.nn, name)(*channels, kernel, **how, **F64), [x])


@layer
def conv1d(rng: Rng) -> Pair:
    return convolution(rng, "Conv1d", 1)


@layer
def conv2d(rng: Rng) -> Pair:
    return convolution(rng, "Conv2d", 2)


def window(rng: Rng) -> dict[str, Any]:
    kernel = (size(rng, 2, 3), size(rng, 2, 3))
    return {
        "kernel_size": kernel,
        "stride": one(rng, None, 1, 2, (2, 3)),
        "padding": one(rng, 0, 1),
        "ceil_mode": one(rng, False, True),
    }


@layer
def max_pool2d(rng: Rng) -> Pair:
    how = window(rng) | {"dilation": one(rng, 1, 1, 2)}
    x = rng.normal(size=(2, 3, size(rng, 5, 9), size(rng, 5, 9)))
    return Pair(nn.MaxPool2d(**how), torch.nn.MaxPool2d(**how), [x])


@layer
def avg_pool2d(rng: Rng) -> Pair:
    how = window(rng) | {"count_include_pad": one(rng, True, False)}
    how["divisor_override"] = one(rng, None, None, 3)
    x = rng.normal(size=(2, 3, size(rng, 5, 9), size(rng, 5, 9)))
    return Pair(nn.AvgPool2d(**how), torch.nn.AvgPool2d(**how), [x])


def batch_norm(rng: Rng, name: str, shape: tuple[int, ...]) -> Pair:
    how = {
        "eps": one(rng, 1e-5, 1e-2),
        "momentum": one(rng, 0.1, 0.7, None),
        "affine": one(rng, True, False),
        "track_running_stats": one(rng, True, True, False),
    }
    ours = getattr(nn, name)(shape[1], **how)
    theirs = getattr(torch.nn, name)(shape[1], **how, **F64)
    if one(rng, False, True):  # in use, with statistics that were learned
        for module in (ours, theirs):
            module.eval()
    if how["affine"]:
        ours.weight.data = rng.normal(size=shape[1])
        ours.bias.data = rng.normal(size=shape[1])
    if how["track_running_stats"]:
        ours.running_mean.data = rng.normal(size=shape[1])
        ours.running_var.data = rng.uniform(0.5, 2.0, size=shape[1])
    return Pair(ours, theirs, [rng.normal(1.0, 2.0, size=shape)])


@layer
def batch_norm1d(rng: Rng) -> Pair:
    shape = (size(rng, 4, 6), size(rng, 1, 4), size(rng, 2, 4))
    return batch_norm(rng, "BatchNorm1d", shape[: one(rng, 2, 3)])


@layer
def batch_norm2d(rng: Rng) -> Pair:
    shape = (size(rng, 2, 4), size(rng, 1, 4), size(rng, 2, 4), size(rng, 2, 4))
    return batch_norm(rng, "BatchNorm2d", shape)


@layer
def layer_norm(rng: Rng) -> Pair:
    shape = (size(rng, 1, 3), size(rng, 2, 4), size(rng, 4, 6))
    how = {"eps": one(rng, 1e-5, 1e-2), "elementwise_affine": one(rng, True, False)}
    last: Any = one(rng, shape[-1], shape[-2:])
    bias = one(rng, True, False)
    ours = nn.LayerNorm(last, **how, bias=bias)
    for p in ours.parameters():
        p.data = rng.normal(size=p.shape)
    return Pair(ours, torch.nn.LayerNorm(last, **how, bias=bias, **F64), [rng.normal(size=shape)])


@layer
def linear(rng: Rng) -> Pair:
    sizes, bias = (size(rng, 1, 5), size(rng, 1, 5)), one(rng, True, False)
    x = rng.normal(size=(2, 3, sizes[0])[one(rng, 0, 1) :])
    return Pair(nn.Linear(*sizes, bias, rng=rng), torch.nn.Linear(*sizes, bias, **F64), [x])


@layer
def embedding(rng: Rng) -> Pair:
    rows, width = size(rng, 3, 6), size(rng, 1, 4)
    padding = one(rng, None, 0, -1)
    index = rng.integers(rows, size=(3, 4)[one(rng, 0, 1) :])
    ours = nn.Embedding(rows, width, padding, rng=rng)
    return Pair(ours, torch.nn.Embedding(rows, width, padding, **F64), [index])


@layer
def dropout_in_use(rng: Rng) -> Pair:
    return Pair(nn.Dropout(0.5).eval(), torch.nn.Dropout(0.5).eval(), [rng.normal(size=(3, 4))])


@layer
def flatten(rng: Rng) -> Pair:
    axes = one(rng, (), (0,), (1, 2), (-2, -1), (0, 1))
    return Pair(nn.Flatten(*axes), torch.nn.Flatten(*axes), [rng.normal(size=(2, 3, 2, 2))])


def recurrent(rng: Rng, name: str) -> Pair:
    how: dict[str, Any] = {
        "num_layers": size(rng, 1, 2),
        "bias": one(rng, True, True, False),
        "batch_first": one(rng, False, True),
        "bidirectional": one(rng, False, True),
    }
    sizes = (size(rng, 1, 3), size(rng, 1, 4))
    length, samples = size(rng, 1, 5), size(rng, 1, 3)
    single = one(rng, False, False, True)
    outer = (length,) if single else (samples, length) if how["batch_first"] else (length, samples)
    inputs: list[Any] = [rng.normal(size=(*outer, sizes[0]))]
    if one(rng, True, False):
        number = how["num_layers"] * (1 + how["bidirectional"])
        shape = (number, sizes[1]) if single else (number, samples, sizes[1])
        count = 2 if name == "LSTM" else 1
        states = tuple(rng.normal(size=shape) for _ in range(count))
        inputs.append(states if count == 2 else states[0])
    ours = getattr(nn, name)(*sizes, **how, rng=rng)
    return Pair(ours, getattr(torch.nn, name)(*sizes, **how, **F64), inputs)


@layer
def lstm(rng: Rng) -> Pair:
    return recurrent(rng, "LSTM")


@layer
def gru(rng: Rng) -> Pair:
    return recurrent(rng, "GRU")


@layer
def multi_head_attention(rng: Rng) -> Pair:
    heads, first = size(rng, 1, 3), one(rng, True, False)
    width, samples, length = heads * size(rng, 1, 3), size(rng, 1, 3), size(rng, 2, 4)
    alike = one(rng, True, False)
    kdim, vdim = (width, width) if alike else (size(rng, 1, 4), size(rng, 1, 4))
    others = length if alike else size(rng, 2, 4)
    how = {"bias": one(rng, True, False), "kdim": kdim, "vdim": vdim, "batch_first": first}

    def drawn(places: int, numbers: int) -> Any:
        shape = (samples, places, numbers) if first else (places, samples, numbers)
        return rng.normal(size=shape)

    named: dict[str, Any] = {"average_attn_weights": one(rng, True, False)}
    if one(rng, True, False):
        padding = rng.random((samples, others)) < 0.4
        padding[:, 0] = False
        named["key_padding_mask"] = padding
    kind = one(rng, "none", "bool", "float", "each", "causal")
    if kind in ("bool", "each"):
        shape = (length, others) if kind == "bool" else (samples * heads, length, others)
        named["attn_mask"] = rng.random(shape) < 0.3
        named["attn_mask"][..., 0] = False
    if kind == "float" and "key_padding_mask" not in named:  # PyTorch wants one kind of mask
        named["attn_mask"] = rng.normal(size=(length, others))
    if kind == "causal":
        named["is_causal"] = True
    ours = nn.MultiHeadAttention(width, heads, **how, rng=rng)
    if ours.in_proj_bias is not None:
        ours.in_proj_bias.data = rng.normal(size=3 * width)
    theirs = torch.nn.MultiheadAttention(width, heads, **how, **F64)
    inputs = [drawn(length, width), drawn(others, kdim), drawn(others, vdim)]
    return Pair(ours, theirs, inputs, named)


@layer
def transformer_block(rng: Rng) -> Pair:
    heads, first = size(rng, 1, 2), one(rng, True, False)
    width, inner = heads * size(rng, 4, 6), size(rng, 2, 6)
    activation = one(rng, "gelu", "relu")
    ours = nn.TransformerBlock(width, heads, inner, 0.0, activation, batch_first=first, rng=rng)
    theirs = torch.nn.TransformerEncoderLayer(
        width, heads, inner, 0.0, activation, batch_first=first, norm_first=True, **F64
    )
    named = {"is_causal": True} if one(rng, True, False) else {}
    shape = (2, 4, width) if first else (4, 2, width)
    names = {"attn_mask": "src_mask", "is_causal": "is_causal"}
    return Pair(ours, theirs, [rng.normal(size=shape)], named, names)


@layer
def activation(rng: Rng) -> Pair:
    name, settings = one(
        rng,
        ("ReLU", {}),
        ("LeakyReLU", {"negative_slope": 0.2}),
        ("ELU", {"alpha": 0.7}),
        ("SELU", {}),
        ("GELU", {}),
        ("GELU", {"approximate": "tanh"}),
        ("SiLU", {}),
        ("Sigmoid", {}),
        ("LogSigmoid", {}),
        ("Tanh", {}),
        ("Hardtanh", {"min_val": -0.5, "max_val": 2.0}),
        ("Softplus", {"beta": 2.0}),
        ("Softsign", {}),
        ("Identity", {}),
        ("Softmax", {"dim": 1}),
        ("LogSoftmax", {"dim": -1}),
    )
    x = rng.normal(size=(3, 4))
    return Pair(getattr(nn, name)(**settings), getattr(torch.nn, name)(**settings), [x])


@layer
def convolutional_network(rng: Rng) -> Pair:
    ours = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False, rng=rng),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3, rng=rng),
        nn.SiLU(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(6, 3, rng=rng),
    )
    t = torch.nn
    theirs = t.Sequential(
        t.Conv2d(1, 4, 3, padding=1, bias=False),
        t.BatchNorm2d(4),
        t.ReLU(),
        t.MaxPool2d(2),
        t.Conv2d(4, 6, 3),
        t.SiLU(),
        t.AvgPool2d(2),
        t.Flatten(),
        t.Linear(6, 3),
    ).double()
    return Pair(ours, theirs, [rng.normal(size=(5, 1, 8, 8))])


@layer
def language_model(rng: Rng) -> Pair:
    ours = nn.Sequential(
        nn.Embedding(7, 6, rng=rng),
        nn.TransformerBlock(6, 2, 8, 0.0, batch_first=True, rng=rng),
        nn.LayerNorm(6),
        nn.Linear(6, 7, rng=rng),
    )
    t = torch.nn
    theirs = t.Sequential(
        t.Embedding(7, 6),
        t.TransformerEncoderLayer(6, 2, 8, 0.0, "gelu", batch_first=True, norm_first=True),
        t.LayerNorm(6),
        t.Linear(6, 7),
    ).double()
    return Pair(ours, theirs, [rng.integers(7, size=(3, 5))])
