"""How can a network be deep and still learn?

By adding what a block computes to what it was given: the gradient then has a way around every
block, and a block that has learned nothing yet does no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import activations
from .inputs import taken
from .module import Module
from .sequential import Sequential


class Residual(Module):
    """x + inner(x), where ``inner`` is a layer, or several, one applied after the other.

    **Shapes.** The result has the shape of ``x``, and so must what ``inner`` makes of it.

    **Errors.** ValueError without layers, or when ``inner`` changes the shape.

    **Source.** He, Zhang, Ren and Sun, Deep residual learning for image recognition (2015).

    **Example.**

    >>> import numpy as np
    >>> from micrograd.nn import Linear
    >>> rng = np.random.default_rng(0)
    >>> block = Residual(Linear(4, 8, rng=rng), "relu", Linear(8, 4, rng=rng))
    >>> block(np.zeros((2, 4))).shape
    (2, 4)
    >>> [name for name, _ in block.named_parameters()][:2]
    ['inner.0.weight', 'inner.0.bias']
    """

    def __init__(self, *layers: Module | Callable[[Any], Any] | type[Module] | str) -> None:
        if not layers:
            raise ValueError("Residual() has no layers. Give it at least one, in order.")
        single = len(layers) == 1
        self.inner = activations.instance(layers[0]) if single else Sequential(*layers)

    def forward(self, x: Any) -> Any:
        """The input, and what the layers make of it, added."""
        x = taken(x)
        y = self.inner(x)
        if y.shape != x.shape:
            raise ValueError(
                f"Residual: the input has shape {x.shape}, but its layers made {y.shape} of it, "
                "and only equal shapes add up. Let the last layer give the size that the first one "
                "takes."
            )
        return x + y
