"""With which numbers does a weight begin?

A layer adds up ``nin`` products. If weights were of size 1, its output would be about √nin times
as large as its input, and the gradient on its way back √nout times; through ten layers both
explode, or vanish. So weights are drawn with a spread that keeps the size of what passes through:
Xavier's for layers followed by something like tanh or by nothing, He's for layers followed by relu,
which lets half of the signal through and so doubles the variance. ``calculate_gain`` says how much
other activations take away.

**Shapes.** Each function returns an array of the shape that it is given: ``(nin, nout)``, the way
in which ``Linear`` stores its weight, or ``(out_channels, in_channels, *window)``, the way of a
convolution, where ``nin`` is in_channels times the size of the window, and ``nout`` likewise.

Randomness comes from ``rng``: the same generator in the same state gives the same weights.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = [
    "calculate_gain",
    "constant",
    "eye",
    "fans",
    "he_normal",
    "he_uniform",
    "normal",
    "ones",
    "orthogonal",
    "truncated_normal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5.0 / 3.0,
    "relu": math.sqrt(2.0),
    "selu": 3.0 / 4.0,
}

Shape = Sequence[int]
Rng = np.random.Generator | None


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


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much weights must grow to make up for what an activation takes away.

    **Maths.** 1 for "linear", "conv1d", "conv2d" and "sigmoid", 5/3 for "tanh", √2 for "relu", 3/4
    for "selu", √(2 / (1 + slope²)) for "leaky_relu", whose slope is ``param`` (0.01 if left out).

    **Errors.** ValueError for an activation that is not in this table, PyTorch's.

    **Example.**

    >>> f"{calculate_gain('relu'):.4f} {calculate_gain('leaky_relu', 1.0):.1f}"
    '1.4142 1.0'
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1.0 + (0.01 if param is None else float(param)) ** 2))
    if nonlinearity not in GAINS:
        known = [*GAINS, "leaky_relu"]
        near = difflib.get_close_matches(str(nonlinearity).lower(), known, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(known)}."
        raise ValueError(f"calculate_gain: no gain is known for {nonlinearity!r}. {hint}")
    return GAINS[nonlinearity]


def fans(shape: Shape) -> tuple[int, int]:
    """How many numbers go into each output of a weight, and how many outputs each input has.

    **Errors.** ValueError for a shape of less than two sizes, or of a size below 1.

    **Example.**

    >>> fans((3, 16)), fans((8, 3, 5, 5))
    ((3, 16), (75, 200))
    """
    if len(shape) < 2 or min(shape) < 1:
        raise ValueError(
            f"a weight has shape (nin, nout) or (out_channels, in_channels, *window), all at least "
            f"1, but got {tuple(shape)}. Give two sizes or more, for example (3, 16)."
        )
    if len(shape) == 2:
        return shape[0], shape[1]
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


def xavier_uniform(
    shape: Shape, *, gain: float = 1.0, rng: Rng = None, dtype: Any = None
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
    a = gain * math.sqrt(6.0 / sum(fans(shape)))
    return uniform(shape, -a, a, rng=rng, dtype=dtype)


def xavier_normal(
    shape: Shape, *, gain: float = 1.0, rng: Rng = None, dtype: Any = None
) -> np.ndarray:
    """Normal weights whose variance balances the forward and the backward pass.

    **Maths.** N(0, σ²) with σ = gain · √(2 / (nin + nout)).

    **Source.** As ``xavier_uniform``.
    """
    return normal(shape, 0.0, gain * math.sqrt(2.0 / sum(fans(shape))), rng=rng, dtype=dtype)


def he_uniform(
    shape: Shape,
    *,
    gain: float = math.sqrt(2.0),
    mode: str = "fan_in",
    rng: Rng = None,
    dtype: Any = None,
) -> np.ndarray:
    """Uniform weights that keep the size of the signal through layers followed by relu.

    **Maths.** U(−a, a) with a = gain · √(3 / n); the gain √2 makes up for the half that relu drops,
    ``calculate_gain`` gives that of others. n is nin, which keeps the size of the signal, or nout
    with ``mode="fan_out"``, which keeps that of the gradient on its way back.

    **Errors.** ValueError for another mode.

    **Source.** He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).
    """
    a = gain * math.sqrt(3.0 / _fan(shape, mode))
    return uniform(shape, -a, a, rng=rng, dtype=dtype)


def he_normal(
    shape: Shape,
    *,
    gain: float = math.sqrt(2.0),
    mode: str = "fan_in",
    rng: Rng = None,
    dtype: Any = None,
) -> np.ndarray:
    """Normal weights that keep the size of the signal through layers followed by relu.

    **Maths.** N(0, σ²) with σ = gain / √n, n as in ``he_uniform``.

    **Errors.** As ``he_uniform``.

    **Source.** As ``he_uniform``.
    """
    return normal(shape, 0.0, gain / math.sqrt(_fan(shape, mode)), rng=rng, dtype=dtype)


def orthogonal(
    shape: Shape, *, gain: float = 1.0, rng: Rng = None, dtype: Any = None
) -> np.ndarray:
    """A random matrix that changes no length: good where the same weight is used again and again.

    **Maths.** W = gain · Q, evenly drawn among all with QᵀQ = 1, or QQᵀ = 1 for one that is wider
    than high; of three axes and more, all but the first are taken for one.

    **Source.** Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks (2014).

    **Example.**

    >>> w = orthogonal((4, 2), rng=np.random.default_rng(0))
    >>> bool(np.allclose(w.T @ w, np.eye(2)))
    True
    """
    fans(shape)  # refuses what is no weight
    rows, columns = shape[0], math.prod(shape[1:])
    drawn = generator(rng).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    q = q * np.where(np.diagonal(r) < 0.0, -1.0, 1.0)  # QR prefers some signs; now none is
    return _made(gain * (q if rows >= columns else q.T).reshape(tuple(shape)), dtype)


def truncated_normal(
    shape: Shape,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    *,
    rng: Rng = None,
    dtype: Any = None,
) -> np.ndarray:
    """Normal weights of which none is below ``a`` or above ``b``: what falls outside is drawn anew.

    **Maths.** N(mean, std²), given that it is between a and b. (These are numbers, not multiples of
    the spread, as in PyTorch.)

    **Errors.** ValueError for a spread that is not positive, or limits that leave (nearly) nothing.

    **Example.**

    >>> drawn = truncated_normal((100,), std=0.02, a=-0.04, b=0.04, rng=np.random.default_rng(0))
    >>> bool(abs(drawn).max() <= 0.04)
    True
    """
    rng, size = generator(rng), math.prod(shape)
    low, high = ((end - mean) / std if std > 0.0 else math.nan for end in (a, b))
    inside = (math.erf(high / math.sqrt(2.0)) - math.erf(low / math.sqrt(2.0))) / 2.0
    if not inside > 1e-3:
        raise ValueError(
            f"truncated_normal: mean {mean} and std {std} between {a} and {b}. Give a positive "
            "std, and limits that at least one of a thousand draws is between."
        )
    found = np.empty(0)
    while found.size < size:
        drawn = rng.normal(mean, std, int(1.1 * (size - found.size) / inside) + 10)
        found = np.concatenate([found, drawn[(a <= drawn) & (drawn <= b)]])
    return _made(found[:size].reshape(tuple(shape)), dtype)


def uniform(
    shape: Shape, a: float = 0.0, b: float = 1.0, *, rng: Rng = None, dtype: Any = None
) -> np.ndarray:
    """Numbers evenly drawn from ``a`` to ``b``."""
    return _made(generator(rng).uniform(a, b, tuple(shape)), dtype)


def normal(
    shape: Shape, mean: float = 0.0, std: float = 1.0, *, rng: Rng = None, dtype: Any = None
) -> np.ndarray:
    """Normal numbers of this mean and spread."""
    return _made(generator(rng).normal(mean, std, tuple(shape)), dtype)


def constant(shape: Shape, value: float, *, dtype: Any = None) -> np.ndarray:
    """The same number everywhere."""
    return np.full(tuple(shape), value, dtype or np.float64)


def zeros(shape: Shape, *, dtype: Any = None) -> np.ndarray:
    """Zeros: for biases, never for all weights, whose units would all learn the same."""
    return constant(shape, 0.0, dtype=dtype)


def ones(shape: Shape, *, dtype: Any = None) -> np.ndarray:
    """Ones: for the scale of a normalisation."""
    return constant(shape, 1.0, dtype=dtype)


def eye(shape: Shape, *, dtype: Any = None) -> np.ndarray:
    """A matrix that lets its input through, as far as the sizes allow.

    **Errors.** ValueError for a shape of other than two sizes.
    """
    if len(shape) != 2:
        raise ValueError(f"eye: shape is {tuple(shape)}. Give the two sizes of a matrix.")
    return np.eye(*shape, dtype=dtype or np.float64)


def _fan(shape: Shape, mode: str) -> int:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is {mode!r}. It must be 'fan_in' or 'fan_out'.")
    return fans(shape)[mode == "fan_out"]


def _made(drawn: np.ndarray, dtype: Any) -> np.ndarray:
    return drawn.astype(dtype or np.float64, copy=False)
