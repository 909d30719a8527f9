"""Are all ranks alike? What differs is named, with the rank, before it can spoil a training.

Ranks that begin with other weights, or draw other batches, compute on without any error, and learn
something that nobody asked for.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from micrograd.engine import Value

DISTRIBUTIONS = ("micrograd-core", "micrograd-nn", "micrograd-mpi", "numpy")

Facts = Mapping[str, str]


def require_same(comm: Any, facts: Facts, fix: str) -> None:
    """Refuse, on every rank, what is not the same as on rank 0; all ranks must ask.

    **Errors.** ValueError that names the rank and the first fact that differs.
    """
    first, *others = everybody = comm.allgather(dict(facts))
    if all(other == first for other in others):
        return
    for rank, theirs in enumerate(everybody):
        for name in {**first, **theirs}:
            here, there = theirs.get(name, "not there"), first.get(name, "not there")
            if here != there:
                raise ValueError(
                    f"micrograd-mpi: {name} is {here} on rank {rank}, but {there} on rank 0. {fix}"
                )


def versions() -> Facts:
    """The versions that compute."""
    return {f"the version of {name}": version(name) for name in DISTRIBUTIONS}


def shapes(named: Mapping[str, Value]) -> Facts:
    """What each parameter and buffer is."""
    return {
        name: f"{value.shape} {value.dtype}{'' if value.requires_grad else ', frozen'}"
        for name, value in named.items()
    }


def numbers(named: Mapping[str, Value]) -> Facts:
    """What each parameter and buffer holds, as a short sum over its bytes."""
    return {f"the content of {name}": checksum([value.data]) for name, value in named.items()}


def checksum(arrays: Iterable[Any]) -> str:
    """A number that differs, but for bad luck of one in four thousand million, if bytes do.

    >>> checksum([np.zeros(2)]) == checksum([np.zeros(2)]), checksum([np.zeros(2)])
    (True, 'checksum ecbb4b55')
    """
    total = 0
    for array in arrays:
        total = zlib.crc32(np.ascontiguousarray(array).data, total)
    return f"checksum {total:08x}"
