"""Are the ranges that the packages declare closed, and is their lower end what CI tests?"""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from environments import MEMBERS


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
