"""What may users of an op rely on?

One function a promise, in ``PROMISES``. Each takes a ``Case``, which is the op and one call of it,
and raises AssertionError when the promise is broken. ``check_op`` in ``testing`` goes through them
all; the command line in ``__main__`` tells how each ended.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from .differences import Function, called, check_gradients, float64
from .transforms import gradients
from .value import Value

LIFTING = [np.dtype(code) for code in ("f8", "i4", "i8", "u4", "u8")]
"""What makes float64, together with float32."""


class Sample(NamedTuple):
    """The arguments of one call: arrays and numbers, then settings by name."""

    arrays: tuple[Any, ...]
    settings: dict[str, Any]


@dataclass(frozen=True)
class Case:
    """An op, a call of it, and what the result should be."""

    op: Function
    sample: Sample
    reference: Function
    rng: np.random.Generator | None = None

    @property
    def told(self) -> str:
        """The op and the call, as they stand in messages."""
        settings = ", ".join(f"{name}={value!r}" for name, value in self.sample.settings.items())
        shapes = " and ".join(str(np.shape(x)) for x in self.sample.arrays)
        return f"{called(self.op)} on {shapes}" + f" with {settings}" * bool(settings)

    @property
    def places(self) -> list[int]:
        """The positions of the arguments that take a gradient."""
        constant = {i for i in range(len(self.sample.arrays)) if is_constant(self.op, i)}
        floats = [i for i, x in enumerate(self.sample.arrays) if _kind(x) == "f"]
        return [i for i in floats if i not in constant]

    @property
    def numbers(self) -> list[Any]:
        """These arguments, as float64."""
        return [float64(self.sample.arrays[i]) for i in self.places]

    def run(self, *inputs: Any, by: Function | None = None) -> Any:
        """The call, with other arguments where gradients are taken."""
        given = list(self.sample.arrays)
        for i, one in zip(self.places, inputs, strict=True):
            given[i] = one
        return (by or self.op)(*given, **self.sample.settings)

    def fail(self, wrong: str) -> AssertionError:
        return AssertionError(f"check_op of {self.told}: {wrong}")


def result(case: Case) -> None:
    """The result equals the reference, in value, shape and dtype."""
    expected = case.run(*case.numbers, by=case.reference)
    _same(case, case.run(*map(Value, case.numbers)), expected, "the result")


def first_order(case: Case) -> None:
    """The gradients agree with differences of the function."""
    _orders(case, 1)


def second_order(case: Case) -> None:
    """The gradients can be differentiated in turn, and rules are the same on arrays and Values."""
    _orders(case, 2)


def float32_stays(case: Case) -> None:
    """From float32 come float32 results, unless a setting named dtype says otherwise."""
    if not case.places:
        return
    arrays, settings = tuple(map(_short, case.sample.arrays)), case.sample.settings
    short = [Value(x, dtype=np.float32) for x in case.numbers]
    outputs = _flat(replace(case, sample=Sample(arrays, settings)).run(*short))
    if "dtype" not in settings and not any(map(_lifts, [*arrays, *settings.values()])):
        _dtype(case, outputs, "the result")
    _dtype(case, _gradients(outputs, short), "a gradient")


def any_layout(case: Case) -> None:
    """Arrays that are not contiguous give the same."""
    contiguous = [Value(x) for x in case.numbers]
    wide = [Value(np.repeat(x, 2, axis=-1) if x.ndim else x) for x in case.numbers]
    every_other = [x[..., ::2] if x.ndim else x for x in wide]
    out, again = case.run(*contiguous), case.run(*every_other)
    what = "on arrays that are not contiguous, "
    _same(case, again, [one.data for one in _flat(out)], f"{what}the result")
    expected = _gradients(_flat(out), contiguous)
    _same(case, _gradients(_flat(again), every_other), expected, f"{what}a gradient")


def constants_are_free(case: Case) -> None:
    """No rule runs for an argument that is a constant."""
    for i, x in enumerate(case.numbers):
        value = Value(x)
        outputs = _flat(case.run(*case.numbers[:i], value, *case.numbers[i + 1 :]))
        edges, ran = _count_rules(outputs, value)
        if ran > edges:
            raise case.fail(
                f"with one argument that takes a gradient, {ran} rules ran where {edges} suffice. "
                "No rule may run for a constant."
            )


def inputs_stay(case: Case) -> None:
    """Neither the forward nor a rule writes into an array that it was given."""

    def guarded(rule: Function) -> Function:
        def run(*arrays: Any, **settings: Any) -> Any:
            before = [np.array(x) for x in arrays if isinstance(x, np.ndarray)]
            found = rule(*arrays, **settings)
            after = [x for x in arrays if isinstance(x, np.ndarray)]
            for x, right in zip(after, before, strict=True):
                if x.tobytes() != right.tobytes():
                    raise case.fail("a rule wrote into an array that it was given. Copy it first.")
            return found

        return run

    values = [Value(x) for x in case.numbers]
    kept = [np.array(x) for x in case.numbers]
    outputs = _flat(case.run(*values))
    for value, right in zip(values, kept, strict=True):
        if value.data.tobytes() != right.tobytes():
            raise case.fail("the forward wrote into an array that it was given. Copy it first.")
    total = _total([one * 1.0 for one in outputs])  # whose gradient is an array of its own
    with _wrapped_rules(total, guarded):
        gradients(total, values)


PROMISES: tuple[Callable[[Case], None], ...] = (
    result,
    inputs_stay,
    first_order,
    second_order,
    float32_stays,
    any_layout,
    constants_are_free,
)


def is_constant(op: Function, position: int) -> bool:
    """Whether an op has declared that an argument takes no gradient."""
    this: Any = getattr(op, "op", None)
    return this is not None and this.argument(position) in this.constant


def is_elementwise(case: Case, rng: np.random.Generator) -> bool:
    """Whether an element of the result comes from the elements at the same place.

    Tried on different numbers between the smallest and the largest of the sample.
    """
    shape = (2, 3)
    arrays = [_spread(np.asarray(x), shape, rng) for x in case.sample.arrays]
    rows = [x[:, :1] if i % 2 == 0 else x[:1] for i, x in enumerate(arrays)]

    def plain(*given: Any) -> Any:
        return _accepted(case.reference, *given, **case.sample.settings)

    out, stretched = plain(*arrays), plain(*rows)
    if type(out) is not np.ndarray or out.shape != shape or type(stretched) is not np.ndarray:
        return False
    if stretched.shape != np.broadcast_shapes(*(x.shape for x in rows)):
        return False
    for index in np.ndindex(shape):
        one = plain(*(x[index] for x in arrays))
        if one is None or np.shape(one) != () or not np.isclose(one, out[index], rtol=1e-9):
            return False
    return True


def other_shapes(case: Case, elementwise: bool) -> Iterator[Case]:
    """The numbers of a call in other shapes: that broadcast, that are empty, without an axis.

    What is not elementwise does not have to take these shapes. It has to be right where its
    reference takes them, which is tried without an axis, and with an axis of length 0.
    """
    arrays = [np.asarray(x) for x in case.sample.arrays]
    rows: list[Sequence[tuple[int, ...]]] = [
        ((2, 1), (1, 3), (4, 1, 1)),
        ((3,), (2, 1, 3), ()),
        ((0, 3), (3,), (2, 0, 1)),
        ((0,), (0,), (0,)),
        ((), (), ()),
    ]
    if not elementwise:
        shapes = [x.shape for x in arrays]
        rows = [[()] * len(shapes), [(0, *s[1:]) if s else s for s in shapes]]
        rows += [[(*s[:-1], 0) if s else s for s in shapes]]
    for row in rows:
        shaped = [_resized(x, shape) for x, shape in zip(arrays, row, strict=False)]
        if len(shaped) < len(arrays):  # more arguments than a row has shapes
            shaped += [_resized(x, row[-1]) for x in arrays[len(shaped) :]]
        new = Case(case.op, Sample(tuple(shaped), case.sample.settings), case.reference, case.rng)
        if elementwise or _takes(new):
            yield new


def _takes(case: Case) -> bool:
    """Whether the reference and the op take the shapes of a call, without a warning."""
    values = [Value(x) for x in case.numbers]
    plain, out = (
        _flat(_accepted(case.run, *inputs, by=by))
        for inputs, by in ((case.numbers, case.reference), (values, case.op))
    )
    finite = all(_kind(x) == "f" and np.isfinite(x).all() for x in plain)
    return bool(out) and finite and all(isinstance(x, Value) for x in out)


def _orders(case: Case, order: int) -> None:
    if not case.places:
        return

    def run(*inputs: Any) -> Any:
        return case.run(*inputs)

    run.__name__ = case.told
    check_gradients(run, *case.numbers, order=order, rng=case.rng)


def _accepted(function: Function, *arrays: Any, **settings: Any) -> Any:
    """What a function of arrays returns; None where it refuses them, or warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return function(*arrays, **settings)
        except Exception:  # whatever the author's function raises, it does not take the arrays
            return None


def _spread(x: Any, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    """As many different numbers as the shape has places, in a range that x shows to be good."""
    if x.dtype.kind != "f" or not x.size:
        return np.resize(x, shape)
    low, high = float(x.min()), float(x.max())
    high = high if high > low else low + 0.1 * max(abs(low), 1.0)
    return rng.permutation(np.linspace(low, high, int(np.prod(shape)))).reshape(shape)


def _resized(x: Any, shape: tuple[int, ...]) -> Any:
    return np.resize(x, shape) if x.size or not np.prod(shape) else np.ones(shape, x.dtype)


def _count_rules(outputs: Sequence[Value], x: Value) -> tuple[int, int]:
    """How many rules are needed for the gradient of the outputs, and how many ran."""
    total, ran = _total(outputs), 0

    def counted(rule: Function) -> Function:
        def run(*arrays: Any, **settings: Any) -> Any:
            nonlocal ran
            ran += 1
            return rule(*arrays, **settings)

        return run

    nodes = _calls(total)
    edges = sum(p is not None and p.requires_grad for node in nodes for p in node.parents)
    with _wrapped_rules(total, counted):
        gradients(total, [x])
    return edges, ran


def _calls(total: Value) -> list[Value]:
    """Every call that a Value came from, and the leaves."""
    stack, met = [total.call], {total.call}
    while stack:
        for parent in stack.pop().parents:
            if parent is not None and parent.requires_grad and parent.call not in met:
                met.add(parent.call)
                stack.append(parent.call)
    return list(met)


@contextmanager
def _wrapped_rules(total: Value, wrap: Callable[[Function], Function]) -> Iterator[None]:
    """All rules that a Value's gradient may need are others meanwhile."""
    kept = {node.op: list(node.op.rules) for node in _calls(total) if node.op is not None}
    try:
        for one, rules in kept.items():
            one.rules[:] = [rule and wrap(rule) for rule in rules]
        yield
    finally:
        for one, rules in kept.items():
            one.rules[:] = rules


def _total(outputs: Sequence[Value]) -> Value:
    return sum((one.sum() for one in outputs), Value(0.0, requires_grad=False))


def _gradients(outputs: Sequence[Value], inputs: Sequence[Value]) -> list[Any]:
    return gradients(_total(outputs), inputs)


def _flat(out: Any) -> Sequence[Any]:
    return out if isinstance(out, (tuple, list)) else [out]


def _kind(x: Any) -> str:
    return np.asarray(x).dtype.kind


def _lifts(x: Any) -> bool:
    """Whether NumPy makes float64 of it and a float32; Python's numbers are weaker."""
    return (
        isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind + str(x.dtype.itemsize) in LIFTING
    )


def _short(x: Any) -> Any:
    """float32 for float64, also where no gradient is taken."""
    is_array = isinstance(x, (np.ndarray, np.generic))
    return x.astype(np.float32) if is_array and x.dtype == np.float64 else x


def _same(case: Case, got: Any, expected: Any, what: str) -> None:
    got, expected = _flat(got), _flat(expected)
    if len(got) != len(expected):
        raise case.fail(f"{what} is {len(got)} arrays, expected {len(expected)}.")
    for one, right in zip(got, expected, strict=True):
        array, right = one.data if isinstance(one, Value) else one, np.asarray(right)
        if array.shape != right.shape or array.dtype != right.dtype:
            raise case.fail(
                f"{what} is {array.dtype} of shape {array.shape}, expected {right.dtype} of "
                f"shape {right.shape}."
            )
        if not np.allclose(array, right, rtol=1e-10, atol=1e-12, equal_nan=True):
            raise case.fail(f"{what} is\n{array}\nbut expected is\n{right}")


def _dtype(case: Case, arrays: Sequence[Any], what: str) -> None:
    for one in arrays:
        if one.dtype != np.float32:
            raise case.fail(
                f"from float32, {what} became {one.dtype}. Write constants as Python floats: a "
                "NumPy scalar lifts float32 to float64."
            )
