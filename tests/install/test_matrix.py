"""Does each example plugin do what it can beside each set of packages, and say what it left out?

The plugins are the folders of `examples/plugins`. Nothing here knows one of them: what a plugin
should do is read from its source and its pyproject.toml, what it did from its report.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import pytest

import markdown_blocks
from environments import PARTS, PLUGINS, ROWS, Environment, Project, pip
from micrograd.engine.hookspecs import HOOK_OWNERS, install_line

REPORT = """
import json
from micrograd.engine import plugins
plugins.load(strict=True)
print(json.dumps([r._asdict() for r in plugins.report() if r.distribution == {name!r}]))
"""


class Installed(NamedTuple):
    """A plugin, the environment that it is installed in, and the parts of the family there."""

    name: str
    project: Project
    environment: Environment
    present: set[str]

    @property
    def active(self) -> set[str]:
        """The hooks of the plugin whose package is there."""
        return {one for one in self.project.hooks if PARTS[HOOK_OWNERS[one]] <= self.present}


@pytest.fixture(scope="module", params=list(product(ROWS, PLUGINS)), ids=" with ".join)
def installed(
    request: pytest.FixtureRequest, environment_of: Callable[..., Environment]
) -> Installed:
    row, name = request.param
    project = PLUGINS[name]
    return Installed(name, project, environment_of(row, name), ROWS[row][1] | project.parts)


def test_the_example_plugins_are_found() -> None:
    assert "micrograd-swish" in PLUGINS
    for name, project in PLUGINS.items():
        assert project.declared["name"] == name
        assert project.hooks <= set(HOOK_OWNERS)
        assert project.hooks


def test_pip_finds_nothing_missing(installed: Installed) -> None:
    clean = installed.environment
    pip("--python", clean.python, "check", cwd=clean.folder)


def test_it_is_not_imported_before_somebody_asks_for_plugins(installed: Installed) -> None:
    members = ", ".join(f"micrograd.{part}" for part in sorted(installed.present))
    code = (
        f"import sys, {members}\n"
        "x = micrograd.engine.Value([1.0, 2.0])\n"
        "((x * x).relu() + 1).sum().backward()\n"
        f"print({installed.project.module!r} in sys.modules)\n"
        "micrograd.engine.plugins.load(strict=True)\n"
        f"print({installed.project.module!r} in sys.modules)"
    )
    assert installed.environment.run(code).split() == ["False", "True"]


def test_it_gives_what_it_can_and_says_what_waits(installed: Installed) -> None:
    (mine,) = json.loads(installed.environment.run(REPORT.format(name=installed.name)))
    project, active = installed.project, installed.active
    assert (mine["status"], mine["reason"], mine["contested"]) == ("loaded", "", [])
    assert mine["version"] == project.declared["version"]
    assert set(mine["hooks"]) == active
    waiting = {hook: install_line(HOOK_OWNERS[hook]) for hook in project.hooks - active}
    assert mine["waiting"] == waiting


def test_its_ops_and_losses_are_functions_and_methods(installed: Installed) -> None:
    code = (
        "from micrograd.engine import Value, ops, plugins\n"
        "plugins.load(strict=True)\n"
        "names = plugins.ops_registry.names()\n"
        f"mine = [n for n in names if plugins.ops_registry.claimants(n) == [{installed.name!r}]]\n"
        "assert all(callable(getattr(ops, name)) for name in mine)\n"
        "assert all(callable(getattr(Value(1.0), name)) for name in mine)\n"
        "print(*mine)"
    )
    found = installed.environment.run(code).split()
    assert bool(found) == bool(installed.active & {"micrograd_ops", "micrograd_losses"})


@pytest.mark.parametrize("name", PLUGINS)
def test_its_readme_prints_what_it_shows(
    name: str, environment_of: Callable[..., Environment]
) -> None:
    readme = PLUGINS[name].folder / "README.md"
    assert markdown_blocks.steps(readme.read_text("utf-8"))
    assert environment_of("all", name).walk(readme) == []


def test_the_listing_tells_a_user_the_same(installed: Installed) -> None:
    result = installed.environment.start("-m", "micrograd.engine", "plugins", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    (mine,) = (one for one in json.loads(result.stdout) if one["distribution"] == installed.name)
    assert (mine["status"], set(mine["hooks"])) == ("loaded", installed.active)
    assert set(mine["waiting"]) == installed.project.hooks - installed.active


def test_all_of_them_live_together(environment: Callable[..., Environment]) -> None:
    clean = environment(ROWS["all"][0], tuple(PLUGINS))
    code = (
        "from micrograd.engine import plugins\n"
        "plugins.load(strict=True)\n"
        "for r in plugins.report():\n"
        "    assert (r.status, r.contested, r.waiting) == ('loaded', [], {}), r\n"
        "    print(r.distribution)"
    )
    assert set(clean.run(code).split()) == {*ROWS["all"][0], *PLUGINS}
