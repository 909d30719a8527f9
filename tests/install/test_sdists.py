"""Is a source distribution complete, so that a packager can build and test from it alone?"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from environments import MEMBERS


@pytest.mark.parametrize("name", MEMBERS)
def test_a_source_distribution_holds_all_that_a_packager_wants(
    root: Path, tmp_path: Path, name: str
) -> None:
    project = root / "packages" / name
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        files = {path.partition("/")[2] for path in opened.getnames()}
    assert {"CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml", "PKG-INFO"} <= files
    ours = {
        str(path.relative_to(project).as_posix())
        for folder in ("src", "tests")
        for path in (project / folder).rglob("*")
        if path.is_file() and not {"__pycache__", ".hypothesis"} & set(path.parts)
    }
    assert any(path.startswith("tests/") and path.endswith(".py") for path in ours)
    assert ours <= files
