"""What does a checkpoint of several ranks hold, and who writes it?

Weights, optimizer, history and the order of the data are the same on every rank; rank 0 writes
them. The generators of the model (dropout) are not, so each rank's stand in the checkpoint, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from micrograd.nn import Module
from micrograd.nn.training import Callback, Checkpoint, Run

from . import comparing

SHARED = "The ranks must see one folder: give a path on a file system that all of them share."


class RankZero(Checkpoint):
    """A checkpoint that rank 0 writes and all ranks read; otherwise as ``like``."""

    def __init__(self, like: Checkpoint, comm: Any) -> None:
        super().__init__(like.path, like.epochs, like.steps)
        self.comm = comm
        there = "there" if self.path.exists() else "not there"
        comparing.require_same(comm, {f"the checkpoint {self.path}": there}, SHARED)

    def write(self, run: Run) -> None:
        """Gather from all ranks, write on one; nobody goes on before the file is there."""
        if self.comm.rank == 0:
            super().write(run)
        else:
            self.packed(run)  # rank 0 asks for this rank's generators
        self.comm.Barrier()

    def tidy(self) -> None:
        """Remove what a rank 0 that was killed while it wrote has left beside the file."""
        if self.comm.rank == 0:
            super().tidy()


class EachRank(Callback):
    """Lets a checkpoint hold the generators of every rank's model."""

    def __init__(self, model: Module, comm: Any) -> None:
        self.model, self.comm = model, comm

    def state_dict(self) -> dict[str, Any]:
        """Gathers; all ranks must ask."""
        mine = [generator.bit_generator.state for generator in generators(self.model)]
        return {"generators": self.comm.allgather(mine)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take this rank's back.

        **Errors.** ValueError when there were more or fewer ranks, and the model draws numbers.
        """
        kept, here = state["generators"], list(generators(self.model))
        if here and len(kept) != self.comm.size:
            raise ValueError(
                f"checkpoint: it was written by {len(kept)} ranks, but here are {self.comm.size}, "
                "and the model draws random numbers, each rank its own. Start as many ranks, or "
                "pass resume=False to begin anew and write over it."
            )
        for generator, one in zip(here, kept[self.comm.rank] if here else (), strict=True):
            generator.bit_generator.state = one


def generators(model: Module) -> Iterator[np.random.Generator]:
    """Those that the parts of a model draw from, each once."""
    seen = set()
    for module in model.modules():
        for thing in vars(module).values():
            if isinstance(thing, np.random.Generator) and id(thing) not in seen:
                seen.add(id(thing))
                yield thing


def draw_apart(model: Module, comm: Any) -> None:
    """Let each rank but the first draw other numbers than the others, the same in each run."""
    for generator in generators(model) if comm.rank else ():
        bits = generator.integers(2**32, size=4).tolist()
        kind: Any = type(generator.bit_generator)
        generator.bit_generator.state = kind(np.random.SeedSequence([*bits, comm.rank])).state
