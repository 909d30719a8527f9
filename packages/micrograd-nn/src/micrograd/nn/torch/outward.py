"""How does a network of ours become one of PyTorch's?"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from micrograd.engine import ops

from .. import activation_layers as bends
from .. import activations
from ..mlp import MLP
from ..module import Module
from ..residual import Residual
from ..sequential import Sequential
from ..training.extras import imported
from ..transformer import TransformerBlock
from .pairs import OURS, POINTWISE


def to_torch(model: Module) -> Any:
    """A ``torch.nn.Module`` that computes what the model does, with a copy of its weights.

    Each layer becomes the one of PyTorch's that it is named after, MLP a ``torch.nn.Sequential``,
    TransformerBlock a ``TransformerEncoderLayer``. Dtypes stay, and so do which parameters are
    frozen, which are shared, and which parts are in training mode.

    **Errors.** TypeError that names by its path a part that has no counterpart, such as a Module
    with a ``forward`` of its own; ValueError for a layer that was given further parameters, and
    for one weight that two layers share and PyTorch stores in two ways; ModuleNotFoundError with
    the install line without the extra ``micrograd-nn[torch]``.

    **Example.**

    >>> import torch
    >>> from micrograd.nn import MLP
    >>> model = MLP(2, [3, 1], rng=np.random.default_rng(0))
    >>> theirs = to_torch(model)
    >>> [type(part).__name__ for part in theirs]
    ['Linear', 'ReLU', 'Linear']
    >>> x = np.array([[1.0, -1.0]])
    >>> np.allclose(theirs(torch.from_numpy(x)).detach(), model(x).data)
    True
    """
    if not isinstance(model, Module):
        raise TypeError(f"to_torch of {type(model).__name__}. Pass a Module of micrograd.nn.")
    return Outward(imported("torch", "to_torch builds a network of PyTorch", "torch")).made(
        model, ""
    )


class Outward:
    """One walk; what is met twice is made once."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self._modules: dict[int, Any] = {}
        self._parameters: dict[int, tuple[bool, Any]] = {}  # whether it is transposed there

    def made(self, layer: Any, path: str, training: bool = True) -> Any:
        """The counterpart of a layer; of a function, in the mode of the network around it."""
        if not isinstance(layer, Module):
            return self._function(layer, path).train(training)
        if id(layer) not in self._modules:
            made = self._new(layer, path)
            made.training = layer.training
            self._modules[id(layer)] = made
        return self._modules[id(layer)]

    def _chain(self, layer: Module, parts: dict[str, Any], path: str) -> Any:
        """Parts by their names, one after the other."""
        made = [self.made(one, inside(path, n), layer.training) for n, one in parts.items()]
        return self.torch.nn.Sequential(*made)

    def _new(self, layer: Any, path: str) -> Any:
        there, kind = self.torch.nn, type(layer)
        if kind is MLP:
            parts: dict[str, Any] = {}
            for i, one in enumerate(layer.layers):
                parts[f"layers.{i}"] = one
                if one is not layer.layers[-1]:
                    parts[f"activations.{i}"] = layer.activations[i]
            return self._chain(layer, parts, path)
        if kind is Sequential:
            return self._chain(layer, {str(i): one for i, one in enumerate(layer)}, path)
        if kind is Residual:
            from .modules import Residual as Theirs

            return Theirs(self.made(layer.inner, inside(path, "inner"), layer.training))
        if kind is TransformerBlock:
            return self._carried(layer, self._block(layer, path), path)
        if kind in OURS:
            pair = OURS[kind]
            settings = {name: getattr(layer, name) for name in pair.settings}
            made = getattr(there, pair.theirs)(**settings, **pair.there(layer))
            return self._carried(layer, made, path)
        return self._function(layer, path)

    def _block(self, layer: TransformerBlock, path: str) -> Any:
        """The settings of a block are those of its parts."""
        width, inner = layer.linear1.weight.shape
        bend = self.made(layer.activation, inside(path, "activation"), layer.training)
        names = {self.torch.nn.ReLU: "relu", self.torch.nn.GELU: "gelu"}
        plain = not isinstance(bend, self.torch.nn.GELU) or bend.approximate == "none"
        made = self.torch.nn.TransformerEncoderLayer(
            width,
            layer.self_attn.num_heads,
            inner,
            layer.dropout.p,
            names.get(type(bend), bend) if plain else bend,
            layer.norm1.eps,
            layer.self_attn.batch_first,
            norm_first=True,
            bias=layer.linear1.bias is not None,
        )
        return made.train(layer.training)

    def _function(self, layer: Any, path: str) -> Any:
        """An activation that is given as a function."""
        if layer is activations.identity:
            return self.torch.nn.Identity()
        for kind in vars(bends).values():
            if isinstance(kind, type) and vars(kind).get("function") is layer:
                return self._new(kind(), path)
        for name in POINTWISE:
            if getattr(ops, name) is layer:
                from .modules import Pointwise

                return Pointwise(name)
        refuse(layer, path)

    def _carried(self, layer: Module, made: Any, path: str) -> Any:
        """The layer with our numbers in place of those that it began with."""
        mine, transposed, buffers = layer._entries(), layer._transposed(), layer.named_buffers()
        places = [name for name, _ in (*made.named_parameters(), *made.named_buffers())]
        if set(mine) != set(places):
            raise ValueError(
                f"to_torch: {told(layer, path)} has the parameters {sorted(mine)}, but PyTorch's "
                f"has {sorted(places)}. Put what was added into a module around it."
            )
        for name, value in mine.items():
            holder = made.get_submodule(name.rpartition(".")[0])
            last, turned = name.rpartition(".")[2], name in transposed
            array = np.array(value.data.T if turned else value.data)
            tensor = self.torch.from_numpy(array)
            if name in dict(buffers):
                setattr(holder, last, tensor.to(self._kept(getattr(holder, last), tensor)))
                continue
            if id(value) not in self._parameters:
                parameter = self.torch.nn.Parameter(tensor, requires_grad=value.requires_grad)
                self._parameters[id(value)] = turned, parameter
            before, parameter = self._parameters[id(value)]
            if before != turned:
                raise ValueError(
                    f"to_torch: {told(layer, path)} shares {name} with a layer whose weight "
                    "PyTorch stores the other way round. Give each of them its own."
                )
            setattr(holder, last, parameter)
        return made

    def _kept(self, before: Any, tensor: Any) -> Any:
        """The dtype of a buffer: ours, but whole numbers stay whole."""
        return tensor.dtype if before.is_floating_point() else before.dtype


def inside(path: str, name: str) -> str:
    """The path of a part."""
    return f"{path}.{name}" if path else name


def told(layer: Any, path: str) -> str:
    """A part, as a message names it."""
    name = getattr(layer, "__name__", type(layer).__name__)
    return f"{path} ({name})" if path else name


def refuse(layer: Any, path: str) -> NoReturn:
    """What has no counterpart."""
    raise TypeError(
        f"to_torch: {told(layer, path)} has no counterpart in PyTorch. Write it as a "
        "torch.nn.Module, and build the network there of it and of to_torch() of the other parts; "
        'state_dict(layout="torch") carries its weights.'
    )
