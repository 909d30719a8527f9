"""Who listens to a running computation?

Two hooks act while numbers are computed: a recorder hears of every rule, a reducer changes
gradients. A package that is merely installed must not do that, so only what the program
registers is called. Whoever calls such a hook keeps the list of its listeners, and asks once
a call whether it is empty: a program without listeners pays for a glance at a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..backward import RECORDERS
from .admission import manager

LISTENERS: Final[Mapping[str, list[Any]]] = {
    "micrograd_reduce_gradients": [],
    "micrograd_rule_ran": RECORDERS,
}
"""For each of these hooks its listeners, in the order in which they are called."""


class Listener:
    """A hook implementation of one plugin, called with the arguments that it names."""

    def __init__(self, implementation: Any) -> None:
        self._function = implementation.function
        self._argnames = implementation.argnames
        self.order = implementation.trylast - implementation.tryfirst

    def __call__(self, **arguments: object) -> None:
        self._function(*(arguments[name] for name in self._argnames))


def listen(key: str, hook: str) -> Callable[[], None]:
    """Let a plugin listen, behind those that came before it; returns how to take that back."""
    implementations = getattr(manager.hook, hook).get_hookimpls()
    listener = Listener(next(i for i in implementations if i.plugin_name == key))
    listeners = LISTENERS[hook]
    listeners.append(listener)
    listeners.sort(key=lambda one: one.order)  # stable; tryfirst and trylast count
    return lambda: listeners.remove(listener)
