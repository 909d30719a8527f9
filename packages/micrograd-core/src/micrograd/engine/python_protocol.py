"""What does Python see in a Value? Its shape, comparisons, ``len``, ``bool``, ``repr``, copies.

Two decisions stand here. Comparisons are NumPy's: elementwise, a plain boolean array, never part
of the graph. And there is no quiet way out of the graph: ``float(v)`` or ``np.array([v])`` would
give a number that has forgotten where it came from, so they raise and name what to write.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, NoReturn

import numpy as np

from .broadcasting import Array
from .value import Value


def item(self: Value) -> float:
    """The one element as a Python number."""
    return self._bare.item()  # type: ignore[no-any-return]


def detach(self: Value) -> Value:
    """A constant with a copy of the data and no graph."""
    return Value(self._bare, self.name, requires_grad=False)


def __bool__(self: Value) -> bool:
    if self.size != 1:
        raise ValueError(
            f"bool() of a Value of shape {self.shape} is ambiguous. Use (v > 0).any() or .all()."
        )
    return bool(self._bare)


def __len__(self: Value) -> int:
    if self.ndim == 0:
        raise TypeError("len() of a Value of shape (). It has no axis: use .size, or .item().")
    return len(self._array)


def __iter__(self: Value) -> Iterator[Value]:
    return (self[i] for i in range(len(self)))


def __contains__(self: Value, item: Any) -> bool:
    return bool(np.any(self == item))


def __format__(self: Value, spec: str) -> str:
    if spec and self.size != 1:
        raise TypeError(
            f"format {spec!r} of a Value of shape {self.shape}. Format the elements of .data."
        )
    return format(self.item(), spec) if spec else repr(self)


def __repr__(self: Value) -> str:
    parts = [np.array2string(np.asarray(self._array), separator=", ", prefix="Value(")]
    if self.dtype != np.float64:
        parts.append(f"dtype={self.dtype}")
    if self.name:
        parts.append(f"name={self.name!r}")
    if self.has_grad:
        parts.append(f"grad={np.array2string(self.grad, separator=', ')}")
    return f"Value({', '.join(parts)})"


def __reduce__(self: Value) -> tuple[Any, ...]:
    if self._op is not None:
        raise TypeError(f"copy or pickle of a Value that {self.op.name} made. detach() it first.")
    return _rebuilt, (
        np.asarray(self._array),
        self.name,
        self.requires_grad,
        self._grad if self.has_grad else None,
    )


def _rebuilt(data: Array, name: str, requires_grad: bool, grad: Array) -> Value:
    value = Value(data, name, None, requires_grad)
    if grad is not None:
        value.grad = grad
    return value


def _refuse(self: Value, *_: Any, **__: Any) -> NoReturn:
    raise TypeError(
        "A Value does not turn into a plain number or array, or change in place: the graph would "
        "be lost. Use .item() or .data for the numbers, detach() for a constant, np.exp instead of "
        "math.exp, ops.stack to join Values, np.where to replace elements, v + array instead of "
        "array += v."
    )


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[[Value, Any], Any]:
    def method(self: Value, other: Any) -> Any:
        return compare(self._bare, other._bare if isinstance(other, Value) else other)

    return method


for _function in (
    __bool__,
    __len__,
    __iter__,
    __contains__,
    __format__,
    __repr__,
    __reduce__,
    item,
):
    setattr(Value, _function.__name__, _function)
for _function in (item, detach):
    setattr(Value, _function.__name__, _function)
for _name in ("shape", "ndim", "size", "dtype"):
    setattr(
        Value, _name, property(attrgetter(f"_array.{_name}"), doc=f"That of the data: {_name}.")
    )
for _name in ("lt", "le", "eq", "ne", "ge", "gt"):
    setattr(Value, f"__{_name}__", _comparison(getattr(operator, _name)))
for _name in ("array", "float", "int", "index", "complex", "setitem"):
    setattr(Value, f"__{_name}__", _refuse)
Value.__hash__ = object.__hash__  # type: ignore[method-assign]  # identity, whatever == means
Value.T = property(lambda self: self.transpose(), doc="The axes in reverse order.")  # type: ignore
Value.mT = property(lambda self: self.matrix_transpose(), doc="The last two axes exchanged.")  # type: ignore
