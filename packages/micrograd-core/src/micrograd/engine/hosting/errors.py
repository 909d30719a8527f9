"""What can go wrong with a plugin, and with a name?"""

from __future__ import annotations


class PluginWarning(UserWarning):
    """A plugin was refused, or a part of it failed; the program goes on without."""


class PluginError(Exception):
    """A plugin cannot be used; the message says why, and `fix` what to do about it."""

    def __init__(self, reason: str, fix: str = "") -> None:
        super().__init__(f"{reason} {fix}".strip())
        self.reason = reason
        self.fix = fix


class UnknownName(KeyError, AttributeError):
    """Nobody offers this name."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would show its repr


class AmbiguousName(UnknownName):
    """Two plugins offer this name, so neither gets it."""


for _error in (PluginWarning, PluginError, UnknownName, AmbiguousName):
    _error.__module__ = "micrograd.engine.plugins"  # from where users import it


def described(error: BaseException) -> str:
    """The type of an error and, if it has one, its message."""
    try:
        message = str(error)
    except BaseException:  # a stranger's error may fail at this too
        message = ""
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
