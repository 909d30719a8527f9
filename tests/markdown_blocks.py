"""Which programs stand in a Markdown file, and what do they print?

| block | what becomes of it |
|---|---|
| `python` | is run, after those before it and in the same namespace |
| any, with `title="path"` | is a file, and is written into the folder that the page runs in |
| `console` | is what a terminal shows: lines that begin with `$ ` are run as commands there |
| others | are not run |

What Python prints must be told in one of two ways: in a block of the language `text`, if that is
the next one; or in its own comments, of which each printed line must end one, in the order of
printing. What a command prints stands under it; one with nothing under it must only succeed. All is
compared to the letter, but that `…` stands for any text of a line, and a line `…` for any lines.

Python starts anew after a `console` block, as a reader would start it anew after `pip install`. A
file `micrograd_name.py` at the top of the folder is found as an installed plugin is.

A block with `<!-- exercise: NAME -->`, `<!-- check: NAME -->` or `<!-- solution: NAME -->` on the
line before it is not run with the others: `exercises.py` runs these.

    python tests/markdown_blocks.py FILE          runs a file's blocks, and prints what each printed
    python tests/markdown_blocks.py check FILE    compares that with what the file tells
"""

from __future__ import annotations

import importlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import tokenize
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from types import ModuleType

MARKS = ("exercise", "check", "solution")
MARK = re.compile(r"^ *<!-- *(?P<mark>\w+): *(?P<name>[\w-]+) *-->$")
FENCE = re.compile(r"^(?P<indent> *)```(?P<told>[^`]*)$")
TITLE = re.compile(r'\btitle="([^"]+)"')
PROMPT = "$ "
# matplotlib 3.9 calls names that pyparsing has renamed since, as pytest.ini says too
RENAMED = r"'\w+' (argument is )?deprecated(,| -) use '\w+'"
TERMINAL = {"COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}


@dataclass(frozen=True)
class Block:
    """A block: its language, its text, the number of its first line in the file, its title, and
    what a comment before it says: which part of an exercise it is, and of which exercise."""

    language: str
    text: str
    line: int
    title: str = ""
    mark: str = ""
    name: str = ""


@dataclass(frozen=True)
class Step:
    """What is done (`python` and a `command` are run, a `file` is written), and what it prints."""

    kind: str
    block: Block
    expected: str | None = None

    def complaint(self, printed: str) -> str:
        """What is wrong with what it printed; empty if it is what the file tells."""
        if self.kind == "file" or (self.kind == "command" and self.expected is None):
            return ""
        if self.expected is None:
            return self._complaint_of_comments(printed)
        if matches(self.expected, printed):
            return ""
        what = f"line {self.block.line}: the {'block' if self.kind == 'python' else self.kind}"
        return f"{what} printed\n{printed}\nthe file tells\n{self.expected}"

    def _complaint_of_comments(self, printed: str) -> str:
        told = comments(self.block.text)
        for line in printed.splitlines():
            if line.strip() and not any(ends_with(comment, line.strip()) for comment in told):
                where = (
                    f"line {self.block.line}: the block printed {line!r}, which no comment tells"
                )
                how = "Show it in a ```text block behind it, or in a comment."
                return f"{where} (or another order does). {how}"
        return ""


def blocks(text: str) -> list[Block]:
    """All fenced blocks of a Markdown text."""
    found: list[Block] = []
    opened: tuple[re.Match[str], int] | None = None
    lines = text.splitlines()
    for number, line in enumerate(lines):
        fence = FENCE.match(line)
        if fence is None:
            mark = MARK.match(line)
            if mark and opened is None:
                accept(mark, number + 1, *lines[number + 1 : number + 2])
        elif opened is None:
            opened = (fence, number + 1)
        elif not fence["told"].strip():
            (indent, told), first = opened[0].group("indent", "told"), opened[1]
            # as in Markdown, the fence's own indent goes and no more: a program may begin indented
            inside = "".join(f"{one.removeprefix(indent)}\n" for one in lines[first:number])
            title = TITLE.search(told)
            language = told.split()[0] if told.split() else ""
            mark = MARK.match(lines[first - 2]) if first > 1 else None
            which = mark.groups() if mark else ("", "")
            found.append(Block(language, inside, first + 1, title[1] if title else "", *which))
            opened = None
    if opened is not None:
        raise ValueError(f"the block that begins in line {opened[1]} has no end")
    return found


def accept(mark: re.Match[str], line: int, after: str = "") -> None:
    """Refuse a mark that stands before no Python block, and Python with one that is misspelt."""
    is_part, is_python = mark["mark"] in MARKS, after.strip() == "```python"
    if is_part and not is_python:
        how = "Put it on the line before a ```python block."
        raise ValueError(f"line {line}: {mark[0].strip()} marks nothing. {how}")
    if is_python and not is_part:
        how = f"Write one of {', '.join(MARKS)}."
        raise ValueError(f"line {line}: {mark[0].strip()} is no part of an exercise. {how}")


def runs(block: Block) -> bool:
    """Whether a block is Python that is run with the page."""
    return block.language == "python" and not block.title and not block.mark


def steps(text: str) -> list[Step]:
    """All that is to be done, in order."""
    found = blocks(text)
    made: list[Step] = []
    for one, after in pairwise([*found, Block("", "", 0)]):
        if one.title:
            made.append(Step("file", one))
        elif runs(one):
            made.append(Step("python", one, after.text if after.language == "text" else None))
        elif one.language == "console":
            made.extend(commands(one))
    return made


def commands(block: Block) -> Iterator[Step]:
    """The commands of a `console` block, each with what stands under it."""
    lines = block.text.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if line.startswith(PROMPT)]
    if not starts or starts[0] != 0:
        raise ValueError(f"line {block.line}: a console block begins with '{PROMPT}' and a command")
    for start, stop in pairwise([*starts, len(lines)]):
        command = lines[start].removeprefix(PROMPT).strip()
        under = "".join(lines[start + 1 : stop])
        yield Step("command", Block("console", command, block.line + start), under or None)


def untold(text: str) -> list[int]:
    """The lines of `text` blocks that follow no Python block: nothing would check them."""
    found = blocks(text)
    first = found[:1] if found and found[0].language == "text" else []
    later = [b for a, b in pairwise(found) if b.language == "text" and not runs(a)]
    return [one.line for one in (*first, *later) if not one.title]


def comments(code: str) -> Iterator[str]:
    """The comments of a program, without their `#`."""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.lstrip("#").strip()


def ends_with(comment: str, line: str) -> bool:
    """Whether a comment is a line, perhaps behind words: `prints 24.7041`."""
    return comment == line or comment.endswith(f" {line}")


def matches(expected: str, printed: str) -> bool:
    """Whether a terminal showed this; `…` is any text of a line, and alone on a line any lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "…\n" else ".*".join(map(re.escape, line.split("…")))
        for line in expected.splitlines(keepends=True)
    )
    return re.fullmatch(pattern, printed) is not None


# --- running -------------------------------------------------------------------------------------


def run(path: Path) -> list[str]:
    """What each step of a file prints, in this folder; exits where one fails."""
    numbered = enumerate(steps(path.read_text("utf-8")))
    printed: list[str] = []
    for is_command, group in groupby(numbered, lambda pair: pair[1].kind == "command"):
        part = list(group)
        if is_command:
            printed += [shown(step.block) for _, step in part]
        else:
            bounds = [str(part[0][0]), str(part[-1][0] + 1)]
            program = [sys.executable, "-W", "error", __file__, str(path), *bounds]
            result = subprocess.run(program, stdout=subprocess.PIPE, text=True, encoding="utf-8")
            if result.returncode:
                sys.exit(result.returncode)
            printed += json.loads(result.stdout)
    return printed


def shown(command: Block) -> str:
    """What a terminal shows after a command, whose programs are those beside this Python."""
    result = subprocess.run(
        command.text,
        shell=True,
        env={**os.environ, "PATH": str(Path(sys.executable).parent), **TERMINAL},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    if result.returncode:
        sys.exit(f"line {command.line}: `{command.text}` failed:\n{result.stdout}")
    return result.stdout


def session(path: Path, first: int, stop: int) -> list[str]:
    """What the Python among these steps prints; tracebacks show the lines of the file."""
    main = reader()
    printed = []
    for step in steps(path.read_text("utf-8"))[first:stop]:
        with redirect_stdout(io.StringIO()) as caught:
            if step.kind == "file":
                write(step.block)
            else:
                code = "\n" * (step.block.line - 1) + step.block.text
                exec(compile(code, str(path), "exec"), vars(main))
        printed.append(caught.getvalue())
    return printed


def reader() -> ModuleType:
    """A namespace as a reader has it who starts Python in this folder."""
    warnings.filterwarnings("ignore", RENAMED, DeprecationWarning)
    main = sys.modules["__main__"] = ModuleType("__main__")
    sys.path[0] = os.getcwd()  # where a reader's own modules are
    return main


def write(block: Block) -> None:
    """Write a file, and for a plugin of one module what pip would leave beside it."""
    path = Path(block.title)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text, encoding="utf-8")
    if re.fullmatch(r"micrograd_\w+\.py", block.title):
        info = Path(f"{path.stem}-1.0.0.dist-info")
        info.mkdir(exist_ok=True)
        name = path.stem.replace("_", "-")
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n"
        info.joinpath("METADATA").write_text(head, encoding="utf-8")
        entry = f"[micrograd]\n{name.removeprefix('micrograd-')} = {path.stem}\n"
        info.joinpath("entry_points.txt").write_text(entry, encoding="utf-8")
    importlib.invalidate_caches()


def compared(path: Path, printed: list[str]) -> list[str]:
    """All that is wrong with a file whose steps printed this."""
    text = path.read_text("utf-8")
    wrong = [step.complaint(one) for step, one in zip(steps(text), printed, strict=True)]
    wrong += [f"line {line}: no Python block prints this text" for line in untold(text)]
    return [one for one in wrong if one]


def check(path: Path) -> int:
    """Print all that is wrong with a file, whose blocks run in a folder that is thrown away."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            wrong = compared(path, run(path))
        finally:
            os.chdir(before)
    print("\n".join(wrong) or f"{path.name}: each example prints what is shown.")
    return 1 if wrong else 0


def main(arguments: list[str]) -> int:
    if arguments[0] == "check":
        return check(Path(arguments[1]).resolve())
    path, *bounds = arguments
    steps_of = session if bounds else run
    print(json.dumps(steps_of(Path(path).resolve(), *map(int, bounds))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
