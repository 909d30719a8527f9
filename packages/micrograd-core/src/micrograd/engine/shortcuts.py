"""What makes the frequent calls fast?

An op of one array, or of two, called with Values that require a gradient (one of two may be a
plain constant) while nothing watches: in a small network nearly every call is one of these, and
the work around the arithmetic decides the speed. Each shortcut is a pair: *call* makes the node,
*pull* runs its rules on arrays. They do nothing that ``Op.apply`` and ``pull_any`` do not do, and
leave to these whatever they do not know: the engine is whole without this file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .backward import Sums, receive
from .broadcasting import Array
from .op import SHORTCUTS, Op
from .value import STATE, Value

PLAIN = (float, int, np.ndarray)


def one_array(this: Op) -> Any:
    forward, missing, rules, defaults = this.forward, this.missing, this.rules, this.defaults

    def call(x: Any, *rest: Any, **named: Any) -> Any:
        state = STATE.get()
        if type(x) is Value and state.fast and x.requires_grad and not rest and not missing:
            settings = {**defaults, **named} if named else defaults
            a = x._array
            return this.node(forward(a, **settings), (x,), (a,), settings, state.scope)
        return this.apply((x, *rest), named)

    def pull(node: Any, g: Array, sums: Sums) -> None:
        if node._parents[0] in sums:
            rule = rules[0]
            receive(node, 0, rule(g, node._array, node._inputs[0], **node.settings), sums)

    this.pull = pull
    return call


def two_arrays(this: Op) -> Any:
    forward, missing, rules = this.forward, this.missing, this.rules

    def call(x: Any, y: Any) -> Any:
        state = STATE.get()
        if state.fast and not missing:
            if type(x) is Value and x.requires_grad:
                a = x._array
                if type(y) is Value and y.requires_grad:
                    b = y._array
                    return this.node(forward(a, b), (x, y), (a, b), {}, state.scope)
                if type(y) in PLAIN:
                    return this.node(forward(a, y), (x, None), (a, y), {}, state.scope)
            elif type(x) in PLAIN and type(y) is Value and y.requires_grad:
                b = y._array
                return this.node(forward(x, b), (None, y), (x, b), {}, state.scope)
        return this.apply((x, y), {})

    def pull(node: Any, g: Array, sums: Sums) -> None:
        x, y = node._parents
        a, b = node._inputs
        if x in sums:
            receive(node, 0, rules[0](g, node._array, a, b), sums)
        if y in sums:
            receive(node, 1, rules[1](g, node._array, a, b), sums)

    this.pull = pull
    return call


SHORTCUTS[1, False] = SHORTCUTS[1, True] = one_array
SHORTCUTS[2, False] = two_arrays
