"""Each notebook of the examples runs from top to bottom, and its pictures are whole.

hatch run notebooks:run
"""

from __future__ import annotations

import base64
import re
from pathlib import Path

import nbformat
import pytest

import geometry
from executed import NOTEBOOKS, executed, outputs, page, run

notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@notebooks
def test_it_runs_without_a_warning(path: Path) -> None:
    for cell in executed(path).cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                assert "Warning" not in output.text, output.text


@notebooks
def test_no_picture_is_clipped_and_no_text_leaves_its_box(path: Path) -> None:
    for svg in outputs(executed(path), "image/svg+xml"):
        assert geometry.outside(svg) == []
        assert geometry.spilled(svg) == []


@notebooks
def test_each_value_shows_as_its_graph(path: Path) -> None:
    """As SVG, and the same in HTML."""
    for cell in executed(path).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data.get("text/plain", "").startswith("Value("):
                assert "image/svg+xml" in data, cell.source
            if "image/svg+xml" in data:
                source = re.search(r'src="data:image/svg\+xml;base64,([^"]*)"', data["text/html"])
                assert source is not None
                assert base64.b64decode(source[1]).decode() == data["image/svg+xml"]


def test_the_digits_show_everything() -> None:
    (path,) = [path for path in NOTEBOOKS if path.stem == "digits"]
    notebook = executed(path)
    assert len(outputs(notebook, "image/svg+xml")) == 2
    assert len(outputs(notebook, "image/png")) == 3
    html = outputs(notebook, "text/html")
    assert sum("micrograd-module" in one for one in html) == 1
    assert sum(one.startswith("<iframe srcdoc=") for one in html) == 2
    (accuracy,) = re.findall(r"it reads ([\d.]+)%", page(notebook))
    assert float(accuracy) > 95


def test_a_cell_that_fails_is_a_failure_unless_it_may() -> None:
    cell = nbformat.v4.new_code_cell("assert 1 + 1 == 3, 'not yet'")
    with pytest.raises(Exception, match="not yet"):
        run(nbformat.v4.new_notebook(cells=[cell]))
    cell.metadata["tags"] = ["raises-exception"]
    (output,) = run(nbformat.v4.new_notebook(cells=[cell])).cells[0].outputs
    assert output.ename == "AssertionError"
