"""What can a plugin add to micrograd-nn?

A hook is a function that a plugin defines, with the name and the arguments that stand here, and
marks with ``micrograd.engine.hookimpl``. These are nn's; core and viz have their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pluggy

hookspec = pluggy.HookspecMarker("micrograd")


@hookspec
def micrograd_activations() -> Mapping[str, Callable[..., Any]]:  # type: ignore[empty-body]
    """Activations, by name: functions of one Value, or Module classes.

    A network makes one instance of a class for each layer. An op of one array need not be given
    here again: its name is an activation already.

    .. code-block:: python

        @hookimpl
        def micrograd_activations():
            return {"cube": lambda x: x * x * x}

    A user writes ``MLP(2, [16, 1], activation="cube")``.
    """


@hookspec
def micrograd_losses() -> Mapping[str, Callable[..., Any]]:  # type: ignore[empty-body]
    """Losses, by name: functions called as ``loss(prediction, target, **settings)``.

    .. code-block:: python

        @hookimpl
        def micrograd_losses():
            return {"mean_quartic": lambda prediction, target: ((prediction - target) ** 4).mean()}

    A user writes ``nn.losses.get("mean_quartic")``, or ``prediction.mean_quartic(target)``.
    """
