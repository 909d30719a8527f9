"""How is a gradient summed back to its input's shape?

NumPy stretches a small operand over a large one: in ``x + b`` with ``x`` of shape (4, 3) and
``b`` of shape (3,), each number of ``b`` is used four times. A number that is used four times
collects four gradients, and they add up. So the gradient of a broadcast operand is the sum of
the incoming gradient over every axis along which the operand was stretched.

The engine does this once, here, for every op; a rule never has to. Read ``backward`` next.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = Any  # what rules compute with: an ndarray, a NumPy scalar, or a Value
ones = lru_cache(maxsize=8)(np.ones)  # the last few, for products


@lru_cache(maxsize=1024)
def stretched_axes(large: tuple[int, ...], small: tuple[int, ...]) -> tuple[int, ...] | None:
    """The axes of ``large`` along which an array of shape ``small`` was repeated.

    None when NumPy could not have broadcast ``small`` to ``large``.

    >>> stretched_axes((4, 3), (3,)), stretched_axes((4, 3), (4, 1)), stretched_axes((3,), (2,))
    ((0,), (1,), None)
    """
    new = len(large) - len(small)
    padded = (1,) * new + small
    if new < 0 or any(want not in (1, have) for have, want in zip(large, padded, strict=True)):
        return None
    return tuple(axis for axis in range(len(large)) if axis < new or large[axis] != padded[axis])


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum ``g`` over the axes that broadcasting stretched, back to ``shape``.

    **Maths.** If y = broadcast(x), then dL/dx[i] is the sum of dL/dy[j] over all j that read x[i].

    **Shapes.** ``g`` has any shape to which ``shape`` broadcasts; the result has ``shape``.

    **Errors.** ValueError when ``shape`` does not broadcast to the shape of ``g``.

    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    """
    if g.ndim == 2 and g.shape[1:] == shape:  # a bias: BLAS adds rows faster than sum does
        return np.dot(ones(g.shape[0], g.dtype), g)
    axes = stretched_axes(g.shape, shape)
    if axes is None:
        raise ValueError(f"shape {shape} does not broadcast to {g.shape}")
    return g.sum(axis=axes).reshape(shape) if axes else g
