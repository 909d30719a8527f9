"""What the suites of this package share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

Function = Callable[..., float]


@pytest.fixture
def rng() -> np.random.Generator:
    """Randomness that is the same in every run; no test seeds anything else."""
    return np.random.default_rng(20240229)


def central(f: Function, arrays: list[np.ndarray], position: int, h: float = 1e-6) -> np.ndarray:
    """The gradient of ``f(*arrays)`` for one of its arrays, by central differences."""
    slope = np.zeros(arrays[position].shape)
    for index in np.ndindex(slope.shape):
        ends = []
        for sign in (1.0, -1.0):
            moved = [array.copy() for array in arrays]
            moved[position][index] += sign * h
            ends.append(float(f(*moved)))
        slope[index] = (ends[0] - ends[1]) / (2.0 * h)
    return slope


@pytest.fixture(name="central")
def central_fixture() -> Callable[..., np.ndarray]:
    """``central(f, arrays, position)``: what a gradient is measured against."""
    return central
