"""Fixtures of micrograd-viz's suite."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder to work in, on a machine that has neither a `dot` nor pygraphviz."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def dot(bare: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same with a `dot` on the PATH, which writes its arguments where a picture should be."""
    if os.name == "nt":
        pytest.skip("a script does not stand in for dot.exe")
    program = bare.parent / "bin" / "dot"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        "source = next((a for a in sys.argv[1:] if not a.startswith('-')), None)\n"
        "form = next(a[2:] for a in sys.argv if a.startswith('-T'))\n"
        'text = f\'<svg><g id="graph0"/>by dot {" ".join(sys.argv[1:])}</svg>\'\n'
        "if '-O' in sys.argv:\n"
        "    pathlib.Path(f'{source}.{form}').write_text(text)\n"
        "elif '-o' in sys.argv:\n"
        "    pathlib.Path(sys.argv[sys.argv.index('-o') + 1]).write_text(text)\n"
        "else:\n"
        "    sys.stdin.read()\n"
        "    print(text)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return bare
