"""Which NumPy functions give a Value no gradient, and why?

They compute on the bare numbers, and their result is plain. None of them hands the numbers on:
what they return would be the same if the numbers moved a little.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_BY_REASON: dict[str, tuple[Callable[..., Any], ...]] = {
    "truth values": (
        *(np.less, np.less_equal, np.equal, np.not_equal, np.greater, np.greater_equal),
        *(np.isnan, np.isinf, np.isfinite, np.isneginf, np.isposinf, np.signbit),
        *(np.isreal, np.iscomplex, np.isrealobj, np.iscomplexobj),
        *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not, np.all, np.any),
        *(np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isin),
        *(np.shares_memory, np.may_share_memory),
    ),
    "indices": (
        *(np.argmax, np.argmin, np.nanargmax, np.nanargmin),
        *(np.argsort, np.argpartition, np.lexsort, np.searchsorted, np.digitize),
        *(np.nonzero, np.flatnonzero, np.argwhere),
        *(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from),
    ),
    "counts": (np.count_nonzero, np.linalg.matrix_rank),
    "shapes": (np.shape, np.ndim, np.size),
    "dtypes": (np.result_type, np.can_cast, np.common_type, np.min_scalar_type),
    "a fresh array of the same shape": (np.zeros_like, np.ones_like, np.empty_like),
    "text": (np.array2string, np.array_repr, np.array_str),
}

PLAIN: dict[Callable[..., Any], str] = {
    function: reason for reason, functions in _BY_REASON.items() for function in functions
}
"""Function -> what its result is made of, which is why it has no gradient."""
