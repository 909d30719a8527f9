"""Does this process train alone, though it was started as one of several?

``mpiexec -n 4 python train.py`` starts four processes. Without a reducer of gradients, each trains
a network of its own: nothing fails, and three of the four were for nothing. A reducer that is only
installed is never called, for it would change what is computed; so the most that may be done is
to say so. Where no launcher has left its mark, this looks at two environment variables, once.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence

from micrograd.engine import plugins

SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE")
"""Where launchers leave the number of processes: those of MPICH and its kin, and of Open MPI."""

HOOK = "micrograd_reduce_gradients"

_looked = False


def processes(environment: Mapping[str, str]) -> int:
    """How many processes a launcher started together with this one, itself included.

    >>> processes({"PMI_SIZE": "4"}), processes({})
    (4, 1)
    """
    sizes = [environment[name] for name in SIZES if name in environment]
    return max((int(size) for size in sizes if size.isdecimal()), default=1)


def warn_of_unregistered(reducers: Sequence[object]) -> None:
    """Warn at the first step of a process, if it is one of several and reducers only lie there.

    Installed plugins are loaded for it, in a process that is one of several only.
    """
    global _looked
    if _looked:
        return
    _looked = True
    together = processes(os.environ)
    if reducers or together == 1:
        return
    plugins.load()
    for one in plugins.report():
        if one.status != "loaded" or HOOK not in one.hooks:
            continue
        warnings.warn(
            f"This process is one of {together}, and {one.distribution} is installed, but its "
            "reducer of gradients is not registered: each process trains by itself. Give it to "
            "plugins.register before the first step, or, if that is what you want, set "
            f"MICROGRAD_PLUGINS=-{one.distribution}.",
            plugins.PluginWarning,
            stacklevel=3,
        )
