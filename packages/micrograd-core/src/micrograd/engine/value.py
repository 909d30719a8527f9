"""What is a Value?

An array that remembers how it was computed. A *leaf* is made from data. Every other Value is a
*node*: an op made it, and it keeps the op, its parents (one entry an operand, in order) and the
arrays that the op saw. That is all that ``backward`` needs.

Operators and methods (``+``, ``@``, ``sum``, ``relu``) are bound to the class by ``op``, which is
the file to read next. ``python_protocol`` and ``numpy_protocol`` say what Python and NumPy see.
"""

from __future__ import annotations

from contextvars import ContextVar
from itertools import count
from operator import attrgetter
from sys import getrefcount
from threading import get_ident
from typing import TYPE_CHECKING, Any

import numpy as np

from .backward import ASSIGNED, propagate, pull_any, pull_result
from .broadcasting import Array

if TYPE_CHECKING:  # the operators and methods, as type checkers see them
    from .typing import Methods
else:
    Methods = object

FLOATS = (np.dtype(np.float64), np.dtype(np.float32))

# One clock for births and assignments: a node older than its parent's data is stale.
tick = count(1).__next__


class State:
    """What ops and rules look at while they run; ``modes`` makes another, and changes none."""

    def __init__(self, **changes: Any) -> None:
        self.recording = self.fast = True  # fast: and not watched, so ops may take their shortcuts
        self.watch: Any = None  # detect_anomaly's
        self.bare, self.forward = attrgetter("_array"), attrgetter("forward")  # compile has its own
        self.scope, self.transforming = "", False  # of new nodes; whether a transform runs around
        vars(self).update(changes)


STATE = ContextVar("micrograd", default=State())  # noqa: B039  # one a thread or async task

# How often Python counts an array that a dict holds, and a loop over it, and nobody else.
ALONE = next(getrefcount(one) for _, one in {0: np.empty(0)}.items())


class Value(Methods):
    """An array with a gradient.

    ``data`` is copied. Numbers, integers and booleans become float64; float32 and float64 stay
    what they are. ``name`` is what pictures show. With ``requires_grad=False`` the Value is a
    constant: it keeps its name in pictures and costs no gradient work.

    **Errors.** TypeError for data that is not made of real numbers, or is a Value already.

    >>> x = Value([1.0, 2.0], name="x")
    >>> y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    array([2., 4.])
    """

    # _array      an ndarray; a NumPy scalar where the shape is (), which is much faster
    # _operands  one entry an operand: a Value, or None for a plain number or array
    # _parents   the same, with None also for a Value that needs no gradient
    # _stamp     when it was born, or when its data was last assigned
    # _note      set only by detect_anomaly
    __slots__: tuple[str, ...] = ("__weakref__", "_array", "_grad", "_inputs", "_note", "name")
    __slots__ += ("_op", "_operands", "_parents", "_stamp", "has_grad", "requires_grad")
    __slots__ += ("scope", "settings")

    def __init__(
        self, data: Any, name: str = "", dtype: Any = None, requires_grad: bool = True
    ) -> None:
        self._array: Array = _own(data, dtype)
        self._grad: Array = None
        self._op: Any = None
        self._inputs: tuple[Any, ...] = ()
        self._operands = self._parents = self._inputs
        self._stamp, self.name, self.requires_grad = tick(), name, requires_grad
        self.has_grad, self.scope, self.settings = False, STATE.get().scope, dict[str, Any]()

    # The several results of one call share a node that holds them all: their `call`.
    call = property(lambda self: self._parents[0] if self._op is RESULT else self)
    _bare = property(lambda self: STATE.get().bare(self))  # the array, or compile's symbol for it
    op = property(lambda self: self.call._op, doc="The op that made it; None for a leaf.")
    inputs = property(lambda self: self.call._inputs, doc="The arrays that the op saw, in order.")
    parents = property(lambda self: self.call._operands, doc="One entry an operand, in order.")

    @property
    def data(self) -> np.ndarray[Any, Any]:
        """The array, always the same one: a leaf's own, or a read-only view of a node's.

        Assigning copies into it. A write into the array itself (``p.data[0] = 5``) cannot be
        seen: say so with ``touch()``.
        """
        data: np.ndarray[Any, Any] = STATE.get().bare(self)
        if type(data) is not np.ndarray or (self._op is not None and data.flags.writeable):
            self._array = data = np.array(data) if self._op is None else np.asarray(data).view()
            data.flags.writeable = self._op is None
        return data

    @data.setter
    def data(self, new: Any) -> None:
        if self._op is not None:
            raise ValueError(f"data= on what {self.op.name} made. Assign to a leaf, or detach().")
        if new is not self._array:
            self.data[...] = _same_shape("data", new, self.shape)
        self._stamp = ASSIGNED[get_ident()] = tick()

    def touch(self) -> None:
        """Say that ``data`` was written into, so that an older use of it is refused."""
        self._stamp = ASSIGNED[get_ident()] = tick()

    @property
    def grad(self) -> np.ndarray[Any, Any]:
        """What ``backward`` computed, added up over calls in a leaf; zeros until ``has_grad``."""
        if type(grad := self._grad) is not np.ndarray:
            self._grad = grad = np.zeros_like(self._array) if grad is None else np.asarray(grad)
        if self._op is not None:  # nodes may share theirs
            grad = grad.view()
            grad.flags.writeable = False
        return grad  # type: ignore[no-any-return]

    @grad.setter
    def grad(self, new: Any) -> None:
        self._grad = np.array(_same_shape("grad", new, self.shape), self.dtype)
        self.has_grad = True

    def zero_grad(self) -> None:
        """Forget the gradient of this Value."""
        self._grad, self.has_grad = None, False

    def backward(self, gradient: Any = None, keep_inner: bool = True) -> None:
        """Compute the gradient of this Value with respect to everything that it came from.

        Each leaf's ``grad`` grows by its gradient. A node's is replaced, or not kept with
        ``keep_inner=False``, which saves memory.

        **Maths.** With ``gradient`` G, the gradients are those of sum(G * self).

        **Errors.** ValueError for a constant, and when this Value has several elements and
        ``gradient`` is missing or has another shape; RuntimeError when data was assigned after
        its use.

        >>> x = Value([1.0, 2.0])
        >>> (x * 3).backward(gradient=[1.0, 10.0])
        >>> x.grad
        array([ 3., 30.])
        """
        if not self.requires_grad:
            raise ValueError("backward() on a constant. Use a Value with requires_grad=True.")
        if (watch := STATE.get().watch) is not None and hasattr(watch, "refuse_backward"):
            watch.refuse_backward()  # compile's: a program computes the gradients itself
        sums, nodes = propagate(self, seed(self, gradient), keep=keep_inner, watch=watch)
        for node in nodes:
            node._grad = sums.pop(node, None)
            node.has_grad = node._grad is not None
        for leaf, g in sums.items():
            if getrefcount(g) != ALONE or not g.flags.owndata:
                g = g.copy()  # two leaves never share one
            leaf._grad, leaf.has_grad = g if leaf._grad is None else leaf._grad + g, True

    def results(self) -> tuple[Value, ...]:
        """One new node for each result of a call that has several; only `pull_any` knows those."""
        self._op.pull = pull_any
        made: list[Any] = []
        for position, data in enumerate(self._array):
            made.append(Value(0.0, requires_grad=self.requires_grad))
            made[-1]._array, made[-1]._op, made[-1].settings = data, RESULT, {"position": position}
            made[-1]._parents = made[-1]._operands = (self,)
        return tuple(made)


class RESULT:
    """The op of a node that is one of several results."""

    pull = staticmethod(pull_result)


def seed(output: Value, gradient: Any) -> Array:
    """The gradient that backward starts with: what the caller gave, or one."""
    if gradient is not None:
        return np.array(_same_shape("gradient", gradient, output.shape), output.dtype)[()]
    shape, dtype = output._array.shape, output._array.dtype
    if output._array.size != 1:
        raise ValueError(f"A result of shape {shape} needs .sum(), or a gradient= of it.")
    return np.ones(shape, dtype) if shape else dtype.type(1)


def plain(data: Any) -> np.ndarray[Any, Any]:
    """Data as an array; a matrix's ``*`` or a masked array's mask would make gradients wrong."""
    if isinstance(data, (np.matrix, np.ma.MaskedArray)):
        raise TypeError(f"{type(data).__name__} with Values. Pass np.asarray() or .filled() of it.")
    return data if hasattr(data, "recorder") else np.asarray(data)


def _own(data: Any, dtype: Any) -> Array:
    array = plain(data)
    dtype = np.dtype(dtype or (np.float64 if array.dtype.kind in "iub" else array.dtype))
    if array.dtype.kind not in "fiub" or dtype not in FLOATS:
        raise TypeError(f"Value of {array.dtype} as {dtype}. Pass real numbers: float64, float32.")
    array = array.astype(dtype, subok=False)
    return array if array.ndim else array[()]


def _same_shape(what: str, new: Any, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    array = np.asarray(new)
    if array.shape != shape:
        raise ValueError(f"{what}= has shape {array.shape}. Pass an array of shape {shape}.")
    return array
