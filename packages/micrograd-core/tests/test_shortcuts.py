"""Do the short ways of calling an op end where the complete way does?"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Op, Value, detect_anomaly, no_grad, op, scope


def sum_of(*arrays: Any, weight: float = 1.0) -> Any:
    out = 0.0
    for a in arrays:
        out = out + (0.0 if a is None else weight * a)
    return out


def make(count: int) -> tuple[Any, Op]:
    """An op of ``count`` arrays, and one setting if the shortcut for such takes settings."""
    if count == 1:

        @op
        def made(x: Any, *, weight: float = 1.0) -> Any:
            return sum_of(x, weight=weight)

    elif count == 2:

        @op
        def made(x: Any, y: Any) -> Any:
            return sum_of(x, y)

    elif count == 3:

        @op
        def made(x: Any, y: Any, z: Any) -> Any:
            return sum_of(x, y, z)

    else:

        @op(constant="w")
        def made(x: Any, y: Any, z: Any, w: Any, *, weight: float = 1.0) -> Any:
            return sum_of(x, y, z, w, weight=weight)

    for number, name in enumerate(made.op.missing.copy(), 1):
        made.gradient(name)(times(number))
    return made, made.op


def times(number: int) -> Any:
    """A rule that tells the arguments apart."""
    return lambda g, out, *arrays: number * g


OPERANDS = {
    "Value": lambda: Value([1.0, 2.0]),
    "constant": lambda: Value([3.0, 4.0], requires_grad=False),
    "array": lambda: np.array([5.0, 6.0]),
    "number": lambda: 7.0,
    "scalar of NumPy": lambda: np.float64(8.0),
    "list": lambda: [9.0, 10.0],
}


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("first", OPERANDS)
@pytest.mark.parametrize("last", OPERANDS)
def test_every_mixture_of_operands(count: int, first: str, last: str) -> None:
    made, this = make(count)
    given = [OPERANDS["Value"]() for _ in range(count)]
    given[0], given[-1] = OPERANDS[first](), OPERANDS[last]()
    short, whole = made(*given), this.apply(tuple(given), {})
    if not isinstance(whole, Value):
        assert type(short) is type(whole)
        assert np.array_equal(short, whole)
        return
    assert np.array_equal(short.data, whole.data)
    assert short.requires_grad == whole.requires_grad
    assert [id(one) for one in short.parents] == [id(one) for one in whole.parents]
    found = []
    for out in (short, whole):
        if out.requires_grad:
            for one in given:
                if isinstance(one, Value):
                    one.zero_grad()
            out.backward(gradient=np.array([1.0, 10.0]))
        found.append([one.grad for one in given if isinstance(one, Value)])
    assert np.array_equal(found[0], found[1])


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_nothing_is_recorded_where_nothing_is_to_be(count: int) -> None:
    made, _ = make(count)
    with no_grad():
        assert not made(*[Value(1.0)] * count).requires_grad


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_watch_sees_every_op(count: int) -> None:
    made, _ = make(count)
    with detect_anomaly(), pytest.raises(FloatingPointError):
        made(*[Value(1.0)] * (count - 1), Value(np.nan))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_nodes_keep_their_scope_and_the_settings(count: int) -> None:
    made, this = make(count)
    with scope("here"):
        out = made(*[Value(1.0)] * count)
    assert out.scope == "here"
    assert out.settings == this.defaults


def test_settings_by_name_and_by_position() -> None:
    made, _ = make(4)
    given = [Value(1.0) for _ in range(3)]
    assert made(*given, 1.0, weight=2.0).item() == made(*given, 1.0, 2.0).item() == 8.0


@pytest.mark.parametrize("bad", [np.array(["a"]), np.array([1j]), np.array([None])])
def test_arrays_that_are_not_real_are_refused(bad: np.ndarray) -> None:
    made, _ = make(4)
    with pytest.raises(TypeError, match="Pass a Value, an array or a number"):
        made(Value(1.0), Value(1.0), Value(1.0), bad)


def test_the_engine_is_whole_without_shortcuts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("micrograd.engine.op"), "SHORTCUTS", {})
    for count in (1, 2, 3, 4):
        made, _ = make(count)
        x = [Value([1.0, 2.0]) for _ in range(count)]
        made(*x).sum().backward()
        assert x[0].grad.tolist() == [1.0, 1.0]


@op
def sandwich(x: Any, y: Any, z: Any) -> Any:
    """An op of three arrays."""
    return x * y - z


sandwich.gradient("x")(lambda g, out, x, y, z: g * y)
sandwich.gradient("y")(lambda g, out, x, y, z: g * x)
sandwich.gradient("z")(lambda g, out, x, y, z: -g)


@pytest.mark.parametrize("values", range(1, 8))
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_three_arrays_in_any_mixture(values: int, dtype: str) -> None:
    numbers = [np.array(one, dtype) for one in ([2.0, 3.0], 5.0, [[1.0], [7.0]])]
    right = [[10.0, 10.0], 10.0, [[-2.0], [-2.0]]]
    given = [Value(one) if values >> i & 1 else one for i, one in enumerate(numbers)]
    out = sandwich(*given)
    np.testing.assert_array_equal(out.data, [[9.0, 14.0], [3.0, 8.0]])
    out.sum().backward()
    for one, gradient in zip(given, right, strict=True):
        if isinstance(one, Value):
            np.testing.assert_array_equal(one.grad, gradient)
            assert one.grad.dtype == dtype


def test_one_value_three_times() -> None:
    x = Value(2.0)
    out = sandwich(x, x, x)
    out.backward()
    assert out.parents == (x, x, x)
    assert x.grad == 2.0 + 2.0 - 1.0


def test_arguments_that_are_not_three_are_told() -> None:
    x = Value(2.0)
    with pytest.raises(TypeError, match=r"sandwich\(\) missing 1 required positional argument"):
        sandwich(x, x)
    with pytest.raises(TypeError, match=r"sandwich\(\) takes 3 positional arguments but 4 were"):
        sandwich(x, x, x, x)
