"""Do the lessons print what they show, and do their exercises check themselves?

`exercises.py` says how a lesson marks the parts of an exercise.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

import exercises
from exercises import MARKS, Exercise, complaint
from markdown_blocks import blocks, steps
from pages import LESSONS, ROOT, complaints, told

INDEX = ROOT / "docs" / "learn" / "index.md"
FEWEST, MOST = 2, 4

EXERCISES = {
    f"{told(path)}: {one.name}": (path, one)
    for path in LESSONS
    for one in exercises.exercises(path.read_text("utf-8"))
}


@pytest.mark.parametrize("path", LESSONS, ids=told)
def test_a_lesson_prints_what_it_shows(path: Path, tmp_path: Path) -> None:
    assert complaints(path, tmp_path) == []


@pytest.mark.parametrize("path", LESSONS, ids=told)
def test_a_lesson_has_two_to_four_exercises(path: Path) -> None:
    assert FEWEST <= len(exercises.exercises(path.read_text("utf-8"))) <= MOST


@pytest.mark.parametrize("which", EXERCISES)
def test_an_exercise_fails_before_and_passes_after(which: str) -> None:
    assert complaint(*EXERCISES[which]) == ""


def test_the_index_leads_to_each_lesson_in_order() -> None:
    links = re.findall(r"\]\(([0-9][^)#]*)\)", INDEX.read_text("utf-8"))
    assert links == [path.name for path in LESSONS]


def test_each_lesson_leads_to_the_next() -> None:
    for path, after in pairwise(LESSONS):
        assert f"]({after.name})" in path.read_text("utf-8").splitlines()[-1]


def test_the_engine_of_lesson_3_has_less_than_sixty_lines() -> None:
    (path,) = [path for path in LESSONS if path.name.startswith("3-")]
    engine, _ = path.read_text("utf-8").split("## Is it right?")
    code = [block.text for block in blocks(engine) if "print(" not in block.text]
    lines = [line for block in code for line in block.splitlines() if line.strip()]
    assert 50 < len(lines) < 60


# --- the check itself ----------------------------------------------------------------------------

PAGE = """\
# A lesson

```python
two = 2
```

## Exercise

<!-- exercise: double -->
```python
def double(x):
    return two + x
```

<!-- check: double -->
```python
assert double(3) == 6, f"double(3) is {double(3)}, and should be 6"
```

:::{dropdown} A solution
<!-- solution: double -->
```python
def double(x):
    return two * x
```
:::

```python
print("double" in globals())  # False
two = 0
```
"""


def page(folder: Path, text: str) -> Path:
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


def wrong(folder: Path, text: str) -> str:
    """What is wrong with the only exercise of a page."""
    path = page(folder, text)
    (one,) = exercises.exercises(text)
    return complaint(path, one)


def test_an_exercise_is_no_part_of_the_page(tmp_path: Path) -> None:
    assert [step.block.line for step in steps(PAGE)] == [4, 29]
    assert [block.mark for block in blocks(PAGE)] == ["", *MARKS, ""]
    assert complaints(page(tmp_path, PAGE), tmp_path) == []


def test_a_right_exercise_has_no_complaint(tmp_path: Path) -> None:
    (one,) = exercises.exercises(PAGE)
    assert isinstance(one, Exercise)
    assert (one.name, [block.line for block in one.before]) == ("double", [4])
    assert wrong(tmp_path, PAGE) == ""


def test_a_starter_that_passes_is_noticed(tmp_path: Path) -> None:
    text = PAGE.replace("two + x", "two * x")
    assert wrong(tmp_path, text) == (
        "line 11: the exercise 'double' passes its check before anything was changed"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("two + x", "three + x"),  # NameError, from within the check
        ("def double", "assert two == 3, 'too early'\n\ndef double"),  # not in the check
        (', f"double(3) is {double(3)}, and should be 6"', ""),  # says nothing
    ],
)
def test_a_failure_that_does_not_help_is_noticed(tmp_path: Path, before: str, after: str) -> None:
    said = wrong(tmp_path, PAGE.replace(before, after, 1))
    assert said.startswith("line 11: the exercise 'double' does not fail in its check")
    assert 'page.md", line 1' in said


def test_what_check_gradients_raises_helps(tmp_path: Path) -> None:
    check = "from micrograd.engine.testing import check_gradients\ncheck_gradients(double, 1.0)"
    text = PAGE.replace(
        'assert double(3) == 6, f"double(3) is {double(3)}, and should be 6"', check
    )
    assert wrong(tmp_path, text.replace("two + x", "x.data * two")) == ""


def test_a_solution_that_fails_is_noticed(tmp_path: Path) -> None:
    said = wrong(tmp_path, PAGE.replace("two * x", "two - x"))
    assert said.startswith("line 11: the exercise 'double' fails with its own solution:\n")
    assert "AssertionError: double(3) is -1, and should be 6" in said


def test_a_part_that_misses_is_noticed() -> None:
    text = PAGE.replace("<!-- check: double -->\n", "")
    with pytest.raises(ValueError, match=r"line 11: .* has the parts exercise, solution\. Write"):
        exercises.exercises(text)


def test_a_solution_in_sight_is_noticed() -> None:
    text = PAGE.replace(":::{dropdown} A solution\n", "")
    with pytest.raises(ValueError, match="line 22: the solution of 'double' can be seen"):
        exercises.exercises(text)


def test_a_mark_before_no_python_is_noticed() -> None:
    text = PAGE.replace("<!-- check: double -->\n", "<!-- check: double -->\n\n")
    with pytest.raises(ValueError, match="line 15: <!-- check: double --> marks nothing"):
        blocks(text)


def test_a_misspelt_mark_is_noticed() -> None:
    with pytest.raises(ValueError, match="line 21: <!-- solved: double --> is no part"):
        blocks(PAGE.replace("solution: double", "solved: double"))


def test_exercises_can_be_checked_from_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exercises.main([str(page(tmp_path, PAGE))]) == 0
    assert capsys.readouterr().out.startswith("page.md: 1 exercises, and each fails before")
    assert exercises.main([str(page(tmp_path, PAGE.replace("two * x", "two - x")))]) == 1
    assert "fails with its own solution" in capsys.readouterr().out


def test_an_exercise_that_takes_python_down_is_an_error(tmp_path: Path) -> None:
    text = PAGE.replace("    return two + x", "    import os\n    os._exit(7)")
    with pytest.raises(RuntimeError, match="double, exercise: exit code 7"):
        wrong(tmp_path, text)
