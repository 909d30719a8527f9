"""How does a network find its parameters, and how do its parts get their names?

A module is an object with parameters and a ``forward``. It needs no registration: what it holds in
its attributes, in lists, tuples and dicts too, is found by looking there (``walk``, the first
function below, does nothing else), and the path by which a thing is found is its name:
``layers.0.weight``. Everything that a Module can do is said in terms of that walk.

``linear`` is the smallest real module; ``mlp`` and ``sequential`` put several together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from reprlib import recursive_repr
from typing import Any, NamedTuple, TypeVar

import numpy as np

from micrograd.engine import Value, scope

Self = TypeVar("Self", bound="Module")


class Found(NamedTuple):
    """A thing that ``walk`` met."""

    path: str
    thing: Any  # a Module, or a Value that no op made
    buffer: bool  # a Value that its module registered as a buffer; any other is a parameter


def walk(holder: object, path: str = "", seen: set[int] | None = None) -> Iterator[Found]:
    """Yield every Module, every parameter and every buffer that ``holder`` holds.

    Things come in the order in which they were assigned, a module before its own contents, and
    each once, under the first of its paths.
    """
    seen = {id(holder)} if seen is None else seen
    buffers: frozenset[str] = frozenset()
    if isinstance(holder, Module):
        contents: Iterator[tuple[Any, Any]] = iter(vars(holder).items())
        buffers = holder._buffers
    elif isinstance(holder, dict):
        contents = iter(holder.items())
    else:
        contents = enumerate(holder)  # type: ignore[arg-type]
    for key, thing in contents:
        leaf = isinstance(thing, Value) and thing.op is None
        if leaf or isinstance(thing, (Module, list, tuple, dict)):
            if id(thing) not in seen:
                seen.add(id(thing))
                here = f"{path}.{key}" if path else str(key)
                if leaf or isinstance(thing, Module):
                    yield Found(here, thing, key in buffers)
                if not leaf:
                    yield from walk(thing, here, seen)


class Pass:
    """One forward pass of one module: it tells the modules called in it what their names are.

    A module has no name of its own: it is ``layers.0`` to the module that holds it, and the same
    module may be ``decoder`` to another. So the name is looked up in the module whose forward is
    running, and only when a part of it is called: a module without parts never pays for it.
    """

    __slots__ = ("module", "names")

    def __init__(self, module: Module) -> None:
        self.module = module
        self.names: dict[int, str] | None = None

    def name_of(self, part: Module) -> str:
        """The path of ``part`` within the module; "" when the module does not hold it."""
        if self.names is None:
            self.names = {
                id(one): path for path, one, _ in walk(self.module) if type(one) is not Value
            }
        return self.names.get(id(part), "")


_running: ContextVar[Pass | None] = ContextVar("micrograd.nn.running", default=None)


class Differences(NamedTuple):
    """What ``load_state_dict(..., strict=False)`` left alone: names on one side only."""

    missing: list[str]
    unexpected: list[str]


class Module:
    """A part of a network: parameters, parts of its own, and a ``forward``.

    Write a subclass, assign Values and Modules to its attributes in ``__init__``, and say in
    ``forward`` what it computes. Every Value that is assigned is a parameter (keep data in plain
    arrays), frozen ones with ``requires_grad=False`` too.

    **Errors.** NotImplementedError when a module without a ``forward`` is called.

    **Example.**

    >>> import numpy as np
    >>> from micrograd.nn import Linear, Module
    >>> class Residual(Module):
    ...     def __init__(self, size, rng):
    ...         self.inner = Linear(size, size, rng=rng)
    ...         self.scale = Value(0.5)
    ...     def forward(self, x):
    ...         return x + self.scale * self.inner(x)
    >>> block = Residual(3, rng=np.random.default_rng(0))
    >>> [name for name, _ in block.named_parameters()]
    ['inner.weight', 'inner.bias', 'scale']
    >>> block(np.ones((2, 3))).parents[1].parents[1].scope
    'inner'
    >>> block
    Residual(
      inner: Linear(3, 3)
      scale: ()
    )
    """

    training: bool
    _buffers: frozenset[str] = frozenset()  # the names of this module's own

    def __new__(cls: type[Self], *args: Any, **settings: Any) -> Self:
        """Make the module; here, so that a subclass need not call ``super().__init__()``."""
        module = super().__new__(cls)
        module.training = True
        return module

    def forward(self, *args: Any, **settings: Any) -> Any:
        """What the module computes; a subclass says so."""
        raise NotImplementedError(
            f"{type(self).__name__} was called, but it has no forward method. "
            "Define forward(self, x) in the class."
        )

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """Run ``forward`` inside the scope of this module's name.

        The nodes that a forward pass makes remember it (``node.scope == "layers.0"``); pictures
        group by it. The name is relative to the module that is running, so the module that one
        calls first adds none.
        """
        outer = _running.get()
        name = "" if outer is None else outer.name_of(self)
        token = _running.set(Pass(self))
        try:
            if not name:
                return self.forward(*args, **settings)
            with scope(name):
                return self.forward(*args, **settings)
        finally:
            _running.reset(token)

    def named_modules(self) -> list[tuple[str, Module]]:
        """This module, under the name "", and every module in it: (name, module) pairs."""
        inside = [(path, thing) for path, thing, _ in walk(self) if isinstance(thing, Module)]
        return [("", self), *inside]

    def modules(self) -> list[Module]:
        """This module and every module in it, each once."""
        return [module for _, module in self.named_modules()]

    def named_parameters(self) -> list[tuple[str, Value]]:
        """All parameters as (name, Value) pairs, each once, in the order of assignment."""
        return [(p, v) for p, v, buffer in walk(self) if isinstance(v, Value) and not buffer]

    def parameters(self) -> list[Value]:
        """All parameters, each once, in the order of assignment."""
        return [parameter for _, parameter in self.named_parameters()]

    def register_buffer(self, name: str, data: Any) -> None:
        """Keep numbers in the attribute ``name`` that belong to the state, but are not trained.

        The attribute becomes a Value without a gradient, in ``data``'s shape and dtype; it is part
        of ``buffers()`` and ``state_dict()``, and not of ``parameters()``. A forward changes it
        with ``assign``, which a compiled program writes down too. With ``data=None`` the module
        has no such buffer, and the attribute is None.

        **Errors.** ValueError for a name that cannot be an attribute, or is one already; the
        errors of ``Value`` for data that is not made of real numbers. TypeError when the attribute
        is later set to anything but a Value that no op made, for then it would be lost.

        **Example.**

        >>> from micrograd.engine import assign
        >>> class Counted(Module):
        ...     def __init__(self):
        ...         self.register_buffer("calls", 0)
        ...     def forward(self, x):
        ...         assign(self.calls, self.calls + 1)
        ...         return 2 * x
        >>> module = Counted()
        >>> module(Value(3.0)).item(), module.state_dict()
        (6.0, {'calls': array(1.)})
        """
        if not name.isidentifier():
            raise ValueError(
                f"register_buffer: {name!r} cannot be the name of an attribute. Use letters, "
                "digits and underscores."
            )
        if hasattr(self, name):
            raise ValueError(
                f"register_buffer: {type(self).__name__} has {name!r} already. Choose another "
                "name; to change a buffer, use assign()."
            )
        setattr(self, name, None if data is None else Value(data, name, requires_grad=False))
        if data is not None:
            self._buffers |= {name}

    def __setattr__(self, name: str, thing: Any) -> None:
        """Set an attribute; a buffer can only become another buffer."""
        if name in self._buffers and not (isinstance(thing, Value) and thing.op is None):
            got = f"the result of {thing.op.name}" if isinstance(thing, Value) else repr(thing)
            raise TypeError(
                f"{type(self).__name__}.{name} is a buffer and cannot be set to {got}. Copy the "
                f"numbers into it: assign(self.{name}, new)."
            )
        object.__setattr__(self, name, thing)

    def named_buffers(self) -> list[tuple[str, Value]]:
        """All buffers as (name, Value) pairs, each once, in the order of registration."""
        return [(path, thing) for path, thing, buffer in walk(self) if buffer]

    def buffers(self) -> list[Value]:
        """All buffers, each once, in the order of registration."""
        return [buffer for _, buffer in self.named_buffers()]

    def zero_grad(self) -> None:
        """Clear the gradients of all parameters; ``backward`` would add to them."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def train(self: Self, mode: bool = True) -> Self:
        """Set ``training`` here and in every module inside: for layers that act differently."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: Self) -> Self:
        """The opposite of ``train()``: the network is being used, not trained."""
        return self.train(False)

    def state_dict(self) -> dict[str, np.ndarray]:
        """A copy of the numbers in every parameter and every buffer, by name."""
        return {name: value.data.copy() for name, value in self._entries().items()}

    def _entries(self) -> dict[str, Value]:
        return {path: thing for path, thing, _ in walk(self) if isinstance(thing, Value)}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> Differences:
        """Copy the arrays in ``state`` into the parameters and buffers of the same names.

        Numbers are converted to the dtype that the module has. With ``strict=False``, names that
        only one side has are left alone and returned.

        **Errors.** ValueError that lists every name that is missing, every name that is
        unexpected and every shape that differs, all at once. Nothing has been loaded then.

        **Example.**

        >>> from micrograd.nn import Linear
        >>> import numpy as np
        >>> Linear(2, 1).load_state_dict({"weight": np.ones((3, 1)), "scale": 2.0})
        Traceback (most recent call last):
            ...
        ValueError: load_state_dict: these entries do not fit Linear(2, 1):
          missing: bias of shape (1,)
          unexpected: scale
          wrong shape: weight has shape (2, 1) but the entry has (3, 1)
        Build the network with the sizes that the entries come from, or pass strict=False to \
leave alone what only one side has.
        """
        entries = self._entries()
        arrays = {name: np.asarray(entry) for name, entry in state.items()}
        missing = [name for name in entries if name not in arrays]
        unexpected = [name for name in arrays if name not in entries]
        wrong = [
            f"{kind}: {name} has {have} but the entry has {got}"
            for name in entries
            if name in arrays
            for kind, have, got in _differences(entries[name], arrays[name])
        ]
        lines = list(wrong)
        if strict:
            lines = [f"missing: {name} of shape {entries[name].shape}" for name in missing]
            lines += [f"unexpected: {name}" for name in unexpected]
            lines += wrong
        if lines:
            raise ValueError(
                f"load_state_dict: these entries do not fit {self._head()}:\n  "
                + "\n  ".join(lines)
                + "\nBuild the network with the sizes that the entries come from, or pass "
                "strict=False to leave alone what only one side has."
            )
        for name, value in entries.items():
            if name in arrays:
                value.data = arrays[name]
        return Differences(missing, unexpected)

    def extra_repr(self) -> str:
        """What stands in the brackets of this module's line in a printed network."""
        return ""

    def _head(self) -> str:
        return f"{type(self).__name__}({self.extra_repr()})"

    @recursive_repr("...")
    def __repr__(self) -> str:
        """The tree of the network: a line a module, and a line a parameter of its own."""
        lines = [
            f"{path}: {thing!r}" if isinstance(thing, Module) else f"{path}: {thing.shape}"
            for path, thing, _ in _own(self)
        ]
        if not lines or self.extra_repr():
            return self._head()
        body = "\n".join(lines).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {body}\n)"


def _own(module: Module) -> Iterator[Found]:
    """What ``module`` holds itself, without what the modules in it hold."""
    below: set[int] = set()
    for found in walk(module):
        if isinstance(found.thing, Module):
            below.update(id(one) for _, one, _ in walk(found.thing))
        if id(found.thing) not in below:
            yield found


def _differences(parameter: Value, entry: np.ndarray) -> Iterator[tuple[str, str, str]]:
    """(kind of difference, what the parameter has, what the entry has), if they differ."""
    if entry.dtype.kind not in "fiub":
        yield "wrong dtype", f"dtype {parameter.dtype}", str(entry.dtype)
    elif entry.shape != parameter.shape:
        yield "wrong shape", f"shape {parameter.shape}", str(entry.shape)
