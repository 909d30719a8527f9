"""Fixtures: the wheels, built once a session, and clean environments to install them into."""

from __future__ import annotations

import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from environments import FIRST, MEMBERS, SWISH, Environment, pip, requirement


@pytest.fixture(scope="session")
def wheelhouse(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our wheels, freshly built, the example plugin's, and all that they need."""
    house = tmp_path_factory.mktemp("wheelhouse")
    projects = [root / "packages" / name for name in MEMBERS]
    projects.append(root / "examples" / "plugins" / SWISH)
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", house, *projects, cwd=house)
    built = sorted(house.glob("*.whl"))
    assert len(built) == len(projects)
    wanted = (*built, requirement("micrograd-viz[png]"), FIRST)
    pip("download", "--dest", house, "--find-links", house, *wanted, cwd=house)
    return house


@pytest.fixture(scope="session")
def environment(
    wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Environment]:
    """Make a clean environment and install into it, one pip call per argument."""

    def make(*steps: tuple[str, ...]) -> Environment:
        folder = tmp_path_factory.mktemp("environment")
        venv.create(folder, with_pip=False, symlinks=sys.platform != "win32")
        made = Environment(folder, wheelhouse)
        for names in steps:
            made.install(*names)
        return made

    return make
