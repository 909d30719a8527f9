"""Is each row of the page that compares us with others true?

    hatch run bench:comparison

The page's cells are held against what the libraries do, each asked by the program in `rows`.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from comparison.rows import IMPORTS, LIBRARIES, ROWS, Row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "why" / "comparison.md"
HEADS = {
    "ours": "micrograd",
    "first": "first micrograd",
    "autograd": "HIPS/autograd",
    "mygrad": "MyGrad",
    "torch": "PyTorch",
    "jax": "JAX",
}


def table() -> dict[str, dict[str, str]]:
    """Question -> library -> cell, as the page has it."""
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    head, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    where = {library: head.index(HEADS[library]) for library in LIBRARIES}
    return {row[0]: {one: row[at] for one, at in where.items()} for row in rows}


def answer(row: Row, library: str) -> str:
    """What the library's program says: yes or no."""
    names: dict[str, Any] = {}
    exec(IMPORTS[library], names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(row.programs[library], names)
        except Exception as error:
            if type(error).__name__ != row.raises.get(library):
                raise
            return "no"
    assert library not in row.raises, f"{library} was to raise {row.raises[library]}"
    return "yes" if names["answer"] else "no"


def test_the_page_has_a_row_for_every_question_and_no_other() -> None:
    assert list(table()) == [row.question for row in ROWS]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.question)
def test_a_cell_of_the_page_is_true(row: Row, library: str) -> None:
    assert table()[row.question][library] == answer(row, library)
