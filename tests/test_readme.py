"""Do the examples in READMEs and pages print what is shown below them?

How a file tells what its Python prints is explained in `markdown_blocks.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import markdown_blocks
from markdown_blocks import Block, Step, matches, steps
from pages import LESSONS, PAGES, READMES, ROOT, complaints, told

TUTORIAL = ROOT / "docs" / "plugins" / "tutorial.md"  # test_tutorial.py's
RUN = [path for path in (*READMES, *PAGES) if path not in (TUTORIAL, *LESSONS)]  # test_lessons.py's
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)[^)]*\)")


@pytest.mark.parametrize("path", RUN, ids=told)
def test_a_page_prints_what_it_shows(path: Path, tmp_path: Path) -> None:
    assert complaints(path, tmp_path) == []


@pytest.mark.parametrize("path", [*READMES, *PAGES], ids=told)
def test_every_link_within_the_repository_leads_somewhere(path: Path) -> None:
    links = LINK.findall(path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", READMES, ids=told)
def test_a_readme_shows_an_example(path: Path) -> None:
    assert steps(path.read_text("utf-8"))


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
    assert len(steps(SAMPLE)) == 2
    assert complaints(page(tmp_path, SAMPLE), tmp_path) == []


def test_a_wrong_number_in_a_comment_is_noticed(tmp_path: Path) -> None:
    (wrong,) = complaints(page(tmp_path, SAMPLE.replace("prints 2", "prints 12")), tmp_path)
    assert wrong.startswith("line 4: the block printed '2', which no comment tells")


def test_a_wrong_number_in_a_text_block_is_noticed(tmp_path: Path) -> None:
    (wrong,) = complaints(page(tmp_path, SAMPLE.replace("six 6\n", "six 7\n")), tmp_path)
    assert wrong == "line 15: the block printed\n3\nsix 6\n\nthe file tells\n3\nsix 7\n"


def test_comments_in_another_order_are_noticed() -> None:
    step = Step("python", Block("python", "# 1\n# 2\n", 1))
    assert step.complaint("1\n2\n") == ""
    assert "another order" in step.complaint("2\n1\n")


def test_a_block_loses_the_indent_of_its_fence_and_no_more() -> None:
    one, two = markdown_blocks.blocks("```text\n    a\n```\n\n  ```text\n    b\n  ```\n")
    assert (one.text, two.text) == ("    a\n", "  b\n")


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
        steps("```python\nx = 1\n")


INSTALLING = """\
A plugin of one module, here `micrograd_twice.py`:

```python title="micrograd_twice.py"
from micrograd.engine import hookimpl

@hookimpl
def micrograd_ops():
    return {"twice": lambda x: 2 * x}
```

```python
from micrograd.engine import Value, plugins

print(Value(3.0).twice().item())  # 6.0
seen = True
```

```console
$ python -c "print('seen', 1.25)"
seen 1.…
$ python -c "print('not compared')"
```

```python
print("seen" in globals())  # False
```
"""


def test_a_file_is_an_installed_plugin_and_commands_are_run(tmp_path: Path) -> None:
    assert [step.kind for step in steps(INSTALLING)] == [
        *("file", "python", "command", "command", "python")
    ]
    assert complaints(page(tmp_path, INSTALLING), tmp_path) == []


def test_what_a_command_prints_is_compared(tmp_path: Path) -> None:
    (wrong,) = complaints(page(tmp_path, INSTALLING.replace("seen 1.…", "seen 2.…")), tmp_path)
    assert wrong == "line 19: the command printed\nseen 1.25\n\nthe file tells\nseen 2.…\n"


def test_a_command_that_fails_is_shown_with_its_line(tmp_path: Path) -> None:
    broken = INSTALLING.replace("print('not compared')", "1 / 0")
    (wrong,) = complaints(page(tmp_path, broken), tmp_path)
    assert wrong.startswith("line 21: `python -c")
    assert "ZeroDivisionError" in wrong


def test_a_page_that_warns_is_noticed(tmp_path: Path) -> None:
    broken = INSTALLING.replace("seen = True", "import sys; print(1, file=sys.stderr)")
    assert complaints(page(tmp_path, broken), tmp_path) == ["1\n"]


def test_only_the_names_that_matplotlib_is_late_to_learn_may_be_deprecated(tmp_path: Path) -> None:
    text = '```python\nimport warnings\nwarnings.warn("{}", DeprecationWarning)\n```\n'
    late = page(tmp_path, text.format("'oneOf' deprecated - use 'one_of'"))
    assert complaints(late, tmp_path) == []
    (wrong,) = complaints(page(tmp_path, text.format("oneOf is old")), tmp_path)
    assert "DeprecationWarning: oneOf is old" in wrong


def test_a_console_block_begins_with_a_command() -> None:
    with pytest.raises(ValueError, match=r"line 2: a console block begins with '\$ '"):
        steps("```console\nseen\n```\n")


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a … c\n", "a b c\n", True),
        ("a … c\n", "a b\nb c\n", False),
        ("a\n…\nc\n", "a\nb\nb\nc\n", True),
        ("a\n…\nc\n", "a\nc\n", True),
        ("a\n…\nc\n", "a\nb\n", False),
        ("a.b\n", "acb\n", False),
    ],
)
def test_dots_stand_for_any_text(expected: str, printed: str, same: bool) -> None:
    assert matches(expected, printed) is same
