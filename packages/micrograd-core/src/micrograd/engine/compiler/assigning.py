"""How does a forward keep something for the next call, as running statistics do?"""

from __future__ import annotations

from typing import Any

from ..value import STATE, Value


def assign(target: Value, new: Any) -> None:
    """Copy numbers into a leaf; in a compiled program, at each of its calls.

    ``new`` is an array or a Value, from which no gradient flows. Reading ``target`` afterwards
    gives the new numbers.

    **Shapes.** ``new`` has the shape of ``target``.

    **Errors.** TypeError for a target that is no Value; ValueError for one that an op made, or for
    another shape.

    >>> import numpy as np
    >>> mean = Value(np.zeros(2), requires_grad=False)
    >>> assign(mean, 0.9 * mean + 0.1 * np.array([1.0, 2.0]))
    >>> mean.data
    array([0.1, 0.2])
    """
    if not isinstance(target, Value):
        raise TypeError(f"assign to {type(target).__name__}. Pass a Value that no op made.")
    if target._op is not None:
        raise ValueError(f"assign to what {target._op.name} made. Pass a Value that no op made.")
    numbers = new._bare if isinstance(new, Value) else new
    recorder = STATE.get().watch
    if hasattr(recorder, "assign"):
        recorder.assign(target, numbers)
    else:
        target.data = numbers
