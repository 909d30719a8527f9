"""The ops that move numbers and change none: shapes, the order of axes, joining, windows.

A length that depends on the number of samples is not written down: ``Call.reshaped`` leaves it to
the runtime, or computes it from the input's shape.
"""

from __future__ import annotations

import numpy as np

from .table import translates
from .writer import Call


@translates("reshape")
def reshape(call: Call) -> str:
    """The result's shape, as far as it is fixed."""
    return call.reshaped(call.operand(0), call.shape(0), call.sizes(call.result))


@translates("expand_dims")
def expand_dims(call: Call) -> str:
    """Axes of length 1 more."""
    axes = np.atleast_1d(call.settings["axis"])
    return str(call.add("Unsqueeze", call.operand(0), call.whole(axes)))


@translates("squeeze")
def squeeze(call: Call) -> str:
    """The axes are named, so that a batch of one keeps its axis."""
    axis = call.settings["axis"]
    if axis is None:
        axis = [i for i, size in enumerate(call.shape(0)) if not size.per and size.plus == 1]
    return str(call.add("Squeeze", call.operand(0), call.whole(np.atleast_1d(axis))))


@translates("broadcast_to")
def broadcast_to(call: Call) -> str:
    """Repeated up to a shape, which may hold the number of samples."""
    return call.expanded(call.operand(0), call.sizes(call.result))


@translates("transpose")
def transpose(call: Call) -> str:
    """The order of the axes, or all reversed."""
    rank, axes = call.ndim(0), call.settings["axes"]
    if not rank:
        return str(call.add("Identity", call.operand(0)))
    order = range(rank)[::-1] if axes is None else (axis % rank for axis in axes)
    return str(call.add("Transpose", call.operand(0), perm=[int(axis) for axis in order]))


@translates("swapaxes")
def swapaxes(call: Call) -> str:
    """Two axes exchanged."""
    order = list(range(call.ndim(0)))
    one, two = call.settings["axis1"], call.settings["axis2"]
    order[one], order[two] = order[two], order[one]
    return str(call.add("Transpose", call.operand(0), perm=order))


@translates("astype")
def astype(call: Call) -> str:
    """From one dtype to the other."""
    return call.cast(call.operand(0, None), call.dtype)


@translates("concatenate")
def concatenate(call: Call) -> str:
    """Joined along an axis."""
    return str(call.add("Concat", *call.operands(), axis=int(call.settings["axis"])))


@translates("stack")
def stack(call: Call) -> str:
    """Each with a new axis, joined along it."""
    axis = int(call.settings["axis"]) % (call.ndim(0) + 1)
    parts = [call.add("Unsqueeze", one, call.whole([axis])) for one in call.operands()]
    return str(call.add("Concat", *parts, axis=axis))


@translates("unstacked")
def unstacked(call: Call) -> tuple[str, ...]:
    """The slices along the first axis, each by its place."""
    x, count = call.operand(0), call.fixed(call.shape(0)[0], "the number of steps")
    return tuple(str(call.add("Gather", x, call.whole(i), axis=0)) for i in range(count))


@translates("sliding_window_view")
def sliding_window_view(call: Call) -> str:
    """The places of each window are taken along its axis; then windows become the last axes."""
    how, rank = call.settings, call.ndim(0)
    axes, windows = how["axis"], how["window_shape"]
    steps, gaps = (how[name] or (1,) * len(axes) for name in ("stride", "dilation"))
    x, order = call.operand(0), list(range(rank))  # the axes of x as they stand
    for number, (axis, width, step, gap) in enumerate(zip(axes, windows, steps, gaps, strict=True)):
        place = order.index(axis)
        size = call.shape(0)[axis]
        if axis in axes[:number]:
            size = size._replace(
                plus=size.plus
                - sum(w - 1 for a, w in zip(axes[:number], windows, strict=False) if a == axis)
            )
        count = call.fixed(size, "the length of a window's axis")
        starts = np.arange(0, count - gap * (width - 1), step)
        places = starts[:, None] + gap * np.arange(width)
        x = str(call.add("Gather", x, call.whole(places), axis=place))
        order.insert(place + 1, rank + number)
    back = [order.index(axis) for axis in range(rank + len(axes))]
    return str(call.add("Transpose", x, perm=back))
