"""How do other distributions add ops, activations, losses and pictures?

By hooks (`hookspecs.py`). A third party declares an entry point in the group "micrograd";
`pip install` is all that its users do. What is installed is loaded at the first question
that only a plugin could answer: an attribute that Value does not have, a name that nn or viz
does not have, the first picture, or `plugins.load()`. Importing loads nothing.

MICROGRAD_PLUGINS chooses among what strangers installed: `a,b` loads only these, an empty
value none, `-a` all but this one. MICROGRAD_PLUGINS_STRICT=1 raises instead of warning. The
folder `hosting` holds the machinery.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import hookspecs as _core_hookspecs
from .hookspecs import FAMILY, NAME_OWNERS, hookimpl, install_line
from .hosting import registry as _names
from .hosting.admission import manager
from .hosting.errors import AmbiguousName, PluginError, PluginWarning, UnknownName
from .hosting.host import host
from .hosting.listeners import LISTENERS
from .hosting.methods import find_attribute, ops_registry
from .hosting.record import Plugin, PluginReport
from .hosting.registry import (
    BY_PROGRAM,
    Registry,
    near,
    normalise,
    registries,
)
from .value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = [
    "AmbiguousName",
    "PluginError",
    "PluginReport",
    "PluginWarning",
    "Registry",
    "UnknownName",
    "block",
    "call_each",
    "enter_family",
    "hookimpl",
    "listeners",
    "load",
    "manager",
    "ops_registry",
    "prefer",
    "register",
    "registered",
    "registries",
    "report",
    "unregister",
]


def load(*, strict: bool | None = None) -> None:
    """Load what is installed, once a process, and warn about what was refused.

    **Errors.** `PluginError`, with all refusals in one, when `strict` is true or (left out)
    MICROGRAD_PLUGINS_STRICT=1 is set.
    """
    host.trigger()
    host.tell(strict)


def report() -> list[PluginReport]:
    """Load what is installed and tell what became of each plugin; the family comes first."""
    host.trigger()
    host.complaints.forget()
    return [p.report() for p in sorted(host.plugins, key=lambda p: (not p.ours, p.key))]


def block(name: str) -> None:
    """Switch off a stranger's plugin: name its distribution, entry point or module.

    **Errors.** ValueError for a package of ours, and, once plugins are loaded, for a name that
    no plugin answers to.
    """
    wanted = normalise(name)
    if wanted in FAMILY:
        raise ValueError(
            f"block({name!r}): it is one of ours and stays. Uninstall it if you do not want it."
        )
    host.blocked.add(wanted)
    if not host.loaded:
        return
    strangers = [p for p in host.plugins if p.candidate is not None and not p.ours]
    chosen = [p for p in strangers if p.candidate is not None and wanted in p.candidate.names]
    if not chosen:
        known = sorted({p.distribution for p in strangers})
        raise ValueError(
            f"block({name!r}): no installed plugin answers to that name.{near(wanted, known)} "
            f"Installed: {', '.join(known) or 'none'}."
        )
    for plugin in chosen:
        host.block(plugin)


def prefer(name: str, distribution: str) -> None:
    """Decide whose offer a name means that several plugins claim.

    **Errors.** ValueError for a name of the family, and, once plugins are loaded, for a
    distribution that does not offer the name.
    """
    offers = {d for registry in registries.values() for d in registry.claimants(name)}
    ours = FAMILY.keys() & {*offers, NAME_OWNERS.get(name)}
    if ours:
        raise ValueError(
            f"prefer({name!r}, {distribution!r}): the name belongs to {min(ours)} and cannot be "
            f"given away. Use the qualified name, {distribution + ':' + name!r}."
        )
    if host.loaded and normalise(distribution) not in map(normalise, offers):
        raise ValueError(
            f"prefer({name!r}, {distribution!r}): {distribution} does not offer it. Choose "
            f"{' or '.join(sorted(offers)) or 'another name, nobody offers this one'}."
        )
    _names.prefer(name, distribution)


def enter_family(
    distribution: str, plugin: object, hookspecs: ModuleType | type | None = None
) -> None:
    """Enter core, nn or viz, with the hooks that it defines; again is harmless.

    **Errors.** ValueError for other distributions; `PluginError` for a fault in the plugin.
    """
    if distribution not in FAMILY:
        raise ValueError(
            f"enter_family is for {', '.join(FAMILY)}, and got {distribution!r}. A third party "
            'declares an entry point in the group "micrograd", or calls plugins.register.'
        )
    if host.find_object(plugin) is not None:
        return
    for earlier in host.find(distribution):
        if earlier.status == "refused":  # a first import failed, this one succeeds
            host.remove(earlier)
    if hookspecs is not None and not manager.defines(hookspecs):
        manager.add_hookspecs(hookspecs)
    host.enter(Plugin(distribution, _free_key(distribution), plugin))
    for entry in list(host.plugins):
        if any(manager.spec_arguments(hook) is not None for hook in entry.offer.waiting):
            host.readmit(entry)


def register(plugin: object) -> None:
    """Let an object with hook implementations take part, also in running computations.

    What it contributes comes before what is merely installed. `unregister` takes it back,
    and `registered` does so by itself. A hook whose package is not installed is left out with
    a warning.

    **Errors.** `PluginError` for what would refuse an installed plugin.
    """
    entry = host.find_object(plugin)
    if entry is None:
        key = _free_key(_label(plugin), BY_PROGRAM)
        entry = Plugin(key, key, plugin, registrations=1)
        host.enter(entry)
    else:
        entry.registrations += 1
        if entry.registrations == 1:
            host.readmit(entry)
    if entry.offer.waiting:
        host.load_family()
    for hook, owner in entry.offer.waiting.items():
        warnings.warn(
            f"register({_label(plugin)}): {hook} was left out, for {owner} is not installed. "
            f"Install it: {install_line(owner)}.",
            PluginWarning,
            stacklevel=2,
        )


def unregister(plugin: object) -> None:
    """Take one `register` back.

    **Errors.** ValueError for an object that the program did not register.
    """
    entry = host.find_object(plugin)
    if entry is None or not entry.registrations:
        raise ValueError(
            f"unregister({_label(plugin)}): the program did not register it. Call "
            "plugins.register first, or plugins.block for an installed plugin."
        )
    entry.registrations -= 1
    if entry.registrations:
        return
    if entry.candidate is not None or entry.ours:
        host.readmit(entry)
    else:
        host.remove(entry)


@contextmanager
def registered(plugin: object) -> Iterator[None]:
    """Register an object for the length of a `with` block."""
    register(plugin)
    try:
        yield
    finally:
        unregister(plugin)


def call_each(
    hook: str, expect: type | tuple[type, ...] = object, /, **arguments: Any
) -> Iterator[tuple[str, Any]]:
    """Call each implementation of a hook by itself, and give (distribution, result).

    What the program registered comes first, then strangers by name, then the family. A
    stranger that raises, or returns something else than None or `expect`, is left out with a
    warning.
    """
    return host.call_each(hook, expect, arguments)


def listeners(hook: str) -> list[Any]:
    """What the program registered for a hook that acts on a running computation.

    Always the same list, first listener first, so whoever calls the hook asks for it once,
    tests it once a call, and calls each listener with the hook's arguments by name. An error
    of a listener is the program's own and is not caught.

    **Errors.** ValueError for any other hook.
    """
    if hook not in LISTENERS:
        raise ValueError(
            f"listeners({hook!r}): only {' and '.join(LISTENERS)} have listeners. Use "
            "plugins.call_each for a hook of plugins that are merely installed."
        )
    return LISTENERS[hook]


def _label(plugin: object) -> str:
    """The name under which an object appears that the program registered."""
    named = inspect.ismodule(plugin) or inspect.isclass(plugin)
    return str(getattr(plugin, "__name__", "")) if named else type(plugin).__name__


def _free_key(name: str, suffix: str = "") -> str:
    keys = {entry.key for entry in host.plugins}
    candidates = (f"{name}{f' {i}' if i else ''}{suffix}" for i in (0, *range(2, len(keys) + 3)))
    return next(key for key in candidates if key not in keys)


def _mimebundle(value: Value, include: object = None, exclude: object = None) -> object:
    """What a notebook shows for a Value: the first answer, or None for its repr."""
    load()
    arguments = {"value": value, "include": include, "exclude": exclude}
    answers = host.call_each("micrograd_mimebundle", (Mapping, tuple), arguments)
    return next((answer for _, answer in answers if answer is not None), None)


manager.add_hookspecs(_core_hookspecs)
setattr(Value, "__getattr__", find_attribute)  # noqa: B010 - for type checkers Value declares it
setattr(Value, "_repr_mimebundle_", _mimebundle)  # noqa: B010
