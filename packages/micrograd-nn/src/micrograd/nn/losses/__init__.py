"""Which loss does a name mean?

A loss says with one number how wrong the predictions are. Each concept has a file of its own here;
plugins add further losses through the hook ``micrograd_losses``. Every loss, theirs too, is a
function, ``mse(prediction, target)``, a name, ``losses.get("mse")``, and a method,
``prediction.mse(target)``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from micrograd.engine import plugins

from .activated import ProbabilitiesWarning
from .binary_cross_entropy import binary_cross_entropy
from .binary_cross_entropy_with_logits import binary_cross_entropy_with_logits
from .cross_entropy import cross_entropy
from .hinge import hinge
from .huber import huber
from .kl_div import kl_div
from .l1 import l1
from .mse import mse
from .nll import nll

__all__ = [
    "ProbabilitiesWarning",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "get",
    "hinge",
    "huber",
    "kl_div",
    "l1",
    "mse",
    "names",
    "nll",
]


def check(name: str, loss: object) -> None:
    """Refuse a contribution that cannot be called as ``loss(prediction, target)``."""
    try:
        if isinstance(loss, type) or not callable(loss):
            got = f"the class {loss.__name__}" if isinstance(loss, type) else type(loss).__name__
            raise TypeError(f"it is {got}, not a function")
        inspect.signature(getattr(loss, "__wrapped__", loss)).bind("prediction", "target")
    except ValueError:  # some functions that are written in C do not say what they take
        pass
    except TypeError as error:
        raise TypeError(
            f"loss {name!r} cannot be called as loss(prediction, target): {error}. "
            "Give a function of two Values; further parameters need defaults."
        ) from None
    if hasattr(loss, "op"):
        plugins.ops_registry.check(name, loss)  # an op without a rule is no loss either


registry = plugins.Registry("micrograd_losses", "loss", check)


def get(name: str) -> Callable[..., Any]:
    """The loss that ``name`` means.

    **Errors.** KeyError with near misses for an unknown name, and one that names both owners when
    two plugins offer it.

    **Example.**

    >>> get("mse") is mse
    True
    """
    return registry.get(name)  # type: ignore[return-value]


def names() -> list[str]:
    """The names of all losses that have been entered so far, sorted."""
    return registry.names()
