"""Where are the pages, and what is wrong with one?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import markdown_blocks

ROOT = Path(__file__).resolve().parent.parent
READMES = [ROOT / "README.md", *sorted(ROOT.glob("packages/*/README.md"))]
PAGES = sorted(ROOT.glob("docs/**/*.md"))
LESSONS = sorted(ROOT.glob("docs/learn/[0-9]*.md"))


def told(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def complaints(path: Path, folder: Path) -> list[str]:
    """Run the blocks of a page in a folder, on a machine without a `dot`, and compare."""
    result = subprocess.run(
        [sys.executable, markdown_blocks.__file__, str(path)],
        cwd=folder,
        env={**os.environ, "PATH": "", "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    # pygraphviz brings a Fontconfig that grumbles at some machines' own settings
    lines = result.stderr.splitlines(keepends=True)
    said = "".join(line for line in lines if not line.startswith("Fontconfig"))
    if result.returncode or said:
        return [said]
    return markdown_blocks.compared(path, json.loads(result.stdout))
