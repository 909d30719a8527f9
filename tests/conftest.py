"""What the suite of the whole family asks before its first test: is this our micrograd?"""

from __future__ import annotations

import platform
from pathlib import Path

import numpy as np
import pytest

import micrograd.engine

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "packages" / "micrograd-core" / "src" / "micrograd" / "engine"


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
