"""May this package be released, as it is committed? And what does its release promise?

    hatch run release:check micrograd-core     every check below, in this order; uploads nothing
    hatch run release:record micrograd-core    write down what the version promises, in api.json

The first check that fails ends it, and says what to do. If all pass, the very files that were
checked are in `dist/micrograd-core-1.0.0/`. A change that breaks programs wants a new major
version, something new a minor one. A version that has no tag yet may still grow; with
`--unreleased` its record may also lose what nobody has yet.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from api_changes import compare, refusal, told
from archives import FIRST, build, check_builds, check_metadata, check_sdist, check_wheel
from local_index import Clean, make_index
from sources import (
    Package,
    Refused,
    check_changelog,
    check_family,
    check_tags,
    check_tree,
    parsed,
)

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))


def step(name: str, check: Callable[[], str]) -> None:
    """Run one check and print what it found."""
    start = time.monotonic()
    found = check().replace("\n", "\n    ")
    print(f"ok  {name} ({time.monotonic() - start:.0f} s)\n    {found}", flush=True)


def forbidden(package: Package, promises: dict[str, str], unreleased: bool = False) -> str:
    """Why these promises may not be those of the package's version; empty if they may."""
    now, (before, recorded) = parsed(package.version), package.recorded()
    if last := package.last_release():
        version, released = last
        if reason := refusal(compare(released, promises), version, now):
            return reason
    changes = compare(recorded, promises)
    is_open = before == now and not package.released  # a version that nobody has yet may grow
    if is_open and (unreleased or not changes.breaking):
        return ""
    reason = refusal(changes, before, now)
    if is_open:
        reason += f"\n{package.tag} is no tag. If nobody has this version yet, you may decide so: "
        reason += f"hatch run release:record {package.name} --unreleased"
    return reason


def check_record(package: Package, promises: dict[str, str]) -> str:
    """Does the source promise exactly what is recorded for this version?"""
    if reason := forbidden(package, promises):
        raise Refused(reason)
    version, recorded = package.recorded()
    if (version, recorded) != (parsed(package.version), promises):
        new = compare(recorded, promises).additions
        found = [f"it is not of {package.version} as it is now", *new]
        again = f"Run and commit: hatch run release:record {package.name}"
        raise Refused(f"{told('api.json is out of date', found)}\n{again}")
    return f"{len(promises)} promises, all as api.json has them"


def check(package: Package, work: Path) -> Path:
    """All checks; the folder with the files to upload."""
    step("tree", lambda: check_tree(package))
    step("changelog", lambda: check_changelog(package))
    step("tags", lambda: check_tags(package))
    step("family", lambda: check_family(package))
    promises = package.describe()
    step("promises", lambda: check_record(package, promises))
    built = work / "builds" / FIRST / "out"
    step("built twice, the same", lambda: check_builds(package, work / "builds"))
    (wheel,), (sdist,) = built.glob("*.whl"), built.glob("*.tar.gz")
    step("wheel", lambda: check_wheel(package, wheel))
    step("sdist", lambda: check_sdist(package, sdist))
    step("metadata", lambda: check_metadata(package, wheel, sdist))
    beside = [build(needed, work / needed.name) for needed in package.needs]
    archives = [path for folder in (built, *beside) for path in folder.iterdir()]
    index = make_index(work / "index", archives)
    clean = Clean(package, work / "clean")
    step("install from the index", lambda: clean.install(index))
    step("promises, installed", lambda: clean.check_api(promises))
    step("its own tests", lambda: clean.test(sdist))
    ready = package.root / "dist" / f"{package.name}-{package.version}"
    shutil.rmtree(ready, ignore_errors=True)
    shutil.copytree(built, ready)
    return ready


def record(package: Package, unreleased: bool) -> None:
    """Write down what this version promises, if it may."""
    promises = package.describe()
    if package.record.exists():
        if reason := forbidden(package, promises, unreleased):
            raise Refused(reason)
        changes = compare(package.recorded()[1], promises)
        for heading, lines in (("Gone", changes.breaking), ("New", changes.additions)):
            if lines:
                print(told(heading, lines))
    package.write_record(promises)
    print(f"{package.record.relative_to(package.root)}: {len(promises)} promises")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="release", description="Checks before a release.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("check", "record"):
        command = commands.add_parser(name)
        command.add_argument("package", choices=PACKAGES)
        if name == "record":
            command.add_argument("--unreleased", action="store_true")
    asked = parser.parse_args(arguments)
    package = Package(ROOT, asked.package)
    try:
        if asked.command == "record":
            record(package, asked.unreleased)
            return 0
        with tempfile.TemporaryDirectory() as work:
            ready = check(package, Path(work))
    except Refused as reason:
        print(f"NO  {reason}", file=sys.stderr)
        return 1
    print(f"{package.name} {package.version} may be released: {ready.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
