"""How is a gradient kept from growing too long?

Where the loss is steep, one step along the gradient may throw away what a thousand have learned.
Clipped by norm, all gradients together keep their direction and get at most a given length; clipped
by value, each number is held between two limits.

There are two ways to it. ``clip_grad_norm_`` and ``clip_grad_value_``, PyTorch's, change ``p.grad``
between ``backward()`` and ``step()``. An optimizer that is made with ``clip_norm=`` or
``clip_value=`` clips what its step uses and leaves ``p.grad`` alone; that is part of the formula of
its step, so a compiled program clips too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from micrograd.engine import Value

LITTLE = 1e-6  # PyTorch's, so that no gradients at all are not divided by 0


def clip_grad_norm_(
    parameters: Value | Iterable[Value],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> float:
    """Make all gradients together at most ``max_norm`` long, and give the length that they had.

    **Maths.** With the norm n of all numbers of all gradients, each becomes
    g · min(1, max_norm / (n + 1e−6)); ``norm_type`` is 2, another power, or infinity.

    Parameters without a gradient are left out.

    **Errors.** TypeError for what are no Values; ValueError for a ``max_norm`` or ``norm_type``
    that is not positive; RuntimeError for a norm that is not finite, if
    ``error_if_nonfinite=True``.

    **Source.** Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks
    (2013).

    **Example.**

    >>> p = Value([3.0, 4.0])
    >>> (p * p).sum().backward()
    >>> clip_grad_norm_([p], max_norm=1.0)
    10.0
    >>> p.grad.round(3)
    array([0.6, 0.8])
    """
    _check("clip_grad_norm_", "max_norm", max_norm)
    _check("clip_grad_norm_", "norm_type", norm_type, endless=True)
    gradients = _gradients("clip_grad_norm_", parameters)
    norm = total_norm(gradients, float(norm_type))
    if error_if_nonfinite and not math.isfinite(norm):
        raise RuntimeError(
            f"clip_grad_norm_: the norm of the gradients is {norm}, so they cannot be clipped. "
            "detect_anomaly() finds the op that made the first such number."
        )
    factor = factor_for(norm, max_norm)
    if factor != 1.0:
        for g in gradients:
            np.multiply(g, factor, out=g)
    return norm


def clip_grad_value_(parameters: Value | Iterable[Value], clip_value: float) -> None:
    """Hold each number of each gradient within ``clip_value`` of 0.

    **Errors.** TypeError for what are no Values; ValueError for a ``clip_value`` that is not
    positive.

    **Example.**

    >>> p = Value([3.0, 0.1])
    >>> (p * p).sum().backward()
    >>> clip_grad_value_([p], 1.0)
    >>> p.grad
    array([1. , 0.2])
    """
    _check("clip_grad_value_", "clip_value", clip_value)
    for g in _gradients("clip_grad_value_", parameters):
        np.clip(g, -clip_value, clip_value, out=g)


def total_norm(gradients: list[Any], norm_type: float = 2.0) -> float:
    """The norm of all numbers of all gradients."""
    if math.isinf(norm_type):
        return max((float(np.abs(g).max(initial=0.0)) for g in gradients), default=0.0)
    if norm_type == 2.0:
        flat = [np.reshape(g, -1) for g in gradients]
        return math.sqrt(sum(float(np.dot(one, one)) for one in flat))
    total = sum(float((np.abs(g) ** norm_type).sum()) for g in gradients)
    return float(total ** (1.0 / norm_type))


def factor_for(norm: float, max_norm: float) -> float:
    """What every gradient is multiplied by; NaN if the norm is."""
    return min(max_norm / (norm + LITTLE), 1.0)


def clipped(gradients: list[Any], clip_norm: Any = None, clip_value: Any = None) -> list[Any]:
    """All gradients of a step, clipped: plain maths, for a program."""
    if clip_value is not None:
        return [np.minimum(np.maximum(g, -clip_value), clip_value) for g in gradients]
    if clip_norm is None:
        return gradients
    flat = [np.reshape(g, -1) for g in gradients]
    squares = [np.dot(one, one) for one in flat]
    norm = np.sqrt(sum(squares[1:], squares[0]))
    factor = np.minimum(clip_norm / (norm + LITTLE), 1.0)
    return [g * factor for g in gradients]


def _gradients(name: str, parameters: Any) -> list[np.ndarray]:
    """The arrays of the gradients that are there, to write into."""
    given = [parameters] if isinstance(parameters, Value) else list(parameters)
    for one in given:
        if not isinstance(one, Value):
            raise TypeError(
                f"{name}: parameters holds {type(one).__name__}. Pass Values, for example "
                "model.parameters()."
            )
    return [one.grad for one in given if one.has_grad]


def _check(owner: str, name: str, number: float, endless: bool = False) -> None:
    if not number > 0.0 or (math.isinf(number) and not endless):
        raise ValueError(f"{owner}: {name} is {number}. It must be a positive number.")
