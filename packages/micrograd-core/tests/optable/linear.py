"""Rows of products and of linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import ops
from micrograd.engine.testing import Sample, sample

from .rows import Function, Row, a, calls, like, numpys, on_a_list, p, regular


def _einsum(function: Function) -> Function:
    def call(*arrays: Any, subscripts: Any) -> Any:
        if isinstance(subscripts, str):
            return function(subscripts, *arrays)
        terms, result = subscripts[: len(arrays)], subscripts[len(arrays) :]
        return function(*(one for pair in zip(arrays, terms, strict=True) for one in pair), *result)

    return call


_EINSUMS = {
    "ij,jk->ik": [(2, 3), (3, 4)],
    "ij,jk": [(2, 3), (3, 4)],
    "ba": [(2, 3)],
    "ij->": [(2, 3)],
    "ij->j": [(2, 3)],
    "ii": [(3, 3)],
    "ii->i": [(3, 3)],
    "iij->j": [(3, 3, 2)],
    "iii->i": [(2, 2, 2)],
    "bii->b": [(2, 3, 3)],
    "i,i,i->": [(3,), (3,), (3,)],
    "i,j->ij": [(2,), (3,)],
    "ij,ij->ij": [(2, 3), (2, 3)],
    "ij,ij->i": [(2, 3), (1, 3)],
    "ij,k->i": [(2, 3), (2,)],
    "...ij,...jk->...ik": [(2, 2, 3), (3, 2)],
    "...,...": [(2, 3), (3,)],
    "i...->...": [(2, 3)],
    "...ii->...i": [(2, 3, 3)],
    "b...i,i...->b...": [(2, 3, 4), (4, 3)],
    " i j , j -> i ": [(2, 3), (3,)],
    ",i->i": [(), (3,)],
    "ij,jk,kl->il": [(2, 3), (3, 2), (2, 4)],
    "i->": [(0,)],
    "ij,jk->ik ": [(2, 0), (0, 3)],
}


def _symmetric(function: Function) -> Function:
    """A function of symmetric matrices, as one of any: x + xᵀ."""
    return lambda x, **settings: function(x + np.swapaxes(x, -1, -2), **settings)


def _signless(function: Function) -> Function:
    """Factors whose signs NumPy chooses: the vectors squared tell all that is determined."""

    def call(*arrays: Any, **settings: Any) -> Any:
        out = function(*arrays, **settings)
        if not isinstance(out, tuple):
            return out
        return tuple(one if one.ndim == 1 or arrays[0].ndim == 3 else one * one for one in out)

    return call


def _definite(function: Function) -> Function:
    """A function of positive definite matrices, as one of any: x xᵀ + 1."""

    def call(x: Any) -> Any:
        return function(x @ np.swapaxes(x, -1, -2) + np.eye(x.shape[-1], dtype=x.dtype))

    return call


def _determined(function: Function) -> Function:
    """What of lstsq has a gradient, without the rank."""

    def call(*arrays: Any) -> Any:
        x, remains, _, s = function(*arrays, rcond=None)
        return tuple(one for one in (x, s, remains) if one.size)

    return call


def _log_of_det(function: Function) -> Function:
    return lambda x: tuple(function(x))


def _tuple(function: Function) -> Function:
    def call(*arrays: Any, **settings: Any) -> Any:
        out = function(*arrays, **settings)
        return tuple(out) if isinstance(out, tuple) else out

    return call


_SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
_products: list[Sample] = [
    sample(a(3), a(3)),
    sample(a(2, 3), a(3)),
    sample(a(2, 3), a(3, 4)),
    sample(a(0, 3), a(3, 2)),
    sample(a(2, 0), a(0, 3)),
]

LINEAR: dict[str, Row] = {
    # test_matmul.py tries every pair of ranks
    "matmul": like(
        "matmul", *_products, sample(a(2, 3, 4), a(4)), sample(a(2, 1, 3, 4), a(2, 4, 1))
    ),
    "linear": calls(
        ops.linear,
        lambda x, weight, bias: x @ weight + bias,
        sample(a(2, 3), a(3, 4), a(4)),
        sample(a(3), a(3, 4), a(4)),
        sample(a(2, 5, 3), a(3, 1), a(1)),
        sample(a(2, 3), a(3, 4), a(2, 4)),
        sample(a(0, 3), a(3, 2), a(2)),
        sample(a(2, 0), a(0, 3), a(3)),
    ),
    "dot": like(
        "dot",
        *_products,
        sample(a(), a(2, 3)),
        sample(a(2, 2, 3), a(3)),
        sample(a(2, 3), a(4, 3, 2)),
    ),
    "vdot": like("vdot", sample(a(3), a(3)), sample(a(2, 3), a(3, 2)), sample(a(), a())),
    "vecdot": like("vecdot", sample(a(3), a(3)), sample(a(2, 3), a(4, 1, 3))),
    # the next two are in NumPy since 2.2
    "matvec": calls(
        ops.matvec,
        lambda x1, x2: (x1 @ x2[..., None])[..., 0],
        sample(a(2, 3), a(3)),
        sample(a(2, 3), a(4, 3)),
    ),
    "vecmat": calls(
        ops.vecmat,
        lambda x1, x2: (x1[..., None, :] @ x2)[..., 0, :],
        sample(a(3), a(3, 2)),
        sample(a(4, 3), a(3, 2)),
    ),
    "inner": like("inner", sample(a(3), a(3)), sample(a(2, 3), a(4, 2, 3)), sample(a(), a(2))),
    "outer": like("outer", sample(a(3), a(2)), sample(a(2, 2), a(3)), sample(a(), a(2))),
    "tensordot": like(
        "tensordot",
        sample(a(2, 3, 4), a(3, 4, 2)),
        sample(a(2, 3), a(3, 2), axes=1),
        sample(a(2, 3), a(4), axes=0),
        sample(a(2, 3, 4), a(4, 5, 2), axes=((0, -1), (2, 0))),
        sample(a(2, 3), a(3), axes=(1, 0)),
    ),
    "kron": like("kron", sample(a(2, 3), a(3, 2)), sample(a(2), a(2, 3)), sample(a(), a(2))),
    "cross": like(
        "cross",
        sample(a(3), a(3)),
        sample(a(2, 3), a(3)),
        sample(a(3, 2), a(3, 2), axis=0),
        sample(a(3, 2), a(2, 3), axisa=0, axisc=0),
    ),
    "einsum": like(
        "einsum",
        *(sample(*(a(*s) for s in shapes), subscripts=how) for how, shapes in _EINSUMS.items()),
        sample(a(2, 3), a(3, 4), subscripts=([0, 1], [1, 2], [0, 2])),
        sample(a(2, 3), a(3, 4), subscripts=([0, 1], [1, 2])),
        sample(a(2, 3, 3), subscripts=([Ellipsis, 5, 5], [Ellipsis])),
        to=_einsum,
    ),
    "multi_dot": like(
        "linalg.multi_dot",
        sample(a(2, 3), a(3, 4), a(4, 2)),
        sample(a(3), a(3, 4), a(4)),
        sample(a(2, 3), a(3)),
        to=on_a_list,
    ),
    "inv": like("linalg.inv", sample(regular(3, 3)), sample(regular(2, 2, 2)), sample(a(0, 0))),
    "solve": like(
        "linalg.solve",
        sample(regular(3, 3), a(3)),
        sample(regular(2, 3, 3), a(3)),
        sample(regular(3, 3), a(2, 3, 2)),
        sample(regular(2, 1, 3, 3), a(2, 3, 1)),
    ),
    "det": like(
        "linalg.det",
        sample(regular(3, 3)),
        sample(regular(2, 2, 2)),
        sample(a(1, 1)),
        sample(_SINGULAR),
        sample(np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0])),
        sample(np.eye(3)),
        sample(a(0, 0)),
    ),
    "slogdet": like(
        "linalg.slogdet", sample(regular(3, 3)), sample(-regular(2, 3, 3)), to=_log_of_det
    ),
    "cholesky": like("linalg.cholesky", sample(a(3, 3)), sample(a(2, 2, 2)), to=_definite),
    "eigh": Row(
        _symmetric(_signless(ops.eigh)),
        _symmetric(_signless(numpys("linalg.eigh"))),
        [sample(a(3, 3)), sample(a(2, 2)), sample(a(3, 3), UPLO="U")],
        by_numpy=True,
    ),
    "eigvalsh": like(
        "linalg.eigvalsh",
        sample(a(3, 3)),
        sample(a(2, 3, 3)),
        sample(a(2, 2), UPLO="U"),
        to=_symmetric,
    ),
    "svd": like(
        "linalg.svd",
        sample(a(2, 3), full_matrices=False),
        sample(regular(3, 3)),
        sample(a(4, 2), full_matrices=False),
        sample(a(2, 3, 2), compute_uv=False),
        to=_signless,
    ),
    "svdvals": like("linalg.svdvals", sample(a(2, 3)), sample(a(2, 3, 2))),
    "qr": like(
        "linalg.qr",
        sample(regular(3, 3)),
        sample(a(4, 2)),
        sample(a(2, 4)),
        sample(regular(2, 3, 3)),
        sample(a(4, 2), mode="r"),
        to=_tuple,
    ),
    "pinv": like(
        "linalg.pinv",
        sample(a(2, 3)),
        sample(a(4, 2)),
        sample(regular(2, 3, 3)),
        sample(np.eye(3)),
        sample(a(2, 3), rtol=1e-10),
    ),
    "matrix_power": like(
        "linalg.matrix_power",
        *(sample(regular(3, 3), n=n) for n in (0, 1, 2, 3, 5, -1, -2)),
        sample(regular(2, 2, 2), n=3),
    ),
    "lstsq": like(
        "linalg.lstsq",
        sample(a(4, 2), a(4)),
        sample(a(4, 2), a(4, 3)),
        sample(regular(3, 3), p(3)),
        sample(a(2, 3), a(2)),
        to=_determined,
    ),
}
