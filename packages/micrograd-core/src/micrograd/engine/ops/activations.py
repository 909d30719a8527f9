"""Activations: what stands between the layers of a network.

None of them overflows: each is written so that ``exp`` sees no large positive number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..broadcasting import Array
from ..op import derived, op
from .rounding import clip
from .special import erf

__all__ = [
    "elu",
    "gelu",
    "hardtanh",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
]


_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805
_SQRT2 = float(np.sqrt(2))
_TANH_GELU = float(np.sqrt(2 / np.pi))


@op
def relu(x: Array) -> Array:
    """max(x, 0); its slope at 0 is 0."""
    return np.maximum(x, 0.0)


@relu.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d relu(x)/dx = 1 where x > 0, else 0"""
    return g * (out > 0)


@op
def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> Array:
    """x where x > 0, else a small multiple of it; its slope at 0 is the small one."""
    return np.maximum(x, 0) + negative_slope * np.minimum(x, 0)


@leaky_relu.gradient("x")
def _(g: Array, out: Array, x: Array, *, negative_slope: float) -> Array:
    """1 where x > 0, else the negative slope"""
    return g * np.where(x > 0, 1.0, negative_slope)


@op
def elu(x: Array, *, alpha: float = 1.0) -> Array:
    """x where x > 0, else α(eˣ − 1); its slope at 0 is α."""
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))


@elu.gradient("x")
def _(g: Array, out: Array, x: Array, *, alpha: float) -> Array:
    """1 where x > 0, else αeˣ"""
    return g * np.where(x > 0, 1.0, alpha * np.exp(x * (x <= 0)))


@derived()
def selu(x: Array) -> Array:
    """A scaled elu that keeps mean 0 and variance 1 from layer to layer (Klambauer, 2017)."""
    return _SELU_SCALE * elu(x, alpha=_SELU_ALPHA)


@op
def sigmoid(x: Array) -> Array:
    """1 / (1 + e⁻ˣ), as e^min(x,0) / (1 + e^−|x|)."""
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-abs(x)))


@sigmoid.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """dσ(x)/dx = σ(x)(1 − σ(x))"""
    return g * (out * (1 - out))


@derived()
def silu(x: Array) -> Array:
    """x σ(x), also called swish."""
    return x * sigmoid(x)


@op
def softplus(x: Array, *, beta: float = 1.0) -> Array:
    """ln(1 + e^βx)/β, a relu without a corner, as max(x, 0) + ln(1 + e^−β|x|)/β."""
    return np.maximum(x, 0) + np.log1p(np.exp(-beta * abs(x))) / beta


@softplus.gradient("x")
def _(g: Array, out: Array, x: Array, *, beta: float) -> Array:
    """d softplus(x)/dx = σ(βx)"""
    return g * sigmoid(beta * x)


@derived()
def logsigmoid(x: Array) -> Array:
    """ln σ(x) = −softplus(−x)."""
    return -softplus(-x)


@derived()
def gelu(x: Array, *, approximate: str = "none") -> Array:
    """x Φ(x) with the normal distribution Φ; ``approximate="tanh"`` writes Φ with a tanh."""
    if approximate == "none":
        return x * (0.5 * (1 + erf(x / _SQRT2)))
    if approximate == "tanh":
        return x * (0.5 * (1 + np.tanh(_TANH_GELU * (x + 0.044715 * (x * x * x)))))
    raise ValueError(f"gelu: approximate={approximate!r}. Pass 'none' or 'tanh'.")


@op
def softsign(x: Array) -> Array:
    """x / (1 + |x|)."""
    return x / (1 + abs(x))


@softsign.gradient("x")
def _(g: Array, out: Array, x: Array) -> Array:
    """d(x / (1 + |x|))/dx = 1 / (1 + |x|)²"""
    return g / np.square(1 + abs(x))


@derived()
def hardtanh(x: Array, *, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """x, but not below −1 and not above 1; at a limit the slope is ½."""
    return clip(x, min_val, max_val)


@op
def softmax(x: Array, *, axis: Any = -1) -> Array:
    """eˣ over its sum along an axis: positive numbers that sum to 1; zeros where all x are −∞."""
    e = np.exp(x - _largest(x, axis))
    return e / np.maximum(e.sum(axis=axis, keepdims=True), 0.5)


@softmax.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: Any) -> Array:
    """With s = softmax(x): ds_j/dx_i = s_j (δ_ij − s_i), so the gradient is s (g − Σ g s)"""
    return out * (g - (g * out).sum(axis=axis, keepdims=True))


@op
def log_softmax(x: Array, *, axis: Any = -1) -> Array:
    """The logarithm of softmax, without taking the logarithm of a number near 0."""
    s = x - _largest(x, axis)
    return s - np.log(np.maximum(np.exp(s).sum(axis=axis, keepdims=True), 0.5))


@log_softmax.gradient("x")
def _(g: Array, out: Array, x: Array, *, axis: Any) -> Array:
    """d log s_j/dx_i = δ_ij − s_i, so the gradient is g − s Σ g; and 0 where all x are −∞"""
    s = np.exp(out)
    alive = np.rint(s.sum(axis=axis, keepdims=True))  # 1, and 0 where all are −∞
    return g * alive - s * g.sum(axis=axis, keepdims=True)


def _largest(x: Array, axis: Any) -> Array:
    """The largest number, finite where all are −∞: a sum of e^(x − it) is 0, or 1 and more."""
    return x.max(axis=axis, keepdims=True, initial=np.finfo(x.dtype).min)
