"""What does PyTorch call NumPy's functions? The translations for `others`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

Tensor = torch.Tensor
Function = Callable[..., Any]


def joined(arrays: Any) -> Tensor:
    return torch.cat([one.reshape(-1) for one in arrays])


def squared(arrays: Any) -> Tensor:
    return joined([one * one for one in arrays])


def over_axes(function: Function) -> Function:
    """PyTorch's `dim` and `keepdim`, with all axes for none."""

    def call(x: Tensor, axis: Any = None, keepdims: bool = False, **settings: Any) -> Tensor:
        dim = tuple(range(x.ndim)) if axis is None else axis
        return function(x, dim=dim, keepdim=keepdims, **settings)

    return call


def spread(function: Function) -> Function:
    def call(x: Tensor, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Tensor:
        return function(x, dim=axis, correction=ddof, keepdim=keepdims)

    return call


def ptp(x: Tensor, dim: Any, keepdim: bool) -> Tensor:
    return torch.amax(x, dim, keepdim) - torch.amin(x, dim, keepdim)


def product(x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return torch.prod(x) if axis is None else torch.prod(x, axis, keepdims)


def norm(x: Tensor, ord: Any = 2, axis: Any = None, keepdims: bool = False) -> Tensor:
    return torch.linalg.vector_norm(x, ord, axis, keepdims)


def moved(x: Tensor, source: Any, destination: Any) -> Tensor:
    return torch.moveaxis(x, source, destination)


def taken_along(x: Tensor, index: Tensor, axis: int) -> Tensor:
    return torch.take_along_dim(x, index, axis)


def repeated(x: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    count = torch.tensor(repeats) if isinstance(repeats, list) else repeats
    return torch.repeat_interleave(x, count, dim=axis)


def padded(x: Tensor, pad_width: Any, mode: str = "constant") -> Tensor:
    widths = [n for pair in reversed(pad_width) for n in pair]
    if mode == "constant":
        return F.pad(x, widths)
    mode = {"edge": "replicate", "wrap": "circular"}.get(mode, mode)
    return F.pad(x[None], widths[:2], mode=mode)[0]  # the last axis only


def split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> Tensor:
    return joined(torch.tensor_split(x, indices_or_sections, dim=axis))


def split_along(function: Function) -> Function:
    return lambda x, indices_or_sections: joined(function(x, indices_or_sections))


def on_a_list(function: Function) -> Function:
    return lambda *arrays: function(arrays)


def trapezoid(y: Tensor, x: Any = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    return torch.trapezoid(y, dx=dx, dim=axis) if x is None else torch.trapezoid(y, x, dim=axis)


def cross(a: Tensor, b: Tensor, axis: int = -1) -> Tensor:
    return torch.linalg.cross(a, b, dim=axis)


def dot(a: Tensor, b: Tensor) -> Tensor:
    return a * b if a.ndim == 0 or b.ndim == 0 else torch.matmul(a, b)


def symmetric(x: Tensor) -> Tensor:
    return x + x.mT


def definite(x: Tensor) -> Tensor:
    return x @ x.mT + torch.eye(x.shape[-1], dtype=x.dtype)


def clip(x: Tensor, a_min: Any, a_max: Any) -> Tensor:
    return torch.clamp(x, a_min, a_max)


IN_TORCH = """
arccos arccosh arcsin arcsinh arctan arctan2 arctanh atleast_1d atleast_2d atleast_3d copysign cos
cosh erf exp2 expm1 flatten fliplr flipud fmax fmin hypot inner kron log10 log1p log2 logaddexp
logaddexp2 nan_to_num outer ravel reciprocal remainder sin sinc sinh square tan vdot
"""
IN_FUNCTIONAL = "elu gelu hardtanh leaky_relu selu silu softplus softsign"
IN_LINALG = "det inv pinv solve svdvals vecdot matrix_power"

FURTHER: dict[str, Function] = {
    **{name: getattr(torch, name) for name in IN_TORCH.split()},
    **{name: getattr(F, name) for name in IN_FUNCTIONAL.split()},
    **{name: getattr(torch.linalg, name) for name in IN_LINALG.split()},
    **{name: on_a_list(getattr(torch, name)) for name in ("hstack", "vstack", "dstack")},
    **{name: split_along(getattr(torch, name)) for name in ("hsplit", "vsplit", "dsplit")},
    "column_stack": on_a_list(torch.column_stack),
    "array_split": split,
    "broadcast_arrays": lambda *arrays: joined(torch.broadcast_tensors(*arrays)),
    "cholesky": lambda x: torch.linalg.cholesky(definite(x)),
    "clip": clip,
    "copy": torch.clone,
    "cross": cross,
    "cumprod": lambda x, axis: torch.cumprod(x, axis),
    "cumsum": lambda x, axis: torch.cumsum(x, axis),
    "degrees": torch.rad2deg,
    "diag": lambda x, k=0: torch.diag(x, k),
    "diagflat": lambda x, k=0: torch.diagflat(x, k),
    "diagonal": lambda x, offset=0, axis1=0, axis2=1: torch.diagonal(x, offset, axis1, axis2),
    "diff": lambda x, n=1, axis=-1: torch.diff(x, n, axis),
    "dot": dot,
    "eigh": lambda x: squared(torch.linalg.eigh(symmetric(x))),
    "eigvalsh": lambda x: torch.linalg.eigvalsh(symmetric(x)),
    "einsum": lambda *arrays, subscripts: torch.einsum(subscripts, *arrays),
    "extract": lambda x, condition: torch.masked_select(x, torch.tensor(condition)),
    "flip": lambda x, axis: torch.flip(x, axis),
    "gradient": lambda x, axis: torch.gradient(x, dim=axis)[0],
    "logsigmoid": F.logsigmoid,
    "logsumexp": over_axes(torch.logsumexp),
    "lstsq": lambda a, b: torch.linalg.lstsq(a, b).solution,
    "matrix_norm": lambda x, ord: torch.linalg.matrix_norm(x, ord),
    "matrix_transpose": lambda x: x.mT,
    "moveaxis": moved,
    "multi_dot": on_a_list(torch.linalg.multi_dot),
    "nansum": over_axes(torch.nansum),
    "norm": norm,
    "pad": padded,
    "prod": product,
    "ptp": over_axes(ptp),
    "qr": lambda x: joined(torch.linalg.qr(x)),
    "radians": torch.deg2rad,
    "repeat": repeated,
    "roll": lambda x, shift, axis=None: torch.roll(x, shift, axis),
    "rot90": lambda x, k=1, axes=(0, 1): torch.rot90(x, k, axes),
    "sliding_window_view": lambda x, window_shape, axis: x.unfold(axis, window_shape, 1),
    "slogdet": lambda x: torch.linalg.slogdet(x)[1],
    "sort": lambda x, axis=-1: torch.sort(x, dim=axis, stable=True)[0],
    "split": split,
    "squeeze": lambda x, axis=None: torch.squeeze(x) if axis is None else torch.squeeze(x, axis),
    "std": spread(torch.std),
    "svd": lambda x: squared(torch.linalg.svd(x, full_matrices=False)),
    "take": lambda x, indices: torch.take(x, torch.tensor(indices)),
    "take_along_axis": taken_along,
    "tensordot": lambda a, b, axes: torch.tensordot(a, b, axes),
    "tile": lambda x, reps: torch.tile(x, reps),
    "trace": torch.trace,
    "trapezoid": trapezoid,
    "tril": lambda x, k=0: torch.tril(x, k),
    "triu": lambda x, k=0: torch.triu(x, k),
    "unstack": lambda x, axis=0: joined(torch.unbind(x, axis)),
    "var": spread(torch.var),
    "vector_norm": norm,
}
"""By the name of an op: what PyTorch calls the same."""
