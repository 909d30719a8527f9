"""What do all optimizers share?

The parameters, the learning rate, and where numbers live. A ``Piece`` is what changes together: one
parameter, or, with ``flat=True``, all of them, laid out in one array, so that a step is a few
operations on one long array instead of a few on each of many short ones.

An optimizer says twice how it changes a piece: ``_update`` in place, for ``step()``, and
``update`` as plain maths, from which ``compile(f, optimizer=...)`` writes the step into a program.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Any, ClassVar, NamedTuple

import numpy as np

from micrograd.engine import Value, plugins

# Called as reduce(parameters=) before each step; the program fills it (``plugins.register``).
REDUCERS = plugins.listeners("micrograd_reduce_gradients")


class Piece(NamedTuple):
    """Numbers that change together."""

    name: str
    parameters: list[Value]
    data: Any  # the flat array of the parameters' numbers; None where a parameter has its own
    gradient: Any  # the flat array of their gradients, likewise
    slots: dict[str, np.ndarray]  # what the optimizer remembers, by name


class Optimizer:
    """What all optimizers share: the parameters, the learning rate, and clearing gradients.

    ``flat=True`` moves the numbers of all parameters into one array, once: ``p.data`` becomes a
    view of it, so take it anew. Then every parameter needs a gradient in each step.

    **Errors.** ValueError for no parameters, the same one twice, a Value that an op made, or a
    learning rate that is not positive; TypeError for parameters that are not Values; ValueError for
    parameters of several dtypes with ``flat=True``.
    """

    maths: ClassVar[str] = ""
    """The formula, in a line; it stands above the update in a compiled program."""

    def __init__(
        self,
        params: Iterable[Value],
        lr: float,
        flat: bool = False,
        slots: tuple[str, ...] = (),
    ) -> None:
        if not isinstance(params, Iterable):
            raise TypeError(
                f"{type(self).__name__}: params is of type {type(params).__name__}. Pass an "
                "iterable of Values, for example model.parameters()."
            )
        self.params = list(params)
        self.lr = self._positive("lr", lr)
        if not self.params:
            raise ValueError(
                f"{type(self).__name__} got no parameters. Pass model.parameters(); a module's "
                "parameters are the Values in its attributes."
            )
        seen: set[int] = set()
        for index, parameter in enumerate(self.params):
            if not isinstance(parameter, Value):
                raise TypeError(
                    f"{type(self).__name__}: parameter {index} is of type "
                    f"{type(parameter).__name__}. Pass Values, for example model.parameters()."
                )
            if parameter.op is not None:
                raise ValueError(
                    f"{type(self).__name__}: parameter {index} was made by {parameter.op.name}, so "
                    "it has no data of its own to change. Pass leaves only."
                )
            if id(parameter) in seen:
                raise ValueError(
                    f"{type(self).__name__}: parameter {index} is in the list twice, and would "
                    "take two steps at a time. Pass each parameter once."
                )
            seen.add(id(parameter))
        self.flat = flat
        self._pieces = (
            [self._joined(slots)]
            if flat
            else [
                Piece("", [p], None, None, {name: np.zeros(p.shape, p.dtype) for name in slots})
                for p in self.params
            ]
        )
        self._scratch = [
            np.empty(p.data.shape if flat else p.parameters[0].shape, p.parameters[0].dtype)
            for p in self._pieces
        ]

    def zero_grad(self) -> None:
        """Clear the gradients of the parameters; ``backward`` would add to them."""
        for parameter in self.params:
            parameter.zero_grad()

    def step(self) -> None:
        """Change every parameter that has a gradient; the others stay as they are.

        What the program registered for the hook ``micrograd_reduce_gradients`` is asked first.
        """
        if REDUCERS:
            for reduce in tuple(REDUCERS):  # one may unregister itself
                reduce(parameters=list(self.params))
        for index, piece in enumerate(self._pieces):
            if self.flat:
                self._update(index, piece.data, self._gathered(piece))
            elif piece.parameters[0].has_grad:
                self._update(index, piece.parameters[0].data, piece.parameters[0].grad)
            else:
                continue
            for parameter in piece.parameters:
                parameter.touch()

    def pieces(self) -> list[Piece]:
        """What changes together, and what the optimizer remembers of it."""
        return self._pieces

    def scalars(self, advance: bool = False) -> dict[str, float]:
        """The numbers that a program's next step uses; ``advance`` says that it is taken now.

        **Errors.** RuntimeError when gradients are to be reduced before the step, which a program
        takes without a pause.
        """
        if advance and REDUCERS:
            raise RuntimeError(
                f"{type(self).__name__}: reducers of gradients are registered, but a program that "
                "takes the step leaves them no time. Leave optimizer= out and call step()."
            )
        return {"lr": self.lr}

    def update(self, p: Any, g: Any, **given: Any) -> tuple[Any, ...]:
        """The new slots in order, then the new numbers, from the old ones: plain maths.

        ``given`` holds the piece's slots and the ``scalars``.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say in plain maths how it changes a parameter. "
            "Define update(self, p, g, **given) to compile it."
        )

    def gradient_of(self, parameter: Value) -> Any:
        """The array that a compiled program writes the gradient into; its own if it has none."""
        return self._views[parameter] if self.flat else parameter._grad

    def _joined(self, slots: tuple[str, ...]) -> Piece:
        """All parameters in one array."""
        kinds = {str(p.dtype) for p in self.params}
        if len(kinds) > 1:
            raise ValueError(
                f"{type(self).__name__}: flat=True with parameters of {', '.join(sorted(kinds))}. "
                "Give them one dtype, or leave flat out."
            )
        data = np.concatenate([p.data.reshape(-1) for p in self.params])
        gradient = np.zeros_like(data)
        self._views: dict[Value, np.ndarray] = {}
        ends = [0, *accumulate(p.size for p in self.params)]
        for parameter, (start, stop) in zip(self.params, pairwise(ends), strict=True):
            parameter._array = data[start:stop].reshape(parameter.shape)
            self._views[parameter] = gradient[start:stop].reshape(parameter.shape)
        kept = {name: np.zeros_like(data) for name in slots}
        return Piece("parameters", self.params, data, gradient, kept)

    def _gathered(self, piece: Piece) -> np.ndarray:
        """The gradients of all parameters in one array."""
        for index, parameter in enumerate(piece.parameters):
            if not parameter.has_grad:
                raise ValueError(
                    f"{type(self).__name__}: parameter {index} has no gradient, and flat=True "
                    "changes all together. Leave it out of params, or leave flat out."
                )
            view = self._views[parameter]
            if parameter._grad is not view:
                view[...] = parameter._grad
        return piece.gradient  # type: ignore[no-any-return]

    def _update(self, index: int, data: np.ndarray, g: np.ndarray) -> None:
        raise NotImplementedError(
            f"{type(self).__name__} does not say how it changes a parameter. "
            "Define _update(self, index, data, g), which writes into data."
        )

    def _positive(self, name: str, number: float) -> float:
        if not number > 0.0 or math.isinf(number):
            raise ValueError(
                f"{type(self).__name__}: {name} is {number}. It must be a positive number."
            )
        return number

    def _decay(self, name: str, number: float) -> float:
        if not 0.0 <= number < 1.0:
            raise ValueError(
                f"{type(self).__name__}: {name} is {number}. It must be at least 0 and less than 1."
            )
        return number
