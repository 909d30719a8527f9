"""What is a multi-layer perceptron?

Linear layers with a bend between them. Without the bend, any number of linear layers is one
linear layer; with it, enough of them come as near to any continuous function as one wants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from . import activations, init
from .linear import Linear
from .module import Module


class MLP(Module):
    """Linear layers from ``nin`` inputs to ``nouts[-1]`` outputs, an activation after all but the
    last.

    ``activation`` is a name (``activations.names()`` lists them), a function of one Value, or a
    Module class, of which each layer gets an instance of its own. ``weights`` and ``biases`` give
    the numbers to begin with, one array a layer; otherwise they are drawn from ``rng``.

    **Maths.** hᵢ₊₁ = activation(hᵢ @ Wᵢ + bᵢ), the last one without activation.

    **Shapes.** The input has shape (..., nin), the result (..., nouts[-1]); ``weights[i]`` has
    shape (inputs, outputs) of layer i, ``biases[i]`` (outputs,).

    **Errors.** ValueError for no layers, or for weights or biases of other numbers or shapes.

    **Example.**

    >>> model = MLP(3, [16, 16, 1], rng=np.random.default_rng(0))
    >>> model(np.zeros((2, 3))).shape, len(model.parameters())
    ((2, 1), 6)
    >>> model
    MLP(
      layers.0: Linear(3, 16)
      layers.1: Linear(16, 16)
      layers.2: Linear(16, 1)
      activation: relu
    )
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: str | Callable[[Any], Any] | type[Module] = "relu",
        weights: Sequence[Any] | None = None,
        biases: Sequence[Any] | None = None,
        *,
        dtype: Any = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        sizes = [nin, *nouts]
        if len(sizes) < 2:
            raise ValueError(
                "MLP: nouts is empty, so there are no layers. Give the size of each layer, for "
                "example nouts=[16, 1]."
            )
        rng = init.generator(rng)
        self.layers = [
            Linear(before, after, dtype=dtype, rng=rng) for before, after in pairwise(sizes)
        ]
        if isinstance(activation, str):  # one that nobody has is refused, used or not
            activation = activations.get(activation)
        self.activations = [activations.instance(activation) for _ in self.layers[1:]]
        for name, given in (("weight", weights), ("bias", biases)):
            if given is not None:
                self._begin_with(name, given)
        for path, parameter in self.named_parameters():
            parameter.name = path  # pictures of several layers need more than "weight"

    def forward(self, x: Any) -> Any:
        """Pass ``x`` through every layer, bent after all but the last."""
        for layer, bend in zip(self.layers, self.activations, strict=False):
            x = bend(layer(x))
        return self.layers[-1](x)

    def _begin_with(self, name: str, arrays: Sequence[Any]) -> None:
        plural = {"weight": "weights", "bias": "biases"}[name]
        if len(arrays) != len(self.layers):
            raise ValueError(
                f"MLP: {plural} has {len(arrays)} arrays, but there are {len(self.layers)} layers. "
                "Give one a layer."
            )
        for index, (layer, given) in enumerate(zip(self.layers, arrays, strict=True)):
            parameter = getattr(layer, name)
            array = np.asarray(given)
            if array.shape != parameter.shape:
                raise ValueError(
                    f"MLP: {plural}[{index}] has shape {array.shape}, but the {name} of layer "
                    f"{index} has shape {parameter.shape}. Give it in that shape: weights are "
                    "stored (inputs, outputs)."
                )
            parameter.data = array

    def _shown_parts(self) -> Iterator[tuple[str, Any]]:
        """The layers, and the activation between them."""
        yield from ((f"layers.{i}", layer) for i, layer in enumerate(self.layers))
        if self.activations:
            yield "activation", activations.shown(self.activations[0])
