"""What stands in place of an array while a program is recorded?

A ``Symbol``: it has a shape and a dtype, as an array has, and whatever NumPy does with it is noted
by its recorder instead of being forgotten. So the forward of an op and a rule, which are plain
NumPy, write their own program when they are given symbols.

It has no numbers to look at: ``if x > 0`` would record one of the two branches and be wrong for
the other, so it is refused, with the line that did it.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..value import Value
from .refusal import refuse, refuse_writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .notes import Note
    from .recorder import Recorder

ABOUT_SHAPES = {np.shape, np.ndim, np.size}


class Symbol(NDArrayOperatorsMixin):
    """An array of the program: what an instruction makes, or (``function`` is None) an input.

    ``value`` is the array that it stood for when it was recorded. It is forgotten afterwards,
    but for constants: a program knows shapes and dtypes, and no numbers.
    """

    __slots__ = ("args", "dtype", "function", "note", "recorder", "settings", "shape", "value")

    def __init__(
        self,
        recorder: Recorder | None,
        function: Callable[..., Any] | None,
        args: tuple[Any, ...],
        settings: dict[str, Any],
        value: Any,
        note: Note,
    ) -> None:
        self.recorder, self.function, self.args, self.settings = recorder, function, args, settings
        self.value, self.note = value, note
        self.shape: tuple[int, ...] = np.shape(value) if type(value) is not tuple else ()
        self.dtype: np.dtype[Any] = getattr(value, "dtype", np.dtype(np.float64))

    @classmethod
    def made(
        cls,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        settings: dict[str, Any],
        like: tuple[tuple[int, ...], np.dtype[Any]],
        note: Note,
    ) -> Symbol:
        """A step of which only the shape and dtype are known."""
        symbol = cls(None, function, args, settings, None, note)
        symbol.shape, symbol.dtype = like
        return symbol

    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: int(np.prod(self.shape, dtype=int)))
    nbytes = property(lambda self: self.size * self.dtype.itemsize)
    T = property(lambda self: np.transpose(self))
    mT = property(lambda self: np.swapaxes(self, -1, -2))
    is_constant = property(lambda self: False)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        if any(isinstance(one, Value) for one in inputs):
            return NotImplemented  # a Value makes a node of it
        if method == "at" or settings.get("out") is not None:
            refuse_writing(f"np.{ufunc.__name__} writes into an array (+=, out=, .at)")
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return self.recorder.record(function, inputs, settings)  # type: ignore[union-attr]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if any(issubclass(one, Value) for one in types):
            return NotImplemented
        if function in ABOUT_SHAPES and len(args) == 1 and args[0] is self:
            return getattr(self, function.__name__)
        if function is np.result_type:
            return np.result_type(*(getattr(one, "dtype", one) for one in args))
        return self.recorder.record(function, args, kwargs)  # type: ignore[union-attr]

    def __getitem__(self, key: Any) -> Any:
        if type(key) is tuple and not key:
            return self
        return self.recorder.record(operator.getitem, (self, key), {})  # type: ignore[union-attr]

    def astype(self, dtype: Any, subok: bool = False) -> Any:
        """The same numbers in another dtype."""
        if np.dtype(dtype) == self.dtype:
            return self
        return self.recorder.record(as_type, (self, np.dtype(dtype)), {})  # type: ignore[union-attr]

    def reshape(self, *shape: Any, **settings: Any) -> Any:
        """The same numbers in another shape."""
        new = shape[0] if len(shape) == 1 else shape
        return np.reshape(self, new, **settings)  # type: ignore[call-overload]

    def transpose(self, *axes: Any) -> Any:
        """Axes in another order."""
        order: Any = (axes[0] if len(axes) == 1 else axes) or None
        return np.transpose(self, order)  # type: ignore[call-overload]

    def flatten(self, order: Any = "C") -> Any:
        """All numbers along one axis."""
        return np.reshape(self, -1, order=order)  # type: ignore[call-overload]

    def __eq__(self, other: object) -> Any:
        return False if other is None else np.equal(self, other)  # type: ignore[call-overload]

    def __ne__(self, other: object) -> Any:
        return True if other is None else np.not_equal(self, other)  # type: ignore[call-overload]

    __hash__ = object.__hash__

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of an array of shape (). It has no axis: use .size.")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        made = "input" if self.function is None else getattr(self.function, "__name__", "?")
        return f"<symbol of {made}, {self.dtype} {self.shape}>"

    def __bool__(self) -> NoReturn:
        refuse(
            "Python cannot decide by the numbers of an array (if, while, and, or, not)",
            "The program would have only one of the branches: use np.where, or decide outside and "
            "pass a Python value, which makes a program for each.",
        )

    def __format__(self, spec: str) -> str:
        return self._numbers() if spec else repr(self)

    def _numbers(self, *_: Any, **__: Any) -> NoReturn:
        refuse(
            "the function takes the numbers out of an array (float, int, .item(), .data, "
            "np.asarray, table[x], math functions)",
            "The program would keep those of today: stay with NumPy and Values, or compute it "
            "outside and pass it as an argument. For table[x], with a plain array, write "
            "ops.take(table, x, axis=0).",
        )

    def _write(self, *_: Any, **__: Any) -> NoReturn:
        refuse_writing("the function writes into an array (x[i] = y, x += y, x.sort(), x.fill())")


def as_type(x: Any, dtype: np.dtype[Any]) -> Any:
    """The same numbers in another dtype, as a function."""
    return np.asarray(x).astype(dtype)[()]


for _name in ("array", "float", "int", "index", "complex"):
    setattr(Symbol, f"__{_name}__", Symbol._numbers)
for _name in ("item", "tolist", "tobytes", "view"):
    setattr(Symbol, _name, Symbol._numbers)
for _name in (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
    *("and", "or", "xor", "lshift", "rshift"),
):
    setattr(Symbol, f"__i{_name}__", Symbol._write)
for _name in ("__setitem__", "sort", "fill", "put", "partition", "resize", "itemset"):
    setattr(Symbol, _name, Symbol._write)


def _method(name: str) -> Any:
    function = getattr(np, name)

    def method(self: Symbol, *args: Any, **settings: Any) -> Any:
        return function(self, *args, **settings)

    method.__doc__ = f"np.{name} of it."
    return method


# An array's methods that NumPy has as functions of the same name.
for _name in (
    *("all", "any", "argmax", "argmin", "argsort", "clip", "copy", "cumprod", "cumsum"),
    *("diagonal", "dot", "max", "mean", "min", "nonzero", "prod", "ptp", "ravel", "repeat"),
    *("round", "searchsorted", "squeeze", "std", "sum", "swapaxes", "take", "trace", "var"),
):
    setattr(Symbol, _name, _method(_name))
