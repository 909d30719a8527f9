"""Where did the nan come from?

Inside ``with detect_anomaly():`` every op checks what it returns and every rule what it computes,
and the first number that is not finite stops the program with the op, its inputs and the line of
the user's code that called it. A checksum of each op's inputs is kept until its rules run, so
that a write into an array (``x.data[0] = 5``) is found too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .broadcasting import Array
from .modes import changed

_HERE = os.path.dirname(__file__)


class _Note(NamedTuple):
    line: str
    checksums: tuple[int, ...]


class Watch:
    """What ``Op.apply`` and ``pull_any`` tell about each op and each rule."""

    within = ""  # the rule that is running: on Values it calls ops in its turn

    def after_forward(self, op: Any, operands: Sequence[Any], out: Array, result: Any) -> None:
        """Check an op's result, and keep what is needed to check its rules."""
        line = _user_line()
        inputs = [getattr(operand, "_array", operand) for operand in operands]
        for one in out if isinstance(out, tuple) else (out,):
            if not np.all(np.isfinite(one)):
                raise FloatingPointError(
                    f"{self.within}{op.told()} returned {_bad(one)} at {line}. Its inputs: "
                    f"{_described(op, operands, inputs)}."
                )
        first = result[0] if isinstance(result, tuple) else result
        if first.requires_grad:
            first.call._note = _Note(line, _checksums(inputs))

    def before_rule(self, node: Any, position: int) -> None:
        """Check that nobody wrote into the arrays that the op saw."""
        note = getattr(node, "_note", None)
        if note is not None and note.checksums != _checksums(node._inputs):
            raise RuntimeError(
                f"An input of {node._op.told()}, called at {note.line}, was written into before "
                "backward, so its gradient would be wrong. Write a new array, or call touch() and "
                "compute the result again."
            )
        called = f", called at {note.line}" if note else ""
        argument = node._op.argument(position)
        self.within = f"In the rule of {node._op.told()} for {argument!r}{called}: "

    def after_rule(self, node: Any, position: int, gradient: Array) -> None:
        """Check a rule's result."""
        within, self.within = self.within, ""
        array: Array = getattr(gradient, "_array", gradient)
        if not np.all(np.isfinite(array)):
            raise FloatingPointError(
                f"{within}it returned {_bad(array)}. Its inputs: "
                f"{_described(node._op, node.parents, node._inputs)}."
            )


def detect_anomaly() -> changed:
    """Stop at the first number that is not finite, forward or backward, and say where it arose.

    Also refuses to run a rule whose inputs were written into since the forward. It is slow:
    use it to find a fault, then take it out.

    **Errors.** FloatingPointError for nan or infinity; RuntimeError for an array that changed.

    >>> from micrograd.engine import Value
    >>> with detect_anomaly(), np.errstate(all="ignore"):
    ...     np.log(Value([1.0, -1.0], name="x"))
    Traceback (most recent call last):
        ...
    FloatingPointError: log returned nan at index (1,) at ...
    """
    return changed(watch=Watch())


def _user_line() -> str:
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _checksums(arrays: Sequence[Array]) -> tuple[int, ...]:
    return tuple(hash(np.asarray(a).tobytes()) for a in arrays if a is not None)


def _bad(array: Array) -> str:
    where = np.argwhere(~np.isfinite(np.atleast_1d(array)))[0]
    index = tuple(int(i) for i in where) if np.ndim(array) else ()
    return f"{np.asarray(array)[index]} at index {index}"


def _described(op: Any, operands: Sequence[Any], inputs: Sequence[Array]) -> str:
    parts = []
    for position, (operand, array) in enumerate(zip(operands, inputs, strict=True)):
        name = getattr(operand, "name", "")
        known = np.asarray(array)[~np.isnan(array)]
        span = f", from {known.min():.4g} to {known.max():.4g}" if known.size else ""
        called = f" {name!r}" if name else ""
        parts.append(f"{op.argument(position)}{called} of shape {np.shape(array)}{span}")
    return "; ".join(parts)
