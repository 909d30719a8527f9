"""What makes the frequent calls fast?

An op of one array, of two, or of three, called with Values that require a gradient (one of two may
be a plain constant) while nothing watches: in a small network nearly every call is one of these,
and the work around the arithmetic decides the speed. Each shortcut is a pair: *call* makes the
node, *pull* runs its rules on arrays. They do nothing that ``Op.apply`` and ``pull_any`` do not do,
and leave to these whatever they do not know: the engine is whole without this file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .backward import Sums, receive
from .broadcasting import Array
from .op import SHORTCUTS, Op, node
from .value import STATE, Value

PLAIN = (float, int, np.ndarray)

current, float64 = STATE.get, np.float64  # a global name is found faster


def one_array(this: Op) -> Any:
    forward, missing, rules, defaults = this.forward, this.missing, this.rules, this.defaults

    def call(x: Any, *rest: Any, **named: Any) -> Any:
        state = current()
        if type(x) is Value and state.fast and x.requires_grad and not rest and not missing:
            settings = {**defaults, **named} if named else defaults
            a = x._array
            return node(this, forward(a, **settings), (x,), (a,), settings, state.scope)
        return this.apply((x, *rest), named)

    def pull(node: Any, g: Array, sums: Sums) -> None:
        (x,) = node._parents
        if x in sums:
            (a,) = node._inputs
            gradient = rules[0](g, node._array, a, **node.settings)
            if type(gradient) is type(a) is float64:
                known = sums[x]
                sums[x] = gradient if known is None else known + gradient
            else:
                receive(node, 0, gradient, sums)

    this.pull = pull
    return call


def two_arrays(this: Op) -> Any:
    forward, missing, rules, settings = this.forward, this.missing, this.rules, this.defaults

    def call(x: Any, y: Any) -> Any:
        state = current()
        if state.fast and not missing:
            if type(x) is Value and x.requires_grad:
                a = x._array
                if type(y) is Value and y.requires_grad:
                    b = y._array
                    return node(this, forward(a, b), (x, y), (a, b), settings, state.scope)
                if type(y) in PLAIN:
                    return node(this, forward(a, y), (x, None), (a, y), settings, state.scope)
            elif type(x) in PLAIN and type(y) is Value and y.requires_grad:
                b = y._array
                return node(this, forward(x, b), (None, y), (x, b), settings, state.scope)
        return this.apply((x, y), {})

    def pull(node: Any, g: Array, sums: Sums) -> None:
        x, y = node._parents
        a, b = node._inputs
        if x in sums:
            gradient = rules[0](g, node._array, a, b)
            if type(gradient) is type(a) is float64:
                known = sums[x]
                sums[x] = gradient if known is None else known + gradient
            else:
                receive(node, 0, gradient, sums)
        if y in sums:
            gradient = rules[1](g, node._array, a, b)
            if type(gradient) is type(b) is float64:
                known = sums[y]
                sums[y] = gradient if known is None else known + gradient
            else:
                receive(node, 1, gradient, sums)

    this.pull = pull
    return call


def three_arrays(this: Op) -> Any:
    forward, missing, rules, settings = this.forward, this.missing, this.rules, this.defaults

    def call(*given: Any, **named: Any) -> Any:
        state = current()
        if state.fast and not missing and len(given) == 3 and not named:
            x, y, z = given
            if type(x) is type(y) is type(z) is Value:
                if x.requires_grad and y.requires_grad and z.requires_grad:
                    a, b, c = inputs = x._array, y._array, z._array
                    return node(this, forward(a, b, c), given, inputs, settings, state.scope)
        return this.apply(given, named)

    def pull(node: Any, g: Array, sums: Sums) -> None:
        out, inputs = node._array, node._inputs
        for position, parent in enumerate(node._parents):
            if parent in sums:
                receive(node, position, rules[position](g, out, *inputs), sums)

    this.pull = pull
    return call


SHORTCUTS[1, False] = SHORTCUTS[1, True] = one_array
SHORTCUTS[2, False] = two_arrays
SHORTCUTS[3, False] = three_arrays
