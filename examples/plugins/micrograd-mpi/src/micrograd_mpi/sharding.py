"""Which rows of a batch are whose?

All ranks have all data and draw the same order, so each knows without asking which rows the batch
has, and takes its part: the first rank the first rows, and so on. What the batch is does not depend
on the number of ranks, nor does its loss.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from micrograd.nn.training import Batches

from . import comparing
from .mpi import MPI
from .workers import DataParallel, everyone

SAME_DATA = "Give all ranks the same data."
SAME_ORDER = (
    "Give the data a generator of its own with the same seed on all ranks, for example "
    "rng=np.random.default_rng(0)."
)


def batches(
    X: Any,
    y: Any = None,
    batch_size: int = 32,
    shuffle: bool = False,
    rng: np.random.Generator | None = None,
    *,
    drop_last: bool = False,
    transform: Callable[..., Any] | None = None,
    workers: DataParallel | None = None,
) -> ShardedBatches:
    """What ``micrograd.nn.batches`` gives, of which each rank sees its part.

    ``batch_size`` is that of the whole batch. The generator must be the same on every rank;
    without one, rank 0 draws a seed for all. ``transform`` is given the whole batch on every rank.
    ``workers`` is the reducer that is registered, if it is not ``micrograd_mpi`` itself.
    """
    workers = workers or everyone()
    rng = shared_generator(workers.comm) if rng is None else rng
    return ShardedBatches(X, y, batch_size, shuffle, rng, drop_last, transform, workers=workers)


def shared_generator(comm: Any) -> np.random.Generator:
    """A generator with a new seed, the same on all ranks."""
    return np.random.default_rng(comm.bcast(np.random.SeedSequence().entropy))


class ShardedBatches(Batches):
    """What ``batches`` makes. A rank for which no row is left works on the first, which counts 0.

    **Errors.** ValueError, when a pass begins, for ranks with other data, another order, or weights
    that are not the same any more.
    """

    def __init__(self, *given: Any, workers: DataParallel) -> None:
        super().__init__(*given)
        self.workers = workers
        self._seen = False
        self._x: Any = None  # of the whole batch at hand
        self._y: Any = None

    def begin(self) -> None:
        """Draw the order of the next pass, and compare it with that of the others."""
        super().begin()
        comm = self.workers.comm
        if not self._seen:
            self._seen = True
            facts = {f"what {one.partition('=')[0]} says": one for one in self.settings()}
            comparing.require_same(comm, facts, SAME_DATA)
            facts = {"the data": comparing.checksum([*_arrays(self.X), *_arrays(self.y)])}
            comparing.require_same(comm, facts, SAME_DATA)
        order = {} if self.order is None else {"the order of the rows": _sum_of(self.order)}
        comparing.require_same(comm, order, SAME_ORDER)
        self.workers.check()

    def part(self, portion: Any) -> Any:
        """The rows of this rank."""
        self._x, self._y = (portion, None) if self.y is None else portion
        rows, workers = _rows(self._x), self.workers
        begin, end = (rows * rank // workers.size for rank in (workers.rank, workers.rank + 1))
        workers.share = (end - begin) / rows
        mine = slice(begin, end) if end > begin else slice(0, 1)
        return _mapped(lambda array: array[mine], portion)

    def whole_loss(self, loss: float) -> float:
        """The loss of the whole batch: the mean of the ranks', weighed by their rows."""
        share = self.workers.share
        total = np.array(share * loss if share else 0.0)
        self.workers.comm.Allreduce(MPI.IN_PLACE, total)
        return float(total)

    def whole(self, rows: int, prediction: Any, y: Any) -> tuple[int, Any, Any]:
        """The rows and targets of the whole batch, and what all ranks predict."""
        if prediction is not None:
            mine = prediction if self.workers.share else None
            parts = [one for one in self.workers.comm.allgather(mine) if one is not None]
            prediction = _joined(parts)
        return _rows(self._x), prediction, self._y

    @property
    def fewest(self) -> int:
        """How few rows of a batch a rank works on."""
        return max(super().fewest // self.workers.size, 1)


def _sum_of(order: np.ndarray) -> str:
    return comparing.checksum([order])


def _arrays(data: Any) -> list[Any]:
    if isinstance(data, dict):
        return [array for one in data.values() for array in _arrays(one)]
    if isinstance(data, tuple):
        return [array for one in data for array in _arrays(one)]
    return [] if data is None else [data]


def _rows(data: Any) -> int:
    return len(_arrays(data)[0])


def _mapped(function: Callable[[Any], Any], data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _mapped(function, one) for key, one in data.items()}
    if isinstance(data, tuple):
        return tuple(_mapped(function, one) for one in data)
    return None if data is None else function(data)


def _joined(parts: list[Any]) -> Any:
    if isinstance(parts[0], dict):
        return {key: _joined([part[key] for part in parts]) for key in parts[0]}
    if isinstance(parts[0], tuple):
        return tuple(_joined(list(column)) for column in zip(*parts, strict=True))
    return np.concatenate([np.atleast_1d(part) for part in parts])
