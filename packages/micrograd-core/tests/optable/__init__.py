"""One table of ops: for each, what NumPy says, and where to try it.

`test_ops.py` drives it; an op of `micrograd.engine.ops` that is not in it fails the suite. An
elementwise op needs the domain of each argument; another op needs calls. An op that takes a list
or positional settings gets an adapter, so that its arrays are arguments. The rows stand by family.
"""

from __future__ import annotations

from .elementwise import ELEMENTWISE
from .linear import LINEAR
from .moving import MOVING
from .reducing import REDUCING
from .rows import Row

TABLE: dict[str, Row] = {**ELEMENTWISE, **REDUCING, **MOVING, **LINEAR}
