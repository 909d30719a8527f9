"""Where does each result live, and when may its memory be used again?

Steps run in one fixed order, so it is known when a result is read for the last time. Its buffer
then serves a later result: best of all the one that is being computed from it, in place. Gradients,
and what an optimizer or ``assign`` writes, are computed right into the arrays that they are for.

A buffer keeps one size for ever. A second array in the same memory is declared as such, so the
body of the program reads as if each name had an array of its own.
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np

from . import primitives
from .naming import Names
from .recorder import Input
from .recording import Recording
from .simplify import symbols_of
from .symbol import Symbol

FOREVER = 10**9
MOST_AT_ONCE = 16384  # numbers; longer arrays are updated in parts
PART = 16384
EVEN = 8  # arrays begin where a line of the processor's cache does


class Buffer:
    """Memory that the program owns, and the arrays that are declared in it."""

    def __init__(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.name, self.shape, self.dtype = name, shape, dtype
        self.size = prod(shape)
        self.nbytes = self.size * dtype.itemsize
        self.owner: Symbol | None = None  # the last result that was placed in it
        self.arrays = {(name, shape): 0}  # and where they begin


class Block(NamedTuple):
    """Elementwise steps over long arrays, done part by part: a part stays in the cache."""

    steps: list[Symbol]
    rows: int  # in a part
    name: str  # of the slices

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a part."""
        return (self.rows, *self.steps[0].shape[1:])

    @property
    def has_rest(self) -> bool:
        """Whether the last part is shorter."""
        return self.steps[0].shape[0] % self.rows > 0


class Plan:
    """A place and a name for each symbol of a simplified recording."""

    def __init__(self, recording: Recording, names: Names) -> None:
        self.recording, self.names = recording, names
        self.buffers: list[Buffer] = []
        self.kinds = {step: primitives.kind(step) for step in recording.steps}
        self.roots: dict[Symbol, Symbol] = {}
        self.place: dict[Symbol, Buffer] = {}  # by root
        self.name: dict[Symbol, str] = {}
        self.gradients: dict[Any, str] = {}  # what the array for a parameter's is called
        self.uses: dict[Symbol, int] = {}  # how often a step reads it
        self.copies: dict[int, list[tuple[str, Symbol]]] = {}  # after which step what is copied
        self.in_place: set[Symbol] = set()
        self.blocks: dict[Symbol, Block] = {}  # by each of its steps
        self._last: dict[Symbol, int] = {}  # by root
        self._targets: dict[Symbol, str] = {}
        self._free: list[Buffer] = []
        self._follow()
        self._name_inputs()
        self._aim()
        self._divide()
        for i, step in enumerate(recording.steps):
            self._settle(i, step)

    def root(self, symbol: Symbol) -> Symbol:
        """The symbol whose memory this one shows."""
        return self.roots.get(symbol, symbol)

    # -- what is read when -------------------------------------------------------------------

    def _follow(self) -> None:
        for i, step in enumerate(self.recording.steps):
            if self.kinds[step] == "view":
                self.roots[step] = self.root(step.args[0])
            for one in symbols_of(step):
                self.uses[one] = self.uses.get(one, 0) + 1
                self._last[self.root(one)] = i
        r = self.recording
        for one in (*r.results, *(s for _, s in [*r.gradients, *r.effects, *r.updates])):
            self._last[self.root(one)] = FOREVER
            self.uses[one] = self.uses.get(one, 0) + 1

    def _name_inputs(self) -> None:
        for one in self.recording.inputs:
            self.name[one] = self.names.of_input(one)

    def _aim(self) -> None:
        """Decide which results are computed right into an array of the caller's."""
        where = {step: i for i, step in enumerate(self.recording.steps)}
        self._kept = {self.root(one) for one in self.recording.results}
        inputs = {one.source: one for one in self.recording.inputs if one.kind == "parameter"}

        def free(symbol: Symbol) -> bool:
            mine = self.root(symbol) is symbol and self.kinds.get(symbol) == "out"
            return mine and symbol not in self._targets and symbol not in self._kept

        for parameter, g in self.recording.gradients:
            name = self.gradients[parameter] = self.names.free(f"d_{self.name[inputs[parameter]]}")
            if free(g):
                self._targets[g] = name
            else:
                self.copies.setdefault(where.get(g, -1), []).append((name, g))
        for target, symbol in (*self.recording.effects, *self.recording.updates):
            parts = getattr(target.source, "parameters", ())  # of a flat array
            reads = [self._last.get(one, -1) for one in (target, *(inputs[p] for p in parts))]
            made = where.get(symbol, -1)
            if free(symbol) and max(reads) <= made:
                safe = max(reads) < made or primitives.overwrites(symbol, target)
                if safe:
                    self._targets[symbol] = self.name[target]
                    continue
            self.copies.setdefault(FOREVER, []).append((self.name[target], symbol))

    def _divide(self) -> None:
        """Find the optimizer's steps over long arrays."""
        run: list[Symbol] = []
        for step in [*self.recording.steps, None]:
            if step is None or not self._is_long(step) or (run and step.shape != run[0].shape):
                for one in self._closed(run):
                    block = Block(one, _rows(one[0].shape), self.names.free("parts"))
                    self.blocks |= dict.fromkeys(one, block)
                run = []
            if step is not None and self._is_long(step):
                run.append(step)

    def _is_long(self, step: Symbol) -> bool:
        """Whether a step can be done part by part, and should."""
        return (
            step.note.kind == "update"
            and step.size > MOST_AT_ONCE
            and self.kinds[step] == "out"
            and step.function in primitives.ELEMENTWISE
            and all(one.shape in ((), step.shape) for one in symbols_of(step))
        )

    def _closed(self, run: list[Symbol]) -> list[list[Symbol]]:
        """A run of steps, cut where nothing that has only parts is read any more.

        What is left open at the end is read elsewhere, so it has to be whole. What shares an array
        stays together: a parameter's steps do.
        """
        last = {one: i for i, step in enumerate(run) for one in symbols_of(step)}
        inside = dict.fromkeys(run, 0)
        for step in run:
            for one in symbols_of(step):
                if one in inside:
                    inside[one] += 1
        found: list[list[Symbol]] = []
        start, until = 0, -1.0
        for i, step in enumerate(run):
            if step not in self._targets:
                whole = inside[step] < self.uses.get(step, 0)
                until = max(until, np.inf if whole else last.get(step, i))
            if until <= i:
                new, start = run[start : i + 1], i + 1
                if found and not _arrays(found[-1]).isdisjoint(_arrays(new)):
                    found[-1] += new
                else:
                    found.append(new)
        return found

    def shape(self, step: Symbol) -> tuple[int, ...]:
        """What a buffer for a result has to hold."""
        return self.blocks[step].shape if step in self.blocks else step.shape

    # -- a place for each --------------------------------------------------------------------

    def _settle(self, i: int, step: Symbol) -> None:
        kind = self.kinds[step]
        if kind == "out" and self.root(step) in self._kept:
            kind = self.kinds[step] = "fresh"  # what the caller keeps
        if kind == "out" and step in self._targets:
            self.name[step] = self._targets[step]
        elif kind == "out":
            self._place(i, step)
        elif kind != "view":
            self.name[step] = self.names.of_step(step, self.name)
        for one in dict.fromkeys(map(self.root, [*symbols_of(step), step])):
            if self._last.get(one, i) <= i and one in self.place:
                if self.place[one].owner is one:
                    self._free.append(self.place[one])

    def _place(self, i: int, step: Symbol) -> None:
        operands = symbols_of(step)
        for one in operands:
            dies = self._last.get(one, FOREVER) == i and one in self.place
            alone = all(other is one or self.root(other) is not one for other in operands)
            if dies and alone and primitives.overwrites(step, one):
                self.place[step] = self.place[one]
                self.place[step].owner = step
                self.name[step] = self.name[one]
                same = self.shape(step) == self.shape(one)  # not only a part of it
                if not same or not self.names.keeps(step, one, self.name):
                    self.name[step] = self.names.of_step(step, self.name)
                    self.place[step].arrays[self.name[step], self.shape(step)] = 0
                self.in_place.add(step)
                return
        name = self.names.of_step(step, self.name)
        buffer = self._found(step)
        if buffer is None:
            buffer = Buffer(name, self.shape(step), step.dtype)
            self._take_in(buffer)
        buffer.arrays[name, self.shape(step)] = 0
        self.place[step], self.name[step], buffer.owner = buffer, name, step

    def _found(self, step: Symbol) -> Buffer | None:
        """Free memory of the dtype, the smallest that is large enough."""
        shape = self.shape(step)
        size = prod(shape)
        fits = [b for b in self._free if b.dtype == step.dtype and b.size >= size]
        if not fits:
            return None
        best = min(fits, key=lambda b: (b.size, b.shape != shape))
        self._free.remove(best)
        return best

    def _take_in(self, new: Buffer) -> None:
        """Let memory that is larger than any that is free hold as much of that as it has room for.

        What was free is one of its parts from the beginning, for nothing in it is read any more.
        """
        start, where = 0, len(self.buffers)
        for old in sorted(self._free, key=lambda buffer: -buffer.size):
            if old.dtype != new.dtype or start + old.size > new.size:
                continue
            for array, offset in old.arrays.items():
                new.arrays[array] = start + offset
            start += -(-old.size // EVEN) * EVEN
            where = min(where, self.buffers.index(old))
            self.buffers.remove(old)
            self._free.remove(old)
        self.buffers.insert(where, new)


def _arrays(steps: list[Symbol]) -> set[Symbol]:
    """What steps read and make."""
    return set(steps) | {one for step in steps for one in symbols_of(step) if one.shape}


def _rows(shape: tuple[int, ...]) -> int:
    """How many rows a part has: a divisor of all of them, if there is one of a good size."""
    width = prod(shape[1:])
    most = max(1, PART // width)
    good = [n for n in range(max(1, most // 2), most + 1) if shape[0] % n == 0]
    return max(good, default=most)


def bytes_without_reuse(recording: Recording) -> int:
    """The memory of all results if each had its own."""
    return sum(
        int(step.nbytes) for step in recording.steps if not primitives.is_view(step) and step.shape
    )


__all__ = ["Buffer", "Input", "Plan", "bytes_without_reuse"]
