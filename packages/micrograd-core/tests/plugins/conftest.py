"""A machine of its own for each test: a folder of installed distributions, and a fresh Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest


class Ran(NamedTuple):
    """What a program wrote."""

    out: str
    err: str


class Machine:
    """Installs distributions as pip would leave them behind, and runs programs beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(
        self,
        distribution: str,
        source: str,
        *,
        module: str = "",
        entry_points: dict[str, str] | None = None,
    ) -> str:
        """Install a distribution of one module; by default with one entry point for it."""
        module = module or distribution.replace("-", "_")
        path = self.folder.joinpath(*module.split("."), "__init__.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        info = self.folder / f"{distribution.replace('-', '_')}-1.2.3.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2.3\n"
        info.joinpath("METADATA").write_text(metadata, encoding="utf-8")
        entries = {distribution: module} if entry_points is None else entry_points
        lines = ["[micrograd]", *(f"{name} = {value}" for name, value in entries.items())]
        info.joinpath("entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
        return distribution

    def install_op(self, distribution: str, name: str, factor: float = 1.0, *more: str) -> str:
        """Install a distribution that offers ops: `name` multiplies by `factor`."""
        offered = ", ".join(f'"{one}": {name}' for one in (name, *more))
        return self.install(
            distribution,
            f"""
from micrograd.engine import hookimpl, op

@op
def {name}(x):
    return x * {factor}

@{name}.gradient("x")
def _(g, out, x):
    return g * {factor}

@hookimpl
def micrograd_ops():
    return {{{offered}}}
""",
        )

    def run(self, program: str, *flags: str, **environment: str) -> Ran:
        """Run a program in a fresh Python that must end well."""
        ran = self.start(*flags, "-c", PREAMBLE + program, **environment)
        assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
        return Ran(ran.stdout, ran.stderr)

    def start(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Start a fresh Python beside what is installed."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MICROGRAD_PLUGINS")}
        path = os.pathsep.join([str(self.folder), *filter(None, sys.path)])
        return subprocess.run(
            [sys.executable, *arguments],
            env={**kept, "PYTHONPATH": path, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )


PREAMBLE = """
import sys
from micrograd.engine import Value, hookimpl, op, ops, plugins

v = Value([1.0, 2.0])

def refused():
    return sorted(r.distribution for r in plugins.report() if r.status == "refused")

def error(f, *arguments, **settings):
    try:
        f(*arguments, **settings)
    except Exception as caught:
        return f"{type(caught).__name__}: {caught}"
    raise AssertionError("no error")
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)
