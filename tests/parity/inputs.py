"""Which numbers go into a case?

They come from a seed, so the reference file need not hold them. NumPy promises that the bits of a
bit generator stay what they are in all its versions, but not what a `Generator` makes of them; so
the floats are made from the bits here.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]
Shape: TypeAlias = tuple[int, ...]


class Stream:
    """Numbers from a seed, the same with every NumPy."""

    def __init__(self, seed: int) -> None:
        self.bits = np.random.PCG64(seed)

    def uniform(self, shape: Shape, low: float = 0.0, high: float = 1.0) -> Array:
        """Evenly spread numbers: the upper 53 bits of each draw, as a fraction."""
        raw = np.asarray(self.bits.random_raw(prod(shape)), np.uint64)
        fractions = (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return np.reshape(low + (high - low) * fractions, shape)

    def integers(self, shape: Shape, stop: int) -> Array:
        """Whole numbers from 0 to stop − 1."""
        return np.asarray(self.uniform(shape) * stop, np.int64)  # the cast rounds down


@dataclass(frozen=True)
class Input:
    """One argument of a case: how it is told in the name of the case, and how it is made."""

    label: str
    make: Callable[[Stream], Any]
    differentiable: bool = True


def uniform(shape: Shape, low: float = -2.0, high: float = 2.0) -> Input:
    """Numbers that take a gradient."""
    return Input(str(shape), lambda stream: stream.uniform(shape, low, high))


def nonzero(shape: Shape) -> Input:
    """Numbers of both signs, none between −0.5 and 0.5."""

    def make(stream: Stream) -> Array:
        numbers = stream.uniform(shape, -1.5, 1.5)
        return numbers + np.where(numbers < 0.0, -0.5, 0.5)

    return Input(str(shape), make)


def matrices(shape: Shape) -> Input:
    """Matrices that are far from singular."""

    def make(stream: Stream) -> Array:
        return stream.uniform(shape, -0.5, 0.5) + 2.0 * np.eye(shape[-1])

    return Input(str(shape), make)


def fixed(numbers: Any) -> Input:
    """Numbers that are written down, and take a gradient."""
    return Input(f"{numbers}", lambda stream: np.array(numbers, np.float64))


def constant(thing: Any) -> Input:
    """A plain number, or a list of numbers that becomes a plain array: it takes no gradient."""
    make = np.array if isinstance(thing, list) else lambda one: one
    return Input(f"constant {thing}", lambda stream: make(thing), differentiable=False)


def labels(shape: Shape, classes: int) -> Input:
    """Class numbers."""
    told = f"labels {shape} of {classes}"
    return Input(told, lambda stream: stream.integers(shape, classes), differentiable=False)


def labels_or(shape: Shape, classes: int, ignored: int) -> Input:
    """Class numbers, about a third of which are `ignored`; the first is not."""

    def make(stream: Stream) -> Array:
        drawn, left_out = stream.integers(shape, classes), stream.integers(shape, 3) == 0
        left_out.reshape(-1)[:1] = False
        if 0 <= ignored < classes:
            drawn.reshape(-1)[:1] = (ignored + 1) % classes
        return np.where(left_out, ignored, drawn)

    return Input(f"labels {shape} of {classes} or {ignored}", make, differentiable=False)


def signs(shape: Shape) -> Input:
    """−1 and 1."""
    told = f"signs {shape}"
    return Input(told, lambda stream: 2.0 * stream.integers(shape, 2) - 1.0, differentiable=False)


def mask(shape: Shape) -> Input:
    """Truth values."""
    told = f"mask {shape}"
    return Input(told, lambda stream: stream.integers(shape, 2).astype(bool), differentiable=False)


def fingerprint(arrays: Sequence[Any]) -> int:
    """A number that tells whether a case still draws what it drew when it was recorded."""
    total = 0
    for one in map(np.asarray, arrays):
        little = one.astype(one.dtype.newbyteorder("<"))
        total = zlib.crc32(f"{one.dtype.name}{one.shape}".encode() + little.tobytes(), total)
    return total
