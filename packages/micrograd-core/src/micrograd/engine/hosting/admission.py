"""What does a plugin offer, and may it come in?

`examine` looks at one plugin without entering anything: which hooks it implements, whether
they fit their specs, and what the contributing ones return. The first fault refuses the
whole plugin, with a reason and a fix. `plugins.py` enters what was examined.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, Final

import pluggy

from ..hookspecs import HOOK_OWNERS, PROJECT
from .errors import PluginError, described
from .registry import check_name, near, registries

if TYPE_CHECKING:
    from collections.abc import Iterator


class Manager(pluggy.PluginManager):
    """pluggy's manager, which takes from a plugin only the hooks that it was admitted with."""

    def __init__(self) -> None:
        super().__init__(PROJECT)
        self._admitted: frozenset[str] | None = None

    def enter(self, plugin: object, name: str, hooks: frozenset[str]) -> None:
        """Register these hooks of an examined plugin."""
        self._admitted = hooks
        try:
            self.register(plugin, name)
        finally:
            self._admitted = None

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        if name.startswith("__"):  # pluggy would look up each special method, slowly, and often
            return None
        options = super().parse_hookimpl_opts(plugin, name)
        if options is None or self._admitted is None:
            return options
        return options if (options.get("specname") or name) in self._admitted else None

    def spec_arguments(self, hook: str) -> tuple[str, ...] | None:
        """The arguments of a hook, or None when no package that is here defines it."""
        caller = getattr(self.hook, hook, None)
        return None if caller is None or caller.spec is None else tuple(caller.spec.argnames)

    def defines(self, hookspecs: object) -> bool:
        """Whether these hookspecs were added before."""
        specs = [caller.spec for caller in vars(self.hook).values()]
        return any(spec is not None and spec.namespace is hookspecs for spec in specs)


manager: Final = Manager()


class Offer:
    """What one plugin brings."""

    def __init__(self) -> None:
        self.hooks: set[str] = set()
        self.waiting: dict[str, str] = {}  # hook -> distribution that defines it
        self.contributions: dict[str, dict[str, object]] = {}  # by hook


def examine(plugin: object) -> Offer:
    """Check a plugin from end to end, and collect what it contributes.

    **Errors.** `PluginError` with the first fault, whatever the plugin raised.
    """
    offer = Offer()
    functions: dict[str, Callable[..., object]] = {}
    for hook, function, options in _implementations(plugin):
        arguments = manager.spec_arguments(hook)
        if arguments is not None:
            _check_signature(hook, function, arguments)
            offer.hooks.add(hook)
            functions[hook] = function
        elif hook in HOOK_OWNERS:
            offer.waiting[hook] = HOOK_OWNERS[hook]
        elif not options.get("optionalhook"):
            raise PluginError(
                f"It implements {hook}, which is no hook of the family.",
                f"Correct the name.{near(hook, _known_hooks())}",
            )
    if not offer.hooks and not offer.waiting:
        raise PluginError(
            "It implements no hook.",
            "Mark at least one function with @hookimpl (from micrograd.engine import hookimpl).",
        )
    for hook in sorted(functions.keys() & registries.keys()):
        offer.contributions[hook] = _collect(hook, functions[hook])
    return offer


@contextmanager
def strangers_code(what: str) -> Iterator[None]:
    """Run somebody else's code: its prints go to standard error, its errors become PluginError."""
    try:
        with redirect_stdout(sys.stderr):
            yield
    except (PluginError, KeyboardInterrupt):
        raise
    except BaseException as error:  # SystemExit too: a plugin does not end the program
        raise PluginError(f"{what} raised {described(error)}.") from error


def _known_hooks() -> set[str]:
    return {*HOOK_OWNERS, *(hook for hook in vars(manager.hook) if hook.startswith("micrograd_"))}


def _implementations(
    plugin: object,
) -> Iterator[tuple[str, Callable[..., object], Mapping[str, Any]]]:
    """The marked functions of a plugin."""
    for name in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, name)
        if options is None:
            if name in HOOK_OWNERS and inspect.isroutine(
                inspect.getattr_static(plugin, name, None)
            ):
                raise PluginError(
                    f"Its function {name} is not marked as a hook.", "Write @hookimpl above it."
                )
            continue
        hook = options.get("specname") or name
        if options.get("wrapper") or options.get("hookwrapper"):
            raise PluginError(
                f"Its {hook} is a hook wrapper, and each plugin is called by itself.",
                "Write @hookimpl without wrapper.",
            )
        yield hook, getattr(plugin, name), options


def _check_signature(
    hook: str, function: Callable[..., object], arguments: tuple[str, ...]
) -> None:
    """An implementation names some of the spec's arguments, and no others."""
    for parameter in inspect.signature(function).parameters.values():
        variadic = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if variadic or parameter.default is not parameter.empty:
            continue
        if parameter.name not in arguments or parameter.kind is parameter.KEYWORD_ONLY:
            raise PluginError(
                f"Its {hook} takes an argument {parameter.name!r}, but the hook is "
                f"{hook}({', '.join(arguments)}).",
                "Name only arguments of the hook.",
            )


def _collect(hook: str, function: Callable[..., object]) -> dict[str, object]:
    """What a contributing hook returns, checked name by name."""
    registry = registries[hook]
    with strangers_code(f"{hook}()"):
        returned = function()
        if not isinstance(returned, Mapping):
            raise PluginError(
                f"{hook}() returned {type(returned).__name__}, not a mapping.",
                f'Return a dict such as {{"swish": swish}} (name to {registry.kind}).',
            )
        contributions = dict(returned)
    for name, contribution in contributions.items():
        check_name(registry.kind, name)
        with strangers_code(f"The check of the {registry.kind} {name!r}"):
            try:
                registry.check(name, contribution)
            except (TypeError, ValueError) as error:
                raise PluginError(f"Its {registry.kind} {name!r} was refused: {error}") from error
    return contributions
