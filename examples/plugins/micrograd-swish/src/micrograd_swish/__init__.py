"""Swish for micrograd: an op with a rule of its own, an activation, and a loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from micrograd.engine import hookimpl, op, ops

__all__ = ["log_cosh", "swish"]


@op
def swish(x: Any, *, beta: float = 1.0) -> Any:
    """x σ(βx), elementwise: a relu with a smooth bend, the softer the smaller β is.

    **Source.** Ramachandran, Zoph, Le: Searching for Activation Functions, 2017.
    """
    return x * _sigmoid(beta * x)


@swish.gradient("x")
def _(g: Any, out: Any, x: Any, *, beta: float) -> Any:
    """d swish(x)/dx = s + β swish(x) (1 − s), with s = σ(βx)."""
    s = _sigmoid(beta * x)
    return g * (s + beta * out * (1 - s))


def _sigmoid(z: Any) -> Any:
    """σ(z), by a formula that cannot overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


def log_cosh(prediction: Any, target: Any) -> Any:
    """The mean of log cosh(prediction − target): about d²/2 for small errors, |d| for large ones.

    Composed of known ops, so it needs no rule. With d the difference,
    log cosh d = log(eᵈ + e⁻ᵈ) − log 2 = d − log_softmax([d, −d])₀ − log 2.

    **Errors.** ValueError when the shapes differ.
    """
    if np.shape(prediction) != np.shape(target):
        raise ValueError(
            f"log_cosh: prediction has shape {np.shape(prediction)} but target has shape "
            f"{np.shape(target)}. Reshape one of them."
        )
    d = prediction - target
    both = np.stack([d, -d])
    return (d - ops.log_softmax(both, axis=0)[0]).mean() - math.log(2)


@hookimpl
def micrograd_ops() -> Mapping[str, Callable[..., Any]]:
    return {"swish": swish}


@hookimpl
def micrograd_activations() -> Mapping[str, Callable[..., Any]]:
    return {"swish": swish}


@hookimpl
def micrograd_losses() -> Mapping[str, Callable[..., Any]]:
    return {"log_cosh": log_cosh}
