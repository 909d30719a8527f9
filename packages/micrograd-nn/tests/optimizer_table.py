"""Every optimizer with every setting that changes its formula: what the suites of optimizers go
through, and a network to train with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import Value
from micrograd.nn import optim

OPTIMIZERS: dict[str, tuple[type[optim.Optimizer], dict[str, Any]]] = {
    "SGD": (optim.SGD, {"lr": 0.1}),
    "SGD, decay": (optim.SGD, {"lr": 0.1, "weight_decay": 0.05}),
    "SGD, momentum": (optim.SGD, {"lr": 0.05, "momentum": 0.9}),
    "SGD, momentum, decay, dampening": (
        optim.SGD,
        {"lr": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.05},
    ),
    "SGD, Nesterov": (optim.SGD, {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
    "SGD, Nesterov, decay": (
        optim.SGD,
        {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05},
    ),
    "Adam": (optim.Adam, {"lr": 0.02}),
    "Adam, decay": (optim.Adam, {"lr": 0.02, "betas": (0.8, 0.95), "weight_decay": 0.05}),
    "AdamW": (optim.AdamW, {"lr": 0.02, "weight_decay": 0.1}),
    "AdamW, no decay": (optim.AdamW, {"lr": 0.02, "weight_decay": 0.0}),
    "RMSprop": (optim.RMSprop, {"lr": 0.01}),
    "RMSprop, decay, momentum": (
        optim.RMSprop,
        {"lr": 0.01, "alpha": 0.9, "weight_decay": 0.05, "momentum": 0.5},
    ),
    "RMSprop, centered": (optim.RMSprop, {"lr": 0.01, "centered": True, "eps": 1e-3}),
    "RMSprop, everything": (
        optim.RMSprop,
        {"lr": 0.01, "centered": True, "momentum": 0.5, "weight_decay": 0.05, "eps": 1e-3},
    ),
    "Adagrad": (optim.Adagrad, {"lr": 0.05}),
    "Adagrad, decay": (
        optim.Adagrad,
        {"lr": 0.05, "lr_decay": 0.1, "weight_decay": 0.05, "initial_accumulator_value": 0.1},
    ),
}
CLIPS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "by norm": {"clip_norm": 0.3},
    "by value": {"clip_value": 0.05},
}


class Net:
    """Two layers, always with the same numbers."""

    def __init__(self, dtype: Any = np.float64) -> None:
        rng = np.random.default_rng(0)
        drawn = [rng.normal(size=shape) for shape in ((3, 4), (4,), (4, 1), ())]
        self.parameters = [Value(one, dtype=dtype) for one in drawn]
        self.rows = rng.normal(size=(8, 3)).astype(dtype)
        self.targets = rng.normal(size=(8, 1)).astype(dtype)

    def loss(self, rows: Any, targets: Any) -> Value:
        w1, b1, w2, b2 = self.parameters
        return (np.tanh(rows @ w1 + b1) @ w2 + b2).mse(targets)

    def groups(self, split: bool) -> Any:
        """All parameters, or two groups; the second learns slower."""
        if not split:
            return self.parameters
        return [{"params": self.parameters[:2]}, {"params": self.parameters[2:], "lr": 0.003}]

    def step(self, optimizer: optim.Optimizer) -> float:
        loss = self.loss(self.rows, self.targets)
        optimizer.zero_grad()
        loss.backward(keep_inner=False)
        optimizer.step()
        return float(loss.item())

    def numbers(self) -> list[np.ndarray]:
        return [one.data.copy() for one in self.parameters]
