"""Do the exercises of a page check themselves?

An exercise is three Python blocks, each with a comment on the line before it that names its part:

| comment | what the block is |
|---|---|
| `<!-- exercise: NAME -->` | the starter: a planted mistake, or a part for the reader to write |
| `<!-- check: NAME -->` | tells the reader whether the starter, as changed, is right |
| `<!-- solution: NAME -->` | one way to write it, out of sight in a `:::{dropdown}` |

The starter and the solution are each run in a new Python, after the page's own blocks above them,
and then checked. The starter must fail in the check, with an AssertionError that says something or
what `check_gradients` raises; the solution must pass.

    python tests/exercises.py FILE    says how each exercise went
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from markdown_blocks import MARKS, Block, blocks, reader, steps, write

DROPDOWN = re.compile(r"^ *:::\{dropdown\}")
CLOSE = re.compile(r"^ *::: *$")


@dataclass(frozen=True)
class Exercise:
    """An exercise: its name, its three blocks, and the blocks of the page that run before it."""

    name: str
    starter: Block
    check: Block
    solution: Block
    before: tuple[Block, ...]


def exercises(text: str) -> list[Exercise]:
    """All exercises of a page, in the order of their starters."""
    found = blocks(text)
    made = []
    for name in dict.fromkeys(one.name for one in found if one.mark):
        parts = [one for one in found if one.name == name]
        marks = [one.mark for one in parts]
        if marks != list(MARKS):
            raise ValueError(
                f"line {parts[0].line}: the exercise {name!r} has the parts {', '.join(marks)}. "
                f"Write {', '.join(MARKS)}, each once and in this order."
            )
        if not is_hidden(text, parts[-1].line):
            raise ValueError(
                f"line {parts[-1].line}: the solution of {name!r} can be seen. Write it between "
                "`:::{dropdown} A solution` and `:::`."
            )
        above = (step.block for step in steps(text) if step.kind != "command")
        before = tuple(one for one in above if one.line < parts[0].line)
        made.append(Exercise(name, *parts, before))
    return made


def is_hidden(text: str, line: int) -> bool:
    """Whether a line of a page stands in a dropdown."""
    hidden = False
    for one in text.splitlines()[: line - 1]:
        hidden = bool(DROPDOWN.match(one)) or (hidden and not CLOSE.match(one))
    return hidden


def complaint(path: Path, exercise: Exercise) -> str:
    """What is wrong with an exercise; empty if it checks itself."""
    where = f"line {exercise.starter.line}: the exercise {exercise.name!r}"
    error = tried(path, exercise.name, "exercise")
    if not error:
        return f"{where} passes its check before anything was changed"
    if not helps(error, exercise.check):
        return f"{where} does not fail in its check, with a message that helps, but so:\n{error}"
    error = tried(path, exercise.name, "solution")
    return f"{where} fails with its own solution:\n{error}" if error else ""


def helps(error: str, check: Block) -> bool:
    """Whether a traceback is a check's own, and ends in words."""
    first, last = check.line, check.line + check.text.count("\n")
    lines = [int(number) for number in re.findall(r'File "[^"]+\.md", line (\d+)', error)]
    in_check = bool(lines) and first <= lines[0] <= last
    words = re.search(r"^(AssertionError: +\S|\w+Error: check_gradients)", error, re.MULTILINE)
    return in_check and words is not None


def tried(path: Path, name: str, mark: str) -> str:
    """The traceback of a starter or a solution with its check, in a new Python; empty if none."""
    program = [sys.executable, "-W", "error", __file__, str(path), name, mark]
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run(
            program,
            cwd=folder,
            env={**os.environ, "MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )
    if result.returncode not in (0, 1):
        raise RuntimeError(f"{name}, {mark}: exit code {result.returncode}\n{result.stderr}")
    return result.stderr if result.returncode else ""


def run(path: Path, name: str, mark: str) -> None:
    """Run the page's blocks above an exercise, then its starter or solution, then its check."""
    (one,) = [one for one in exercises(path.read_text("utf-8")) if one.name == name]
    main = reader()
    with redirect_stdout(io.StringIO()):
        for block in (*one.before, one.starter if mark == "exercise" else one.solution, one.check):
            if block.title:
                write(block)
            else:
                code = "\n" * (block.line - 1) + block.text
                exec(compile(code, str(path), "exec"), vars(main))


def main(arguments: list[str]) -> int:
    path = Path(arguments[0]).resolve()
    if arguments[1:]:
        run(path, *arguments[1:])
        return 0
    found = [complaint(path, one) for one in exercises(path.read_text("utf-8"))]
    wrong = [one for one in found if one]
    right = f"{path.name}: {len(found)} exercises, and each fails before and passes after."
    print("\n".join(wrong) or right)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
