"""How do numbers get into a network by name, and what is said when they do not fit?

A state is a mapping from names to arrays. It comes in one of two *layouts*: ``"micrograd"``, as the
module holds them, or ``"torch"``, as PyTorch does. They differ where a layer says so
(``Module.torch_transposed``): ``Linear`` stores its weight (inputs, outputs), PyTorch (outputs,
inputs). A square weight would fit either way and be wrong in one, so the layout is never guessed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from micrograd.engine import Value

LAYOUTS = ("micrograd", "torch")


class Differences(NamedTuple):
    """What ``load_state_dict(..., strict=False)`` left alone: names on one side only."""

    missing: list[str]
    unexpected: list[str]


def dump_state(
    entries: Mapping[str, Value], transposed: Collection[str], layout: str
) -> dict[str, np.ndarray]:
    """Copies of the numbers in ``entries``, by name."""
    turned = _turned(transposed, layout)
    return {
        name: (value.data.T if name in turned else value.data).copy(order="C")
        for name, value in entries.items()
    }


def load_state(
    entries: Mapping[str, Value],
    transposed: Collection[str],
    state: Mapping[str, Any],
    *,
    tied: Mapping[str, str],
    strict: bool,
    layout: str | None,
    head: str,
) -> Differences:
    """Copy the arrays of ``state`` into ``entries``, all or none.

    ``tied`` are further names of entries, each with the name that it has there; ``head`` is whose
    the entries are.
    """
    turned = _turned(transposed, _layout(state, layout, bool(transposed)))
    arrays = {name: _array(name, entry) for name, entry in state.items()}
    wrong = list(_differently_tied(tied, arrays))
    arrays = {tied.get(name, name): array for name, array in arrays.items()}
    missing = [name for name in entries if name not in arrays]
    unexpected = [name for name in arrays if name not in entries]
    both = [name for name in entries if name in arrays]
    wrong += [
        line
        for name in both
        for line in _differences(name, entries[name], arrays[name], name in turned)
    ]
    lines = list(wrong)
    if strict:
        lines = [f"missing: {n} of shape {_shape(entries[n], n in turned)}" for n in missing]
        lines += [f"unexpected: {name}" for name in unexpected]
        lines += wrong
    if lines:
        raise ValueError(
            f"load_state_dict: these entries{_origin(state)} do not fit {head}:\n  "
            + "\n  ".join(lines)
            + "\nBuild the network with the sizes that the entries come from, or pass "
            "strict=False to leave alone what only one side has."
            + _looks_turned(entries, arrays, set(transposed) - turned)
        )
    for name in both:
        entries[name].data = arrays[name].T if name in turned else arrays[name]
    return Differences(missing, unexpected)


def _layout(state: Mapping[str, Any], layout: str | None, matters: bool) -> str:
    """The layout of ``state``: what the caller says, or what the state says of itself."""
    said = getattr(state, "layout", LAYOUTS[0])
    if any(type(entry).__module__.partition(".")[0] == "torch" for entry in state.values()):
        said = None
    if layout is not None and said is not None and said != layout and hasattr(state, "layout"):
        raise ValueError(
            f"load_state_dict: layout={layout!r}, but the entries{_origin(state)} say that theirs "
            f"is {said!r}. Leave layout out."
        )
    if layout is None and said is None and matters:
        raise ValueError(
            f"load_state_dict: nothing says how the entries{_origin(state)} store the weight of a "
            "Linear. Pass layout='torch' for (outputs, inputs), which PyTorch writes, or "
            "layout='micrograd' for (inputs, outputs)."
        )
    return layout or said or LAYOUTS[0]


def _turned(transposed: Collection[str], layout: str) -> set[str]:
    """The names whose arrays lie the other way in this layout."""
    if layout not in LAYOUTS:
        raise ValueError(f"layout is {layout!r}. Pass 'micrograd' or 'torch'.")
    return set(transposed) if layout == "torch" else set()


def _array(name: str, entry: Any) -> np.ndarray:
    try:
        return np.asarray(entry)
    except (TypeError, RuntimeError) as error:
        raise TypeError(
            f"load_state_dict: {name} is of type {type(entry).__name__}, which NumPy cannot read "
            f"({error}). Convert it first; a PyTorch tensor with .detach().cpu().float()."
        ) from error


def _shape(value: Value, turned: bool) -> tuple[int, ...]:
    return value.shape[::-1] if turned else value.shape


def _differences(name: str, value: Value, entry: np.ndarray, turned: bool) -> Iterator[str]:
    """A line on what does not fit, if anything."""
    if entry.dtype.kind not in "fiub":
        yield f"wrong dtype: {name} has dtype {value.dtype} but the entry has {entry.dtype}"
    elif entry.shape != _shape(value, turned):
        where = " in PyTorch's layout" if turned else ""
        have = f"{name} has shape {_shape(value, turned)}{where}"
        yield f"wrong shape: {have} but the entry has {entry.shape}"


def _differently_tied(tied: Mapping[str, str], arrays: Mapping[str, np.ndarray]) -> Iterator[str]:
    """A line for each two entries that are one parameter here, and hold other numbers."""
    chosen: dict[str, str] = {}
    for name, array in arrays.items():
        first = chosen.setdefault(tied.get(name, name), name)
        floats = array.dtype.kind == arrays[first].dtype.kind == "f"  # of which NaN equals NaN here
        if first != name and not np.array_equal(arrays[first], array, equal_nan=floats):
            yield f"tied: {first} and {name} are one parameter, but the entries hold other numbers"


def _looks_turned(
    entries: Mapping[str, Value], arrays: Mapping[str, np.ndarray], candidates: Collection[str]
) -> str:
    """A hint, when what does not fit would fit the other way round."""
    if any(
        name in arrays and entries[name].shape != arrays[name].shape == entries[name].shape[::-1]
        for name in candidates
    ):
        return " Some fit transposed: pass layout='torch' if they come from PyTorch."
    return ""


def _origin(state: Mapping[str, Any]) -> str:
    origin = getattr(state, "origin", "")
    return f" of {origin}" if origin else ""
