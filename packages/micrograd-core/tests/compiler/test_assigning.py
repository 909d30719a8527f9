"""What does a forward keep for the next call, and is it the same compiled?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, assign, compile, gradients, no_grad

X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])


def leaf(numbers: Any, **how: Any) -> Value:
    return Value(numbers, requires_grad=False, **how)


def both(make: Any, calls: int = 4) -> list[Any]:
    """Run a function eagerly and compiled, with state of its own each; compare after each call.

    ``make`` gives the function and its state.
    """
    (f, eager_state), (g, state) = make(), make()
    program = compile(g)
    for call in range(calls):
        x = X + call
        expected = f(x)
        result = program(x)
        np.testing.assert_allclose(result, getattr(expected, "data", expected), rtol=1e-13)
        for mine, right in zip(state, eager_state, strict=True):
            np.testing.assert_allclose(mine.data, right.data, rtol=1e-13)
    return state


def test_running_statistics() -> None:
    def make() -> Any:
        mean, var = leaf(np.zeros(3), name="mean"), leaf(np.ones(3), name="var")

        def f(x: Any) -> Any:
            assign(mean, 0.9 * mean + 0.1 * x.mean(0))
            assign(var, 0.9 * var + 0.1 * x.var(0))
            return (x - mean) / np.sqrt(var)

        return f, (mean, var)

    both(make)


def test_twice_in_one_call_and_read_in_between() -> None:
    def make() -> Any:
        count = leaf([1.0, 2.0, 3.0], name="count")

        def f(x: Any) -> Any:
            before = count * 1.0
            assign(count, count * 2)
            between = count + x
            assign(count, count + 1)
            return before + between * count

        return f, (count,)

    both(make)


def test_read_after_write_and_never_before() -> None:
    def make() -> Any:
        last = leaf(np.zeros((2, 3)))

        def f(x: Any) -> Any:
            assign(last, x * 2)
            return last + 1

        return f, (last,)

    both(make)


def test_two_targets_that_change_places() -> None:
    def make() -> Any:
        a, b = leaf([1.0, 2.0, 3.0]), leaf([4.0, 5.0, 6.0])

        def f(x: Any) -> Any:
            old = a * 1
            assign(a, b)
            assign(b, old)
            return a - b + x

        return f, (a, b)

    a, b = both(make, calls=5)
    np.testing.assert_array_equal(a.data, [4.0, 5.0, 6.0])
    np.testing.assert_array_equal(b.data, [1.0, 2.0, 3.0])


def test_three_targets_that_change_places_by_name() -> None:
    def make() -> Any:
        a, b, c = (leaf(np.full(3, n), name="abc"[int(n)]) for n in (0.0, 1.0, 2.0))

        def f(x: Any) -> Any:
            olds = [one + 0.0 for one in (a, b, c)]
            for target, new in zip((b, c, a), olds, strict=True):
                assign(target, new)
            return x + a + 10 * b + 100 * c

        return f, (a, b, c)

    both(make, calls=5)


def test_what_is_assigned_is_a_view_an_argument_a_constant_or_a_number() -> None:
    frozen = np.array([7.0, 8.0, 9.0])

    def make() -> Any:
        a, b, c, d, e = (leaf(np.zeros(3)) for _ in range(5))
        n = leaf(0.0, name="n")

        def f(x: Any) -> Any:
            assign(a, x[0])
            assign(b, x[1, ::-1])
            assign(c, frozen)
            assign(d, a)
            assign(e, (x * 2)[1])
            assign(n, n + 1.0)
            return x * n

        return f, (a, b, c, d, e, n)

    state = both(make)
    assert state[-1].data == 4.0
    for i, one in enumerate(state):
        assert not any(np.shares_memory(one.data, other.data) for other in state[:i])
        assert not np.shares_memory(one.data, frozen)


def test_what_is_assigned_is_a_result_too() -> None:
    def make() -> Any:
        last = leaf(np.zeros((2, 3)))

        def f(x: Any) -> Any:
            y = np.tanh(x)
            assign(last, y)
            return y

        return f, (last,)

    (last,) = both(make)
    program = compile(make()[0])
    for _ in range(3):
        out = program(X)
        out += 1.0
    np.testing.assert_allclose(last.data, np.tanh(X + 3))


def test_no_gradient_flows_through_what_was_assigned() -> None:
    w, mean = Value([1.0, 2.0, 3.0], name="w"), leaf(np.zeros(3), name="mean")

    def f(x: Any) -> Any:
        y = w * x
        with no_grad():
            assign(mean, 0.5 * mean + 0.5 * y.mean(0))
        return ((y - mean) ** 2).sum()

    program = compile(f, [w])
    for call in range(4):
        before = mean.data.copy()
        loss = f(X + call)
        right, (g,) = mean.data.copy(), gradients(loss, [w])
        mean.data = before
        np.testing.assert_allclose(program(X + call), loss.data, rtol=1e-13)
        np.testing.assert_allclose(w.grad, g, rtol=1e-12)
        np.testing.assert_allclose(mean.data, right, rtol=1e-13)


def test_assigning_to_a_parameter() -> None:
    w, other = Value([1.0, 2.0, 3.0], name="w"), Value([1.0, 2.0, 3.0], name="w")

    def f(x: Any, w: Value) -> Any:
        loss = (w * w * x).sum()
        assign(w, w * 0.5)
        return loss

    program = compile(lambda x: f(x, w), [w])
    for call in range(4):
        x = X + call
        expected = gradients((other * other * x).sum(), [other])[0]
        loss = f(x, other)
        np.testing.assert_allclose(program(x), loss.data)
        np.testing.assert_allclose(w.data, other.data)
        np.testing.assert_allclose(w.grad, expected)


def test_an_older_use_of_what_a_program_wrote_is_refused() -> None:
    w, count = Value([1.0, 2.0, 3.0]), leaf(np.ones(3), name="count")

    def f(x: Any) -> Any:
        assign(count, count + 1)
        return (w * count * x).sum()

    program = compile(f, [w])
    for _ in range(3):
        older = (w * count).sum()
        program(X)
        with pytest.raises(RuntimeError, match=r"used count of shape \(3,\), whose data has chang"):
            older.backward()


def test_the_dtype_is_the_targets() -> None:
    mean = leaf(np.zeros(3, np.float32), name="mean")

    def f(x: Any) -> Any:
        assign(mean, mean * 0.5 + x.mean(0))
        return x

    program = compile(f)
    for _ in range(3):
        program(X)
    assert mean.dtype == np.float32
    np.testing.assert_allclose(mean.data, X.mean(0) * 1.75, rtol=1e-6)


def test_a_change_from_outside_is_seen() -> None:
    mean = leaf(np.zeros(3))

    def f(x: Any) -> Any:
        assign(mean, mean + x[0])
        return mean

    program = compile(f)
    for start in ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [5.0, 6.0, 7.0]):
        mean.data = np.array(start)
        np.testing.assert_array_equal(program(X), start + X[0])
        np.testing.assert_array_equal(mean.data, start + X[0])


def test_errors() -> None:
    mean = leaf(np.zeros(3))
    for run in (lambda f: f(X), lambda f: compile(f)(X)):
        with pytest.raises(TypeError, match=r"assign to ndarray\. Pass a Value that no op made"):
            run(lambda x: assign(np.zeros(3), x[0]))
        with pytest.raises(ValueError, match="assign to what multiply made"):
            run(lambda x: assign(Value(x) * 2, x))
    with pytest.raises(ValueError, match=r"data= has shape \(2, 3\)"):
        assign(mean, X)
    with pytest.raises(ValueError, match=r"target has shape \(3,\), but the numbers \(2, 3\)"):
        compile(lambda x: assign(mean, x))(X)
    np.testing.assert_array_equal(mean.data, [0.0, 0.0, 0.0])
