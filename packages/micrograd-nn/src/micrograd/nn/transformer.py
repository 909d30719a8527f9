"""What is a transformer made of?

Blocks, each of two parts: in the first, places look at each other (``attention``); in the second,
each place thinks about what it saw (an MLP). Both are residual: they add to what comes in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import activations, init
from .attention import MultiHeadAttention
from .dropout import Dropout
from .inputs import features, taken
from .linear import Linear
from .module import Module
from .normalization import LayerNorm


class TransformerBlock(Module):
    """Attention and an MLP, each behind a layer norm and around it a residual sum ("pre-norm").

    **Maths.** x ← x + attention(norm1(x)), then x ← x + linear2(gelu(linear1(norm2(x)))), with
    ``dropout`` on the attention's weights, behind both parts and inside of the MLP.

    Parameters have the names of PyTorch's ``TransformerEncoderLayer(norm_first=True,
    activation="gelu")``, so weights carry over. ``dim_feedforward`` is 4 · d_model if left out.

    **Shapes.** ``x`` (L, N, d_model), or (N, L, d_model) with ``batch_first=True``, or (L, d_model)
    for one sample; the result has the same. Masks are those of ``MultiHeadAttention``.

    **Errors.** As ``MultiHeadAttention``.

    **Source.** Vaswani et al., Attention is all you need (2017); Radford et al., Language models
    are unsupervised multitask learners (2019), for the norm before each part.

    **Example.**

    >>> rng = np.random.default_rng(0)
    >>> block = TransformerBlock(8, 2, dropout=0.0, batch_first=True, rng=rng)
    >>> block(rng.normal(size=(2, 5, 8)), is_causal=True).shape
    (2, 5, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int | None = None,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] | type[Module] = "gelu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        """Draw the weights from ``rng``; ``dtype`` is float64 unless it says float32."""
        rng = init.generator(rng)
        how: dict[str, Any] = {"dtype": dtype, "rng": rng}
        inner = 4 * d_model if dim_feedforward is None else dim_feedforward
        self.self_attn = MultiHeadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, **how
        )
        self.linear1 = Linear(d_model, inner, bias, **how)
        self.activation = activations.instance(activation)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(inner, d_model, bias, **how)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

    def forward(
        self, x: Any, attn_mask: Any = None, key_padding_mask: Any = None, is_causal: bool = False
    ) -> Any:
        """Look, then think: see the class."""
        x = taken(x, self.linear1.weight.dtype)
        features(f"{type(self).__name__}", x, self.linear1.weight.shape[0])
        normed = self.norm1(x)
        seen, _ = self.self_attn(
            normed,
            key_padding_mask=key_padding_mask,
            need_weights=False,
            attn_mask=attn_mask,
            is_causal=is_causal,
        )
        x = x + self.dropout(seen)
        thought = self.dropout(self.activation(self.linear1(self.norm2(x))))
        return x + self.dropout(self.linear2(thought))
