"""How do several processes take one step together?

Each has computed the gradient of the mean over its own rows. That of the whole batch is their sum,
each weighed by its share of the rows: Σ (rows of rank r / rows) · gradient of rank r. All gradients
lie in one array, so that a step costs one all-reduce, whatever the number of parameters.

**Source.** Li et al.: PyTorch Distributed: Experiences on Accelerating Data Parallel Training,
2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from micrograd.engine import Value, hookimpl
from micrograd.nn import Module

from . import comparing
from .ending import end_together
from .mpi import MPI

SAME_CODE = "Install the same packages for every rank."
SAME_MODEL = "Make the same network on every rank."
SAME_NUMBERS = (
    "Begin from the same seed on every rank, for example rng=np.random.default_rng(0), or pass "
    "broadcast=True to begin with the weights of rank 0."
)
DRIFTED = (
    "They were the same before, so a rank has changed them by itself, or takes other steps: give "
    "all ranks the same optimizer, and register the reducer on all."
)


class DataParallel:
    """The reducer of gradients over all ranks of ``comm``, by default all processes of the job.

    ``plugins.register(DataParallel(model))`` is all that a loop needs in which each rank learns
    from as many rows as the others. ``batches`` gives each rank its part of every batch, and sets
    ``share``, the share of the batch's rows that this rank has.

    The ranks must have the same versions, and a model of the same parameters and numbers;
    ``broadcast=True`` gives all of them those of rank 0, buffers too. Buffers (running statistics)
    are averaged with the gradients, in the same all-reduce, so they stay alike. All ranks must make
    this object, and take the same steps.

    **Errors.** ValueError, on every rank, that names the rank and the parameter that differ.
    """

    def __init__(
        self, model: Module | None = None, comm: Any = None, *, broadcast: bool = False
    ) -> None:
        self.comm = MPI.COMM_WORLD if comm is None else comm
        self.rank, self.size = self.comm.rank, self.comm.size
        self.share = 1.0 / self.size
        self.model = model
        self._named: dict[str, Value] = {}
        self._flat = np.empty(0)
        end_together(self.comm)
        comparing.require_same(self.comm, comparing.versions(), SAME_CODE)
        if model is not None:
            self._begin(
                {**dict(model.named_parameters()), **dict(model.named_buffers())}, broadcast
            )

    def check(self) -> None:
        """Refuse ranks whose numbers are not the same any more; all ranks must ask.

        **Errors.** ValueError that names the rank and the parameter.
        """
        comparing.require_same(self.comm, comparing.shapes(self._named), SAME_MODEL)
        comparing.require_same(self.comm, comparing.numbers(self._named), DRIFTED)

    @hookimpl
    def micrograd_reduce_gradients(self, parameters: list[Value]) -> None:
        """Give all ranks the gradient of the whole batch."""
        if self.size == 1:
            return
        self._compare_new(parameters)
        learning = [p for p in parameters if p.requires_grad]
        buffers = [] if self.model is None else self.model.buffers()
        arrays = [p.grad if p.has_grad else None for p in learning] + [b.data for b in buffers]
        flat, parts = self._laid_out(learning, buffers)
        flat[: len(learning)] = [p.has_grad for p in learning]
        for part, array in zip(parts, arrays, strict=True):
            if array is None or not self.share:
                part[...] = 0.0  # not 0 · gradient: that of a row that does not count may be NaN
            else:
                np.multiply(array, self.share, out=part)
        self.comm.Allreduce(MPI.IN_PLACE, flat)
        for p, part, ranks in zip(learning, parts, flat, strict=False):
            if p.has_grad:
                p.grad[...] = part
            elif ranks:  # another rank has a gradient for it
                p.grad = part
        for buffer, part in zip(buffers, parts[len(learning) :], strict=True):
            buffer.data = part

    def _compare_new(self, parameters: Sequence[Value]) -> None:
        """Compare parameters that were not seen before, under the names that they have."""
        known = {id(value) for value in self._named.values()}
        new = [p for p in parameters if id(p) not in known]
        if new:
            begin = len(self._named)
            names = [p.name or f"parameter {begin + i}" for i, p in enumerate(new)]
            taken = [*self._named, *names]
            names = [
                f"{name}, number {begin + i}" if taken.count(name) > 1 else name
                for i, name in enumerate(names)
            ]
            self._begin(dict(zip(names, new, strict=True)), broadcast=False)

    def _begin(self, named: dict[str, Value], broadcast: bool) -> None:
        self._named |= named
        comparing.require_same(self.comm, comparing.shapes(named), SAME_MODEL)
        if broadcast:
            for value in named.values():
                array = np.ascontiguousarray(value.data).copy()
                self.comm.Bcast(array)
                value.data = array
        comparing.require_same(self.comm, comparing.numbers(named), SAME_NUMBERS)

    def _laid_out(
        self, learning: Sequence[Value], buffers: Sequence[Value]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """One array: for each parameter how many ranks have a gradient, then all numbers."""
        every = [*learning, *buffers]
        dtype = np.result_type(*(one.dtype for one in every))
        size = len(learning) + sum(one.size for one in every)
        if (self._flat.size, self._flat.dtype) != (size, dtype):
            self._flat = np.empty(size, dtype)
        parts, at = [], len(learning)
        for one in every:
            parts.append(self._flat[at : at + one.size].reshape(one.shape))
            at += one.size
        return self._flat, parts


@cache
def everyone() -> DataParallel:
    """The one of ``plugins.register(micrograd_mpi)``; it compares parameters at the first step."""
    return DataParallel()
