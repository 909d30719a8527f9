"""Which plugins are installed, and which of them does the user want?

Plugins are entry points in the group "micrograd". Looking for them reads the metadata of
everything that is installed, so it happens only when `plugins.py` asks, never at import.
`MICROGRAD_PLUGINS` chooses among strangers: `a,b` only these, nothing at all for an empty
value, `-a` all but this one. A plugin answers to the name of its distribution, of its entry
point and of its module.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from ..hookspecs import FAMILY, PROJECT
from .registry import near, normalise

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

CHOICE: Final = "MICROGRAD_PLUGINS"
STRICT: Final = "MICROGRAD_PLUGINS_STRICT"


class Candidate(NamedTuple):
    """One entry point of one installed distribution."""

    entry_point: EntryPoint
    distribution: str
    version: str

    @property
    def key(self) -> str:
        """Unique among all installed plugins, also when two have one entry-point name."""
        return f"{self.distribution}:{self.entry_point.name}"

    @property
    def ours(self) -> bool:
        """Whether it is a member of the family (and not somebody who bears its name)."""
        return FAMILY.get(normalise(self.distribution)) == self.entry_point.value

    @property
    def names(self) -> frozenset[str]:
        """What a user may call it."""
        module = self.entry_point.value.partition(":")[0].strip()
        return frozenset(map(normalise, (self.distribution, self.entry_point.name, module)))


def installed() -> list[Candidate]:
    """Every plugin that is installed: the family first, then strangers, each sorted by name."""
    from importlib.metadata import entry_points  # at import, nobody pays for it

    candidates = []
    for entry_point in entry_points(group=PROJECT):
        distribution = entry_point.dist
        name = distribution.name if distribution is not None else entry_point.value
        version = distribution.version if distribution is not None else ""
        candidates.append(Candidate(entry_point, name, version))
    return sorted(candidates, key=lambda c: (not c.ours, normalise(c.distribution), c.key))


class Choice(NamedTuple):
    """What the user said about strangers."""

    only: frozenset[str] | None
    without: frozenset[str]

    def admits(self, candidate: Candidate) -> bool:
        """Whether a plugin may be loaded; the family always may."""
        if candidate.ours:
            return True
        chosen = self.only is None or not self.only.isdisjoint(candidate.names)
        return chosen and self.without.isdisjoint(candidate.names)

    def unmatched(self, candidates: Iterable[Candidate]) -> list[str]:
        """A sentence for each name that no installed stranger answers to."""
        strangers = [candidate for candidate in candidates if not candidate.ours]
        known = frozenset[str]().union(*(candidate.names for candidate in strangers))
        installed_ones = ", ".join(sorted({c.distribution for c in strangers})) or "none"
        return [
            f"No installed plugin answers to {name!r}, which {CHOICE} or plugins.block names."
            f"{near(name, known)} Installed: {installed_ones}."
            for name in sorted((self.only or frozenset()) | self.without)
            if name not in known
        ]


def choice(blocked: Iterable[str] = ()) -> Choice:
    """Read `MICROGRAD_PLUGINS`, and add what the program blocked."""
    text = os.environ.get(CHOICE)
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    without = {normalise(name[1:].strip()) for name in names if name.startswith("-")}
    only = {normalise(name) for name in names if not name.startswith("-")}
    everything = text is None or (without and not only)
    return Choice(
        None if everything else frozenset(only), frozenset(without | set(map(normalise, blocked)))
    )


def strict_by_environment() -> bool:
    """Whether `MICROGRAD_PLUGINS_STRICT` asks for errors instead of warnings."""
    return os.environ.get(STRICT, "") not in ("", "0")
