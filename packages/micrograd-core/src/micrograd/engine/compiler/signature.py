"""Which of a program's recordings fits a call, and what are its arguments called?"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from .. import trees
from ..value import Value
from .refusal import CannotCompile

Simple = list[tuple[tuple[int, ...], np.dtype[Any]]]


def signature_of(args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What decides which program fits: nestings, shapes and dtypes, and Python objects."""
    given = [(f"[{i}]", one) for i, one in enumerate(args)]
    given += [(f"[{name!r}]", one) for name, one in sorted(named.items())]
    return len(args), *(_key(path, one) for path, one in given)


def _key(path: str, given: Any) -> Any:
    inner = trees.children(given)
    if inner is not None:
        keys = (_key(f"{path}[{name!r}]", one) for name, one in inner.items())
        return (type(given), tuple(inner), *keys)
    if isinstance(given, (np.ndarray, np.generic, Value)):
        if given.dtype.kind not in "fiub":
            raise CannotCompile(
                f"compile: argument{path} is an array of {given.dtype}. Pass real numbers."
            )
        return (path, type(given).__name__, given.shape, given.dtype)
    if type(given) is float or isinstance(given, np.random.Generator):
        return (path, type(given).__name__)
    try:
        hash(given)
    except TypeError as error:
        raise CannotCompile(
            f"compile: argument{path} is {type(given).__name__}, which cannot be told from others. "
            "Pass arrays, Values, numbers, strings, or nestings of them."
        ) from error
    return (path, type(given), given)


def simple_signature(args: tuple[Any, ...], named: dict[str, Any]) -> Simple | None:
    """Shapes and dtypes, for a call with nothing but arrays by position."""
    if named or any(type(one) is not np.ndarray for one in args):
        return None
    return [(one.shape, one.dtype) for one in args]


def arrays_of(args: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """The leaves of all arguments, in the order in which they were recorded."""
    found = trees.leaves([*args, *dict(sorted(named.items())).values()])
    return [one._array if isinstance(one, Value) else one for _, one in found]


def argument_names(f: Any) -> Iterator[str]:
    """What a function calls its arguments; x1, x2, … beyond those that it names."""
    try:
        target = getattr(f, "forward", f)  # of a module
        parameters: Any = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        parameters = ()
    named = (p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
    count = 0
    for count, name in enumerate(named, 1):  # noqa: B007
        yield name
    while True:
        yield f"x{count}"
        count += 1


def checked_parameters(parameters: Iterable[Value]) -> list[Value]:
    """The parameters as a list of leaves, each once."""
    if isinstance(parameters, Value) or not isinstance(parameters, Iterable):
        raise TypeError(
            f"compile: parameters is of type {type(parameters).__name__}. Pass an iterable of "
            "Values, for example model.parameters()."
        )
    found = list(parameters)
    for one in found:
        if not isinstance(one, Value):
            raise TypeError(
                f"compile: parameters holds {type(one).__name__} {one!r:.40}. Pass Values, for "
                "example model.parameters()."
            )
        if one.op is not None or not one.requires_grad:
            what = f"a Value that {one.op.name} made" if one.op is not None else "a constant"
            raise ValueError(
                f"compile: parameters holds {what} of shape {one.shape}. Pass leaves with "
                "requires_grad=True."
            )
    if len(set(found)) < len(found):
        raise ValueError("compile: parameters names a Value twice. Pass each once.")
    return found
