"""How do several processes train one network, in one call? ``fit`` as in micrograd.nn, on all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np

from micrograd import nn
from micrograd.engine import plugins
from micrograd.nn import Module, Optimizer
from micrograd.nn.training import Batches, Callback, Checkpoint, History

from .checkpoints import EachRank, RankZero, draw_apart, generators
from .ending import together, told
from .sharding import ShardedBatches, shared_generator
from .workers import DataParallel


def fit(
    model: Module,
    X: Any,
    y: Any,
    loss: Any,
    optimizer: Optimizer,
    epochs: int,
    *,
    batch_size: int = 32,
    shuffle: bool = True,
    rng: np.random.Generator | None = None,
    callbacks: Any = (),
    checkpoint: str | os.PathLike[str] | Checkpoint | None = None,
    progress: bool | str = True,
    broadcast: bool = False,
    comm: Any = None,
    **settings: Any,
) -> History:
    """Train a model on all ranks: ``micrograd.nn.fit``, with its arguments and its numbers.

    ``batch_size`` is that of the whole batch, of which each rank takes its part; losses, metrics
    and the history are those of the whole batch, on every rank, and so is what callbacks see. Rank
    0 shows the progress and writes the checkpoints, which all ranks read. Every rank must call
    ``fit`` with the same data, and with a model of the same weights, or ``broadcast=True``.

    The loss must be a mean over rows. One that leaves rows out (``ignore_index``) or weighs them is
    the mean of the ranks' means here.

    **Errors.** Those of ``micrograd.nn.fit``; ValueError on every rank that names the rank, and
    what is not the same there as on rank 0; ValueError for a model that draws from the generator of
    the data. An error that nobody catches ends the job.
    """
    workers = DataParallel(model, comm, broadcast=broadcast)
    comm = workers.comm
    if isinstance(X, Batches):
        nn_data = (X.X, X.y, X.batch_size, X.shuffle, X.rng, X.drop_last, X.transform)
        if y is not None:
            raise ValueError(
                "fit: X is batches already, so y must be None. Give the targets to batches(X, y)."
            )
    else:
        rng = shared_generator(comm) if rng is None else rng
        nn_data = (X, y, batch_size, shuffle, rng, False, None)
    data = ShardedBatches(*nn_data, workers=workers)
    if workers.size > 1 and any(one is data.rng for one in generators(model)):
        raise ValueError(
            "fit: the model and the data draw from one generator, but each rank's model draws "
            "numbers of its own. Give the data another: rng=np.random.default_rng(1)."
        )
    draw_apart(model, comm)
    if checkpoint is not None:
        like = checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(checkpoint)
        checkpoint = RankZero(like, comm)
    one = isinstance(callbacks, Callback) or not isinstance(callbacks, Iterable)
    given = [callbacks] if one else callbacks
    ranks = told(comm)
    if progress and workers.size > 1 and workers.rank == 0:
        print(ranks, file=sys.stderr, flush=True)
    with plugins.registered(workers), together(comm):
        return nn.fit(
            model,
            data,
            None,
            loss,
            optimizer,
            epochs,
            callbacks=[*given, EachRank(model, comm)],
            checkpoint=checkpoint,
            progress=progress if workers.rank == 0 else False,
            **settings,
        )
