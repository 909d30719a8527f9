"""Two networks that begin alike, one trained eagerly, one by a program: do they stay alike?"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd import nn
from micrograd.engine import compile

DTYPES = {"float64": 1e-9, "float32": 1e-4}
STEPS = 5


def close(got: Any, right: Any, tolerance: float) -> None:
    scale = max(1.0, float(np.abs(right).max(initial=0.0)))
    np.testing.assert_allclose(got, right, rtol=0, atol=tolerance * scale)


def mlp(dtype: Any = "float64", activation: Any = "tanh", seed: int = 1) -> nn.MLP:
    rng = np.random.default_rng(seed)
    return nn.MLP(3, [6, 5, 2], activation, dtype=np.dtype(dtype), rng=rng)


def batches(dtype: Any, sizes: Any) -> list[Any]:
    rng = np.random.default_rng(2)
    return [
        (rng.normal(size=(n, 3)).astype(dtype), rng.normal(size=(n, 2)).astype(dtype))
        for n in sizes
    ]


def trained_alike(
    eager: Any, compiled: Any, given: Any, tolerance: float, loss: Any = nn.mse, **how: Any
) -> Any:
    """Train both, (model, optimizer) each, on the same batches; compare after each step."""
    (model, optimizer), (other, theirs) = eager, compiled
    program = compile(lambda x, y: loss(other(x), y), optimizer=theirs, **how)
    for x, y in given:
        right = loss(model(x), y)
        optimizer.zero_grad()
        right.backward()
        optimizer.step()
        got = program(x, y)
        close(got, right.data, tolerance)
        assert got.dtype == right.dtype
        for p, q in zip(other.parameters(), model.parameters(), strict=True):
            close(p.data, q.data, tolerance)
            close(p.grad, q.grad, tolerance)
            assert p.dtype == q.dtype
    return program
