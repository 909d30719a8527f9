"""Does mypy see the types of the packages when they are installed, as a plugin's author has them?

    hatch run types:installed

`mypy.ini` lets `hatch run types:check` read our sources. Here the wheels are built and installed
into a clean environment, and mypy reads `plugin.py` there, alone and with no settings but --strict:
py.typed must be in each wheel, and the namespace found without a `micrograd/__init__.py`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = sorted(path.parent for path in HERE.parents[1].glob("packages/*/pyproject.toml"))


def run(*command: str | Path, cwd: Path) -> int:
    return subprocess.run([str(part) for part in command], cwd=cwd).returncode


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
        wheels, clean = folder / "wheels", folder / "clean"
        venv.create(clean, symlinks=sys.platform != "win32")
        python = clean / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        shutil.copy(HERE / "plugin.py", folder)
        strict = ("--strict", "--config-file=", "--python-executable", python)
        return (
            run(*pip, "wheel", "--quiet", "--no-deps", "-w", wheels, *PACKAGES, cwd=folder)
            or run(*pip, "--python", python, "install", "-q", *wheels.glob("*"), cwd=folder)
            or run(sys.executable, "-m", "mypy", *strict, "plugin.py", cwd=folder)
        )


if __name__ == "__main__":
    raise SystemExit(main())
