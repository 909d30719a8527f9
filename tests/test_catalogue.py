"""Is the catalogue of rules that of the code?"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import ops
from micrograd.engine.op import NUMPY

SCRIPT = Path(__file__).parents[1] / "docs" / "make_catalogue.py"


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("make_catalogue", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_up_to_date(script: Any) -> None:
    written = {one.name: one.read_text(encoding="utf-8") for one in script.FOLDER.glob("*.md")}
    assert written == script.pages(), "Run: python docs/make_catalogue.py"


def test_younger_functions_of_numpy_are_there_from_the_version_that_the_pages_name(
    script: Any,
) -> None:
    for name, since in script.SINCE.items():
        there = np.lib.NumpyVersion(np.__version__) >= f"{since}.0"
        assert hasattr(np, name) == there
        assert not there or getattr(ops, name) is NUMPY[getattr(np, name)]


def test_every_op_is_on_a_page_with_its_maths(script: Any) -> None:
    text = "\n".join(script.pages().values())
    for name in ops.__all__:
        assert f"`{name}`" in text
    for _, function in script.everything():
        assert script.sentence(function)
        for rule in getattr(getattr(function, "op", None), "rules", ()):
            assert rule is None or len(script.maths(rule)) > 1
