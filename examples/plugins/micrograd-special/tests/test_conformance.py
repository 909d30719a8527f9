"""Each op keeps the promises of an op: values, two orders of gradients, float32, broadcasting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import micrograd_special
import numpy as np
import pytest
from scipy import special

from micrograd.engine.testing import Sample, sample

POSITIVE = np.array([[0.3, 0.8, 1.5], [2.1, 4.0, 11.0]])
REAL = np.array([[-6.5, -2.2, -0.4], [0.3, 1.7, 8.1]])
BETWEEN = np.array([[-0.95, -0.4, 0.01], [0.2, 0.7, 0.99]])  # −1 and 1
ORDERS = (0, 1, 2, 3.0, -2, 0.5)

SAMPLES: dict[str, list[Sample]] = {
    "betaln": [
        sample(POSITIVE, POSITIVE[::-1] + 0.25),
        sample(POSITIVE, np.array([0.5, 3.0, 1.0])),
    ],
    "digamma": [sample(POSITIVE), sample(np.array([-3.6, -1.3, -0.5]))],
    "erfc": [sample(REAL / 3)],
    "erfinv": [sample(BETWEEN)],
    "gammaln": [sample(POSITIVE), sample(np.array([-3.6, -1.3, -0.5]))],
    "i0": [sample(REAL)],
    "i0e": [sample(REAL)],
    "i1": [sample(REAL)],
    "i1e": [sample(REAL)],
    "iv": [sample(abs(REAL) if n == 0.5 else REAL, order=n) for n in ORDERS],
    "ive": [sample(abs(REAL) if n == 0.5 else REAL, order=n) for n in ORDERS],
    "j0": [sample(REAL)],
    "j1": [sample(REAL)],
    "jv": [sample(abs(REAL) if n == 0.5 else REAL, order=n) for n in ORDERS],
    "polygamma": [sample(POSITIVE, order=n) for n in (0, 1, 2, 5)],
}


def reference(name: str) -> Callable[..., Any]:
    """SciPy's own function, with its order behind."""
    scipy = getattr(special, name)
    if "order" in SAMPLES[name][0].settings:
        return lambda x, *, order: scipy(order, x).astype(x.dtype)
    return scipy  # type: ignore[no-any-return]


def test_every_op_has_a_sample() -> None:
    assert sorted(SAMPLES) == micrograd_special.__all__


@pytest.mark.parametrize("name", SAMPLES)
def test_an_op_keeps_its_promises(name: str, check_op: Callable[..., None]) -> None:
    op = getattr(micrograd_special, name)
    check_op(op, SAMPLES[name], reference=reference(name), elementwise=True)
    assert op.op.opaque
