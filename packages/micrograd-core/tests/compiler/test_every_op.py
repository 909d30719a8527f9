"""Does a program compute what the eager engine computes, for every op of the table?

Each sample of each row is recorded forward and backward, in float64 and float32, and run three
times, with other numbers at the last.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, compile
from micrograd.engine.testing import Sample

from ..optable import TABLE

GRADED = [name for name, row in TABLE.items() if not row.plain]
PLAIN = [name for name, row in TABLE.items() if row.plain]
# Their result has another shape for other numbers, so a program refuses them.
DATA_DECIDES = {"nonzero", "compress", "extract"}


def in_dtype(one: Any, dtype: Any) -> Any:
    is_array = isinstance(one, (np.ndarray, np.generic)) and one.dtype.kind == "f"
    return np.asarray(one, dtype) if is_array else one


def flat(out: Any) -> list[Any]:
    return list(out) if isinstance(out, (tuple, list)) else [out]


def eager(row: Any, arrays: list[Any], settings: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Results, and gradients of a sum of them with weights."""
    values = [Value(one) if is_float(one) else one for one in arrays]
    out = [one for one in flat(row.function(*values, **settings)) if isinstance(one, Value)]
    if (loss := weighted(out)).requires_grad:
        loss.backward()
    return [one.data for one in out], [one.grad for one in values if isinstance(one, Value)]


def weighted(out: list[Any]) -> Any:
    total = 0.0
    for one in out:
        weights = np.cos(np.arange(one.size, dtype=one.dtype)).reshape(one.shape)
        total = (one * weights).sum() + total
    return total


def is_float(one: Any) -> bool:
    return isinstance(one, np.ndarray) and one.dtype.kind == "f"


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", GRADED)
def test_a_program_computes_what_the_op_computes(
    name: str, dtype: Any, rng: np.random.Generator
) -> None:
    row = TABLE[name]
    for call in row.samples(rng):
        arrays = [in_dtype(one, dtype) for one in call.arrays]
        compared(row, arrays, call)


def compared(row: Any, arrays: list[Any], call: Sample) -> None:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        results, gradients = eager(row, arrays, call.settings)
        leaves = [Value(one) for one in arrays if is_float(one)]

        def f(*others: Any) -> Any:
            inner, given = iter(leaves), iter(others)
            operands = [next(inner) if is_float(one) else next(given) for one in arrays]
            out = flat(row.function(*operands, **call.settings))
            out = [one for one in out if isinstance(one, Value)]
            return weighted(out), *out

        constant = not weighted(results_of(f, arrays)).requires_grad  # a piecewise constant op
        program = compile(f, None if constant else leaves)
        others = [one for one in arrays if not is_float(one)]
        for _ in range(3):
            _, *got = program(*others)
            for one, right in zip(got, results, strict=True):
                np.testing.assert_allclose(one, right, **tolerance(right, arrays))
                assert np.asarray(one).dtype == right.dtype
        if program.parameters is not None:
            for leaf, right in zip(leaves, gradients, strict=True):
                np.testing.assert_allclose(leaf.grad, right, **tolerance(right, arrays))


def results_of(f: Any, arrays: list[Any]) -> list[Any]:
    return list(f(*(one for one in arrays if not is_float(one)))[1:])


def tolerance(right: Any, arrays: list[Any]) -> dict[str, float]:
    exact = all(getattr(one, "dtype", None) != np.float32 for one in arrays)
    largest = float(np.abs(right[np.isfinite(right)]).max(initial=0.0))
    return {"rtol": 1e-9 if exact else 1e-3, "atol": (1e-11 if exact else 1e-4) * (1 + largest)}


@pytest.mark.parametrize("name", [name for name in PLAIN if name not in DATA_DECIDES])
def test_a_program_computes_what_has_no_gradient(name: str, rng: np.random.Generator) -> None:
    row = TABLE[name]
    for call in row.samples(rng):
        program = compile(lambda *arrays, call=call: row.function(*arrays, **call.settings))
        for _ in range(3):
            out = program(*call.arrays)
            right = row.reference(*call.arrays, **call.settings)
            for one, other in zip(flat(out), flat(right), strict=True):
                np.testing.assert_array_equal(one, other)
