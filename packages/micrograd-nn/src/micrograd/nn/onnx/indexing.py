"""Indexing: ``x[key]``, rows of a table, and numbers put at places.

Slices and whole numbers become Slice and Squeeze; one array of places is Gather, and several are
one: the axes that they index are laid in a row, and the places counted there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .recording import Size
from .table import CannotExport, translates
from .writer import Call


@translates("lookup")
def lookup(call: Call) -> str:
    """Rows of a table."""
    return str(call.add("Gather", call.operand(0), call.operand(1, None), axis=0))


@translates("getitem")
def getitem(call: Call) -> str:
    """First what is basic, then the arrays."""
    x, sizes = call.operand(0), call.shape(0)
    key = _spread(call.settings["key"], sizes)
    x, sizes, arrays, new = _basic(call, x, sizes, key)
    if arrays:
        x = _advanced(call, x, sizes, arrays)
    if new:
        x = str(call.add("Unsqueeze", x, call.whole(new)))
    return x


def _spread(key: tuple[Any, ...], sizes: tuple[Size, ...]) -> list[Any]:
    """A key with a part for each axis, None for new ones."""
    parts = list(key)
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    rest = [slice(None)] * (len(sizes) - taken)
    if Ellipsis in [part for part in parts if not isinstance(part, str)]:
        at = next(i for i, part in enumerate(parts) if part is Ellipsis)
        return [*parts[:at], *rest, *parts[at + 1 :]]
    return parts + rest


def _basic(
    call: Call, x: str, sizes: tuple[Size, ...], key: list[Any]
) -> tuple[str, tuple[Size, ...], list[tuple[int, int]], list[int]]:
    """The slices and whole numbers; then where the arrays stand, and the new axes."""
    slices: list[tuple[int, int, int, int]] = []  # of starts, ends, axes, steps
    arrays: list[tuple[int, int]] = []  # the axis, and the operand's place
    left: list[Size] = []
    dropped: list[int] = []
    new: list[int] = []
    axis = place = 0
    for part in key:
        if part is None:
            new.append(place)
            place += 1
            continue
        size = sizes[axis]
        if isinstance(part, str):
            arrays.append((len(left), len(arrays) + 1))
            left.append(size)
            place += 1
        elif isinstance(part, slice):
            if part != slice(None):
                first, last, step = _ends(call, part, size)
                slices.append((first, last, axis, step))
                size = _sliced(call, part, size)
            left.append(size)
            place += 1
        else:
            first = int(part)
            last = first + 1 if first != -1 else np.iinfo(np.int64).max
            slices.append((first, last, axis, 1))
            dropped.append(axis)
        axis += 1
    if slices:
        x = str(call.add("Slice", x, *map(call.whole, zip(*slices, strict=True))))
    if dropped:
        x = str(call.add("Squeeze", x, call.whole(dropped)))
    if arrays and (new or dropped):
        raise CannotExport(
            f"{call.where}: the key mixes arrays with None or whole numbers. Index in two steps, "
            "for example x[:, 0][places]."
        )
    return x, tuple(left), arrays, new


def _ends(call: Call, part: slice, size: Size) -> tuple[int, int, int]:
    """Where a slice begins and ends, as ONNX says it: negative numbers count from the end."""
    step = 1 if part.step is None else int(part.step)
    if not size.per:
        first, last, step = part.indices(size.plus)
        return first, (np.iinfo(np.int64).min if last < 0 else last), step
    edge = np.iinfo(np.int64)
    first = (0 if step > 0 else edge.max) if part.start is None else int(part.start)
    last = (edge.max if step > 0 else edge.min) if part.stop is None else int(part.stop)
    return first, last, step


def _sliced(call: Call, part: slice, size: Size) -> Size:
    """The length after a slice."""
    one, two = call.writer.recording.batch
    lengths = (len(range(size.per * n + size.plus)[part]) for n in (one, two))
    return call.writer.recording.size(call.where, *lengths)


def _advanced(call: Call, x: str, sizes: tuple[Size, ...], arrays: list[tuple[int, int]]) -> str:
    """Arrays of places, for one axis or several."""
    axes = [axis for axis, _ in arrays]
    if len(arrays) == 1:
        ((axis, place),) = arrays
        pair = call.step.inputs[place]
        if np.asarray(pair[0]).dtype.kind != "b":
            return str(call.add("Gather", x, call.operand(place, None), axis=axis))
    kinds = {np.asarray(call.step.inputs[place][0]).dtype.kind for _, place in arrays}
    if "b" in kinds:
        return _by_mask(call, x, sizes, arrays)
    together = axes == list(range(axes[0], axes[0] + len(axes)))
    at = axes[0] if together else 0
    others = [axis for axis in range(len(sizes)) if axis not in axes]
    order = [*others[:at], *axes, *others[at:]]
    if order != list(range(len(sizes))):
        x = str(call.add("Transpose", x, perm=order))
    lengths = [sizes[axis] for axis in axes]
    inner = [call.fixed(size, "the length of an indexed axis") for size in lengths[1:]]
    row = Size(lengths[0].per * int(np.prod(inner)), lengths[0].plus * int(np.prod(inner)))
    moved = tuple(sizes[axis] for axis in order)
    after = (*moved[:at], row, *moved[at + len(axes) :])
    x = call.reshaped(x, moved, after)
    total = None
    for number, (_, place) in enumerate(arrays):
        places = call.operand(place, np.int64)
        size = lengths[number]
        if any(np.min(one, initial=0) < 0 for one in call.step.inputs[place]):
            below = call.add("Less", places, call.whole(0))
            wrapped = call.add("Add", places, call.length(size))
            places = call.add("Where", below, wrapped, places)
        stride = int(np.prod(inner[number:]))
        if stride != 1:
            places = call.add("Mul", places, call.whole(stride))
        total = places if total is None else call.add("Add", total, places)
    return str(call.add("Gather", x, str(total), axis=at))


def _by_mask(call: Call, x: str, sizes: tuple[Size, ...], arrays: list[tuple[int, int]]) -> str:
    """One mask along one axis that does not change: the places where it holds."""
    ((axis, place), *more) = arrays
    one, two = (np.asarray(each) for each in call.step.inputs[place])
    if more or one.ndim != 1 or not np.array_equal(one, two):
        raise CannotExport(
            f"{call.where}: the key holds a mask of shape {one.shape}. Only one fixed mask of one "
            "axis can be written; use np.where, or the places, np.nonzero(mask)."
        )
    return str(call.add("Gather", x, call.whole(np.nonzero(one)[0]), axis=axis))


@translates("scatter_add")
def scatter_add(call: Call) -> str:
    """Zeros around an array, if slices say where it goes; otherwise added at places."""
    x, key = call.operand(0), call.settings["key"]
    out = call.sizes(call.result)
    if call.count == 1:
        return _margin(call, x, key, out)
    if key != ("array",) * len(key):
        raise CannotExport(
            f"{call.where}: the key mixes arrays with slices. Give an array for each axis."
        )
    zeros = call.expanded(call.number(np.zeros((1,) * len(out))), out)
    spread = np.broadcast_shapes(*(np.shape(one) for one, _ in call.step.inputs[1:]))
    each = []
    for place in range(1, call.count):
        places = call.operand(place, np.int64)
        if any(np.min(one, initial=0) < 0 for one in call.step.inputs[place]):
            below = call.add("Less", places, call.whole(0))
            wrapped = call.add("Add", places, call.length(out[place - 1]))
            places = call.add("Where", below, wrapped, places)
        if len(spread) and call.count > 2:
            places = call.add("Expand", places, call.whole(spread))
        each.append(call.add("Unsqueeze", places, call.whole([-1])))
    index = each[0] if len(each) == 1 else call.add("Concat", *each, axis=-1)
    return str(call.add("ScatterND", zeros, index, x, reduction="add"))


def _margin(call: Call, x: str, key: Any, out: tuple[Size, ...]) -> str:
    """What a slice of zeros is set to, as the array with a margin of zeros."""
    key = _spread(key if isinstance(key, tuple) else (key,), out)
    sizes, before, after = call.shape(0), [], []
    for part, size, whole in zip(key, sizes, out, strict=False):
        if (
            not isinstance(part, slice)
            or (part.step or 1) != 1
            or (whole.per and part != slice(None))
        ):
            raise CannotExport(
                f"{call.where}: the key {part!r} leaves gaps. Only slices without a step can be "
                "written."
            )
        first = 0 if whole.per else part.indices(whole.plus)[0]
        before.append(first)
        after.append(0 if whole.per else whole.plus - first - size.plus)
    return str(call.add("Pad", x, call.whole([*before, *after])))
