"""Which calls of which ops and losses are compared with PyTorch?

One table, `SUBJECTS`: for each op and each loss, the cases whose numbers are recorded, and how to
draw further ones of random shapes. The calls that move numbers without changing them stand in
`moves`, losses in `losses`, what else NumPy and PyTorch share in `others`, the rest here. How a
case is computed here is told in `ours`, how in PyTorch in `live/theirs`.

Where our conventions and PyTorch's agree, ties and kinks are among the cases (relu, absolute,
maximum, minimum, `torch.amax`, x⁰). Where they differ, no case stands: `axis=()` reduces nothing in
NumPy and everything in PyTorch; softmax of a number without axes is an error in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import losses, moves, others  # noqa: F401 - the other parts of the table
from .inputs import Input, Shape, constant, fixed, mask, nonzero, uniform
from .table import SUBJECTS, Case, Rng, enter, some_axes, some_broadcasting, some_shape

__all__ = ["SUBJECTS", "Case", "all_cases"]


def all_cases() -> list[Case]:
    """Every recorded case."""
    return [case for subject in SUBJECTS.values() for case in subject.cases]


# --- elementwise ---------------------------------------------------------------------------------

SHAPES: tuple[Shape, ...] = ((), (1,), (3,), (2, 3), (1, 3), (2, 1, 3), (2, 2, 1, 2), (0,), (2, 0))
PAIRS: tuple[tuple[Shape, Shape], ...] = (
    ((), ()),
    ((), (3,)),
    ((3,), ()),
    ((3,), (3,)),
    ((1,), (3,)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 1), (1, 3)),
    ((2, 3), (2, 1)),
    ((1, 1), (4,)),
    ((2, 1, 3), (4, 1)),
    ((3, 1, 1), (2, 3, 1, 2)),
    ((0, 3), (3,)),
    ((2, 0), (1,)),
)


def positive(shape: Shape) -> Input:
    return uniform(shape, 0.2, 2.5)


Make = Callable[[Shape], Input]


def one_array(name: str, make: Make = uniform, *further: Input) -> None:
    def case(shape: Shape) -> Case:
        return Case(name, (make(shape),))

    literal = [Case(name, (one,)) for one in further]
    enter(name, [*map(case, SHAPES), *literal], lambda rng: case(some_shape(rng)))


def two_arrays(name: str, x: Make = uniform, y: Make = uniform, *further: Case) -> None:
    def case(*shapes: Shape) -> Case:
        return Case(name, (x(shapes[0]), y(shapes[1])))

    cases = [*(case(*pair) for pair in PAIRS), *further]
    enter(name, cases, lambda rng: case(*some_broadcasting(rng, 2)))


KINK = fixed([-1.0, -0.0, 0.0, 2.0])
FAR = fixed([-1000.0, -40.0, 0.0, 40.0, 1000.0])

one_array("relu", uniform, KINK)
one_array("sigmoid", uniform, FAR)
one_array("tanh", uniform, FAR)
one_array("exp")
one_array("log", positive)
one_array("sqrt", positive)
one_array("negative")
one_array("positive")
one_array("absolute", uniform, KINK)
two_arrays("add")
two_arrays("subtract")
two_arrays("multiply")
two_arrays("divide", uniform, nonzero)
TIE = (fixed([1.0, 2.0, 3.0]), fixed([[2.0, 2.0, 2.0], [3.0, 2.0, 1.0]]))
two_arrays("maximum", uniform, uniform, Case("maximum", TIE))
two_arrays("minimum", uniform, uniform, Case("minimum", TIE))
two_arrays(
    "power",
    positive,
    uniform,
    *(Case("power", (nonzero((2, 3)), constant(n))) for n in (2, 3.0, 1, 0, -1, -2.0)),
    *(Case("power", (positive((3, 1)), constant(n))) for n in (0.5, -1.5)),
    Case("power", (constant(2.0), uniform((2, 3)))),
    Case("power", (constant([[0.5], [3.0]]), uniform((3,)))),
    Case("power", (nonzero((2, 4)), constant([0.0, 1.0, 2.0, 3.0]))),
    Case("power", (fixed([0.0, 0.0, -2.0]), constant([0.0, 2.0, 0.0]))),
    Case("power", (fixed([0.0, 0.0, 1.0]), fixed([0.0, 2.0, 0.0]))),
)


def where(chosen: Shape, x: Shape, y: Shape) -> Case:
    return Case("where", (mask(chosen), uniform(x), uniform(y)))


enter(
    "where",
    [
        where((), (), ()),
        where((3,), (), (3,)),
        where((3,), (3,), (3,)),
        where((2, 1), (3,), ()),
        where((2, 3), (1, 3), (2, 1)),
        where((3,), (4, 1, 1), (2, 1)),
        where((0, 3), (3,), (1,)),
        Case("where", (constant([True, False]), uniform((2, 2)), constant(0.5))),
    ],
    lambda rng: where(*some_broadcasting(rng, 3)),
)

# --- matrix products -----------------------------------------------------------------------------

PRODUCTS: tuple[tuple[Shape, Shape], ...] = (
    ((3,), (3,)),
    ((1,), (1,)),
    ((3,), (3, 2)),
    ((3,), (2, 3, 4)),
    ((3,), (2, 1, 3, 2)),
    ((2, 3), (3,)),
    ((1, 1), (1,)),
    ((2, 3), (3, 4)),
    ((1, 3), (3, 1)),
    ((3, 3), (3, 3)),
    ((2, 3), (4, 3, 2)),
    ((2, 3), (2, 1, 3, 2)),
    ((2, 3, 4), (4,)),
    ((2, 3, 4), (4, 2)),
    ((2, 3, 4), (2, 4, 3)),
    ((1, 3, 4), (2, 4, 3)),
    ((3, 3, 3), (3, 3, 3)),
    ((2, 3, 4), (2, 1, 4, 3)),
    ((2, 1, 3, 4), (4,)),
    ((2, 1, 3, 4), (4, 2)),
    ((2, 1, 3, 4), (5, 4, 2)),
    ((2, 1, 2, 3), (1, 3, 3, 2)),
    ((2, 0), (0, 3)),
    ((0, 3), (3, 2)),
)


def matmul(a: Shape, b: Shape) -> Case:
    return Case("matmul", (uniform(a), uniform(b)))


def some_product(rng: Rng) -> Case:
    rows, inner, columns = (int(n) for n in rng.integers(1, 5, size=3))
    first, second = some_broadcasting(rng, 2)
    a, b = (*first[:2], rows, inner), (*second[:2], inner, columns)
    if first[:2] != first or second[:2] != second:  # what is left need not broadcast
        a, b = (rows, inner), (*second[:2], inner, columns)
    a = (inner,) if rng.random() < 0.25 else a
    b = (inner,) if rng.random() < 0.25 else b
    return matmul(a, b)


enter("matmul", [matmul(*pair) for pair in PRODUCTS], some_product)


def linear(*rows: int, inner: int, columns: int) -> Case:
    return Case("linear", (uniform((*rows, inner)), uniform((inner, columns)), uniform((columns,))))


def some_linear(rng: Rng) -> Case:
    inner, columns, *rows = (int(n) for n in rng.integers(1, 5, size=2 + rng.integers(4)))
    return linear(*rows, inner=inner, columns=columns)


enter(
    "linear",
    [linear(*rows, inner=3, columns=4) for rows in ((), (2,), (5, 2), (2, 1, 3), (0,))],
    some_linear,
)

# --- reductions ----------------------------------------------------------------------------------

AXES: tuple[tuple[Shape, Any], ...] = (
    ((), None),
    ((3,), None),
    ((3,), 0),
    ((3,), -1),
    ((1,), 0),
    ((2, 3), None),
    ((2, 3), 0),
    ((2, 3), 1),
    ((2, 3), -1),
    ((2, 3), (0, 1)),
    ((2, 1, 3), 1),
    ((2, 3, 2), 1),
    ((2, 3, 2), (0, 2)),
    ((2, 3, 2), (-1, 0)),
    ((2, 1, 3, 2), (1, -2)),
)


def reduction(name: str, *further: Case) -> None:
    def case(shape: Shape, axis: Any, keepdims: bool) -> Case:
        return Case(name, (uniform(shape),), {"axis": axis, "keepdims": keepdims})

    def some_case(rng: Rng) -> Case:
        shape = some_shape(rng)
        return case(shape, some_axes(rng, len(shape)), bool(rng.integers(2)))

    cases = [case(*one, keepdims) for one in AXES for keepdims in (False, True)]
    enter(name, [*cases, Case(name, (uniform((2, 2)),)), *further], some_case)


TIES = (fixed([[1.0, 2.0, 2.0], [3.0, 3.0, 3.0], [0.0, -1.0, 1.0]]),)

reduction("sum", Case("sum", (uniform((0, 3)),), {"axis": 0}), Case("sum", (uniform((0,)),)))
reduction("mean", Case("mean", (uniform((0, 3)),), {"axis": 1}))
reduction("max", *(Case("max", TIES, {"axis": axis}) for axis in (None, 0, 1)))
reduction("min", *(Case("min", TIES, {"axis": axis}) for axis in (None, 0, 1)))


def along_axis(name: str) -> None:
    def case(shape: Shape, axis: int) -> Case:
        return Case(name, (uniform(shape),), {"axis": axis})

    def some_case(rng: Rng) -> Case:
        shape = some_shape(rng, 1)
        return case(shape, int(rng.integers(-len(shape), len(shape))))

    shapes: tuple[tuple[Shape, int], ...] = (
        ((3,), 0),
        ((1,), -1),
        ((2, 3), 0),
        ((2, 3), 1),
        ((2, 1), 1),
        ((2, 3, 2), 1),
        ((2, 3, 2), -3),
        ((0, 3), 1),
    )
    further = [Case(name, (uniform((2, 4)),)), Case(name, (fixed([[0.0, 1000.0], [-1e4, 1e4]]),))]
    enter(name, [*(case(*one) for one in shapes), *further], some_case)


along_axis("softmax")
along_axis("log_softmax")
