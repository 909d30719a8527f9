"""Four networks that people train: an MLP, a CNN, an LSTM and a small transformer.

Here in our layers, with data for them; ``networks_in_pytorch`` has the same ones in PyTorch's,
under the same names, so that weights carry over as a ``state_dict``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from micrograd import nn

Array = np.ndarray[Any, Any]
CLASSES = 10
STEPS, FEATURES, HIDDEN = 20, 16, 64  # of the sequences, and the LSTM that reads them
LETTERS, LENGTH, WIDTH, HEADS, BLOCKS = 65, 32, 64, 4, 2  # of the texts, and the transformer


@dataclass(frozen=True)
class Network:
    """``model`` makes it of a dtype and a generator, ``data`` its inputs and labels."""

    name: str
    title: str
    model: Callable[[Any, np.random.Generator], nn.Module]
    data: Callable[[Any, np.random.Generator], tuple[Array, Array]]


def mlp(dtype: Any, rng: np.random.Generator) -> nn.Module:
    """The one of examples/digits.py."""
    how = {"dtype": dtype, "rng": rng}
    return nn.Sequential(
        nn.Linear(64, 128, **how),
        "relu",
        nn.Linear(128, 64, **how),
        "relu",
        nn.Linear(64, 10, **how),
    )


def digits(dtype: Any, rng: np.random.Generator) -> tuple[Array, Array]:
    return rng.normal(size=(64, 64)).astype(dtype), rng.integers(CLASSES, size=64)


def cnn(dtype: Any, rng: np.random.Generator) -> nn.Module:
    how = {"dtype": dtype, "rng": rng}
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, **how), "relu", nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, **how), "relu", nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(16 * 5 * 5, CLASSES, **how)),
    )


def images(dtype: Any, rng: np.random.Generator) -> tuple[Array, Array]:
    return rng.normal(size=(64, 1, 28, 28)).astype(dtype), rng.integers(CLASSES, size=64)


class Reader(nn.Module):
    """An LSTM reads a sequence to its end, and says of which class it was."""

    def __init__(self, dtype: Any, rng: np.random.Generator) -> None:
        self.memory = nn.LSTM(FEATURES, HIDDEN, batch_first=True, dtype=dtype, rng=rng)
        self.head = nn.Linear(HIDDEN, CLASSES, dtype=dtype, rng=rng)

    def forward(self, x: Any) -> Any:
        read, _ = self.memory(x)
        return self.head(read[:, -1])


def sequences(dtype: Any, rng: np.random.Generator) -> tuple[Array, Array]:
    return rng.normal(size=(32, STEPS, FEATURES)).astype(dtype), rng.integers(CLASSES, size=32)


class Speller(nn.Module):
    """A transformer guesses the next letter at each place of a text."""

    def __init__(self, dtype: Any, rng: np.random.Generator) -> None:
        how = {"dtype": dtype, "rng": rng}
        self.letter = nn.Embedding(LETTERS, WIDTH, **how)
        self.place = nn.Embedding(LENGTH, WIDTH, **how)
        self.blocks = [
            nn.TransformerBlock(WIDTH, HEADS, dropout=0.0, batch_first=True, **how)
            for _ in range(BLOCKS)
        ]
        self.norm = nn.LayerNorm(WIDTH, dtype=dtype)
        self.head = nn.Linear(WIDTH, LETTERS, **how)

    def forward(self, x: Any) -> Any:
        x = self.letter(x) + self.place(np.arange(LENGTH))
        for block in self.blocks:
            x = block(x, is_causal=True)
        return self.head(self.norm(x)).reshape(-1, LETTERS)


def texts(dtype: Any, rng: np.random.Generator) -> tuple[Array, Array]:
    return rng.integers(LETTERS, size=(16, LENGTH)), rng.integers(LETTERS, size=16 * LENGTH)


NETWORKS = [
    Network("MLP", "64-128-64-10, batch 64", mlp, digits),
    Network("CNN", "1-8-16 channels, 3x3, 64 x 28 x 28", cnn, images),
    Network("LSTM", "16-64, 20 steps, batch 32", Reader, sequences),
    Network("transformer", "2 blocks, 4 heads, 16 x 32 x 64", Speller, texts),
]
