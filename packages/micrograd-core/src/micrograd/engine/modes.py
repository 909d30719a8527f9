"""Recording on and off, and labels for nodes.

What ops look at while they run is one immutable ``State``; a mode is a context manager, or a
decorator, in which it is another one. Each thread and each async task has its own.
"""

from __future__ import annotations

from contextlib import ContextDecorator
from contextvars import Token
from functools import lru_cache
from typing import Any

from .value import STATE, State


class changed(ContextDecorator):
    """A context manager in which the state is another."""

    def __init__(self, **changes: Any) -> None:
        self.changes = changes
        self.tokens: list[Token[State]] = []  # a stack: one mode may be entered within itself

    def _recreate_cm(self) -> changed:
        return changed(**self.changes)  # as a decorator: one for each call, in any thread

    def __enter__(self) -> None:
        self.tokens.append(STATE.set(self.after(STATE.get())))

    def __exit__(self, *error: object) -> None:
        STATE.reset(self.tokens.pop())

    def after(self, now: State) -> State:
        """The state inside, where ``now`` is the one outside."""
        new = State.__new__(State)
        vars(new).update(vars(now), **self.changes)
        new.fast = new.recording and new.watch is None
        return new


class labelled(changed):
    """A context manager in which nodes get a label."""

    def after(self, now: State) -> State:
        """The same, with the label behind those outside."""
        return _frequent(now, **self.changes) if now.fast else _labelled(now, **self.changes)

    def _recreate_cm(self) -> labelled:
        return labelled(**self.changes)


def _labelled(now: State, scope: str) -> State:
    new = State.__new__(State)
    vars(new).update(vars(now), scope=f"{now.scope}.{scope}" if now.scope else scope)
    return new


# Every forward pass of a network has the same labels. What a fast state refers to is small; others
# may refer to all that was recorded, so nobody keeps them.
_frequent = lru_cache(maxsize=1024)(_labelled)


def no_grad() -> changed:
    """Compute without recording: results are constants, and no graph is kept.

    >>> from micrograd.engine import Value
    >>> x = Value(2.0)
    >>> with no_grad():
    ...     y = x * 3
    >>> y.requires_grad
    False
    """
    return changed(recording=False)


def scope(name: str) -> labelled:
    """Label the nodes that are made inside, for pictures and messages; scopes nest with a dot.

    >>> from micrograd.engine import Value
    >>> with scope("layers"), scope("0"):
    ...     y = Value(2.0) * 3
    >>> y.scope
    'layers.0'
    """
    return labelled(scope=name)
