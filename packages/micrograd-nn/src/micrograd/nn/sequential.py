"""How are layers chained?

Each layer's output is the next one's input. A link of the chain may be a module or a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import activations
from .module import Module


class Sequential(Module):
    """Modules and functions, one applied after the other.

    A function may be given by the name of an activation. The parts are named by their numbers:
    the weight of the first is ``0.weight``.

    **Errors.** ValueError without layers; TypeError for a layer that cannot be called; the error
    of ``activations.get`` for a name that nobody has.

    **Example.**

    >>> import numpy as np
    >>> from micrograd.nn import Linear, Sequential
    >>> rng = np.random.default_rng(0)
    >>> model = Sequential(Linear(2, 8, rng=rng), "tanh", Linear(8, 1, rng=rng))
    >>> model(np.zeros((5, 2))).shape
    (5, 1)
    >>> model
    Sequential(
      0: Linear(2, 8)
      1: tanh
      2: Linear(8, 1)
    )
    """

    def __init__(self, *layers: Module | Callable[[Any], Any] | type[Module] | str) -> None:
        if not layers:
            raise ValueError("Sequential() has no layers. Give it at least one, in order.")
        for position, layer in enumerate(layers):
            setattr(self, str(position), activations.instance(layer))
        self._length = len(layers)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        return (getattr(self, str(position)) for position in range(self._length))

    def __getitem__(self, position: int) -> Any:
        """The layer at ``position``; negative positions count from the end."""
        return list(self)[position]

    def forward(self, x: Any) -> Any:
        """Pass ``x`` through every layer, in order."""
        for layer in self:
            x = layer(x)
        return x

    def _shown_parts(self) -> Iterator[tuple[str, Any]]:
        """The links of the chain, functions by their names."""
        return ((str(i), activations.shown(layer)) for i, layer in enumerate(self))
