"""SciPy's special functions for micrograd, with gradients of any order.

The forward of each op is SciPy's function, so the op is opaque: a compiled program calls it. The
rules are written with other ops of this package, which have rules in turn; that is all it takes
for gradients of gradients.

| family | file |
|---|---|
| gammaln, betaln, digamma, polygamma | ``gamma`` |
| erfc, erfinv | ``error`` |
| j0, j1, jv, i0, i1, iv, i0e, i1e, ive | ``bessel`` |

Names, domains and values are SciPy's. One thing differs: the order of ``jv``, ``iv``, ``ive`` and
``polygamma`` is a setting, ``jv(x, order=2)``, for no gradient flows to it. Once this package is
imported, SciPy's own functions take Values too: ``scipy.special.jv(2, x)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scipy import special

from micrograd.engine import derived, hookimpl, ops

from .bessel import i0, i0e, i1, i1e, iv, ive, j0, j1, jv
from .error import erfc, erfinv
from .gamma import betaln, digamma, gammaln, polygamma

__all__ = [
    "betaln",
    "digamma",
    "erfc",
    "erfinv",
    "gammaln",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "iv",
    "ive",
    "j0",
    "j1",
    "jv",
    "polygamma",
]

# What micrograd-core computes already, under SciPy's names.
derived(numpy=special.erf)(ops.erf)
derived(numpy=special.expit)(ops.sigmoid)
derived(numpy=special.log_expit)(ops.logsigmoid)


@hookimpl
def micrograd_ops() -> Mapping[str, Callable[..., Any]]:
    return {name: globals()[name] for name in __all__}
