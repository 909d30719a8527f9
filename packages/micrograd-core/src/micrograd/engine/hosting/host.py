"""When do plugins come in, and what happens to one that is broken?

The host loads what is installed at the first question that only a plugin could answer, once
a process, one plugin at a time: examined first, then entered whole. A plugin that fails
leaves nothing behind; one warning names it and the fix, and everything else goes on. The
warning waits while the question is an attribute lookup (`hasattr` must stay silent).

Two locks: the load lock is held while plugins are imported, and only whoever asks for
loading takes it; the entry lock is held while names change, and never during an import (a
thread that imports nn, which enters itself, must not wait for one that loads plugins).
"""

from __future__ import annotations

import atexit
import importlib
import sys
import threading
import warnings
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from ..hookspecs import FAMILY, install_line
from .admission import examine, manager, strangers_code
from .discovery import CHOICE, Candidate, choice, installed, strict_by_environment
from .errors import PluginError, PluginWarning, described
from .listeners import LISTENERS, listen
from .record import Plugin
from .registry import Registry, entry_lock, normalise, registries, unmet_preferences

if TYPE_CHECKING:
    from collections.abc import Iterator


class Host:
    """All plugins of this process."""

    def __init__(self) -> None:
        self.plugins: list[Plugin] = []
        self.blocked: set[str] = set()
        self.loaded = False
        self._loading = False
        self._load_lock = threading.RLock()
        self._candidates: list[Candidate] | None = None
        self.problems: list[str] = []  # what no plugin can be blamed for
        self._pending: list[str] = []  # not warned about yet
        self._blamed: set[tuple[str, str]] = set()

    # -- loading -----------------------------------------------------------------------------

    def trigger(self) -> None:
        """Load what is installed, unless that happened before. Raises and warns of nothing."""
        if self.loaded:
            return
        with self._load_lock:
            if self.loaded or self._loading:  # a plugin asks while it is being imported
                return
            self._loading = True
            try:
                self.load_family()
                self._load_strangers()
                self.loaded = True
            finally:
                self._loading = False

    def candidates(self) -> list[Candidate]:
        """What is installed, read once a process."""
        if self._candidates is None:
            try:
                self._candidates = installed()
            except Exception as error:  # somebody's broken metadata
                self._candidates = []
                self._problem(
                    f"The list of installed plugins could not be read ({type(error).__name__}: "
                    f"{error}), so none is loaded. Look for a damaged *.dist-info folder."
                )
        return self._candidates

    def load_family(self) -> None:
        """Import those of nn and viz that are installed and not here yet; they enter themselves."""
        with self._load_lock:
            for candidate in self.candidates():
                distribution = normalise(candidate.distribution)
                if candidate.ours and not self.find(distribution):
                    self._load_ours(distribution, candidate)

    def _load_ours(self, distribution: str, candidate: Candidate) -> None:
        start = perf_counter()
        try:
            with strangers_code("Importing it"):
                module = importlib.import_module(FAMILY[distribution])
            if not self.find(distribution):
                raise PluginError(f"{module.__file__} is not the module of this package.")
        except PluginError as error:
            self._refuse(Plugin(distribution, candidate.key, candidate=candidate), error)
        for plugin in self.find(distribution):
            plugin.candidate, plugin.seconds = candidate, perf_counter() - start

    def _load_strangers(self) -> None:
        chosen = choice(self.blocked)
        known = {plugin.key for plugin in self.plugins}
        for candidate in self.candidates():
            if candidate.ours or candidate.key in known:
                continue
            plugin = Plugin(candidate.distribution, candidate.key, candidate=candidate)
            if chosen.admits(candidate):
                self._load_stranger(plugin, candidate)
            else:
                plugin.status = "blocked"
                self.plugins.append(plugin)
        for sentence in [*chosen.unmatched(self.candidates()), *unmet_preferences()]:
            self._problem(sentence)

    def _load_stranger(self, plugin: Plugin, candidate: Candidate) -> None:
        start = perf_counter()
        try:
            impostor = normalise(candidate.distribution)
            if impostor in FAMILY:
                raise PluginError(
                    "It bears the name of one of our packages and is another.",
                    f"Install ours: {install_line(impostor)}.",
                )
            with strangers_code("Importing it"):
                plugin.plugin = candidate.entry_point.load()
            twin = self.find_object(plugin.plugin)
            if twin is not None and twin.candidate is not None:
                raise PluginError(
                    f"It is the same object as {twin.key}.", "Declare one entry point for it."
                )
            if twin is not None:  # the program registered it before it was found
                self.remove(twin)
                plugin.registrations = twin.registrations
            self.enter(plugin)
        except PluginError as error:
            self._refuse(plugin, error)
        plugin.seconds = perf_counter() - start

    # -- entering and leaving ----------------------------------------------------------------

    def enter(self, plugin: Plugin) -> None:
        """Examine a plugin and enter all of it, or nothing."""
        with strangers_code("Examining it"):
            plugin.offer = examine(plugin.plugin)
        with strangers_code("Entering it"):
            self._admit(plugin)
        self.plugins.append(plugin)

    def _admit(self, plugin: Plugin) -> None:
        """Enter what was examined."""
        hooks = plugin.offer.hooks
        if not plugin.registrations:
            hooks = hooks - LISTENERS.keys()
        with entry_lock:
            try:
                manager.enter(plugin.plugin, plugin.key, frozenset(hooks))
                for hook, contributions in plugin.offer.contributions.items():
                    for name, contribution in contributions.items():
                        if registries[hook].add(name, contribution, plugin.distribution):
                            plugin.entered.append((registries[hook], name))
            except BaseException:
                self._withdraw(plugin)
                raise
            for hook in hooks & LISTENERS.keys():
                plugin.stops.append(listen(plugin.key, hook))

    def _withdraw(self, plugin: Plugin) -> None:
        """Take back all that a plugin entered."""
        with entry_lock:
            for registry, name in reversed(plugin.entered):
                registry.remove(name, plugin.distribution)
            plugin.entered.clear()
            for stop in plugin.stops:
                stop()
            plugin.stops.clear()
            if manager.get_plugin(plugin.key) is not None:
                manager.unregister(name=plugin.key)

    def readmit(self, plugin: Plugin) -> None:
        """Let a plugin in again: hooks that it waited for have come, or it was registered."""
        self.remove(plugin)
        try:
            self.enter(plugin)
        except PluginError as error:
            self._refuse(plugin, error)

    def remove(self, plugin: Plugin) -> None:
        """Forget a plugin."""
        self._withdraw(plugin)
        self.plugins.remove(plugin)

    def block(self, plugin: Plugin) -> None:
        """Switch off a plugin that is in already."""
        self._withdraw(plugin)
        plugin.status, plugin.error = "blocked", None

    def evict(self, distribution: str, reason: str) -> None:
        """Refuse, after the fact, a stranger that holds a name of the family."""
        for plugin in self.find(distribution):
            if plugin.status == "loaded":
                self.remove(plugin)
                self._refuse(plugin, PluginError(reason, "Choose another name."))

    def _refuse(self, plugin: Plugin, error: PluginError) -> None:
        plugin.status, plugin.error = "refused", error
        self.plugins.append(plugin)
        self._pend(plugin.told())

    # -- telling -----------------------------------------------------------------------------

    def tell(self, strict: bool | None = None) -> None:
        """Warn of what went wrong and was not told yet; in strict mode raise all that did."""
        if strict_by_environment() if strict is None else strict:
            self._raise_refusals()
        untold, self._pending = self._pending, []
        try:
            while untold:
                warnings.warn(untold.pop(0), PluginWarning, stacklevel=3)
        finally:  # -W error raises at the first
            self._pending[:0] = untold

    def _raise_refusals(self) -> None:
        refused = [plugin for plugin in self.plugins if plugin.status == "refused"]
        told = [plugin.told() for plugin in refused] + self.problems
        if told:
            self.forget_pending()
            raise PluginError("\n".join(told)) from (refused[0].error if refused else None)

    def refusals(self) -> list[str]:
        """The distributions that were refused."""
        return sorted({p.distribution for p in self.plugins if p.status == "refused"})

    def forget_pending(self) -> None:
        """The caller is being told by other means."""
        self._pending.clear()

    def _problem(self, sentence: str) -> None:
        self.problems.append(sentence)
        self._pend(sentence)

    def _pend(self, sentence: str) -> None:
        if not self._pending:
            atexit.unregister(self._last_words)
            atexit.register(self._last_words)
        self._pending.append(sentence)

    def _last_words(self) -> None:
        """Nothing but lookups happened since: say at the end what could not be said in them."""
        while self._pending:
            sentence = self._pending.pop(0)
            try:
                warnings.warn(sentence, PluginWarning, stacklevel=1)
            except PluginWarning:  # -W error, too late to raise
                print(f"PluginWarning: {sentence}", file=sys.stderr)

    # -- asking ------------------------------------------------------------------------------

    def find(self, distribution: str) -> list[Plugin]:
        """The plugins of one distribution."""
        return [plugin for plugin in self.plugins if plugin.distribution == distribution]

    def find_object(self, plugin: object) -> Plugin | None:
        """The entry of an object that is in, if it is."""
        entries = (p for p in self.plugins if p.status == "loaded" and p.plugin is plugin)
        return next(entries, None)

    def call_each(
        self, hook: str, expect: type | tuple[type, ...], arguments: dict[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        """Call the implementations of a hook one by one; a stranger's failure stays its own."""
        entries = {plugin.key: plugin for plugin in self.plugins if plugin.status == "loaded"}

        def rank(implementation: Any) -> tuple[Any, ...]:
            plugin = entries[implementation.plugin_name]
            order = implementation.trylast - implementation.tryfirst
            return order, plugin.ours, not plugin.registrations, plugin.key

        for implementation in sorted(getattr(manager.hook, hook).get_hookimpls(), key=rank):
            plugin = entries[implementation.plugin_name]
            try:
                result = implementation.function(*(arguments[a] for a in implementation.argnames))
                if result is not None and not isinstance(result, expect):
                    raise TypeError(f"it returned {type(result).__name__}")
            except BaseException as error:  # SystemExit too: a stranger does not end the program
                if plugin.registrations or plugin.ours or isinstance(error, KeyboardInterrupt):
                    raise
                self._blame(plugin, hook, error)
            else:
                yield plugin.distribution, result

    def _blame(self, plugin: Plugin, hook: str, error: BaseException) -> None:
        if (plugin.key, hook) in self._blamed:
            return
        self._blamed.add((plugin.key, hook))
        warnings.warn(
            f"The plugin {plugin.distribution} was left out: its {hook} raised "
            f"{described(error)}. Tell its author, or switch it off with "
            f"{CHOICE}=-{normalise(plugin.distribution)}.",
            PluginWarning,
            stacklevel=4,
        )


host: Final = Host()
Registry.host = host
