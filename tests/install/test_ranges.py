"""Are the ranges that the packages declare closed, is their lower end what CI tests, and does pip
hold to them?"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from environments import MEMBERS, PLUGINS


def declared(root: Path) -> dict[str, Requirement]:
    """All requirements of the three packages, extras too, by name."""
    found: dict[str, Requirement] = {}
    for package in MEMBERS:
        path = root / "packages" / package / "pyproject.toml"
        project = tomllib.loads(path.read_text("utf-8"))["project"]
        extras = project.get("optional-dependencies", {}).values()
        for line in [*project["dependencies"], *(line for extra in extras for line in extra)]:
            requirement = Requirement(line)
            found[requirement.name] = requirement
    return found


# wasmtime counts a major version a month: a bound would be wrong before our next release.
UNBOUNDED = {"wasmtime"}


def bounds(requirement: Requirement) -> dict[str, str]:
    return {specifier.operator: specifier.version for specifier in requirement.specifier}


def test_every_requirement_has_a_lower_and_an_upper_bound(root: Path) -> None:
    open_ended = [
        str(requirement)
        for name, requirement in declared(root).items()
        if set(bounds(requirement)) != ({">="} if name in UNBOUNDED else {">=", "<"})
    ]
    assert open_ended == []


def test_members_of_the_family_ask_for_each_other_below_the_next_major_version(
    root: Path,
) -> None:
    ours = {name: bounds(need) for name, need in declared(root).items() if name in MEMBERS}
    assert ours == {"micrograd-core": {">=": "1", "<": "2"}}


@pytest.mark.parametrize("name", PLUGINS)
def test_an_example_plugin_shows_how_to_ask_for_the_family(name: str) -> None:
    project = PLUGINS[name].declared
    extras = project.get("optional-dependencies", {}).values()
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    ours = {need.name: bounds(need) for need in map(Requirement, lines) if need.name in MEMBERS}
    assert "micrograd-core" in ours or "micrograd-viz" in ours
    for needed in ours.values():
        assert (Version(needed[">="]).major, needed["<"]) == (1, "2")


def test_ci_tests_the_oldest_version_that_each_range_allows(root: Path) -> None:
    lines = (root / "tests" / "install" / "oldest.txt").read_text("utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    tested = {pin.name: Version(bounds(pin)["=="].removesuffix(".*")) for pin in pins}
    for name, requirement in declared(root).items():
        if name in MEMBERS or name == "pygraphviz":  # pygraphviz comes with no default install
            continue
        assert name in tested, f"{name} is not in tests/install/oldest.txt"
        least = Version(bounds(requirement)[">="])
        assert tested[name].release[:2] == (*least.release, 0)[:2]


@pytest.mark.parametrize("package", MEMBERS)
def test_the_pythons_that_a_package_names_are_those_that_ci_runs(root: Path, package: str) -> None:
    path = root / "packages" / package / "pyproject.toml"
    project = tomllib.loads(path.read_text("utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)$", "\n".join(project["classifiers"]), re.MULTILINE)
    ci = root.joinpath(".ci", "run").read_text("utf-8")
    (further,) = re.findall(r"^  for version in ([\d. ]+); do$", ci, re.MULTILINE)
    (least,) = re.findall(r"sys\.version_info < \((\d+), (\d+)\)", ci)
    assert named == [".".join(least), *further.split()]
    assert project["requires-python"] == f">={named[0]}"


# --- what pip's resolver does with them ----------------------------------------------------------

OTHERS = ("0.9.0", "2.0.0")
DEPENDENT = [name for name in (*MEMBERS, *PLUGINS) if name != "micrograd-core"]


@pytest.fixture(scope="module")
def other_cores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheels of micrograd-core in versions that nothing of today was tested with."""
    folder = tmp_path_factory.mktemp("other_cores")
    for version in OTHERS:
        info = f"micrograd_core-{version}.dist-info"
        with zipfile.ZipFile(folder / f"micrograd_core-{version}-py3-none-any.whl", "w") as wheel:
            names = f"Name: micrograd-core\nVersion: {version}\n"
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\n{names}")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    return folder


def resolve(report: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Ask pip what it would install."""
    options = ("install", "--dry-run", "--ignore-installed", "--no-index", "--report", report)
    command = [sys.executable, "-m", "pip", *map(str, (*options, *arguments))]
    return subprocess.run(command, cwd=report.parent, capture_output=True, text=True)


@pytest.mark.parametrize("name", DEPENDENT)
def test_pip_takes_the_core_within_the_range_where_it_can_choose(
    wheelhouse: Path, other_cores: Path, tmp_path: Path, name: str
) -> None:
    report = tmp_path / "report.json"
    result = resolve(report, "--find-links", other_cores, "--find-links", wheelhouse, name)
    assert result.returncode == 0, result.stderr
    chosen = [one["metadata"] for one in json.loads(report.read_text("utf-8"))["install"]]
    versions = {one["name"]: one["version"] for one in chosen}
    assert Version(versions["micrograd-core"]).major == 1


@pytest.mark.parametrize("version", OTHERS)
@pytest.mark.parametrize("name", DEPENDENT)
def test_pip_refuses_another_core(
    wheelhouse: Path, other_cores: Path, tmp_path: Path, name: str, version: str
) -> None:
    wanted = (name, f"micrograd-core=={version}")
    houses = ("--find-links", other_cores, "--find-links", wheelhouse)
    result = resolve(tmp_path / "report.json", *houses, *wanted)
    assert result.returncode == 1
    assert "ResolutionImpossible" in result.stderr
    assert f"The user requested micrograd-core=={version}" in result.stdout
    # All else is right: without the plugin or package, the same core would be taken.
    assert resolve(tmp_path / "report.json", *houses, wanted[1]).returncode == 0
