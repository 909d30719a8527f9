"""How does an op that a plugin brought become a method of Value?

As a real attribute of the class, so that calling it costs what a built-in method costs and
completion shows it. `Value.__getattr__` runs only for names that are not there: it loads the
installed plugins, once, and otherwise builds the error. It raises AttributeError and nothing
else, and warns of nothing, since `hasattr` asks too.
"""

from __future__ import annotations

import inspect
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ..hookspecs import FAMILY
from ..value import Value
from .errors import AmbiguousName, PluginError, UnknownName
from .registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RESERVED: Final = frozenset(dir(Value))
"""What a Value is before anybody computes with it; no op may take these names."""


class OpsRegistry(Registry):
    """The ops, each of which is also a method."""

    warns = False  # ops.<name> and value.<name> are attribute lookups

    def __init__(self) -> None:
        super().__init__("micrograd_ops", "op", check_op)
        self._bound: set[str] = set()

    def add(self, name: str, contribution: object, distribution: str) -> bool:
        """Enter an op, and note in it whom to blame when a rule of it is wrong."""
        added = super().add(name, contribution, distribution)
        op = getattr(contribution, "op", None)
        if op is not None and not op.distribution:
            op.distribution = distribution
        return added

    def _admit(self, name: str, contribution: object, distribution: str) -> None:
        taken = name in RESERVED
        if distribution not in FAMILY and not taken and name not in self._claims:
            taken = name in vars(sys.modules.get("micrograd.engine.ops", object))
        if taken:
            raise PluginError(
                f"The op name {name!r} is an attribute of Value or of ops already.",
                "Choose another name.",
            )
        super()._admit(name, contribution, distribution)

    def _settle(self, name: str) -> None:
        super()._settle(name)
        if name in self._meaning:
            setattr(Value, name, as_method(self._meaning[name]))
            self._bound.add(name)
        elif name in self._bound:
            delattr(Value, name)
            self._bound.remove(name)


def as_method(function: Any) -> Any:
    """A function as it is; another callable in a function, which Python binds to its Value."""
    if inspect.isfunction(function):
        return function
    return lambda *arrays, **settings: function(*arrays, **settings)


def check_op(name: str, contribution: object) -> None:
    """Refuse what is no function of Values, or lacks a rule."""
    if inspect.isclass(contribution) or not callable(contribution):
        told = getattr(contribution, "__name__", type(contribution).__name__)
        raise TypeError(f"{told} is not a function of Values. Return the function itself.")
    op = getattr(contribution, "op", None)
    if op is not None:
        if op.missing:
            raise TypeError(
                f"{op.name} has no rule for {', '.join(op.missing)}. Write one with "
                f"@{op.name}.gradient({op.missing[0]!r}), or say @op(constant={op.missing[0]!r})."
            )
        return
    code = getattr(contribution, "__code__", None)
    if code is not None:  # a plain function: quick, for the many ops of core
        positional = bool(code.co_argcount or code.co_flags & inspect.CO_VARARGS)
    else:
        try:
            kinds = {p.kind for p in inspect.signature(contribution).parameters.values()}
        except ValueError:  # some functions that are written in C do not say
            return
        positional = bool(kinds - {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD})
    if not positional:
        raise TypeError("it takes no positional argument. Its first argument is the Value.")


ops_registry: Final = OpsRegistry()


def find_attribute(value: Value, name: str) -> Any:
    """`Value.__getattr__`: what to do about an attribute that Value does not have."""
    if name.startswith("_"):
        raise AttributeError(f"'Value' object has no attribute {name!r}")
    if hasattr(type(value), name):  # a property of Value raised AttributeError: let it tell why
        return object.__getattribute__(value, name)
    try:
        function: Callable[..., Any] = ops_registry.get(name)  # type: ignore[assignment]
    except AmbiguousName as error:
        raise AttributeError(str(error)) from None
    except UnknownName:
        names = {*ops_registry.names(), *_public(dir(Value))}
        hint = ops_registry.hint(name, names)
        raise AttributeError(f"Value has no attribute {name!r}.{hint}") from None
    return partial(function, value) if ":" in name else object.__getattribute__(value, name)


def _public(names: Iterable[str]) -> set[str]:
    return {name for name in names if not name.startswith("_")}
