"""What does a model compute, and what of it depends on how many samples there are?

A forward pass answers the first: the calls of ops that it makes. For the second there is
another, with another number of samples. Where both have the same length, the file gets that number;
where they differ, the batch. A third one has numbers of every kind: an array that is not part of
the graph, but other there, was computed from the input behind our back, and a file would repeat the
one of the example, so it is refused.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from micrograd.engine import Value
from micrograd.engine.modes import changed

from ..module import Module
from .table import CannotExport
from .walking import Pair, Pass, Step, Watch, steady, walk

Draw = Callable[[np.ndarray, np.random.Generator], np.ndarray]


class Size(NamedTuple):
    """The length of an axis: ``per`` · batch + ``plus``."""

    per: int
    plus: int


class Recording(NamedTuple):
    """Two forward passes of one model."""

    inputs: dict[str, Pair]  # Values, or arrays of whole numbers
    steps: dict[int, Step]  # by the id of the call, in an order in which they can run
    outputs: list[Pair]
    names: dict[int, str]  # of parameters and buffers, by their id
    batch: tuple[int, int]  # how many samples each pass had
    axis: int | None

    def size(self, where: str, one: int, two: int) -> Size:
        """The length of an axis that was so long in the first pass, and so in the second."""
        first, second = self.batch
        if one != two and self.axis is None:
            raise CannotExport(
                f"{where}: an axis has length {one} for some numbers and {two} for others, and a "
                "file holds one shape. Compute the same shape from every input."
            )
        per = 0 if one == two else (two - one) / (second - first)
        if per != int(per):
            raise CannotExport(
                f"{where}: an axis of length {one} for {first} samples has length {two} for "
                f"{second}, which is no fixed number a sample. Export with batch_axis=None, for "
                "one number of samples."
            )
        return Size(int(per), one - int(per) * first)

    def shape(self, where: str, pair: Pair) -> tuple[Size, ...]:
        """The shape of something in both passes."""
        one, two = (np.shape(each) for each in pair)
        if len(one) != len(two):
            raise CannotExport(
                f"{where}: shape {one} for {self.batch[0]} samples, but {two} for "
                f"{self.batch[1]}. Let the number of axes not depend on the batch, or export with "
                "batch_axis=None."
            )
        return tuple(self.size(where, n, m) for n, m in zip(one, two, strict=True))


def record(model: Callable[..., Any], example: Any, axis: int | None) -> Recording:
    """Run a copy of the model, in evaluation mode, on two batches that are made of ``example``."""
    function, names = _apart(model)
    given = example if isinstance(example, tuple) else (example,)
    arrays = [_array(position, one, axis) for position, one in enumerate(given)]
    counts = [one.shape[axis] for one in arrays] if axis is not None else []
    if len(set(counts)) > 1:
        raise ValueError(
            f"export_onnx: the examples have {counts} samples along axis {axis}. Give each of "
            "them as many."
        )
    count = max(counts[0], 2) if counts else 0
    batch = (count, 2 * count) if counts else (0, 1)
    labels = _labels(function, len(arrays))
    rng = np.random.default_rng(0)

    def passed(size: int, draw: Draw) -> Pass:
        drawn = [draw(_repeated(one, axis, size), rng) for one in arrays]
        given: list[Any] = [
            Value(one, name) if one.dtype.kind == "f" else one
            for one, name in zip(drawn, labels, strict=True)
        ]
        watch = Watch()
        state: dict[str, Any] = {"recording": True, "scope": "", "watch": watch}
        with changed(**state), np.errstate(all="ignore"):
            return Pass(given, _outputs(function(*given)), watch)

    first, second = passed(batch[0], as_they_are), passed(batch[1], alike)
    steps, outputs = walk(first, second)
    try:
        third = passed(batch[1], wild)
    except Exception:  # a model may refuse such numbers; the second pass was right in any case
        third = second
    steady(walk(second, third)[0], second, third)
    inputs = dict(zip(labels, zip(first.given, second.given, strict=True), strict=True))
    return Recording(inputs, steps, outputs, names, batch, axis)


def _apart(model: Any) -> tuple[Callable[..., Any], dict[int, str]]:
    """What to run, and the names of its parameters.

    A module is copied, so that evaluation mode touches nobody else. A method of a module may be
    exported too: ``model.encode``.
    """
    module = getattr(model, "__self__", model)
    if not isinstance(module, Module):
        if not callable(model):
            raise TypeError(
                f"export_onnx of {type(model).__name__}. Pass a Module, a method of one, or a "
                "function of Values."
            )
        return model, {}
    other = copy.deepcopy(module).eval()
    names = {id(one): name for name, one in module._entries().items()}
    for name, one in other._entries().items():
        names[id(one)] = name
    return (other if module is model else getattr(other, model.__name__)), names


def _array(position: int, given: Any, axis: int | None) -> np.ndarray:
    array = given.data if isinstance(given, Value) else np.asarray(given)
    if array.dtype.kind not in "iu" and array.dtype not in (np.float64, np.float32):
        raise TypeError(
            f"export_onnx: example {position} has dtype {array.dtype}. Give float64, float32 or "
            "whole numbers, of the kind that the file shall take."
        )
    if axis is not None and (not -array.ndim <= axis < array.ndim or not array.shape[axis]):
        raise ValueError(
            f"export_onnx: example {position} has shape {array.shape}, so there is no sample "
            f"along axis {axis}. Give a batch of at least one, or batch_axis=None."
        )
    if array.dtype.kind in "iu" and array.size and array.min() == array.max():
        raise ValueError(
            f"export_onnx: example {position} holds only the number {array.flat[0]}, so nothing "
            "tells it from a constant. Give whole numbers of which two differ."
        )
    return array


def _repeated(array: np.ndarray, axis: int | None, count: int) -> np.ndarray:
    """A batch of ``count`` samples made of these."""
    if axis is None:
        return array
    return np.asarray(np.take(array, np.arange(count) % array.shape[axis], axis))


def as_they_are(array: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The numbers of the example."""
    return array.copy()


def alike(array: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other numbers of the same kind: what the model computes with those, it does with these."""
    if array.dtype.kind in "iu":
        low, high = int(array.min(initial=0)), int(array.max(initial=0))
        return rng.integers(low, high, array.shape, endpoint=True).astype(array.dtype)
    spread = 0.1 if array.size and array.min() == array.max() else 0.0
    mixed = rng.permutation(array.ravel()).reshape(array.shape) * rng.uniform(0.9, 1.0, array.shape)
    return np.asarray(mixed + spread * rng.normal(size=array.shape)).astype(array.dtype)


def wild(array: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Numbers of both signs, with a nan among them, by which any mask shows itself."""
    if array.dtype.kind in "iu":
        return alike(array, rng)
    scale = float(np.abs(array).max(initial=1.0))
    drawn = np.asarray(rng.normal(size=array.shape) * scale).astype(array.dtype)
    drawn.flat[:1] = np.nan
    return drawn


def _labels(function: Any, count: int) -> list[str]:
    """Names for the inputs: those of the forward's arguments."""
    forward = function.forward if isinstance(function, Module) else function
    try:
        found = [
            one.name
            for one in inspect.signature(forward).parameters.values()
            if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):  # of a function that does not tell
        found = []
    return [*found, *(f"input_{i}" for i in range(len(found), count))][:count]


def _outputs(tree: Any) -> list[Value]:
    """The Values in what a model returned, in order."""
    if isinstance(tree, Value):
        return [tree]
    if isinstance(tree, (list, tuple)):
        return [one for each in tree for one in _outputs(each)]
    if isinstance(tree, dict):
        return [one for each in tree.values() for one in _outputs(each)]
    if tree is None:
        return []
    raise CannotExport(
        f"export_onnx: the model returned {type(tree).__name__}, which is not part of the graph. "
        "Return Values: compute with them, and not with their .data, and compare outside."
    )
