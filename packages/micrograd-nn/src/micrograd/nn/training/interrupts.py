"""What does Ctrl-C do to a run? It ends after the batch at hand; a second one ends it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def gently(stop: Callable[[], None]) -> Iterator[None]:
    """Within, the first Ctrl-C calls ``stop`` and the next raises KeyboardInterrupt, as ever.

    Only where Python's own answer to Ctrl-C is in force: another program's handler stays, and
    threads other than the main one never hear of it.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def first(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()

    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
