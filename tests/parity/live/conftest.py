"""The seed of the shapes that are drawn anew in every run."""

from __future__ import annotations

import os
import secrets

import pytest
import torch

SEED = int(os.environ.get("PARITY_SEED") or secrets.randbelow(2**31))


def pytest_report_header() -> str:
    return f"PyTorch {torch.__version__}, PARITY_SEED={SEED}"


@pytest.fixture(scope="session")
def seed() -> int:
    """What the shapes and numbers of this run come from."""
    return SEED
