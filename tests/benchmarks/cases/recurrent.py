"""A recurrent cell, unrolled: the same weights meet every step of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from case import Array, Case, Words

LENGTH, BATCH, INPUTS, HIDDEN = 20, 32, 16, 64


def loss(words: Words, parameters: Sequence[Any], X: Any, y: Any) -> Any:
    Wx, Wh, b, Wo, bo = parameters
    h = words.tanh(words.linear(X[0], Wx, b))
    for t in range(1, LENGTH):
        h = words.tanh(words.linear(X[t], Wx, b) + h @ Wh)
    return words.mse(words.linear(h, Wo, bo), y)


def by_hand(parameters: Sequence[Array], X: Array, y: Array, rate: float) -> Any:
    Wx, Wh, b, Wo, bo = parameters
    hidden = [np.tanh(X[0] @ Wx + b)]
    for t in range(1, LENGTH):
        hidden.append(np.tanh(X[t] @ Wx + b + hidden[-1] @ Wh))
    difference = hidden[-1] @ Wo + bo - y
    loss = (difference * difference).mean()

    d_out = difference * (2 / difference.size)
    d_Wo = hidden[-1].T @ d_out
    d_bo = d_out.sum(axis=0)
    d_Wx, d_Wh, d_b = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    d_h = d_out @ Wo.T
    for t in reversed(range(LENGTH)):
        d_z = d_h * (1 - hidden[t] * hidden[t])
        d_Wx += X[t].T @ d_z
        d_b += d_z.sum(axis=0)
        if t:
            d_Wh += hidden[t - 1].T @ d_z
            d_h = d_z @ Wh.T

    gradients = [d_Wx, d_Wh, d_b, d_Wo, d_bo]
    for p, g in zip(parameters, gradients, strict=True):
        p -= rate * g
    return loss, gradients


def cases(dtype: Any) -> list[Case]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(LENGTH, BATCH, INPUTS)).astype(dtype)
    y = rng.normal(size=(BATCH, 1)).astype(dtype)
    shapes = (INPUTS, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,)
    parameters = [rng.normal(0.0, shape[0] ** -0.5, shape).astype(dtype) for shape in shapes]
    title = f"tanh, {LENGTH} steps, {INPUTS}-{HIDDEN}, mse, batch {BATCH}"
    return [Case("recurrent", title, parameters, (X, y), by_hand, loss)]
