"""Data-parallel training over MPI: every process learns from its part of each batch.

Each process (a rank) has the whole network and computes the gradient of its rows. One all-reduce a
step makes the gradient of the batch out of these, so that all ranks take the same step and stay
alike. ``workers`` holds that, ``sharding`` says which rows are whose, ``comparing`` refuses ranks
that are not alike, ``checkpoints`` and ``ending`` say how a job ends and goes on, and ``fitting``
puts them around micrograd.nn's ``fit``.

Importing this starts no MPI: micrograd loads what is installed in programs that never asked for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from micrograd.engine import Value, hookimpl

if TYPE_CHECKING:
    from .fitting import fit
    from .sharding import ShardedBatches, batches
    from .workers import DataParallel

__all__ = ["DataParallel", "ShardedBatches", "batches", "fit"]

_HOMES = {
    "DataParallel": "workers",
    "ShardedBatches": "sharding",
    "batches": "sharding",
    "fit": "fitting",
}


@hookimpl
def micrograd_reduce_gradients(parameters: list[Value]) -> None:
    """What ``plugins.register(micrograd_mpi)`` registers: the reducer of all processes."""
    from .workers import everyone

    everyone().micrograd_reduce_gradients(parameters)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"micrograd_mpi has no {name!r}; it has {', '.join(sorted(__all__))}.")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
