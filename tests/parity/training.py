"""Which networks are trained step by step, here and in PyTorch, from the same weights?"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .inputs import Array, Stream


class History(NamedTuple):
    """The loss of each step, and every parameter after it (weights as (inputs, outputs))."""

    losses: list[float]
    parameters: list[list[Array]]


class Start(NamedTuple):
    """What a run begins with: weights and biases, and the mini-batches of all its steps."""

    weights: list[Array]
    biases: list[Array]
    batches: list[tuple[Array, Array]]


@dataclass(frozen=True)
class Run:
    """A training run: a network, its loss, and the optimizer with its settings."""

    name: str
    optimizer: str
    settings: dict[str, Any]
    loss: str
    activation: str
    sizes: tuple[int, ...] = (3, 5, 4, 2)
    steps: int = 20
    batch: int = 6
    salt: int = 0
    samples: int = field(default=24, repr=False)

    @property
    def seed(self) -> int:
        """What its numbers come from: the same for all runs of a salt, so the same weights."""
        return zlib.crc32(b"training", self.salt)

    def start(self) -> Start:
        """Weights, data and batches; the batches go through the samples over and over."""
        stream = Stream(self.seed)
        weights = [stream.uniform(pair, -0.9, 0.9) for pair in pairwise(self.sizes)]
        biases = [stream.uniform((size,), -0.3, 0.3) for size in self.sizes[1:]]
        rows = stream.uniform((self.samples, self.sizes[0]), -2.0, 2.0)
        numbers = stream.uniform((self.samples, self.sizes[-1]), -1.0, 1.0)
        targets = {
            "mse": numbers,
            "binary_cross_entropy_with_logits": (numbers > 0.0).astype(np.float64),
            "cross_entropy": numbers.argmax(axis=1),
        }[self.loss]
        places = np.arange(self.steps * self.batch).reshape(self.steps, -1) % self.samples
        return Start(weights, biases, [(rows[one], targets[one]) for one in places])


RUNS = {
    run.name: run
    for run in (
        Run("SGD", "SGD", {"lr": 0.1}, "cross_entropy", "relu"),
        Run("momentum", "SGD", {"lr": 0.05, "momentum": 0.9}, "cross_entropy", "relu"),
        Run("Adam", "Adam", {"lr": 0.02}, "cross_entropy", "relu"),
        Run("Adam, mse, tanh", "Adam", {"lr": 0.01, "betas": (0.8, 0.99)}, "mse", "tanh"),
        Run(
            "momentum, logits, sigmoid",
            "SGD",
            {"lr": 0.2, "momentum": 0.5},
            "binary_cross_entropy_with_logits",
            "sigmoid",
        ),
    )
}
