"""How is an op checked from the command line, of which nothing is known but its name?

Its arguments are those of its function. Samples are drawn in some domain, in the first shapes that
the forward takes. Then each promise of ``conformance`` is tried on all of them, and told with how
it ended.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import warnings
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias

import numpy as np

from .conformance import PROMISES, Case, Sample, is_constant
from .differences import Function
from .testing import all_cases
from .value import Value

DOMAINS = {"real": (-2.0, 2.0), "positive": (0.3, 3.0), "unit": (0.05, 0.95)}
"""Where numbers are drawn; ``real`` keeps away from 0, where kinks are."""

Shapes: TypeAlias = Sequence[tuple[int, ...]]


class CannotCheck(Exception):
    """There is nothing to check; the message says what to do."""


def check(
    name: str,
    domain: str = "real",
    *,
    settings: Sequence[str] = (),
    shapes: str | None = None,
    seed: int = 0,
) -> int:
    """Print how an op keeps its promises; returns 0 if it keeps all of them, and 1 if not.

    **Errors.** CannotCheck when the op cannot be found, or no sample fits it.
    """
    op, rng = find(name), np.random.default_rng(seed)
    chosen = dict(map(_setting, settings))
    samples = draw(op, domain, rng, chosen, _shapes(shapes))
    cases = all_cases(op, samples)
    if not any(case.places for case in cases):
        raise CannotCheck(f"{name} has no argument that takes a gradient. Check it by hand.")
    given = ", ".join(f"{key}={value!r}" for key, value in chosen.items())
    print(f"{name}, of {domain} numbers" + f", with {given}" * bool(given))
    print(f"  in the shapes {_told(cases)}\n")
    ended = {_sentence(promise): _first_failure(promise, cases) for promise in PROMISES}
    width = max(map(len, ended))
    for sentence, wrong in ended.items():
        print(f"  {sentence:<{width}}  {'FAILED' if wrong else 'ok'}")
    failures = [wrong for wrong in ended.values() if wrong]
    for wrong in dict.fromkeys(failures):
        print(f"\n{wrong}")
    print(f"\n{name} keeps {len(ended) - len(failures)} of {len(ended)} promises.")
    return 1 if failures else 0


def _sentence(promise: Any) -> str:
    return str(inspect.getdoc(promise)).splitlines()[0]


def find(name: str) -> Function:
    """The function that MODULE:OP names.

    **Errors.** CannotCheck when there is none.
    """
    module, colon, path = name.partition(":")
    if not (module and colon and path):
        raise CannotCheck(f"{name!r} is not MODULE:OP. Write, for instance, my_module:swish.")
    try:
        found: Any = importlib.import_module(module)
    except ImportError as error:
        raise CannotCheck(
            f"importing {module} failed: {error}. Install it, or run from its folder."
        ) from error
    for part in path.split("."):
        if not hasattr(found, part):
            named = vars(found).items()
            ops = sorted(key for key, one in named if callable(one) and hasattr(one, "op"))
            near = ", ".join(get_close_matches(path, ops) or ops)
            raise CannotCheck(f"{module} has no {path!r}. It has the ops: {near or 'none'}.")
        found = getattr(found, part)
    if not callable(found):
        raise CannotCheck(f"{name} is {type(found).__name__}. Name a function of Values.")
    return found  # type: ignore[no-any-return]


def draw(
    op: Function,
    domain: str,
    rng: np.random.Generator,
    settings: dict[str, Any],
    shapes: Shapes | None = None,
) -> list[Sample]:
    """Three samples, in the first shapes that the op takes.

    **Errors.** CannotCheck when it takes none, with what it said.
    """
    count = len(shapes) if shapes else _count(op, settings)
    said = "it takes no argument"
    for row in [shapes] if shapes else _rows(count):
        samples = [
            Sample(tuple(_numbers(rng, shape, domain) for shape in row), settings) for _ in range(3)
        ]
        for kind in (float, int, bool):  # what is declared constant may be indices or a mask
            drawn = [_with_constants(op, one, kind, rng) for one in samples]
            try:
                with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
                    warnings.simplefilter("error")
                    for one in drawn:
                        op(*map(_value, one.arrays), **settings)
            except Exception as error:  # whatever the author's function raises is told
                said = f"{type(error).__name__}: {error}"
            else:
                return drawn
    raise CannotCheck(
        f"no sample fits. The last one ended in {said}\nChoose with --domain, --shapes or --set."
    )


def _rows(count: int) -> Iterator[Shapes]:
    """Shapes to try: of elementwise ops first, then of products, of squares, of vectors."""
    yield [(2, 3)] * count
    yield [(2, 3) if i % 2 == 0 else (3, 2) for i in range(count)]
    for shape in ((3, 3), (3,), (4,), (2, 3, 4), ()):
        yield [shape] * count
    yield [(3, 3) if i == 0 else (3,) for i in range(count)]


def _count(op: Function, settings: dict[str, Any]) -> int:
    """How many arrays an op takes; two where it takes any number."""
    count = 0
    for one in inspect.signature(op).parameters.values():
        if one.kind is one.VAR_POSITIONAL:
            count += 2
        elif one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD):
            count += one.default is one.empty and one.name not in settings
    return count


def _numbers(rng: np.random.Generator, shape: tuple[int, ...], domain: str) -> Any:
    """Different numbers, none near another, so that no kink and no tie is near."""
    low, high = DOMAINS[domain]
    size = int(np.prod(shape))
    places = (np.arange(size) + rng.uniform(0.2, 0.8, size)) / max(size, 1)
    numbers = low + (high - low) * rng.permutation(places)
    if low < 0.0:
        numbers = numbers + np.where(numbers < 0.0, -0.1, 0.1)
    return numbers.reshape(shape)


def _with_constants(op: Function, one: Sample, kind: type, rng: np.random.Generator) -> Sample:
    if kind is float:
        return one
    arrays = [
        rng.integers(0, 2, np.shape(x)).astype(kind) if is_constant(op, i) else x
        for i, x in enumerate(one.arrays)
    ]
    return Sample(tuple(arrays), one.settings)


def _value(x: Any) -> Any:
    return Value(x) if np.asarray(x).dtype.kind == "f" else x


def _first_failure(promise: Any, cases: Sequence[Case]) -> str:
    for case in cases:
        try:
            promise(case)
        except AssertionError as error:
            return str(error)
        except Exception as error:  # a rule that breaks down breaks its promise
            return f"check_op of {case.told}: {type(error).__name__}: {error}"
    return ""


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not (name.isidentifier() and equals):
        raise CannotCheck(f"--set {text!r} is not NAME=VALUE. Write, for instance, --set axis=0.")
    return name, _literal(value)


def _literal(text: str) -> Any:
    """A Python literal; any other text is itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _shapes(text: str | None) -> Shapes | None:
    if text is None:
        return None
    shapes = _literal(f"[{text}]")
    if not isinstance(shapes, list) or not all(
        isinstance(s, tuple) and all(type(n) is int and n >= 0 for n in s) for s in shapes
    ):
        raise CannotCheck(f"--shapes {text!r} are no shapes. Write, for instance, '(2, 3), (3,)'.")
    return shapes


def _told(cases: Sequence[Case]) -> str:
    rows = [" and ".join(str(np.shape(x)) for x in case.sample.arrays) for case in cases]
    return "; ".join(dict.fromkeys(rows))
