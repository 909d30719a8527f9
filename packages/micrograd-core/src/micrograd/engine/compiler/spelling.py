"""How is one step spelled?

As an expression whose operands are names, literals and views. What no text could say (a function
that was defined within another, an object among an op's settings) is handed to the program under
a name of its own.
"""

from __future__ import annotations

import sys
from operator import getitem
from typing import Any

import numpy as np

from . import primitives
from .draws import draw
from .literals import plain, source_of, typed
from .plan import Block, Plan
from .recorder import KERNELS, item, mapped
from .symbol import Symbol, as_type

NUMBERS = {0.0: "zero", 1.0: "one", 2.0: "two", 0.5: "half", -1.0: "minus_one"}


class Raw(str):
    """Text that stands in an argument as it is."""

    __repr__ = str.__str__


class Speller:
    """Spells the steps of one program."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.recording = plan, plan.recording
        self.modules: set[str] = set()  # of plugins whose ops leave NumPy
        self.unnamed: dict[str, Any] = {}  # what no module gives by name
        self.kernels: dict[str, str] = {}  # their source, by name
        self._numbers: dict[tuple[str, str], str] = {}
        self._top: list[str] = []  # constants
        self._text: dict[Symbol, str] = {}  # of views
        self._part: Block | None = None

    def text(self, one: Any, tight: bool = False) -> str:
        """How a symbol is written as an argument."""
        if isinstance(one, np.generic):
            return typed(one)
        if isinstance(one, float):
            text = plain(one)
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
        number = np.asarray(one.value)
        if number.dtype in (np.float64, bool):
            return plain(float(number))
        return typed(number)

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
        if type(leaf) is float:
            return plain(leaf)
        if leaf is Ellipsis:
            return "..."
        if isinstance(leaf, np.generic):
            return typed(leaf)
        if isinstance(leaf, (bool, int, str, bytes, type(None))):
            return repr(leaf)
        if callable(leaf) and hasattr(leaf, "__name__"):
            return self._function(leaf)
        return self._handed(leaf, type(leaf).__name__.lower())

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
            self.kernels[name] = source_of(function)
            return name
        return self._foreign(function, name)

    def _foreign(self, function: Any, name: str) -> str:
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
        return self._handed(function, name)

    def _handed(self, one: Any, name: str) -> str:
        """The name of what the program is handed because no text says it."""
        for known, other in self.unnamed.items():
            if other is one:
                return known
        free = self.plan.names.free(name)
        self.unnamed[free] = one
        return free

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
            self._top.append(f"{name} = np.array({plain(number)}{kind})")
            self._numbers[key] = name
        return self._numbers[key]

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
