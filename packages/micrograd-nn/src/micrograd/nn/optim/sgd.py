"""A step down the slope, with momentum if wanted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from micrograd.engine import Value

from .optimizer import Optimizer
from .settings import Group, Setting, fraction, not_negative, truth


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    **Maths.** g ← g + weight_decay · p; b ← momentum · b + (1 − dampening) · g (at first b = g);
    p ← p − lr · b. Without momentum b = g; with ``nesterov``, g + momentum · b stands in place of b
    in the last step, which looks ahead to where the momentum leads.

    ``flat``, ``clip_norm``, ``clip_value`` and groups are those of ``Optimizer``.

    **Errors.** As ``Optimizer``, and ValueError for a momentum outside [0, 1), or for ``nesterov``
    without a momentum or with dampening.

    **Source.** Sutskever and others, On the importance of initialization and momentum (2013), in
    the form that PyTorch has.

    **Example.**

    >>> p = Value([1.0, 2.0])
    >>> optimizer = SGD([p], lr=0.1)
    >>> (p * p).sum().backward()
    >>> optimizer.step()
    >>> p.data
    array([0.8, 1.6])
    """

    momentum = Setting(fraction, fixed=True)
    dampening = Setting(fraction, fixed=True)
    weight_decay = Setting(not_negative, fixed=True)
    nesterov = Setting(truth, fixed=True)

    def __init__(
        self,
        params: Iterable[Value] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        flat: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "dampening": dampening}
        defaults |= {"weight_decay": weight_decay, "nesterov": nesterov}
        super().__init__(params, defaults, flat=flat, clip_norm=clip_norm, clip_value=clip_value)

    @property
    def maths(self) -> str:  # type: ignore[override]
        """The formula, as far as some group uses it."""
        used = {name for group in self.param_groups for name in group if group[name]}
        lines = ["g ← g + weight_decay · p"] if "weight_decay" in used else []
        if "momentum" not in used:
            return ", ".join([*lines, "p ← p − lr · g"])
        lines.append(f"b ← momentum · b + {'intake · ' if 'dampening' in used else ''}g")
        step = "(g + momentum · b)" if "nesterov" in used else "b"
        return ", ".join([*lines, f"p ← p − lr · {step}"])

    def check(self, group: Group) -> None:
        """Refuse ``nesterov`` without what it needs."""
        if group["nesterov"] and (not group["momentum"] or group["dampening"]):
            raise ValueError(
                f"SGD: nesterov with momentum {group['momentum']} and dampening "
                f"{group['dampening']}. It needs a momentum and no dampening."
            )

    def slots(self, group: Group) -> dict[str, float]:
        """The velocity b, with momentum."""
        return {"velocity": 0.0} if group["momentum"] else {}

    def counts(self, group: Group) -> bool:
        """Only the first step is not dampened."""
        return bool(group["dampening"])

    def numbers(self, group: Group, t: int) -> dict[str, float]:
        """``lr``, and what else is not 0; ``intake`` is 1 − dampening."""
        found = {"lr": group["lr"]}
        if group["weight_decay"]:
            found["weight_decay"] = group["weight_decay"]
        if group["momentum"]:
            found["momentum"] = group["momentum"]
        if group["momentum"] and group["dampening"]:
            found["intake"] = 1.0 if t == 1 else 1.0 - group["dampening"]
        return found

    def flags(self, group: Group) -> dict[str, Any]:
        """Whether to look ahead."""
        return {"nesterov": True} if group["nesterov"] else {}

    def update(  # type: ignore[override]  # by name, what `given` is here
        self,
        p: Any,
        g: Any,
        *,
        lr: Any,
        weight_decay: Any = None,
        momentum: Any = None,
        intake: Any = None,
        velocity: Any = None,
        nesterov: bool = False,
    ) -> tuple[Any, ...]:
        """See the class."""
        if weight_decay is not None:
            g = g + weight_decay * p
        if velocity is None:
            return (p - lr * g,)
        velocity = momentum * velocity + (g if intake is None else intake * g)
        return velocity, p - lr * (g + momentum * velocity if nesterov else velocity)

    def _update(  # type: ignore[override]
        self,
        p: np.ndarray,
        g: np.ndarray,
        scratch: Any,
        *,
        lr: float,
        weight_decay: float | None = None,
        momentum: float = 0.0,
        intake: float | None = None,
        velocity: Any = None,
        nesterov: bool = False,
    ) -> None:
        change = scratch[1]
        if weight_decay is not None:
            decayed = np.multiply(p, weight_decay, out=scratch[0])
            decayed += g
            g = decayed
        if velocity is not None:
            velocity *= momentum
            velocity += g if intake is None else np.multiply(g, intake, out=change)
            if nesterov:
                np.multiply(velocity, momentum, out=change)
                change += g
                g = change
            else:
                g = velocity
        np.multiply(g, lr, out=change)
        p -= change
