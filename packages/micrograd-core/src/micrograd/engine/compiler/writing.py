"""How does a person write the program down?

One straight line of NumPy. A comment stands above each group of lines that one op or one rule
made; views are written where they are used; numbers that meet arrays are named once, at the top.
"""

from __future__ import annotations

import inspect
from operator import getitem
from textwrap import indent
from typing import Any

import numpy as np

from ..ops import kernels
from . import primitives
from .draws import draw
from .notes import Note
from .plan import FOREVER, Block, Plan
from .recorder import KERNELS, Input, item, mapped
from .symbol import Symbol, as_type

NUMBERS = {0.0: "zero", 1.0: "one", 2.0: "two", 0.5: "half", -1.0: "minus_one"}
WIDTH = 100


class Raw(str):
    """Text that stands in an argument as it is."""

    __repr__ = str.__str__


class Writer:
    """Writes one program."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.recording = plan, plan.recording
        self.constants: dict[str, np.ndarray[Any, Any]] = {}  # too large to be written
        self.modules: set[str] = set()  # of plugins whose ops leave NumPy
        self.unnamed: dict[str, Any] = {}  # functions that no module gives by name
        self._kernels: dict[str, str] = {}
        self._numbers: dict[tuple[str, str], str] = {}
        self._top: list[str] = []  # constants
        self._views: list[str] = []  # of buffers, which never move
        self._text: dict[Symbol, str] = {}  # views
        self._part: Block | None = None
        self.lines = self._body()

    # -- the body ----------------------------------------------------------------------------

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
        return [*lines, *self._copies(FOREVER)]

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

    def _sliced(self, one: Symbol, text: str) -> str:
        """An array's part, inside of a loop over parts."""
        block = self._part
        if block is None or one.shape != block.steps[0].shape:
            return text
        part = block.name.replace("parts", "part")
        if self.plan.root(one) in self.plan.place and one in self.plan.blocks:
            length = block.steps[0].shape[0]
            return f"{text}[: {length} - {part}.start]" if block.has_rest else text
        return f"{text}[{part}]"

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
        if kind != "out":
            return [f"{name} = {self._expression(step)}"]
        return self._into(step, self._sliced(step, name))

    def text(self, one: Any, tight: bool = False) -> str:
        """How a symbol is written as an argument."""
        if isinstance(one, float):
            text = _plain(one) if type(one) is float else repr(one)
            return f"({text})" if tight and text.startswith("-") else text
        if not isinstance(one, Symbol):
            return f"({one!r})" if tight and isinstance(one, int) and one < 0 else repr(one)
        if one.is_constant and not one.shape:
            return self._number(one)
        return self._sliced(one, self._text.get(one) or self.plan.name[one])

    def _array(self, one: Any) -> str:
        """An operand of which a method is called."""
        if isinstance(one, Symbol) and one.is_constant and not one.shape and one.dtype.kind == "f":
            return self._named(float(one.value), one.dtype)
        return self.text(one)

    def _number(self, one: Symbol) -> str:
        value = one.value
        exact = float(value) if np.asarray(value).dtype in (np.float64, bool) else None
        return (
            _plain(exact)
            if exact is not None
            else f"np.{np.asarray(value).dtype}({value.item()!r})"
        )

    # -- expressions -------------------------------------------------------------------------

    def _view(self, step: Symbol) -> str:
        x = self._array(step.args[0])
        if step.function is item:
            return f"{x}[{step.args[1]}]"
        if step.function is getitem:
            return f"{x}[{self._key(step.args[1])}]"
        if step.function is np.transpose:
            if step.ndim == 2:
                return f"{x}.T"
            return f"{x}.transpose({', '.join(map(str, step.args[1]))})"
        if step.function is np.reshape and not step.args[0].shape:
            return f"np.reshape({self.text(step.args[0])}, {step.shape})"
        if step.function is np.reshape:
            return f"{x}.reshape({', '.join(map(str, step.shape)) or '()'})"
        if step.function is primitives.sliding_window_view:
            rest = self._arguments(step.args[1:], step.settings)
            return f"np.lib.stride_tricks.sliding_window_view({x}, {rest})"
        return f"np.broadcast_to({x}, {step.shape})"

    def _key(self, key: Any) -> str:
        if isinstance(key, tuple) and key:
            return ", ".join(map(self._place, key))
        return "()" if isinstance(key, tuple) else self._place(key)

    def _place(self, one: Any) -> str:
        if isinstance(one, slice):
            parts = ["" if p is None else self.text(p) for p in (one.start, one.stop, one.step)]
            return ":".join(parts[:2] if one.step is None else parts)
        return "..." if one is Ellipsis else self.text(one)

    def _expression(self, step: Symbol) -> str:
        """A step whose result is a new array, or a number."""
        function, args = step.function, step.args
        if function in primitives.INFIX and not step.settings:
            sign, strength = primitives.INFIX[function]
            return f" {sign} ".join(self._operand(one, step, strength) for one in args)
        if function is np.negative and not step.settings:
            return f"-{self.text(args[0], tight=True)}"
        if function is np.dot:
            return f"{self._array(args[0])}.dot({self.text(args[1])})"
        if function is np.reshape:
            sizes = ", ".join(map(str, step.shape)) or "()"
            return f"{self._array(args[0])}.copy().reshape({sizes})"
        if function is getitem:
            return f"{self.text(args[0])}[{self._key(args[1])}]"
        if function is draw:
            generator, method, *rest = args
            return f"{self.text(generator)}.{method}({self._arguments(rest, step.settings)})"
        if function is as_type:
            return (
                f"np.{step.dtype}({self.text(args[0])})"
                if not step.shape
                else (f"{self.text(args[0])}.astype(np.{step.dtype})")
            )
        if function in primitives.REDUCTIONS and isinstance(args[0], Symbol):
            arguments = self._arguments(args[1:], step.settings)
            return f"{self._array(args[0])}.{function.__name__}({arguments})"
        return f"{self._function(function)}({self._arguments(args, step.settings)})"

    def _operand(self, one: Any, step: Symbol, strength: int) -> str:
        return self.text(one, tight=True)

    def _arguments(self, args: Any, settings: dict[str, Any]) -> str:
        plain = [self._argument(one) for one in args]
        return ", ".join([*plain, *(f"{k}={self._argument(v)}" for k, v in settings.items())])

    def _argument(self, one: Any) -> str:
        shown = mapped(lambda leaf: Raw(self._leaf(leaf)), one)
        return repr(shown) if isinstance(shown, (tuple, list, dict, slice)) else str(shown)

    def _leaf(self, leaf: Any) -> str:
        if isinstance(leaf, Symbol):
            return self.text(leaf)
        if isinstance(leaf, np.dtype) or (isinstance(leaf, type) and issubclass(leaf, np.generic)):
            return f"np.{np.dtype(leaf)}"
        if isinstance(leaf, float):
            return _plain(leaf)
        return "..." if leaf is Ellipsis else repr(leaf)

    def _function(self, function: Any) -> str:
        """How a function is called by its name; what has none is handed to the program."""
        owner = getattr(function, "__self__", None)
        if isinstance(owner, np.ufunc):
            return f"np.{owner.__name__}.{function.__name__}"
        name = getattr(function, "__name__", "function")
        for home, prefix in ((np, "np"), (np.linalg, "np.linalg"), (np.fft, "np.fft")):
            if getattr(home, name, None) is function:
                return f"{prefix}.{name}"
        if getattr(np.lib.stride_tricks, name, None) is function:
            return f"np.lib.stride_tricks.{name}"
        if any(function is op.forward for op in KERNELS):
            self._kernels[name] = _source(function)
            return name
        return self._foreign(function, name)

    def _foreign(self, function: Any, name: str) -> str:
        import sys

        module = getattr(function, "__module__", None) or ""
        homes = [module] if module else [m for m in sys.modules if m.endswith(".special")]
        for home in homes:
            found = getattr(sys.modules.get(home), name, None)
            if (
                found is function
                or getattr(getattr(found, "op", None), "forward", None) is function
            ):
                if home != "__main__" and all(map(str.isidentifier, home.split("."))):
                    self.modules.add(home)
                    return f"{home}.{name}"
        free = self.plan.names.free(name)
        self.unnamed[free] = function
        return free

    # -- into a buffer -----------------------------------------------------------------------

    def _into(self, step: Symbol, out: str) -> list[str]:
        function, args = step.function, step.args
        if function in primitives.ELEMENTWISE:
            given = ", ".join(self._meeting(one, args, step) for one in args)
            return [f"{self._function(function)}({given}, out={out})"]
        if getattr(function, "__name__", "") == "one_less_at":
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

    def _meeting(self, one: Any, args: Any, step: Symbol) -> str:
        """An operand of an elementwise function: a number becomes an array, which is quicker."""
        is_number = isinstance(one, (int, float, np.generic)) and not isinstance(
            one, (bool, np.bool_)
        )
        if isinstance(one, Symbol) and one.is_constant and not one.shape:
            one, is_number = one.value, True
        others = [a for a in args if isinstance(a, Symbol) and a.shape]
        if not is_number or not others or not np.isfinite(float(one)):
            return self.text(one)
        dtype = np.asarray(one).dtype if isinstance(one, np.generic) else others[0].dtype
        if dtype.kind != "f":
            return self.text(one)
        return self._named(float(one), dtype)

    def _named(self, number: float, dtype: np.dtype[Any]) -> str:
        key = (repr(number), str(dtype))
        if key not in self._numbers:
            name = NUMBERS.get(number, "number") if np.signbit(number) == (number < 0) else "number"
            name = self.plan.names.free(name)
            kind = "" if dtype == np.float64 else f", np.{dtype}"
            self._top.append(f"{name} = np.array({_plain(number)}{kind})")
            self._numbers[key] = name
        return self._numbers[key]

    # -- the top -----------------------------------------------------------------------------

    def _declare(self, one: Input) -> None:
        """A constant: written out if it is short or regular, else handed to the program."""
        value = one.value
        if not np.ndim(value):
            return
        name, written = self.plan.name[one], _written(value)
        if written is None:
            self.constants[name] = value
        else:
            self._top.append(f"{name} = {written}")

    def declarations(self) -> list[str]:
        """Constants, then buffers with their shapes, then what shares their memory."""
        lines = [*self._top, ""] if self._top else []
        for buffer in self.plan.buffers:
            kind = "" if buffer.dtype == np.float64 else f", np.{buffer.dtype}"
            kind = ", bool" if buffer.dtype == bool else kind
            lines.append(f"{buffer.name} = np.empty({buffer.shape}{kind})")
            for name, shape in list(buffer.arrays)[1:]:
                if name == buffer.name:
                    continue
                lines.append(f"{name} = {_within(buffer, shape)}  # in the memory of {buffer.name}")
        return lines + self._views

    def kernels(self) -> str:
        """The source of the kernels that the program calls."""
        return "\n\n\n".join(self._kernels.values())

    def returned(self) -> str:
        """The result: fresh arrays, and Python objects as the function returned them."""
        self._given = set[Symbol]()
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
        mine = self.plan.kinds.get(one) in ("fresh", "number") and self.plan.root(one) is one
        first = one not in self._given  # what is returned twice is two arrays
        self._given.add(one)
        return text if mine and first else f"np.array({text})"


def _within(buffer: Any, shape: tuple[int, ...]) -> str:
    size = int(np.prod(shape, dtype=int))
    if shape == buffer.shape:
        return str(buffer.name)
    flat = f"{buffer.name}.reshape(-1)"
    part = flat if size == buffer.size else f"{flat}[:{size}]"
    sizes = ", ".join(map(str, shape))
    return part if len(shape) == 1 else f"{part}.reshape({sizes})"


def _plain(number: float) -> str:
    if np.isfinite(number):
        return repr(float(number))
    return "np.nan" if np.isnan(number) else "np.inf" if number > 0 else "-np.inf"


def _written(value: Any) -> str | None:
    """A constant array as one would write it, or None if that is too long."""
    shape = value.shape
    flat = value.reshape(-1)
    kind = "" if value.dtype == np.float64 else f", np.{value.dtype}"
    if value.size and value.dtype.kind == "f" and (flat == flat[0]).all():
        size = f"{shape[0]}" if len(shape) == 1 else f"{shape}"
        if flat[0] in (0.0, 1.0) and not np.signbit(flat[0]):
            return f"np.{'ones' if flat[0] else 'zeros'}({size}{kind})"
        return f"np.full({size}, {_plain(float(flat[0]))}{kind})"
    if value.dtype == np.int64 and value.size > 1 and (flat == np.arange(value.size)).all():
        sizes = ", ".join(map(str, shape))
        return f"np.arange({value.size})" + ("" if len(shape) == 1 else f".reshape({sizes})")
    if not value.size:
        return f"np.empty({shape}, np.{value.dtype})"
    if value.size > 16:
        return None
    kind = "" if value.dtype in (np.int64, bool) else kind
    text = repr(value.tolist()).replace("nan", "np.nan").replace("inf", "np.inf")
    return f"np.array({text}{kind})"


def _source(function: Any) -> str:
    """A kernel's source, without the decorator and the annotations that name our types."""
    text = inspect.getsource(function)
    lines = [line for line in text.splitlines() if not line.startswith("@")]
    head = f"def {function.__name__}{_signature(function)}:"
    start = next(i for i, line in enumerate(lines) if line.rstrip().endswith(":"))
    return "\n".join([head, *lines[start + 1 :]])


def _signature(function: Any) -> str:
    parameters = [
        p.replace(annotation=p.empty) for p in inspect.signature(function).parameters.values()
    ]
    return str(inspect.Signature(parameters))


def wrapped(text: str, width: int) -> list[str]:
    """A list of names as lines of a signature."""
    import textwrap

    return textwrap.wrap(text, width, break_long_words=False)


__all__ = ["Raw", "Writer", "indent", "wrapped"]
