"""What the suite of the whole family asks before its first test (is this our micrograd?), and the
wheels and clean environments that several of its folders install."""

from __future__ import annotations

import platform
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import micrograd.engine
from environments import FIRST, MEMBERS, PLUGINS, ROWS, Environment, pip, requirement

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "packages" / "micrograd-core" / "src" / "micrograd" / "engine"
TOOLS = ("hatchling>=1.27,<2", "editables", "pytest>=8.3")  # what an author of a plugin needs


def pytest_sessionstart(session: pytest.Session) -> None:
    found = getattr(micrograd.engine, "__file__", None)
    if found is None or Path(found).resolve().parent != SOURCE:
        raise pytest.UsageError(
            f"these tests are for {SOURCE}, but `import micrograd.engine` gave {found}. "
            "Run them through hatch (`hatch test family`), or take the other micrograd out of "
            "this environment: pip uninstall micrograd"
        )


def pytest_report_header() -> str:
    core = micrograd.engine.__version__
    return f"micrograd-core {core}, NumPy {np.__version__}, Python {platform.python_version()}"


@pytest.fixture
def rng() -> np.random.Generator:
    """A fresh generator with a fixed seed, one per test."""
    return np.random.default_rng(20260101)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our wheels, freshly built, those of the example plugins, and all that they need."""
    house = tmp_path_factory.mktemp("wheelhouse")
    projects = [ROOT / "packages" / name for name in MEMBERS]
    projects += [plugin.folder for plugin in PLUGINS.values()]
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", house, *projects, cwd=house)
    built = sorted(house.glob("*.whl"))
    assert len(built) == len(projects)
    wanted = (*built, requirement("micrograd-viz[png]"), FIRST, *TOOLS)
    pip("download", "--dest", house, "--find-links", house, *wanted, cwd=house)
    return house


@pytest.fixture(scope="session")
def environment(
    wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Environment]:
    """Make a clean environment and install into it, one pip call per argument."""

    def make(*steps: tuple[str, ...], with_pip: bool = False) -> Environment:
        folder = tmp_path_factory.mktemp("environment")
        venv.create(folder, with_pip=with_pip, symlinks=sys.platform != "win32")
        made = Environment(folder, wheelhouse)
        for names in steps:
            made.install(*names)
        return made

    return make


@pytest.fixture(scope="session")
def environment_of(
    environment: Callable[..., Environment], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Environment]:
    """The environment of a row of the matrix, alone or with a plugin; each is made once.

    Who changes one (by uninstalling, say) takes an `environment` of his own.
    """
    made: dict[tuple[str, str], Environment] = {}

    def get(row: str, plugin: str = "") -> Environment:
        if (row, plugin) not in made:
            if plugin:
                folder = tmp_path_factory.mktemp("environment") / "copy"
                made[row, plugin] = get(row).copy(folder)
                made[row, plugin].install(plugin)
            else:
                made[row, plugin] = environment(ROWS[row][0])
        return made[row, plugin]

    return get
