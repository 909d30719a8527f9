"""What may a layer be given?

Values, arrays, and lists of numbers; whole numbers become floats of the layer's own kind. Floats
stay what they are, so that NumPy's rule holds: float64 data lift the results of a float32 layer to
float64, while its parameters, and their gradients, stay float32. What a layer cannot use is refused
when it is called, with the shape that it got and the one that it needs.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np


def taken(x: Any, dtype: Any = np.float64) -> Any:
    """A Value or an array as it is, a list as an array, whole numbers in a dtype."""
    if not isinstance(getattr(x, "shape", None), tuple):
        x = np.asarray(x)
    return x.astype(dtype) if x.dtype.kind in "iub" else x


def batched(
    layer: str, x: Any, axes: tuple[str, ...], size: int | None, alone: bool = True
) -> tuple[Any, bool]:
    """The input as a batch, and whether it was a single sample.

    ``axes`` are the names of a batch's axes, ("N", "C", "L") for instance; the second has ``size``
    entries, if it is given. With ``alone`` one sample without the first axis is fine too.
    """
    form = f"({', '.join([axes[0], str(size or axes[1]), *axes[2:]])})"
    single = alone and x.ndim == len(axes) - 1
    if not single and x.ndim != len(axes):
        other = f", or {form.replace(f'{axes[0]}, ', '')} for one sample" if alone else ""
        _refuse(layer, x, f"but it must have {len(axes)} axes, {form}{other}", "Reshape it")
    shape = (1, *x.shape) if single else x.shape
    if size is not None and shape[1] != size:
        what = f"but its axis {0 if single else 1} must have {size} entries, as in {form}"
        _refuse(layer, x, what, f"Give it {size}, or build the layer for {shape[1]}")
    if 0 in shape:
        _refuse(layer, x, "which holds no numbers", "Give it at least one sample")
    return (np.reshape(x, shape) if single else x), single


def features(layer: str, x: Any, size: int, what: str = "input") -> None:
    """Refuse an input whose last axis does not have ``size`` entries, or that is empty."""
    if not x.ndim or x.shape[-1] != size:
        _refuse(layer, x, f"but its last axis must have {size} entries", f"Give it {size}", what)
    if 0 in x.shape:
        _refuse(layer, x, "which holds no numbers", "Give it at least one sample", what)


def _refuse(layer: str, x: Any, why: str, fix: str, what: str = "input") -> NoReturn:
    raise ValueError(f"{layer}: the {what} has shape {x.shape}, {why}. {fix}.")


def sizes(layer: str, name: str, given: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """A setting with one whole number for each axis; one number stands for all."""
    numbers = tuple(given) if isinstance(given, (tuple, list)) else (given,) * rank
    whole = all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in numbers)
    if not whole or len(numbers) != rank or min(numbers) < least:
        each = "a whole number" if rank == 1 else f"a whole number, or {rank} of them"
        raise ValueError(f"{layer}: {name}={given!r}. Give {each}, from {least} on.")
    return tuple(int(n) for n in numbers)


def told(numbers: tuple[int, ...]) -> str:
    """A setting as one writes it: one number if all are the same."""
    return str(numbers[0]) if len(set(numbers)) == 1 else str(numbers)
