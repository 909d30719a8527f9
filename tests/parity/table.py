"""What is a case, and how does one draw a random shape?"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from .inputs import Array, Input, Shape, Stream

Rng = np.random.Generator


@dataclass(frozen=True)
class Case:
    """One call: an op or a loss by its name, its arguments, its settings."""

    subject: str
    inputs: tuple[Input, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    salt: int = 0  # other numbers for the same call

    @property
    def name(self) -> str:
        """What tells this case from all others."""
        arguments = [one.label for one in self.inputs]
        arguments += [f"{name}={value}" for name, value in self.settings.items()]
        return f"{self.subject}: {', '.join(arguments)}"

    @property
    def seed(self) -> int:
        """What its numbers come from; made from the name, and kept in the reference file."""
        return zlib.crc32(self.name.encode(), self.salt)

    def draw(self) -> tuple[tuple[Any, ...], Stream]:
        """Its arguments, and the stream that further numbers of this case come from."""
        stream = Stream(self.seed)
        return tuple(one.make(stream) for one in self.inputs), stream


class Result(NamedTuple):
    """What a case gives: its output, and the gradient of each argument that takes one."""

    output: Array
    gradients: list[Array]


@dataclass(frozen=True)
class Subject:
    """An op or a loss: its recorded cases, and how to draw further ones."""

    name: str
    cases: tuple[Case, ...]
    draw: Callable[[Rng], Case]


SUBJECTS: dict[str, Subject] = {}


def enter(name: str, cases: Iterator[Case] | list[Case], draw: Callable[[Rng], Case]) -> None:
    SUBJECTS[name] = Subject(name, tuple(cases), draw)


# --- random shapes -------------------------------------------------------------------------------


def some(rng: Rng, *choices: Any) -> Any:
    return choices[rng.integers(len(choices))]


def some_shape(rng: Rng, least: int = 0, most: int = 4) -> Shape:
    """A shape of a random rank, with sizes from 1 to 4."""
    return tuple(int(n) for n in rng.integers(1, 5, size=rng.integers(least, most + 1)))


def some_broadcasting(rng: Rng, count: int, least: int = 0) -> tuple[Shape, ...]:
    """Shapes that broadcast against each other: axes of one shape left out, or made 1."""
    full = some_shape(rng, least)

    def part() -> Shape:
        kept = full[rng.integers(len(full) + 1) :]
        return tuple(1 if rng.random() < 0.3 else n for n in kept)

    return tuple(part() for _ in range(count))


def some_axes(rng: Rng, rank: int) -> Any:
    """None, one axis, or a tuple of some; negative at times."""
    if rank == 0 or rng.random() < 0.2:
        return None
    axes = rng.permutation(rank)[: rng.integers(1, rank + 1)]
    signed = tuple(int(a) - rank * int(rng.integers(2)) for a in axes)
    return signed if rng.random() < 0.5 else signed[0]
