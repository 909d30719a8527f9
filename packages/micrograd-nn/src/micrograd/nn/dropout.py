"""How is a network kept from leaning on single numbers?

While it is trained, some numbers, drawn anew at each call, are set to zero; the others grow, so
that sums stay as large as they were on average. In use, nothing happens.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import op

from . import init
from .inputs import taken
from .module import Module


@op(constant="x")
def kept(x: Any, *, p: float, rng: np.random.Generator) -> Any:
    """1 / (1 − p) where a draw keeps a number of x, 0 where it drops it."""
    return (rng.random(x.shape) >= p).astype(x.dtype) / (1.0 - p)


class Dropout(Module):
    """Zeros in random places, while ``training`` is set.

    **Maths.** out = x · m / (1 − p), with each m drawn: 0 with probability p, otherwise 1. After
    ``eval()``, out = x.

    The draws come from ``rng``, at each call in the same way: a network that begins with the same
    generator drops the same numbers. A compiled program draws from it too, at each of its calls.

    **Shapes.** Any; the result has that of ``x``.

    **Errors.** ValueError for a p that is no probability; TypeError for an ``rng`` that is no
    generator.

    **Source.** Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout (2014).

    **Example.**

    >>> from micrograd.engine import Value
    >>> layer = Dropout(0.5, rng=np.random.default_rng(0))
    >>> layer(Value(np.ones(6))).data
    array([2., 0., 0., 0., 2., 2.])
    >>> layer.eval()(Value(np.ones(6))).data
    array([1., 1., 1., 1., 1., 1.])
    """

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator | None = None) -> None:
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"Dropout: p={p}. Give the probability of a zero, from 0 to 1.")
        self.p, self.rng = float(p), init.generator(rng)

    def forward(self, x: Any) -> Any:
        """Drop some, or none in use: see the class."""
        x = taken(x)
        if not self.training or self.p == 0.0:
            return x
        if self.p == 1.0:
            return x * 0.0
        return x * kept(x, p=self.p, rng=self.rng)

    def extra_repr(self) -> str:
        """The probability."""
        return f"{self.p:g}"
