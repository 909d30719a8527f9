"""What did the engine do, and in which order?

A recorder on the hook `micrograd_rule_ran` listens to one backward pass of `gradients`, which
stores nothing: no ``grad`` changes. Read `story` next.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import get_ident
from typing import Any

from micrograd.engine import Value, gradients, hookimpl, plugins


@dataclass(frozen=True)
class RuleRun:
    """A rule that ran: of which call, for which operand, with which gradient, and its result."""

    call: Value
    position: int
    g: Any
    result: Any

    @property
    def parent(self) -> Value:
        """The Value that the result is a share of the gradient of."""
        parent: Value = self.call._parents[self.position]
        return parent


class Recorder:
    """Listens to the rules that run in this thread."""

    def __init__(self, on_path: set[Value]) -> None:
        self.rules: list[RuleRun] = []
        self._on_path = on_path
        self._thread = get_ident()

    @hookimpl
    def micrograd_rule_ran(self, node: Value, argument: str, g: Any, gradient: Any) -> None:
        """Keep what a rule was given and what it made of it.

        A node's rules run one behind the other, in the order of its operands; those whose operand
        takes no gradient do not run. That tells two operands of one name apart (``*arrays``).
        """
        if get_ident() != self._thread:
            return
        last = self.rules[-1] if self.rules else None
        start = last.position + 1 if last is not None and last.call is node else 0
        for position in range(start, len(node._parents)):
            if node.op.argument(position) == argument and node._parents[position] in self._on_path:
                self.rules.append(RuleRun(node, position, _kept(g), _kept(gradient)))
                return


def record(root: Value, values: list[Value], g: Any) -> list[RuleRun]:
    """Run backward from `root` and return the rules that ran, in their order.

    `values` are those of the graph, parents first; `g` is the gradient that backward starts with.

    **Errors.** those of `gradients`.
    """
    leaves = [value for value in values if value.op is None and value.requires_grad]
    on_path = set(leaves)
    for value in values:
        if not on_path.isdisjoint(value.call._parents):
            on_path |= {value.call, value}
    recorder = Recorder(on_path)
    with plugins.registered(recorder):
        gradients(root, leaves, gradient=g)
    return recorder.rules


def births(values: list[Value]) -> list[Value]:
    """One Value for each call of an op, in the order in which the calls were made."""
    first: dict[Value, Value] = {}
    for value in values:
        if value.op is not None:
            first.setdefault(value.call, value)
    return sorted(first.values(), key=lambda value: value.call._stamp)


def _kept(g: Any) -> Any:
    """A copy, for the engine owns what a recorder is shown."""
    return tuple(map(_kept, g)) if isinstance(g, tuple) else g.copy()
