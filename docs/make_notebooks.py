"""Turn the lessons into notebooks: python docs/make_notebooks.py

Each page `docs/learn/1-name.md` becomes `examples/notebooks/1-name.ipynb`, always the same text for
the same page. `tests/test_notebooks.py` fails when one is out of date.

| in the page | in the notebook |
|---|---|
| text | a text cell; links and pictures are found from the notebook's folder |
| a `python` block | a code cell; with `title="file.py"` the cell writes that file |
| the `text` block behind it | nothing: the cell prints it |
| a block behind `<!-- check: NAME -->` | a code cell that may fail, until the exercise is done |
| `:::{dropdown} Title` | `<details>`, which fold; the Python in them is shown, not run |
| another `:::{note}` | a quotation |
| other blocks | stay what they are |
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGES, NOTEBOOKS = "docs/learn", "examples/notebooks"
NAME = re.compile(r"\d+-[\w-]+\.md")

FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>```+)(?P<told>.*)$")
COLONS = re.compile(r"^(?P<colons>:::+)(?:\{(?P<kind>[\w-]+)\})? *(?P<title>.*)$")
MARK = re.compile(r"^<!-- (?P<word>exercise|check|solution): .* -->$")
OPTION = re.compile(r"^:[\w-]+:.*$")
TARGET = re.compile(
    r"(?P<code>(?P<ticks>`+).+?(?P=ticks))"  # is left alone
    r"|(?P<before>\]\(|^\[[^\]]+\]: +|\b(?:src|href)=\")(?P<target>[^)\s\"]+)"
)


@dataclass
class Cell:
    """A cell, while its lines are collected."""

    kind: str  # "markdown" or "code"
    lines: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def data(self, number: int) -> dict[str, Any]:
        """The cell as a notebook's file holds it."""
        source = "\n".join(self.lines).strip("\n").splitlines(keepends=True)
        metadata = {"tags": self.tags} if self.tags else {}
        cell: dict[str, Any] = {"cell_type": self.kind, "id": f"cell-{number}"}
        if self.kind == "code":
            cell |= {"execution_count": None, "metadata": metadata, "outputs": []}
        else:
            cell |= {"metadata": metadata}
        return {**cell, "source": source}


def notebook(page: str, text: str) -> str:
    """The file of the notebook that a page of the checkout becomes.

    **Errors.** `ValueError` for a block or a directive that has no end.
    """
    cells = [cell for cell in _cells(page, text) if any(line.strip() for line in cell.lines)]
    about = {"display_name": "Python 3", "language": "python", "name": "python3"}
    data = {
        "cells": [cell.data(number) for number, cell in enumerate(cells, start=1)],
        "metadata": {
            "kernelspec": about,
            "language_info": {"name": "python"},
            "micrograd": {"made_from": page, "by": "docs/make_notebooks.py"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _cells(page: str, text: str) -> Iterator[Cell]:
    """The cells of a page, some of them empty."""
    cell, mark, after_code = Cell("markdown"), "", False
    within: list[str] = []  # the kinds of the directives that are open
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        if fence := FENCE.match(line):
            block = _block(lines, number, fence["ticks"])
            language = (fence["told"].split() or [""])[0]
            if language == "python" and not within:
                yield cell
                yield _code(block, fence["told"], len(fence["indent"]), mark)
                cell, mark, after_code = Cell("markdown"), "", True
                continue
            if not (language == "text" and after_code):
                whole = [line, *block, fence["indent"] + fence["ticks"]]
                cell.lines += [_quoted(one, within) for one in whole]
            mark, after_code = "", False
        elif found := MARK.match(line):
            mark = found["word"]
        elif colons := COLONS.match(line):
            opened = colons["kind"] is not None
            if opened:
                within.append(colons["kind"])
            cell.lines += _directive(within, opened, colons["title"])
            if not opened and not (within and within.pop()):
                raise ValueError(f"{page}, line {number}: ::: ends what never began")
            after_code = False
        elif not (within and OPTION.match(line)):
            after_code = after_code and not line.strip()
            cell.lines.append(_quoted(_moved(line, page), within))
    if within:
        raise ValueError(f"{page}: :::{{{within[-1]}}} has no end")
    yield cell


def _block(lines: Iterator[tuple[int, str]], first: int, ticks: str) -> list[str]:
    """The lines up to the end of a fenced block."""
    block: list[str] = []
    for _, line in lines:
        if line.strip() == ticks:
            return block
        block.append(line)
    raise ValueError(f"the block that begins in line {first} has no end")


def _code(block: list[str], told: str, indent: int, mark: str) -> Cell:
    lines = [line[min(indent, len(line) - len(line.lstrip())) :] for line in block]
    if title := re.search(r'\btitle="([^"]+)"', told):
        lines.insert(0, f"%%writefile {title[1]}")
    return Cell("code", lines, ["raises-exception"] if mark == "check" else [])


def _directive(within: list[str], opened: bool, title: str) -> list[str]:
    """The lines that begin, or end, what a directive holds."""
    kind = within[-1] if within else ""
    if kind == "dropdown":
        return ["<details>", f"<summary>{title}</summary>", ""] if opened else ["", "</details>"]
    return [f"> **{title or kind.capitalize()}**", ">"] if opened else []


def _quoted(line: str, within: list[str]) -> str:
    """A line as it stands within notes and the like; in what folds it stays as it is."""
    depth = sum(kind != "dropdown" for kind in within)
    return "> " * depth + line if depth else line


def _moved(line: str, page: str) -> str:
    """A line whose links and pictures are found from the folder of the notebooks."""

    def moved(match: re.Match[str]) -> str:
        target = match["target"]
        if match["code"] or re.match(r"[a-z]+:|#|/", target):
            return match[0]
        path, hash_, anchor = target.partition("#")
        path = normpath(str(PurePosixPath(page).parent / path))
        folder, _, name = path.rpartition("/")
        if folder == PAGES and NAME.fullmatch(name):
            return match["before"] + name.removesuffix(".md") + ".ipynb"
        return match["before"] + relpath(path, NOTEBOOKS) + hash_ + anchor

    return TARGET.sub(moved, line)


def made(root: Path = ROOT) -> dict[Path, str]:
    """The text of each notebook that is made from a page, by its path."""
    pages = [path for path in sorted((root / PAGES).glob("*.md")) if NAME.fullmatch(path.name)]
    return {
        root / NOTEBOOKS / f"{path.stem}.ipynb": notebook(
            f"{PAGES}/{path.name}", path.read_text(encoding="utf-8")
        )
        for path in pages
    }


def main() -> int:
    for path, text in made().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
