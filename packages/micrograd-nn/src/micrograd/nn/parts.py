"""What does a module hold, and under which names?

Its parameters, its buffers and further modules. None is registered, save buffers: they are found by
looking into the module's attributes, into lists, tuples and dicts too. ``walk``, the first function
below, does nothing else, and the path by which it finds a thing is the name of that thing.

``module`` is the file to read next.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from micrograd.engine import Value

if TYPE_CHECKING:
    from .module import Module


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
    buffers: frozenset[str] = holder._buffers if isinstance(holder, Holder) else frozenset()
    for key, thing in contents(holder):
        if id(thing) not in seen:
            seen.add(id(thing))
            here, leaf = f"{path}.{key}" if path else str(key), isinstance(thing, Value)
            if leaf or isinstance(thing, Holder):
                yield Found(here, thing, key in buffers)
            if not leaf:
                yield from walk(thing, here, seen)


def contents(holder: Any) -> Iterator[tuple[Any, Any]]:
    """What is looked at: leaves, Modules, lists, tuples and dicts, each with its key."""
    if isinstance(holder, (list, tuple)):
        inside: Any = enumerate(holder)
    else:
        inside = (vars(holder) if isinstance(holder, Holder) else holder).items()
    for key, thing in inside:
        leaf = isinstance(thing, Value) and thing.op is None
        if leaf or isinstance(thing, (Holder, list, tuple, dict)):
            yield key, thing


def every_path(
    holder: object, path: str = "", within: tuple[int, ...] = ()
) -> Iterator[tuple[str, Value]]:
    """Yield every parameter and buffer under each of its paths: tied ones have several."""
    within = (*within, id(holder))
    for key, thing in contents(holder):
        here = f"{path}.{key}" if path else str(key)
        if isinstance(thing, Value):
            yield here, thing
        elif id(thing) not in within:  # what holds itself has no end of paths
            yield from every_path(thing, here, within)


class Names:
    """The names that a module's parts had when they were last looked up, whole and in parts."""

    __slots__ = ("by_id",)

    def __init__(self, by_id: dict[int, tuple[str, list[str]]]) -> None:
        self.by_id = by_id

    def __reduce__(self) -> tuple[Any, ...]:
        return Names, ({},)  # of a copy, as of a saved module: its parts are others


def name_within(module: Holder, part: Holder) -> str:
    """The path of ``part`` within the module; "" when the module does not hold it.

    A part has no name of its own: it is ``layers.0`` to the module that holds it, and the same one
    may be ``decoder`` to another. A module may change at any time, and nobody tells. So a name from
    before is only taken if it still leads to the part; otherwise all names are looked up anew.
    """
    names = vars(module).get("_names")
    path, keys = NOWHERE if names is None else names.by_id.get(id(part), NOWHERE)
    if not path or at(module, keys) is not part:
        found = {
            id(one): (path, path.split("."))
            for path, one, _ in walk(module)
            if type(one) is not Value
        }
        object.__setattr__(module, "_names", Names(found))
        path, _ = found.get(id(part), NOWHERE)
    return path


NOWHERE: tuple[str, list[str]] = ("", [])


def at(holder: Any, keys: list[str]) -> Any:
    """What stands at a path; None if nothing does."""
    for key in keys:
        if isinstance(holder, Holder):
            holder = holder.__dict__.get(key)
        elif isinstance(holder, (list, tuple)):
            there = key.isdecimal() and int(key) < len(holder)
            holder = holder[int(key)] if there else None
        else:
            holder = holder.get(key) if isinstance(holder, dict) else None
    return holder


def own(module: Holder) -> Iterator[Found]:
    """What ``module`` holds itself, without what the modules in it hold."""
    below: set[int] = set()
    for found in walk(module):
        if isinstance(found.thing, Holder):
            below.update(id(one) for _, one, _ in walk(found.thing))
        if id(found.thing) not in below:
            yield found


class Holder:
    """What is walked: the part of Module that finds and names."""

    _buffers: frozenset[str] = frozenset()  # the attributes that are buffers

    def named_modules(self) -> list[tuple[str, Module]]:
        """This module, under the name "", and every module in it: (name, module) pairs."""
        inside = [(path, thing) for path, thing, _ in walk(self) if isinstance(thing, Holder)]
        return [("", self), *inside]  # type: ignore[list-item]

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
        >>> from micrograd.nn import Module
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
