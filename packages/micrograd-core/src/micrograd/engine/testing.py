"""Is an op right? The conformance kit for authors of ops.

``check_gradients`` compares the gradients of any function of Values with differences of the
function; it is explained in ``differences``. ``check_op`` holds an op against all that users rely
on. Both raise AssertionError, which test runners show, and return nothing.

    def test_swish():
        check_op(swish, [sample(np.array([-1.0, 0.5]))], elementwise=True)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .differences import Function, called, check_gradients, float64
from .transforms import gradients
from .value import Value

__all__ = ["Sample", "check_gradients", "check_op", "sample"]


class Sample(NamedTuple):
    """The arguments of one call: arrays and numbers, then settings by name."""

    arrays: tuple[Any, ...]
    settings: dict[str, Any]


def sample(*arrays: Any, **settings: Any) -> Sample:
    """A call for ``check_op`` to make.

    >>> sample(np.ones((2, 3)), axis=0).settings
    {'axis': 0}
    """
    return Sample(arrays, settings)


def check_op(
    op: Function,
    samples: Iterable[Sample | tuple[Any, ...]],
    *,
    reference: Function | None = None,
    elementwise: bool = False,
    order: int = 2,
    rng: np.random.Generator | None = None,
) -> None:
    """Hold an op, or a function that is composed of ops, against what users rely on.

    Each sample is a call, made by ``sample``, or a tuple of arrays. Floating-point arrays and
    numbers are the arguments that take a gradient; others (indices, masks) are left as they are.

    1. The result equals ``reference`` (by default, the op on plain arrays) in value, shape and
       dtype.
    2. The gradients are right, up to ``order``.
    3. float32 stays float32, in the result (unless a setting named dtype says otherwise) and in
       the gradients.
    4. Arrays that are not contiguous give the same.
    5. No rule runs for an argument that is a constant.
    6. With ``elementwise``: arguments broadcast, and may be empty or have no axis.

    **Errors.** AssertionError that names the op, the sample and what differs.

    **Example**

    >>> from micrograd.engine import ops
    >>> check_op(ops.tanh, [sample(np.array([-1.0, 0.5]))], reference=np.tanh, elementwise=True)
    """
    calls = [one if isinstance(one, Sample) else Sample(tuple(one), {}) for one in samples]
    if not calls:
        raise ValueError(f"check_op({called(op)}) without a sample. Give at least one call.")
    if elementwise:
        calls += [shaped for call in calls[:1] for shaped in _reshaped(call)]
    for call in calls:
        _check_call(op, call, reference or op, order, rng)


def _check_call(
    op: Function, call: Sample, reference: Function, order: int, rng: np.random.Generator | None
) -> None:
    settings = ", ".join(f"{name}={value!r}" for name, value in call.settings.items())
    shapes = " and ".join(str(np.shape(x)) for x in call.arrays)
    told = f"check_op of {called(op)} on {shapes}" + f" with {settings}" * bool(settings)
    this = getattr(op, "op", None)
    constant = [this.argument(i) in this.constant if this else False for i in range(len(call[0]))]
    places = [i for i, x in enumerate(call.arrays) if not constant[i] and _kind(x) == "f"]
    numbers = [float64(call.arrays[i]) for i in places]

    def run(*inputs: Any, by: Function = op) -> Any:
        given = list(call.arrays)
        for i, one in zip(places, inputs, strict=True):
            given[i] = one
        return by(*given, **call.settings)

    _same(run(*map(Value, numbers)), run(*numbers, by=reference), told, "the result")
    if not places:
        return
    run.__name__ = told.removeprefix("check_op of ")
    check_gradients(run, *numbers, order=order, rng=rng)

    short = [Value(x, dtype=np.float32) for x in numbers]
    outputs = _flat(run(*short))
    lifting = [x for i, x in enumerate(call.arrays) if not constant[i] and _lifts(x)]
    if not lifting and "dtype" not in call.settings:
        _dtype(outputs, told, "the result")
    _dtype(_gradients(outputs, short), told, "a gradient")

    contiguous = [Value(x) for x in numbers]
    wide = [Value(np.repeat(x, 2, axis=-1) if x.ndim else x) for x in numbers]
    every_other = [x[..., ::2] if x.ndim else x for x in wide]
    out, again = run(*contiguous), run(*every_other)
    what = "on arrays that are not contiguous, "
    _same(again, [one.data for one in _flat(out)], told, f"{what}the result")
    expected = _gradients(_flat(out), contiguous)
    _same(_gradients(_flat(again), every_other), expected, told, f"{what}a gradient")

    for i, x in enumerate(numbers):
        value = Value(x)
        outputs = _flat(run(*numbers[:i], value, *numbers[i + 1 :]))
        edges, ran = _count_rules(outputs, value)
        if ran > edges:
            raise AssertionError(
                f"{told}: with one argument that takes a gradient, {ran} rules ran where {edges} "
                "suffice. No rule may run for a constant."
            )


def _count_rules(outputs: Sequence[Value], x: Value) -> tuple[int, int]:
    """How many rules are needed for the gradient of the outputs, and how many ran."""
    total = _total(outputs)
    stack, met, kept, edges, ran = [total.call], {total.call}, dict[Any, list[Any]](), 0, 0

    def counted(rule: Function) -> Function:
        def run(*arrays: Any, **settings: Any) -> Any:
            nonlocal ran
            ran += 1
            return rule(*arrays, **settings)

        return run

    while stack:
        node = stack.pop()
        for parent in node.parents:
            if parent is not None and parent.requires_grad:
                edges += 1
                if parent.call not in met:
                    met.add(parent.call)
                    stack.append(parent.call)
        if node.op is not None:
            kept[node.op] = list(node.op.rules)
    try:
        for one, rules in kept.items():
            one.rules[:] = [rule and counted(rule) for rule in rules]
        gradients(total, [x])
    finally:
        for one, rules in kept.items():
            one.rules[:] = rules
    return edges, ran


def _reshaped(call: Sample) -> Iterator[Sample]:
    """The numbers of a call in shapes that broadcast, that are empty, and without an axis."""
    shapes: tuple[tuple[tuple[int, ...], ...], ...] = (
        ((2, 1), (1, 3), (4, 1, 1)),
        ((3,), (2, 1, 3), ()),
        ((0, 3), (3,), (2, 0, 1)),
        ((0,), (0,), (0,)),
        ((), (), ()),
    )
    for row in shapes:
        arrays = [
            np.resize(np.asarray(x), shape) for x, shape in zip(call.arrays, row, strict=False)
        ]
        yield Sample(tuple(arrays), call.settings)


def _total(outputs: Sequence[Value]) -> Value:
    return sum((one.sum() for one in outputs), Value(0.0, requires_grad=False))


def _gradients(outputs: Sequence[Value], inputs: Sequence[Value]) -> list[Any]:
    return gradients(_total(outputs), inputs)


def _flat(out: Any) -> Sequence[Any]:
    return out if isinstance(out, (tuple, list)) else [out]


def _kind(x: Any) -> str:
    return np.asarray(x).dtype.kind


def _lifts(x: Any) -> bool:
    """Whether NumPy makes float64 of it and a float32; Python's integers are weaker."""
    return isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "iu"


def _same(got: Any, expected: Any, told: str, what: str) -> None:
    got, expected = _flat(got), _flat(expected)
    if len(got) != len(expected):
        raise AssertionError(f"{told}: {what} is {len(got)} arrays, expected {len(expected)}.")
    for one, right in zip(got, expected, strict=True):
        array, right = one.data if isinstance(one, Value) else one, np.asarray(right)
        if array.shape != right.shape or array.dtype != right.dtype:
            raise AssertionError(
                f"{told}: {what} is {array.dtype} of shape {array.shape}, expected {right.dtype} "
                f"of shape {right.shape}."
            )
        if not np.allclose(array, right, rtol=1e-10, atol=1e-12, equal_nan=True):
            raise AssertionError(f"{told}: {what} is\n{array}\nbut expected is\n{right}")


def _dtype(arrays: Sequence[Any], told: str, what: str) -> None:
    for one in arrays:
        if one.dtype != np.float32:
            raise AssertionError(
                f"{told}: from float32, {what} became {one.dtype}. Write constants as Python "
                "floats: a NumPy scalar lifts float32 to float64."
            )
