"""Do the pages of `docs` fit together, and does the site make of them what it says?

That each block prints what the page shows is `test_readme.py`'s matter, and that the build is
strict `hatch run docs:build`'s. Here stands what both would pass over.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PROMISE = re.compile(r"\]\((?P<file>[^)]+)\): `(?P<test>test_\w+)`")
API = re.compile(r"^```\{api\} (?P<module>\S+)\n(?P<names>.*?)^```", re.MULTILINE | re.DOTALL)
PUBLIC = (
    "micrograd.engine",
    "micrograd.engine.plugins",
    "micrograd.engine.testing",
    "micrograd.nn",
    "micrograd.nn.activations",
    "micrograd.nn.init",
    "micrograd.nn.losses",
    "micrograd.nn.metrics",
    "micrograd.nn.optim",
    "micrograd.nn.optim.schedules",
    "micrograd.nn.training",
    "micrograd.viz",
    "micrograd.viz.plots",
)


def loaded(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, path.stem, module)  # where dataclasses look for names
        patched.setattr(sys, "path", [*sys.path])  # which conf.py makes longer
        spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages() -> Any:
    return loaded(DOCS / "_ext" / "site_pages.py")


@pytest.fixture(scope="module")
def contents() -> dict[str, list[str]]:
    found = loaded(DOCS / "conf.py").contents
    assert isinstance(found, dict)
    return found


# --- the pages -----------------------------------------------------------------------------------


def test_every_page_is_in_the_contents_once(pages: Any, contents: dict[str, list[str]]) -> None:
    known = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    listed = [one for page in contents for one in pages.pages_below(page, contents, known)]
    assert sorted(listed) == sorted(known - {"index"})


def test_every_promise_names_a_test_that_is_there() -> None:
    page = DOCS / "why" / "contracts.md"
    found = list(PROMISE.finditer(page.read_text("utf-8")))
    rows = [line for line in page.read_text("utf-8").splitlines() if re.match(r"\| (?!prom)", line)]
    assert len(found) == len(rows) > 20
    for row in found:
        assert f"def {row['test']}(" in (page.parent / row["file"]).read_text("utf-8"), row["test"]


def test_the_reference_lists_every_public_name_and_no_other() -> None:
    listed: dict[str, list[str]] = {name: [] for name in PUBLIC}
    for page in DOCS.glob("reference/*.md"):
        for block in API.finditer(page.read_text("utf-8")):
            listed[block["module"]] += [
                one.split(":")[0] for one in block["names"].split("\n")[:-1]
            ]
    told: set[int] = set()  # a name of several modules is told once, where readers look for it
    for name, names in listed.items():
        module = importlib.import_module(name)
        assert len(names) == len(set(names))
        assert set(names) <= set(module.__all__), name
        told |= {id(getattr(module, one)) for one in names}
    for name in PUBLIC:
        module = importlib.import_module(name)
        public = {one: getattr(module, one) for one in module.__all__ if one != "__version__"}
        missing = [
            one
            for one, thing in public.items()
            if not isinstance(thing, ModuleType) and id(thing) not in told
        ]
        assert missing == [], f"{name}: list them in an {{api}} block of docs/reference"


# --- what the site makes of them -----------------------------------------------------------------

PAGE = """\
# A page

```python
x = 2
print(x)
```

```text
2
```

<!-- exercise: half -->
```python
def half(x):
    return ...
```

:::{dropdown} A solution
<!-- solution: half -->
```python
def half(x):
    return x / 2
```
:::

```python
x
```
"""


def test_a_page_that_draws_is_run_but_for_what_is_the_readers(pages: Any) -> None:
    text = pages.site_page(PAGE)
    assert text.startswith("---\nfile_format: mystnb\n")
    assert text.count("```{code-cell} python\n---\ntags: [remove-stdout]\n") == 2
    assert text.count("\n```python\ndef half(x):\n") == 2
    assert "```{code-block} text\n:class: output\n\n2\n```" in text


def test_a_page_that_only_prints_is_left_to_the_tests(pages: Any) -> None:
    text = pages.site_page(PAGE[: PAGE.rindex("```python\nx\n")])
    assert "code-cell" not in text
    assert not text.startswith("---")


def test_a_page_of_files_and_commands_is_not_run(pages: Any) -> None:
    text = pages.site_page(PAGE + '\n```toml title="pyproject.toml"\n[project]\n```\n')
    assert "code-cell" not in text
    assert "```{code-block} toml\n:caption: pyproject.toml\n\n[project]\n```" in text
    assert "code-cell" not in pages.site_page(PAGE + "\n```console\n$ true\n```\n")


def test_a_list_of_links_becomes_cards(pages: Any) -> None:
    text = pages.site_page("<!-- cards -->\n- **[Learn](learn/index.md)**. From\n  here.\n\nEnd.\n")
    assert (
        ":::{grid-item-card} Learn\n:link: learn/index\n:link-type: doc\n\nFrom here.\n:::" in text
    )
    assert (
        text.index("::::{grid}") < text.index("Learn") < text.index("\n::::\n") < text.index("End.")
    )
    with pytest.raises(ValueError, match="a card is written as"):
        pages.site_page("<!-- cards -->\n- Learn\n")


def test_a_block_without_an_end_is_an_error(pages: Any) -> None:
    with pytest.raises(ValueError, match="has no end"):
        pages.site_page("```python\nx = 1\n")


def test_a_star_is_every_page_that_nobody_names(pages: Any) -> None:
    contents = {"index": ["a/index"], "a/index": ["a/last", "a/*"]}
    known = ["index", "a/index", "a/last", "a/one", "a/b/two", "c"]
    assert pages.pages_below("a/index", contents, known) == ["a/last", "a/one"]
    assert pages.site_page("# A\n", ["a/last"]).endswith(":hidden:\n\n/a/last\n```\n")


def test_what_a_block_ends_in_is_seen(pages: Any) -> None:
    def shows(code: str) -> bool:
        return any(part.shows for part in pages.parts(f"```python\n{code}\n```\n"))

    assert shows("x = 1\nx")
    assert shows("draw_dot(x)")
    assert not shows("print(x)")
    assert not shows('figure.savefig("a.png")')
    assert not shows('play(x).save("a.html")')
    assert not shows("x = draw_dot(y)")
    assert not shows("")
