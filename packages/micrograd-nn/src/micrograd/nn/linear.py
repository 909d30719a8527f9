"""What does one layer of a network compute?

A weighted sum of its inputs for each of its outputs, and a number added to each: ``x @ W + b``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import Value, ops

from . import init
from .module import Module


class Linear(Module):
    """A fully connected layer with ``nin`` inputs and ``nout`` outputs.

    **Maths.** y = x @ weight + bias. The weight begins Xavier-uniform, the bias zero.

    **Shapes.** ``x`` has shape (..., nin), the result (..., nout); ``weight`` is stored
    (nin, nout), so that a batch of rows is multiplied as it stands, and ``bias`` (nout,).

    **Errors.** ValueError when the last axis of ``x`` does not have nin entries.

    **Example.**

    >>> layer = Linear(3, 2, rng=np.random.default_rng(0))
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    >>> layer(np.ones((5, 4)))
    Traceback (most recent call last):
        ...
    ValueError: Linear(3, 2): the input has shape (5, 4), but its last axis must have 3 entries \
to meet a weight of shape (3, 2). Give it 3 features, or build Linear(4, 2).
    """

    torch_transposed = ("weight",)  # (nout, nin) there

    def __init__(
        self,
        nin: int,
        nout: int,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        """Draw the weight from ``rng``; ``dtype`` is float64 unless it says float32."""
        weight = init.xavier_uniform((nin, nout), rng=rng, dtype=dtype)
        self.weight = Value(weight, "weight")
        self.bias = Value(np.zeros(nout, weight.dtype), "bias") if bias else None

    def forward(self, x: Any) -> Any:
        """The weighted sums: see the class."""
        if not isinstance(getattr(x, "shape", None), tuple):
            x = np.asarray(x)
        shape, (nin, nout) = x.shape, self.weight.shape
        if not shape or shape[-1] != nin:
            features = shape[-1] if shape else 1
            raise ValueError(
                f"{self._head()}: the input has shape {shape}, but its last axis must have "
                f"{nin} entries to meet a weight of shape {self.weight.shape}. "
                f"Give it {nin} features, or build Linear({features}, {nout})."
            )
        if x.dtype.kind in "iub":
            x = x.astype(self.weight.dtype)  # whole numbers would lift float32 to float64
        if self.bias is None:
            return x @ self.weight
        return ops.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes, as one writes them to build the layer."""
        nin, nout = self.weight.shape
        return f"{nin}, {nout}" if self.bias is not None else f"{nin}, {nout}, bias=False"
