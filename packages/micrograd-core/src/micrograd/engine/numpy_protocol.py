"""Which NumPy function is which op?

``np.exp(v)``, ``array @ v`` and ``np.concatenate([v, w])`` reach a Value through two protocols:
``__array_ufunc__`` (NEP 13) for ufuncs, ``__array_function__`` (NEP 18) for the rest. Both look
the function up in the table that ``@op(numpy=...)`` and ``@derived(numpy=...)`` filled, and hand
the arguments on by name. A function that is not in it is refused, because computing it on the bare
arrays would lose the graph. The exceptions, whose result has no gradient by nature, stand in
``plain``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from .op import NUMPY
from .plain import PLAIN
from .value import Value

METHODS: dict[tuple[Any, str], Callable[..., Any]] = {
    (np.add, "reduce"): np.sum,
    (np.multiply, "reduce"): np.prod,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "accumulate"): np.cumprod,
}
"""The methods of ufuncs that are functions under another name; they reduce axis 0 if not told."""


def _array_ufunc(self: Value, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
    if method == "__call__" and not settings and ufunc in NUMPY:
        return NUMPY[ufunc](*inputs)
    name = f"np.{ufunc.__name__}" + f".{method}" * (method != "__call__")
    if settings.get("out") is not None or method == "at":
        raise TypeError(
            f"{name} of a Value into an array (out=, or array += v). The graph would be lost: "
            "write v + array, or take v.data."
        )
    if (ufunc, method) in METHODS:
        return METHODS[ufunc, method](*inputs, **{"axis": 0, **settings})
    if method != "__call__":
        return _refuse(name, "Use a function such as np.sum or np.cumsum instead")
    if ufunc in PLAIN:
        return ufunc(*map(_bare, inputs), **settings)
    if ufunc not in NUMPY:
        return _refuse(name)
    raise TypeError(f"{name}: {', '.join(settings)}= is not supported for Values. Leave it out.")


def _array_function(
    self: Value, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    if function in PLAIN:
        return function(*map(_bare, args), **{key: _bare(one) for key, one in kwargs.items()})
    name = f"{function.__module__.replace('numpy', 'np', 1)}.{function.__name__}"
    if function not in NUMPY:
        return _refuse(name)
    target = NUMPY[function]
    theirs, counterpart, positions = _correspondence(function, target)
    given = {**_by_name(theirs, args), **kwargs}
    call: dict[str, Any] = {}
    for key, value in given.items():
        parameter = theirs.get(key)
        if parameter is not None and value is parameter.default:
            continue
        one = counterpart.get(key)
        if one is None:
            raise TypeError(f"{name}: {key}= is not supported for Values. Leave it out.")
        # np.transpose(v, (1, 0)) is our transpose(v, *axes), which takes the tuple as one of them
        alone = one.kind is one.VAR_POSITIONAL and (parameter is None or parameter.kind != one.kind)
        call[one.name] = (value,) if alone else value
    arrays: list[Any] = []
    for one in positions:
        if one.name in call:
            value = call.pop(one.name)
            arrays.extend(value if one.kind is one.VAR_POSITIONAL else [value])
    return target(*arrays, **call)


def _by_name(parameters: dict[str, inspect.Parameter], args: tuple[Any, ...]) -> dict[str, Any]:
    """What was given by position; as one tuple, if it is for ``*args``."""
    named = dict(zip(parameters, args, strict=False))
    for i, key in enumerate(named):
        if parameters[key].kind is inspect.Parameter.VAR_POSITIONAL:
            return {**dict(zip(list(parameters)[:i], args, strict=False)), key: args[i:]}
    return named


_WRITTEN_IN_C: dict[Any, Callable[..., None]] = {  # these tell their signature since NumPy 2.4
    np.concatenate: lambda arrays, axis=0, out=None, *, dtype=None, casting="same_kind": None,
    np.where: lambda condition, x=None, y=None: None,
    np.dot: lambda a, b, out=None: None,
    np.inner: lambda a, b: None,
    np.vdot: lambda a, b: None,
}
_RENAMED = {"newshape": "shape", "min": "a_min", "max": "a_max"}  # of np.reshape, np.clip


@cache
def _correspondence(function: Any, target: Any) -> tuple[Any, Any, Any]:
    """NumPy's parameters; for each name ours; and those of ours that are given by position.

    A parameter is ours of the same name, or, if NumPy demands it, ours at the same place: what is
    ``x`` here is ``a``, ``m``, ``arr`` or ``v`` there.
    """
    theirs = dict(inspect.signature(_WRITTEN_IN_C.get(function, function)).parameters)
    ours = inspect.signature(target).parameters
    counterpart = {**ours}
    counterpart |= {old: ours[new] for old, new in _RENAMED.items() if new in counterpart}
    for one, parameter in zip(ours.values(), theirs.values(), strict=False):
        if parameter.default is parameter.empty:
            counterpart.setdefault(parameter.name, one)
    positions = [p for p in ours.values() if p.default is p.empty and p.kind is not p.KEYWORD_ONLY]
    return theirs, counterpart, positions


def _bare(one: Any) -> Any:
    """The numbers of a Value, to look at: not even ``np.all(x, out=v)`` may write into them."""
    if isinstance(one, Value):
        array = one._bare
        if hasattr(array, "recorder"):
            return array
        data = np.asarray(array).view()
        data.flags.writeable = False
        return data
    return type(one)(map(_bare, one)) if type(one) in (list, tuple) else one


def _refuse(name: str, instead: str = "") -> Any:
    write = instead or f"Write one with @op(numpy={name}), compose it from functions that have one"
    raise TypeError(
        f"{name} has no rule for Values. {write}, or compute it on .data if it needs no gradient."
    )


Value.__array_ufunc__ = _array_ufunc  # type: ignore[attr-defined]
Value.__array_function__ = _array_function  # type: ignore[attr-defined]
