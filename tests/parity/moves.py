"""Which calls move numbers without changing them? The part of the table of cases for those.

`cases` holds the others, and says what the table is.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

from .inputs import Shape, constant, uniform
from .table import Case, Rng, enter, some, some_broadcasting, some_shape


def moved(name: str, x: Shape, /, **settings: Any) -> Case:
    return Case(name, (uniform(x),), settings)


def some_order(rng: Rng, rank: int) -> tuple[int, ...]:
    return tuple(int(a) - rank * int(rng.integers(2)) for a in rng.permutation(rank))


def some_reshape(rng: Rng) -> Case:
    shape = some_shape(rng, 1)
    numbers = [int(n) for n in rng.permutation(shape)]
    cut = int(rng.integers(len(numbers) + 1))
    new = (prod(numbers[:cut]), *numbers[cut:]) if rng.random() < 0.5 else (*numbers[cut:], -1)
    return moved("reshape", shape, shape=new)


enter(
    "reshape",
    [
        moved("reshape", (), shape=(1, 1)),
        moved("reshape", (6,), shape=(2, 3)),
        moved("reshape", (2, 3), shape=(6,)),
        moved("reshape", (2, 3), shape=-1),
        moved("reshape", (2, 3, 2), shape=(3, -1)),
        moved("reshape", (1,), shape=()),
        moved("reshape", (0, 3), shape=(3, 0)),
    ],
    some_reshape,
)


def some_transpose(rng: Rng) -> Case:
    shape = some_shape(rng, 1)
    return moved("transpose", shape, axes=some_order(rng, len(shape)))


enter(
    "transpose",
    [
        moved("transpose", ()),
        moved("transpose", (3,)),
        moved("transpose", (2, 3)),
        moved("transpose", (2, 3, 4)),
        moved("transpose", (2, 3), axes=(1, 0)),
        moved("transpose", (2, 3, 4), axes=(1, 2, 0)),
        moved("transpose", (2, 3, 4), axes=(-1, 0, 1)),
        moved("transpose", (2, 1, 3, 2), axes=(2, 0, 3, 1)),
    ],
    some_transpose,
)


def some_swap(rng: Rng) -> Case:
    shape = some_shape(rng, 1)
    first, second = (int(a) for a in rng.integers(-len(shape), len(shape), size=2))
    return moved("swapaxes", shape, axis1=first, axis2=second)


enter(
    "swapaxes",
    [
        moved("swapaxes", (3,), axis1=0, axis2=0),
        moved("swapaxes", (2, 3), axis1=0, axis2=1),
        moved("swapaxes", (2, 3, 4), axis1=-1, axis2=-2),
        moved("swapaxes", (2, 3, 4), axis1=0, axis2=2),
    ],
    some_swap,
)


def some_expansion(rng: Rng) -> Case:
    shape = some_shape(rng, 0, 3)
    return moved("expand_dims", shape, axis=int(rng.integers(-len(shape) - 1, len(shape) + 1)))


enter(
    "expand_dims",
    [
        moved("expand_dims", (), axis=0),
        moved("expand_dims", (3,), axis=0),
        moved("expand_dims", (3,), axis=-1),
        moved("expand_dims", (2, 3), axis=1),
        moved("expand_dims", (2, 3), axis=(0, 2)),
        moved("expand_dims", (2, 3), axis=(-1, 0)),
    ],
    some_expansion,
)


def some_broadcast(rng: Rng) -> Case:
    (shape,) = some_broadcasting(rng, 1)
    grown = tuple(int(rng.integers(1, 4)) if n == 1 else n for n in shape)
    return moved("broadcast_to", shape, shape=(*some_shape(rng, 0, 2), *grown))


enter(
    "broadcast_to",
    [
        moved("broadcast_to", (), shape=()),
        moved("broadcast_to", (), shape=(2, 3)),
        moved("broadcast_to", (1,), shape=(3,)),
        moved("broadcast_to", (3,), shape=(2, 3)),
        moved("broadcast_to", (2, 1), shape=(2, 3)),
        moved("broadcast_to", (1, 3), shape=(4, 2, 3)),
        moved("broadcast_to", (2, 1, 1), shape=(2, 2, 3)),
        moved("broadcast_to", (1,), shape=(0,)),
    ],
    some_broadcast,
)

enter(
    "astype",
    [moved("astype", shape, dtype=d) for shape in ((), (2, 3)) for d in ("float32", "float64")],
    lambda rng: moved("astype", some_shape(rng), dtype=some(rng, "float32", "float64")),
)

# --- joining -------------------------------------------------------------------------------------


def joined(name: str, *shapes: Shape, **settings: Any) -> Case:
    return Case(name, tuple(map(uniform, shapes)), settings)


def some_concatenation(rng: Rng) -> Case:
    shape, count = some_shape(rng, 1), int(rng.integers(1, 4))
    axis = int(rng.integers(-len(shape), len(shape)))
    parts = []
    for _ in range(count):
        part = list(shape)
        part[axis] = int(rng.integers(1, 4))
        parts.append(tuple(part))
    return joined("concatenate", *parts, axis=axis)


def some_stack(rng: Rng) -> Case:
    shape, count = some_shape(rng, 0, 3), int(rng.integers(1, 4))
    axis = int(rng.integers(-len(shape) - 1, len(shape) + 1))
    return joined("stack", *[shape] * count, axis=axis)


enter(
    "concatenate",
    [
        joined("concatenate", (3,)),
        joined("concatenate", (3,), (2,)),
        joined("concatenate", (3,), (0,), (1,)),
        joined("concatenate", (1, 3), (2, 3), axis=0),
        joined("concatenate", (2, 1), (2, 3), axis=1),
        joined("concatenate", (2, 1, 2), (2, 3, 2), (2, 1, 2), axis=-2),
        joined("concatenate", (2, 2), (3,), axis=None),
        Case("concatenate", (uniform((2,)), constant([0.5, -0.5]), uniform((1,)))),
    ],
    some_concatenation,
)
enter(
    "stack",
    [
        joined("stack", ()),
        joined("stack", (), (), ()),
        joined("stack", (3,), (3,)),
        joined("stack", (3,), (3,), axis=1),
        joined("stack", (3,), (3,), axis=-2),
        joined("stack", (2, 3), (2, 3), (2, 3), axis=-1),
        Case("stack", (constant([0.5, -0.5]), uniform((2,)))),
    ],
    some_stack,
)

# --- indexing ------------------------------------------------------------------------------------

KEYS: tuple[tuple[Shape, Any], ...] = (
    ((3,), 1),
    ((3,), -1),
    ((4,), slice(1, 3)),
    ((4,), slice(None, None, 2)),
    ((3,), slice(2, 2)),
    ((3,), None),
    ((3,), ...),
    ((2, 3), 0),
    ((2, 3), (1, 2)),
    ((2, 3), (slice(None), 1)),
    ((2, 3), (slice(None), None, slice(0, 2))),
    ((2, 3, 2), (..., 0)),
    ((2, 3, 2), (0, ..., slice(1, None))),
    ((4,), [0, 2, 2]),
    ((4,), [-1, 0]),
    ((3, 2), [[0, 1], [1, 1]]),
    ((3, 2), ([0, 2], [1, 1])),
    ((3, 4), (slice(None), [3, 3, 0])),
    ((3, 4), ([2, 0], slice(1, 3))),
    ((2, 3, 4), (slice(None), [0, 2, 0], [1, 1, 1])),
    ((3,), [True, False, True]),
    ((2, 2), [[True, False], [True, True]]),
)


def indexed(shape: Shape, key: Any) -> Case:
    return moved("getitem", shape, key=key)


def some_key(rng: Rng) -> Case:
    """Basic indexing of some axes, and a list of places, in which one may repeat, for one."""
    shape = some_shape(rng, 1)
    chosen = int(rng.integers(-1, len(shape)))
    key: list[Any] = []
    for axis, n in enumerate(shape):
        if axis == chosen:
            key.append([int(i) for i in rng.integers(-n, n, size=rng.integers(1, 5))])
        elif chosen < 0 and rng.random() < 0.3:
            key.append(int(rng.integers(-n, n)))
        else:
            start = int(rng.integers(n))
            key.append(slice(start, int(rng.integers(start, n + 1)), int(rng.integers(1, 3))))
    return indexed(shape, tuple(key))


enter("getitem", [indexed(*one) for one in KEYS], some_key)


def scattered(x: Shape, key: tuple[Any, ...], shape: Shape) -> Case:
    """`"array"` in the key stands for the next index array; here lists stand at their places."""
    indices = [constant(one) for one in key if isinstance(one, list)]
    pattern = tuple("array" if isinstance(one, list) else one for one in key)
    return Case("scatter_add", (uniform(x), *indices), {"key": pattern, "shape": shape})


def some_scattering(rng: Rng) -> Case:
    rows, columns, count = (int(n) for n in rng.integers(1, 5, size=3))
    places = [int(i) for i in rng.integers(-rows, rows, size=count)]
    if rng.random() < 0.5:
        return scattered((count, columns), (places,), (rows, columns))
    others = [int(i) for i in rng.integers(columns, size=count)]
    return scattered((count,), (places, others), (rows, columns))


enter(
    "scatter_add",
    [
        scattered((), (1,), (3,)),
        scattered((2,), (slice(1, 3),), (4,)),
        scattered((2,), (slice(None), 1), (2, 3)),
        scattered((3,), ([0, 2, 2],), (4,)),
        scattered((2, 3), ([1, 1],), (2, 3)),
        scattered((3, 2), (slice(None), [1, 0]), (3, 2)),
        scattered((2,), ([0, 0], [1, 1]), (1, 2)),
    ],
    some_scattering,
)


def sign(shape: Shape) -> Case:
    return Case("sign", (replace(uniform(shape), differentiable=False),))


enter(
    "sign",
    [sign(()), sign((2, 3)), Case("sign", (constant([[-2.0, 0.0], [3.0, -0.5]]),))],
    lambda rng: sign(some_shape(rng)),
)
