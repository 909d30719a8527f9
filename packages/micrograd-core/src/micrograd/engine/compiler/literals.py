"""How are numbers, arrays and kernels written as text?"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from .rewrites import alike

MOST_WRITTEN = 16  # numbers of an array


def plain(number: float) -> str:
    if np.isfinite(number):
        return repr(float(number))
    return "np.nan" if np.isnan(number) else "np.inf" if number > 0 else "-np.inf"


def typed(number: Any) -> str:
    """A number with its dtype."""
    text = plain(number.item()) if number.dtype.kind == "f" else repr(number.item())
    return f"np.{number.dtype}({text})"


def written(value: Any) -> str | None:
    """A constant array as one would write it, or None if that is too long."""
    shape = value.shape
    flat = value.reshape(-1)
    kind = "" if value.dtype == np.float64 else f", np.{value.dtype}"
    if value.size and value.dtype.kind == "f" and alike(flat):
        size = f"{shape[0]}" if len(shape) == 1 else f"{shape}"
        if flat[0] in (0.0, 1.0) and not np.signbit(flat[0]):
            return f"np.{'ones' if flat[0] else 'zeros'}({size}{kind})"
        return f"np.full({size}, {plain(float(flat[0]))}{kind})"
    if value.dtype == np.int64 and value.size > 1 and (flat == np.arange(value.size)).all():
        sizes = ", ".join(map(str, shape))
        return f"np.arange({value.size})" + ("" if len(shape) == 1 else f".reshape({sizes})")
    if not value.size:
        return f"np.empty({shape}, np.{value.dtype})"
    if value.size > MOST_WRITTEN:
        return None
    kind = "" if value.dtype in (np.int64, bool) else kind
    text = repr(value.tolist()).replace("nan", "np.nan").replace("inf", "np.inf")
    return f"np.array({text}{kind})"


def within(buffer: Any, shape: tuple[int, ...], start: int = 0) -> str:
    """An array in the memory of a buffer, from its number ``start`` on."""
    stop = start + int(np.prod(shape, dtype=int))
    if shape == buffer.shape:
        return str(buffer.name)
    flat = buffer.name if len(buffer.shape) == 1 else f"{buffer.name}.reshape(-1)"
    part = flat if stop - start == buffer.size else f"{flat}[{start or ''}:{stop}]"
    sizes = ", ".join(map(str, shape))
    return part if len(shape) == 1 else f"{part}.reshape({sizes})"


def source_of(function: Any) -> str:
    """A kernel's source, without the decorator and the annotations that name our types."""
    text = inspect.getsource(function)
    lines = [line for line in text.splitlines() if not line.startswith("@")]
    head = f"def {function.__name__}{_signature(function)}:"
    start = next(i for i, line in enumerate(lines) if line.rstrip().endswith(":"))
    return "\n".join([head, *lines[start + 1 :]])


def _signature(function: Any) -> str:
    parameters = [
        p.replace(annotation=p.empty) for p in inspect.signature(function).parameters.values()
    ]
    return str(inspect.Signature(parameters))
