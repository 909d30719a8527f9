"""Neural networks out of Values: modules, losses, optimizers.

``parts`` says how a network finds its parameters and ``module`` what each part can do: the files
to read first. ``linear``, ``mlp`` and ``sequential`` are built from them. ``losses`` and
``activations`` can be extended by plugins (``hookspecs``); ``optim`` changes the parameters,
``init`` begins them, ``training`` is the loop around it all, and ``weights`` keeps them in a file.
"""

from . import activations, family, init, losses, metrics, optim, training
from ._version import __version__
from .activation_layers import (
    ELU,
    GELU,
    SELU,
    Hardtanh,
    Identity,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from .attention import MultiHeadAttention
from .convolution import Conv1d, Conv2d
from .dropout import Dropout
from .embedding import Embedding
from .flatten import Flatten
from .linear import Linear
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    huber,
    kl_div,
    l1,
    mse,
    nll,
)
from .mlp import MLP
from .module import Module
from .normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from .onnx import export_onnx
from .optim import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Optimizer,
    RMSprop,
    clip_grad_norm_,
    clip_grad_value_,
)
from .pooling import AvgPool2d, MaxPool2d
from .recurrent import GRU, LSTM
from .residual import Residual
from .sequential import Sequential
from .summary import summary
from .torch import from_torch, to_torch
from .training import batches, evaluate, fit, predict, train_test_split
from .transformer import TransformerBlock
from .weights import Weights, load, save

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "MLP",
    "SELU",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "Hardtanh",
    "Identity",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MaxPool2d",
    "Module",
    "MultiHeadAttention",
    "Optimizer",
    "RMSprop",
    "ReLU",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Tanh",
    "TransformerBlock",
    "Weights",
    "__version__",
    "activations",
    "batches",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "clip_grad_norm_",
    "clip_grad_value_",
    "cross_entropy",
    "evaluate",
    "export_onnx",
    "fit",
    "from_torch",
    "hinge",
    "huber",
    "init",
    "kl_div",
    "l1",
    "load",
    "losses",
    "metrics",
    "mse",
    "nll",
    "optim",
    "predict",
    "save",
    "summary",
    "to_torch",
    "train_test_split",
    "training",
]

family.enter()
