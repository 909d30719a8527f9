"""How does a forward read what decides which way it goes, such as a layer's ``training``?"""

from __future__ import annotations

from typing import Any

from ..value import STATE


def consult(owner: Any, name: str) -> Any:
    """An attribute by which a forward decides what to compute.

    A program that is recorded meanwhile is one for the value that it has now: at another value it
    is recorded again, as for another shape. An attribute that is read directly counts as frozen.

    >>> class Switch:
    ...     on = True
    >>> consult(Switch, "on")
    True
    """
    value, recorder = getattr(owner, name), STATE.get().watch
    if hasattr(recorder, "consulted"):
        recorder.consulted.setdefault((id(owner), name), (owner, name, value))
    return value
