"""Which calls of NumPy's functions does PyTorch know too? The rest of the table of cases.

`cases` holds the operators, losses and what networks are made of, and says what the table is. A
function that gives several arrays is compared by all of them, flattened one after another.
"""

from __future__ import annotations

from typing import Any

from .inputs import Input, Shape, constant, fixed, matrices, uniform
from .table import Case, Rng, enter, some, some_shape


def further(name: str, *cases: tuple[Any, ...]) -> None:
    """Enter calls, each as its inputs (or shapes of them) and then settings."""
    found = []
    for one in cases:
        settings = one[-1] if isinstance(one[-1], dict) else {}
        inputs = one[:-1] if isinstance(one[-1], dict) else one
        given = tuple(x if isinstance(x, Input) else uniform(x) for x in inputs)
        found.append(Case(name, given, settings))
    enter(name, found, lambda rng: some(rng, *found))


def elementwise(name: str, low: float = -2.0, high: float = 2.0, *literal: Any) -> None:
    """Enter a function of one array, for numbers from a range."""

    def case(shape: Shape) -> Case:
        return Case(name, (uniform(shape, low, high),))

    def drawn(rng: Rng) -> Case:
        return case(some_shape(rng))

    shapes: tuple[Shape, ...] = ((), (3,), (2, 3), (0,))
    enter(name, [*map(case, shapes), *(Case(name, (fixed(one),)) for one in literal)], drawn)


FAR = [-1000.0, -40.0, -0.5, 0.5, 40.0, 1000.0]
PAIRS: tuple[tuple[Shape, Shape], ...] = (((), ()), ((3,), (3,)), ((2, 1), (3,)), ((0, 3), (3,)))

ANY_NUMBER = "exp2 expm1 square sin cos tan sinh cosh arcsinh arctan degrees radians sinc"
for one in ANY_NUMBER.split():
    elementwise(one)
for one in ["log2", "log10", "log1p", "reciprocal"]:
    elementwise(one, 0.2, 2.5)
for one in ["arcsin", "arccos", "arctanh"]:
    elementwise(one, -0.9, 0.9)
elementwise("arccosh", 1.2, 3.0)
elementwise("erf", -4.0, 4.0, FAR)
for one in ["leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "softsign", "logsigmoid"]:
    elementwise(one, -2.0, 2.0, FAR)
elementwise("hardtanh", -2.0, 2.0, FAR)
elementwise("nan_to_num", -2.0, 2.0, FAR)

for one in ["arctan2", "hypot", "logaddexp", "logaddexp2", "fmax", "fmin"]:
    further(one, *PAIRS)
further("remainder", *((a, uniform(b, 0.5, 1.5)) for a, b in PAIRS))
further("copysign", *((a, constant([-1.0, 2.0, -3.0])) for a in ((3,), (2, 3))))
further(
    "clip",
    ((2, 3), {"a_min": -1.0, "a_max": 0.5}),
    ((4,), {"a_min": None, "a_max": 0.5}),
    ((4,), {"a_min": -0.5, "a_max": None}),
)

# --- reductions ----------------------------------------------------------------------------------

AXES: tuple[dict[str, Any], ...] = (
    {},
    {"axis": 1},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"axis": (-1, 0), "keepdims": True},
)
for one in ("nansum", "logsumexp", "ptp"):
    further(one, *(((2, 3, 4), axes) for axes in AXES))
further("prod", *(((2, 3, 4), axes) for axes in AXES[:3]), (fixed([[2.0, 0.0], [3.0, 5.0]]),))
further("var", *(((2, 3, 4), axes) for axes in AXES), ((3, 4), {"axis": 0, "ddof": 1}))
further("std", *(((2, 3, 4), axes) for axes in AXES), ((3, 4), {"axis": 1, "ddof": 1}))
WITH_ZEROS = fixed([[2.0, 0.0, 3.0, 0.0], [1.0, -2.0, 4.0, 0.5]])
for one in ("cumsum", "cumprod"):
    further(one, ((4,), {"axis": 0}), ((2, 3, 2), {"axis": -2}), (WITH_ZEROS, {"axis": 1}))
ORDERS = ({}, *({"ord": one} for one in (1, 2, 3, 2.5, float("inf"), float("-inf"))))
further(
    "norm", *(((4,), one) for one in ORDERS), ((2, 3),), ((2, 3, 2), {"axis": 1, "keepdims": True})
)
further("vector_norm", *(((4,), one) for one in ORDERS), ((2, 3, 4), {"axis": (0, 2), "ord": 3}))
MATRIX_ORDERS = ("fro", "nuc", 1, -1, 2, -2, float("inf"), float("-inf"))
further("matrix_norm", *(((2, 3, 2), {"ord": one}) for one in MATRIX_ORDERS))

# --- shape and indexing --------------------------------------------------------------------------

for one in ("ravel", "flatten", "copy", "atleast_1d", "atleast_2d", "atleast_3d"):
    further(one, ((),), ((3,),), ((2, 3),), ((0, 2),))
further("matrix_transpose", ((2, 3),), ((2, 3, 4),))
further(
    "moveaxis",
    ((2, 3, 4), {"source": 0, "destination": -1}),
    ((2, 3, 4), {"source": (-1, 0), "destination": (0, 1)}),
)
further("squeeze", ((1, 3, 1),), ((1, 3, 1), {"axis": -1}), ((1, 3, 1), {"axis": (0, 2)}))
further("broadcast_arrays", ((3,), (2, 1)), ((), (2,)))
further(
    "sliding_window_view",
    ((6,), {"window_shape": 3, "axis": 0}),
    ((2, 5), {"window_shape": 2, "axis": -1}),
)
further("take", ((2, 3), {"indices": [5, 0, 0]}), ((2, 3), {"indices": [[1, 1], [0, 2]]}))
further(
    "take_along_axis",
    ((2, 3), constant([[0, 0, 2], [1, 1, 1]]), {"axis": 1}),
    ((3, 2), constant([[1, 0]]), {"axis": 0}),
)
further(
    "repeat",
    ((2, 3), {"repeats": 2}),
    ((2, 3), {"repeats": [1, 0, 2], "axis": 1}),
    ((0,), {"repeats": 2}),
)
further("tile", ((3,), {"reps": (2,)}), ((2, 3), {"reps": (2, 1, 2)}))
further("flip", ((2, 3), {"axis": (0, 1)}), ((2, 3, 4), {"axis": (0, -1)}))
further("fliplr", ((2, 3),))
further("flipud", ((2, 3),))
further("rot90", ((2, 3),), ((2, 3), {"k": -1}), ((2, 3, 4), {"k": 2, "axes": (2, 0)}))
further(
    "roll",
    ((2, 3), {"shift": 2}),
    ((2, 3), {"shift": -1, "axis": 1}),
    ((2, 3), {"shift": (1, 5), "axis": (0, 1)}),
)
further(
    "pad",
    ((2, 3), {"pad_width": ((1, 0), (2, 1))}),
    *(
        ((3, 4), {"pad_width": ((0, 0), (2, 1)), "mode": one})
        for one in ("edge", "reflect", "wrap")
    ),
)
further(
    "diagonal",
    ((2, 3),),
    ((3, 2), {"offset": -1}),
    ((2, 3, 4), {"offset": 1, "axis1": -1, "axis2": 0}),
)
further("diag", ((3,),), ((2,), {"k": -1}), ((2, 3), {"k": 1}))
further("diagflat", ((2, 2),), ((2,), {"k": 1}))
further("trace", ((3, 3),), ((2, 3),))
further("tril", ((3, 3),), ((2, 3, 4), {"k": 1}))
further("triu", ((3, 3),), ((2, 3, 4), {"k": -1}))
further("sort", ((5,),), ((2, 3), {"axis": 0}), (fixed([2.0, 1.0, 2.0]),))
further("extract", ((2, 3), {"condition": ((True, False, True), (False, True, True))}))
further("diff", ((5,),), ((2, 4), {"n": 2}), ((3, 2), {"axis": 0}))

# --- joining and splitting -----------------------------------------------------------------------

for one in ("hstack", "vstack", "dstack", "column_stack"):
    further(one, ((2, 3), (2, 3)), ((4,), (4,)), ((1, 2, 1), (1, 2, 1), (1, 2, 1)))
for one in ("split", "array_split"):
    further(
        one,
        ((4,), {"indices_or_sections": 2}),
        ((2, 6), {"indices_or_sections": (1, 1, 4), "axis": 1}),
    )
further("hsplit", ((2, 4), {"indices_or_sections": 2}), ((4,), {"indices_or_sections": (1,)}))
further("vsplit", ((4, 2), {"indices_or_sections": 2}))
further("dsplit", ((2, 3, 4), {"indices_or_sections": (1,)}))
further("unstack", ((2, 3),), ((2, 3), {"axis": -1}))
further("trapezoid", ((5,),), ((3, 4), {"dx": 0.5, "axis": 0}), ((2, 4), (2, 4)))
further("gradient", ((4,), {"axis": 0}), ((3, 4), {"axis": -1}))

# --- products and linear algebra -----------------------------------------------------------------

further("dot", ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((), (2, 3)))
further("vdot", ((3,), (3,)))
further("vecdot", ((3,), (3,)), ((2, 3), (4, 1, 3)))
further("inner", ((3,), (3,)), ((2, 3), (4, 2, 3)))
further("outer", ((3,), (2,)))
further(
    "tensordot",
    ((2, 3, 4), (3, 4, 2), {"axes": 2}),
    ((2, 3), (4,), {"axes": 0}),
    ((2, 3, 4), (4, 5, 2), {"axes": ((0, 2), (2, 0))}),
)
further("kron", ((2, 3), (3, 2)), ((2,), (2, 3)))
further("cross", ((3,), (3,)), ((2, 3), (1, 3)), ((3, 2), (3, 2), {"axis": 0}))
EINSUMS: tuple[tuple[Any, ...], ...] = (
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ij->j", (2, 3)),
    ("ii", (3, 3)),
    ("iij->j", (3, 3, 2)),
    ("i,i,i->", (3,), (3,), (3,)),
    ("ij,k->i", (2, 3), (2,)),
    ("...ij,...jk->...ik", (2, 2, 3), (3, 2)),
    ("b...i,i...->b...", (2, 3, 4), (4, 3)),
    ("ij,jk,kl->il", (2, 3), (3, 2), (2, 4)),
)
further("einsum", *((*one[1:], {"subscripts": one[0]}) for one in EINSUMS))
further("multi_dot", ((2, 3), (3, 4), (4, 2)), ((3,), (3, 4), (4,)))

SQUARES = ((3, 3), (2, 2, 2))
for one in ("inv", "det", "slogdet"):
    further(one, *((matrices(shape),) for shape in SQUARES))
further(
    "solve",
    (matrices((3, 3)), (3,)),
    (matrices((2, 3, 3)), (3, 2)),
    (matrices((3, 3)), (2, 3, 2)),
)
for one in ("cholesky", "eigh", "eigvalsh"):
    further(one, ((3, 3),), ((2, 3, 3),))
further("svd", ((2, 3),), ((4, 2),), (matrices((3, 3)),))
further("svdvals", ((2, 3),), ((2, 3, 2),))
further("qr", (matrices((3, 3)),), ((4, 2),), ((2, 4, 3),))
further("pinv", ((2, 3),), ((4, 2),), (matrices((2, 3, 3)),), (fixed([[1.0, 0.0], [0.0, 1.0]]),))
further("matrix_power", *((matrices((3, 3)), {"n": n}) for n in (0, 1, 2, 5, -1, -2)))
further("lstsq", ((4, 2), (4, 3)), (matrices((3, 3)), (3, 1)))
