"""A plugin with every hook of the family, as its author sees it under `mypy --strict`.

`hatch run types:check` reads this file. Where it says `type: ignore`, mypy must complain: a comment
that is not needed is an error there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from micrograd.engine import Value, hookimpl, op, ops, plugins
from micrograd.nn import SGD, Module, losses
from micrograd.viz import Picture, trace


@op
def soften(x: Any, *, scale: float = 1.0) -> Any:
    """tanh(scale · x), elementwise."""
    return np.tanh(scale * x)


@soften.gradient("x")
def _(g: Any, out: Any, x: Any, *, scale: float) -> Any:
    """d tanh(s x)/dx = s (1 − tanh²(s x))"""
    return g * scale * (1 - out * out)


class Slope(Module):
    """A leak that is learned."""

    def __init__(self) -> None:
        self.slope = Value(0.1)

    def forward(self, x: Value) -> Value:
        leaked: Value = ops.maximum(x, self.slope * x)
        return leaked


def quartic(prediction: Value, target: Value, *, scale: float = 1.0) -> Value:
    """The mean of the fourth powers of the errors."""
    return ((prediction - target) ** 4).mean() * scale


def outline(picture: Picture) -> bytes:
    """The names of the ops, and how large Graphviz's picture is."""
    assert picture.root is not None
    values, edges = trace(picture.root)
    names = [value.name if value.op is None else value.op.name for value in values]
    told = (
        f"{len(edges)} arrows, {len(picture.source)} characters, {len(picture.pipe('svg'))} bytes"
    )
    return "\n".join([*names, told]).encode()


# -- what a module contributes --------------------------------------------------------------


@hookimpl
def micrograd_ops() -> Mapping[str, Callable[..., Any]]:
    return {"soften": soften}


@hookimpl
def micrograd_activations() -> dict[str, Callable[..., Any]]:
    return {"slope": Slope, "soft": lambda x: soften(x, scale=0.5)}


@hookimpl
def micrograd_losses() -> Mapping[str, Callable[..., Value]]:
    return {"quartic": quartic}


@hookimpl(trylast=True)
def micrograd_mimebundle(value: Value, include: object) -> Mapping[str, object] | None:
    return {"text/plain": repr(value)} if include is None else None


@hookimpl
def micrograd_node_style(value: Value) -> Mapping[str, str] | None:
    return {"penwidth": "3"} if value.size > 1000 else None


@hookimpl
def micrograd_renderers() -> Mapping[str, Callable[[Picture], bytes]]:
    return {"outline": outline}


# -- what a program registers ---------------------------------------------------------------


class Watch:
    """Counts rules, and halves gradients before a step."""

    def __init__(self) -> None:
        self.rules = 0

    @hookimpl
    def micrograd_rule_ran(self, node: Value, argument: str, g: object, gradient: object) -> None:
        self.rules += 1

    @hookimpl(tryfirst=True)
    def micrograd_reduce_gradients(self, parameters: list[Value]) -> None:
        for parameter in parameters:
            parameter.grad = parameter.grad * 0.5


def program() -> tuple[float, float, int]:
    """How a typed program uses it: two ways to one loss (their difference), a step, rules run."""
    p = Value(1.0)
    watch = Watch()
    with plugins.registered(watch):
        loss: Value = p.soften(scale=2.0).quartic(Value(0.0, requires_grad=False))
        same = losses.get("quartic")(soften(p, scale=2.0), Value(0.0))
        loss.backward()
        SGD([p], lr=1.0).step()
    return loss.item() - float(same.item()), p.item(), watch.rules


# -- what mypy must refuse ------------------------------------------------------------------


class Wrong:
    """Each of these returns what no hook returns."""

    @hookimpl  # type: ignore[type-var]
    def micrograd_ops(self) -> list[Callable[..., Any]]:
        return [soften]

    @hookimpl  # type: ignore[type-var]
    def micrograd_activations(self) -> dict[int, Callable[..., Any]]:
        return {1: soften}

    @hookimpl(trylast=True)  # type: ignore[type-var]
    def micrograd_losses(self) -> str:
        return "quartic"

    @hookimpl  # type: ignore[type-var]
    def micrograd_reduce_gradients(self, parameters: list[Value]) -> int:
        return len(parameters)

    @hookimpl  # type: ignore[type-var]
    def micrograd_renderers(self) -> Callable[[Picture], bytes]:
        return outline

    @hookimpl(wrapper=True)  # type: ignore[call-overload,untyped-decorator]
    def micrograd_mimebundle(self, value: Value) -> None:
        """No plugin wraps another."""
