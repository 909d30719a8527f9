"""What makes the frequent calls fast?

An op called with Values that require a gradient, and plain arrays and numbers, while nothing
watches: in a small network nearly every call is one of these, and the work around the arithmetic
decides the speed. Each shortcut is a pair: *call* makes the node, *pull* runs its rules on arrays.
One, two and three arrays have their own, because most calls are of these; ``several`` is for all
other ops. They do nothing that ``Op.apply`` and ``pull_any`` do not do, and leave to these what
they do not know: the engine is whole without this file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .backward import Sums, receive
from .broadcasting import Array
from .op import SHORTCUTS, Op, node
from .value import STATE, Value

PLAIN = (float, int, np.ndarray)
NUMBERS = (float, int)

current, float64 = STATE.get, np.float64  # a global name is found faster


def one_array(this: Op) -> Any:
    forward, missing, rules, defaults = this.forward, this.missing, this.rules, this.defaults

    def call(x: Any, *rest: Any, **named: Any) -> Any:
        state = current()
        if type(x) is Value and state.fast and x.requires_grad and not rest and not missing:
            a = x._array
            if not named:
                return node(this, forward(a), (x,), (a,), defaults, state.scope)
            settings = {**defaults, **named}
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

    def call(x: Any, y: Any, z: Any) -> Any:
        state = current()
        if state.fast and not missing:
            if type(y) is type(z) is Value and y.requires_grad and z.requires_grad:
                b, c = y._array, z._array
                if type(x) is Value and x.requires_grad:
                    a = x._array
                    return node(this, forward(a, b, c), (x, y, z), (a, b, c), settings, state.scope)
                if type(x) in PLAIN:
                    out = forward(x, b, c)
                    return node(this, out, (None, y, z), (x, b, c), settings, state.scope)
        return this.apply((x, y, z), {})

    def pull(node: Any, g: Array, sums: Sums) -> None:
        x, y, z = node._parents
        out, (a, b, c) = node._array, node._inputs
        if x in sums:
            receive(node, 0, rules[0](g, out, a, b, c), sums)
        if y in sums:
            receive(node, 1, rules[1](g, out, a, b, c), sums)
        if z in sums:
            receive(node, 2, rules[2](g, out, a, b, c), sums)

    this.pull = pull
    return call


def several(this: Op) -> Any:
    forward, missing, defaults, rule = this.forward, this.missing, this.defaults, this.rule
    count = None if this.variadic else len(this.arrays)
    constant = {i for i, name in enumerate(this.arrays) if name in this.constant}
    rest = this.variadic and this.arrays[-1] in this.constant

    def call(*given: Any, **named: Any) -> Any:
        state = current()
        if not state.fast or missing or (count is not None and len(given) != count):
            return this.apply(given, named)
        inputs: list[Any] = []
        parents: list[Any] = []
        plain = True
        for i, one in enumerate(given):
            if type(one) is Value:
                if not one.requires_grad or i in constant or (rest and i >= len(this.arrays)):
                    return this.apply(given, named)
                inputs.append(one._array)
                parents.append(one)
                plain = False
            elif one is None or type(one) in NUMBERS or _is_plain(one):
                inputs.append(one)
                parents.append(None)
            else:
                return this.apply(given, named)
        settings = {**defaults, **named} if named else defaults
        out = forward(*inputs, **settings)
        if plain:
            return out
        return node(this, out, tuple(parents), tuple(inputs), settings, state.scope)

    def pull(node: Any, g: Array, sums: Sums) -> None:
        out, inputs, settings = node._array, node._inputs, node.settings
        for position, parent in enumerate(node._parents):
            if parent in sums:
                receive(node, position, rule(position)(g, out, *inputs, **settings), sums)

    this.pull = pull
    return call


def _is_plain(one: Any) -> bool:
    return type(one) is np.ndarray and one.dtype.kind in "fiub"


SHORTCUTS[1, False] = SHORTCUTS[1, True] = one_array
SHORTCUTS[2, False] = two_arrays
SHORTCUTS[3, False] = three_arrays
SHORTCUTS[()] = several
