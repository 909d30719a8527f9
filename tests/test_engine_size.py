"""Can one person still read the engine in an evening? Its four files, counted."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

ENGINE = ("broadcasting.py", "backward.py", "value.py", "op.py")
CODE_LIMIT = 380
LINE_LIMIT = 650
WIDTH_LIMIT = 100

SILENT = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def docstring_lines(source: str) -> set[int]:
    """The numbers of all lines that a docstring covers."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0] if node.body else None
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            lines.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return lines


def code_lines(source: str) -> set[int]:
    """The numbers of all lines with code on them: no docstrings, comments or blanks."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines - docstring_lines(source)


SAMPLE = '''\
"""A module
docstring."""

import math  # counts


# does not count
def f(x):
    """One line."""
    text = """counts,

    with its blank line"""
    "a string that is no docstring"
    return math.floor(
        x
    )
'''


def test_code_lines_leave_out_docstrings_comments_and_blanks() -> None:
    assert sorted(code_lines(SAMPLE)) == [4, 8, 10, 11, 12, 13, 14, 15, 16]


def engine(root: Path) -> dict[str, str]:
    """The engine's files and their text."""
    folder = root / "packages" / "micrograd-core" / "src" / "micrograd" / "engine"
    return {name: (folder / name).read_text("utf-8") for name in ENGINE}


def test_the_engine_holds_at_most_380_lines_of_code(root: Path) -> None:
    counts = {name: len(code_lines(source)) for name, source in engine(root).items()}
    assert sum(counts.values()) <= CODE_LIMIT, counts


def test_the_engine_holds_at_most_650_lines_in_all(root: Path) -> None:
    counts = {name: len(source.splitlines()) for name, source in engine(root).items()}
    assert sum(counts.values()) <= LINE_LIMIT, counts


def test_no_line_of_the_engine_is_wider_than_100_columns(root: Path) -> None:
    wide = [
        f"{name}:{number}"
        for name, source in engine(root).items()
        for number, line in enumerate(source.splitlines(), 1)
        if len(line) > WIDTH_LIMIT
    ]
    assert not wide
