"""Do the site's extensions do what they say, and does a build notice what is wrong?

    hatch run docs:check

needs Sphinx, so it runs in the site's environment.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXTENSIONS = Path(__file__).resolve().parents[2] / "docs" / "_ext"
CONF = """
import sys

sys.path.insert(0, "docs/_ext")
extensions = ["myst_nb", "sphinx.ext.autodoc", "site_pages", "sources", "api"]
contents = {"index": []}
default_role = "code"
nb_execution_show_tb = True
nb_execution_in_temp = True
nb_mime_priority_overrides = [("html", "image/svg+xml", 0)]
exclude_patterns = ["_ext"]
"""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(EXTENSIONS)
    return __import__("api")


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(EXTENSIONS)
    return __import__("sources")


@pytest.fixture
def build(tmp_path: Path) -> Any:
    """Build a site of one page, of which `tmp_path` is the repository; gives its HTML."""
    docs, out = tmp_path / "docs", tmp_path / "out"
    docs.mkdir()
    shutil.copytree(EXTENSIONS, docs / "_ext")
    docs.joinpath("conf.py").write_text(CONF, "utf-8")

    def built(page: str) -> str:
        docs.joinpath("index.md").write_text(page, "utf-8")
        program = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html"]
        done = subprocess.run([*program, docs, out], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return (out / "index.html").read_text("utf-8")

    return built


# --- the reference -------------------------------------------------------------------------------


def test_a_summary_is_the_first_sentence(api: Any) -> None:
    def f() -> None:
        """Measure it, at 0.5 too. And more.

        Much more.
        """

    assert api.summary(f) == "Measure it, at 0.5 too."
    assert api.summary(lambda: None) == ""


def test_bars_are_escaped_outside_of_code(api: Any) -> None:
    assert api.escaped("|x| ≤ ``a | b``") == r"\|x\| ≤ ``a | b``"
    lines = ["|x|", "", ">>> a | b", "|c|", "", "|d|"]
    api.docstring(None, "", "", None, None, lines)
    assert lines == [r"\|x\|", "", ">>> a | b", "|c|", "", r"\|d\|"]


def test_a_signature_leaves_out_types_that_say_nothing(api: Any) -> None:
    given = "(x: Any, n: int = 1, *, y: ~typing.Any = None, f: Callable[[Any], Any])"
    told = api.signature(None, "function", "", None, None, given, "Any")
    assert told == ("(x, n: int = 1, *, y = None, f: Callable[[Any], Any])", None)
    assert api.signature(None, "function", "", None, None, "()", "int") == ("()", "int")
    assert api.signature(None, "attribute", "", None, None, None, "") is None


def test_a_layer_is_shown_with_its_own_settings_and_without_what_module_tells(api: Any) -> None:
    from micrograd import nn

    arguments, _ = api.signature(None, "class", "", nn.Linear, None, "(*args)", "")
    assert arguments.startswith("(nin: int, nout: int, bias: bool = True")
    shown = api.options(nn.Linear, nn)
    assert "forward" in shown[1]
    assert len(shown) == 2
    assert "   :inherited-members: dict, object" in api.options(nn.Module, nn)


def test_a_page_of_the_reference_has_a_table_and_the_docstrings(build: Any) -> None:
    page = build("# Names\n\n```{api} micrograd.nn\nmse\nLinear\n```\n")
    assert page.index("Mean squared error") < page.index('id="micrograd.nn.mse"')
    assert page.count("A fully connected layer with") == 2


# --- links and blocks ----------------------------------------------------------------------------


def test_a_link_to_a_file_leads_to_its_page(build: Any, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    code.joinpath("one.py").write_text("x = '<b>'\n", "utf-8")
    code.joinpath("two.bin").write_bytes(b"\xff\xfe")
    page = build("# A\n\n[one](../code/one.py), [all](../code)\n")
    assert 'href="source/code/one.py.html"' in page
    assert 'href="source/code.html"' in page
    shown = (tmp_path / "out" / "source" / "code" / "one.py.html").read_text("utf-8")
    assert "&lt;b&gt;" in shown
    folder = (tmp_path / "out" / "source" / "code.html").read_text("utf-8")
    assert 'href="code/one.py.html"' in folder
    binary = (tmp_path / "out" / "source" / "code" / "two.bin.html").read_text("utf-8")
    assert "This file is not text" in binary


def test_a_link_to_a_notebook_or_a_readme_leads_to_its_page(build: Any, tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "\n", "Words."]},
        {"cell_type": "code", "source": ["x = 1\n", "x"]},
    ]
    tmp_path.joinpath("one.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")
    tmp_path.joinpath("README.md").write_text("# Read\n", "utf-8")
    page = build("# A\n\n[notebook](../one.ipynb), [words](../README.md)\n")
    assert 'href="source/one.ipynb.html"' in page
    assert 'href="source/README.md.html"' in page


def test_a_notebook_is_shown_as_a_program(sources: Any) -> None:
    cells = [{"cell_type": "markdown", "source": ["# A\n", "\n", "b"]}]
    cells += [{"cell_type": "code", "source": ["x = 1\n", "x"]}]
    assert sources.program(json.dumps({"cells": cells})) == "# # A\n# \n# b\n\nx = 1\nx\n"


def test_links_are_relative_to_the_page(sources: Any) -> None:
    assert sources.relative("source/a.py", "index") == "source/a.py.html"
    assert sources.relative("source/a.py", "why/one/two") == "../../source/a.py.html"


def test_a_link_that_leads_nowhere_is_a_warning(build: Any) -> None:
    with pytest.raises(AssertionError, match=r"gone\.py"):
        build("# A\n\n[gone](../code/gone.py)\n")


def test_a_block_that_draws_is_run_and_one_that_fails_ends_the_build(build: Any) -> None:
    drawn = "from micrograd.engine import Value\nimport micrograd.viz\n\nValue(2.0) * 3.0"
    page = build(f"# A\n\n```python\n{drawn}\n```\n")
    assert re.search(r'<img alt="What the program draws" src="_images/\w+\.svg"', page)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        build("# A\n\n```python\n1 / 0\n```\n")
