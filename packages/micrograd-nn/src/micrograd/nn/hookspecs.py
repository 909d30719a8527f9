"""What can a plugin add to micrograd-nn?

A hook is a function that a plugin defines, with the name and the arguments that stand here, and
marks with ``micrograd.engine.hookimpl``. These are nn's; core and viz have their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pluggy

from micrograd.engine import Value

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


@hookspec
def micrograd_reduce_gradients(parameters: list[Value]) -> None:
    """Change the gradients of ``parameters`` before an optimizer uses them, once a step.

    Called for objects that the program registers, in the order of their registration; a plugin
    that is merely installed is never called. ``parameters`` are all of the optimizer's, also those
    without a gradient (``p.has_grad``). Write into ``p.grad``, or assign it.

    .. code-block:: python

        class Average:
            @hookimpl
            def micrograd_reduce_gradients(self, parameters):
                for p in parameters:
                    p.grad = mean_over_workers(p.grad)

    A user writes ``with plugins.registered(Average()):`` around the training loop.
    """
