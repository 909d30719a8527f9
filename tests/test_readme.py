"""Do the examples in READMEs and pages print what is shown below them?

How a file tells what its Python prints is explained in `markdown_blocks.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import markdown_blocks
from markdown_blocks import Block, complaint, examples

ROOT = Path(__file__).resolve().parent.parent
READMES = [ROOT / "README.md", *sorted(ROOT.glob("packages/*/README.md"))]
PAGES = sorted(ROOT.glob("docs/**/*.md"))


def told(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def complaints(path: Path, folder: Path) -> list[str]:
    """Run the blocks of a file in a folder, on a machine without a `dot`, and compare."""
    environment = {**os.environ, "PATH": "", "MPLBACKEND": "Agg"}
    result = subprocess.run(
        [sys.executable, "-W", "error", markdown_blocks.__file__, str(path)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if result.returncode:
        return [result.stderr]
    shown = examples(path.read_text("utf-8"))
    found = zip(shown, json.loads(result.stdout), strict=True)
    wrong = (complaint(block, expected, printed) for (block, expected), printed in found)
    return [one for one in wrong if one]


@pytest.mark.parametrize("path", [*READMES, *PAGES], ids=told)
def test_python_prints_what_is_shown(path: Path, tmp_path: Path) -> None:
    assert complaints(path, tmp_path) == []


@pytest.mark.parametrize("path", [*READMES, *PAGES], ids=told)
def test_every_text_block_is_the_output_of_a_python_block(path: Path) -> None:
    assert markdown_blocks.untold(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", READMES, ids=told)
def test_a_readme_shows_an_example(path: Path) -> None:
    assert examples(path.read_text("utf-8"))


# --- the comparison itself -----------------------------------------------------------------------

SAMPLE = """\
# A page

```python
x = 2
print(x)  # prints 2
```

```bash
false
```

1. In a list:

   ```python
   print(x + 1)
   print("six", 6)
   ```

   It prints

   ```text
   3
   six 6
   ```
"""


def page(folder: Path, text: str) -> Path:
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_right_page_has_no_complaints(tmp_path: Path) -> None:
    assert len(examples(SAMPLE)) == 2
    assert complaints(page(tmp_path, SAMPLE), tmp_path) == []


def test_a_wrong_number_in_a_comment_is_noticed(tmp_path: Path) -> None:
    (wrong,) = complaints(page(tmp_path, SAMPLE.replace("prints 2", "prints 12")), tmp_path)
    assert wrong.startswith("line 4: the block printed '2', which no comment tells")


def test_a_wrong_number_in_a_text_block_is_noticed(tmp_path: Path) -> None:
    (wrong,) = complaints(page(tmp_path, SAMPLE.replace("six 6\n", "six 7\n")), tmp_path)
    assert wrong == "line 15: the block printed\n3\nsix 6\n\nthe file tells\n3\nsix 7\n"


def test_comments_in_another_order_are_noticed() -> None:
    block = Block("python", "# 1\n# 2\n", 1)
    assert complaint(block, None, "1\n2\n") == ""
    assert "another order" in complaint(block, None, "2\n1\n")


def test_a_block_that_fails_is_shown_with_its_line(tmp_path: Path) -> None:
    broken = SAMPLE.replace('print("six", 6)', "1 / 0")
    (wrong,) = complaints(page(tmp_path, broken), tmp_path)
    assert 'page.md", line 16' in wrong
    assert "ZeroDivisionError" in wrong


def test_a_text_block_that_nothing_checks_is_noticed() -> None:
    assert markdown_blocks.untold(SAMPLE) == []
    assert markdown_blocks.untold(SAMPLE.replace("```bash", "```text")) == []
    assert markdown_blocks.untold("```text\n1\n```\n" + SAMPLE) == [2]
    assert markdown_blocks.untold(SAMPLE + "\n```text\n1\n```\n") == [27]


def test_one_file_can_be_checked_from_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = 'open("left", "w").close()'
    path = page(tmp_path, SAMPLE.replace("x = 2", f"x = 2; {left}"))
    assert markdown_blocks.main(["check", str(path)]) == 0
    assert capsys.readouterr().out == "page.md: each example prints what is shown.\n"
    path = page(tmp_path, SAMPLE.replace("prints 2", "prints 12") + "\n```text\n1\n```\n")
    assert markdown_blocks.main(["check", str(path)]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("line 4: the block printed '2', which no comment tells")
    assert second == "line 27: no Python block prints this text"
    assert not Path("left").exists()


def test_a_block_without_an_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="begins in line 1 has no end"):
        examples("```python\nx = 1\n")
