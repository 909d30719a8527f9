"""How does a user hear of what went wrong, although a lookup must stay silent?

What is to be said waits until somebody asks for more than an attribute: then it is a warning,
once. A program that only ever looks up attributes is told when it ends.
"""

from __future__ import annotations

import atexit
import sys
import warnings

from .errors import PluginWarning


class Complaints:
    """Sentences that the user has not heard yet."""

    def __init__(self) -> None:
        self.problems: list[str] = []  # what no plugin can be blamed for; they stay
        self._pending: list[str] = []

    def add(self, sentence: str) -> None:
        """Have something said at the next occasion."""
        if not self._pending:
            atexit.unregister(self._last_words)
            atexit.register(self._last_words)
        self._pending.append(sentence)

    def add_problem(self, sentence: str) -> None:
        """The same for what is wrong with no plugin, but with settings or the machine."""
        self.problems.append(sentence)
        self.add(sentence)

    def forget(self) -> None:
        """The user is being told by other means."""
        self._pending.clear()

    def tell(self, stacklevel: int) -> None:
        """Warn of all that waits."""
        untold, self._pending = self._pending, []
        try:
            while untold:
                warnings.warn(untold.pop(0), PluginWarning, stacklevel=stacklevel + 1)
        finally:  # -W error raises at the first
            self._pending[:0] = untold

    def _last_words(self) -> None:
        while self._pending:
            sentence = self._pending.pop(0)
            try:
                warnings.warn(sentence, PluginWarning, stacklevel=1)
            except PluginWarning:  # -W error, too late to raise
                print(f"PluginWarning: {sentence}", file=sys.stderr)
