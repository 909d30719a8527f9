"""The ops of layers: convolution, pooling, normalization, gates."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .recording import Size
from .shaping import sliding_window_view
from .table import translates
from .writer import Call


@translates("columns")
def columns(call: Call) -> str:
    """The windows of an image, as columns, for whoever wants them; a convolution does not."""
    how, rank = call.settings, call.ndim(0) - 2
    axes = tuple(range(2, rank + 2))
    windows = Call(call.writer, call.step)
    windows.settings = {
        "window_shape": how["window"],
        "axis": axes,
        "stride": how["stride"],
        "dilation": how["dilation"],
    }
    seen = sliding_window_view(windows)
    order = (0, 1, *range(2 + rank, 2 + 2 * rank), *axes)
    moved = str(call.add("Transpose", seen, perm=list(order)))
    return str(call.add("Reshape", moved, call.lengths(call.sizes(call.result))))


@translates("weigh")
def weigh(call: Call) -> str:
    """weight @ columns + bias: a convolution, if the columns are those of an image."""
    found = convolution(call)
    if found is not None:
        return found
    bias = call.reshaped(call.operand(2), call.shape(2), (*call.shape(0)[:-1], Size(0, 1)))
    return str(call.add("Add", call.add("MatMul", call.operand(0), call.operand(1)), bias))


def convolution(call: Call) -> str | None:
    """weight @ columns (+ bias) as one Conv; None if it is another product."""
    step = call.producer(1)
    if step is not None and step.op.name == "reshape":  # the groups of channels
        step = Call(call.writer, step).producer(0)
    if step is None or step.op.name != "columns":
        return None
    seen, how = Call(call.writer, step), step.settings
    weight = call.shape(0)
    groups = weight[0].plus if len(weight) == 3 else 1
    inner = seen.shape(0)[1].plus // groups
    if weight[-1].plus != inner * prod(how["window"]):
        return None
    outputs = weight[-2].plus * groups
    kernel = (outputs, inner, *how["window"])
    w = _as_stored(call, tuple(Size(0, n) for n in kernel))
    x, pads = _margins(seen)
    inputs = [x, w, call.operand(2)] if call.count == 3 else [x, w]
    lengths = [size.plus + sum(pair) for size, pair in zip(_inner(seen, pads), pads, strict=True)]
    places = [
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(lengths, how["window"], how["stride"], how["dilation"], strict=True)
    ]
    made = call.add(
        "Conv",
        *inputs,
        kernel_shape=list(how["window"]),
        strides=list(how["stride"]),
        dilations=list(how["dilation"]),
        group=groups,
        pads=[p[0] for p in pads] + [p[1] for p in pads],
    )
    sizes = (seen.shape(0)[0], *(Size(0, n) for n in (outputs, *places)))
    return call.reshaped(str(made), sizes, call.sizes(call.result))


def _as_stored(call: Call, kernel: tuple[Size, ...]) -> str:
    """The weight in the shape of a kernel: the parameter itself, if it was only reshaped."""
    step = call.producer(0)
    if step is not None and step.op.name == "reshape":
        inside = Call(call.writer, step)
        if inside.producer(0) is None and inside.shape(0) == kernel:
            return inside.operand(0)
    return call.reshaped(call.operand(0), call.shape(0), kernel)


def _margins(seen: Call) -> tuple[str, list[tuple[int, int]]]:
    """What the windows slide over, and the zeros around it that Conv can add itself."""
    rank = seen.ndim(0) - 2
    none = [(0, 0)] * rank
    step = seen.producer(0)
    if step is None or step.op.name != "scatter_add" or len(step.inputs) != 1:
        return seen.operand(0), none
    inside = Call(seen.writer, step)
    before, after = inside.shape(0)[2:], seen.shape(0)[2:]
    key = step.settings["key"][1:]
    pads = [
        (part.start, whole.plus - part.start - size.plus)
        for part, size, whole in zip(key, before, after, strict=True)
    ]
    return inside.operand(0), pads


def _inner(seen: Call, pads: list[tuple[int, int]]) -> list[Size]:
    """The lengths of what is convolved, without its margins."""
    return [
        size._replace(plus=seen.fixed(size, "the length of an image") - sum(pair))
        for size, pair in zip(seen.shape(0)[2:], pads, strict=True)
    ]


@translates("max_of_windows")
def max_of_windows(call: Call) -> str:
    """The largest number of each window."""
    how = call.settings
    given = {"kernel_shape": "window", "strides": "stride", "dilations": "dilation"}
    more: dict[str, Any] = {name: list(how[ours]) for name, ours in given.items() if how[ours]}
    return str(call.add("MaxPool", call.operand(0), **more))


@translates("mean_of_windows")
def mean_of_windows(call: Call) -> str:
    """The mean of each window; where fewer numbers count, their share of it."""
    how = call.settings
    window, stride = list(how["window"]), list(how["stride"])
    mean = str(call.add("AveragePool", call.operand(0), kernel_shape=window, strides=stride))
    counts = [np.asarray(one) for one in call.step.inputs[1]]
    if all(np.all(one == prod(window)) for one in counts):
        return mean
    total = call.add("Mul", mean, call.number(prod(window)))
    return str(call.add("Div", total, call.operand(1)))


@translates("normalized")
def normalized(call: Call) -> tuple[str, ...]:
    """(x − mean) / √(variance + ε): one node if only that is wanted, over the last axes."""
    x, sizes = call.operand(0), call.shape(0)
    eps = call.settings["eps"]
    axes = normalize_axis_tuple(call.settings["axis"], len(sizes))
    last = call.exact(eps) and axes == tuple(range(axes[0], len(sizes)))
    if last and set(call.step.results) == {0} and not any(size.per for size in sizes[axes[0] :]):
        ones = call.number(np.ones([size.plus for size in sizes[axes[0] :]]))
        how: dict[str, Any] = {"axis": axes[0], "epsilon": float(eps)}
        return (str(call.add("LayerNormalization", x, ones, **how)),)
    mean = call.add("ReduceMean", x, call.whole(axes))
    centred = call.add("Sub", x, mean)
    var = call.add("ReduceMean", call.add("Mul", centred, centred), call.whole(axes))
    deviation = call.add("Sqrt", call.add("Add", var, call.number(eps)))
    return call.add("Div", centred, deviation), mean, var


def parts(call: Call, x: str, place: int, count: int) -> tuple[str, ...]:
    """The last axis of an operand in equal parts."""
    length = call.fixed(call.shape(place)[-1], "the number of gates") // count
    found: tuple[str, ...] = call.add(
        "Split", x, call.whole([length] * count), count=count, axis=-1
    )
    return found


@translates("lstm_gates")
def lstm_gates(call: Call) -> str:
    """σ and tanh at once: s · tanh(s · a) + 1 − s, with s = ½ for σ and 1 for tanh."""
    a, width = call.operand(0), call.fixed(call.shape(0)[-1], "the number of gates")
    scale = np.repeat([0.5, 0.5, 1.0, 0.5], width // 4)
    s = call.number(scale)
    bent = call.add("Mul", s, call.add("Tanh", call.add("Mul", s, a)))
    return str(call.add("Add", bent, call.number(1.0 - scale)))


@translates("lstm_step")
def lstm_step(call: Call) -> tuple[str, ...]:
    """h′ = o · tanh(c′), c′ = f · c + i · g."""
    gates, c = call.operands()
    i, f, g, o = parts(call, gates, 0, 4)
    new = str(call.add("Add", call.add("Mul", f, c), call.add("Mul", i, g)))
    return str(call.add("Mul", o, call.add("Tanh", new))), new


@translates("gru_gates")
def gru_gates(call: Call) -> str:
    """r and z by σ; n = tanh(a_n + r · b_n)."""
    a, b = call.operands()
    (a_r, a_z, a_n), (b_r, b_z, b_n) = parts(call, a, 0, 3), parts(call, b, 1, 3)
    r = call.add("Sigmoid", call.add("Add", a_r, b_r))
    z = call.add("Sigmoid", call.add("Add", a_z, b_z))
    n = call.add("Tanh", call.add("Add", a_n, call.add("Mul", r, b_n)))
    return str(call.add("Concat", r, z, n, axis=-1))


@translates("gru_step")
def gru_step(call: Call) -> str:
    """h′ = n + z · (h − n)."""
    gates, h = call.operands()
    _, z, n = parts(call, gates, 0, 3)
    return str(call.add("Add", n, call.add("Mul", z, call.add("Sub", h, n))))
