"""Write the catalogue of rules, one page for each family of ops: what is it, and what is its maths?

    python docs/make_catalogue.py

Everything on the pages comes from the code: signatures, docstrings of ops and of their rules, and
the NumPy functions that lead to them. `tests/test_catalogue.py` fails when a page is out of date.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from micrograd.engine import Op, Value, ops
from micrograd.engine.op import NUMPY, OPERATORS
from micrograd.engine.plain import PLAIN

FOLDER = Path(__file__).parent / "reference" / "rules"
# Functions that younger NumPys have: named on the pages whichever NumPy writes them.
SINCE = {"unstack": "2.1", "matvec": "2.2", "vecmat": "2.2"}
HEAD = "<!-- Written by docs/make_catalogue.py from the code. Change the docstrings there. -->"


def pages() -> dict[str, str]:
    """File name -> text, of every page."""
    made = {f"{name_of(family)}.md": page(family) for family in ops.FAMILIES}
    return {"index.md": index(), **made}


def index() -> str:
    """The first page: all names, and how they are called."""
    rows = "\n".join(
        f"| [{title(family)}]({name_of(family)}.md) | "
        + ", ".join(f"`{name}`" for name in family.__all__)
        + " |"
        for family in ops.FAMILIES
    )
    plain = "\n".join(
        f"| {reason} | {', '.join(f'`{told(one)}`' for one in PLAIN if PLAIN[one] == reason)} |"
        for reason in dict.fromkeys(PLAIN.values())
    )
    own = sum(rule_of(function, family) is not None for family, function in everything())
    count = sum(1 for _ in everything())
    return f"""{HEAD}

# Catalogue of rules

Every function here is `ops.<name>`, and those whose first argument is an array are methods of a
Value, too. Where a NumPy function is named, that function, called with a Value, leads here. `g` is
the incoming gradient, and `out` the output. An op has *its own rule*; a *derived* function is
built from ops, and its parts bring their rules along. Of {count} functions {own} have rules of
their own.

| family | functions |
|---|---|
{rows}

## NumPy functions whose result is plain

Called with a Value, these compute on its numbers, and no gradient flows through them.

| result | functions |
|---|---|
{plain}

Every other function of NumPy that is not named on these pages raises a `TypeError` when it is
called with a Value, because its result would lose the graph.
"""


def everything() -> Iterator[tuple[ModuleType, Any]]:
    """Every public function once, with its family."""
    for family in ops.FAMILIES:
        for function in dict.fromkeys(getattr(family, name) for name in family.__all__):
            yield family, function


def page(family: ModuleType) -> str:
    """The page of one family."""
    parts = [HEAD, f"# {title(family)}", rest_of(family)]
    shown = set()
    for one, function in everything():
        if one is family:
            parts.append(section(function, family))
            shown.add(rule_of(function, family))
    hidden = [each for each in helpers(family) if each not in shown]
    if hidden:
        parts.append("## What they are built from")
        parts += [
            f"### {each.name}\n\n{sentence(each.forward)}\n\n{rules(each)}" for each in hidden
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def section(function: Any, family: ModuleType) -> str:
    """One function: names, signature, sentence, rules, and how NumPy and Python call it."""
    names = [name for name in family.__all__ if getattr(family, name) is function]
    names.sort(key=lambda name: name != function.__name__)
    lines = [f"## {', '.join(names)}", f"`{names[0]}{signature(function)}`", sentence(function)]
    op = rule_of(function, family)
    plain = function.__name__ in {one.__name__ for one in PLAIN}
    lines.append(rules(op) if op else "*Plain:* no gradient." if plain else "*Derived.*")
    if function.__name__ in SINCE:
        callers = [f"`np.{function.__name__}` (NumPy {SINCE[function.__name__]} and later)"]
    else:
        callers = [f"`{told(one)}`" for one, target in NUMPY.items() if target is function]
    callers += [f"`{sign}`" for sign in operators(function)]
    if callers:
        lines.append(f"Called by {', '.join(dict.fromkeys(callers))}.")
    return "\n\n".join(lines)


def rules(op: Op) -> str:
    """The maths of each rule, and which arguments take no gradient."""
    by_maths: dict[str, list[str]] = {}
    for argument, rule in zip(op.arrays, op.rules, strict=True):
        if rule is not None:
            by_maths.setdefault(maths(rule), []).append(f"`{argument}`")
    lines = [f"- Rule for {' and '.join(names)}: {text}" for text, names in by_maths.items()]
    if op.constant:
        lines.append(f"- No gradient for {', '.join(f'`{name}`' for name in op.constant)}.")
    return "\n".join(lines)


def maths(rule: Any) -> str:
    """The docstring of a rule."""
    if rule.__doc__ is None:  # wrapped, because it does not want every setting
        rule = inspect.getclosurevars(rule).nonlocals["rule"]
    text = inspect.cleandoc(rule.__doc__).replace("\n\n", "<br>").replace("\n", " ")
    return text.rstrip(".") + "."


def rule_of(function: Any, family: ModuleType) -> Op | None:
    """The op that a function is, or the one of its own name that it prepares the call of."""
    if hasattr(function, "op"):
        return function.op  # type: ignore[no-any-return]
    same = [each for each in helpers(family) if each.name == function.__name__]
    return same[0] if same else None


def helpers(family: ModuleType) -> list[Op]:
    """The ops of a family that have no public name."""
    found = [getattr(one, "op", None) for name, one in vars(family).items() if name[0] == "_"]
    return [op for op in found if isinstance(op, Op) and op.forward.__module__ == family.__name__]


def signature(function: Any) -> str:
    bare = inspect.Parameter.empty
    given = inspect.signature(function)
    plain = [p.replace(annotation=bare) for p in given.parameters.values()]
    return str(given.replace(parameters=plain, return_annotation=bare))


def operators(function: Any) -> list[str]:
    """The operators and conversions of Value that a function is."""
    signs = {f"__{name}__": sign for sign, name in OPERATORS.items()}
    own = [name for name, one in vars(Value).items() if one is function and name[:2] == "__"]
    return [signs.get(name, name) for name in own]


def told(function: Any) -> str:
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


def sentence(function: Any) -> str:
    return inspect.cleandoc(function.__doc__).replace("``", "`")


def name_of(family: ModuleType) -> str:
    return family.__name__.rpartition(".")[2]


def title(family: ModuleType) -> str:
    return name_of(family).replace("_", " ").capitalize()


def rest_of(family: ModuleType) -> str:
    return inspect.cleandoc(family.__doc__ or "").replace("``", "`")


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
