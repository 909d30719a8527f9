"""How does an image become a row of numbers, for a linear layer to read?"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from .inputs import taken
from .module import Module


class Flatten(Module):
    """Axes ``start_dim`` to ``end_dim`` as one; all but the first if nothing is said.

    **Shapes.** (N, C, H, W) becomes (N, C·H·W).

    **Errors.** ValueError for axes that the input does not have, or in the wrong order.

    **Example.**

    >>> Flatten()(np.zeros((2, 3, 4, 5))).shape
    (2, 60)
    >>> Flatten(0, 1)(np.zeros((2, 3, 4, 5))).shape
    (6, 4, 5)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Any:
        """The same numbers with fewer axes."""
        x = taken(x)
        start, end = (d + x.ndim * (d < 0) for d in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < x.ndim:
            raise ValueError(
                f"{self._head()}: the input has shape {x.shape}, which has no axes from "
                f"{self.start_dim} to {self.end_dim}. Give it {max(start, end) + 1} axes or more, "
                "the first of a batch, or choose others."
            )
        shape = x.shape
        return np.reshape(x, (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :]))

    def extra_repr(self) -> str:
        """The axes, unless they are the usual ones."""
        usual = (self.start_dim, self.end_dim) == (1, -1)
        return "" if usual else f"{self.start_dim}, {self.end_dim}"
