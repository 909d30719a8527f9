"""A perceptron of twenty layers: where what a library does per layer adds up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from case import Array, Case

from .mlp import mlp


def by_hand(parameters: Sequence[Array], X: Array, y: Array, rate: float) -> Any:
    weights, biases = parameters[::2], parameters[1::2]
    hidden = [X]
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        hidden.append(np.maximum(hidden[-1] @ W + b, 0))
    difference = hidden[-1] @ weights[-1] + biases[-1] - y
    loss = (difference * difference).mean()

    gradients: list[Array] = []
    d = difference * (2 / difference.size)
    for i in reversed(range(len(weights))):
        gradients += [d.sum(axis=0), hidden[i].T @ d]
        if i:
            d = (d @ weights[i].T) * (hidden[i] > 0)
    gradients.reverse()

    for p, g in zip(parameters, gradients, strict=True):
        p -= rate * g
    return loss, gradients


def cases(dtype: Any) -> list[Case]:
    return [
        mlp((32,) * 20 + (1,), 32, by_hand, "relu", "mse", dtype, group="other", name="20 layers")
    ]
