"""Where does a link of a page to a file of the repository lead in the site?

`[backward.py](../packages/…/backward.py)` works wherever the repository is browsed. The site has no
such folder, so it shows each file that a page links to on a page of its own, and each folder as
a list of its files. A link that leads nowhere is a warning, and so fails the build.
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Iterator
from html import escape
from pathlib import Path
from textwrap import indent
from typing import Any

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.util import ClassNotFound
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "source"
LEFT_OUT = {"__pycache__", ".hypothesis", ".pytest_cache", "dist"}
LOG = logging.getLogger(__name__)


def page_of(path: Path) -> str:
    """The name of the site's page for a file or folder of the repository."""
    inside = path.relative_to(ROOT).as_posix()
    return f"{FOLDER}/{inside}" if inside != "." else f"{FOLDER}/index"


def relative(page: str, where: str) -> str:
    """The address of a page, as a link from another page; the same for every builder."""
    return posixpath.relpath(f"{page}.html", posixpath.dirname(where) or ".")


class RepositoryLinks(SphinxTransform):
    """Links out of `docs`, turned to the pages of this module."""

    default_priority = 5

    def apply(self, **_: Any) -> None:
        here = Path(self.env.doc2path(self.env.docname)).parent
        for node in list(self.document.findall(lambda one: is_link(one))):
            target = node["reftarget"].split("#")[0]
            path = Path(os.path.normpath(here / target))
            if node.get("refdomain") == "doc":  # named without the suffix of a page or notebook
                path = next((one for one in pages_at(path) if one.is_file()), path)
            if not target or not path.is_relative_to(ROOT) or not path.exists():
                continue  # Sphinx says what is wrong with it, or knows better
            if path.suffix == ".md" and path.is_relative_to(self.env.srcdir):
                continue
            wanted(self.env).setdefault(self.env.docname, set()).add(path)
            uri = relative(page_of(path), self.env.docname)
            link = nodes.reference("", "", *node.children, internal=True, refuri=uri)
            node.replace_self(link)


def pages_at(path: Path) -> list[Path]:
    """The files that a link without a suffix may mean."""
    return [path.with_name(path.name + suffix) for suffix in (".md", ".ipynb")]


def is_link(node: nodes.Node) -> bool:
    if isinstance(node, addnodes.download_reference):
        return True
    return isinstance(node, addnodes.pending_xref) and node.get("reftype") == "myst"


def wanted(env: Any) -> dict[str, set[Path]]:
    """Page -> the files and folders that it links to."""
    if not hasattr(env, "linked_sources"):
        env.linked_sources = {}
    return env.linked_sources  # type: ignore[no-any-return]


def forget(app: Any, env: Any, docname: str) -> None:
    wanted(env).pop(docname, None)


def merge(app: Any, env: Any, docnames: set[str], other: Any) -> None:
    wanted(env).update({name: wanted(other).get(name, set()) for name in docnames})


def below(path: Path) -> list[Path]:
    """What a folder's page lists, one level deep: folders first."""
    inside = [one for one in path.iterdir() if one.name not in LEFT_OUT and one.name[0] != "."]
    inside = [one for one in inside if not one.name.endswith(".egg-info")]
    return sorted(inside, key=lambda one: (one.is_file(), one.name))


def collect(app: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The pages of all files that pages link to, and of all that lies in linked folders."""
    waiting = {path for paths in wanted(app.env).values() for path in paths}
    done: set[Path] = set()
    while waiting:
        path = waiting.pop()
        done.add(path)
        body = None
        if path.is_dir():
            waiting |= set(below(path)) - done
            body = listing(path)
        elif (text := readable(path)) is not None:
            body = shown(path, text)
        name = path.relative_to(ROOT).as_posix()
        if body is None:
            body = "<p>This file is not text.</p>"
        head = f"<h1><code>{escape(name)}</code></h1>"
        yield page_of(path), {"title": name, "body": head + body, "parents": []}, "page.html"


def listing(path: Path) -> str:
    items = "".join(
        f'<li><a href="{escape(relative(page_of(one), page_of(path)))}">'
        f"{escape(one.name)}{'/' if one.is_dir() else ''}</a></li>"
        for one in below(path)
    )
    readme = path / "README.md"
    return f"<ul>{items}</ul>" + (
        shown(readme, readme.read_text("utf-8")) if readme.is_file() else ""
    )


def readable(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None


def shown(path: Path, text: str) -> str:
    """A file with its colours and line numbers; a notebook as the program that it is."""
    try:
        if path.suffix == ".ipynb":
            path, text = path.with_suffix(".py"), program(text)
        lexer = get_lexer_for_filename(path.name)
    except ClassNotFound:
        lexer = TextLexer()
    formatter = HtmlFormatter(
        linenos="inline", lineanchors="line", anchorlinenos=True, wrapcode=True
    )
    return f'<div class="highlight-source notranslate">{highlight(text, lexer, formatter)}</div>'


def program(notebook: str) -> str:
    """The cells of a notebook, text as comments."""
    parts = []
    for cell in json.loads(notebook)["cells"]:
        source = "".join(cell["source"])
        is_code = cell["cell_type"] == "code"
        parts.append(source if is_code else indent(source, "# ", lambda line: True).rstrip())
    return "\n\n".join(parts) + "\n"


def setup(app: Any) -> dict[str, bool]:
    app.add_transform(RepositoryLinks)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("html-collect-pages", collect)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
