"""One table of layers: how each is built, and what it is given.

The table drives what holds for every layer: that a compiled training step is the eager one, that
second derivatives are right, that float32 stays. A layer that is missing fails the suite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from micrograd import nn
from micrograd.engine import Value

Rng = np.random.Generator
Make = Callable[[Any, Rng], nn.Module]


@dataclass
class Row:
    """A layer and an input: a shape of floats, or what draws something else."""

    make: Make  # of a dtype and a generator
    shape: tuple[int, ...] = (4, 3)
    draw: Callable[[Rng], np.ndarray] | None = None
    named: Any = None  # further arguments of a call

    def input(self, rng: Rng, dtype: Any) -> np.ndarray:
        """An input of its own."""
        return rng.normal(size=self.shape).astype(dtype) if self.draw is None else self.draw(rng)

    def call(self, layer: nn.Module, x: Any) -> Any:
        """The first result."""
        out = layer(x, **(self.named or {}))
        return out[0] if isinstance(out, tuple) else out


def scaled(layer: nn.Module, dtype: Any, last: int) -> nn.Module:
    """A layer without parameters behind one that has some, so that there is something to train."""
    return nn.Sequential(Scale(last, dtype), layer)


class Scale(nn.Module):
    """x · weight + bias along the last axis."""

    def __init__(self, size: int, dtype: Any) -> None:
        self.weight = Value(np.linspace(0.5, 1.5, size), "weight", dtype=dtype)
        self.bias = Value(np.linspace(-0.1, 0.1, size), "bias", dtype=dtype)

    def forward(self, x: Any) -> Any:
        return x * self.weight + self.bias


def image(make: Make, channels: int = 2) -> Row:
    return Row(make, (3, channels, 7, 6))


def pooled(make: Callable[[], nn.Module]) -> Row:
    return image(lambda dtype, rng: scaled(make(), dtype, 6))


def signal(make: Make) -> Row:
    return Row(make, (3, 2, 8))


def sequence(make: Make, **named: Any) -> Row:
    return Row(make, (5, 3, 4), named=named)


def words(make: Make, *shape: int) -> Row:
    return Row(make, draw=lambda rng: rng.integers(5, size=shape))


def bend(make: Callable[[], nn.Module]) -> Row:
    return Row(lambda dtype, rng: scaled(make(), dtype, 3))


PAST = np.array([[False, True, True], [False, False, True], [False, False, False]])

LAYERS: dict[str, Row] = {
    "Linear": Row(lambda dtype, rng: nn.Linear(3, 2, dtype=dtype, rng=rng)),
    "MLP": Row(lambda dtype, rng: nn.MLP(3, [4, 2], "tanh", dtype=dtype, rng=rng)),
    "Sequential": Row(
        lambda dtype, rng: nn.Sequential(nn.Linear(3, 4, dtype=dtype, rng=rng), "tanh")
    ),
    "Residual": Row(
        lambda dtype, rng: nn.Residual(
            nn.Linear(3, 5, dtype=dtype, rng=rng), "tanh", nn.Linear(5, 3, dtype=dtype, rng=rng)
        )
    ),
    "Embedding": words(lambda dtype, rng: nn.Embedding(5, 3, dtype=dtype, rng=rng), 4, 6),
    "Embedding with padding": words(
        lambda dtype, rng: nn.Embedding(5, 3, padding_idx=1, dtype=dtype, rng=rng), 7
    ),
    "Conv1d": signal(lambda dtype, rng: nn.Conv1d(2, 3, 3, dtype=dtype, rng=rng)),
    "Conv1d, dilated": signal(
        lambda dtype, rng: nn.Conv1d(2, 4, 3, 2, 2, 2, groups=2, dtype=dtype, rng=rng)
    ),
    "Conv2d": image(lambda dtype, rng: nn.Conv2d(2, 3, 3, dtype=dtype, rng=rng)),
    "Conv2d, same": image(
        lambda dtype, rng: nn.Conv2d(2, 3, 3, padding="same", bias=False, dtype=dtype, rng=rng)
    ),
    "Conv2d, stride": image(
        lambda dtype, rng: nn.Conv2d(2, 4, (3, 2), 2, 1, groups=2, dtype=dtype, rng=rng)
    ),
    "Conv2d, 1x1": image(lambda dtype, rng: nn.Conv2d(2, 3, 1, dtype=dtype, rng=rng)),
    "Conv2d, circular": image(
        lambda dtype, rng: nn.Conv2d(
            2, 3, 3, padding=1, padding_mode="circular", dtype=dtype, rng=rng
        )
    ),
    "MaxPool2d": pooled(lambda: nn.MaxPool2d(2)),
    "MaxPool2d, overlapping": pooled(lambda: nn.MaxPool2d(3, 2, 1, ceil_mode=True)),
    "AvgPool2d": pooled(lambda: nn.AvgPool2d(2)),
    "AvgPool2d, overlapping": pooled(lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False)),
    "BatchNorm1d": Row(lambda dtype, rng: nn.BatchNorm1d(3, dtype=dtype), (5, 3)),
    "BatchNorm1d, cumulative": Row(
        lambda dtype, rng: nn.BatchNorm1d(2, momentum=None, dtype=dtype), (3, 2, 4)
    ),
    "BatchNorm2d": image(lambda dtype, rng: nn.BatchNorm2d(2, dtype=dtype)),
    "BatchNorm2d, behind a convolution": image(
        lambda dtype, rng: nn.Sequential(
            nn.Conv2d(2, 3, 3, bias=False, dtype=dtype, rng=rng),
            nn.BatchNorm2d(3, track_running_stats=False, dtype=dtype),
            nn.ReLU(),
        )
    ),
    "LayerNorm": sequence(lambda dtype, rng: nn.LayerNorm(4, dtype=dtype)),
    "LayerNorm, two axes": sequence(lambda dtype, rng: nn.LayerNorm((3, 4), dtype=dtype)),
    "Dropout": bend(lambda: nn.Dropout(0.4, rng=np.random.default_rng(3))),
    "Flatten": pooled(nn.Flatten),
    "LSTM": sequence(lambda dtype, rng: nn.LSTM(4, 3, dtype=dtype, rng=rng)),
    "LSTM, deep": sequence(
        lambda dtype, rng: nn.LSTM(
            4, 2, 2, True, True, 0.3, bidirectional=True, dtype=dtype, rng=rng
        )
    ),
    "GRU": sequence(lambda dtype, rng: nn.GRU(4, 3, dtype=dtype, rng=rng)),
    "GRU, deep": sequence(
        lambda dtype, rng: nn.GRU(
            4, 2, 2, True, True, 0.3, bidirectional=True, dtype=dtype, rng=rng
        )
    ),
    "MultiHeadAttention": sequence(
        lambda dtype, rng: nn.MultiHeadAttention(4, 2, dtype=dtype, rng=rng)
    ),
    "MultiHeadAttention, masked": sequence(
        lambda dtype, rng: nn.MultiHeadAttention(4, 2, 0.2, batch_first=True, dtype=dtype, rng=rng),
        attn_mask=PAST,
        key_padding_mask=np.arange(15).reshape(5, 3) == 2,
    ),
    "TransformerBlock": sequence(
        lambda dtype, rng: nn.TransformerBlock(4, 2, 6, dtype=dtype, rng=rng), is_causal=True
    ),
    "ReLU": bend(nn.ReLU),
    "LeakyReLU": bend(nn.LeakyReLU),
    "ELU": bend(nn.ELU),
    "SELU": bend(nn.SELU),
    "GELU": bend(nn.GELU),
    "GELU, tanh": bend(lambda: nn.GELU("tanh")),
    "SiLU": bend(nn.SiLU),
    "Sigmoid": bend(nn.Sigmoid),
    "LogSigmoid": bend(nn.LogSigmoid),
    "Tanh": bend(nn.Tanh),
    "Hardtanh": bend(nn.Hardtanh),
    "Softplus": bend(nn.Softplus),
    "Softsign": bend(nn.Softsign),
    "Identity": bend(nn.Identity),
    "Softmax": bend(nn.Softmax),
    "LogSoftmax": bend(nn.LogSoftmax),
    "a network for images": image(
        lambda dtype, rng: nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1, dtype=dtype, rng=rng),
            nn.BatchNorm2d(4, dtype=dtype),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 3, 2, dtype=dtype, rng=rng),
            nn.GELU(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Dropout(0.2, rng=rng),
            nn.Linear(3, 2, dtype=dtype, rng=rng),
        )
    ),
    "a network for words": words(
        lambda dtype, rng: nn.Sequential(
            nn.Embedding(5, 4, dtype=dtype, rng=rng),
            nn.TransformerBlock(4, 2, batch_first=True, dtype=dtype, rng=rng),
            nn.LayerNorm(4, dtype=dtype),
            nn.Linear(4, 5, dtype=dtype, rng=rng),
        ),
        3,
        4,
    ),
}
