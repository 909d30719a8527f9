"""Does it install as a user would install it, from an index, and pass its own tests there?

The index is a folder of pages as PEP 503 wants them, with our archives and their checksums. What
they need besides comes from where pip finds packages on this machine.
"""

from __future__ import annotations

import html
import json
import shutil
import sys
import tarfile
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path

from archives import digest, run
from sources import Package, Refused, described


def make_index(folder: Path, archives: list[Path]) -> str:
    """Write the index; its URL."""
    files, projects = folder / "files", {}
    files.mkdir(parents=True)
    for archive in archives:
        shutil.copy(archive, files)
        name = archive.name.split("-")[0].replace("_", "-")
        projects.setdefault(name, []).append(archive)
    page = folder / "simple"
    write(page, {name: f"{name}/" for name in projects})
    for name, found in projects.items():
        links = {one.name: f"../../files/{one.name}#sha256={digest(one)}" for one in found}
        write(page / name, links)
    return page.as_uri()


def write(folder: Path, links: dict[str, str]) -> None:
    """One page of links."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = [f'<a href="{html.escape(links[name])}">{name}</a><br>' for name in sorted(links)]
    text = "\n".join(["<!DOCTYPE html>", "<html><body>", *shown, "</body></html>", ""])
    folder.joinpath("index.html").write_text(text, "utf-8")


@dataclass(frozen=True)
class Suite:
    """What `hatch.toml` says about a package's own suite: its extras and its tools."""

    extras: list[str]
    tools: list[str]


def suite(package: Package) -> Suite:
    environments = tomllib.loads((package.root / "hatch.toml").read_text("utf-8"))["envs"]
    found = environments[f"suite-{package.name.removeprefix('micrograd-')}"]
    members = [one for one in found["workspace"]["members"] if isinstance(one, dict)]
    extras = [extra for one in members if one["path"] == package.place for extra in one["features"]]
    return Suite(extras, found["dependencies"])


@dataclass(frozen=True)
class Clean:
    """A virtual environment that holds a package from the index, and the tools of its suite."""

    package: Package
    folder: Path

    @property
    def python(self) -> Path:
        windows = sys.platform == "win32"
        return self.folder / ("Scripts/python.exe" if windows else "bin/python")

    def install(self, index: str) -> str:
        """Install as our pages say, from the index; what was installed."""
        venv.create(self.folder, symlinks=sys.platform != "win32")
        wanted, report = suite(self.package), self.folder / "report.json"
        extras = f"[{','.join(wanted.extras)}]" if wanted.extras else ""
        requirement = f"{self.package.name}{extras}>=1,<2"
        pip = (sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check")
        options = ("--quiet", "--extra-index-url", index, "--report", report)
        run(*pip, "install", *options, requirement, *wanted.tools, cwd=self.folder)
        run(*pip, "check", cwd=self.folder)
        return self.came_from(report, index.removesuffix("simple"))

    def came_from(self, report: Path, place: str) -> str:
        """Refuse if a member of the family came from anywhere but our index."""
        told = []
        for one in json.loads(report.read_text("utf-8"))["install"]:
            name, version = one["metadata"]["name"], one["metadata"]["version"]
            url = one["download_info"]["url"]
            if name.startswith("micrograd-") and not url.startswith(place):
                raise Refused(f"pip took {name} {version} from {url}, not from the local index.")
            told.append(f"{name} {version}")
        if f"{self.package.name} {self.package.version}" not in told:
            raise Refused(f"pip did not install {self.package.name} {self.package.version}.")
        return ", ".join(sorted(told, key=lambda line: not line.startswith("micrograd-")))

    def check_api(self, promises: dict[str, str]) -> str:
        """What is installed must promise what its source does."""
        found = described(self.python, self.package.modules)
        if found != promises:
            differing = sorted(set(found.items()) ^ set(promises.items()))
            raise Refused(f"Installed, the package promises something else: {differing[:5]}")
        return f"{len(found)} promises, those of the source"

    def test(self, sdist: Path) -> str:
        """Run the tests of the sdist on what is installed; the last line that pytest prints."""
        with tarfile.open(sdist) as opened:
            opened.extractall(self.folder / "sdist", filter="data")
        (project,) = (self.folder / "sdist").iterdir()
        shutil.rmtree(project / "src")  # so that only what is installed can be imported
        output = run(self.python, "-m", "pytest", "-q", "tests", cwd=project, PYTHONPATH="")
        return output.rstrip().splitlines()[-1]
