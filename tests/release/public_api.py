"""What does a package promise, as data that two versions can be compared by?

    python public_api.py micrograd.engine micrograd.engine.testing

prints one line a promise, as JSON: each name that these modules list in `__all__` (and the modules
that stand there, in their turn), with the parameters of functions and classes, what a class has,
and each hook of the package with its arguments. It asks the imported package and not its source,
so that methods which `@op` binds to a class are seen. It runs where nothing but the package is
installed, and imports nothing else of this folder. What is set in `__init__` alone is not seen.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import operator
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

OURS = "micrograd."
PROTOCOLS = {
    *("__array_function__", "__array_ufunc__", "__call__", "__float__", "__format__"),
    *("__contains__", "__getitem__", "__iter__", "__len__", "__reversed__"),
    *("__enter__", "__exit__", "__divmod__", "__rdivmod__"),
    *("_repr_html_", "_repr_mimebundle_", "_repr_svg_"),
}
OPERATORS = [name for name in dir(operator) if name.startswith("__")]
SPECIAL = {*PROTOCOLS, *OPERATORS, *(f"__r{name[2:]}" for name in OPERATORS)}
SPECIAL -= set(dir(object)) - {"__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__ne__"}


def written(value: Any) -> str:
    """A default as Python would write it, the same on each run."""
    if isinstance(value, type) or inspect.isroutine(value):
        return f"{value.__module__}.{value.__qualname__}"
    text = repr(value)
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return f"{type(value).__qualname__}(...)"
    return text


def signature(function: Callable[..., Any], *, bound: bool = False) -> str:
    """The parameters with their defaults, without annotations; `bound` leaves out `self`."""
    found = inspect.signature(function)
    parameters = [
        one.replace(annotation=one.empty) for one in list(found.parameters.values())[bound:]
    ]
    shown, bar = [], any(one.kind is one.VAR_POSITIONAL for one in parameters)
    for position, one in enumerate(parameters):
        if one.kind is one.KEYWORD_ONLY and not bar:
            shown.append("*")
            bar = True
        text = str(one.replace(default=one.empty))
        shown.append(text if one.default is one.empty else f"{text}={written(one.default)}")
        following = parameters[position + 1 :][:1]
        if one.kind is one.POSITIONAL_ONLY and not (
            following and following[0].kind is one.POSITIONAL_ONLY
        ):
            shown.append("/")
    return f"({', '.join(shown)})"


def is_ours(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).startswith(OURS)


def constructor(cls: type) -> str:
    """How an instance is made, if a class of ours says so."""
    for base in cls.__mro__:
        if {"__init__", "__new__"} & set(vars(base)):
            return " " + signature(cls) if is_ours(base) else ""
    return ""


def member(found: Any) -> str:
    """What stands in a class under a public name."""
    if isinstance(found, (staticmethod, classmethod)):
        return "def " + signature(found.__func__, bound=isinstance(found, classmethod))
    if inspect.isfunction(found):
        return "def " + signature(found, bound=True)
    return "attribute"


def members(name: str, cls: type, classes: dict[type, str]) -> Iterator[tuple[str, str]]:
    """What a class adds to its public bases; a base that is not public counts as its own."""
    bases = [base for base in cls.__mro__[1:] if base in classes]
    foreign = [base for base in cls.__mro__ if not is_ours(base) and base is not object]
    yield from ((f"{name} < {classes[base]}", "base") for base in bases)
    yield from ((f"{name} < {base.__name__}", "base") for base in foreign[:1])
    inherited = {one for base in bases for one in base.__mro__}
    has: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if is_ours(base) and base not in inherited:
            has |= dict.fromkeys(getattr(base, "__dataclass_fields__", ()))
            has |= vars(base)
    for key, found in has.items():
        if key in SPECIAL and found is not None:
            yield f"{name}.{key}", "special method"
        elif not key.startswith("_"):
            yield f"{name}.{key}", member(found)


def hooks(package: str) -> Iterator[tuple[str, str]]:
    """The hooks that a package specifies."""
    try:
        module = importlib.import_module(f"{package}.hookspecs")
    except ModuleNotFoundError:
        return
    for name, found in vars(module).items():
        options = getattr(found, "micrograd_spec", None)
        if options is not None:
            told = [key for key in ("firstresult", "historic") if options[key]]
            yield f"hook {name}", " ".join(["hook", signature(found), *told])


def described(modules: list[str]) -> dict[str, str]:
    """All promises of these modules, by name."""
    promises: dict[str, str] = {}
    classes: dict[type, str] = {}
    waiting = list(modules)
    for package in modules:
        promises |= hooks(package)
    while waiting:
        module = importlib.import_module(waiting.pop(0))
        if promises.get(module.__name__) == "module":
            continue
        promises[module.__name__] = "module"
        for key in module.__all__:
            name, found = f"{module.__name__}.{key}", getattr(module, key)
            if isinstance(found, ModuleType):
                waiting.append(found.__name__)
            elif isinstance(found, type) and found in classes:
                promises[name] = f"same as {classes[found]}"
            elif isinstance(found, type):
                classes[found] = name
                promises[name] = "class" + constructor(found)
            elif inspect.isfunction(found):
                promises[name] = "def " + signature(found)
            else:
                promises[name] = f"object of type {type(found).__name__}"
    for found, name in classes.items():
        promises |= members(name, found, classes)
    return dict(sorted(promises.items()))


if __name__ == "__main__":
    print(json.dumps(described(sys.argv[1:])))
