"""How numbers, arrays and text are written."""

from __future__ import annotations

import doctest
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd.viz import (
    data,
    drawing,
    formats,
    heat,
    labels,
    mermaid,
    modules,
    numbers,
    style,
    text_tree,
    tracing,
)
from micrograd.viz.watching import counting, listening, readings, table, watcher

DOCUMENTED = [
    data,
    drawing,
    formats,
    heat,
    labels,
    mermaid,
    modules,
    numbers,
    style,
    text_tree,
    tracing,
    counting,
    listening,
    readings,
    table,
    watcher,
]


@pytest.mark.parametrize("module", DOCUMENTED, ids=lambda m: m.__name__)
def test_examples_in_docstrings_run(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "0.0"),
        (2, "2"),
        (-3.25, "-3.25"),
        (1 / 3, "0.3333"),
        (0.05, "0.05"),
        (1 / 512, "0.001953"),
        (0.00012344, "1.234e-4"),
        (999_999.5, "999999.5"),
        (1e6, "1e6"),
        (-1.5e300, "-1.5e300"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (np.float32(0.1), "0.1"),
        (True, "True"),
    ],
)
def test_a_number(x: float, text: str) -> None:
    assert numbers.number(x) == text


@given(st.floats(min_value=-1e308, max_value=1e308))
def test_a_number_is_short_and_close_to_what_it_stands_for(x: float) -> None:
    text = numbers.number(x)
    assert len(text) <= 12
    assert float(text) == pytest.approx(x, rel=1e-3)


@pytest.mark.parametrize(
    ("array", "lines"),
    [
        (np.array(3.0), ["3.0"]),
        (np.array([3.0]), ["[3.0]"]),
        (np.array([[3.0]]), ["[[3.0]]"]),
        (np.array([[1.0, -20.5], [0.25, 3.0]]), ["[[1.00, -20.5]", " [0.25,   3.0]]"]),
        (np.array([[1.0], [1e-9]]), ["[[ 1.0]", " [1e-9]]"]),
        (np.array([[0.5, 0.05], [-1 / 300, 0.0]]), ["[[ 0.5000, 0.05]", " [-0.0033, 0.00]]"]),
        (np.array([0.05, 1 / 300]), ["[0.05, 0.003333]"]),
        (np.zeros((2, 0)), ["(2, 0)  empty"]),
        (np.zeros(5), ["(5,)  0.0"]),
        (np.arange(-2.0, 3.0), ["(5,)  -2.0 to 2.0"]),
        (np.zeros((1, 1, 1)), ["(1, 1, 1)  0.0"]),
        (np.array([1.0, np.nan, 2.0, np.inf, 0.5]), ["(5,)  0.5 to 2.0, 2 not finite"]),
        (np.full(5, np.nan), ["(5,)  not one finite number"]),
    ],
)
def test_an_array(array: np.ndarray[Any, Any], lines: list[str]) -> None:
    assert numbers.array_lines(array) == lines


@pytest.mark.parametrize(
    ("operand", "text"),
    [
        (np.float64(2.0), "2"),
        (np.array(0.5), "0.5"),
        (np.array([True, False]), "[True, False]"),
        (np.eye(2), "(2, 2)  0.0 to 1.0"),
        (np.array(["a"]), "array(['a'], dtype='<U1')"),
        (slice(1, None), "slice(1, None, None)"),
        ("x" * 60, "'" + "x" * 38 + "…"),
    ],
)
def test_a_constant(operand: object, text: str) -> None:
    assert numbers.constant(operand) == text


def test_no_place_in_memory_is_shown() -> None:
    assert " at 0x" not in numbers.brief(object())
