"""Does a commit ask what CI asks, by the same tools?"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path


def test_each_hook_is_a_command_of_hatch_that_ci_runs_too(root: Path) -> None:
    hooks = root.joinpath(".pre-commit-config.yaml").read_text("utf-8")
    commands = re.findall(r"^ +entry: (.+)$", hooks, re.MULTILINE)
    assert commands == ["hatch run lint:check", "hatch run types:check"]
    assert hooks.count("- id: ") == len(commands)
    environments = tomllib.loads((root / "hatch.toml").read_text("utf-8"))["envs"]
    ci = root.joinpath(".ci", "run").read_text("utf-8")
    for command in commands:
        environment, script = command.removeprefix("hatch run ").split(":")
        assert script in environments[environment]["scripts"]
        assert re.search(rf'^step "\w+" {command}$', ci, re.MULTILINE)


def test_no_hook_brings_a_tool_in_a_version_of_its_own(root: Path) -> None:
    hooks = root.joinpath(".pre-commit-config.yaml").read_text("utf-8")
    assert re.findall(r"^ +- repo: (.+)$", hooks, re.MULTILINE) == ["local"]
    assert set(re.findall(r"^ +language: (.+)$", hooks, re.MULTILINE)) == {"system"}
    assert "additional_dependencies" not in hooks
