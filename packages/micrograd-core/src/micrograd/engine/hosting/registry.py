"""Who owns a name, and what does a name mean?

A registry holds the contributions of one hook: for each name, what each distribution
offers under it. Four sentences decide who gets a name. A name of the family is not for
others. What the program itself registers comes before what is merely installed. A name
that one stranger offers is the stranger's. A name that two strangers offer belongs to
neither until `plugins.prefer` decides; the qualified `distribution:name` reaches both.
Nothing here depends on the order of installation.
"""

from __future__ import annotations

import keyword
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from ..hookspecs import FAMILY, NAME_OWNERS, install_line
from .errors import AmbiguousName, PluginError, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BY_PROGRAM: Final = " (registered by the program)"
"""Ends the name under which an object appears that no distribution brought."""

Check = Callable[[str, object], None]
Callback = Callable[[str, object, str], object]


class Host(Protocol):
    """What a registry asks of `plugins.py`."""

    def trigger(self) -> None: ...
    def tell(self) -> None: ...
    def refusals(self) -> list[str]: ...
    def evict(self, distribution: str, reason: str) -> None: ...


class _Claim:
    """One distribution's offer under one name, and how to take back what followed from it."""

    def __init__(self, contribution: object) -> None:
        self.contribution = contribution
        self.undo: list[Callable[[], None]] = []


entry_lock: Final = threading.RLock()  # held while names change, never while a plugin is imported
_journals: Final[list[list[Callable[[], None]]]] = []  # guarded by entry_lock
_preferred: Final[dict[str, str]] = {}  # name -> normalised distribution
registries: Final[dict[str, Registry]] = {}  # hook -> registry


def normalise(distribution: str) -> str:
    """The one spelling of a distribution's name, as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def near(name: str, known: Iterable[str]) -> str:
    """A sentence that names the near misses, or nothing."""
    import difflib  # only errors need it

    close = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.7)
    return f" Did you mean {' or '.join(close)}?" if close else ""


class Registry:
    """The names of one contributing hook.

    **Errors.** `get` raises `UnknownName` (a `KeyError` and an `AttributeError`) with the
    near misses, and `AmbiguousName` with everybody who offers the name.
    """

    host: Host  # set once, by plugins.py
    warns = True  # False where a lookup must raise AttributeError and nothing else

    def __init__(self, hook: str, kind: str, check: Check) -> None:
        if hook in registries:
            raise ValueError(
                f"The hook {hook} has a registry already. Use plugins.registries[{hook!r}]."
            )
        self.hook = hook
        self.kind = kind
        self.check = check
        self._claims: dict[str, dict[str, _Claim]] = {}
        self._meaning: dict[str, object] = {}
        self._callbacks: list[Callback] = []
        registries[hook] = self

    def get(self, name: str) -> object:
        """What a name means; `distribution:name` asks for one distribution's offer."""
        known = self.known(name)
        if known is not None:
            return known
        if name.startswith("_"):  # never counts: tools look such names up by themselves
            raise UnknownName(f"There is no {self.kind} {name!r}.")
        self.host.trigger()
        if self.warns:
            self.host.tell()
        owner = self._owner(name)
        if owner is None:
            raise self.unknown(name)
        return self.offers(name.rpartition(":")[2])[owner]

    def known(self, name: str) -> object | None:
        """What a name means so far, without loading anything; None if that is not decided."""
        return self._meaning.get(name)

    def names(self) -> list[str]:
        """The names that have been entered so far, sorted."""
        return sorted(self._claims)

    def distribution_of(self, name: str) -> str:
        """The distribution whose offer a name means."""
        owner = self._owner(name)
        if owner is None:
            raise self.unknown(name)
        return owner

    def claimants(self, name: str) -> list[str]:
        """Everybody who offers a name, sorted."""
        return sorted(self.offers(name))

    def offers(self, name: str) -> Mapping[str, object]:
        """What each distribution offers under a plain name."""
        return {d: claim.contribution for d, claim in self._claims.get(name, {}).items()}

    def on_enter(self, callback: Callback) -> None:
        """Have `callback(name, contribution, distribution)` called for each entry, past and future.

        What the callback adds to another registry goes when the entry goes.
        """
        with entry_lock:
            self._callbacks.append(callback)
            for name, claims in list(self._claims.items()):
                for distribution, claim in list(claims.items()):
                    with _journal(claim.undo):
                        callback(name, claim.contribution, distribution)

    def add(self, name: str, contribution: object, distribution: str) -> bool:
        """Enter one contribution; False if this distribution entered the same one before."""
        with entry_lock:
            self._admit(name, contribution, distribution)
            claims = self._claims.setdefault(name, {})
            if distribution in claims:
                return False
            claim = claims[distribution] = _Claim(contribution)
            self._settle(name)
            try:
                with _journal(claim.undo):
                    for callback in self._callbacks:
                        callback(name, contribution, distribution)
            except BaseException:
                self.remove(name, distribution)
                raise
            if _journals:
                _journals[-1].append(lambda: self.remove(name, distribution))
            return True

    def remove(self, name: str, distribution: str) -> None:
        """Take one contribution back, with all that followed from it."""
        with entry_lock:
            claim = self._claims.get(name, {}).pop(distribution, None)
            if claim is None:
                return
            for undo in reversed(claim.undo):
                undo()
            if not self._claims[name]:
                del self._claims[name]
            self._settle(name)

    def settle(self, name: str) -> None:
        """Decide again what a name means, after a preference changed."""
        with entry_lock:
            self._settle(name)

    def unknown(self, name: str) -> UnknownName:
        """The error for a name that means nothing here."""
        claimants = self.claimants(name)
        if claimants:
            return AmbiguousName(
                f"The {self.kind} {name!r} is offered by {' and by '.join(claimants)}, so neither "
                f"gets the name. Decide with plugins.prefer({name!r}, {claimants[0]!r}), or use "
                f"a qualified name: {claimants[0] + ':' + name!r}."
            )
        return UnknownName(f"There is no {self.kind} {name!r}.{self.hint(name)}")

    def hint(self, name: str, known: Iterable[str] = ()) -> str:
        """Near misses, the install line of a package of ours, and the plugins that were refused."""
        hints = ""
        owner = NAME_OWNERS.get(name)
        if owner is not None:
            hints += f" It comes with {owner}: {install_line(owner)}."
        elif ":" in name:
            bare = name.rpartition(":")[2]
            offered = [f"{claimant}:{bare}" for claimant in self.claimants(bare)]
            hints += near(name, offered) or (
                f" {bare!r} is offered by {', '.join(self.claimants(bare)) or 'nobody'}."
            )
        else:
            hints += near(name, known or self._claims)
        refused = self.host.refusals()
        if refused:
            hints += (
                f" Plugins that were refused: {', '.join(refused)}; "
                "plugins.report() says why and what to do."
            )
        return hints

    def _admit(self, name: str, contribution: object, distribution: str) -> None:
        """Refuse a name that is malformed, taken by the family, or used twice by one plugin."""
        check_name(self.kind, name)
        claims = self._claims.get(name, {})
        if distribution in claims and claims[distribution].contribution is not contribution:
            raise PluginError(
                f"It offers two different objects under the {self.kind} name {name!r}.",
                "Rename one of them.",
            )
        ops = registries["micrograd_ops"]  # an op's name is an activation's and a loss's too
        owners = {NAME_OWNERS.get(name, distribution), *claims, *ops.claimants(name)}
        ours = (owners & FAMILY.keys()) - {distribution}
        if ours and (claims.keys() & ours or distribution not in FAMILY):
            raise PluginError(
                f"The {self.kind} name {name!r} belongs to {min(ours)}.", "Choose another name."
            )
        if distribution in FAMILY:
            for stranger in list(claims.keys() - {distribution}):
                self.host.evict(
                    stranger, f"The {self.kind} name {name!r} belongs to {distribution}."
                )

    def _owner(self, name: str) -> str | None:
        """Whose offer a plain or a qualified name means, if that is decided."""
        wanted, _, bare = name.rpartition(":")
        offers = self.offers(bare)
        if wanted:
            return next((d for d in offers if normalise(d) == normalise(wanted)), None)
        preferred = [d for d in offers if normalise(d) == _preferred.get(bare)]
        by_program = [d for d in offers if d.endswith(BY_PROGRAM)]
        for choice in (preferred, by_program[-1:], list(offers)):
            if len(choice) == 1:
                return choice[0]
        return None

    def _settle(self, name: str) -> None:
        owner = self._owner(name)
        if owner is None:
            self._meaning.pop(name, None)
        else:
            self._meaning[name] = self._claims[name][owner].contribution


def check_name(kind: str, name: object) -> None:
    """Refuse what could not be written behind a dot."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise PluginError(
            f"The {kind} name {name!r} is not a Python identifier.",
            "Rename it, for example 'swish'.",
        )
    if name.startswith("_"):
        raise PluginError(
            f"The {kind} name {name!r} begins with an underscore; such names are never looked up.",
            f"Rename it, for example {name.lstrip('_') or 'swish'!r}.",
        )


def prefer(name: str, distribution: str) -> None:
    """Let a name that several strangers offer mean this one's offer."""
    _preferred[name] = normalise(distribution)
    for registry in registries.values():
        registry.settle(name)


def unmet_preferences() -> list[str]:
    """A sentence for each preference that names somebody who does not offer the name."""
    offers = {
        name: {normalise(d) for registry in registries.values() for d in registry.claimants(name)}
        for name in _preferred
    }
    return [
        f"plugins.prefer({name!r}, {distribution!r}) has no effect: {distribution} does not offer "
        f"it. Choose {' or '.join(sorted(offers[name])) or 'another name, nobody offers this one'}."
        for name, distribution in sorted(_preferred.items())
        if distribution not in offers[name]
    ]


@contextmanager
def _journal(undo: list[Callable[[], None]]) -> Iterator[None]:
    """Note in `undo` how to take back what registries enter meanwhile."""
    _journals.append(undo)
    try:
        yield
    finally:
        _journals.pop()
