"""What the tests of the core share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import micrograd.engine


def pytest_sessionstart(session: pytest.Session) -> None:
    """Another micrograd owns `micrograd/engine.py`; testing that one would prove nothing."""
    file = Path(micrograd.engine.__file__ or "nowhere")
    if file.name != "__init__.py" or not hasattr(micrograd.engine, "gradients"):
        raise pytest.UsageError(f"`import micrograd.engine` gave {file}, which is not ours.")


@pytest.fixture
def rng() -> np.random.Generator:
    """Randomness that is the same in every run; no test seeds anything else."""
    return np.random.default_rng(20260101)
