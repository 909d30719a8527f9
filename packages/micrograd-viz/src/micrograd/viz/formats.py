"""Which renderer does a format mean, and what if it fails?

Every format has one name and one owner: viz has those of Graphviz, plugins add others through the
hook ``micrograd_renderers``. A renderer is a function of a `Picture` that returns the bytes of a
file.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from micrograd.engine import plugins
from micrograd.engine.hosting.registry import BY_PROGRAM

if TYPE_CHECKING:
    from .picture import Picture

Renderer: TypeAlias = "Callable[[Picture], bytes]"


def check(name: str, renderer: object) -> None:
    """Refuse a contribution that cannot be called as ``renderer(picture)``."""
    if name != name.lower():
        raise ValueError(f"formats are written in lower case. Call it {name.lower()!r}.")
    try:
        if not callable(renderer):
            raise TypeError(f"it is {type(renderer).__name__}, which cannot be called")
        inspect.signature(renderer).bind("picture")
    except TypeError as error:
        raise TypeError(
            f"it cannot be called as renderer(picture): {error}. Give a function of a picture that "
            "returns bytes."
        ) from None


registry = plugins.Registry("micrograd_renderers", "picture format", check)


def find(format: str) -> Renderer:
    """The renderer of a format; ``distribution:format`` says whose is meant.

    **Errors.** `ValueError` for a format that nobody has, with near misses and all that are known,
    and for one that two plugins offer.
    """
    name = entered(format)
    try:
        return registry.get(name)  # type: ignore[return-value]
    except plugins.AmbiguousName as error:
        raise ValueError(f"picture: {error}") from None
    except plugins.UnknownName:
        raise ValueError(
            f"picture: format {format!r} was asked for, which neither Graphviz nor a plugin has."
            f"{registry.hint(name)} Ask for one of {', '.join(registry.names())}."
        ) from None


def entered(format: str) -> str:
    """A format as it stands in the registry, whose names are identifiers.

    >>> entered("PNG"), entered("plain-ext"), entered("micrograd-x:outline")
    ('png', 'plain_ext', 'micrograd-x:outline')
    """
    distribution, colon, name = format.rpartition(":")
    return distribution + colon + re.sub(r"\W", "_", name.lower())


def render(picture: Picture) -> bytes:
    """Make the file of a picture's format.

    **Errors.** of viz's own renderers, and of those that the program registered, as they are;
    `RuntimeError` that names the distribution when a stranger's renderer raises. `TypeError` when
    one returns something else than bytes.
    """
    renderer = find(picture.format)
    owner = registry.distribution_of(entered(picture.format))
    told = f"picture: the renderer of {picture.format!r}, from {owner},"
    try:
        data: Any = renderer(picture)
    except (Exception, SystemExit) as error:
        if owner == "micrograd-viz" or owner.endswith(BY_PROGRAM):
            raise
        raise RuntimeError(
            f"{told} raised {type(error).__name__}: {error}. Tell its author, or ask for another "
            "format, such as svg."
        ) from error
    if not isinstance(data, bytes):
        hint = " Return text.encode()." if isinstance(data, str) else ""
        raise TypeError(f"{told} returned {type(data).__name__} instead of bytes.{hint}")
    return data
