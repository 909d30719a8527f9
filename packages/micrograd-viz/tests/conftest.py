"""Fixtures of micrograd-viz's suite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

os.environ["MICROGRAD_PLUGINS"] = ""  # whoever is installed beside viz: only the tests' own


class Machine:
    """Installs plugins as pip would leave them behind, and runs programs beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.distributions: list[str] = []

    def install(self, distribution: str, source: str) -> None:
        """Install a distribution of one module, with the imports that a plugin needs."""
        self.distributions.append(distribution)
        module = distribution.replace("-", "_")
        head = "from micrograd.engine import hookimpl\nfrom micrograd.viz import trace\n"
        self.folder.joinpath(f"{module}.py").write_text(head + source, encoding="utf-8")
        info = self.folder / f"{module}-1.2.3.dist-info"
        info.mkdir()
        about = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2.3\n"
        info.joinpath("METADATA").write_text(about, encoding="utf-8")
        entry = f"[micrograd]\n{distribution} = {module}\n"
        info.joinpath("entry_points.txt").write_text(entry, encoding="utf-8")

    def style(self, distribution: str, answer: str) -> None:
        """Install a plugin whose style of a node is this expression of `value`."""
        body = f"@hookimpl\ndef micrograd_node_style(value):\n    return {answer}\n"
        self.install(distribution, body)

    def renderer(self, distribution: str, format: str, answer: str) -> None:
        """Install a plugin whose renderer of a format returns this expression of `picture`."""
        body = f"@hookimpl\ndef micrograd_renderers():\n    return {{{format!r}: render}}\n"
        self.install(distribution, f"def render(picture):\n    return {answer}\n{body}")

    def run(self, program: str) -> tuple[list[str], str]:
        """Run a program in a fresh Python that must end well: its lines, and standard error."""
        path = os.pathsep.join([str(self.folder), *filter(None, sys.path)])
        chosen = {"PYTHONPATH": path, "MICROGRAD_PLUGINS": ",".join(self.distributions)}
        ran = subprocess.run(
            [sys.executable, "-c", PREAMBLE + program],
            env={**os.environ, **chosen},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
        return ran.stdout.splitlines(), ran.stderr


PREAMBLE = """
from micrograd.engine import Value, hookimpl, plugins
from micrograd.viz import draw_dot, trace

x = Value(2.0, name="x")
y = x * Value(3.0, name="y")

def boxes(picture):
    return [line.strip() for line in picture if 'class="value ' in line]

def error(f, *arguments, **settings):
    try:
        f(*arguments, **settings)
    except Exception as caught:
        return f"{type(caught).__name__}: {caught}"
    raise AssertionError("no error")
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine on which a test may install plugins."""
    folder = tmp_path / "installed"
    folder.mkdir()
    return Machine(folder)


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
        pytest.skip("Windows takes no script for dot.exe, and this one tells its arguments")
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
