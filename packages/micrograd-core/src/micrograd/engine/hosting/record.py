"""What became of one plugin?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..hookspecs import FAMILY, install_line
from .admission import Offer
from .discovery import CHOICE, Candidate
from .errors import PluginError
from .registry import Registry, normalise

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class PluginReport:
    """What became of one plugin, as plain data."""

    distribution: str
    version: str
    entry_point: str
    hooks: list[str]  # that it implements
    names: list[str]  # that it added
    contested: list[str]  # of these, the ones that another plugin offers too
    waiting: dict[str, str]  # hooks that were left out, and what to install for them
    status: str  # "loaded", "refused" or "blocked"
    reason: str
    fix: str
    seconds: float


@dataclass(eq=False)
class Plugin:
    """One plugin: where it comes from, what it offers, what it entered."""

    distribution: str
    key: str  # its name in pluggy's table
    plugin: object = None
    candidate: Candidate | None = None
    registrations: int = 0  # how often the program registered it and did not take it back
    status: str = "loaded"
    error: PluginError | None = None
    seconds: float = 0.0
    offer: Offer = field(default_factory=Offer)
    entered: list[tuple[Registry, str]] = field(default_factory=list)
    recorder: Callable[..., None] | None = None

    @property
    def ours(self) -> bool:
        """Whether it is a member of the family."""
        return self.distribution in FAMILY

    @property
    def reason(self) -> str:
        """Why it was refused."""
        return self.error.reason if self.error else ""

    @property
    def fix(self) -> str:
        """What to do about a refusal."""
        if self.error is None:
            return ""
        steps = [self.error.fix]
        if self.ours:
            steps.append(f"Install it again: {install_line(self.distribution)}.")
        elif self.candidate is not None:
            off = f"{CHOICE}=-{normalise(self.distribution)}"
            steps.append(f"Until it is repaired, uninstall it or switch it off with {off}.")
        return " ".join(step for step in steps if step)

    def told(self) -> str:
        """The message about a refusal: whose plugin, why, and what to do."""
        whence = ""
        if self.candidate is not None:
            whence = f" {self.candidate.version} (entry point {self.candidate.entry_point.name})"
        return (
            f"The plugin {self.distribution}{whence} was refused. {self.reason} {self.fix}".strip()
        )

    def report(self) -> PluginReport:
        """The same as plain data."""
        shared = {name for registry, name in self.entered if len(registry.claimants(name)) > 1}
        waiting = sorted(self.offer.waiting.items())
        return PluginReport(
            distribution=self.distribution,
            version=self._version(),
            entry_point=self.candidate.entry_point.name if self.candidate else "",
            hooks=sorted(self.offer.hooks),
            names=sorted({name for _, name in self.entered}),
            contested=sorted(shared),
            waiting={hook: install_line(owner) for hook, owner in waiting},
            status=self.status,
            reason=self.reason,
            fix=self.fix,
            seconds=self.seconds,
        )

    def _version(self) -> str:
        if self.candidate is not None:
            return self.candidate.version
        if not self.ours:  # the program registered it
            return ""
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version(self.distribution)
        except PackageNotFoundError:  # run from a source tree
            return ""
