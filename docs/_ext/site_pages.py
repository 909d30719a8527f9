"""What does the site make of a page that is written for every reader of Markdown?

The pages of `docs` use no directive: they read well as plain text, and wherever Markdown is shown.
On its way into the site a page gains four things.

| in the page | in the site |
|---|---|
| a `python` block that ends in an expression | all blocks are run, its picture is shown |
| a `text` block behind a `python` block | is marked as output |
| `title="name"` behind a fence | the block's caption |
| `<!-- cards -->` before a list of links | cards |

Blocks behind `<!-- exercise: … -->`, `<!-- check: … -->` and `<!-- solution: … -->` are the
reader's to run, so they are shown and not run. The table of contents is that of `conf.py`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^(?P<indent> *)```(?P<told>[^`]*)$")
TITLE = re.compile(r'\btitle="([^"]+)"')
READERS = re.compile(r"^<!-- (exercise|check|solution): .* -->$")
CARD = re.compile(r"^- \*\*\[(?P<name>[^\]]+)\]\((?P<page>[^)]+)\)\*\*\. (?P<text>.+)$")
SILENT = {"print", "save", "savefig"}  # calls of these show nothing
CELL = ["---", "tags: [remove-stdout]", "mystnb: {image: {alt: What the program draws}}", "---"]
RUN = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"


@dataclass(frozen=True)
class Part:
    """A run of lines: a fenced block without its fences, or what stands between two blocks."""

    lines: tuple[str, ...]
    told: str | None = None  # what stands behind the opening fence
    indent: str = ""
    readers: bool = False  # an exercise, its check or its solution

    @property
    def language(self) -> str:
        return (self.told or "").split(" ")[0]

    @property
    def title(self) -> str:
        found = TITLE.search(self.told or "")
        return found[1] if found else ""

    @property
    def runs(self) -> bool:
        """Whether it belongs to the program that the page is."""
        return self.language == "python" and not (self.title or self.readers or self.indent)

    @property
    def shows(self) -> bool:
        """Whether it ends in an expression whose result may draw itself."""
        if not self.runs:
            return False
        body = ast.parse("\n".join(self.lines)).body
        return (
            bool(body) and isinstance(body[-1], ast.Expr) and called(body[-1].value) not in SILENT
        )


def called(expression: ast.expr) -> str:
    """The last name of what an expression calls, of a function or of a method."""
    function = expression.func if isinstance(expression, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def parts(text: str) -> list[Part]:
    """A page as its blocks and what is between them."""
    found: list[Part] = []
    lines: list[str] = []
    opened: re.Match[str] | None = None
    for line in text.splitlines():
        fence = FENCE.match(line)
        if opened is None and fence is not None:
            last = next((one for one in reversed(lines) if one.strip()), "")
            readers = READERS.match(last) is not None
            found.append(Part(tuple(lines), readers=readers))
            opened, lines = fence, []
        elif opened is not None and fence is not None and not fence["told"].strip():
            before = found[-1].readers
            found.append(Part(tuple(lines), opened["told"].strip(), opened["indent"], before))
            opened, lines = None, []
        else:
            lines.append(line)
    if opened is not None:
        raise ValueError(f"the block ```{opened['told']} has no end")
    return [*found, Part(tuple(lines))]


def site_page(text: str, below: Iterable[str] = ()) -> str:
    """The page as the site reads it, with a table of contents of the pages below it."""
    found = parts(text)
    executed = any(part.shows for part in found) and not any(
        part.title or part.language == "console" for part in found
    )
    made: list[str] = []
    before = ""
    for part in found:
        if part.told is None:
            made += cards(part.lines)
        else:
            made += block(part, executed, before == "python")
        if part.told is not None:
            before = part.language
        elif any(line.strip() for line in part.lines):
            before = ""
    page = "\n".join(made) + "\n"
    entries = "\n".join(f"/{name}" for name in below)
    if entries:
        page += f"\n```{{toctree}}\n:hidden:\n\n{entries}\n```\n"
    return RUN + page if executed else page


def block(part: Part, executed: bool, behind_python: bool) -> list[str]:
    """A fenced block in the site's words."""
    told, options = part.told or "", []
    if part.runs and executed:
        told, options = "{code-cell} python", CELL
    elif part.title:
        told, options = f"{{code-block}} {part.language}", [f":caption: {part.title}", ""]
    elif part.language == "text" and behind_python:
        told, options = "{code-block} text", [":class: output", ""]
    elif not told:
        told = "text"
    head = [f"{part.indent}```{told}", *(part.indent + one if one else "" for one in options)]
    return [*head, *part.lines, f"{part.indent}```"]


def cards(lines: tuple[str, ...]) -> list[str]:
    """The lines, with each list behind `<!-- cards -->` as a grid of cards."""
    made: list[str] = []
    items: list[list[str]] | None = None
    for line in (*lines, "\0"):
        if line.strip() == "<!-- cards -->":
            items = []
        elif items is None:
            made.append(line)
        elif line.startswith("- "):
            items.append([line])
        elif line.startswith("  ") and items:
            items[-1].append(line.strip())
        elif line.strip() or items:
            made += [*grid(items), line]
            items = None
    return made[:-1]


def grid(items: list[list[str]]) -> list[str]:
    made = ["::::{grid} 1 2 2 2", ":gutter: 3", ""]
    for item in items:
        found = CARD.match(" ".join(item))
        if found is None:
            form = "- **[Name](page.md)**. What is there."
            raise ValueError(f"a card is written as {form!r}, but got {item[0]!r}")
        link = [f":link: {found['page'].removesuffix('.md')}", ":link-type: doc", ""]
        made += [f":::{{grid-item-card}} {found['name']}", *link, found["text"], ":::", ""]
    return [*made, "::::", ""]


def pages_below(page: str, contents: Mapping[str, list[str]], known: Iterable[str]) -> list[str]:
    """The pages that a page is the contents of; a star stands for those that no one else names."""
    named = {one for patterns in contents.values() for one in patterns} | set(contents)
    found: list[str] = []
    for pattern in contents.get(page, []):
        if "*" not in pattern:
            found.append(pattern)
            continue
        depth = pattern.count("/")
        fits = (one for one in known if one.count("/") == depth and fnmatchcase(one, pattern))
        found += sorted(one for one in fits if one not in named)
    return found


# --- Sphinx --------------------------------------------------------------------------------------


def read(app: Any, docname: str, source: list[str]) -> None:
    if Path(app.env.doc2path(docname)).suffix == ".md":
        below = pages_below(docname, app.config.contents, app.env.found_docs)
        source[0] = site_page(source[0], below)


def outdated(app: Any, *_: Any) -> list[str]:
    """Pages with a table of contents, which may have grown."""
    return [name for name in app.config.contents if name in app.env.found_docs]


def setup(app: Any) -> dict[str, bool]:
    app.add_config_value("contents", {}, "env")
    app.connect("env-get-outdated", outdated)
    app.connect("source-read", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
