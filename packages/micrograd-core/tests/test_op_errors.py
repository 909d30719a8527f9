"""What do ops refuse, and with which words?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, ops


def v(*shape: int) -> Value:
    return Value(np.ones(shape))


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "gelu": (lambda: ops.gelu(v(2), approximate="erf"), ValueError, "Pass 'none' or 'tanh'"),
    "gradient of places": (
        lambda: np.gradient(v(3), np.array([0.0, 1.0, 3.0])),
        TypeError,
        "one number as distance",
    ),
    "gradient of order 2": (lambda: np.gradient(v(3), edge_order=2), TypeError, "edge_order=1"),
    "gradient of one": (lambda: np.gradient(v(1)), ValueError, "length 1. Give two samples"),
    "take_along_axis": (
        lambda: np.take_along_axis(v(2, 3), np.array([0]), 1),
        ValueError,
        r"indices of shape \(1,\) for an array of shape \(2, 3\)",
    ),
    "pad width": (lambda: np.pad(v(2), 1.5), TypeError, "pad_width=1.5. Pass integers"),
    "pad mode": (lambda: np.pad(v(2), 1, mode="mean"), TypeError, "mode='mean' is not supported"),
    "diag": (lambda: np.diag(v(2, 2, 2)), ValueError, r"shape \(2, 2, 2\)\. Give one axis or two"),
    "diff": (lambda: np.diff(v(2), n=-1), ValueError, "n=-1. Pass the number of times"),
    "unstack": (lambda: ops.unstack(v()), ValueError, "needs an axis"),
    "split": (lambda: np.split(v(3), 2), ValueError, "length 3 into 2 equal parts"),
    "hsplit": (lambda: np.hsplit(v(), 1), ValueError, "hsplit of shape"),
    "vsplit": (lambda: np.vsplit(v(2), 1), ValueError, "two axes or more"),
    "dsplit": (lambda: np.dsplit(v(2, 2), 1), ValueError, "three axes or more"),
    "svd": (lambda: np.linalg.svd(v(2, 3)), TypeError, "full_matrices=False"),
    "qr": (lambda: np.linalg.qr(v(3, 2), mode="complete"), TypeError, "mode='complete'"),
    "matrix_power": (
        lambda: np.linalg.matrix_power(v(2, 3), 2),
        np.linalg.LinAlgError,
        "Give square matrices",
    ),
    "norm of three axes": (lambda: np.linalg.norm(v(2, 2, 2), 1), ValueError, "by axis="),
    "norm over three": (
        lambda: np.linalg.norm(v(2, 2, 2), 1, axis=(0, 1, 2)),
        ValueError,
        "one axis for vectors, two for matrices",
    ),
    "matrix_norm": (lambda: np.linalg.matrix_norm(v(2)), ValueError, "two axes or more"),
    "norm by name": (lambda: np.linalg.norm(v(2), "fro"), ValueError, "Use a p > 0"),
    "norm of order 0": (lambda: np.linalg.norm(v(2), 0), TypeError, "ord=0 on a Value"),
    "matrix norm": (lambda: np.linalg.norm(v(2, 2), 3), ValueError, "Use 'fro', 'nuc'"),
    "vecdot": (lambda: np.vecdot(v(), v()), ValueError, "They need 1 and 1 axes"),
    "matvec": (lambda: ops.matvec(v(2), v(2)), ValueError, "They need 2 and 1 axes"),
    "vecmat": (lambda: ops.vecmat(v(2), v(2)), ValueError, "They need 1 and 2 axes"),
    "tensordot lengths": (
        lambda: np.tensordot(v(2, 3), v(2, 3), 1),
        ValueError,
        r"lengths \(3,\) and \(2,\)\. They must agree",
    ),
    "cross": (lambda: np.cross(v(2), v(2)), ValueError, "2 and 2 elements. Give three each"),
    "outer": (lambda: np.linalg.outer(v(2, 2), v(2)), ValueError, "Give two vectors"),
    "einsum terms": (lambda: np.einsum("ij,jk", v(2, 2)), ValueError, "2 terms for 1 operands"),
    "einsum rank": (lambda: np.einsum("i", v(2, 2)), ValueError, "term 'i' does not fit"),
    "multi_dot": (lambda: np.linalg.multi_dot([v(2, 2)]), ValueError, "Give two matrices or more"),
    "average": (
        lambda: np.average(v(2, 3), weights=np.ones(2)),
        TypeError,
        r"weights of shape \(2,\) for an array of shape \(2, 3\)",
    ),
    "max where": (lambda: np.max(v(2), where=np.array([True, False])), ValueError, "need initial="),
    "clip": (lambda: ops.clip(v(2), 0, min=0), ValueError, "under two names"),
    "reshape": (lambda: np.reshape(v(2, 2), -1, order="F"), TypeError, "order='F' on a Value"),
    "matrix_transpose": (lambda: v(2).mT, ValueError, "two axes or more"),
}


@pytest.mark.parametrize(("call", "error", "match"), REFUSED.values(), ids=[*REFUSED])
def test_refused(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()
