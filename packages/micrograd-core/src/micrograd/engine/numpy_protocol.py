"""Which NumPy function is which op?

``np.exp(v)``, ``array @ v`` and ``np.concatenate([v, w])`` reach a Value through two protocols:
``__array_ufunc__`` (NEP 13) for ufuncs, ``__array_function__`` (NEP 18) for the rest. Both look
the function up in the table that ``@op(numpy=...)`` and ``@derived(numpy=...)`` filled. A function
that is not in it is refused, because computing it on the bare arrays would lose the graph. The
exceptions are functions whose result has no gradient by nature, such as ``np.argmax``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from .op import NUMPY, Op
from .value import Value

PLAIN: frozenset[Callable[..., Any]] = frozenset(
    {
        *(np.less, np.less_equal, np.equal, np.not_equal, np.greater, np.greater_equal),
        *(np.isnan, np.isinf, np.isfinite, np.signbit),
        *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
        *(np.all, np.any, np.count_nonzero, np.nonzero, np.flatnonzero, np.argwhere),
        *(np.argmax, np.argmin, np.argsort, np.searchsorted, np.digitize),
        *(np.isclose, np.allclose, np.array_equal, np.array_equiv),
        *(np.shape, np.ndim, np.size, np.result_type, np.can_cast),
        *(np.zeros_like, np.ones_like, np.empty_like),
        *(np.array2string, np.array_repr, np.array_str),
    }
)
"""Functions whose result has no gradient: truth values, indices, shapes, fresh arrays, text."""


def _array_ufunc(self: Value, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
    if method != "__call__":
        return _refuse(f"np.{ufunc.__name__}.{method}")
    if settings.get("out") is not None:
        raise TypeError(
            f"np.{ufunc.__name__} of a Value into an array (out=, or array += v). The graph would "
            "be lost: write v + array, or take v.data."
        )
    if ufunc in PLAIN:
        return ufunc(*map(_bare, inputs), **settings)
    if ufunc not in NUMPY:
        return _refuse(f"np.{ufunc.__name__}")
    if settings:
        raise TypeError(
            f"np.{ufunc.__name__}: {', '.join(settings)}= is not supported for Values. Leave it "
            "out."
        )
    return NUMPY[ufunc](*inputs)


def _array_function(
    self: Value, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    if function in PLAIN:
        return function(*map(_bare, args), **{key: _bare(one) for key, one in kwargs.items()})
    name = f"{function.__module__.replace('numpy', 'np', 1)}.{function.__name__}"
    if function not in NUMPY:
        return _refuse(name)
    target = NUMPY[function]
    signature = _signature(function)
    given = dict(signature.bind(*args, **kwargs).arguments)
    names = list(signature.parameters)[: _array_count(target)]
    arrays = [given.pop(one) for one in names if one in given]
    known = _settings(target)
    settings = {}
    for key, value in given.items():
        setting = _RENAMED.get(key, key)
        if setting in known:
            settings[setting] = value
        elif value is not signature.parameters[key].default:
            raise TypeError(f"{name}: {key}= is not supported for Values. Leave it out.")
    return target(*arrays, **settings)


_WRITTEN_IN_C: dict[Any, Callable[..., None]] = {  # these tell their signature since NumPy 2.4
    np.concatenate: lambda arrays, axis=0, out=None, *, dtype=None, casting="same_kind": None,
    np.where: lambda condition, x=None, y=None: None,
}
_RENAMED = {"newshape": "shape"}  # np.reshape's, until NumPy 2.1


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(_WRITTEN_IN_C.get(function, function))


@cache
def _array_count(target: Any) -> int:
    """How many of the first parameters are arrays; in a derived function, those before the star."""
    if isinstance(getattr(target, "op", None), Op):
        return len(target.op.arrays)
    kinds = [p.kind for p in inspect.signature(target).parameters.values()]
    return sum(kind is not inspect.Parameter.KEYWORD_ONLY for kind in kinds)


@cache
def _settings(target: Any) -> frozenset[str]:
    if isinstance(getattr(target, "op", None), Op):
        return frozenset(target.op.settings)
    parameters = inspect.signature(target).parameters.values()
    return frozenset(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)


def _bare(one: Any) -> Any:
    if isinstance(one, Value):
        return one._data
    return type(one)(map(_bare, one)) if isinstance(one, (list, tuple)) else one


def _refuse(name: str) -> Any:
    raise TypeError(
        f"{name} has no rule for Values. Write one with @op(numpy={name}), compose it from "
        "functions that have one, or compute it on .data if it needs no gradient."
    )


Value.__array_ufunc__ = _array_ufunc  # type: ignore[attr-defined]
Value.__array_function__ = _array_function  # type: ignore[attr-defined]
