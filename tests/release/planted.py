"""A checkout in which tests plant mistakes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sources import Package

WHO = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")


class Checkout:
    """A git repository with the packages' sources and the program that checks releases."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def package(self, name: str = "micrograd-core") -> Package:
        return Package(self.folder, name)

    def git(self, *arguments: str) -> None:
        command = ["git", "-C", str(self.folder), *WHO, *arguments]
        subprocess.run(command, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")

    def edit(self, place: str, old: str, new: str) -> None:
        """Plant a change in one file under `packages`; `old` must stand there."""
        path = self.folder / "packages" / place
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
