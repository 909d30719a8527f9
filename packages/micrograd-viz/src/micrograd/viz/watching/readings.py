"""What is left of a sample, and what is remarkable about it?

A reading holds a few numbers of one layer at one step, a sample the readings of all layers. The
history keeps at most `KEPT` samples: when it is full, it drops every second one, and from then on
takes every second one, so that it reaches over the whole training whatever its length.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .counting import SATURATES, Array, Tally
from .layers import Layer

KEPT = 1000

MANY = 0.5
"""The share of units that are dead, or of outputs that are saturated, from which on it is told."""

FADED = 1e-3
"""A gradient so much smaller than the last layer's vanishes; one larger by as much explodes."""

EXPLODED = 100.0
"""A gradient of this size explodes whatever the last layer's is."""


@dataclass(frozen=True)
class Reading:
    """A layer at one step; None is what is not known.

    ``output_mean``, ``output_std``, ``zeros``, ``saturated`` (shares of all numbers), ``dead`` (a
    share of units) and ``output_gradient`` (root mean square) are about what left the layer, behind
    its activation ``bend``: known when rules ran. ``gradient_norm``, ``weight_norm`` and ``update``
    (the length of the step as a share of that of the weights) are about all its parameters.
    """

    layer: str
    bend: str
    output_mean: float | None
    output_std: float | None
    zeros: float | None
    dead: float | None
    saturated: float | None
    output_gradient: float | None
    gradient_norm: float | None
    weight_norm: float
    update: float | None
    size: int
    finite: bool

    @property
    def name(self) -> str:
        """The path of the layer; parameters that are the model's own have none."""
        return self.layer or "(model)"


@dataclass(frozen=True)
class Sample:
    """All layers at one step."""

    step: int
    readings: tuple[Reading, ...]

    @property
    def heard(self) -> bool:
        """Whether rules ran that told what came out of layers."""
        return any(reading.output_mean is not None for reading in self.readings)

    def flags(self) -> list[list[str]]:
        """What is wrong with each layer, in the order of the readings.

        Gradients are held against that of the last layer that has one.
        """
        sizes = [_gradient(reading, self.heard) for reading in self.readings]
        last = next((size for size in reversed(sizes) if size is not None), 0.0)
        pairs = zip(self.readings, sizes, strict=True)
        return [list(_flags(reading, size, last)) for reading, size in pairs]


class History:
    """Samples, thinned out when there are too many."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.last: Sample | None = None
        self._taken, self._stride = 0, 1

    def add(self, sample: Sample) -> None:
        """Keep a sample, if it is one of those to keep; `last` it is in any case."""
        self.last = sample
        if self._taken % self._stride == 0:
            self.samples.append(sample)
            if len(self.samples) > KEPT:
                del self.samples[1::2]
                self._stride *= 2
        self._taken += 1


def read(layer: Layer, tally: Tally | None, before: Sequence[Array]) -> Reading:
    """The numbers of a layer, where its parameters were `before` the step."""
    after = [parameter.data for parameter in layer.parameters]
    gradients = [parameter.grad for parameter in layer.parameters if parameter.has_grad]
    weights = norm(before)
    with np.errstate(invalid="ignore", over="ignore"):  # it is flagged, and need not be warned of
        step = norm([new - old for new, old in zip(after, before, strict=True)])
    gradient = norm(gradients) if gradients else None
    seen: dict[str, Any] = dict.fromkeys(
        ("output_mean", "output_std", "zeros", "dead", "saturated", "output_gradient")
    )
    if tally is not None and tally.size:
        counted = max(tally.size - tally.broken, 1)
        mean = tally.total / counted
        seen["output_mean"] = mean
        seen["output_std"] = math.sqrt(max(tally.squares / counted - mean * mean, 0.0))
        seen["zeros"] = tally.zeros / tally.size
        seen["dead"] = tally.dead
        seen["saturated"] = tally.saturated / tally.size if tally.bend in SATURATES else None
        seen["output_gradient"] = math.sqrt(tally.gradient_squares / tally.size)
    known = [weights, step, *([] if gradient is None else [gradient])]
    return Reading(
        layer=layer.path,
        bend=tally.bend if tally is not None else "",
        gradient_norm=gradient,
        weight_norm=weights,
        update=step / weights if weights else None,
        size=sum(parameter.size for parameter in layer.parameters),
        finite=all(map(math.isfinite, known)) and not (tally is not None and tally.broken),
        **seen,
    )


def norm(arrays: Sequence[Array]) -> float:
    """The length of all arrays together, as one vector.

    >>> norm([np.array([3.0]), np.array([[4.0]])])
    5.0
    """
    rows = [np.asarray(array, np.float64).ravel() for array in arrays]
    return math.sqrt(sum(float(np.dot(row, row)) for row in rows))


def _gradient(reading: Reading, heard: bool) -> float | None:
    """How large the gradient is that reached a layer, or else that of a weight in it."""
    if heard:
        return reading.output_gradient
    if reading.gradient_norm is None or not reading.size:
        return None
    return reading.gradient_norm / math.sqrt(reading.size)


def _flags(reading: Reading, size: float | None, last: float) -> Iterator[str]:
    """The worst one first."""
    if not reading.finite:
        yield "not finite"
    if size is not None and (size > last / FADED > 0.0 or size >= EXPLODED):
        yield "exploding"
    if size is not None and size < FADED * last:
        yield "vanishing"
    if reading.dead is not None and reading.dead >= MANY:
        yield "dead"
    if reading.saturated is not None and reading.saturated >= MANY:
        yield "saturated"
