"""What is released: a package's folder, its version and changelog, and the git history around it.

A release has a tag, `micrograd-core-1.0.0`. Each package has its own, so that one is released
without the others.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from api_changes import Changes, compare

HERE = Path(__file__).resolve().parent
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
# Public, and named by no `__all__` above them: the page for plugin authors promises them.
FURTHER = {
    "micrograd-core": ["micrograd.engine.testing"],
    "micrograd-viz": ["micrograd.viz.plots"],
}

Version = tuple[int, ...]


class Refused(Exception):
    """Why there is no release, in words for the maintainer."""


def parsed(text: str) -> Version:
    if not re.fullmatch(r"\d+\.\d+\.\d+", text):
        raise Refused(f"The version {text!r} is not major.minor.patch, such as 1.2.0.")
    return tuple(map(int, text.split(".")))


@dataclass(frozen=True)
class Package:
    """A package of a checkout."""

    root: Path
    name: str

    @property
    def folder(self) -> Path:
        return self.root / "packages" / self.name

    @property
    def place(self) -> str:
        """Its folder, as git names it."""
        return f"packages/{self.name}"

    @property
    def declared(self) -> dict[str, Any]:
        text = self.folder.joinpath("pyproject.toml").read_text("utf-8")
        project: dict[str, Any] = tomllib.loads(text)["project"]
        return project

    @property
    def version(self) -> str:
        """What `_version.py` says."""
        (path,) = self.folder.glob("src/micrograd/*/_version.py")
        found = re.search(r"^__version__ = (.+)$", path.read_text("utf-8"), re.MULTILINE)
        if found is None:
            raise Refused(f"{path.relative_to(self.root)} sets no __version__.")
        return str(ast.literal_eval(found[1]))

    @property
    def parts(self) -> list[str]:
        """The import packages under `micrograd` that it owns."""
        return sorted(path.parent.name for path in self.folder.glob("src/micrograd/*/__init__.py"))

    @property
    def modules(self) -> list[str]:
        """The modules whose `__all__` is a promise."""
        order = sorted(self.parts, key=lambda part: part == "utils")
        return [*(f"micrograd.{part}" for part in order), *FURTHER.get(self.name, [])]

    @property
    def needs(self) -> list[Package]:
        """The packages of the family that it declares."""
        names = [Requirement(line).name for line in self.declared["dependencies"]]
        return [Package(self.root, name) for name in names if name.startswith("micrograd-")]

    def git(self, *arguments: str) -> bytes:
        command = ["git", "-C", str(self.root), *arguments]
        result = subprocess.run(command, capture_output=True)
        if result.returncode:
            told = result.stderr.decode("utf-8", "replace").strip()
            raise Refused(f"git {' '.join(arguments)} failed: {told}")
        return result.stdout

    def lines(self, *arguments: str) -> list[str]:
        return self.git(*arguments).decode("utf-8").splitlines()

    @property
    def tracked(self) -> set[str]:
        """The files of its folder that git has, by their path in it."""
        names = self.git("ls-files", "-z", "--", self.place).decode("utf-8").split("\0")
        return {name.removeprefix(f"{self.place}/") for name in names if name}

    def export(self, folder: Path) -> Path:
        """Its files as they are committed, and nothing else that lies in the checkout."""
        archive = self.git("archive", "--format=tar", "HEAD", "--", self.place)
        with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
            opened.extractall(folder, filter="data")
        return folder / self.place

    def describe(self) -> dict[str, str]:
        """What its source promises, with the sources of what it needs beside it."""
        sources = [str(one.folder / "src") for one in (self, *self.needs)]
        return described(sys.executable, self.modules, PYTHONPATH=os.pathsep.join(sources))

    @property
    def tag(self) -> str:
        """The tag of its version, once it is released."""
        return f"{self.name}-{self.version}"

    @property
    def tags(self) -> dict[Version, str]:
        """The tags of its releases, by version."""
        names = self.lines("tag", "--list", f"{self.name}-*")
        return {parsed(name.removeprefix(f"{self.name}-")): name for name in names}

    @property
    def released(self) -> bool:
        return self.tag in self.tags.values()

    def last_release(self) -> tuple[Version, dict[str, str]] | None:
        """The version that was released last, and what was recorded under its tag."""
        if not self.tags:
            return None
        version = max(self.tags)
        text = self.git("show", f"{self.tags[version]}:{self.place}/{self.record.name}")
        return version, json.loads(text)["promises"]

    @property
    def record(self) -> Path:
        """The file that holds what the last release promised."""
        return self.folder / "api.json"

    def recorded(self) -> tuple[Version, dict[str, str]]:
        """The version that is recorded, and its promises."""
        found = json.loads(self.record.read_text("utf-8"))
        return parsed(found["version"]), found["promises"]

    def write_record(self, promises: dict[str, str]) -> None:
        content = {"version": self.version, "promises": promises}
        text = json.dumps(content, indent=1, ensure_ascii=False)
        self.record.write_text(f"{text}\n", "utf-8")

    def changes(self) -> Changes:
        """What the source changed since the record."""
        return compare(self.recorded()[1], self.describe())


def described(python: str | Path, modules: list[str], **environment: str) -> dict[str, str]:
    """What modules promise, asked in a fresh process, without any plugin."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    result = subprocess.run(
        [str(python), str(HERE / "public_api.py"), *modules],
        env={**kept, **environment, "MICROGRAD_PLUGINS": ""},
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise Refused(f"{', '.join(modules)} cannot be described:\n{result.stderr}")
    promises: dict[str, str] = json.loads(result.stdout)
    return promises


def check_tree(package: Package) -> str:
    """Is all that will be released committed?"""
    changed = package.lines("status", "--porcelain")
    if changed:
        listed = "\n".join(changed[:20])
        raise Refused(f"The checkout holds what is not committed:\n{listed}\nCommit or remove it.")
    (commit,) = package.lines("log", "-1", "--format=%h of %cs")
    return f"commit {commit}, nothing else in the checkout"


def check_changelog(package: Package) -> str:
    """Does the changelog begin with this version, and say something about it?"""
    text = package.folder.joinpath("CHANGELOG.md").read_text("utf-8")
    first, *older = HEADING.findall(text) or [""]
    version = package.version
    if first != version:
        raise Refused(
            f"{package.place}/CHANGELOG.md begins with {first or 'no version'!r}, but _version.py "
            f"says {version!r}. Make them agree."
        )
    versions = [parsed(one) for one in (first, *older)]
    if versions != sorted(set(versions), reverse=True):
        raise Refused(f"The versions in {package.place}/CHANGELOG.md are not from new to old.")
    body = HEADING.split(text)[2]
    items = re.findall(r"^- ", body, re.MULTILINE)
    if not items:
        raise Refused(f"{package.place}/CHANGELOG.md says nothing about {version}. Write a line.")
    return f"{version}, with {len(items)} entries in the changelog"


def check_tags(package: Package) -> str:
    """Is this version new, or the very commit that was released under it?"""
    tags, tag, version = package.tags, package.tag, package.version
    for found in package.lines("tag", "--points-at", "HEAD", "--list", f"{package.name}-*"):
        if found != tag:
            raise Refused(f"This commit has the tag {found}, but _version.py says {version}.")
    last = tags[max(tags)] if tags else "none"
    if tags and max(tags) > parsed(version):
        raise Refused(f"{last} is released, which is newer than {version}. Raise _version.py.")
    if last != tag:
        return f"no tag {tag} yet; last release: {last}"
    if package.lines("diff", "--name-only", tag, "HEAD", "--", package.place):
        raise Refused(
            f"{tag} is released, and {package.place} has changed since. Raise _version.py and open "
            "a section in the changelog."
        )
    return f"as it was released under the tag {tag}"


def check_family(package: Package) -> str:
    """Do the ranges admit the versions of the family in this checkout?"""
    told = []
    for needed in package.needs:
        lines = [Requirement(line) for line in package.declared["dependencies"]]
        (line,) = (one for one in lines if one.name == needed.name)
        if not line.specifier.contains(needed.version):
            raise Refused(f"{package.name} asks for {line}, but here is {needed.version}.")
        told.append(f"{line} is met by {needed.version}")
    return "; ".join(told) or "needs no other of the family"
