"""Are Jacobians, Hessians and their products those of PyTorch's `torch.func`?

Compared are recorded numbers, as in `test_parity.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from parity import transforms
from parity.reference import check_array, decode

# Asked for are 1e-10. Measured: 5e-16; other processors and builds of NumPy may round otherwise.
TOLERANCE = 1e-12

RECORD_AGAIN = "Record it again: hatch run parity:record"


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    return transforms.read()


@pytest.mark.parametrize(("kind", "name"), transforms.CASES)
def test_a_derivative_has_the_recorded_numbers(
    kind: str, name: str, recorded: dict[str, Any]
) -> None:
    entry = recorded["cases"][f"{kind} of {name}"]
    assert entry["seed"] == transforms.Draw(name).seed, RECORD_AGAIN
    found = transforms.compute(kind, name)
    assert len(found) == len(entry["arrays"])
    for number, (got, expected) in enumerate(zip(found, entry["arrays"], strict=True)):
        check_array(f"{kind} of {name}, [{number}]", got, decode(expected), TOLERANCE)


def test_the_file_holds_these_cases_and_no_others(recorded: dict[str, Any]) -> None:
    assert list(recorded["cases"]) == [f"{kind} of {name}" for kind, name in transforms.CASES]


def test_the_hessian_of_two_layers_has_every_block(recorded: dict[str, Any]) -> None:
    """Each argument with each: weights and biases of both layers, and the input."""
    shapes = [tuple(one["shape"]) for one in recorded["cases"]["hessian of mlp_loss"]["arrays"]]
    assert shapes == [(*a, *b) for a in transforms.MLP for b in transforms.MLP]


def test_a_derivative_that_is_a_little_wrong_is_noticed(recorded: dict[str, Any]) -> None:
    expected = decode(recorded["cases"]["hessian of valley"]["arrays"][0])
    check_array("valley", expected * (1 + 1e-14), expected, TOLERANCE)
    with pytest.raises(AssertionError, match="valley is"):
        check_array("valley", expected * (1 + 1e-10), expected, TOLERANCE)


def test_the_file_stays_small() -> None:
    assert transforms.FILE.stat().st_size < 200_000


def test_each_function_gives_what_numpy_gives() -> None:
    """The functions are written for two libraries; a plain call must be one of them."""
    for name, (function, _) in transforms.FUNCTIONS.items():
        drawn = transforms.Draw(name)
        out = function(np, *drawn.arguments)
        assert np.isfinite(out).all(), name
        assert (np.ndim(out) == 0) is (name in transforms.ONE_ELEMENT), name
