"""How does a job end when one of its ranks cannot go on?

The others would wait for it in the next all-reduce, for ever. So an error that nobody catches is
printed with the rank's number, and ends all of them. A rank that is killed from outside can print
nothing; ``mpiexec`` ends the others then and tells the number of the process, of which ``told``
says which rank it was.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

LAST_WORDS = 1.0  # seconds: mpiexec drops what it has not read yet when a rank aborts

_installed = False


def end_together(comm: Any) -> None:
    """From now on an error that nobody catches ends the whole job."""
    global _installed
    if _installed or comm.size == 1:
        return
    _installed = True
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        abort(comm, f"{kind.__name__}: {error}")

    sys.excepthook = hook


def abort(comm: Any, why: str) -> None:
    """End all ranks; the last words name this one."""
    print(f"micrograd-mpi: rank {comm.rank} of {comm.size} ended the job. {why}", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    time.sleep(LAST_WORDS)
    comm.Abort(1)


def told(comm: Any) -> str:
    """Which process each rank is; all ranks must ask."""
    from .mpi import MPI

    who = comm.allgather(f"process {os.getpid()} on {MPI.Get_processor_name()}")
    ranks = ", ".join(f"rank {rank} is {one}" for rank, one in enumerate(who))
    return f"micrograd-mpi: {comm.size} ranks learn together: {ranks}."


@contextmanager
def together(comm: Any) -> Iterator[None]:
    """Within, Ctrl-C and ``sys.exit`` end the job at once.

    ``fit`` would end after the batch at hand, which may be another one on each rank.
    """
    if comm.size == 1:
        yield
        return
    main = threading.current_thread() is threading.main_thread()
    ours = main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, _interrupted)
    try:
        yield
    except SystemExit as error:
        abort(comm, f"SystemExit: {error}")
        raise
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
