"""What is measured, and who runs it?

A *case* is one piece of work: weights to begin with, data, the training step as a person writes it
in NumPy, and the loss in words that every library has. A *runner* is one library at that work. The
files in ``cases`` make the first, those in ``runners`` the second; neither knows the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

Array = np.ndarray[Any, Any]
# (parameters, *data, rate) -> loss and gradients; changes the parameters in place.
ByHand = Callable[..., tuple[Any, list[Array]]]


class Words(Protocol):
    """What a library calls the things that a loss is made of (``@``, ``+`` and ``*`` are one)."""

    def linear(self, x: Any, weight: Any, bias: Any) -> Any: ...
    def relu(self, x: Any) -> Any: ...
    def tanh(self, x: Any) -> Any: ...
    def softmax(self, x: Any) -> Any: ...  # over the last axis
    def swapaxes(self, x: Any, first: int, second: int) -> Any: ...
    def mse(self, prediction: Any, target: Any) -> Any: ...
    def cross_entropy(self, logits: Any, labels: Any) -> Any: ...


@dataclass(frozen=True)
class Case:
    """One training step.

    ``group`` is "mlp" for the six whose geometric mean is judged, "large batch" for the one whose
    memory is, else "other". ``networks`` says
    how a library of layers builds the same: by its name, ``(parameters) -> (its parameters, loss)``
    with ``loss(*data)``. Where there is none, that library has no row.
    """

    name: str
    title: str
    parameters: Sequence[Array]
    data: Sequence[Array]
    by_hand: ByHand
    loss: Callable[..., Any]  # (words, parameters, *data)
    networks: Mapping[str, Callable[[Sequence[Array]], tuple[list[Any], Callable[..., Any]]]] = (
        field(default_factory=dict)
    )
    group: str = "other"
    rate: float = 0.01

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.parameters[0].dtype


@dataclass(frozen=True)
class Runner:
    """A library, ready to take step after step of one case.

    ``step`` returns the loss as the library gives it, when all results are there. ``gradients``
    are those of the first step, and asked for right after it. ``forget`` drops the gradients of
    the last step, where they are not arrays that the next one writes into. ``around`` is entered
    before a turn is timed, and left after it.
    """

    step: Callable[[], Any]
    parameters: Callable[[], list[Array]]
    gradients: Callable[[], list[Array]]
    forget: Callable[[], None] = lambda: None
    number: Callable[[Any], float] = lambda loss: float(loss.item())
    around: Callable[[], AbstractContextManager[Any]] = nullcontext


class Absent(Exception):
    """A runner that cannot be had here; the message says why."""
