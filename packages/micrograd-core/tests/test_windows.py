"""Windows that begin every so many places, and whose numbers stand apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, ops
from micrograd.engine.testing import check_op, sample

from .optable.moving import each_window

CALLS: list[dict[str, Any]] = [
    {"stride": 2},
    {"stride": (2, 1), "dilation": (1, 2)},
    {"stride": 1, "dilation": 2},
    {"stride": (1, 1), "dilation": (1, 1)},
    {"stride": (3, 7)},
]


@pytest.mark.parametrize("how", CALLS, ids=str)
def test_every_so_many_windows(how: dict[str, Any], rng: np.random.Generator) -> None:
    def reference(x: np.ndarray, *, window_shape: Any, axis: Any, **how: Any) -> np.ndarray:
        pairs = {name: one if np.ndim(one) else (one, one) for name, one in how.items()}
        return each_window(x, window_shape, axis, **pairs)

    x = rng.normal(size=(2, 5, 7))
    call = sample(x, window_shape=(2, 3), axis=(1, 2), **how)
    check_op(ops.sliding_window_view, [call], reference=reference, rng=rng)


def test_an_axis_that_is_named_twice_has_the_gradient_of_both(rng: np.random.Generator) -> None:
    call = sample(rng.normal(size=(7,)), window_shape=(2, 3), axis=(0, 0))
    check_op(ops.sliding_window_view, [call], reference=np.lib.stride_tricks.sliding_window_view)


@pytest.mark.parametrize(
    ("axis", "how"),
    [((0, 1), {"stride": 0}), ((0, 1), {"dilation": (1, 2, 3)}), ((0, 0), {"stride": 2})],
)
def test_what_no_window_can_do_is_refused(axis: Any, how: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"sliding_window_view: .*Pass one number from 1 on"):
        ops.sliding_window_view(Value(np.ones((9, 9))), (2, 2), axis, **how)
