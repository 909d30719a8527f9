"""What did a change take from those who use a package, and what did it add?

Two descriptions by `public_api` are compared, name by name. Breaking is what can make a program
fail, or do something else, that was right before: a name that is gone, a parameter that is gone,
was renamed, moved, or must be given now, another default. A hook may gain arguments, since pluggy
passes an implementation those that it names; it never loses one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

POSITIONAL, EITHER, KEYWORD, STAR, STARS = "positional", "either", "keyword", "*", "**"


@dataclass(frozen=True)
class Parameter:
    name: str
    kind: str
    default: str | None
    position: int

    @property
    def required(self) -> bool:
        return self.default is None and self.kind not in (STAR, STARS)

    @property
    def told(self) -> str:
        return f"{self.kind if self.kind in (STAR, STARS) else ''}{self.name}"


@dataclass
class Changes:
    """Sentences on what breaks programs, and on what is new."""

    breaking: list[str] = field(default_factory=list)
    additions: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.breaking or self.additions)


def parameters(text: str) -> list[Parameter]:
    """The parameters in `(x, y=1, *, z=2)`."""
    (function,) = ast.parse(f"def f{text}: ...").body
    assert isinstance(function, ast.FunctionDef)
    given = function.args
    ordered = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(ordered) - len(given.defaults)) + [*given.defaults]
    found = []
    for position, (one, default) in enumerate(zip(ordered, defaults, strict=True)):
        kind = POSITIONAL if one in given.posonlyargs else EITHER
        found.append(Parameter(one.arg, kind, default and ast.unparse(default), position))
    for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        found.append(Parameter(one.arg, KEYWORD, default and ast.unparse(default), -1))
    if given.vararg:
        found.append(Parameter(given.vararg.arg, STAR, None, -1))
    if given.kwarg:
        found.append(Parameter(given.kwarg.arg, STARS, None, -1))
    return found


def counterpart(one: Parameter, among: list[Parameter]) -> Parameter | None:
    """The same parameter: by its name, or by its place or its stars where no caller names it."""
    for other in among:
        stars = {one.kind, other.kind} & {STAR, STARS}
        placed = POSITIONAL in (one.kind, other.kind) and one.position == other.position
        if one.kind == other.kind if stars else placed or one.name == other.name:
            return other
    return None


def split(promise: str) -> tuple[str, str, str]:
    """`def`, `(x, y=1)` and what follows."""
    kind, bracket, rest = promise.partition(" (")
    inside, _, after = rest.rpartition(")")
    return kind, f"({inside})" if bracket else "", after.strip()


def compare_parameter(old: Parameter, new: Parameter | None) -> Iterator[str]:
    """What a caller who gives this parameter, or leaves it out, loses."""
    if new is None:
        yield f"has no parameter {old.told} any more"
        return
    if new.kind != old.kind and new.kind != EITHER:
        yield f"takes {old.told} in another way ({old.kind}, now {new.kind})"
    elif old.position not in (-1, new.position):
        yield f"takes {old.told} at place {new.position + 1} instead of {old.position + 1}"
    if new.required and not old.required:
        yield f"must be given {old.told} now"
    elif old.default is not None and old.default != new.default:
        yield f"has {new.default} as default of {old.told} instead of {old.default}"


def compare_callable(old: str, new: str, *, hook: bool) -> Changes:
    """The parameters of a function, or the arguments of a hook."""
    changes, before, after = Changes(), parameters(old), parameters(new)
    for parameter in before:
        found = counterpart(parameter, after)
        if not hook:
            changes.breaking.extend(compare_parameter(parameter, found))
        elif found is None:  # pluggy calls by name
            changes.breaking.append(f"has no argument {parameter.told} any more")
    for parameter in after:
        if counterpart(parameter, before) is None:
            if parameter.required and not hook:
                changes.breaking.append(f"must be given the new parameter {parameter.told}")
            else:
                changes.additions.append(f"takes {parameter.told} too")
    return changes


def resolve(api: dict[str, str], name: str) -> str | None:
    """What a name promises: itself, under a class's other name, or through a public base."""
    if name in api:
        other = api[name].removeprefix("same as ")
        return api[name] if other == api[name] else api.get(other)
    owner, _, attribute = name.rpartition(".")
    if api.get(owner, "").startswith("same as "):
        owner = api[owner].removeprefix("same as ")
    bases = [key.partition(" < ")[2] for key in api if key.startswith(f"{owner} < ")]
    found = (api.get(f"{one}.{attribute}") for one in (owner, *bases))
    return next((promise for promise in found if promise is not None), None)


def compare(old: dict[str, str], new: dict[str, str]) -> Changes:
    """All that differs between two descriptions."""
    changes, gone = Changes(), set()
    for name in sorted(old):  # a class comes before what it has
        before, after = resolve(old, name), resolve(new, name)
        owner, is_base, base = name.partition(" < ")
        if before is None or before == after:
            continue
        if after is None:
            gone.add(name)
            if (owner if is_base else name.rpartition(".")[0]) not in gone:
                told = f"{owner} is no {base} any more" if is_base else f"{name} is gone"
                changes.breaking.append(told)
            continue
        (kind, signature, rest), (kind_now, signature_now, rest_now) = split(before), split(after)
        if (kind, bool(signature), rest) != (kind_now, bool(signature_now), rest_now):
            changes.breaking.append(f"{name} was `{before}` and is `{after}`")
            continue
        found = compare_callable(signature, signature_now, hook=kind == "hook")
        changes.breaking += [f"{name} {told}" for told in found.breaking]
        changes.additions += [f"{name} {told}" for told in found.additions]
    changes.additions += [f"{name} is new" for name in new if name not in old]
    return changes


def refusal(changes: Changes, old: tuple[int, ...], new: tuple[int, ...]) -> str:
    """Why these changes may not come with version `new` after `old`; empty if they may."""
    was, now = (".".join(map(str, version)) for version in (old, new))
    if new < old:
        return f"api.json is of {was}, which is newer than {now}. Raise _version.py."
    if changes.breaking and new[0] == old[0]:
        wanted = f"{old[0] + 1}.0.0"
        return told(f"This breaks programs that were right with {was}", changes.breaking) + (
            f"\nTake it back, or keep the old way beside the new one; only {wanted} may break."
        )
    if changes.additions and new[:2] == old[:2]:
        return told(f"This is not in {was}", changes.additions) + (
            f"\nWhat is new comes with {old[0]}.{old[1] + 1}.0. Raise _version.py."
        )
    return ""


def told(heading: str, lines: list[str]) -> str:
    return "\n".join([f"{heading}:", *(f"  - {line}" for line in lines)])
