"""In which order do the rules run, and how are their results added?

A node knows its parents, the Values that it was computed from. To get dL/dx for every x at once,
start at L with dL/dL = 1 and go towards the leaves. At a node, each rule turns its gradient into a
share of that of one parent; the shares along different paths add up (multivariate chain rule).

**Order.** A node may hand its gradient on only when all its shares have arrived: after every node
that uses it. A node is born after its parents, so "youngest first" is such an order. Following the
links without sorting goes wrong as soon as a node is used twice: in ``b = a + a; c = b + b`` it
would hand b's gradient on when half of it has come.

Nothing here recurses, so a graph may be as deep as memory allows. Read ``value`` next: it says what
the attributes of a node mean, by which alone this file knows it.
"""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np

from .broadcasting import Array, stretched_axes, unbroadcast

Sums = dict[Any, Array]  # by Value: its gradient so far, None before the first share arrives
ASSIGNED = {0: 0}  # by thread, when it last assigned to a Value; a younger graph is not stale

# Called as recorder(node=, argument=, g=, gradient=) after each rule; ``plugins`` fills it.
RECORDERS: list[Any] = []


def propagate(
    root: Any, g: Array, inputs: Any = None, keep: bool = True, **how: Any
) -> tuple[Sums, list[Any]]:
    """Run the rules from ``root`` towards the leaves.

    With ``inputs``, only rules on a path from one of them to ``root`` run. ``keep=False`` forgets
    the gradient of an inner node (unless it is an input) once its rules have run. ``how`` is
    for ``pull_any``; without it, and without recorders, the pull that each op has for arrays runs.
    Returns the gradients, by Value, and the inner nodes in the order in which they ran.
    """
    sums: Sums = {root: None}  # also the set of Values that were met
    nodes = [root] if root._parents else []
    for node in nodes:  # which grows meanwhile
        for parent in node._parents:
            if parent is not None and parent not in sums:
                sums[parent] = None
                if parent._parents:
                    nodes.append(parent)
    nodes.sort(key=attrgetter("_stamp"), reverse=True)  # by birth, youngest first
    kept = set(inputs or ())
    if inputs is not None:
        on_path = set(kept)
        for node in reversed(nodes):
            if not on_path.isdisjoint(node._parents):
                on_path.add(node)
        nodes = [node for node in nodes if node in on_path]
        sums = dict.fromkeys(on_path)
    sums[root] = g
    pull = partial(pull_any, **how) if any(how.values()) or RECORDERS else None
    doubtful = bool(nodes) and nodes[-1]._stamp < max([*ASSIGNED.values()])
    for node in nodes:
        if doubtful:
            for one in node._operands:
                if one is not None and one._stamp > node._stamp:
                    used = f"{node._op.told()} used {one.name or 'a Value'} of shape {one.shape}"
                    raise RuntimeError(f"{used}, whose data has changed since. Compute it again.")
        (pull or node._op.pull)(node, sums[node], sums)
        if not keep and node not in kept:
            del sums[node]
    return sums, nodes


def receive(node: Any, position: int, gradient: Array, sums: Sums, values: bool = False) -> Array:
    """Check the gradient that a rule of ``node`` gave for one parent, and add it."""
    parent = node._parents[position]
    data, cls = parent._array, type(gradient)
    if cls is not type(data) or gradient.shape != data.shape or gradient.dtype is not data.dtype:
        gradient = fit(node, position, gradient, values)
    sums[parent] = gradient if sums[parent] is None else sums[parent] + gradient
    return gradient


def fit(node: Any, position: int, gradient: Array, values: bool) -> Array:
    """Give a rule's result the shape and dtype of the argument, or say whose rule is wrong."""

    def wrong(got: str) -> str:
        return f"{node._op.told()}: the rule for {node._op.argument(position)!r} returned {got}"

    data, out = node._parents[position]._array, node._array
    is_value = hasattr(gradient, "_stamp")
    gradient = gradient if is_value or hasattr(gradient, "recorder") else np.asarray(gradient)
    if gradient.dtype.kind not in "fiub" or (is_value and not values):
        got = "a Value" if is_value else f"{gradient.dtype} elements"
        raise TypeError(wrong(f"{got}. Return an array of real numbers."))
    if gradient.shape != data.shape:
        axes = stretched_axes(gradient.shape, data.shape)
        reached = gradient.shape if type(out) is tuple else out.shape
        stretched = {gradient.shape[axis] for axis in axes or ()}
        if axes is None or gradient.ndim > max(data.ndim, len(reached)) or stretched - {*reached}:
            got = f"shape {gradient.shape} for an argument of shape {data.shape}"
            raise ValueError(wrong(f"{got}. Return its shape, or one that it broadcasts to."))
        gradient = unbroadcast(gradient, data.shape)
    return gradient if gradient.dtype == data.dtype else gradient.astype(data.dtype)


def pull_any(node: Any, g: Array, sums: Sums, *, values: bool = False, watch: Any = None) -> None:
    """The complete way to run a node's rules; ops have shortcuts for the frequent cases.

    With ``values`` the rules run on Values, so that the gradient is itself a graph. The watch
    (see ``anomaly``) and the recorders are told about every rule.
    """
    if node.call is not node:
        return pull_result(node, g, sums)
    op, inputs, out = node._op, node._inputs, node._array
    if type(out) is tuple:
        g = tuple(np.zeros_like(o) if one is None else one for o, one in zip(out, g, strict=True))
    if values:
        inputs = tuple(a if p is None else p for p, a in zip(node._parents, inputs, strict=True))
        out = node.results() if type(out) is tuple else node
    for position, parent in enumerate(node._parents):
        if parent in sums:
            if watch is not None:
                watch.before_rule(node, position)
            gradient = op.rule(position)(g, out, *inputs, **node.settings)
            gradient = receive(node, position, gradient, sums, values)
            if watch is not None:
                watch.after_rule(node, position, gradient)
            for recorder in RECORDERS:
                recorder(node=node, argument=op.argument(position), g=g, gradient=gradient)


def pull_result(node: Any, g: Array, sums: Sums) -> None:
    """Hand the gradient of one of several results to the call that they all came from."""
    if node.call in sums:
        call, place = node.call, node.settings["position"]
        shares = list(sums[call] or [None] * len(call._array))
        shares[place] = g if shares[place] is None else shares[place] + g
        sums[call] = shares
