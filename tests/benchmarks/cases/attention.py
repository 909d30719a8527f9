"""Self-attention with several heads and a residual, on a batch of sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from case import Array, Case, Words

BATCH, LENGTH, WIDTH, HEADS = 8, 32, 64, 4
SCALE = (WIDTH // HEADS) ** -0.5


def loss(words: Words, parameters: Sequence[Any], X: Any, y: Any) -> Any:
    Wq, Wk, Wv, Wo = parameters

    def heads(x: Any) -> Any:
        return words.swapaxes(x.reshape(BATCH, LENGTH, HEADS, WIDTH // HEADS), 1, 2)

    q, k, v = heads(X @ Wq), heads(X @ Wk), heads(X @ Wv)
    p = words.softmax(q @ words.swapaxes(k, 2, 3) * SCALE)
    context = words.swapaxes(p @ v, 1, 2).reshape(BATCH, LENGTH, WIDTH)
    return words.mse(context @ Wo + X, y)


def by_hand(parameters: Sequence[Array], X: Array, y: Array, rate: float) -> Any:
    def heads(x: Array) -> Array:
        return x.reshape(BATCH, LENGTH, HEADS, WIDTH // HEADS).swapaxes(1, 2)

    def rows(x: Array) -> Array:
        return x.swapaxes(1, 2).reshape(-1, WIDTH)

    Wq, Wk, Wv, Wo = parameters
    q, k, v = heads(X @ Wq), heads(X @ Wk), heads(X @ Wv)
    scores = q @ k.swapaxes(2, 3) * SCALE
    p = np.exp(scores - scores.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    context = rows(p @ v)
    difference = (context @ Wo).reshape(X.shape) + X - y
    loss = (difference * difference).mean()

    d_out = (difference * (2 / difference.size)).reshape(-1, WIDTH)
    d_Wo = context.T @ d_out
    d_context = heads(d_out @ Wo.T)
    d_p = d_context @ v.swapaxes(2, 3)
    d_v = p.swapaxes(2, 3) @ d_context
    d_scores = p * (d_p - (d_p * p).sum(axis=-1, keepdims=True)) * SCALE
    d_q = d_scores @ k
    d_k = d_scores.swapaxes(2, 3) @ q
    across = X.reshape(-1, WIDTH).T
    d_Wq = across @ rows(d_q)
    d_Wk = across @ rows(d_k)
    d_Wv = across @ rows(d_v)

    Wq -= rate * d_Wq
    Wk -= rate * d_Wk
    Wv -= rate * d_Wv
    Wo -= rate * d_Wo
    return loss, [d_Wq, d_Wk, d_Wv, d_Wo]


def cases(dtype: Any) -> list[Case]:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2, BATCH, LENGTH, WIDTH)).astype(dtype)
    weights = rng.normal(0.0, WIDTH**-0.5, (4, WIDTH, WIDTH)).astype(dtype)
    title = f"{HEADS} heads, {BATCH} x {LENGTH} x {WIDTH}, mse"
    return [Case("attention", title, list(weights), (X, y), by_hand, loss)]
