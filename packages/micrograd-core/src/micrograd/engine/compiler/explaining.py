"""What does a program cost? Operations and bytes, by op, and what buffers are saved."""

from __future__ import annotations

from typing import NamedTuple

from . import primitives
from .build import Built
from .plan import bytes_without_reuse


class Row(NamedTuple):
    """The steps that one op, one rule or an optimizer made."""

    part: str
    steps: int
    flops: int
    written: int  # bytes
    fresh: int  # of these, bytes that are allocated anew at each call


class Explanation(NamedTuple):
    """The table, and the totals; printing shows both."""

    rows: list[Row]
    steps_before: int  # of simplification
    steps: int
    bytes_before: int  # if each result had memory of its own
    buffers: int  # bytes
    allocating: list[str]  # the lines for which NumPy has no out=

    def __str__(self) -> str:
        head = ("part", "steps", "flops", "bytes written", "fresh")
        lines = [(r.part, *(f"{n:,}" for n in r[1:])) for r in self.rows]
        widths = [max(len(line[i]) for line in [head, *lines]) for i in range(5)]
        table = [
            f"{line[0]:{widths[0]}}  "
            + "  ".join(f"{c:>{w}}" for c, w in zip(line[1:], widths[1:]))  # noqa: B905
            for line in [head, *lines]
        ]
        table.insert(1, "-" * max(map(len, table)))
        notes = [
            "",
            f"{self.steps_before} steps recorded, {self.steps} after simplification",
            f"{self.bytes_before:,} bytes if each result had its own memory, {self.buffers:,} in "
            "buffers that are used again",
        ]
        if self.allocating:
            notes.append("allocated anew at each call, for NumPy has no out= there:")
            notes += [f"    {line}" for line in self.allocating]
        return "\n".join([*table, *notes])


def explain(built: Built) -> Explanation:
    """Add up what a program computes."""
    found: dict[str, Row] = {}
    plan = built.plan
    for step in built.recording.steps:
        note = step.note
        where = f"{note.scope}: " * bool(note.scope)
        rule = f"rule of {note.name} for {note.argument}" if note.kind == "rule" else note.name
        part = f"{where}{rule}" or "the function itself"
        kind = plan.kinds[step]
        if kind == "view":
            continue
        old = found.get(part, Row(part, 0, 0, 0, 0))
        found[part] = Row(
            part,
            old.steps + 1,
            old.flops + primitives.flops(step),
            old.written + int(step.nbytes),
            old.fresh + (int(step.nbytes) if kind == "fresh" else 0),
        )
    fresh = {plan.name[step] for step in built.recording.steps if plan.kinds[step] == "fresh"}
    allocating = [line for line in built.writer.lines if line.partition(" = ")[0] in fresh]
    return Explanation(
        list(found.values()),
        len(built.before.steps),
        len(built.recording.steps),
        bytes_without_reuse(built.before),
        sum(int(buffer.nbytes) for buffer in plan.buffers),
        allocating,
    )
