"""How does a person write the program down?

One straight line of NumPy. A comment stands above each group of lines that one op or one rule
made; views are written where they are used; numbers that meet arrays are named once, at the top.
How a single step reads is told in ``spelling``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops import kernels
from . import primitives
from .draws import draw
from .layout import WIDTH, wrapped
from .literals import within, written
from .notes import Note
from .plan import FOREVER, Block, Plan
from .recorder import Input, item
from .rounding import one_less_at
from .spelling import Raw, Speller
from .symbol import Symbol, as_type


class Writer(Speller):
    """Writes one program."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.constants: dict[str, np.ndarray[Any, Any]] = {}  # too large to be written
        self._views: list[str] = []  # of buffers, which never move
        self._kept: dict[Symbol, str] = {}  # results
        self._given: set[Symbol] = set()  # results, once they are returned
        self.lines = self._body()

    def _body(self) -> list[str]:
        lines: list[str] = []
        for one in self.recording.inputs:
            if one.is_constant:
                self._declare(one)
        lines += self._copies(-1)
        groups: list[tuple[Note, list[str]]] = []
        for i, step in enumerate(self.recording.steps):
            if step in self.plan.blocks:
                new = self._block(self.plan.blocks[step]) if self._begins(step) else []
            else:
                new = self._statements(step)
            new += self._copies(i)
            if new and groups and groups[-1][0].group == step.note.group:
                groups[-1][1].extend(new)
            elif new:
                groups.append((step.note, new))
        for note, new in groups:
            comment = note.comment()
            lines += [""] if lines and comment else []
            lines += [f"# {line}" for line in wrapped(comment, WIDTH - 10)]
            lines += new
        return [*lines, *self._kept_results(), *self._copies(FOREVER)]

    def _begins(self, step: Symbol) -> bool:
        return self.plan.blocks[step].steps[0] is step

    def _block(self, block: Block) -> list[str]:
        """A loop over the parts of long arrays."""
        rows, length = block.rows, block.steps[0].shape[0]
        self._top.append(
            f"{block.name} = [slice(i, i + {rows}) for i in range(0, {length}, {rows})]"
        )
        self._part = block
        lines = [line for step in block.steps for line in self._statements(step)]
        self._part = None
        part = block.name.replace("parts", "part")
        return [
            f"for {part} in {block.name}:  # each small enough to stay in the cache",
            *(f"    {line}" for line in lines),
        ]

    def _kept_results(self) -> list[str]:
        """Copies of results that show an array which the program is about to write."""
        r, written = self.recording, set[int]()
        for target, _ in (*r.effects, *r.updates):
            written |= {id(target.source), *map(id, getattr(target.source, "parameters", ()))}
        lines = []
        for one in dict.fromkeys(r.results):
            root = self.plan.root(one)
            if isinstance(root, Input) and not root.is_constant and id(root.source) in written:
                name = self.plan.names.free("kept")
                lines.append(f"{name} = np.array({self.text(one)})")
                self._text[one] = self._kept[one] = name
        return lines

    def _copies(self, i: int) -> list[str]:
        copies = self.plan.copies.get(i, [])
        inputs = [isinstance(self.plan.root(one), Input) for _, one in copies]
        lines = []
        kept = {}
        for (_, one), is_input in zip(copies, inputs, strict=True):
            if is_input and i == FOREVER and len(copies) > 1:  # it may be written meanwhile
                kept[one] = self.plan.names.free("kept")
                lines.append(f"{kept[one]} = np.array({self.text(one)})")
        return lines + [f"{name}[...] = {kept.get(one) or self.text(one)}" for name, one in copies]

    def _statements(self, step: Symbol) -> list[str]:
        kind = self.plan.kinds[step]
        if kind == "view":
            text = self._view(step)
            slow = step.function in (np.reshape, primitives.sliding_window_view)
            fixed = self.plan.root(step) in self.plan.place  # a buffer, which never moves
            often = self.plan.uses.get(step, 0) > 1 and len(text) > 12
            if (slow and fixed) or (often and step.function is not item):
                name = self.plan.names.of_step(step, self.plan.name)
                self.plan.name[step] = self._text[step] = name
                line = f"{name} = {text}"
                self._views += [line] * fixed
                return [line] * (not fixed)
            self._text[step] = text
            self.plan.name.setdefault(step, self.plan.name.get(self.plan.root(step), ""))
            return []
        name = self.plan.name[step]
        if kind != "out" and getattr(step.function, "__name__", "") == "scatter_add":
            zeros = f"{name} = np.zeros({step.shape}, np.{step.dtype})"
            return [zeros, *self._scatter(step, name)]
        if kind != "out" and step.function is one_less_at:
            x, rows, columns = map(self.text, step.args)
            return [f"{name} = np.array({x})", f"{name}[{rows}, {columns}] -= 1.0"]
        if kind != "out":
            return [f"{name} = {self._expression(step)}"]
        return self._into(step, self._sliced(step, name))

    def _into(self, step: Symbol, out: str) -> list[str]:
        function, args = step.function, step.args
        if function in primitives.ELEMENTWISE:
            given = ", ".join(self._meeting(one, args, step) for one in args)
            return [f"{self._function(function)}({given}, out={out})"]
        if function is one_less_at:
            x, rows, columns = map(self.text, args)
            lines = [] if step in self.plan.in_place else [f"np.copyto({out}, {x})"]
            return [*lines, f"{out}[{rows}, {columns}] -= 1.0"]
        if function is np.where:
            condition, x, y = map(self.text, args)
            lines = [] if step in self.plan.in_place else [f"np.copyto({out}, {y})"]
            return [*lines, f"np.copyto({out}, {x}, where={condition})"]
        if function is np.dot:
            return [f"{self._array(args[0])}.dot({self.text(args[1])}, out={out})"]
        if function is np.reshape:
            x, sizes = args[0], ", ".join(map(str, args[0].shape))
            return [f"np.copyto({out}.reshape({sizes}), {self.text(x)})"]
        if function is as_type:
            return [f'np.copyto({out}, {self.text(args[0])}, casting="unsafe")']
        if function is draw:
            return [f"{self.text(args[0])}.{args[1]}(out={out})"]
        if getattr(function, "__name__", "") == "scatter_add":
            return [f"{out}[...] = 0", *self._scatter(step, out)]
        if function in primitives.REDUCTIONS and isinstance(args[0], Symbol):
            given = self._arguments(args[1:], {**step.settings, "out": Raw(out)})
            return [f"{self._array(args[0])}.{function.__name__}({given})"]
        given = self._arguments(args, {**step.settings, "out": Raw(out)})
        return [f"{self._function(function)}({given})"]

    def _scatter(self, step: Symbol, out: str) -> list[str]:
        """Add numbers at their places; the array is all zeros before."""
        x, *indices = step.args
        key = kernels.fill(step.settings["key"], indices)
        text = self._key(key)
        if not indices:
            return [f"{out}[{text}] = {self.text(x)}"]
        if isinstance(key, tuple) and any(isinstance(k, slice) or k is Ellipsis for k in key):
            text = f"np.s_[{text}]"
        elif isinstance(key, tuple):
            text = f"({text})" if len(key) > 1 else f"({text},)"
        return [f"np.add.at({out}, {text}, {self.text(x)})"]

    def _declare(self, one: Input) -> None:
        """A constant: written out if it is short or regular, else handed to the program."""
        value = one.value
        if not np.ndim(value):
            return
        name, text = self.plan.name[one], written(value)
        if text is None:
            self.constants[name] = value
        else:
            self._top.append(f"{name} = {text}")

    def declarations(self) -> list[str]:
        """Constants, then buffers with their shapes, then what shares their memory."""
        lines = []
        for buffer in self.plan.buffers:
            kind = "" if buffer.dtype == np.float64 else f", np.{buffer.dtype}"
            kind = ", bool" if buffer.dtype == bool else kind
            lines.append(f"{buffer.name} = np.empty({buffer.shape}{kind})")
            known = {(buffer.shape, 0): buffer.name}
            for (name, shape), start in buffer.arrays.items():
                if name != buffer.name:
                    text = known.get((shape, start)) or within(buffer, shape, start)
                    known.setdefault((shape, start), name)
                    lines.append(f"{name} = {text}  # in the memory of {buffer.name}")
        lines += self._views
        return [*self._top, "", *lines] if self._top and lines else self._top + lines

    def returned(self) -> str:
        """The result: fresh arrays, and Python objects as the function returned them."""
        return self._nested(self.recording.tree)

    def _nested(self, tree: Any) -> str:
        if isinstance(tree, Symbol):
            return self._fresh(tree)
        if isinstance(tree, dict):
            inner = ", ".join(f"{key!r}: {self._nested(one)}" for key, one in tree.items())
            return f"{{{inner}}}"
        if not isinstance(tree, (list, tuple)):
            return repr(tree)
        inner = ", ".join(map(self._nested, tree))
        if isinstance(tree, list):
            return f"[{inner}]"
        if hasattr(tree, "_fields"):
            return f"{self._function(type(tree))}({inner})"
        return f"({inner},)" if len(tree) == 1 else f"({inner})"

    def _fresh(self, one: Symbol) -> str:
        text = self.text(one)
        if one.is_constant and not one.shape:
            return text if text.startswith("np.") else f"np.{one.dtype}({text})"
        kind, root = self.plan.kinds.get(one), self.plan.root(one)
        mine = one in self._kept or (kind in ("fresh", "number") and root is one)
        first = one not in self._given  # what is returned twice is two arrays
        self._given.add(one)
        return text if mine and first else f"np.array({text})"
