"""What happens with one batch? Prediction, loss, gradients, step: eagerly, or as one program."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

from micrograd.engine import compile as compiled

from ..module import Module
from ..optim import REDUCERS, Optimizer
from .evaluating import call, looking, loss_of, numbers

Clip = Callable[[list[Any]], Any]


class Broken(Exception):
    """The loss of a batch is not finite; ``fit`` says where."""

    def __init__(self, loss: float, step_taken: bool) -> None:
        super().__init__(loss)
        self.loss, self.step_taken = loss, step_taken


def take_step(optimizer: Optimizer, clip: Clip | None) -> None:
    """Reduce the gradients, clip what came of it, and use that."""
    if clip is None:
        optimizer.step()
    else:
        optimizer.reduce_gradients()
        clip(optimizer.params)
        optimizer.step(reduce=False)


class Step(Protocol):
    """One batch: the loss, and the prediction's arrays if they are wanted."""

    def __call__(self, x: Any, y: Any) -> tuple[float, Any]: ...

    def look(self, x: Any, y: Any) -> tuple[float, Any]:
        """The same of a batch that is not learned from; always with the prediction."""
        ...


class Eager:
    """A graph for each batch, as one would write it by hand."""

    def __init__(
        self,
        model: Module,
        loss: Callable[..., Any],
        optimizer: Optimizer,
        clip: Clip | None,
        keep: bool,
        whole_loss: Callable[[float], float],
    ) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.clip, self.keep, self.whole_loss = clip, keep, whole_loss
        self.look = looking(model, loss)

    def __call__(self, x: Any, y: Any) -> tuple[float, Any]:
        """Learn from a batch; a loss that is not finite changes nothing."""
        prediction = call(self.model, x)
        loss = loss_of(self.loss, prediction, y)
        number = self.whole_loss(loss.item())
        if not math.isfinite(number):
            raise Broken(number, step_taken=False)
        self.optimizer.zero_grad()
        loss.backward(keep_inner=False)
        take_step(self.optimizer, self.clip)
        return number, numbers(prediction) if self.keep else None


class Compiled:
    """A program for each shape of batch, with the optimizer's update in it.

    What must see the gradients between backward and the update (clipping, reducers that the program
    registered) cannot be in a program, nor are parameters that are frozen, or were; the update is
    then the optimizer's own ``step``. Who freezes or thaws a layer gets a new program.
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[..., Any],
        optimizer: Optimizer,
        clip: Clip | None,
        keep: bool,
        whole_loss: Callable[[float], float],
    ) -> None:
        self.optimizer, self.clip, self.keep = optimizer, clip, keep
        self.whole_loss = whole_loss

        def step(x: Any, y: Any) -> Any:
            prediction = call(model, x)
            value = loss_of(loss, prediction, y)
            return (value, prediction) if keep else value

        def look(x: Any, y: Any) -> Any:
            prediction = call(model, x)
            return loss_of(loss, prediction, y), prediction

        self._step, self._seen = step, compiled(look)
        self._learns: list[int] | None = None

    def _prepare(self) -> None:
        """Make the program, unless there is one of the parameters that learn now."""
        params = self.optimizer.params
        learning = [parameter for parameter in params if parameter.requires_grad]
        if [id(parameter) for parameter in learning] == self._learns:
            return
        self._learns = [id(parameter) for parameter in learning]
        together = len(learning) == len(params) and self.optimizer.in_step()
        self.apart = self.clip is not None or bool(REDUCERS) or not together
        self.program = (
            compiled(self._step, learning)
            if self.apart
            else compiled(self._step, optimizer=self.optimizer)
        )

    def __call__(self, x: Any, y: Any) -> tuple[float, Any]:
        """Learn from a batch; a program with the update in it has taken the step by itself."""
        self._prepare()
        result = self.program(x, y)
        loss, prediction = result if self.keep else (result, None)
        number = self.whole_loss(float(loss))
        if not math.isfinite(number):
            raise Broken(number, step_taken=not self.apart)
        if self.apart:
            take_step(self.optimizer, self.clip)
        return number, numbers(prediction) if self.keep else None

    def look(self, x: Any, y: Any) -> tuple[float, Any]:
        """The loss and the prediction of a batch that is not learned from."""
        loss, prediction = self._seen(x, y)
        return float(loss), numbers(prediction)
