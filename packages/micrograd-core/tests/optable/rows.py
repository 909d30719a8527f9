"""What is a row of the table of ops, and where do its numbers come from?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from micrograd.engine import ops
from micrograd.engine.testing import Sample, sample

Domain = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
Function = Callable[..., Any]


def real(rng: np.random.Generator, shape: tuple[int, ...] = (2, 3)) -> np.ndarray:
    """Distinct numbers on both sides of 0, none near it or near each other: no kink, no tie."""
    count = int(np.prod(shape))
    grid = (np.arange(count) + 0.5 + rng.uniform(-0.3, 0.3, count)) / max(count, 1)
    return (rng.permutation(grid) * 3.8 + 0.1).reshape(shape) * rng.choice([-1.0, 1.0], shape)


def positive(rng: np.random.Generator, shape: tuple[int, ...] = (2, 3)) -> np.ndarray:
    return np.asarray(rng.uniform(0.2, 2.0, shape))


def inside(rng: np.random.Generator, shape: tuple[int, ...] = (2, 3)) -> np.ndarray:
    """Between −1 and 1, neither near."""
    return np.asarray(rng.uniform(-0.9, 0.9, shape))


def above_one(rng: np.random.Generator, shape: tuple[int, ...] = (2, 3)) -> np.ndarray:
    return np.asarray(rng.uniform(1.2, 3.0, shape))


def broken(rng: np.random.Generator, shape: tuple[int, ...] = (2, 3)) -> np.ndarray:
    """Numbers with a fraction near ½, so that none is near where rounding jumps."""
    whole = rng.integers(-3, 4, shape)
    return np.asarray(whole + rng.uniform(0.3, 0.45, shape))


def truth(rng: np.random.Generator, shape: tuple[int, ...] = (2, 3)) -> np.ndarray:
    return np.asarray(rng.uniform(size=shape) < 0.5)


@dataclass(frozen=True)
class Row:
    """An op, the function that gives the right result, and calls of it."""

    function: Function
    reference: Function
    calls: list[Sample] = field(default_factory=list)
    domains: tuple[Domain, ...] = ()  # of an elementwise op
    by_numpy: bool = False  # the reference is NumPy's function, which Values may be given to
    plain: bool = False  # the result has no gradient

    def samples(self, rng: np.random.Generator) -> list[Sample]:
        if self.domains:
            return [sample(*(domain(rng, (2, 3)) for domain in self.domains)), *self.calls]
        return self.calls


def numpys(path: str) -> Function:
    """NumPy's function, as "exp" or "linalg.inv"."""
    found: Function = reduce(getattr, path.split("."), np)
    return found


def elementwise(name: str, *domains: Domain, calls: Any = (), reference: Any = None) -> Row:
    by_numpy = reference is None
    reference = getattr(np, name) if by_numpy else reference
    return Row(getattr(ops, name), reference, list(calls), domains, by_numpy)


def calls(function: Function, reference: Function, *samples: Sample) -> Row:
    """A row whose reference is not NumPy's function."""
    return Row(function, reference, list(samples))


def like(path: str, *samples: Sample, to: Any = None) -> Row:
    """A row for the function of the same name in NumPy.

    ``to`` adapts both functions to arrays as arguments and settings by name.
    """
    ours, theirs = getattr(ops, path.rpartition(".")[2]), numpys(path)
    if to is not None:
        ours, theirs = to(ours), to(theirs)
    return Row(ours, theirs, list(samples), (), by_numpy=True)


def on_a_list(function: Function) -> Function:
    """A function of a list of arrays, with the arrays as arguments."""
    return lambda *arrays, **settings: function(list(arrays), **settings)


def by_position(*names: str) -> Callable[[Function], Function]:
    """Settings that go by position, behind the arrays."""

    def adapt(function: Function) -> Function:
        def call(*arrays: Any, **settings: Any) -> Any:
            placed = [settings.pop(name) for name in names if name in settings]
            return function(*arrays, *placed, **settings)

        return call

    return adapt


_rng = np.random.default_rng(7)


def a(*shape: int) -> np.ndarray:
    """Distinct numbers, none near 0."""
    return real(_rng, shape)


def p(*shape: int) -> np.ndarray:
    """Positive numbers."""
    return positive(_rng, shape)


def m(*shape: int) -> np.ndarray:
    """Truth values."""
    return truth(_rng, shape)


def regular(*shape: int) -> np.ndarray:
    """Matrices that are far from singular."""
    return np.asarray(_rng.uniform(-0.5, 0.5, shape) + 2.0 * np.eye(*shape[-2:]))
