"""How are a case and a training run computed in PyTorch?"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from ..inputs import Array
from ..table import Case, Result
from ..training import History, Run, make_schedule
from .names import FURTHER

Tensor = torch.Tensor


def reduced(function: Callable[..., Tensor], every: Any) -> Callable[..., Tensor]:
    """PyTorch's `dim` and `keepdim`; `every` is how the function says "all axes"."""

    def call(x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
        return function(x, dim=every if axis is None else axis, keepdim=keepdims)

    return call


def expand_dims(x: Tensor, axis: Any) -> Tensor:
    axes = axis if isinstance(axis, tuple) else (axis,)
    rank = x.ndim + len(axes)
    for one in sorted(a % rank for a in axes):
        x = x.unsqueeze(one)
    return x


def transpose(x: Tensor, axes: Any = None) -> Tensor:
    return x.permute(tuple(reversed(range(x.ndim))) if axes is None else axes)


def concatenate(*arrays: Tensor, axis: int | None = 0) -> Tensor:
    if axis is None:
        return torch.cat([one.reshape(-1) for one in arrays])
    return torch.cat(arrays, dim=axis)


def key_of_tensors(key: Any) -> Any:
    keys = key if isinstance(key, tuple) else (key,)
    return tuple(torch.tensor(one) if isinstance(one, list) else one for one in keys)


def scatter_add(x: Tensor, *indices: Tensor, key: Any, shape: tuple[int, ...]) -> Tensor:
    arrays = iter(indices)
    index = tuple(next(arrays) if isinstance(one, str) else one for one in key)
    places = torch.arange(prod(shape)).reshape(shape)[index]
    zeros = torch.zeros(prod(shape), dtype=x.dtype)
    return zeros.index_add(0, places.reshape(-1), x.reshape(-1)).reshape(shape)


def weighted(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A loss whose weights are told as lists."""

    def call(x: Tensor, target: Tensor, **settings: Any) -> Tensor:
        for name in ("weight", "pos_weight"):
            if name in settings:
                settings[name] = torch.tensor(settings[name], dtype=x.dtype)
        return function(x, target, **settings)

    return call


def hinge(x: Tensor, target: Tensor, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    zeros = torch.zeros_like(x)
    return F.margin_ranking_loss(x, zeros, target.to(x.dtype), margin=margin, reduction=reduction)


def kl_div(x: Tensor, target: Tensor, **settings: Any) -> Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of reduction="mean", which is what is compared here
        return F.kl_div(x, target, **settings)


TRANSLATIONS: dict[str, Callable[..., Any]] = {
    **FURTHER,
    "absolute": torch.abs,
    "add": torch.add,
    "astype": lambda x, dtype: x.to(getattr(torch, dtype)),
    "binary_cross_entropy": weighted(F.binary_cross_entropy),
    "binary_cross_entropy_with_logits": weighted(F.binary_cross_entropy_with_logits),
    "broadcast_to": lambda x, shape: torch.broadcast_to(x, shape),
    "concatenate": concatenate,
    "cross_entropy": weighted(F.cross_entropy),
    "divide": torch.div,
    "exp": torch.exp,
    "expand_dims": expand_dims,
    "getitem": lambda x, key: x[key_of_tensors(key)],
    "hinge": hinge,
    "huber": F.huber_loss,
    "kl_div": kl_div,
    "l1": F.l1_loss,
    "log": torch.log,
    "log_softmax": lambda x, axis=-1: torch.log_softmax(x, dim=axis),
    "matmul": torch.matmul,
    "linear": lambda x, weight, bias: F.linear(x, weight.T, bias),
    "max": reduced(torch.amax, ()),
    "maximum": torch.maximum,
    "mean": reduced(torch.mean, None),
    "min": reduced(torch.amin, ()),
    "minimum": torch.minimum,
    "mse": F.mse_loss,
    "multiply": torch.mul,
    "negative": torch.neg,
    "nll": weighted(F.nll_loss),
    "positive": torch.positive,
    "power": torch.pow,
    "relu": torch.relu,
    "reshape": lambda x, shape: x.reshape(shape),
    "scatter_add": scatter_add,
    "sigmoid": torch.sigmoid,
    "sign": torch.sign,
    "softmax": lambda x, axis=-1: torch.softmax(x, dim=axis),
    "sqrt": torch.sqrt,
    "stack": lambda *arrays, axis=0: torch.stack(arrays, dim=axis),
    "subtract": torch.sub,
    "sum": reduced(torch.sum, None),
    "swapaxes": lambda x, axis1, axis2: torch.swapaxes(x, axis1, axis2),
    "tanh": torch.tanh,
    "transpose": transpose,
    "where": torch.where,
}
"""By the name of an op or loss: what PyTorch calls the same."""


def tensor(argument: Any, differentiable: bool) -> Any:
    """A PyTorch tensor; a plain Python number stays what it is."""
    if isinstance(argument, (int, float)) and not isinstance(argument, np.generic):
        return argument
    return torch.as_tensor(argument).requires_grad_(differentiable)


def compute(case: Case) -> Result:
    """The output of a case, and its gradients for an incoming gradient from the case's seed."""
    arguments, stream = case.draw()
    tensors = [
        tensor(argument, one.differentiable)
        for one, argument in zip(case.inputs, arguments, strict=True)
    ]
    out = TRANSLATIONS[case.subject](*tensors, **case.settings)
    inputs = [t for t, one in zip(tensors, case.inputs, strict=True) if one.differentiable]
    if not inputs:
        return Result(out.numpy(), [])
    g = torch.as_tensor(stream.uniform(tuple(out.shape), -1.0, 1.0)).to(out.dtype)
    found = torch.autograd.grad(out, inputs, grad_outputs=g)
    return Result(out.detach().numpy(), [one.numpy() for one in found])


def train(run: Run) -> History:
    """The losses of a run, and every parameter after each step."""
    start = run.start()
    bend = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}
    dtype = getattr(torch, run.dtype)
    layers = [torch.nn.Linear(*pair, dtype=dtype) for pair in pairwise(run.sizes)]
    with torch.no_grad():
        for layer, weight, bias in zip(layers, start.weights, start.biases, strict=True):
            layer.weight.copy_(torch.from_numpy(weight.T))
            layer.bias.copy_(torch.from_numpy(bias))
    modules: list[torch.nn.Module] = []
    for layer in layers:
        modules += [layer, bend[run.activation]()]
    model = torch.nn.Sequential(*modules[:-1])
    parameters = list(model.parameters())
    optimizer = getattr(torch.optim, run.optimizer)(run.groups(parameters), **run.settings)
    library = torch.optim.lr_scheduler
    schedule = (
        make_schedule(library, run.schedule, optimizer, run.schedule_settings)
        if run.schedule
        else None
    )
    history = History([], [])
    for rows, targets in start.batches:
        loss = TRANSLATIONS[run.loss](model(torch.from_numpy(rows)), torch.from_numpy(targets))
        optimizer.zero_grad()
        loss.backward()
        if run.clip is not None:
            kind, limit = run.clip
            clip = {"norm": clip_grad_norm_, "value": clip_grad_value_}[kind]
            clip(parameters, limit)
        optimizer.step()
        if schedule is not None:
            schedule.step(*([loss.item()] if run.schedule == "ReduceLROnPlateau" else []))
        history.losses.append(loss.item())
        history.parameters.append([stored(one) for one in parameters])
    return history


def stored(parameter: Tensor) -> Array:
    """A parameter as it is stored here: PyTorch's weights are (outputs, inputs)."""
    return parameter.detach().numpy().T.copy()
