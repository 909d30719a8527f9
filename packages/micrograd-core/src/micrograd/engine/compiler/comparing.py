"""Does a program's first run give what the eager engine computed while it was recorded?

The first two calls of a signature are compared. The second is recorded anew for that, so a function
that depends on something that changes between calls is found out, unless it changes later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import trees
from .recording import Held, Recording
from .symbol import Symbol

if TYPE_CHECKING:
    from .entry import Entry


def compare(entry: Entry, expected: list[Any], result: Any) -> None:
    """Hold results, gradients and what was written against the eager numbers.

    **Errors.** RuntimeError that names the first that differs.
    """
    r, name = entry.built.recording, entry.built.plan.name
    kept = [leaf for _, leaf in trees.leaves(r.tree)]
    given = [leaf for _, leaf in trees.leaves(result)]
    got = [one for one, leaf in zip(given, kept, strict=True) if isinstance(leaf, Symbol)]
    found = [(f"result {i}", one) for i, one in enumerate(got)]
    found += [(f"the gradient of {p.name or 'a parameter'}", p._grad) for p, _ in r.gradients]
    found += [
        (f"what it writes into {name[target]}", target.source._array)
        for target, _ in [*r.effects, *r.updates]
    ]
    wanted = [one for group in expected for one in group]
    known = [one.dtype for one in (*r.inputs, *r.steps)]
    tolerance = 1e-4 if np.dtype(np.float32) in known else 1e-9
    certain = _certain(r, expected[1], 1e3 * tolerance)
    places = [None] * (len(found) - len(certain)) + certain
    for (what, have), want, place in zip(found, wanted, places, strict=True):
        if place is not None:
            have, want = np.reshape(have, -1)[place], np.reshape(want, -1)[place]
        if not agree(have, want, tolerance):
            raise RuntimeError(
                f"compile: {what} differs from what the eager engine computes "
                f"({_difference(have, want)}). The function may depend on something that "
                "changes between calls and is no argument, parameter or generator of an op: "
                "pass it as an argument. The program is in program.source."
            )


def _certain(recording: Recording, gradients: list[Any], least: float) -> list[Any]:
    """For each array that the optimizer writes, the places whose gradient is more than rounding.

    Adam and its kin divide a gradient by its own size. Of a number that ought to be 0, such as the
    gradient of a bias before a batch norm, they make steps out of rounding errors, which no two
    programs share. The gradients themselves are compared everywhere.
    """
    sizes = {
        p: np.abs(np.ravel(g)) for (p, _), g in zip(recording.gradients, gradients, strict=True)
    }
    largest = max((size.max(initial=0.0) for size in sizes.values()), default=0.0)
    found = []
    for target, _ in recording.updates:
        source = target.source
        parameters = source.piece.parameters if isinstance(source, Held) else [source]
        size = np.concatenate([sizes[parameter] for parameter in parameters])
        found.append(size > least * (1e-2 + largest))
    return found


def agree(have: Any, want: Any, tolerance: float) -> bool:
    """Whether two arrays are equal but for rounding, measured by their largest number."""
    have, want = np.asarray(have), np.asarray(want)
    if have.shape != want.shape or have.dtype != want.dtype:
        return False
    if have.dtype.kind != "f" or not have.size:
        return bool(np.array_equal(have, want))
    finite = np.isfinite(want)
    if not np.array_equal(have[~finite], want[~finite], equal_nan=True):
        return False
    largest = np.abs(want[finite]).max(initial=0.0)
    return bool((np.abs(have[finite] - want[finite]) <= tolerance * (1e-2 + largest)).all())


def _difference(have: Any, want: Any) -> str:
    have, want = np.asarray(have), np.asarray(want)
    if have.shape != want.shape or have.dtype != want.dtype:
        return f"{have.dtype} {have.shape} instead of {want.dtype} {want.shape}"
    if have.dtype.kind != "f":
        return "values"
    with np.errstate(all="ignore"):
        return f"by up to {np.abs(have - want).max():.3g}"
