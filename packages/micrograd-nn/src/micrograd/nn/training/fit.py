"""How is a model trained, in one call?

``fit`` is the loop that one would write by hand (predict, measure the loss, backward, step, and
again), with what such loops gather over time: shuffled batches, validation, metrics, a history,
callbacks, checkpoints, and errors that come before the first step. ``run`` is the loop itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from ..module import Module
from ..optim import Optimizer
from ..optim.schedules import Schedule
from . import generators
from .batches import Batches
from .callbacks import as_callbacks
from .checking import check_finite, check_labels
from .checkpoint import Checkpoint
from .clipping import as_clip
from .evaluating import (
    Metrics,
    as_loss,
    as_metrics,
    call,
    convert,
    evaluating,
    loss_of,
    numbers,
    try_out,
)
from .history import History
from .progress import as_progress
from .run import Run
from .scheduling import Scheduling
from .steps import Compiled, Eager, Step


def fit(
    model: Module,
    X: Any,
    y: Any,
    loss: str | Callable[..., Any],
    optimizer: Optimizer,
    epochs: int,
    *,
    batch_size: int = 32,
    shuffle: bool = True,
    rng: np.random.Generator | None = None,
    validation: tuple[Any, Any] | None = None,
    metrics: Any = (),
    schedule: Schedule | None = None,
    schedule_every: str | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    callbacks: Any = (),
    checkpoint: str | os.PathLike[str] | Checkpoint | None = None,
    resume: bool | None = None,
    compile: bool = False,
    progress: bool | str = True,
) -> History:
    """Train a model: ``epochs`` passes over the data, a step for each batch.

    **Data.** ``X`` and ``y`` have one row a sample. A tuple of arrays is given to the model as
    ``model(*x)``, a dict as ``model(**x)``. With ``y=None`` the loss is asked about the prediction
    alone. ``X`` may be what ``batches(X, y, ...)`` returned, and ``y`` None; its settings then
    stand in for ``batch_size``, ``shuffle`` and ``rng``. Numbers with a fraction are converted to
    the dtype of the parameters. ``validation`` is a pair ``(X, y)`` that is measured after each
    epoch and never learned from.

    **Learning.** ``loss`` is a name (``losses.names()``) or a function of prediction and target
    that gives one number. ``metrics`` are names (``metrics.names()``, or a loss) or functions that
    give a number, in a list or, with names of your own, a dict; one sees all predictions of an
    epoch, as they were made. ``schedule`` changes the learning rate after each epoch
    (a one-cycle after each batch), or as ``schedule_every="epoch"`` or ``"batch"`` says.
    ``clip_norm`` and ``clip_value`` bound the gradients before each step (given to the optimizer
    instead, they are part of a compiled program). With ``compile=True`` each batch runs as
    one program (``micrograd.engine.compile``), of the validation too, with the same numbers but for
    rounding.

    **What one sees.** ``progress=True`` shows a live picture where the output is a terminal or a
    notebook and rich or tqdm is installed (``pip install "micrograd-nn[progress]>=1,<2"``), and
    otherwise prints a table; ``"rich"``, ``"tqdm"`` and ``"lines"`` insist on one. ``callbacks``
    look on: see ``Callback`` (an object of another class may have some of its methods, too); a
    function is called with the run at the end of each epoch. Ctrl-C ends the run after the batch at
    hand; what was learned stays, and the history says that it was interrupted. A second Ctrl-C
    raises KeyboardInterrupt at once.

    **Surviving a crash.** With ``checkpoint="run.npz"`` the state of the run is saved after each
    epoch (``Checkpoint`` says how to save more often). ``resume=True`` goes on from that file if
    it is there, and ends bit for bit as if the run had never been stopped, provided that model,
    optimizer and data are made as they were; ``resume=False`` begins anew and writes over it. More
    ``epochs`` than before prolong a run.

    The model is in ``train`` mode meanwhile, and in ``eval`` mode afterwards: ready to be used.

    **Errors.** Before the first step: ValueError for data without rows, of different lengths, or
    that holds NaN or infinity (named by row, batch and column), for labels that no output stands
    for, for an optimizer of another model's parameters, and for a checkpoint that is damaged or of
    another run; KeyError with near misses for unknown names; FileExistsError for a checkpoint that
    is there when ``resume`` does not say what to do; the model's and the loss's own errors, about
    shapes for instance. During training: ``Diverged`` (a FloatingPointError) when a batch's loss
    is not finite; it names epoch and batch, and has the ``history``.

    **Example.**

    >>> from micrograd.nn import MLP, Adam
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-1.0, 1.0, (64, 2))
    >>> y = X[:, :1] * X[:, 1:]
    >>> model = MLP(2, [16, 1], activation="tanh", rng=rng)
    >>> optimizer = Adam(model.parameters(), lr=0.02)
    >>> history = fit(model, X, y, "mse", optimizer, epochs=3, rng=rng, progress="lines")
    epoch      loss      time
      1/3    0.1753    ... s
      2/3    0.1495    ... s
      3/3    0.1481    ... s
    >>> history.epochs, len(history.steps["loss"])
    (3, 6)
    """
    function, measures = as_loss(loss, "fit"), as_metrics(metrics, "fit")
    _check_optimizer(model, optimizer)
    if not isinstance(epochs, (int, np.integer)) or epochs < 1:
        raise ValueError(f"fit: epochs is {epochs!r}. Give a whole number, at least 1.")
    data = _data(X, y, batch_size, shuffle, rng)
    seen = _validation(validation, data.batch_size)
    for one in [data] if seen is None else [data, seen]:
        convert(one, model)
    clip = as_clip(clip_norm, clip_value)
    step = (Compiled if compile else Eager)(
        model, function, optimizer, clip, bool(measures), data.whole_loss
    )
    saving = _checkpoint(checkpoint, resume)
    run = Run(
        model,
        data,
        optimizer,
        int(epochs),
        step=step,
        validation=seen,
        metrics=measures,
        schedule=Scheduling(schedule, schedule_every, optimizer),
        callbacks=as_callbacks(callbacks),
        checkpoint=saving,
        progress=as_progress(progress),
    )
    if saving is not None:
        saving.tidy()
        if resume and saving.path.exists():
            saving.read_into(run)
        saving.packed(run)
    if not run.over:
        data.begin()
    check_finite("fit", "X", data.X, data)
    check_finite("fit", "y", data.y, data)
    if seen is not None:
        check_finite("fit", "validation X", seen.X)
        check_finite("fit", "validation y", seen.y)
    _rehearse(model, function, measures, data, seen, step)
    model.train()
    try:
        return run.go()
    finally:
        model.eval()


def _check_optimizer(model: Any, optimizer: Any) -> None:
    """Refuse what is no model or no optimizer, and an optimizer of other parameters."""
    if not isinstance(model, Module):
        raise TypeError(
            f"fit: model is a {type(model).__name__}. Give a Module, for example an MLP or a "
            "subclass with a forward."
        )
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"fit: optimizer is {optimizer!r}. Give an optimizer of the model's parameters, for "
            "example Adam(model.parameters())."
        )
    own = {id(parameter) for parameter in model.parameters()}
    if not any(id(parameter) in own for parameter in optimizer.params):
        raise ValueError(
            f"fit: none of the parameters that {type(optimizer).__name__} changes is one of this "
            "model's, so the model would not learn. Make the optimizer from this "
            "model.parameters()."
        )


def _data(X: Any, y: Any, batch_size: int, shuffle: bool, rng: Any) -> Batches:
    """The training data, in batches."""
    if not isinstance(X, Batches):
        return Batches(X, y, batch_size, shuffle, rng, False, None, "fit")
    if y is not None:
        raise ValueError(
            "fit: X is batches already, so y must be None. Give the targets to batches(X, y)."
        )
    return X


def _validation(validation: Any, batch_size: int) -> Batches | None:
    """The validation data, in batches."""
    if validation is None:
        return None
    if not isinstance(validation, tuple) or len(validation) != 2:
        raise TypeError(
            f"fit: validation is a {type(validation).__name__}. Give a pair of arrays, (X, y); "
            "train_test_split makes them."
        )
    X, y = validation
    return Batches(X, y, batch_size, False, None, False, None, "fit: validation")


def _checkpoint(checkpoint: Any, resume: bool | None) -> Checkpoint | None:
    """Where to save, and whether what is there may be written over."""
    if checkpoint is None:
        if resume:
            raise ValueError("fit: resume=True, but from what? Pass checkpoint='run.npz'.")
        return None
    saving = checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(checkpoint)
    if resume is None and saving.path.exists():
        raise FileExistsError(
            f"fit: the checkpoint {saving.path} is there already. Pass resume=True to go on from "
            "it, or resume=False to begin anew and write over it."
        )
    return saving


def _rehearse(
    model: Module,
    loss: Callable[..., Any],
    metrics: Metrics,
    data: Batches,
    validation: Batches | None,
    step: Step,
) -> None:
    """Try model and loss on a batch, so that what cannot work is said before the first step.

    Nothing is changed by it: the model is in ``eval`` mode, but for a batch of one row, which some
    layers cannot learn from; generators and buffers are put back.
    """
    before = [(g, g.bit_generator.state) for _, g in generators.found(model)]
    buffers = [(buffer, buffer.data.copy()) for buffer in model.buffers()]
    with evaluating(model):
        for told, one in (("y", data), ("validation y", validation)):
            if one is not None:
                x, y = one.sample()
                prediction = call(model, x)
                check_labels("fit", told, loss, prediction, one.y)
                loss_of(loss, prediction, y)
                try_out(metrics, numbers(prediction), y)
        if validation is not None:
            step.look(*validation.sample())
        if data.fewest == 1:
            model.train()
            _rehearse_one_row(model, data)
    for generator, state in before:
        generator.bit_generator.state = state
    for buffer, kept in buffers:
        buffer.data = kept


def _rehearse_one_row(model: Module, data: Batches) -> None:
    try:
        call(model, data.sample(1)[0])
    except ValueError as error:
        raise ValueError(
            f"fit: {data.rows} rows in batches of {data.batch_size} leave a batch of one row, and "
            f"the model cannot learn from that: {error} Choose another batch_size, or give X as "
            "batches(X, y, batch_size, drop_last=True)."
        ) from error
