"""How large is a network, and what does one pass through it cost?

Nothing is guessed from the sizes of the layers: the network runs once, on zeros or on an example,
and what each module returns and multiplies is written down.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np

from micrograd.engine import Value, ops
from micrograd.engine.modes import changed

from .convolution import weigh
from .module import Module, observed
from .parts import own

Shape = tuple[int, ...]
# Their sums run over the last axis of what comes first.
PRODUCTS = [function.op for function in (ops.matmul, ops.linear, weigh)]


class Layer(NamedTuple):
    """What one module has and does itself, without the modules in it."""

    path: str  # "" for the whole
    depth: int  # how many modules hold it
    text: str  # as a printed network names it
    outputs: tuple[Shape, ...]  # the shapes of what it returned last
    calls: int
    parameters: int
    trainable: int
    multiply_adds: int


class Summary(NamedTuple):
    """What ``summary`` found; printed, it is a table."""

    layers: list[Layer]
    inputs: tuple[Shape, ...]
    parameters: int
    trainable: int
    buffers: int
    nbytes: int  # of parameters and buffers
    multiply_adds: int

    def __repr__(self) -> str:
        """The table: a line a module, what it holds indented below it, and the totals.

        The bar at the end of a line is its share of the multiply-adds.
        """
        return "\n".join(_table(self))


def summary(model: Module, *inputs: Any, depth: int | None = None) -> Summary:
    """Measure each module of ``model``: the shapes that it returns, its parameters, its cost.

    Each input is a shape, batch included, for which zeros are passed, or an example: an array or a
    Value (class numbers and masks have to be examples). The model runs once, in evaluation mode and
    without a graph, and stays as it was. Modules more than ``depth`` levels down are counted with
    the one that holds them.

    **Maths.** Multiply-adds are those of matrix products, by which the cost of a network is
    commonly told: (n, k) @ (k, m) is n·k·m of them. A convolution is such a product, so is
    attention, and einsum is one for each combination of its letters. What works number by number
    (biases, activations, normalisation) is not counted.

    **Errors.** TypeError for what is no module, no inputs, or an input that is neither a shape nor
    an array; ValueError for a ``depth`` below 0; the error of a layer that the inputs do not fit.

    **Example.**

    >>> from micrograd.nn import MLP
    >>> summary(MLP(784, [128, 10]), (1, 784))
    module                        output   parameters multiply-adds
    ---------------------------------------------------------------------
    MLP                           (1, 10)           -             -
      layers.0: Linear(784, 128)  (1, 128)    100,480       100,352 #####
      layers.1: Linear(128, 10)   (1, 10)       1,290         1,280
    ---------------------------------------------------------------------
    total                                     101,770       101,632
    for an input of shape (1, 784); 814.2 kB of parameters
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary got {type(model).__name__}. Pass a Module.")
    if not inputs:
        raise TypeError("summary has no input. Pass a shape, batch included, or an example.")
    if depth is not None and depth < 0:
        raise ValueError(f"summary: depth is {depth}. It must be at least 0, or None for all.")
    parameters = model.parameters()
    dtype = parameters[0].dtype if parameters else np.dtype(np.float64)
    given = [_example(one, position, dtype) for position, one in enumerate(inputs)]
    meters = _measured(model, given)
    layers = _layers(model, meters, depth)
    values = [*parameters, *model.buffers()]
    return Summary(
        layers,
        tuple(tuple(one.shape) for one in given),
        sum(layer.parameters for layer in layers),
        sum(layer.trainable for layer in layers),
        sum(one.size for one in model.buffers()),
        sum(one.data.nbytes for one in values),
        sum(layer.multiply_adds for layer in layers),
    )


def _example(given: Any, position: int, dtype: np.dtype[Any]) -> Any:
    if isinstance(given, tuple) and all(isinstance(n, (int, np.integer)) for n in given):
        given = np.zeros(given, dtype)
    if not isinstance(given, (np.ndarray, Value)):
        raise TypeError(
            f"summary: input {position} is of type {type(given).__name__}. Pass a shape, for "
            "example (1, 784), or an array."
        )
    # As a Value, so that every op on it is seen; class numbers and masks stay what they are.
    is_float = isinstance(given, np.ndarray) and given.dtype.kind == "f"
    return Value(given, requires_grad=False) if is_float else given


# -- measuring ----------------------------------------------------------------------------------


@dataclass
class Meter:
    """What has been seen of one module."""

    outputs: tuple[Shape, ...] = ()
    calls: int = 0
    multiply_adds: int = 0


class Watch:
    """Is told about each call of a module, and about each op (as ``detect_anomaly``'s watch is)."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.meters = {id(module): Meter() for module in modules}
        self.running: list[Meter] = [Meter()]

    def forward(self, module: Module, *args: Any, **settings: Any) -> Any:
        """Run a module's forward; one that nobody holds counts with the one that calls it."""
        meter = self.meters.get(id(module), self.running[-1])
        self.running.append(meter)
        out = module.forward(*args, **settings)
        self.running.pop()
        if id(module) in self.meters:
            meter.outputs, meter.calls = tuple(_shapes(out)), meter.calls + 1
        return out

    def after_forward(self, op: Any, operands: Sequence[Any], out: Any, result: Any) -> None:
        """Count what an op multiplied."""
        shapes = [np.shape(getattr(one, "_array", one)) for one in operands]
        if op in PRODUCTS:
            cost = np.size(out) * shapes[0][-1]
        elif op.name == "einsum":
            cost = _einsum(shapes, result.settings["terms"])
        else:
            return
        self.running[-1].multiply_adds += int(cost)


def _einsum(shapes: Sequence[Shape], terms: Sequence[str]) -> int:
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        for letter, n in zip(term, shape, strict=True):
            sizes[letter] = max(n, sizes.get(letter, n))
    return prod(sizes.values()) * (len(terms) - 1)


def _shapes(out: Any) -> Iterator[Shape]:
    if isinstance(out, (Value, np.ndarray, np.generic)):
        yield out.shape
    elif isinstance(out, (list, tuple, Mapping)):
        for one in out.values() if isinstance(out, Mapping) else out:
            yield from _shapes(one)


def _measured(model: Module, given: Sequence[Any]) -> dict[int, Meter]:
    """Run the model once, and leave it as it was."""
    modules = model.modules()
    watch = Watch(modules)
    modes = [module.training for module in modules]
    kept = [(buffer, buffer.data.copy()) for buffer in model.buffers()]
    model.eval()
    try:
        with changed(recording=False, watch=watch), observed(watch.forward):
            model(*given)
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
        for buffer, data in kept:
            buffer.data = data
    return watch.meters


def _layers(model: Module, meters: Mapping[int, Meter], depth: int | None) -> list[Layer]:
    """A row for each module, down to a depth; what lies deeper goes to the row above it."""
    layers: list[Layer] = []
    holders: list[str] = []  # the paths of the modules that hold the one at hand
    counted: set[int] = set()
    for path, module in model.named_modules():
        while holders and holders[-1] and not path.startswith(f"{holders[-1]}."):
            holders.pop()
        held = [v for _, v, buffer in own(module) if isinstance(v, Value) and not buffer]
        values = [one for one in held if id(one) not in counted]
        counted.update(map(id, values))
        meter, extra = meters[id(module)], module.extra_repr()
        layer = Layer(
            path,
            len(holders),
            type(module).__name__ + (f"({extra})" if extra else ""),
            meter.outputs,
            meter.calls,
            sum(one.size for one in values),
            sum(one.size for one in values if one.requires_grad),
            meter.multiply_adds,
        )
        holders.append(path)
        if depth is None or layer.depth <= depth:
            layers.append(layer)
        else:
            above = layers[-1]
            layers[-1] = above._replace(
                parameters=above.parameters + layer.parameters,
                trainable=above.trainable + layer.trainable,
                multiply_adds=above.multiply_adds + layer.multiply_adds,
            )
    return layers


# -- printing -----------------------------------------------------------------------------------

WIDTH = 80


def _table(found: Summary) -> Iterator[str]:
    names, outputs = ["module"], ["output"]
    holders: list[str] = []
    for layer in found.layers:
        del holders[layer.depth :]
        above = holders[-1] if holders else ""
        holders.append(layer.path)
        within = layer.path.removeprefix(f"{above}.") if above else layer.path
        names.append("  " * layer.depth + (f"{within}: " if within else "") + layer.text)
        outputs.append(_returned(layer))
    second = min(max(map(len, outputs)), 24)
    first = min(max(map(len, names)), WIDTH - second - 33)
    lines = [
        f"{_cut(name, first):{first}}  {_cut(output, second):{second}}"
        for name, output in zip(names, outputs, strict=True)
    ]
    rule = "-" * (first + second + 33)
    yield f"{lines[0]}{'parameters':>11}{'multiply-adds':>14}"
    yield rule
    for line, layer in zip(lines[1:], found.layers, strict=True):
        bar = "#" * round(5 * layer.multiply_adds / (found.multiply_adds or 1))
        numbers = f"{_count(layer.parameters):>11}{_count(layer.multiply_adds):>14}"
        yield f"{line}{numbers} {bar}".rstrip()
    yield rule
    yield f"{'total':{first + second + 2}}{found.parameters:>11,}{found.multiply_adds:>14,}"
    for what, count in (("frozen", found.parameters - found.trainable), ("buffers", found.buffers)):
        if count:
            yield f"{what:{first + second + 2}}{count:>11,}"
    yield from textwrap.wrap(_remarks(found), WIDTH)


def _returned(layer: Layer) -> str:
    if not layer.calls:
        return "not called"
    text = str(layer.outputs[0]) if layer.outputs else "no array"
    times = f"{layer.calls} x " if layer.calls > 1 else ""
    return times + text + ", ..." * (len(layer.outputs) > 1)


def _count(number: int) -> str:
    return f"{number:,}" if number else "-"


def _cut(text: str, width: int) -> str:
    """The text, with as many of its settings as there is room for."""
    short = text
    while len(short) > width and ", " in short.removesuffix(", ...)"):
        short = short.removesuffix(", ...)").rpartition(", ")[0] + ", ...)"
    return short if len(short) <= width else text[: width - 3] + "..."


def _remarks(found: Summary) -> str:
    """What the total is for, and what does not stand in the columns."""
    many = "an input of shape" if len(found.inputs) == 1 else "inputs of shapes"
    size = float(found.nbytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    what = "parameters and buffers" if found.buffers else "parameters"
    told = [f"for {many} {', '.join(map(str, found.inputs))}"]
    told.append(f"{size:.{1 if unit != 'B' else 0}f} {unit} of {what}")
    return "; ".join(told)
