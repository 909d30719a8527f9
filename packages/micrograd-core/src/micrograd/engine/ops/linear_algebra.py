"""Linear algebra: solving, factorising, and what is computed from factors.

Everything works on stacks of matrices: the last two axes are the matrix. Formulas of the
factorisations' gradients are those of Giles, *Collected matrix derivative results for forward and
reverse mode algorithmic differentiation* (2008), and Walter and Lehmann for QR (2012). Where two
eigenvalues or singular values are equal, the vectors, and so their gradients, are not determined.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..broadcasting import Array
from ..op import derived, op
from .kernels import numbers, scatter_add
from .products import matmul, transposed

__all__ = [
    "cholesky",
    "det",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
    "matrix_power",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
]


@op(numpy=np.linalg.inv)
def inv(a: Array) -> Array:
    """Inverse of a matrix."""
    return np.linalg.inv(a)


@inv.gradient("a")
def _(g: Array, out: Array, a: Array) -> Array:
    """dL/dA = −A⁻ᵀ G A⁻ᵀ"""
    return -(transposed(out) @ g @ transposed(out))


@op(name="solve")
def _solve(a: Array, b: Array) -> Array:
    """The matrix X with A X = B."""
    return np.linalg.solve(a, b)


@_solve.gradient("a")
def _(g: Array, out: Array, a: Array, b: Array) -> Array:
    """dL/dA = −(A⁻ᵀ G) Xᵀ"""
    return -(_solve(transposed(a), g) @ transposed(out))


@_solve.gradient("b")
def _(g: Array, out: Array, a: Array, b: Array) -> Array:
    """dL/dB = A⁻ᵀ G"""
    return _solve(transposed(a), g)


@derived(numpy=np.linalg.solve)
def solve(a: Array, b: Array) -> Array:
    """The x with A x = b, for a vector b or the columns of a matrix."""
    if np.ndim(b) == 1:
        return _solve(a, np.expand_dims(b, -1))[..., 0]
    return _solve(a, b)


@op(numpy=np.linalg.det)
def det(a: Array) -> Array:
    """Determinant."""
    return np.linalg.det(a)


@det.gradient("a")
def _(g: Array, out: Array, a: Array) -> Array:
    """dL/dA = g · the cofactors of A, which exist for a singular matrix too"""
    return np.expand_dims(g, (-2, -1)) * _cofactors(a)


@op(name="cofactors")
def _cofactors(a: Array) -> Array:
    """The determinants of A without row i and column j, with the signs of a chessboard.

    With A = U diag(s) Vᵀ they are det(U) det(V) U diag(Π_{k ≠ i} s_k) Vᵀ.
    """
    if a.shape[-1] == 0:
        return a.copy()
    u, s, vt = np.linalg.svd(a)
    one = np.ones_like(s[..., :1])
    before = np.cumprod(np.concatenate([one, s[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([one, s[..., :0:-1]], -1), -1)[..., ::-1]
    sign = np.linalg.det(u) * np.linalg.det(vt)
    return (u * np.expand_dims(np.expand_dims(sign, -1) * before * after, -2)) @ vt


@_cofactors.gradient("a")
def _(g: Array, out: Array, a: Array) -> Array:
    """Cofactor (i, j) is the determinant of a smaller matrix, whose gradient its cofactors are"""
    n = a.shape[-1]
    if n < 2:
        return np.zeros_like(a)
    others = np.array([[k for k in range(n) if k != i] for i in range(n)])
    rows, columns = others[:, None, :, None], others[None, :, None, :]
    signs = (-1.0) ** np.add.outer(np.arange(n), np.arange(n))
    share = np.expand_dims(g * signs, (-2, -1)) * _cofactors(a[..., rows, columns])
    return scatter_add(share, rows, columns, key=(..., "array", "array"), shape=a.shape)


@op(name="slogdet")
def _log_abs_det(a: Array) -> Array:
    """Logarithm of the determinant's absolute value."""
    return np.linalg.slogdet(a)[1]


@_log_abs_det.gradient("a")
def _(g: Array, out: Array, a: Array) -> Array:
    """dL/dA = g A⁻ᵀ"""
    return np.expand_dims(g, (-2, -1)) * transposed(np.linalg.inv(a))


@op(name="sign of det", constant="a")
def _sign_of_det(a: Array) -> Array:
    """The determinant's sign: piecewise constant."""
    return np.linalg.slogdet(a)[0]


@derived(numpy=np.linalg.slogdet)
def slogdet(a: Array) -> Any:
    """Sign of the determinant, and logarithm of its absolute value."""
    result = type(np.linalg.slogdet(np.eye(1)))
    return result(_sign_of_det(a), _log_abs_det(a))


@op(numpy=np.linalg.cholesky)
def cholesky(a: Array) -> Array:
    """The lower triangle L with A = L Lᵀ, of which only A's lower triangle is read."""
    return np.linalg.cholesky(a)


@cholesky.gradient("a")
def _(g: Array, out: Array, a: Array) -> Array:
    """With Φ = the lower triangle with half of the diagonal: S = L⁻ᵀ Φ(LᵀG) L⁻¹, symmetrised,
    and given to the lower triangle, each pair of equal entries at once"""
    inner = _half_diagonal(transposed(out) @ np.tril(g))
    s = _solve(transposed(out), transposed(_solve(transposed(out), transposed(inner))))
    s = s + transposed(s)
    return _half_diagonal(s)


def _half_diagonal(x: Array) -> Array:
    n = x.shape[-1]
    return x * (np.tri(n, k=-1) + 0.5 * np.eye(n))


@op(name="eigh")
def _eigh(a: Array) -> tuple[Array, ...]:
    """Eigenvalues in ascending order, and eigenvectors, of a symmetric matrix."""
    return tuple(np.linalg.eigh(a))


@_eigh.gradient("a")
def _(g: tuple[Array, Array], out: tuple[Array, Array], a: Array) -> Array:
    """dL/dA = V (diag(g_w) + F ∘ (VᵀG_v)) Vᵀ with F_ij = 1/(w_j − w_i), symmetrised"""
    w, v = out
    gaps = np.expand_dims(w, -2) - np.expand_dims(w, -1)
    inner = _diagonal(g[0]) + _inverse(gaps) * (transposed(v) @ g[1])
    full = v @ inner @ transposed(v)
    n = a.shape[-1]
    return np.tril(full + transposed(full)) * (1.0 - 0.5 * np.eye(n))


def _diagonal(x: Array) -> Array:
    """Diagonal matrices, from vectors in the last axis."""
    return np.expand_dims(x, -1) * np.eye(x.shape[-1])


def _inverse(x: Array) -> Array:
    """1/x, and 0 where x is 0."""
    zero = x == 0
    return (1 - zero) / np.where(zero, 1.0, x)


@derived(numpy=np.linalg.eigh)
def eigh(a: Array, UPLO: str = "L") -> Any:
    """Eigenvalues in ascending order, and eigenvectors, of a symmetric matrix (one triangle)."""
    result = type(np.linalg.eigh(np.eye(1)))
    return result(*_eigh(transposed(a) if UPLO.upper() == "U" else a))


@derived(numpy=np.linalg.eigvalsh)
def eigvalsh(a: Array, UPLO: str = "L") -> Array:
    """Eigenvalues of a symmetric matrix, in ascending order."""
    return eigh(a, UPLO)[0]


@op(name="svd")
def _svd(a: Array) -> tuple[Array, ...]:
    """The thin factors U, s, Vᵀ with A = U diag(s) Vᵀ."""
    return tuple(np.linalg.svd(a, full_matrices=False))


@_svd.gradient("a")
def _(g: tuple[Array, ...], out: tuple[Array, ...], a: Array) -> Array:
    """With F_ij = 1/(s_j² − s_i²): dL/dA = U (diag(g_s) + (F∘(UᵀG_u − G_uᵀU)) S + S (F∘(VᵀG_v −
    G_vᵀV))) Vᵀ, and the parts of G_u and G_v outside of the spans of U and V, over s"""
    u, s, vt = out
    gu, gs, gvt = g
    v, gv = transposed(vt), transposed(gvt)
    row = np.expand_dims(s, -2)
    f = _inverse(np.square(row) - np.square(np.expand_dims(s, -1)))
    left, right = transposed(u) @ gu, transposed(v) @ gv
    middle = _diagonal(gs) + (f * (left - transposed(left))) * row
    middle = middle + np.expand_dims(s, -1) * (f * (right - transposed(right)))
    full = u @ middle @ vt
    if a.shape[-2] > a.shape[-1]:
        full = full + ((gu - u @ left) * _inverse(row)) @ vt
    if a.shape[-1] > a.shape[-2]:
        full = full + (u * _inverse(row)) @ transposed(gv - v @ right)
    return full


@derived(numpy=np.linalg.svd)
def svd(a: Array, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Singular values, and with ``compute_uv`` the factors U and Vᵀ.

    The columns that ``full_matrices=True`` adds to U or Vᵀ are not determined by A, so a matrix
    that is not square needs ``full_matrices=False``.
    """
    if not compute_uv:
        return _svd(a)[1]
    if full_matrices and a.ndim > 1 and a.shape[-1] != a.shape[-2]:
        raise TypeError(
            f"svd of shape {a.shape} with full_matrices=True has columns without a gradient. Pass "
            "full_matrices=False."
        )
    result = type(np.linalg.svd(np.eye(1)))
    return result(*_svd(a))


@derived(numpy=np.linalg.svdvals)
def svdvals(a: Array) -> Array:
    """Singular values, in descending order."""
    return _svd(a)[1]


@op(name="qr")
def _qr(a: Array) -> tuple[Array, ...]:
    """Q with orthonormal columns and an upper triangle R, with A = Q R."""
    return tuple(np.linalg.qr(a))


@_qr.gradient("a")
def _(g: tuple[Array, Array], out: tuple[Array, Array], a: Array) -> Array:
    """With M = R G_rᵀ − G_qᵀ Q and its lower triangle mirrored: dL/dA = (G_q + Q M) R⁻ᵀ"""
    q, r = out
    n = r.shape[-1]
    m = r @ transposed(np.triu(g[1])) - transposed(g[0]) @ q
    mirrored = np.tril(m) + transposed(np.tril(m) * np.tri(n, k=-1))
    return transposed(_solve(r, transposed(g[0] + q @ mirrored)))


@derived(numpy=np.linalg.qr)
def qr(a: Array, mode: str = "reduced") -> Any:
    """Q with orthonormal columns and an upper triangle R, with A = Q R.

    A matrix with more columns than rows is split: its first square part has the factors.
    """
    if mode not in ("reduced", "r"):
        raise TypeError(f"qr: mode={mode!r} is not supported for Values. Use 'reduced' or 'r'.")
    rows, columns = a.shape[-2:] if a.ndim > 1 else (0, 0)  # _qr refuses a vector
    if rows >= columns:
        q, r = _qr(a)
    else:
        q, square = _qr(a[..., :rows])
        r = np.concatenate([square, transposed(q) @ a[..., rows:]], -1)
    if mode == "r":
        return r
    return type(np.linalg.qr(np.eye(1)))(q, r)


@op(name="pinv")
def _pinv(a: Array, *, rtol: Any) -> Array:
    """Pseudo-inverse: V diag(1/s) Uᵀ over the singular values that are not negligible."""
    return np.linalg.pinv(a, rtol)


@_pinv.gradient("a")
def _(g: Array, out: Array, a: Array) -> Array:
    """With P = A⁺: dP = −P dA P + P Pᵀ dAᵀ (1 − A P) + (1 − P A) dAᵀ Pᵀ P (Golub, Pereyra, 1973),
    which, unlike the gradient of svd, is determined where singular values are equal"""
    p, pt, gt = out, transposed(out), transposed(g)
    left, right = pt @ p, p @ pt
    inner = (gt - a @ (p @ gt)) @ right + left @ (gt - (gt @ p) @ a)
    return inner - pt @ g @ pt


@derived(numpy=np.linalg.pinv)
def pinv(a: Array, rcond: Any = None, *, rtol: Any = None) -> Array:
    """Pseudo-inverse of a matrix, over the singular values that are not negligible."""
    return _pinv(a, rtol=1e-15 if rtol is rcond is None else rcond if rtol is None else rtol)


@derived(numpy=np.linalg.matrix_power)
def matrix_power(a: Array, n: int) -> Array:
    """A times itself, n times; the inverse's power for a negative n."""
    n = operator.index(n)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError(f"matrix_power of shape {a.shape}. Give square matrices.")
    if n < 0:
        a, n = inv(a), -n
    if n == 0:
        return np.where(True, np.eye(a.shape[-1], dtype=a.dtype), a)
    out = None
    while n:
        if n % 2:
            out = a if out is None else matmul(out, a)
        a, n = (matmul(a, a) if n > 1 else a), n // 2
    return out


@derived(numpy=np.linalg.lstsq)
def lstsq(a: Array, b: Array, rcond: Any = None) -> Any:
    """The x that makes |A x − b|² least, the sums of squares that remain, rank, singular values."""
    x = matmul(pinv(a, rcond), b)
    _, remains, rank, s = np.linalg.lstsq(numbers(a), numbers(b), rcond)
    if remains.size:
        remains = np.square(matmul(a, x) - b).sum(axis=0).reshape(remains.shape)
    return x, remains, rank, svdvals(a) if s.size else s
