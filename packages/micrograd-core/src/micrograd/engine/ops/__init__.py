"""The ops: every function here takes Values, arrays or a mixture of them.

One short file per family, each rule with its maths. What installed plugins add is here too:
``ops.swish`` finds the op of a plugin, and loads the plugins if it has to.
"""

from __future__ import annotations

from typing import Any

from .. import shortcuts  # noqa: F401  # before the first op is made
from . import (
    activations,
    arithmetic,
    calculus,
    elementary,
    indexing,
    joining,
    kernels,
    linear_algebra,
    norms,
    plain,
    products,
    reductions,
    rounding,
    shaping,
    special,
    trigonometric,
)
from .activations import *  # noqa: F403
from .arithmetic import *  # noqa: F403
from .calculus import *  # noqa: F403
from .elementary import *  # noqa: F403
from .indexing import *  # noqa: F403
from .joining import *  # noqa: F403
from .kernels import *  # noqa: F403
from .linear_algebra import *  # noqa: F403
from .norms import *  # noqa: F403
from .plain import *  # noqa: F403
from .products import *  # noqa: F403
from .reductions import *  # noqa: F403
from .rounding import *  # noqa: F403
from .shaping import *  # noqa: F403
from .special import *  # noqa: F403
from .trigonometric import *  # noqa: F403

FAMILIES = (
    arithmetic,
    elementary,
    trigonometric,
    rounding,
    special,
    activations,
    reductions,
    norms,
    shaping,
    indexing,
    joining,
    products,
    linear_algebra,
    calculus,
    plain,
    kernels,
)
"""The files, in the order in which the catalogue of rules shows them."""

__all__ = sorted(name for family in FAMILIES for name in family.__all__)


def __getattr__(name: str) -> Any:
    from ..plugins import ops_registry

    if name.startswith("_"):
        raise AttributeError(f"module 'micrograd.engine.ops' has no attribute {name!r}")
    return ops_registry.get(name)
