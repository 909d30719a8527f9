"""Products of arrays: matrices, tensors, and every sum of products that einsum can say."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..broadcasting import Array, unbroadcast
from ..op import derived, op
from .shaping import moveaxis, reshape

__all__ = [
    "cross",
    "dot",
    "einsum",
    "inner",
    "kron",
    "linear",
    "matmul",
    "matvec",
    "multi_dot",
    "outer",
    "tensordot",
    "vdot",
    "vecdot",
    "vecmat",
]


@op(numpy=(np.matmul, np.linalg.matmul), operator="@")
def matmul(a: Array, b: Array) -> Array:
    """Matrix product, for every pair of ranks that NumPy allows.

    Vectors are rows on the left and columns on the right, and lose that axis in the result; axes
    before the last two are batches, and broadcast.
    """
    return a @ b


@matmul.gradient("a")
def _(g: Array, out: Array, a: Array, b: Array) -> Array:
    """For matrices, dL/dA = G·Bᵀ; a vector is the matrix that it stands for"""
    if a.ndim == b.ndim == 2:
        return np.dot(g, b.T)
    if b.ndim == 1:
        return np.expand_dims(g, -1) * b if a.ndim > 1 else g * b
    if a.ndim == 1:
        return (b @ np.expand_dims(g, -1))[..., 0]
    return g @ transposed(b)


@matmul.gradient("b")
def _(g: Array, out: Array, a: Array, b: Array) -> Array:
    """For matrices, dL/dB = Aᵀ·G; a vector is the matrix that it stands for"""
    if a.ndim == b.ndim == 2:
        return np.dot(a.T, g)
    if a.ndim == 1:
        return g * a if b.ndim == 1 else np.expand_dims(a, -1) * np.expand_dims(g, -2)
    if b.ndim == 1:
        return np.reshape(g, -1) @ np.reshape(a, (g.size, a.shape[-1]))
    if b.ndim == 2 and a.ndim > 2:  # one product over the batch instead of a sum of products
        count = int(np.prod(a.shape[:-1]))
        rows, columns = np.reshape(a, (count, a.shape[-1])), np.reshape(g, (count, g.shape[-1]))
        return rows.T @ columns
    return transposed(a) @ g


@op
def linear(x: Array, weight: Array, bias: Array) -> Array:
    """x·W + b: what a layer of a network computes, as one op, for a batch x of any rank.

    One op takes less time and memory than two, because nobody keeps the product without the bias.
    The weight is a matrix, and the bias has a number for each of its columns, or for each number of
    the result.

    **Errors.** ValueError for a weight or a bias of other shapes.
    """
    matrix, each = getattr(weight, "shape", ()), getattr(bias, "shape", ())
    columns = matrix[1:]
    if len(matrix) != 2 or (each != columns and each != np.shape(x)[:-1] + columns):
        raise ValueError(
            f"linear with a weight of shape {np.shape(weight)} and a bias of shape {each}. Give a "
            "matrix, and a number for each of its columns or for each number of the result; "
            "x @ weight + bias takes any others."
        )
    return x @ weight + bias


@linear.gradient("x")
def _(g: Array, out: Array, x: Array, weight: Array, bias: Array) -> Array:
    """For matrices, dL/dX = G·Wᵀ"""
    return np.dot(g, weight.T) if g.ndim == 2 else g @ weight.T


@linear.gradient("weight")
def _(g: Array, out: Array, x: Array, weight: Array, bias: Array) -> Array:
    """For matrices, dL/dW = Xᵀ·G; further axes are more rows"""
    if x.ndim != 2:
        rows = prod(x.shape[:-1])
        x, g = np.reshape(x, (rows, x.shape[-1])), np.reshape(g, (rows, g.shape[-1]))
    return np.dot(x.T, g)


@linear.gradient("bias")
def _(g: Array, out: Array, x: Array, weight: Array, bias: Array) -> Array:
    """dL/db = ΣG over the rows that share it"""
    return unbroadcast(g, bias.shape)


def transposed(x: Array) -> Array:
    """The last two axes exchanged."""
    return x.T if x.ndim == 2 else np.swapaxes(x, -1, -2)


@derived(numpy=np.dot)
def dot(a: Array, b: Array) -> Array:
    """Product of vectors and matrices; sum over the last axis of a and the last but one of b."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if np.ndim(b) <= 2:
        return matmul(a, b) if np.ndim(a) <= 2 or np.ndim(b) < 2 else tensordot(a, b, 1)
    return tensordot(a, b, ((-1,), (-2,)))


@derived(numpy=np.vdot)
def vdot(a: Array, b: Array) -> Array:
    """Product of the flattened arrays."""
    return matmul(np.reshape(a, -1), np.reshape(b, -1))


@derived(numpy=(np.vecdot, np.linalg.vecdot))
def vecdot(x1: Array, x2: Array) -> Array:
    """Sum of products along the last axis."""
    _check_ranks("vecdot", x1, 1, x2, 1)
    return (x1 * x2).sum(axis=-1)


@derived(numpy=getattr(np, "matvec", ()))  # since NumPy 2.2
def matvec(x1: Array, x2: Array) -> Array:
    """Matrices times vectors, both with broadcast batches."""
    _check_ranks("matvec", x1, 2, x2, 1)
    return matmul(x1, np.expand_dims(x2, -1))[..., 0]


@derived(numpy=getattr(np, "vecmat", ()))  # since NumPy 2.2
def vecmat(x1: Array, x2: Array) -> Array:
    """Vectors times matrices, both with broadcast batches."""
    _check_ranks("vecmat", x1, 1, x2, 2)
    return matmul(np.expand_dims(x1, -2), x2)[..., 0, :]


def _check_ranks(name: str, x1: Array, least1: int, x2: Array, least2: int) -> None:
    if np.ndim(x1) < least1 or np.ndim(x2) < least2:
        raise ValueError(
            f"{name} of shapes {np.shape(x1)} and {np.shape(x2)}. They need {least1} and {least2} "
            "axes or more."
        )


@derived(numpy=np.inner)
def inner(a: Array, b: Array) -> Array:
    """Sum of products over the last axes."""
    return a * b if np.ndim(a) == 0 or np.ndim(b) == 0 else tensordot(a, b, ((-1,), (-1,)))


@derived(numpy=np.outer)
def outer(a: Array, b: Array) -> Array:
    """Every number of one array times every number of another."""
    return np.reshape(a, (-1, 1)) * np.reshape(b, -1)


@derived(numpy=np.linalg.outer)
def _outer_of_vectors(x1: Array, x2: Array) -> Array:
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError(
            f"linalg.outer of shapes {np.shape(x1)} and {np.shape(x2)}. Give two vectors, or use "
            "np.outer."
        )
    return outer(x1, x2)


@derived(numpy=(np.tensordot, np.linalg.tensordot))
def tensordot(a: Array, b: Array, axes: Any = 2) -> Array:
    """Sum of products over some axes of a and of b."""
    if np.ndim(axes) == 0:
        left, right = tuple(range(-axes, 0)), tuple(range(axes))
    else:
        left, right = (tuple(one) if np.ndim(one) else (one,) for one in axes)
    n = len(left)
    a, b = moveaxis(a, left, range(-n, 0)), moveaxis(b, right, range(n))
    summed = a.shape[a.ndim - n :]
    if summed != b.shape[:n]:
        raise ValueError(
            f"tensordot: the summed axes have lengths {summed} and {b.shape[:n]}. They must agree."
        )
    rows, columns = a.shape[: a.ndim - n], b.shape[n:]
    n, m, size = (int(np.prod(one)) for one in (rows, columns, summed))
    product = matmul(np.reshape(a, (n, size)), np.reshape(b, (size, m)))
    return reshape(product, rows + columns)


@derived(numpy=np.kron)
def kron(a: Array, b: Array) -> Array:
    """Every number of one array times the whole of another, as blocks."""
    ndim = np.max([np.ndim(a), np.ndim(b)])
    a, b = (np.reshape(x, (1,) * (ndim - np.ndim(x)) + np.shape(x)) for x in (a, b))
    blocks = np.expand_dims(a, tuple(range(1, 2 * ndim, 2))) * np.expand_dims(
        b, tuple(range(0, 2 * ndim, 2))
    )
    return np.reshape(blocks, tuple(n * m for n, m in zip(a.shape, b.shape, strict=True)))


@derived(numpy=(np.cross, np.linalg.cross))
def cross(
    a: Array, b: Array, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None
) -> Array:
    """Vector product in three dimensions."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError(
            f"cross of vectors with {a.shape[-1]} and {b.shape[-1]} elements. Give three each."
        )
    ahead, behind = [1, 2, 0], [2, 0, 1]
    out = a[..., ahead] * b[..., behind] - a[..., behind] * b[..., ahead]
    return moveaxis(out, -1, axisc)


@op(name="einsum")
def _einsum(*operands: Array, terms: tuple[str, ...], result: str) -> Array:
    """Sums of products: explicit terms, one letter an axis."""
    return np.einsum(f"{','.join(terms)}->{result}", *operands)


@_einsum.gradient("operands")
def _(
    g: Array, out: Array, *operands: Array, terms: tuple[str, ...], result: str, position: int
) -> Array:
    """The operand and the result change places; an axis that only the operand has is repeated,
    and a repeated letter is a diagonal"""
    x, term = operands[position], terms[position]
    others = [(o, t) for i, (o, t) in enumerate(zip(operands, terms, strict=True)) if i != position]
    sizes = dict(zip(term, x.shape, strict=True))
    for o, t in others:
        for letter, n in zip(t, o.shape, strict=True):
            sizes[letter] = n if sizes.get(letter, 1) == 1 else sizes[letter]
    letters = "".join(dict.fromkeys(term))
    there = set(result).union(*(t for _, t in others))
    reached = "".join(letter for letter in letters if letter in there)
    share = _einsum(
        g, *(o for o, _ in others), terms=(result, *(t for _, t in others)), result=reached
    )
    missing = [i for i, letter in enumerate(letters) if letter not in there]
    share = np.expand_dims(share, tuple(missing))
    if len(letters) == len(term):
        return np.broadcast_to(
            share,
            tuple(
                sizes[letter] if letter not in there else n
                for letter, n in zip(letters, share.shape, strict=True)
            ),
        )
    share = np.broadcast_to(share, tuple(sizes[letter] for letter in letters))
    places = np.ix_(*(np.arange(sizes[letter]) for letter in letters))
    index = tuple(places[letters.index(letter)] for letter in term)
    from .kernels import scatter_add

    return scatter_add(share, *index, key=("array",) * len(index), shape=x.shape)


@derived(numpy=np.einsum)
def einsum(*operands: Any, optimize: Any = False) -> Array:
    """Sums of products in Einstein's notation, in every form that NumPy takes.

    ``optimize`` is accepted and not needed.
    """
    subscripts, arrays = _spelled(operands)
    terms, result = _explicit(subscripts, [np.ndim(array) for array in arrays])
    return _einsum(*arrays, terms=terms, result=result)


def _spelled(operands: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """The form with lists of axis numbers, as one with letters."""
    if isinstance(operands[0], str):
        return operands[0].replace(" ", ""), list(operands[1:])
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def letters(axes: Any) -> str:
        return "".join("..." if axis is Ellipsis else alphabet[axis] for axis in axes)

    arrays, terms = list(operands[:-1:2]), [letters(axes) for axes in operands[1::2]]
    result = f"->{letters(operands[-1])}" if len(operands) % 2 else ""
    return ",".join(terms) + result, arrays


def _explicit(subscripts: str, ranks: list[int]) -> tuple[tuple[str, ...], str]:
    """Each operand's term and the result's, with letters in place of every ellipsis."""
    left, arrow, right = subscripts.partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise ValueError(
            f"einsum {subscripts!r} has {len(terms)} terms for {len(ranks)} operands. Give one "
            "each."
        )
    free = [
        c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba" if c not in subscripts
    ]
    spare = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=True)]
    width = max([n for n, term in zip(spare, terms, strict=True) if "..." in term], default=0)
    dots = "".join(free[:width])
    full = []
    for term, n in zip(terms, spare, strict=True):
        if n < 0 or (n and "..." not in term):
            raise ValueError(
                f"einsum {subscripts!r}: the term {term!r} does not fit an operand of "
                f"{n + len(term.replace('...', ''))} axes. Name each axis, or write '...'."
            )
        full.append(term.replace("...", dots[len(dots) - n :] if n else ""))
    if arrow:
        return tuple(full), right.replace("...", dots)
    letters = left.replace(",", "").replace("...", "")
    return tuple(full), dots + "".join(sorted(c for c in letters if letters.count(c) == 1))


@derived(numpy=np.linalg.multi_dot)
def multi_dot(arrays: Any) -> Array:
    """Product of several matrices, from left to right; the first and last may be vectors."""
    ranks = [np.ndim(array) for array in arrays]
    if len(ranks) == 2:
        return dot(*arrays)
    if len(ranks) < 2 or {*ranks[1:-1]} - {2} or {ranks[0], ranks[-1]} - {1, 2}:
        raise ValueError(
            f"multi_dot of arrays with {ranks} axes. Give two matrices or more; the first and the "
            "last may be vectors."
        )
    out = arrays[0]
    for array in arrays[1:]:
        out = matmul(out, array)
    return out
