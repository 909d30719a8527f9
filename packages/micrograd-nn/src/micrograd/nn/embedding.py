"""How does a network read words, or anything else that is counted and not measured?

Each has a number, and each number a row of a table: a vector that is learned like any weight.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import Value, op, ops

from . import init
from .inputs import sizes
from .module import Module


@op(constant="indices")
def lookup(weight: Any, indices: Any, *, padding_idx: int | None = None) -> Any:
    """The rows of a table that indices name."""
    return weight[indices]


@lookup.gradient("weight")
def _(g: Any, out: Any, weight: Any, indices: Any, *, padding_idx: int | None) -> Any:
    """Each row receives what arrives wherever it was named; the padding's row nothing.

    The numbers go to their places one by one, in the flattened table: NumPy adds single numbers ten
    times as fast as rows.
    """
    if padding_idx is not None:
        g = g * np.expand_dims(indices != padding_idx, -1)
    rows, width = weight.shape
    places = np.reshape(np.expand_dims(indices, -1) * width + np.arange(width), -1)
    flat = ops.scatter_add(np.reshape(g, -1), places, key=("array",), shape=(rows * width,))
    return np.reshape(flat, weight.shape)


class Embedding(Module):
    """A table of ``num_embeddings`` vectors of ``embedding_dim`` numbers each, looked up by index.

    The vectors begin normal, N(0, 1). The row ``padding_idx`` begins as zeros and gets no gradient:
    it stands for "nothing here".

    **Maths.** out[..., :] = weight[index[...], :].

    **Shapes.** ``index``: integers of any shape (...); the result (..., embedding_dim); ``weight``
    (num_embeddings, embedding_dim).

    **Errors.** TypeError for indices that are no plain integers; ValueError for one that is not in
    0 ... num_embeddings − 1, or when there are none.

    **Example.**

    >>> table = Embedding(5, 2, rng=np.random.default_rng(0))
    >>> table(np.array([[0, 4], [4, 1]])).shape
    (2, 2, 2)
    >>> table(np.array([5]))
    Traceback (most recent call last):
        ...
    ValueError: Embedding(5, 2): indices reach from 5 to 5, but there are 5 rows. Give indices \
from 0 to 4, or build Embedding(6, 2).
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        dtype: Any = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        for name, n in (("num_embeddings", num_embeddings), ("embedding_dim", embedding_dim)):
            sizes("Embedding", name, n, 1)
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ValueError(
                    f"Embedding: padding_idx={padding_idx}, but there are {num_embeddings} rows. "
                    "Name one of them."
                )
            padding_idx %= num_embeddings
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx
        weight = init.generator(rng).normal(size=(num_embeddings, embedding_dim))
        if padding_idx is not None:
            weight[padding_idx] = 0.0
        self.weight = Value(weight.astype(dtype or np.float64), "weight")

    def forward(self, index: Any) -> Any:
        """The rows that are named."""
        if not isinstance(getattr(index, "shape", None), tuple):
            index = np.asarray(index)
        if isinstance(index, Value) or index.dtype.kind not in "iu":
            got = "a Value" if isinstance(index, Value) else f"an array of {index.dtype}"
            raise TypeError(
                f"{self._head()}: the indices are {got}. Give a plain array of integers, for "
                "example index.astype(int)."
            )
        if 0 in index.shape:
            raise ValueError(
                f"{self._head()}: the indices have shape {index.shape}, so there are none. Give at "
                "least one."
            )
        if isinstance(index, (np.ndarray, np.generic)):  # a symbol has no numbers to look at
            low, high = index.min(), index.max()
            if low < 0 or high >= self.num_embeddings:
                raise ValueError(
                    f"{self._head()}: indices reach from {low} to {high}, but there are "
                    f"{self.num_embeddings} rows. Give indices from 0 to "
                    f"{self.num_embeddings - 1}, or build Embedding({high + 1}, "
                    f"{self.embedding_dim})."
                )
        return lookup(self.weight, index, padding_idx=self.padding_idx)

    def extra_repr(self) -> str:
        """The sizes, as one writes them to build the layer."""
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        return text if self.padding_idx is None else f"{text}, padding_idx={self.padding_idx}"
