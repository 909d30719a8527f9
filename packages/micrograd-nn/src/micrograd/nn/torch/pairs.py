"""Which layer of PyTorch is which layer here, and what are its settings?

Nearly all settings have one name on both sides, as a layer's argument and as its attribute: these
are listed. What is said in another way, each side says with a function of its own. Parameters and
buffers have PyTorch's names here, so the weights need no table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .. import activation_layers as bends
from ..attention import MultiHeadAttention
from ..convolution import Conv1d, Conv2d
from ..dropout import Dropout
from ..embedding import Embedding
from ..flatten import Flatten
from ..linear import Linear
from ..module import Module
from ..normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from ..pooling import AvgPool2d, MaxPool2d
from ..recurrent import GRU, LSTM

Further = Callable[[Any], dict[str, Any]]


def nothing(layer: Any) -> dict[str, Any]:
    """No setting more."""
    return {}


def biased(layer: Any) -> dict[str, Any]:
    """Whether there is a bias."""
    return {"bias": layer.bias is not None}


class Pair(NamedTuple):
    """A layer on both sides."""

    ours: type[Module]
    theirs: str  # the name in torch.nn
    settings: tuple[str, ...] = ()  # arguments and attributes on both sides
    there: Further = nothing  # of a layer of ours: further arguments of PyTorch's
    here: Further = nothing  # of a layer of PyTorch's: further arguments of ours
    only: dict[str, Any] = {}  # settings of PyTorch's that we have one value of  # noqa: RUF012


CHANNELS = ("in_channels", "out_channels", "groups")
CONVOLUTION = (*CHANNELS, "kernel_size", "stride", "padding", "dilation", "padding_mode")
WINDOW = ("kernel_size", "stride", "padding", "ceil_mode")
STATISTICS = ("num_features", "eps", "momentum")
SEQUENCE = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "bidirectional")
HEADS = ("embed_dim", "num_heads", "batch_first", "kdim", "vdim")


def statistics(layer: Any) -> dict[str, Any]:
    """What a batch norm learns and keeps."""
    kept = layer.running_mean is not None
    return {"affine": layer.weight is not None, "track_running_stats": kept}


def affine(layer: Any) -> dict[str, Any]:
    """What a layer norm learns."""
    return {"elementwise_affine": layer.weight is not None, **biased(layer)}


def dropped(layer: Any) -> dict[str, Any]:
    """The dropout of ours, which is a layer, as the number that it is there."""
    return {"dropout": 0.0 if layer.dropout is None else layer.dropout.p}


def dropping(layer: Any) -> dict[str, Any]:
    """The dropout of PyTorch's."""
    return {"dropout": layer.dropout}


def in_projection(layer: Any) -> dict[str, Any]:
    """Whether an attention has biases."""
    return {"bias": layer.in_proj_bias is not None}


PLAIN = ("Identity", "LogSigmoid", "ReLU", "SELU", "SiLU", "Sigmoid", "Softsign", "Tanh")

PAIRS = [
    Pair(
        Linear,
        "Linear",
        (),
        lambda m: (
            dict(zip(("in_features", "out_features"), m.weight.shape, strict=True)) | biased(m)
        ),
        lambda m: {"nin": m.in_features, "nout": m.out_features} | biased(m),
    ),
    *(Pair(c, c.__name__, CONVOLUTION, biased, biased) for c in (Conv1d, Conv2d)),
    Pair(MaxPool2d, "MaxPool2d", (*WINDOW, "dilation"), only={"return_indices": False}),
    Pair(AvgPool2d, "AvgPool2d", (*WINDOW, "count_include_pad", "divisor_override")),
    *(Pair(c, c.__name__, STATISTICS, statistics, statistics) for c in (BatchNorm1d, BatchNorm2d)),
    Pair(LayerNorm, "LayerNorm", ("normalized_shape", "eps"), affine, affine),
    Pair(
        Embedding,
        "Embedding",
        ("num_embeddings", "embedding_dim", "padding_idx"),
        only={"max_norm": None, "scale_grad_by_freq": False, "sparse": False},
    ),
    Pair(Dropout, "Dropout", ("p",)),
    Pair(Flatten, "Flatten", ("start_dim", "end_dim")),
    *(Pair(c, c.__name__, SEQUENCE, dropped, dropping, {"proj_size": 0}) for c in (LSTM, GRU)),
    Pair(
        MultiHeadAttention,
        "MultiheadAttention",
        HEADS,
        lambda m: dropped(m) | in_projection(m),
        lambda m: dropping(m) | in_projection(m),
        {"bias_k": None, "add_zero_attn": False},
    ),
    Pair(bends.LeakyReLU, "LeakyReLU", ("negative_slope",)),
    Pair(bends.ELU, "ELU", ("alpha",)),
    Pair(bends.GELU, "GELU", ("approximate",)),
    Pair(bends.Hardtanh, "Hardtanh", ("min_val", "max_val")),
    # PyTorch's takes x itself above a threshold; 20, where it begins, is too low for float64
    Pair(bends.Softplus, "Softplus", ("beta",), lambda m: {"threshold": 40.0}),
    Pair(bends.Softmax, "Softmax", ("dim",)),
    Pair(bends.LogSoftmax, "LogSoftmax", ("dim",)),
    *(Pair(getattr(bends, name), name) for name in PLAIN),
]
"""The layers that are one on both sides. What is built of layers stands in the two walks."""

OURS = {pair.ours: pair for pair in PAIRS}
THEIRS = {pair.theirs: pair for pair in PAIRS}

POINTWISE = ("abs", "cos", "erf", "exp", "sin", "sinh", "square")
"""Functions that may stand as an activation and have one name on both sides, but no class there."""
