"""Stored notebooks: none holds outputs, and those that lessons become are up to date."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
STORED = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))


def loaded() -> ModuleType:
    path = ROOT / "docs" / "make_notebooks.py"
    spec = importlib.util.spec_from_file_location("make_notebooks", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where a dataclass looks for its module
    spec.loader.exec_module(module)
    return module


make = loaded()


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.name)
def test_a_stored_notebook_holds_no_outputs(path: Path) -> None:
    text = path.read_text("utf-8")
    data = json.loads(text)
    assert text == json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    assert (data["nbformat"], data["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in data["cells"]}) == len(data["cells"])
    for cell in data["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


def test_the_notebooks_of_the_lessons_are_up_to_date() -> None:
    expected = make.made()
    for path, text in expected.items():
        stored = path.read_text("utf-8") if path.exists() else ""
        assert stored == text, f"{path.name} is out of date. Run: python docs/make_notebooks.py"
    named = {path for path in STORED if make.NAME.fullmatch(f"{path.stem}.md")}
    assert named == set(expected), "a notebook has no lesson any more"


# --- how a page becomes a notebook -------------------------------------------------------------


def cells(text: str, page: str = "docs/learn/2-a-page.md") -> list[tuple[Any, ...]]:
    """(kind, source) of each cell, and its tags if it has any."""
    found = []
    for cell in json.loads(make.notebook(page, text))["cells"]:
        tags = cell["metadata"].get("tags")
        found.append((cell["cell_type"], "".join(cell["source"]), *([tags] if tags else [])))
    return found


def test_python_is_run_and_what_it_prints_is_left_out() -> None:
    text = "# A\n\nText.\n\n```python\nprint(1)\n\nx\n```\n\n```text\n1\n```\n\nMore.\n"
    assert cells(text) == [
        ("markdown", "# A\n\nText."),
        ("code", "print(1)\n\nx"),
        ("markdown", "More."),
    ]


def test_a_text_block_that_nothing_printed_stays() -> None:
    text = "```python\n1\n```\n\nBut:\n\n```text\na | b\n```\n"
    assert cells(text)[1] == ("markdown", "But:\n\n```text\na | b\n```")


def test_exercises_are_cells_and_a_check_may_fail() -> None:
    text = (
        "<!-- exercise: one -->\n```python\ndef f(): ...\n```\n\n"
        "<!-- check: one -->\n```python\nassert f() == 1\n```\n"
        "Then:\n```python\n2\n```\n"
    )
    assert cells(text) == [
        ("code", "def f(): ..."),
        ("code", "assert f() == 1", ["raises-exception"]),
        ("markdown", "Then:"),
        ("code", "2"),
    ]


def test_a_solution_is_folded_and_not_run() -> None:
    text = (
        ":::{dropdown} A solution\n:open:\nThe idea.\n\n<!-- solution: one -->\n"
        "```python\ndef f():\n    return 1\n```\n:::\n\nEnd.\n"
    )
    assert cells(text) == [
        (
            "markdown",
            "<details>\n<summary>A solution</summary>\n\nThe idea.\n\n"
            "```python\ndef f():\n    return 1\n```\n\n</details>\n\nEnd.",
        )
    ]


def test_a_note_is_a_quotation() -> None:
    text = "::::{note}\nFirst.\n\nSecond.\n::::\n:::{tip} Try it\nNow.\n:::\n"
    assert cells(text) == [
        ("markdown", "> **Note**\n>\n> First.\n> \n> Second.\n> **Try it**\n>\n> Now.")
    ]


def test_a_block_with_a_title_writes_its_file() -> None:
    text = '```python title="mine.py"\nx = 1\n```\n```console\n$ ls\n```\n'
    assert cells(text) == [
        ("code", "%%writefile mine.py\nx = 1"),
        ("markdown", "```console\n$ ls\n```"),
    ]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("images/a.svg", "../../docs/learn/images/a.svg"),
        ("../player.md#keys", "../../docs/player.md#keys"),
        ("../../examples/digits.py", "../digits.py"),
        ("../../examples/notebooks/digits.ipynb", "digits.ipynb"),
        ("3-the-next.md", "3-the-next.ipynb"),
        ("./3-the-next.md#part", "3-the-next.ipynb"),
        ("index.md", "../../docs/learn/index.md"),
        ("https://example.org/a.md", "https://example.org/a.md"),
        ("#here", "#here"),
        ("mailto:a@example.org", "mailto:a@example.org"),
    ],
)
def test_links_and_pictures_are_found_from_the_notebook_s_folder(
    target: str, expected: str
) -> None:
    def page(one: str) -> str:
        return f'[a]({one}), ![b]({one}) `[c]({target})`\n<img src="{one}">\n\n[d]: {one}'

    assert cells(page(target)) == [("markdown", page(expected))]


def test_code_is_left_as_it_is() -> None:
    text = "```python\ns = '[a](b.md)'\n```\n```markdown\n[a](b.md)\n:::{note}\n```\n"
    assert cells(text) == [
        ("code", "s = '[a](b.md)'"),
        ("markdown", "```markdown\n[a](b.md)\n:::{note}\n```"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n```python\n1\n", "block that begins in line 2 has no end"),
        (":::{note}\na\n", r"2-a-page\.md: :::\{note\} has no end"),
        ("a\n:::\n", "2-a-page.md, line 2: ::: ends what never began"),
    ],
)
def test_what_has_no_end_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cells(text)


def test_the_same_page_gives_the_same_notebook_which_says_where_it_is_from() -> None:
    text = "# A\n```python\nж = 1\n```\n"
    first, second = (make.notebook("docs/learn/1-a.md", text) for _ in range(2))
    assert first == second
    data = json.loads(first)
    assert data["metadata"]["micrograd"]["made_from"] == "docs/learn/1-a.md"
    assert "ж" in first


def test_each_page_of_the_lessons_has_its_notebook(tmp_path: Path) -> None:
    pages = tmp_path / "docs" / "learn"
    pages.mkdir(parents=True)
    for name in ("1-one.md", "index.md", "2-two.md"):
        (pages / name).write_text("# Text\n", "utf-8")
    names = [path.relative_to(tmp_path).as_posix() for path in make.made(tmp_path)]
    assert names == ["examples/notebooks/1-one.ipynb", "examples/notebooks/2-two.ipynb"]
