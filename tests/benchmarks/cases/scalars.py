"""Graphs of ten thousand scalar nodes, written with operators, as micrograd's own users write.

The functions take leaves of any library whose Values have ``+``, ``*`` and ``relu()``. The numbers
are chosen so that no relu is dead and no gradient vanishes on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

ROUNDS = 3333
WIDTH, LAYERS = 16, 19


@dataclass(frozen=True)
class ScalarCase:
    name: str
    title: str
    numbers: Sequence[float]
    build: Callable[[Sequence[Any]], Any]  # from leaves to one Value


def deep(leaves: Sequence[Any]) -> Any:
    """One node upon the other: 9,999 of them, as deep as there are."""
    x = leaves[0]
    for i in range(ROUNDS):
        a, b = leaves[1 + 2 * i % 64 : 3 + 2 * i % 64]
        x = (x * a + b).relu()
    return x


def wide(leaves: Sequence[Any]) -> Any:
    """A perceptron whose every weight is a Value: 10,047 nodes, in a shallow graph."""
    take = iter(leaves).__next__
    xs = [take() for _ in range(WIDTH)]
    for _ in range(LAYERS):
        following = []
        for _ in range(WIDTH):
            act = take()
            for x in xs:
                act = act + take() * x
            following.append(act.relu())
        xs = following
    total = xs[0]
    for x in xs[1:]:
        total = total + x
    return total


def cases() -> list[ScalarCase]:
    rng = np.random.default_rng(0)
    factors = rng.uniform(0.5, 2.0, 16)
    numbers = [1.0]
    for factor in factors:
        numbers += [factor, rng.uniform(0.0, 0.01), 1 / factor, rng.uniform(0.0, 0.01)]
    count = WIDTH + LAYERS * WIDTH * (WIDTH + 1)
    weights = rng.uniform(0.0, 2.0 / WIDTH, count)
    return [
        ScalarCase("scalars, deep", "3 x 3,333 nodes in a row", [*map(float, numbers)], deep),
        ScalarCase("scalars, wide", "MLP of 19 x 16 neurons", [*map(float, weights)], wide),
    ]
