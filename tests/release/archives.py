"""Are wheel and sdist the same each time they are built, and do they hold what they should?"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from email.parser import Parser
from pathlib import Path

from sources import Package, Refused

INFO = {"METADATA", "RECORD", "WHEEL", "licenses/LICENSE"}
# An sdist holds src, tests and these; api.json is for maintainers.
PAGES = {"CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml"}
# Two builds differ in all that must not count: the folder's name, hashes, time zone, permissions.
FIRST, SECOND = "here", "another place"
HABITS = {
    FIRST: ({"PYTHONHASHSEED": "1", "TZ": "UTC"}, 0o022),
    SECOND: ({"PYTHONHASHSEED": "2", "TZ": "Pacific/Auckland"}, 0o077),
}


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a command prints; one that fails is a refusal with its output."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode:
        raise Refused(f"`{' '.join(map(str, command))}` failed:\n{result.stdout.rstrip()}")
    return result.stdout


def build(package: Package, work: Path, place: str = FIRST) -> Path:
    """Build the sdist from what is committed, the wheel from the sdist; the folder of both."""
    environment, mask = HABITS[place]
    work.mkdir(parents=True, exist_ok=True)
    before = os.umask(mask)
    try:
        project = package.export(work / place)
        out = work / place / "out"
        (epoch,) = package.lines("log", "-1", "--format=%ct")
        command = (sys.executable, "-m", "build", "--outdir", out, project)
        run(*command, cwd=work, SOURCE_DATE_EPOCH=epoch, **environment)
    finally:
        os.umask(before)
    return out


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_same(one: Path, other: Path) -> str:
    """Are these two folders of archives equal, byte for byte?"""
    names = [sorted(path.name for path in folder.iterdir()) for folder in (one, other)]
    if names[0] != names[1]:
        raise Refused(f"Two builds gave {names[0]} and {names[1]}.")
    different = [name for name in names[0] if digest(one / name) != digest(other / name)]
    if different:
        raise Refused(f"Two builds of one commit differ in {', '.join(different)}.")
    return "\n".join(f"{digest(one / name)}  {name}" for name in names[0])


def check_builds(package: Package, work: Path) -> str:
    """Build twice, under other circumstances, and compare."""
    return check_same(build(package, work), build(package, work, SECOND))


def expect(archive: str, found: set[str], wanted: set[str]) -> str:
    """Refuse what is missing or too much; else the number of files in each folder."""
    wrong = [f"{name} is missing" for name in sorted(wanted - found)]
    wrong += [f"{name} does not belong there" for name in sorted(found - wanted)]
    if wrong:
        raise Refused("\n  - ".join([f"{archive}:", *wrong]))
    folders = Counter(name.rpartition("/")[0] + "/" for name in found)
    return "\n".join([archive, *(f"{folders[one]:5d}  {one}" for one in sorted(folders))])


def check_wheel(package: Package, wheel: Path) -> str:
    """The committed sources, the metadata, and nothing else: no test, nobody's namespace."""
    info = f"{package.name.replace('-', '_')}-{package.version}.dist-info"
    with zipfile.ZipFile(wheel) as opened:
        found = opened.namelist()
    if len(found) != len(set(found)):
        raise Refused(f"{wheel.name} holds a file twice.")
    homes = tuple(f"micrograd/{part}/" for part in package.parts)
    strange = [name for name in found if not name.startswith((*homes, f"{info}/"))]
    if strange:
        raise Refused(f"{wheel.name} holds {', '.join(strange)}, outside of {', '.join(homes)}.")
    untyped = [home for home in homes if f"{home}py.typed" not in found]
    if untyped:
        raise Refused(f"{wheel.name} has no py.typed in {', '.join(untyped)}.")
    sources = {name.removeprefix("src/") for name in package.tracked if name.startswith("src/")}
    entered = {"entry_points.txt"} if "entry-points" in package.declared else set()
    return expect(wheel.name, set(found), sources | {f"{info}/{name}" for name in INFO | entered})


def check_sdist(package: Package, sdist: Path) -> str:
    """The sources, the tests and the pages, as they are committed."""
    top = f"{package.name.replace('-', '_')}-{package.version}/"
    with tarfile.open(sdist) as opened:
        found = {one.name.removeprefix(top) for one in opened.getmembers() if one.isfile()}
    tracked = {
        name for name in package.tracked if name in PAGES or name.startswith(("src/", "tests/"))
    }
    return expect(sdist.name, found, tracked | PAGES | {"PKG-INFO"})


def check_metadata(package: Package, wheel: Path, sdist: Path) -> str:
    """Does it say what pyproject.toml says, and would the index take it?"""
    with zipfile.ZipFile(wheel) as opened:
        (path,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        found = Parser().parsestr(opened.read(path).decode("utf-8"))
    wanted = {
        "Name": package.name,
        "Version": package.version,
        "Requires-Python": package.declared["requires-python"],
        "License-Expression": package.declared["license"],
    }
    wrong = [
        f"{key} is {found[key]!r}, not {wanted[key]!r}"
        for key in wanted
        if found[key] != wanted[key]
    ]
    if wrong:
        raise Refused(f"{wheel.name}: {'; '.join(wrong)}.")
    command = (sys.executable, "-m", "twine", "--no-color", "check", "--strict", wheel, sdist)
    run(*command, cwd=wheel.parent)
    return "\n".join(found.get_all("Requires-Dist", ["needs nothing"]))
