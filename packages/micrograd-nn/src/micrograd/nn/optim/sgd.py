"""A step down the slope, with momentum if wanted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from micrograd.engine import Value

from .optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    **Maths.** b ← momentum · b + g (at first b = g), then p ← p − lr · b; without momentum b = g.

    ``flat`` is that of ``Optimizer``.

    **Errors.** As ``Optimizer``, and ValueError for a momentum outside [0, 1).

    **Example.**

    >>> p = Value([1.0, 2.0])
    >>> optimizer = SGD([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> optimizer.step()
    >>> p.data
    array([0.8, 1.6])
    """

    maths = "b ← momentum · b + g, p ← p − lr · b"

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        momentum: float = 0.0,
        *,
        flat: bool = False,
    ) -> None:
        self.momentum = self._decay("momentum", momentum)
        super().__init__(params, lr, flat, ("velocity",) if momentum else ())

    def update(  # type: ignore[override]  # by name, what `given` is here
        self, p: Any, g: Any, *, lr: Any, velocity: Any = None
    ) -> tuple[Any, ...]:
        """See the class."""
        if velocity is None:
            return (p - lr * g,)
        velocity = self.momentum * velocity + g
        return velocity, p - lr * velocity

    def _update(self, index: int, data: np.ndarray, g: np.ndarray) -> None:
        if self.momentum:
            velocity = self._pieces[index].slots["velocity"]
            velocity *= self.momentum
            velocity += g
            g = velocity
        change = self._scratch[index]
        np.multiply(g, self.lr, out=change)
        data -= change
