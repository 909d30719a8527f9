"""A step whose length each number finds for itself."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from micrograd.engine import Value

from .optimizer import Optimizer


class Adam(Optimizer):
    """Gradient descent with a step of its own for each number, about ``lr`` large.

    **Maths.** In step t, m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g²; both begin at 0 and are
    too small by 1 − βᵗ, so p ← p − lr · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + eps).

    ``flat`` is that of ``Optimizer``.

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

    maths = "m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², p ← p − rate · m / (√v / behind + eps)"

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        flat: bool = False,
    ) -> None:
        self.betas = (self._decay("betas[0]", betas[0]), self._decay("betas[1]", betas[1]))
        self.eps = self._positive("eps", eps)
        super().__init__(params, lr, flat, ("mean", "square"))
        self._steps = [0] * len(self._pieces)

    def scalars(self, advance: bool = False) -> dict[str, float]:
        """``rate`` and ``behind`` of ``update``.

        **Errors.** As ``Optimizer``, and RuntimeError when some parameters have taken more steps
        than others, which one program cannot follow.
        """
        super().scalars(advance)
        if len(set(self._steps)) > 1:
            raise RuntimeError(
                f"Adam: the parameters have taken {min(self._steps)} to {max(self._steps)} steps, "
                "and a compiled step needs one number. Compile from the first step, or use step()."
            )
        t = self._steps[0] + 1
        if advance:
            self._steps = [t] * len(self._steps)
        return dict(zip(("rate", "behind"), self._factors(t), strict=True))

    def _factors(self, t: int) -> tuple[float, float]:
        return self.lr / (1.0 - self.betas[0] ** t), math.sqrt(1.0 - self.betas[1] ** t)

    def update(  # type: ignore[override]  # by name, what `given` is here
        self, p: Any, g: Any, *, mean: Any, square: Any, rate: Any, behind: Any
    ) -> tuple[Any, ...]:
        """See the class: rate = lr / (1 − β₁ᵗ), and behind = √(1 − β₂ᵗ)."""
        beta1, beta2 = self.betas
        mean = mean + (1.0 - beta1) * (g - mean)
        square = beta2 * square + (1.0 - beta2) * (g * g)
        return mean, square, p - rate * (mean / (np.sqrt(square) / behind + self.eps))

    def _update(self, index: int, data: np.ndarray, g: np.ndarray) -> None:
        beta1, beta2 = self.betas
        slots, scratch = self._pieces[index].slots, self._scratch[index]
        mean, square = slots["mean"], slots["square"]
        self._steps[index] += 1
        rate, behind = self._factors(self._steps[index])

        np.subtract(g, mean, out=scratch)  # m + (1 − β₁)(g − m) is β₁ m + (1 − β₁) g
        scratch *= 1.0 - beta1
        mean += scratch

        np.multiply(g, g, out=scratch)
        scratch *= 1.0 - beta2
        square *= beta2
        square += scratch

        np.sqrt(square, out=scratch)
        scratch /= behind
        scratch += self.eps
        np.divide(mean, scratch, out=scratch)
        scratch *= rate
        data -= scratch
