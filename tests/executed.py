"""Runs a notebook in a kernel of its own, and makes a page of it as nbconvert does."""

from __future__ import annotations

import functools
import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

NOTEBOOKS = sorted((Path(__file__).parents[1] / "examples" / "notebooks").glob("*.ipynb"))
FETCHED = re.compile(r'<script src="https://[^"]*"> ?</script>')


@functools.cache
def executed(path: Path) -> Any:
    """The notebook with its outputs; what it writes goes into a folder that is thrown away.

    **Errors.** `CellExecutionError` with the traceback of a cell that failed, unless the cell is
    tagged `raises-exception`.
    """
    return run(nbformat.read(path, as_version=4))


def run(notebook: Any) -> Any:
    """The same for a notebook in memory, which is changed."""
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}
        )
        client.execute()
    return notebook


def outputs(notebook: Any, kind: str) -> list[Any]:
    """All results of a kind (`image/svg+xml`) that the cells show."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [one for cell in cells for one in cell.outputs if "data" in one]
    return [one.data[kind] for one in shown if kind in one.data]


def page(notebook: Any) -> str:
    """The page that nbconvert exports, without MathJax and require.js, which it would fetch."""
    html, _ = HTMLExporter().from_notebook_node(notebook)
    return FETCHED.sub("", html)
