"""Which activation does a name mean?

An activation is the bend between two linear layers: a function of one Value, or a Module class
when it has parameters or settings of its own. Every op of one array is an activation already
(``relu``, ``tanh``, ``sigmoid``, ...); plugins add further names through the hook
``micrograd_activations``. As layers of their own (``ReLU()``) they stand in ``activation_layers``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from micrograd.engine import Value, plugins

from .module import Module

__all__ = ["get", "identity", "names"]


def identity(x: Any) -> Any:
    """No bend at all: the activation of a network that is to stay linear."""
    return x


def check(name: str, activation: object) -> None:
    """Refuse a contribution that is neither a Module class nor a function of one Value."""
    if isinstance(activation, type):
        if issubclass(activation, Module):
            return
        got = f"the class {activation.__name__}, which is not a Module"
    elif not callable(activation):
        got = f"{type(activation).__name__} {activation!r}"
    elif takes_one(activation):
        if hasattr(activation, "op"):
            plugins.ops_registry.check(name, activation)  # an op needs its rules
        return
    else:
        got = "a function that cannot be called with one Value alone"
    raise TypeError(
        f"activation {name!r} is {got}. Give a function of one Value, for example ops.relu, or a "
        "Module class."
    )


class Activations(plugins.Registry):
    """Activations by name. An op of one array is one as well, under the same laws of names."""

    def offers(self, name: str) -> Mapping[str, object]:
        """What each distribution offers: its activation, or else its op."""
        ops = plugins.ops_registry.offers(name)
        return {d: op for d, op in ops.items() if _keeps_shape(op)} | dict(super().offers(name))

    def known(self, name: str) -> object | None:
        """What a name means so far; a lookup that loads nothing."""
        owner = self._owner(name)
        return None if owner is None else self.offers(name.rpartition(":")[2])[owner]

    def _settle(self, name: str) -> None:
        """Keep no answer: ops come and go as well."""


registry = Activations("micrograd_activations", "activation", check)


def get(name: str) -> Any:
    """The activation that ``name`` means: a function of one Value, or a Module class.

    ``distribution:name`` says whose activation is meant. Where a plugin offers both an op and an
    activation of that name, the activation is meant.

    **Errors.** KeyError with near misses for a name that means no activation, and one that names
    both owners when two plugins offer it.

    **Example.**

    >>> from micrograd.engine import Value
    >>> get("relu")(Value([-1.0, 2.0])).data
    array([0., 2.])
    >>> get("rellu")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    micrograd...UnknownName: There is no activation 'rellu'. Did you mean relu...?
    """
    try:
        return registry.get(name)
    except plugins.AmbiguousName:
        raise
    except plugins.UnknownName:
        if plugins.ops_registry.offers(name):
            raise plugins.UnknownName(
                f"There is no activation {name!r}: the op of that name does not turn one Value "
                "into another of its shape. Wrap it in a function that does, for example "
                "lambda x: ops.maximum(x, 0.1 * x)."
            ) from None
        hint = registry.hint(name, names())
        raise plugins.UnknownName(f"There is no activation {name!r}.{hint}") from None


def names() -> list[str]:
    """Every name that ``get`` knows so far, sorted.

    **Example.**

    >>> {"identity", "relu", "tanh"} <= set(names())
    True
    """
    ops = plugins.ops_registry
    decided = [name for name in ops.names() if len(ops.claimants(name)) == 1]
    return sorted({*registry.names(), *(name for name in decided if _keeps_shape(ops.get(name)))})


def instance(activation: Any) -> Callable[[Any], Any]:
    """A function of one Value for one layer: of a Module class, an instance of the layer's own."""
    if isinstance(activation, str):
        activation = get(activation)
    if isinstance(activation, type) and issubclass(activation, Module):
        activation = activation()
    if not callable(activation) or isinstance(activation, type):
        raise TypeError(
            f"{activation!r} cannot be applied to a Value. Give the name of an activation, a "
            "function of one Value, or a Module."
        )
    return activation  # type: ignore[no-any-return]


def shown(activation: Any) -> Module | str:
    """What stands for an activation where a network is shown: a Module, or a function's name."""
    if isinstance(activation, Module):
        return activation
    return getattr(activation, "__name__", type(activation).__name__)


def takes_one(function: Callable[..., Any]) -> bool:
    """Whether ``function(x)`` is a complete call."""
    op = getattr(function, "op", None)
    if op is not None:
        return len(op.arrays) == 1
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some functions that are written in C do not say
        return True
    try:
        signature.bind("x")
    except TypeError:
        return False
    return True


def _keeps_shape(op: Any) -> bool:
    """Whether an op turns a small Value, tried here, into one of the same shape."""
    if not takes_one(op):
        return False
    x = Value(np.full((2, 3), 0.5), requires_grad=False)
    try:
        with np.errstate(all="ignore"):  # whatever its domain is
            return bool(op(x).shape == x.shape)
    except Exception:  # whatever it is: an op that cannot take this Value is no activation
        return False
