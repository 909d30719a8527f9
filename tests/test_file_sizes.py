"""Is a file of nn, viz, the examples or this suite still one concept, and short enough to read?"""

from __future__ import annotations

from pathlib import Path

import pytest

LIMIT = 350
FOLDERS = ("packages/micrograd-nn", "packages/micrograd-viz", "examples", "tests")


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_longer_than_350_lines(root: Path, folder: str) -> None:
    lines = {
        str(path.relative_to(root)): len(path.read_text("utf-8").splitlines())
        for path in (root / folder).rglob("*.py")
    }
    assert lines
    assert {path: count for path, count in lines.items() if count > LIMIT} == {}
