"""What became of one plugin?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..hookspecs import FAMILY, install_line
from .admission import Offer
from .discovery import CHOICE, Candidate
from .errors import PluginError
from .registry import Registry, normalise

if TYPE_CHECKING:
    from collections.abc import Callable


class PluginReport(NamedTuple):
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


class Plugin:
    """One plugin: where it comes from, what it offers, what it entered."""

    def __init__(
        self,
        distribution: str,
        key: str,
        plugin: object = None,
        candidate: Candidate | None = None,
        registrations: int = 0,
    ) -> None:
        self.distribution = distribution
        self.key = key  # its name in pluggy's table
        self.plugin = plugin
        self.candidate = candidate
        self.registrations = registrations  # how often the program registered it, and not back
        self.status = "loaded"
        self.error: PluginError | None = None
        self.seconds = 0.0
        self.offer = Offer()
        self.entered: list[tuple[Registry, str]] = []
        self.stops: list[Callable[[], None]] = []  # each ends its listening to one hook

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
