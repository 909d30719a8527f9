"""How does nn enter the family?

Through the hooks that strangers use: this module is nn's plugin. Losses go on to core's ops, so
that ``prediction.mse(target)`` works although core knows no loss.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from micrograd.engine import hookimpl, plugins

from . import activations, hookspecs, losses


@hookimpl
def micrograd_activations() -> Mapping[str, Callable[..., Any]]:
    """The activations that are no ops."""
    return {"identity": activations.identity}


@hookimpl
def micrograd_losses() -> Mapping[str, Callable[..., Any]]:
    """The losses of this package."""
    return {
        "binary_cross_entropy": losses.binary_cross_entropy,
        "binary_cross_entropy_with_logits": losses.binary_cross_entropy_with_logits,
        "cross_entropy": losses.cross_entropy,
        "hinge": losses.hinge,
        "huber": losses.huber,
        "kl_div": losses.kl_div,
        "l1": losses.l1,
        "mse": losses.mse,
        "nll": losses.nll,
    }


def enter() -> None:
    """Enter nn, and pass every loss on to the ops, now and in future."""
    losses.registry.on_enter(plugins.ops_registry.add)
    plugins.enter_family("micrograd-nn", sys.modules[__name__], hookspecs)
