"""Does what the page about leaving shows of ONNX work where ONNX is installed?

Its `py` blocks need onnx and ONNX Runtime, or PyTorch, so the suite that checks pages runs none of
them. This one runs those of ONNX; `tests/parity/live` runs those of PyTorch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import markdown_blocks

PAGE = Path(__file__).parents[2] / "docs" / "outgrow.md"


def test_all_blocks_run_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = markdown_blocks.blocks(PAGE.read_text("utf-8"))
    programs = [one for one in blocks if one.language in ("python", "py")]
    programs = [one for one in programs if "import torch" not in one.text]
    assert [one.language for one in programs] == ["python", "py", "py", "py"]
    names: dict[str, Any] = {}
    for one in programs:
        exec(compile("\n" * (one.line - 1) + one.text, str(PAGE), "exec"), names)
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
