"""Models without micrograd.nn: parameters by name, and a scope for each layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from micrograd.engine import Value, scope

Bend = Callable[[Value], Value]


class Net:
    """Layers `layers.0`, `layers.1`, … with an activation behind all but the last."""

    def __init__(self, *sizes: int, bend: Bend = Value.relu, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.bend = bend
        self.weights = [Value(rng.normal(size=pair) / np.sqrt(pair[0])) for pair in pairwise(sizes)]
        self.biases = [Value(rng.normal(size=size) / 10) for size in sizes[1:]]

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            yield f"layers.{i}.weight", weight
            yield f"layers.{i}.bias", bias

    def parameters(self) -> list[Value]:
        return [parameter for _, parameter in self.named_parameters()]

    def layer(self, i: int, x: Any) -> Value:
        with scope(f"layers.{i}"):
            return x @ self.weights[i] + self.biases[i]

    def __call__(self, x: Any) -> Value:
        for i in range(len(self.weights) - 1):
            x = self.bend(self.layer(i, x))
        return self.layer(len(self.weights) - 1, x)


class Parts:
    """Parameters by name, of whatever a test makes."""

    def __init__(self, **parameters: Value) -> None:
        self.parameters = {name.replace("__", "."): one for name, one in parameters.items()}

    def named_parameters(self) -> list[tuple[str, Value]]:
        return list(self.parameters.items())


def learn(net: Any, loss: Value, rate: float = 0.1) -> None:
    """One step of gradient descent."""
    for _, parameter in net.named_parameters():
        parameter.zero_grad()
    loss.backward(keep_inner=False)
    for _, parameter in net.named_parameters():
        parameter.data -= rate * parameter.grad


def data(rows: int = 12, inputs: int = 3) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(rows, inputs))
    return x, np.sin(x.sum(axis=1, keepdims=True))


def loss_of(net: Net, rows: int = 12) -> Value:
    """How far a net with one output is from what it should say."""
    x, y = data(rows, net.weights[0].shape[0])
    return ((net(x) - y) ** 2).mean()
