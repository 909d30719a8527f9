"""With which numbers does a weight begin?

A layer adds up ``nin`` products. If weights were of size 1, its output would be about √nin times
as large as its input, and the gradient on its way back √nout times; through ten layers both
explode, or vanish. So weights are drawn with a spread that keeps the size of what passes through:
Xavier's for layers followed by something like tanh or by nothing, He's for layers followed by relu,
which lets half of the signal through and so doubles the variance.

Each function returns an array of shape ``(nin, nout)``, the way in which ``Linear`` stores its
weight. Randomness comes from ``rng``: the same generator in the same state gives the same weights.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["he_normal", "he_uniform", "xavier_normal", "xavier_uniform"]


def generator(rng: np.random.Generator | None) -> np.random.Generator:
    """``rng`` itself, or a fresh generator for None.

    **Errors.** TypeError for anything else: a bare seed would give every layer the same weights.
    """
    if rng is None:
        return np.random.default_rng()
    if isinstance(rng, np.random.Generator):
        return rng
    raise TypeError(
        f"rng must be a numpy.random.Generator or None, but got {rng!r}. "
        "Make one, for example rng=numpy.random.default_rng(0), and pass it to every layer."
    )


def xavier_uniform(
    shape: tuple[int, int],
    *,
    gain: float = 1.0,
    rng: np.random.Generator | None = None,
    dtype: Any = None,
) -> np.ndarray:
    """Uniform weights whose variance balances the forward and the backward pass.

    **Maths.** U(−a, a) with a = gain · √(6 / (nin + nout)), of variance gain² · 2 / (nin + nout).

    **Source.** Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks (2010).

    **Example.**

    >>> weight = xavier_uniform((3, 3), rng=np.random.default_rng(0))
    >>> weight.shape, bool(abs(weight).max() <= 1.0)
    ((3, 3), True)
    """
    nin, nout = _fans(shape)
    a = gain * math.sqrt(6.0 / (nin + nout))
    return generator(rng).uniform(-a, a, shape).astype(dtype or np.float64, copy=False)


def xavier_normal(
    shape: tuple[int, int],
    *,
    gain: float = 1.0,
    rng: np.random.Generator | None = None,
    dtype: Any = None,
) -> np.ndarray:
    """Normal weights whose variance balances the forward and the backward pass.

    **Maths.** N(0, σ²) with σ = gain · √(2 / (nin + nout)).

    **Source.** As ``xavier_uniform``.
    """
    nin, nout = _fans(shape)
    sigma = gain * math.sqrt(2.0 / (nin + nout))
    return generator(rng).normal(0.0, sigma, shape).astype(dtype or np.float64, copy=False)


def he_uniform(
    shape: tuple[int, int],
    *,
    gain: float = math.sqrt(2.0),
    rng: np.random.Generator | None = None,
    dtype: Any = None,
) -> np.ndarray:
    """Uniform weights that keep the size of the signal through layers followed by relu.

    **Maths.** U(−a, a) with a = gain · √(3 / nin); the gain √2 makes up for the half that relu
    drops.

    **Source.** He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).
    """
    nin, _ = _fans(shape)
    a = gain * math.sqrt(3.0 / nin)
    return generator(rng).uniform(-a, a, shape).astype(dtype or np.float64, copy=False)


def he_normal(
    shape: tuple[int, int],
    *,
    gain: float = math.sqrt(2.0),
    rng: np.random.Generator | None = None,
    dtype: Any = None,
) -> np.ndarray:
    """Normal weights that keep the size of the signal through layers followed by relu.

    **Maths.** N(0, σ²) with σ = gain / √nin.

    **Source.** As ``he_uniform``.
    """
    nin, _ = _fans(shape)
    return (
        generator(rng)
        .normal(0.0, gain / math.sqrt(nin), shape)
        .astype(dtype or np.float64, copy=False)
    )


def _fans(shape: tuple[int, int]) -> tuple[int, int]:
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(
            f"a weight has shape (nin, nout), both at least 1, but got {tuple(shape)}. "
            "Give two sizes, for example (3, 16)."
        )
    return shape
