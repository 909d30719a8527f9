"""Does the script that says when to leave read its own figures right? Here with planted ones."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import outgrow
import page

MACHINE = {"Python": "3.13", "threads": "1"}


def row(width: int, batch: int, pytorch: float, jax: float) -> dict[str, Any]:
    return {
        "width": width,
        "batch": batch,
        "ms": 1.5,
        "nn": 1.25,
        "PyTorch": pytorch,
        "jax.jit": jax,
    }


ROWS = [row(16, 1, 3.0, 1.2), row(64, 32, 0.96, 2.0), row(1024, 32, 0.5, 1.1)]


def test_who_is_faster_where_and_by_how_much() -> None:
    assert outgrow.overtaken(ROWS, "jax.jit") == "jax.jit is faster at no size."
    told = outgrow.overtaken(ROWS, "PyTorch")
    assert told.startswith("PyTorch is faster at 1 of 3 sizes (width x batch): 1024 x 32;")
    assert told.endswith("; most at 1024 x 32, 2.0 times.")


def test_the_page_has_a_place_for_each_table(root: Path, tmp_path: Path) -> None:
    copy = shutil.copy(root / "docs" / "outgrow.md", tmp_path / "outgrow.md")
    measured = {name: {"machine": MACHINE, "rows": ROWS} for name in (outgrow.ONE, outgrow.ALL)}
    page.put(outgrow.tables(measured), copy)
    text = copy.read_text("utf-8")
    assert text.count("| 64 | 32 | 1.500 | 1.25 | 0.96 | 2.00 |") == 2
    assert text.count("Measured with Python 3.13, threads 1.") == 2


def test_what_the_page_says_of_one_thread_is_in_its_table(root: Path) -> None:
    """The figures of the page come from the script: its sentences follow from its rows."""
    text = (root / "docs" / "outgrow.md").read_text("utf-8")
    part = text.partition(f"<!-- measured: {outgrow.ONE} -->")[2].partition("<!-- end -->")[0]
    rest = r" \| ([\d.,]+)" * 5
    found = re.findall(rf"^\| (\d+){rest} \|$", part, re.MULTILINE)
    assert len(found) == len(outgrow.WIDTHS) * len(outgrow.BATCHES)
    rows = [row(int(w), int(b), float(torch), float(jax)) for w, b, _, _, torch, jax in found]
    for name in ("PyTorch", "jax.jit"):
        sizes = outgrow.overtaken(rows, name).partition(";")[0]
        assert sizes in part


def test_a_page_without_a_place_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "page.md"
    empty.write_text("# A page\n", "utf-8")
    with pytest.raises(ValueError, match=r"has no place for 'one thread'"):
        page.put(outgrow.tables({outgrow.ONE: {"machine": MACHINE, "rows": ROWS}}), empty)
