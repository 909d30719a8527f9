"""What happened, told as plain data: which steps are there, and what does each one show?

First the graph with its leaves, then each call of an op in the order in which it was made, the
gradient that backward starts with, each rule in the order in which it ran, and the end. The page
shows what stands here and computes nothing.
"""

from __future__ import annotations

import inspect
from collections import Counter
from typing import Any

import numpy as np

from micrograd.engine import Value
from micrograd.engine.value import seed

from ..numbers import brief
from .facts import Facts
from .recording import RuleRun, births, record

Step = dict[str, Any]
SIGNS = frozenset(["+", "-", "*", "/", "**", "@"])


class Story:
    """The steps of one pass, forward and backward, and the facts that they refer to.

    `values`, `facts` and `steps` are what the page holds as JSON; `shares` gives the running sums
    of each Value's gradient, for the picture.
    """

    def __init__(self, root: Value, values: list[Value], gradient: Any = None) -> None:
        self.root = root
        self._nodes = values
        self._given = gradient is not None
        given = gradient.data if isinstance(gradient, Value) else gradient
        first = np.asarray(seed(root, given))
        self.rules = record(root, values, first)
        self.place = {value: place for place, value in enumerate(values)}
        self._results: dict[Value, list[Value]] = {}
        for value in values:
            if value.op is not None:
                self._results.setdefault(value.call, []).append(value)
        self.names = names(values)
        self.shares: dict[Value, list[Any]] = {root: [first]}
        self._expected = Counter(run.parent for run in self.rules)
        self._facts = Facts()
        self.steps: list[Step] = [self._start()]
        self.steps += [self._call(value) for value in births(values)]
        self.steps.append(self._seed())
        self.steps += [self._rule(run) for run in self.rules]
        self.steps.append(self._end())
        self.values = [self._value(value) for value in values]
        self.facts = self._facts.table

    def _value(self, value: Value) -> Step:
        """All that the page says of a Value, whichever step it is at."""
        shares = self.shares.get(value)
        return {
            "name": self.names[value],
            "kind": self.kind(value),
            "op": "" if value.op is None else value.op.name,
            "how": "" if value.op is None else self.expression(value),
            "scope": value.scope,
            "dtype": str(value.dtype),
            "data": self._facts.add(value.data),
            "gradient": None if shares is None else self._facts.add(shares[-1]),
            "operands": [
                self.place[one] for one in dict.fromkeys(value.parents) if one is not None
            ],
        }

    def kind(self, value: Value) -> str:
        """What a Value is, in a word."""
        if value is self.root:
            return "output"
        if value.op is not None:
            return "inner value"
        return "parameter" if value.requires_grad else "input"

    def expression(self, result: Value) -> str:
        """How a Value was computed, as a person would write it; a constant keeps no operands."""
        operands = [self.told(operand) for operand in self._operands(result)]
        label = result.op.label
        if label in SIGNS and len(operands) == 2:
            return f"{operands[0]} {label} {operands[1]}"
        if not operands:
            operands = ["…"]
        settings = [f"{name}={brief(one)}" for name, one in result.call.settings.items()]
        return f"{label}({', '.join([*operands, *settings])})"

    def told(self, operand: Step) -> str:
        """An operand in the middle of a sentence."""
        if operand["value"] is not None:
            return self.names[self._nodes[operand["value"]]]
        return " ".join(self._facts.table[operand["fact"]]["lines"][:1])

    def _operands(self, result: Value) -> list[Step]:
        op = result.op
        return [
            {
                "argument": op.argument(position),
                "value": None if parent is None else self.place[parent],
                "fact": self._facts.add(array),
            }
            for position, (parent, array) in enumerate(
                zip(result.parents, result.inputs, strict=True)
            )
            if parent is not None or array is not None  # None: an argument that was not given
        ]

    def _start(self) -> Step:
        leaves = [value for value in self._nodes if value.op is None]
        wanting = sum(value.requires_grad for value in leaves)
        return {
            "kind": "start",
            "title": "The graph",
            "text": f"{len(self._nodes)} Values; leaves: {len(leaves)}, of which {wanting} get a "
            "gradient. The leaves hold their numbers; everything else is computed from them.",
            "results": [self.place[value] for value in leaves],
        }

    def _call(self, value: Value) -> Step:
        results = self._results[value.call]
        left = ", ".join(self.names[result] for result in results)
        out = self._facts.add_all(value.call._array)
        title = f"{left} = {self.expression(value)}"
        return {
            "kind": "forward",
            "title": title,
            "text": f"Forward: {title}. {self._aloud('The result is', out)}",
            "maths": _documentation(value.op.forward).partition("\n\n")[0],
            "op": value.op.name,
            "call": self.place[results[0]],
            "results": [self.place[result] for result in results],
            "inputs": self._operands(value),
            "out": out,
        }

    def _seed(self) -> Step:
        name = self.names[self.root]
        text, maths = (
            f"The gradient of {name} with respect to itself is 1.",
            f"d {name}/d {name} = 1",
        )
        if self._given:
            text = f"The gradient of {name} was given: what follows is that of sum(g * {name})."
            maths = f"d sum(g * {name})/d {name} = g"
        return {
            "kind": "seed",
            "title": f"Backward starts at {name}",
            "text": f"{text} From here on, each rule turns the gradient of a result into a share "
            "of an operand's.",
            "maths": maths,
            "results": [self.place[self.root]],
            "parent": self.place[self.root],
            "sum": self._facts.add(self.shares[self.root][0]),
        }

    def _rule(self, run: RuleRun) -> Step:
        """One rule, and what it adds to: the same additions, in the same order, as the engine's."""
        parent, facts = run.parent, self._facts
        shares = self.shares.setdefault(parent, [])
        before = shares[-1] if shares else None
        shares.append(run.result if before is None else before + run.result)
        results = self._results[run.call]
        of, to = ", ".join(self.names[one] for one in results), self.names[parent]
        op, count, total = run.call.op, len(shares), self._expected[parent]
        result = facts.add(run.result)
        text = (
            f"Backward: the rule of {op.name} for {op.argument(run.position)} takes the gradient "
        )
        text += f"of {of} and gives {to} "
        text += "its gradient. " if total == 1 else f"share {count} of {total} of its gradient. "
        text += self._aloud("The result is", [result])
        if before is not None:
            text += self._aloud(" The sum so far is", [facts.add(shares[-1])])
        return {
            "kind": "rule",
            "title": f"{of} → {to}, by {op.name}",
            "text": text,
            "maths": _documentation(op.rule(run.position)),
            "note": self._note(run),
            "op": op.name,
            "argument": op.argument(run.position),
            "position": run.position,
            "call": self.place[results[0]],
            "results": [self.place[one] for one in results],
            "parent": self.place[parent],
            "g": facts.add_all(run.g),
            "out": facts.add_all(run.call._array),
            "inputs": self._operands(results[0]),
            "result": result,
            "before": None if before is None else facts.add(before),
            "sum": facts.add(shares[-1]),
            "share": count,
            "shares": total,
        }

    def _end(self) -> Step:
        leaves = [value for value in self._nodes if value.op is None and value in self.shares]
        return {
            "kind": "end",
            "title": "Every gradient is there",
            "text": f"Backward is done: {len(self.rules)} rules gave {len(leaves)} leaves their "
            "gradients. A step of gradient descent would now move each leaf against its own.",
            "results": [self.place[value] for value in leaves],
            "gradients": [
                {"value": self.place[value], "fact": self._facts.add(self.shares[value][-1])}
                for value in leaves
            ],
        }

    def _note(self, run: RuleRun) -> str:
        """Say what the engine did after the rule: it undoes broadcasting."""
        shape, out = run.parent.shape, run.call._array
        try:
            reached = np.broadcast_shapes(*(np.shape(one) for one in run.call.inputs))
        except (ValueError, TypeError):  # no elementwise op
            return ""
        if isinstance(out, tuple) or reached != out.shape or shape == out.shape:
            return ""
        return (
            f"{self.names[run.parent]} was broadcast from {shape} to {out.shape}; "
            f"the engine summed the rule's result back to {shape}."
        )

    def _aloud(self, start: str, places: list[int]) -> str:
        """A sentence with numbers, if they are few enough to be listened to."""
        lines = [line for place in places for line in self._facts.table[place]["lines"]]
        return f"{start} {' '.join(' '.join(lines).split())}." if len(lines) == 1 else ""


def names(values: list[Value]) -> dict[Value, str]:
    """A name for each Value: its own, or v1, v2, ... where it has none to be seen."""
    taken = {value.name for value in values}
    free = (f"v{number}" for number in range(1, 2 * len(values) + 1))
    fresh = (name for name in free if name not in taken)
    return {value: value.name if value.name.strip() else next(fresh) for value in values}


def _documentation(rule: Any) -> str:
    """The docstring of a rule or of an op; of the function within, where settings are bound."""
    text = getattr(getattr(rule, "func", rule), "__doc__", None)
    return inspect.cleandoc(text) if text else "Its author wrote no docstring."
