"""Which layers bend a signal, and learn nothing?

Each activation that has a name (``activations``) is also a class, so that a network can be written
as PyTorch's users know it: ``Sequential(Linear(2, 8), ReLU(), Linear(8, 1))``. A class says which
op it applies and with which settings; the maths is the op's.
"""

from __future__ import annotations

from typing import Any

from micrograd.engine import ops

from .inputs import taken
from .module import Module


class Activation(Module):
    """What the activations share: they apply ``function`` with the settings of the instance."""

    function: Any  # of one Value, and settings

    def forward(self, x: Any) -> Any:
        """The bend, for every number (or, in a softmax, every line)."""
        return type(self).function(taken(x), **self._settings())

    def _settings(self) -> dict[str, Any]:
        return {name: one for name, one in vars(self).items() if name != "training"}

    def extra_repr(self) -> str:
        """The settings, as one writes them to build the layer."""
        return ", ".join(f"{name}={one!r}" for name, one in self._settings().items())


class ReLU(Activation):
    """max(x, 0).

    >>> ReLU()([-1.0, 2.0])
    array([0., 2.])
    """

    function = ops.relu


class LeakyReLU(Activation):
    """x where x > 0, else ``negative_slope`` · x.

    >>> LeakyReLU(0.1)([-1.0, 2.0])
    array([-0.1,  2. ])
    """

    function = ops.leaky_relu

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope


class ELU(Activation):
    """x where x > 0, else ``alpha`` · (eˣ − 1)."""

    function = ops.elu

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha


class SELU(Activation):
    """A scaled ELU that keeps mean 0 and variance 1 from layer to layer."""

    function = ops.selu


class GELU(Activation):
    """x Φ(x) with the normal distribution Φ; ``approximate="tanh"`` writes Φ with a tanh.

    >>> GELU(approximate="tanh")
    GELU(approximate='tanh')
    """

    function = ops.gelu

    def __init__(self, approximate: str = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: approximate={approximate!r}. Pass 'none' or 'tanh'.")
        self.approximate = approximate


class SiLU(Activation):
    """x σ(x), also called swish."""

    function = ops.silu


class Sigmoid(Activation):
    """1 / (1 + e⁻ˣ)."""

    function = ops.sigmoid


class LogSigmoid(Activation):
    """ln σ(x)."""

    function = ops.logsigmoid


class Tanh(Activation):
    """The hyperbolic tangent."""

    function = ops.tanh


class Hardtanh(Activation):
    """x, but not below ``min_val`` and not above ``max_val``."""

    function = ops.hardtanh

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        if not min_val < max_val:
            raise ValueError(
                f"Hardtanh: min_val={min_val} and max_val={max_val}. Give a smaller min_val."
            )
        self.min_val, self.max_val = min_val, max_val


class Softplus(Activation):
    """ln(1 + e^(``beta`` · x)) / ``beta``: a relu without a corner."""

    function = ops.softplus

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = beta


class Softsign(Activation):
    """x / (1 + |x|)."""

    function = ops.softsign


class Identity(Activation):
    """x itself: a place in a network where something may stand later."""

    def forward(self, x: Any) -> Any:
        """The input."""
        return taken(x)


class AlongAnAxis(Activation):
    """What Softmax and LogSoftmax share."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """The distribution along each line of the axis."""
        x = taken(x)
        if not -x.ndim <= self.dim < x.ndim:
            raise ValueError(
                f"{self._head()}: the input has shape {x.shape}, so there is no axis {self.dim}. "
                "Choose one of its own."
            )
        return type(self).function(x, axis=self.dim)


class Softmax(AlongAnAxis):
    """eˣ over its sum along the axis ``dim``, the last if nothing is said.

    (A loss that takes logits, as ``cross_entropy`` does, wants no softmax before it.)
    """

    function = ops.softmax


class LogSoftmax(AlongAnAxis):
    """The logarithm of Softmax, without overflow."""

    function = ops.log_softmax
