"""How do gradients change the parameters?

``backward`` has said in which direction the loss grows fastest; an optimizer takes a step the other
way. All of them work in place, in arrays that they allocate once, and follow PyTorch's formulas to
the letter, so that a run can be compared with one there step by step. What must happen to gradients
before a step, such as averaging them over machines, is a hook (``hookspecs``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from micrograd.engine import Value, plugins

# Called as reduce(parameters=) before each step; the program fills it (``plugins.register``).
REDUCERS = plugins.listeners("micrograd_reduce_gradients")


class Optimizer:
    """What all optimizers share: the parameters, the learning rate, and clearing gradients.

    **Errors.** ValueError for no parameters, the same one twice, a Value that an op made, or a
    learning rate that is not positive; TypeError for parameters that are not Values.
    """

    def __init__(self, params: Iterable[Value], lr: float) -> None:
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
        for index, parameter in enumerate(self.params):
            if parameter.has_grad:
                self._update(index, parameter.data, parameter.grad)
                parameter.touch()

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

    def _buffers(self) -> list[np.ndarray]:
        return [np.zeros(parameter.shape, parameter.dtype) for parameter in self.params]


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    **Maths.** b ← momentum · b + g (at first b = g), then p ← p − lr · b; without momentum b = g.

    **Errors.** As ``Optimizer``, and ValueError for a momentum outside [0, 1).

    **Example.**

    >>> p = Value([1.0, 2.0])
    >>> optimizer = SGD([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> optimizer.step()
    >>> p.data
    array([0.8, 1.6])
    """

    def __init__(self, params: Iterable[Value], lr: float = 1e-3, momentum: float = 0.0) -> None:
        super().__init__(params, lr)
        self.momentum = self._decay("momentum", momentum)
        self._scratch = self._buffers()
        self._velocity = self._buffers() if momentum else []

    def _update(self, index: int, data: np.ndarray, g: np.ndarray) -> None:
        if self.momentum:
            velocity = self._velocity[index]
            velocity *= self.momentum
            velocity += g
            g = velocity
        change = self._scratch[index]
        np.multiply(g, self.lr, out=change)
        data -= change


class Adam(Optimizer):
    """Gradient descent with a step of its own for each number, about ``lr`` large.

    **Maths.** In step t, m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g²; both begin at 0 and are
    too small by 1 − βᵗ, so p ← p − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + eps).

    **Errors.** As ``Optimizer``, and ValueError for betas outside [0, 1) or an eps that is not
    positive.

    **Source.** Kingma and Ba, Adam: a method for stochastic optimization (2015).

    **Example.** The first step is ``lr`` in every direction, however large the gradient.

    >>> p = Value([1.0, 2.0])
    >>> optimizer = Adam([p], lr=0.1)
    >>> (p * 1000.0).sum().backward()
    >>> optimizer.step()
    >>> p.data.round(6)
    array([0.9, 1.9])
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(params, lr)
        self.betas = (self._decay("betas[0]", betas[0]), self._decay("betas[1]", betas[1]))
        self.eps = self._positive("eps", eps)
        self._scratch = self._buffers()
        self._mean = self._buffers()
        self._square = self._buffers()
        self._steps = [0] * len(self.params)

    def _update(self, index: int, data: np.ndarray, g: np.ndarray) -> None:
        beta1, beta2 = self.betas
        mean, square, scratch = self._mean[index], self._square[index], self._scratch[index]
        self._steps[index] += 1
        t = self._steps[index]

        np.subtract(g, mean, out=scratch)  # m + (1 − β₁)(g − m) is β₁ m + (1 − β₁) g
        scratch *= 1.0 - beta1
        mean += scratch

        np.multiply(g, g, out=scratch)
        scratch *= 1.0 - beta2
        square *= beta2
        square += scratch

        np.sqrt(square, out=scratch)
        scratch /= math.sqrt(1.0 - beta2**t)
        scratch += self.eps
        np.divide(mean, scratch, out=scratch)
        scratch *= self.lr / (1.0 - beta1**t)
        data -= scratch
