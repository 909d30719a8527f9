"""A small checkout of its own, for tests that plant mistakes in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from planted import Checkout

LEFT_OUT = shutil.ignore_patterns("tests", "__pycache__", ".hypothesis")


@pytest.fixture(scope="session")
def first_checkout(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(root / "packages", folder / "packages", ignore=LEFT_OUT)
    shutil.copytree(root / "tests" / "release", folder / "tests" / "release", ignore=LEFT_OUT)
    for name in (".gitignore", "hatch.toml"):
        shutil.copy(root / name, folder)
    checkout = Checkout(folder)
    checkout.git("init", "--quiet")
    # Whatever this checkout still has to record, the copy begins with a record of today.
    for package in map(checkout.package, ("micrograd-core", "micrograd-nn", "micrograd-viz")):
        package.write_record(package.describe())
    checkout.commit()
    return folder


@pytest.fixture
def checkout(first_checkout: Path, tmp_path: Path) -> Checkout:
    return Checkout(shutil.copytree(first_checkout, tmp_path / "checkout"))
