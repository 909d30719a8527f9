"""Does the page about moving weights work where PyTorch is installed?

Its `py` blocks need PyTorch, so the suite that checks pages does not run them. This one does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import markdown_blocks

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "move-weights-to-pytorch.md"


def test_all_blocks_run_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = markdown_blocks.blocks(PAGE.read_text("utf-8"))
    programs = [block for block in blocks if block.language in ("python", "py")]
    assert [block.language for block in programs] == ["python", "py", "py"]
    names: dict[str, Any] = {}
    for block in programs:
        exec(compile("\n" * (block.line - 1) + block.text, str(PAGE), "exec"), names)
    assert {path.name for path in tmp_path.iterdir()} == {"ours.safetensors", "theirs.safetensors"}
