"""Which Python stands in a Markdown file, and what does it print?

A block of the language `python` is run, after those before it and in the same namespace. What it
prints must be told in one of two ways: in a block of the language `text`, if that is the next one,
to the letter; or in its own comments, of which each printed line must end one, in the order of
printing. Blocks of other languages are not run.

    python tests/markdown_blocks.py FILE          runs a file's blocks, and prints what each printed
    python tests/markdown_blocks.py check FILE    compares that with what the file tells
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
import textwrap
import tokenize
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^(?P<indent> *)```(?P<told>[^`]*)$")


@dataclass(frozen=True)
class Block:
    """A block: its language, its text, and the number of its first line in the file."""

    language: str
    text: str
    line: int


def blocks(text: str) -> list[Block]:
    """All fenced blocks of a Markdown text."""
    found: list[Block] = []
    opened: tuple[str, int] | None = None
    lines = text.splitlines()
    for number, line in enumerate(lines):
        fence = FENCE.match(line)
        if fence is None:
            continue
        if opened is None:
            words = fence["told"].split()
            opened = (words[0] if words else "", number + 1)
        elif not fence["told"].strip():
            language, first = opened
            inside = textwrap.dedent("\n".join(lines[first:number]) + "\n")
            found.append(Block(language, inside, first + 1))
            opened = None
    if opened is not None:
        raise ValueError(f"the block that begins in line {opened[1]} has no end")
    return found


def examples(text: str) -> list[tuple[Block, str | None]]:
    """Each Python block, with the text block that follows it, if one does."""
    found = blocks(text)
    following: list[Block | None] = [*found, None][1:]
    return [
        (one, after.text if after is not None and after.language == "text" else None)
        for one, after in zip(found, following, strict=True)
        if one.language == "python"
    ]


def untold(text: str) -> list[int]:
    """The lines of `text` blocks that follow no Python block: nothing would check them."""
    found = blocks(text)
    first = found[:1] if found and found[0].language == "text" else []
    later = [b for a, b in pairwise(found) if b.language == "text" and a.language != "python"]
    return [one.line for one in (*first, *later)]


def comments(code: str) -> Iterator[str]:
    """The comments of a program, without their `#`."""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.lstrip("#").strip()


def complaint(block: Block, expected: str | None, printed: str) -> str:
    """What is wrong with what a block printed; empty if it is what the file tells."""
    if expected is not None:
        if printed == expected:
            return ""
        return f"line {block.line}: the block printed\n{printed}\nthe file tells\n{expected}"
    told = comments(block.text)
    for line in printed.splitlines():
        if line.strip() and not any(ends_with(comment, line.strip()) for comment in told):
            return (
                f"line {block.line}: the block printed {line!r}, which no comment tells (or "
                "another order does). Show it in a ```text block behind it, or in a comment."
            )
    return ""


def ends_with(comment: str, line: str) -> bool:
    """Whether a comment is a line, perhaps behind words: `prints 24.7041`."""
    return comment == line or comment.endswith(f" {line}")


def run(path: Path) -> list[str]:
    """What each Python block of a file prints; tracebacks show the lines of the file."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    printed = []
    for block, _ in examples(path.read_text("utf-8")):
        code = compile("\n" * (block.line - 1) + block.text, str(path), "exec")
        with redirect_stdout(io.StringIO()) as caught:
            exec(code, namespace)
        printed.append(caught.getvalue())
    return printed


def complaints(path: Path) -> list[str]:
    """All that is wrong with a file, whose blocks run in a folder that is thrown away."""
    text, before = path.read_text("utf-8"), Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            printed = run(path)
        finally:
            os.chdir(before)
    found = zip(examples(text), printed, strict=True)
    wrong = [complaint(block, expected, one) for (block, expected), one in found]
    wrong += [f"line {line}: no Python block prints this text" for line in untold(text)]
    return [one for one in wrong if one]


def main(arguments: list[str]) -> int:
    path = Path(arguments[-1]).resolve()
    if arguments[0] != "check":
        print(json.dumps(run(path)))
        return 0
    wrong = complaints(path)
    print("\n".join(wrong) or f"{path.name}: each example prints what is shown.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
