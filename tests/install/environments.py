"""Clean environments with the built wheels in them, as somebody who only runs pip would have."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

import markdown_blocks

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = ("micrograd-core", "micrograd-nn", "micrograd-viz")
SWISH = "micrograd-swish"
# The first micrograd, whose wheel owns micrograd/__init__.py, micrograd/engine.py and nn.py.
FIRST = "micrograd==0.1.0"

# What a row of the matrix installs, and which import packages of the family it then has.
ROWS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "core alone": (("micrograd-core",), {"engine"}),
    "core and nn": (("micrograd-nn",), {"engine", "nn"}),
    "core and viz": (("micrograd-viz",), {"engine", "viz", "utils"}),
    "all": (MEMBERS, {"engine", "nn", "viz", "utils"}),
}

# What each of our distributions brings.
PARTS = {"micrograd-core": {"engine"}, "micrograd-nn": {"nn"}, "micrograd-viz": {"viz", "utils"}}


@dataclass(frozen=True)
class Project:
    """A plugin's source folder, and what it declares."""

    folder: Path

    @property
    def declared(self) -> dict[str, Any]:
        text = self.folder.joinpath("pyproject.toml").read_text("utf-8")
        project: dict[str, Any] = tomllib.loads(text)["project"]
        return project

    @property
    def module(self) -> str:
        """What its one entry point names."""
        (module,) = self.declared["entry-points"]["micrograd"].values()
        return str(module)

    @property
    def hooks(self) -> set[str]:
        """The hooks that its source implements."""
        trees = [ast.parse(one.read_text("utf-8")) for one in self.folder.glob("src/**/*.py")]
        functions = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        return {f.name for f in functions if f.name.startswith("micrograd_")}

    @property
    def parts(self) -> set[str]:
        """The parts of the family that pip installs with it."""
        needed = [Requirement(line).name for line in self.declared["dependencies"]]
        return {"engine"}.union(*(PARTS.get(name, set()) for name in needed))


PLUGINS = {
    one.parent.name: Project(one.parent)
    for one in sorted(ROOT.glob("examples/plugins/*/pyproject.toml"))
}

# The first sample of the seed document, unchanged but for its closing prints.
SEED_SAMPLE = """
from micrograd.engine import Value
a = Value(-4.0)
b = Value(2.0)
c = a + b
d = a * b + b**3
c += c + 1
c += 1 + c + (-a)
d += d * 2 + (b + a).relu()
d += 3 * d + (b - a).relu()
e = c - d
f = e**2
g = f / 2.0
g += 10.0 / f
g.backward()
print(f"{g.data:.4f} {a.grad:.4f} {b.grad:.4f}")
"""


def requirement(name: str) -> str:
    """A requirement as we tell users to write it."""
    return f"{name}>=1,<2" if name.partition("[")[0] in MEMBERS else name


def pip(*arguments: str | Path, cwd: Path) -> None:
    """Run this Python's pip; a failure shows what pip said."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}\n{result.stderr}"


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and an empty folder to run programs in."""

    folder: Path
    wheelhouse: Path

    @property
    def python(self) -> Path:
        windows = sys.platform == "win32"
        return self.folder / ("Scripts/python.exe" if windows else "bin/python")

    def copy(self, folder: Path) -> Environment:
        """Another environment that holds the same; the files are shared until they are replaced."""
        shutil.copytree(self.folder, folder, symlinks=True, copy_function=os.link)
        return Environment(folder, self.wheelhouse)

    def install(self, *names: str) -> None:
        """Install from the wheelhouse alone."""
        options = ("--no-index", "--find-links", self.wheelhouse, "--no-compile")
        wanted = [requirement(name) for name in names]
        pip("--python", self.python, "install", *options, *wanted, cwd=self.folder)

    def uninstall(self, *names: str) -> None:
        pip("--python", self.python, "uninstall", "--yes", *names, cwd=self.folder)

    def start(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Start the environment's Python with nothing of ours or of this machine around it.

        The PATH is empty, so no `dot` is found: pictures must come from what pip installed.
        """
        empty = self.folder / "empty"
        empty.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
        return subprocess.run(
            [str(self.python), "-I", *arguments],
            cwd=empty,
            env={**kept, "PATH": ""},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def run(self, code: str) -> str:
        """What a program prints; it must end well and be silent on standard error."""
        result = self.start("-W", "error", "-c", code)
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
        return result.stdout.strip()

    def walk(self, page: Path) -> list[str]:
        """Run the blocks of a page, in the folder of its name; what is wrong with what they print.

        Its `pip` finds our wheels in the place of the package index.
        """
        folder = self.folder / page.stem
        folder.mkdir(exist_ok=True)
        index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheelhouse)}
        result = subprocess.run(
            [str(self.python), markdown_blocks.__file__, str(page)],
            cwd=folder,
            env={"PATH": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **index},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )
        if result.returncode or result.stderr:
            return [result.stderr]
        return markdown_blocks.compared(page, json.loads(result.stdout))

    def fails(self, code: str) -> str:
        """The last line of the traceback of a program that must fail."""
        result = self.start("-c", code)
        assert result.returncode == 1, result.stdout
        return result.stderr.strip().splitlines()[-1]
