"""How does an array become a few counts?

What a layer puts out may come in several calls (a layer that is used twice, a batch in portions),
so counts must add up: their bins are known before the numbers are. Outputs are counted in equal
bins between −limit and limit, and when a number is larger, the limit doubles and two bins become
one, without error. Gradients differ by powers, so they are counted by their binary exponent.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 128
"""Of outputs, half of them below zero."""

OCTAVES = (-80, 16)
"""Gradients are counted by size, one bin for each doubling, from two to the first to the second."""

LOWEST = -900
"""The exponent of the least limit: so far below 1 it makes no difference."""

LARGEST = 1e300
"""Above it, a number counts as infinite."""

Array = npt.NDArray[Any]


class Spread:
    """How often numbers fell into equal bins between −limit and limit.

    >>> spread = Spread()
    >>> spread.add(np.array([-0.75, 0.25, 0.75]))
    >>> spread.limit, int(spread.counts.sum())
    (1.0, 3)
    >>> spread.add(np.array([3.0]))
    >>> spread.limit, [int(one) for one in spread.counts.nonzero()[0]]
    (4.0, [52, 68, 76, 112])
    """

    def __init__(self) -> None:
        self.counts = np.zeros(BINS, np.int64)
        self._exponent: int | None = None  # of the limit

    @property
    def limit(self) -> float:
        """Below which all numbers are in size: a power of two; 0 before the first number."""
        return 0.0 if self._exponent is None else math.ldexp(1.0, self._exponent)

    def add(self, numbers: Array) -> None:
        """Count finite numbers."""
        if not numbers.size:
            return
        largest = float(np.abs(numbers).max())
        self._reach(max(math.frexp(largest)[1] if largest else LOWEST, LOWEST))
        half = BINS // 2
        bins = np.floor(numbers * (half / self.limit)).astype(np.intp)  # exact: a power of two
        self.counts += np.bincount(bins + half, minlength=BINS)

    def edges(self) -> Array:
        """Where the bins begin and end."""
        return np.linspace(-self.limit, self.limit, BINS + 1)

    def _reach(self, exponent: int) -> None:
        """Widen the bins, if they do not reach so far."""
        if self._exponent is None:
            self._exponent = exponent
        if (doublings := exponent - self._exponent) > 0:
            half = BINS // 2
            before = np.arange(BINS) - half
            after = np.floor_divide(before, 2 ** min(doublings, BINS.bit_length()))
            folded = np.zeros_like(self.counts)
            np.add.at(folded, after + half, self.counts)
            self.counts, self._exponent = folded, exponent


class Sizes:
    """How often numbers had a size between two powers of two; zeros are counted apart.

    >>> sizes = Sizes()
    >>> sizes.add(np.array([0.0, 0.5, -0.75, 4.0]))
    >>> sizes.zeros, [(OCTAVES[0] + int(i), int(n)) for i, n in enumerate(sizes.counts) if n]
    (1, [(0, 2), (3, 1)])
    """

    def __init__(self) -> None:
        self.counts = np.zeros(OCTAVES[1] - OCTAVES[0] + 1, np.int64)
        self.zeros = 0

    def add(self, numbers: Array) -> None:
        """Count finite numbers. An exponent e stands for sizes from 2ᵉ⁻¹ up to 2ᵉ."""
        low, high = OCTAVES
        exponents = np.clip(np.frexp(numbers)[1], low, high) - low
        zeros = int(numbers.size - np.count_nonzero(numbers))
        self.counts += np.bincount(exponents, minlength=len(self.counts))
        self.counts[-low] -= zeros  # NumPy gives them the exponent 0
        self.zeros += zeros


class Tally:
    """What is counted of one layer in one sample: its outputs, and the gradients that came back."""

    def __init__(self) -> None:
        self.bend = ""  # the activation behind the layer
        self.outputs, self.gradients = Spread(), Sizes()
        self.size = self.zeros = self.saturated = self.broken = 0
        self.total = self.squares = self.gradient_squares = 0.0
        self._alive: dict[int, npt.NDArray[np.bool_]] = {}  # by the number of units

    def add(self, bend: str, output: Array, g: Array, along_second_axis: bool) -> None:
        """Count what one call put out, and the gradient that reached it."""
        self.bend = self.bend or bend
        numbers, gradients = self._finite(output), self._finite(g)
        self.size += output.size
        self.zeros += int(output.size - np.count_nonzero(output))
        self.total += float(numbers.sum())
        self.squares += float(np.dot(numbers, numbers))
        self.gradient_squares += float(np.dot(gradients, gradients))
        self.outputs.add(numbers)
        self.gradients.add(gradients)
        if bend == "relu":
            self._look_alive(output, along_second_axis or output.ndim == 4)
        elif bend in SATURATES:
            middle, most = SATURATES[bend]
            self.saturated += int(np.count_nonzero(np.abs(numbers - middle) > most))

    @property
    def dead(self) -> float | None:
        """The share of units that put out nothing but 0; None for what is no relu."""
        units = sum(map(len, self._alive.values()))
        alive = sum(int(np.count_nonzero(one)) for one in self._alive.values())
        return 1.0 - alive / units if units else None

    def spread(self) -> tuple[Array, Array]:
        """How often outputs fell between which edges, without those that are exactly 0."""
        counts = self.outputs.counts.copy()
        counts[BINS // 2] -= self.zeros
        return counts, self.outputs.edges()

    def _look_alive(self, output: Array, along_second_axis: bool) -> None:
        if not output.size:
            return
        axis = 1 if along_second_axis and output.ndim > 2 else output.ndim - 1
        others = tuple(one for one in range(output.ndim) if one != axis)
        alive = np.atleast_1d(output.any(axis=others))
        before = self._alive.get(len(alive))
        self._alive[len(alive)] = alive if before is None else before | alive

    def _finite(self, array: Array) -> Array:
        """The finite numbers in a row, as float64; the others are counted."""
        row = np.asarray(array, np.float64).ravel()
        if np.abs(row).max(initial=0.0) < LARGEST:  # not so if one is NaN
            return row
        kept = row[np.abs(row) < LARGEST]
        self.broken += len(row) - len(kept)
        return kept


SATURATES = {"tanh": (0.0, 0.97), "sigmoid": (0.5, 0.485)}
"""Of each activation the middle, and the distance from it beyond which hardly any gradient passes.

Karpathy's line for tanh, [makemore, part 3](https://www.youtube.com/watch?v=P6sfmUTpUmc); a sigmoid
is a tanh at half the height.
"""
