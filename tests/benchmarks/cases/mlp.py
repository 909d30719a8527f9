"""Multi-layer perceptrons: the six cases that are judged together, and one with a large batch.

By hand, each layer is written out: three layers are short enough for that, and a loop over lists
would only make the small ones slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from case import Array, Case, Words


def relu_mse(parameters: Sequence[Array], X: Array, y: Array, rate: float) -> Any:
    W1, b1, W2, b2, W3, b3 = parameters
    h1 = np.maximum(X @ W1 + b1, 0)
    h2 = np.maximum(h1 @ W2 + b2, 0)
    difference = h2 @ W3 + b3 - y
    loss = (difference * difference).mean()

    d_out = difference * (2 / difference.size)
    d_W3 = h2.T @ d_out
    d_b3 = d_out.sum(axis=0)
    d_h2 = (d_out @ W3.T) * (h2 > 0)
    d_W2 = h1.T @ d_h2
    d_b2 = d_h2.sum(axis=0)
    d_h1 = (d_h2 @ W2.T) * (h1 > 0)
    d_W1 = X.T @ d_h1
    d_b1 = d_h1.sum(axis=0)

    W1 -= rate * d_W1
    b1 -= rate * d_b1
    W2 -= rate * d_W2
    b2 -= rate * d_b2
    W3 -= rate * d_W3
    b3 -= rate * d_b3
    return loss, [d_W1, d_b1, d_W2, d_b2, d_W3, d_b3]


def tanh_mse(parameters: Sequence[Array], X: Array, y: Array, rate: float) -> Any:
    W1, b1, W2, b2, W3, b3 = parameters
    h1 = np.tanh(X @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    difference = h2 @ W3 + b3 - y
    loss = (difference * difference).mean()

    d_out = difference * (2 / difference.size)
    d_W3 = h2.T @ d_out
    d_b3 = d_out.sum(axis=0)
    d_h2 = (d_out @ W3.T) * (1 - h2 * h2)
    d_W2 = h1.T @ d_h2
    d_b2 = d_h2.sum(axis=0)
    d_h1 = (d_h2 @ W2.T) * (1 - h1 * h1)
    d_W1 = X.T @ d_h1
    d_b1 = d_h1.sum(axis=0)

    W1 -= rate * d_W1
    b1 -= rate * d_b1
    W2 -= rate * d_W2
    b2 -= rate * d_b2
    W3 -= rate * d_W3
    b3 -= rate * d_b3
    return loss, [d_W1, d_b1, d_W2, d_b2, d_W3, d_b3]


def relu_cross_entropy(parameters: Sequence[Array], X: Array, y: Array, rate: float) -> Any:
    W1, b1, W2, b2, W3, b3 = parameters
    h1 = np.maximum(X @ W1 + b1, 0)
    h2 = np.maximum(h1 @ W2 + b2, 0)
    z = h2 @ W3 + b3
    z -= z.max(axis=1, keepdims=True)
    p = np.exp(z)
    total = p.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = (np.log(total[:, 0]) - z[rows, y]).mean()

    p /= total
    p[rows, y] -= 1
    p /= len(y)
    d_W3 = h2.T @ p
    d_b3 = p.sum(axis=0)
    d_h2 = (p @ W3.T) * (h2 > 0)
    d_W2 = h1.T @ d_h2
    d_b2 = d_h2.sum(axis=0)
    d_h1 = (d_h2 @ W2.T) * (h1 > 0)
    d_W1 = X.T @ d_h1
    d_b1 = d_h1.sum(axis=0)

    W1 -= rate * d_W1
    b1 -= rate * d_b1
    W2 -= rate * d_W2
    b2 -= rate * d_b2
    W3 -= rate * d_W3
    b3 -= rate * d_b3
    return loss, [d_W1, d_b1, d_W2, d_b2, d_W3, d_b3]


def drawn(sizes: Sequence[int], rng: np.random.Generator, dtype: Any) -> list[Array]:
    """Weights and biases, layer by layer, that neither shrink nor blow up what passes them."""
    made = []
    for before, after in pairwise(sizes):
        made += [rng.normal(0.0, (2 / before) ** 0.5, (before, after)), rng.normal(0.0, 0.1, after)]
    return [array.astype(dtype) for array in made]


def mlp(
    sizes: Sequence[int],
    batch: int,
    by_hand: Any,
    activation: str,
    criterion: str,
    dtype: Any,
    group: str = "mlp",
    name: str = "",
) -> Case:
    """A perceptron of any depth; ``criterion`` is "mse" or "cross_entropy"."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(batch, sizes[0])).astype(dtype)
    if criterion == "mse":
        y = rng.normal(size=(batch, sizes[-1])).astype(dtype)
    else:
        y = rng.integers(sizes[-1], size=batch)
    name = name or "-".join(map(str, sizes))

    def loss(words: Words, parameters: Sequence[Any], x: Any, y: Any) -> Any:
        *hidden, last = zip(parameters[::2], parameters[1::2], strict=True)
        bend = getattr(words, activation)
        for weight, bias in hidden:
            x = bend(words.linear(x, weight, bias))
        return getattr(words, criterion)(words.linear(x, *last), y)

    def ours(parameters: Sequence[Array]) -> Any:
        from micrograd.nn import MLP

        weights, biases = parameters[::2], parameters[1::2]
        model = MLP(
            sizes[0], sizes[1:], activation, weights=weights, biases=biases, dtype=np.dtype(dtype)
        )
        if criterion == "mse":
            return model.parameters(), lambda X, y: model(X).mse(y)
        return model.parameters(), lambda X, y: model(X).cross_entropy(y, ignore_index=None)

    def pytorch(parameters: Sequence[Array]) -> Any:
        import torch

        modules: list[torch.nn.Module] = []
        for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
            layer = torch.nn.Linear(*weight.shape)
            layer.weight = torch.nn.Parameter(torch.tensor(weight.T.copy()))
            layer.bias = torch.nn.Parameter(torch.tensor(bias))
            modules += [layer, torch.nn.ReLU() if activation == "relu" else torch.nn.Tanh()]
        model = torch.nn.Sequential(*modules[:-1])
        how = torch.nn.MSELoss() if criterion == "mse" else torch.nn.CrossEntropyLoss()
        return list(model.parameters()), lambda X, y: how(model(X), y)

    return Case(
        name=name,
        title=f"{activation}, {criterion.replace('_', ' ')}, batch {batch}",
        parameters=drawn(sizes, rng, dtype),
        data=(X, y),
        by_hand=by_hand,
        loss=loss,
        networks={"micrograd": ours, "torch": pytorch},
        group=group,
    )


def cases(dtype: Any) -> list[Case]:
    classify = (relu_cross_entropy, "relu", "cross_entropy", dtype)
    digits = (64, 128, 64, 10)  # the network of examples/digits.py
    return [
        mlp((2, 16, 16, 1), 100, relu_mse, "relu", "mse", dtype),
        mlp((8, 32, 32, 1), 32, tanh_mse, "tanh", "mse", dtype),
        mlp((32, 64, 64, 8), 64, tanh_mse, "tanh", "mse", dtype),
        mlp(digits, 32, *classify),
        mlp((256, 256, 128, 10), 64, *classify),
        mlp((784, 512, 512, 10), 100, *classify),
        mlp(digits, 1024, *classify, group="large batch", name="digits x 1024"),
    ]
