"""What came out of each layer, and which gradient came back to it?

A recorder on the hook `micrograd_rule_ran` hears of every node that a backward pass goes through,
youngest first, with the gradient that has reached it. A node of a layer that is used outside of it
is what the layer puts out. If the first to use it is an activation, then that is what one wants to
see: what the next layer gets.
"""

from __future__ import annotations

from threading import get_ident
from typing import Any

import numpy as np

from micrograd.engine import Value, hookimpl

from .counting import Tally
from .layers import Layer, Layers, Place

BENDS = frozenset({"elu", "leaky_relu", "relu", "sigmoid", "softplus", "softsign", "tanh"})
"""Ops of one Value that bend the output of a layer."""


class Recorder:
    """Listens to the rules that run in this thread, from one step to the next.

    It keeps counts. Of the graph it remembers nodes whose rules have yet to run.
    """

    def __init__(self, layers: Layers) -> None:
        self.layers = layers
        self.tallies: dict[Layer, Tally] = {}
        self.reached = False  # a parameter got a gradient
        self._parameters = {id(one) for layer in layers.all for one in layer.parameters}
        self._used: dict[Value, list[Place]] = {}  # none: its activation stands for it
        self._last: Value | None = None
        self._thread = get_ident()

    @hookimpl
    def micrograd_rule_ran(self, node: Value, g: Any) -> None:
        """Look at a node when the first of its rules has run."""
        if node is self._last or get_ident() != self._thread or not _is_numbers(g):
            return
        self._last = node
        left = self._used.pop(node, [])
        bend, operand = bend_of(node)
        if operand is not None and (bent := self._bent(node, operand)):
            self._used[operand.call] = []
            left = bent
        for place in left:
            self._count(place.layer, bend, node, g)
        parents: tuple[Value | None, ...] = node._parents
        for parent in parents:
            if parent is None:
                continue
            if parent.op is None:
                self.reached = self.reached or id(parent) in self._parameters
            elif parent.call not in self._used:
                left = self.layers.left(parent.call, node)
                if left := [place for place in left if place.made(parent)]:
                    self._used[parent.call] = left

    def __dir__(self) -> list[str]:
        """Where pluggy looks for hooks: a recorder comes and goes often, and this is faster."""
        return ["micrograd_rule_ran"]

    def forget(self) -> None:
        """Let go of the graph."""
        self._used.clear()
        self._last = None

    def _bent(self, node: Value, operand: Value) -> list[Place]:
        """The layers whose output an activation bends; none if it is in another layer."""
        if operand.call in self._used:
            return []
        here = self.layers.place(node)
        left = self.layers.left(operand.call, node)
        inside = [place for place in left if here is None or place.is_inside(here.home)]
        return [place for place in inside if place.made(operand)]

    def _count(self, layer: Layer, bend: str, node: Value, g: Any) -> None:
        tally = self.tallies.setdefault(layer, Tally())
        results = zip(node._array, g, strict=True) if isinstance(g, tuple) else [(node._array, g)]
        for output, gradient in results:
            tally.add(bend, np.asarray(output), np.asarray(gradient), layer.along_second_axis)


def bend_of(node: Value) -> tuple[str, Value | None]:
    """The name of the activation that made a node, and what it bent; np.maximum(x, 0) is a relu.

    >>> x = Value([1.0, -2.0]) * 1
    >>> [bend_of(node)[0] for node in (x.tanh(), np.maximum(x, 0), np.maximum(x, 1), x + 1)]
    ['tanh', 'relu', '', '']
    """
    name, operands = node.op.name, [one for one in node.parents if one is not None and one.op]
    if name == "maximum" and len(operands) == 1:
        floor = node.inputs[1 if node.parents[0] is operands[0] else 0]
        name = "" if np.any(floor) else "relu"
    if name not in BENDS:
        return "", None
    return name, operands[0] if operands else None


def _is_numbers(g: Any) -> bool:
    """Whether rules run on arrays: not to be differentiated again, and not to be compiled."""
    one = g[0] if isinstance(g, tuple) else g
    return isinstance(one, (np.ndarray, np.generic))
