"""The networks of ``networks``, as one writes them in PyTorch."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import (
    LSTM,
    Conv2d,
    Embedding,
    Flatten,
    LayerNorm,
    Linear,
    MaxPool2d,
    Module,
    ModuleList,
    ReLU,
    Sequential,
    TransformerEncoderLayer,
)

from networks import BLOCKS, CLASSES, FEATURES, HEADS, HIDDEN, LENGTH, LETTERS, WIDTH


def mlp() -> Module:
    return Sequential(Linear(64, 128), ReLU(), Linear(128, 64), ReLU(), Linear(64, CLASSES))


def cnn() -> Module:
    return Sequential(
        *(Conv2d(1, 8, 3), ReLU(), MaxPool2d(2)),
        *(Conv2d(8, 16, 3), ReLU(), MaxPool2d(2)),
        *(Flatten(), Linear(16 * 5 * 5, CLASSES)),
    )


class Reader(Module):
    def __init__(self) -> None:
        super().__init__()
        self.memory = LSTM(FEATURES, HIDDEN, batch_first=True)
        self.head = Linear(HIDDEN, CLASSES)

    def forward(self, x: Any) -> Any:
        read, _ = self.memory(x)
        return self.head(read[:, -1])


class Speller(Module):
    def __init__(self) -> None:
        super().__init__()
        self.letter = Embedding(LETTERS, WIDTH)
        self.place = Embedding(LENGTH, WIDTH)
        how: dict[str, Any] = {"activation": "gelu", "batch_first": True, "norm_first": True}
        self.blocks = ModuleList(
            TransformerEncoderLayer(WIDTH, HEADS, 4 * WIDTH, dropout=0.0, **how)
            for _ in range(BLOCKS)
        )
        self.norm = LayerNorm(WIDTH)
        self.head = Linear(WIDTH, LETTERS)
        self.places = torch.arange(LENGTH)
        self.hidden = torch.ones(LENGTH, LENGTH, dtype=torch.bool).triu(1)

    def forward(self, x: Any) -> Any:
        x = self.letter(x) + self.place(self.places)
        for block in self.blocks:
            x = block(x, src_mask=self.hidden, is_causal=True)
        return self.head(self.norm(x)).reshape(-1, LETTERS)


MODELS = {"MLP": mlp, "CNN": cnn, "LSTM": Reader, "transformer": Speller}
