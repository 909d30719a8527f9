"""What does a user hold, and what happens when it is called?

A ``Program`` has one built function for each signature that it met. A call finds the one that fits
and runs it (``entry``). Buffers belong to a thread: two threads may call one program at once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from ..value import STATE, Value
from .comparing import compare
from .entry import Entry
from .recording import Recording, record
from .refusal import refuse
from .signature import checked_parameters, name_of, signature_of

MOST_SIGNATURES = 32


class Program:
    """A compiled function. ``compile`` makes it and says what it does.

    ``source`` is the text of the program that ran last, ``signatures`` tells how many there are,
    ``recordings`` how often one was recorded.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        parameters: Iterable[Value] | None,
        optimizer: Any,
        verify: bool,
    ) -> None:
        if not callable(f):
            raise TypeError(
                f"compile of {type(f).__name__} {f!r:.40}. Pass a function or a module."
            )
        if parameters is None and optimizer is not None:
            parameters = optimizer.params
        self.parameters = None if parameters is None else checked_parameters(parameters)
        self.f, self.optimizer, self.verify = f, optimizer, verify
        self.recordings = 0
        self._entries: OrderedDict[Any, Entry] = OrderedDict()
        self._last: Entry | None = None
        self._lock = threading.RLock()

    @property
    def signatures(self) -> int:
        """How many programs there are: one for each signature, the oldest forgotten beyond 32."""
        return len(self._entries)

    @property
    def source(self) -> str:
        """The text of the program that ran last."""
        return self._entry().built.source

    def save(self, path: Any, arrays: str = "auto") -> None:
        """Write the program that ran last to a Python file that imports NumPy only.

        Its parameters and other arrays stand in the file, or beside it in an ``.npz`` with
        ``arrays="npz"``; by default it is the latter when they hold more than 10,000 numbers. See
        ``saving`` for what the file offers.

        **Errors.** RuntimeError before the first call; CannotCompile when the program calls
        functions that no file could import.
        """
        from .saving import save

        save(self._entry(), path, arrays)

    def explain(self) -> Any:
        """What the program that ran last computes and allocates: a table to print."""
        from .explaining import explain

        return explain(self._entry().built)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Run it: results as arrays, gradients into the parameters."""
        watch = STATE.get().watch
        if watch is not None and hasattr(watch, "record"):
            refuse(
                "the function calls another program",
                "Call the function that it was made of: this program then holds both.",
            )
        entry = self._last
        if entry is None or named or entry.unverified or not entry.fits(args):
            return self._looked_up(args, named)
        return entry.run(args, named)

    def __repr__(self) -> str:
        return f"<program of {name_of(self.f)}, {self.signatures} signatures>"

    def _entry(self) -> Entry:
        if self._last is None:
            raise RuntimeError(
                "The program has not been called yet, so nothing is recorded. Call it."
            )
        return self._last

    def _looked_up(self, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Run the entry for a signature; recorded now, if it is new, or not yet trusted."""
        key = signature_of(args, named)
        with self._lock:
            entry, expected = self._known(key), None
            if entry is None:
                recording = self._record(args, named)
                entry, expected = Entry(self, recording, args, named), recording.seen
                self._entries[key, self.recordings] = entry
                if len(self._entries) > MOST_SIGNATURES:
                    self._entries.popitem(last=False)
            self._last = entry
            if entry.unverified:
                expected = expected or self._record(args, named).seen
                result = entry.run(args, named)
                compare(entry, expected, result)
                entry.unverified -= 1
                return result
        return entry.run(args, named)

    def _known(self, key: Any) -> Entry | None:
        """The entry for a signature, if what its function consulted still holds."""
        for (signature, number), entry in self._entries.items():
            if signature == key and entry.holds():
                self._entries.move_to_end((signature, number))
                return entry
        return None

    def _record(self, args: tuple[Any, ...], named: dict[str, Any]) -> Recording:
        self.recordings += 1
        return record(self.f, args, named, self.parameters, self.optimizer)
