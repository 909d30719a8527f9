"""Does the page for contributors lead somewhere, and does the op in it work as it stands?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from run_suites import suites

LINK = re.compile(r"\[[^\]]+\]\(([^)#]+)[^)]*\)")
BLOCK = re.compile(r"^```python\n(.+?)^```", re.MULTILINE | re.DOTALL)
CORE = Path("packages", "micrograd-core")


@pytest.fixture
def page(root: Path) -> str:
    return root.joinpath(".github", "CONTRIBUTING.md").read_text("utf-8")


def test_every_link_of_the_pages_for_people_leads_to_a_file(root: Path) -> None:
    pages = sorted(root.glob(".github/*.md"))
    assert {"CONTRIBUTING.md", "SECURITY.md"} <= {path.name for path in pages}
    links = [(path, link) for path in pages for link in LINK.findall(path.read_text("utf-8"))]
    assert len(links) > 10
    missing = [
        f"{path.name}: {link}"
        for path, link in links
        if not link.startswith("https://") and not (path.parent / link).exists()
    ]
    assert missing == []


def test_every_command_of_the_page_is_one_of_hatch(root: Path, page: str) -> None:
    environments = tomllib.loads((root / "hatch.toml").read_text("utf-8"))["envs"]
    commands = re.findall(r"hatch run (\w+)(?::(\w+))?", page)
    assert len(commands) > 5
    for environment, script in commands:
        if script:
            assert script in environments[environment]["scripts"]
        else:
            assert environment == "python" or environment in environments["default"]["scripts"]
    named = re.findall(r"hatch test (\w+)", page)
    assert named
    assert set(named) <= set(suites())


def test_the_op_of_the_page_passes_what_the_page_says(
    root: Path, page: str, tmp_path: Path
) -> None:
    rule, row = BLOCK.findall(page)
    (name,) = re.findall(r"^def (\w{2,})", rule, re.MULTILINE)
    for part in ("src", "tests", "pyproject.toml"):
        copy = shutil.copytree if (root / CORE / part).is_dir() else shutil.copy
        copy(root / CORE / part, tmp_path / part)
    family = tmp_path / "src" / "micrograd" / "engine" / "ops" / "activations.py"
    text = family.read_text("utf-8").replace(
        '    "softsign",\n', f'    "softsign",\n    "{name}",\n'
    )
    family.write_text(f"{text}\n\n{rule}", "utf-8")
    table = tmp_path / "tests" / "optable" / "elementwise.py"
    text = table.read_text("utf-8")
    table.write_text(text.replace('    "softsign": ', f'    {row}    "softsign": '), "utf-8")

    def run(*arguments: str) -> str:
        command = [sys.executable, "-W", "error", "-m", *arguments]
        result = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    assert f"{name} keeps 7 of 7 promises." in run(
        *("micrograd.engine", "check", f"micrograd.engine.ops:{name}")
    )
    ran = run("pytest", "-q", "tests/test_ops.py", "-k", f"{name} or in_the_table")
    assert int(re.findall(r"(\d+) passed", ran)[0]) > 5
