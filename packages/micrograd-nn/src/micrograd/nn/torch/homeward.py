"""How does a network of PyTorch's become one of ours?"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from micrograd.engine import Value, ops

from .. import init
from ..module import Module
from ..residual import Residual
from ..sequential import Sequential
from ..training.extras import imported
from ..transformer import TransformerBlock
from .outward import inside
from .pairs import THEIRS

DRAWING = {
    "Conv1d",
    "Conv2d",
    "Dropout",
    "Embedding",
    "GRU",
    "LSTM",
    "Linear",
    "MultiheadAttention",
}


def from_torch(module: Any, *, rng: np.random.Generator | None = None) -> Module:
    """A Module that computes what a ``torch.nn.Module`` does, with a copy of its weights.

    The way back of ``to_torch``, for the layers that we have and for ``torch.nn.Sequential`` of
    them. Dropout draws from ``rng``. Dtypes stay, and so do which parameters are frozen, which are
    shared, and which parts are in training mode.

    **Errors.** TypeError that names by its path a part that has no counterpart, and for parameters
    that are neither float32 nor float64; ValueError for a setting that we do not have;
    ModuleNotFoundError with the install line without the extra ``micrograd-nn[torch]``.

    **Example.**

    >>> import torch
    >>> theirs = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Tanh()).double().eval()
    >>> model = from_torch(theirs)
    >>> model
    Sequential(
      0: Linear(3, 2)
      1: Tanh()
    )
    >>> x = np.array([[1.0, 0.0, -1.0]])
    >>> np.allclose(model(x).data, theirs(torch.from_numpy(x)).detach())
    True
    """
    torch = imported("torch", "from_torch reads a network of PyTorch", "torch")
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"from_torch of {type(module).__name__}. Pass a torch.nn.Module.")
    made: Module = Homeward(torch, init.generator(rng)).made(module, "")
    return made


class Homeward:
    """One walk; what is met twice is made once."""

    def __init__(self, torch: Any, rng: np.random.Generator) -> None:
        self.torch, self.rng = torch, rng
        self._modules: dict[int, Module] = {}
        self._values: dict[int, Value] = {}

    def made(self, module: Any, path: str) -> Any:
        """The counterpart of a module."""
        if id(module) not in self._modules:
            made = self._new(module, path)
            made.training = module.training
            self._modules[id(module)] = made
        return self._modules[id(module)]

    def _new(self, module: Any, path: str) -> Any:
        from .modules import Pointwise
        from .modules import Residual as Theirs

        there, kind = self.torch.nn, type(module)
        if kind is there.Sequential:
            parts = module._modules.items()  # with repetitions, which named_children() leaves out
            return Sequential(*(self._part(one, inside(path, name)) for name, one in parts))
        if kind is Theirs:
            return Residual(self._part(module.inner, inside(path, "inner")))
        if kind is Pointwise:
            return Sequential(getattr(ops, module.name))
        if kind is there.TransformerEncoderLayer:
            return self._carried(module, self._block(module, path), path)
        pair = THEIRS.get(kind.__name__)
        if pair is None or getattr(there, kind.__name__) is not kind:
            refuse(module, path)
        self._check(module, path, pair.only)
        settings = {name: getattr(module, name) for name in pair.settings} | pair.here(module)
        if settings.get("dim", 0) is None:
            refuse_setting(module, path, "dim", None, "a number")
        drawn = {"rng": self.rng} if pair.theirs in DRAWING else {}
        return self._carried(module, pair.ours(**settings, **drawn), path)

    def _part(self, module: Any, path: str) -> Any:
        """A link of a chain: a module, or the function that it stands for."""
        made = self.made(module, path)
        alone = type(made) is Sequential and len(made) == 1 and not list(module.children())
        return made[0] if alone else made

    def _block(self, module: Any, path: str) -> TransformerBlock:
        """A block of attention and perceptron, if it is the kind that we have."""
        self._check(module, path, {"norm_first": True})
        rates = {module.dropout.p, module.dropout1.p, module.dropout2.p, module.self_attn.dropout}
        if len(rates) > 1:
            refuse_setting(module, path, "dropout", sorted(rates), "one number everywhere")
        bend = module.activation
        functional = self.torch.nn.functional
        known = {functional.relu: ops.relu, functional.gelu: ops.gelu}
        if isinstance(bend, self.torch.nn.Module):
            bend = self._part(bend, inside(path, "activation"))
        elif bend in known:
            bend = known[bend]
        else:
            refuse(bend, inside(path, "activation"))
        return TransformerBlock(
            module.linear1.in_features,
            module.self_attn.num_heads,
            module.linear1.out_features,
            module.dropout.p,
            bend,
            module.norm1.eps,
            module.self_attn.batch_first,
            module.linear1.bias is not None,
            rng=self.rng,
        )

    def _check(self, module: Any, path: str, only: dict[str, Any]) -> None:
        for name, right in only.items():
            if getattr(module, name) != right:
                refuse_setting(module, path, name, getattr(module, name), repr(right))

    def _carried(self, module: Any, made: Module, path: str) -> Module:
        """Our layer with the numbers of theirs."""
        turned = made._transposed()
        for name, tensor in (*module.named_parameters(), *module.named_buffers()):
            holder: Any = made
            *path_of, last = name.split(".")
            for key in path_of:
                holder = getattr(holder, key)
            if id(tensor) not in self._values:
                array = self._array(tensor, inside(path, name), holder)
                array = array.T if name in turned else array
                flag = bool(tensor.requires_grad)
                self._values[id(tensor)] = Value(array, last, requires_grad=flag)
            setattr(holder, last, self._values[id(tensor)])
        for one in made.modules():
            one.training = module.training
        return made

    def _array(self, tensor: Any, name: str, holder: Any) -> np.ndarray[Any, Any]:
        if not tensor.is_floating_point():  # a count of batches; ours is of the layer's dtype
            return np.asarray(tensor.cpu().numpy(), holder.running_mean.dtype)
        if tensor.dtype not in (self.torch.float32, self.torch.float64):
            raise TypeError(
                f"from_torch: {name} has dtype {tensor.dtype}. Call module.float() or "
                "module.double() first."
            )
        return np.asarray(tensor.detach().cpu().numpy())


def told(module: Any, path: str) -> str:
    """A part, as a message names it."""
    name = getattr(module, "__name__", type(module).__name__)
    return f"{path} ({name})" if path else str(name)


def refuse(module: Any, path: str) -> NoReturn:
    """What has no counterpart."""
    names = sorted({*THEIRS, "Sequential", "TransformerEncoderLayer"})
    raise TypeError(
        f"from_torch: {told(module, path)} has no counterpart here. Write it as a Module, and "
        'load_state_dict(state, layout="torch") carries its weights. These come back: '
        f"{', '.join(names)}."
    )


def refuse_setting(module: Any, path: str, name: str, got: Any, right: str) -> NoReturn:
    """What our layer cannot be told."""
    raise ValueError(
        f"from_torch: {told(module, path)} has {name}={got!r}, and here it can only be {right}. "
        "Build it so."
    )
