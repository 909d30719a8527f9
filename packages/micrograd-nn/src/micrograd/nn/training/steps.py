"""What happens with one batch? Prediction, loss, gradients, step: eagerly, or as one program."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

from micrograd.engine import compile as compiled

from ..module import Module
from ..optim import REDUCERS, Optimizer
from .evaluating import call, loss_of, numbers

Clip = Callable[[list[Any]], Any]


class Broken(Exception):
    """The loss of a batch is not finite; ``fit`` says where."""

    def __init__(self, loss: float, step_taken: bool) -> None:
        super().__init__(loss)
        self.loss, self.step_taken = loss, step_taken


class Step(Protocol):
    """One batch: the loss, and the prediction's arrays if they are wanted."""

    def __call__(self, x: Any, y: Any) -> tuple[float, Any]: ...


class Eager:
    """A graph for each batch, as one would write it by hand."""

    def __init__(
        self,
        model: Module,
        loss: Callable[..., Any],
        optimizer: Optimizer,
        clip: Clip | None,
        keep: bool,
    ) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.clip, self.keep = clip, keep

    def __call__(self, x: Any, y: Any) -> tuple[float, Any]:
        """Learn from a batch; a loss that is not finite changes nothing."""
        prediction = call(self.model, x)
        loss = loss_of(self.loss, prediction, y)
        number = loss.item()
        if not math.isfinite(number):
            raise Broken(number, step_taken=False)
        self.optimizer.zero_grad()
        loss.backward(keep_inner=False)
        if self.clip is not None:
            self.clip(self.optimizer.params)
        self.optimizer.step()
        return number, numbers(prediction) if self.keep else None


class Compiled:
    """A program for each shape of batch, with the optimizer's update in it.

    What must see the gradients between backward and the update (clipping, reducers that the program
    registered) cannot be in a program; the update is then the optimizer's own ``step``.
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[..., Any],
        optimizer: Optimizer,
        clip: Clip | None,
        keep: bool,
    ) -> None:
        self.optimizer, self.clip, self.keep = optimizer, clip, keep
        self.apart = clip is not None or bool(REDUCERS)

        def step(x: Any, y: Any) -> Any:
            prediction = call(model, x)
            value = loss_of(loss, prediction, y)
            return (value, prediction) if keep else value

        self.program = (
            compiled(step, optimizer.params) if self.apart else compiled(step, optimizer=optimizer)
        )

    def __call__(self, x: Any, y: Any) -> tuple[float, Any]:
        """Learn from a batch; a program with the update in it has taken the step by itself."""
        result = self.program(x, y)
        loss, prediction = result if self.keep else (result, None)
        number = float(loss)
        if not math.isfinite(number):
            raise Broken(number, step_taken=not self.apart)
        if self.apart:
            if self.clip is not None:
                self.clip(self.optimizer.params)
            self.optimizer.step()
        return number, prediction
