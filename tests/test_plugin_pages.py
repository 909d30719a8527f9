"""Do the pages for authors of plugins know every hook and every plugin?"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

import micrograd.nn.hookspecs
import micrograd.viz.hookspecs
from environments import PLUGINS
from micrograd.engine import hookspecs
from micrograd.engine.hookspecs import HOOK_OWNERS
from micrograd.engine.hosting.listeners import LISTENERS

FOLDER = Path(__file__).parents[1] / "docs" / "plugins"
SPECS: dict[str, ModuleType] = {
    "micrograd-core": hookspecs,
    "micrograd-nn": micrograd.nn.hookspecs,
    "micrograd-viz": micrograd.viz.hookspecs,
}


def test_each_hook_has_a_page_and_the_index_leads_there() -> None:
    assert {page.stem for page in FOLDER.glob("hooks/*.md")} == set(HOOK_OWNERS)
    index = FOLDER.joinpath("index.md").read_text("utf-8")
    for hook, owner in HOOK_OWNERS.items():
        (row,) = (line for line in index.splitlines() if f"(hooks/{hook}.md)" in line)
        assert row.endswith(f"| {owner} |")


@pytest.mark.parametrize("hook", HOOK_OWNERS)
def test_the_page_of_a_hook_is_complete(hook: str) -> None:
    page = FOLDER.joinpath("hooks", f"{hook}.md").read_text("utf-8")
    code = getattr(SPECS[HOOK_OWNERS[hook]], hook).__code__
    arguments = ", ".join(code.co_varnames[: code.co_argcount])
    assert page.splitlines()[0] == f"# `{hook}({arguments})`"
    assert f"| defined in | {HOOK_OWNERS[hook]} |" in page
    assert ("for registered objects only" in page) == (hook in LISTENERS)
    parts = page.split("\n## ")
    titles = [part.splitlines()[0] for part in parts[1:]]
    assert titles == ["The smallest plugin", "How a user calls it", "How to check it"]
    assert f"def {hook}(" in parts[1]
    assert all("\n```python" in part for part in parts[1:])


def test_the_directory_lists_every_example_plugin_and_what_it_needs() -> None:
    lines = FOLDER.joinpath("directory.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| [")]
    assert rows == sorted(rows)
    for name, project in PLUGINS.items():
        (row,) = (row for row in rows if row.startswith(f"| [{name}]("))
        *_, needs, _ = row.split("|")
        for hook in project.hooks:
            assert HOOK_OWNERS[hook] in needs
