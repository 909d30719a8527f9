"""The first micrograd, karpathy's, loaded by path.

Its wheel owns files under `micrograd/`, where ours live too. So it is not installed: the wheel lies
in the environment's folder as it came, and its engine is read from there into a module of another
name.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from types import ModuleType

from case import Absent

FIRST = "micrograd==0.1.0"


@cache
def engine() -> ModuleType:
    """Its `micrograd.engine`, as the module `karpathys_engine`."""
    wheel = _wheel()
    with zipfile.ZipFile(wheel) as archive:
        source = archive.read("micrograd/engine.py").decode("utf-8")
    module = ModuleType("karpathys_engine")
    exec(compile(source, f"{wheel}/micrograd/engine.py", "exec"), module.__dict__)
    return module


def _wheel() -> Path:
    folder = Path(sys.prefix) / "share" / "micrograd-benchmarks"
    if not list(folder.glob("*.whl")):
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        command = [*pip, "download", "--no-deps", "--dest", str(folder), FIRST]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Absent(f"pip could not download {FIRST}: {done.stderr.strip()}")
    return next(folder.glob("*.whl"))
