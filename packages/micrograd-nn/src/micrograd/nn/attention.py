"""How does each place of a sequence choose what to look at?

It asks a question (a *query*), every place answers with a *key*, and how well the two agree, as a
scalar product, decides how much of that place's *value* it takes. Several *heads* ask at once,
each in a part of the vectors of its own: the heads are an axis of the arrays, and no loop.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from micrograd.engine import Value, ops

from . import init
from .dropout import Dropout
from .inputs import batched, features, sizes, taken
from .linear import Linear
from .module import Module


class MultiHeadAttention(Module):
    """Attention with ``num_heads`` heads over vectors of ``embed_dim`` numbers.

    **Maths.** For each head, with q, k and v its parts of the projected query, key and value, each
    d = embed_dim / num_heads wide,

        weights = softmax(q kᵀ / √d + mask),   head = weights v,

    and the result is the heads side by side @ out_proj. ``dropout`` acts on the weights.

    A boolean mask is True where one must *not* look, a mask of numbers is added; ``is_causal=True``
    hides from each place what comes after it, and may be combined with a mask. A place that may
    look nowhere gets zeros for its weights.

    **Shapes.** ``query`` (L, N, embed_dim), ``key`` (S, N, kdim), ``value`` (S, N, vdim), or with N
    first for ``batch_first=True``, or without N for one sample. Left out, ``key`` is the query, and
    ``value`` the key. ``key_padding_mask`` (N, S), ``attn_mask`` (L, S) or (N · num_heads, L, S).
    The result is ``output, weights``: output as the query, weights (N, L, S) as the mean over the
    heads, (N, num_heads, L, S) with ``average_attn_weights=False``, or None with
    ``need_weights=False``.

    The parameters have PyTorch's names and shapes: ``in_proj_weight`` (3 · embed_dim, embed_dim)
    with the rows of q, k, v (or ``q_proj_weight``, ``k_proj_weight`` and ``v_proj_weight``, if kdim
    or vdim is another), ``in_proj_bias``, and the Linear ``out_proj``.

    **Errors.** ValueError for a number of heads that does not divide embed_dim, for inputs and
    masks of other shapes, and without samples; TypeError for a mask that is neither boolean nor
    float.

    **Source.** Vaswani et al., Attention is all you need (2017).

    **Example.**

    >>> layer = MultiHeadAttention(8, 2, batch_first=True, rng=np.random.default_rng(0))
    >>> output, weights = layer(np.random.default_rng(1).normal(size=(2, 3, 8)), is_causal=True)
    >>> output.shape, weights.shape
    ((2, 3, 8), (2, 3, 3))
    >>> weights.data[0, 0]  # the first place sees only itself
    array([1., 0., 0.])
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        dtype: Any = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        """Draw the weights from ``rng``; ``dtype`` is float64 unless it says float32."""
        name = type(self).__name__
        self.embed_dim, self.num_heads, self.batch_first = embed_dim, num_heads, batch_first
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        counts = {"embed_dim": embed_dim, "num_heads": num_heads}
        for setting, n in {**counts, "kdim": self.kdim, "vdim": self.vdim}.items():
            sizes(name, setting, n, 1)
        if embed_dim % num_heads:
            raise ValueError(
                f"{name}: num_heads={num_heads} does not divide embed_dim={embed_dim}, and each "
                "head gets an equal part. Choose a divisor."
            )
        rng = init.generator(rng)

        def drawn(rows: int, columns: int) -> np.ndarray[Any, Any]:
            return init.xavier_uniform((columns, rows), rng=rng, dtype=dtype).T

        if self.kdim == self.vdim == embed_dim:
            self.in_proj_weight = Value(drawn(3 * embed_dim, embed_dim), "in_proj_weight")
        else:
            self.q_proj_weight = Value(drawn(embed_dim, embed_dim), "q_proj_weight")
            self.k_proj_weight = Value(drawn(embed_dim, self.kdim), "k_proj_weight")
            self.v_proj_weight = Value(drawn(embed_dim, self.vdim), "v_proj_weight")
        zeros = np.zeros(3 * embed_dim, dtype or np.float64)
        self.in_proj_bias = Value(zeros, "in_proj_bias") if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype=dtype, rng=rng)
        self.dropout = Dropout(dropout, rng=rng)

    def forward(
        self,
        query: Any,
        key: Any = None,
        value: Any = None,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """What each place takes from the others: see the class."""
        key = query if key is None else key
        value = key if value is None else value
        single = taken(query).ndim == 2
        alike = query is key is value
        q = self._first(query, "query", self.embed_dim)
        k = q if alike else self._first(key, "key", self.kdim)
        v = q if alike else self._first(value, "value", self.vdim)
        if k.shape[:2] != v.shape[:2] or q.shape[0] != k.shape[0]:
            raise ValueError(
                f"{self._head()}: query, key and value are batches of shapes {q.shape}, {k.shape} "
                f"and {v.shape} (samples, places, numbers). Give all of them as many samples, and "
                "a value for every key."
            )
        mask = self._mask(key_padding_mask, attn_mask, is_causal, q, k)
        q, k, v = (self._heads(one) for one in self._projected(q, k, v, alike))
        scores = (q * (1.0 / math.sqrt(q.shape[-1]))) @ np.swapaxes(k, -1, -2)
        weights = ops.softmax(scores if mask is None else scores + mask)
        heads = self.dropout(weights) @ v
        heads = np.transpose(heads, (0, 2, 1, 3) if self.batch_first or single else (2, 0, 1, 3))
        output = self.out_proj(np.reshape(heads, (*heads.shape[:2], self.embed_dim)))
        if need_weights and average_attn_weights:
            weights = weights.mean(axis=1)
        if single:
            output, weights = output[0], weights[0]
        return output, (weights if need_weights else None)

    def _first(self, x: Any, name: str, size: int) -> Any:
        """An input as a batch, samples first."""
        x = taken(x, self.out_proj.weight.dtype)
        features(self._head(), x, size, name)
        if x.ndim == 2:
            return np.expand_dims(x, 0)
        x, _ = batched(self._head(), x, ("N", "L", "E"), None, alone=False)
        return x if self.batch_first else np.swapaxes(x, 0, 1)

    def _projected(self, q: Any, k: Any, v: Any, alike: bool) -> list[Any]:
        """What asks, what answers and what is taken, of all heads side by side."""
        n, bias = self.embed_dim, self.in_proj_bias
        if alike and hasattr(self, "in_proj_weight"):  # one product for all three
            both = q @ np.transpose(self.in_proj_weight)
            both = both if bias is None else both + bias
            return [both[..., i * n : (i + 1) * n] for i in range(3)]
        if hasattr(self, "in_proj_weight"):
            weights = [self.in_proj_weight[i * n : (i + 1) * n] for i in range(3)]
        else:
            weights = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
        found = [x @ np.transpose(weight) for x, weight in zip((q, k, v), weights, strict=True)]
        if bias is None:
            return found
        return [one + bias[i * n : (i + 1) * n] for i, one in enumerate(found)]

    def _heads(self, x: Any) -> Any:
        """(samples, places, embed_dim) as (samples, heads, places, part)."""
        size = self.embed_dim // self.num_heads
        return np.swapaxes(np.reshape(x, (*x.shape[:2], self.num_heads, size)), 1, 2)

    def _mask(self, padding: Any, mask: Any, causal: bool, q: Any, k: Any) -> Any:
        """What is added to the scores: 0, or −∞ where one must not look; None for nothing."""
        samples, length, others = q.shape[0], q.shape[1], k.shape[1]
        dtype, heads = self.out_proj.weight.dtype, self.num_heads
        found = None
        if causal:
            found = np.triu(np.full((length, others), -np.inf, dtype), 1)
        if mask is not None:
            mask = self._numbers("attn_mask", mask, dtype)
            several = (samples * heads, length, others)
            if mask.shape not in ((length, others), several):
                self._refuse_mask("attn_mask", mask, f"{(length, others)} or {several}")
            if mask.ndim == 3:
                mask = np.reshape(mask, (samples, heads, length, others))
            found = mask if found is None else found + mask
        if padding is not None:
            padding = self._numbers("key_padding_mask", padding, dtype)
            if padding.shape == (others,) and samples == 1:
                padding = np.reshape(padding, (1, others))
            if padding.shape != (samples, others):
                self._refuse_mask("key_padding_mask", padding, f"{(samples, others)}")
            padding = np.reshape(padding, (samples, 1, 1, others))
            found = padding if found is None else found + padding
        return found

    def _numbers(self, name: str, mask: Any, dtype: Any) -> Any:
        mask = mask if isinstance(getattr(mask, "shape", None), tuple) else np.asarray(mask)
        if mask.dtype.kind == "b":
            return np.where(mask, -np.inf, 0.0).astype(dtype)
        if mask.dtype.kind != "f":
            raise TypeError(
                f"{self._head()}: {name} has dtype {mask.dtype}. Give booleans, True where one "
                "must not look, or floats to be added, for example mask.astype(bool)."
            )
        return mask.astype(dtype)

    def _refuse_mask(self, name: str, mask: Any, right: str) -> None:
        raise ValueError(
            f"{self._head()}: {name} has shape {mask.shape}, but it must be {right}. Reshape it."
        )

    def extra_repr(self) -> str:
        """The settings, as one writes them to build the layer."""
        text = f"{self.embed_dim}, {self.num_heads}"
        text += f", dropout={self.dropout.p:g}" * (self.dropout.p > 0)
        text += ", bias=False" * (self.in_proj_bias is None)
        text += f", kdim={self.kdim}" * (self.kdim != self.embed_dim)
        text += f", vdim={self.vdim}" * (self.vdim != self.embed_dim)
        return text + ", batch_first=True" * self.batch_first
