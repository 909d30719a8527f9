"""Are a program's random numbers those of an eager call, and where is its generator afterwards?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, compile, gradients, op

X = np.linspace(-1, 1, 12).reshape(3, 4)


@op
def dropped(x: Any, *, p: float, rng: Any) -> Any:
    """x with a part p of its numbers replaced by zeros, the others larger."""
    mask = (rng.random(x.shape) >= p) / (1.0 - p)
    return x * mask.astype(x.dtype)


@dropped.gradient("x")
def _(g: Any, out: Any, x: Any, *, p: float) -> Any:
    """What was kept: out / x where x is not 0"""
    return g * (out != 0) * (1 / (1.0 - p))


def pair() -> tuple[np.random.Generator, np.random.Generator]:
    return np.random.default_rng(7), np.random.default_rng(7)


def test_the_same_numbers_as_eager_also_in_the_calls_that_are_compared() -> None:
    mine, other = pair()
    w = Value(X, name="w")
    program = compile(lambda x: (dropped(w * x, p=0.5, rng=mine) ** 2).sum(), [w])
    for call in range(5):
        x = X + 2.0 + call
        loss = (dropped(w * x, p=0.5, rng=other) ** 2).sum()
        np.testing.assert_allclose(program(x), loss.data, rtol=1e-13)
        np.testing.assert_allclose(w.grad, gradients(loss, [w])[0], rtol=1e-12)
        assert mine.bit_generator.state == other.bit_generator.state
    assert "(out=" in program.source  # into a buffer


def test_two_draws_from_one_generator_are_not_merged() -> None:
    mine, other = pair()

    def f(x: Any, rng: Any) -> Any:
        a, b = dropped(x, p=0.5, rng=rng), dropped(x, p=0.5, rng=rng)
        return a, b, a + b

    w = Value(X)
    program = compile(lambda: f(w, mine))
    for _ in range(4):
        for one, right in zip(program(), f(w, other), strict=True):
            np.testing.assert_array_equal(one, right.data)
        assert mine.bit_generator.state == other.bit_generator.state


def test_a_draw_that_nobody_uses_still_moves_the_generator() -> None:
    mine, other = pair()

    def f(x: Any, rng: Any) -> Any:
        dropped(x, p=0.5, rng=rng)
        return x * 2

    program = compile(lambda x: f(Value(x), mine))
    for _ in range(3):
        program(X)
        f(Value(X), other)
        assert mine.bit_generator.state == other.bit_generator.state


def test_two_generators_in_one_function() -> None:
    mine, others = pair(), pair()
    mine[1].random(3)
    others[1].random(3)

    def f(x: Any, first: Any, second: Any) -> Any:
        return dropped(dropped(x, p=0.2, rng=first), p=0.2, rng=second)

    w = Value(X)
    program = compile(lambda: f(w, *mine))
    for _ in range(4):
        np.testing.assert_array_equal(program(), f(w, *others).data)
    for one, other in zip(mine, others, strict=True):
        assert one.bit_generator.state == other.bit_generator.state


def test_a_generator_as_argument_and_closed_over_is_one() -> None:
    mine, other = pair()
    w = Value(X)
    program = compile(lambda rng: dropped(w, p=0.5, rng=rng) + dropped(w, p=0.5, rng=mine))
    for _ in range(4):
        right = dropped(w, p=0.5, rng=other) + dropped(w, p=0.5, rng=other)
        np.testing.assert_array_equal(program(mine), right.data)


DRAWS = {
    "random": lambda rng: rng.random(3),
    "random32": lambda rng: rng.random(3, dtype=np.float32),
    "one": lambda rng: rng.random(),
    "size": lambda rng: rng.random(size=(2, 3)),
    "standard_normal": lambda rng: rng.standard_normal((2, 3)),
    "normal32": lambda rng: rng.standard_normal((2, 3), np.float32),
    "exponential": lambda rng: rng.standard_exponential(4),
    "normal": lambda rng: rng.normal(1.0, 2.0, size=(2, 3)),
    "uniform": lambda rng: rng.uniform(-1, 1, 5),
    "integers": lambda rng: rng.integers(0, 9, 5),
    "permutation": lambda rng: rng.permutation(5),
    "choice": lambda rng: rng.choice(7, 3, replace=False),
    "binomial": lambda rng: rng.binomial(1, 0.5, (2, 2)),
    "shuffled": lambda rng: rng.permuted(np.arange(6)),
    "gamma": lambda rng: rng.gamma(2.0, size=2),
}


@pytest.mark.parametrize("name", DRAWS)
def test_every_kind_of_draw(name: str) -> None:
    mine, other = pair()
    program = compile(lambda rng: DRAWS[name](rng) * 1)
    for _ in range(4):
        out, right = program(mine), DRAWS[name](other) * 1
        np.testing.assert_array_equal(out, right)
        assert out.dtype == np.asarray(right).dtype
        assert mine.bit_generator.state == other.bit_generator.state


@pytest.mark.parametrize("name", DRAWS)
def test_a_draw_that_is_the_result_is_fresh(name: str) -> None:
    mine, other = pair()
    program = compile(lambda rng: DRAWS[name](rng))
    kept = []
    for _ in range(3):
        kept.append((program(mine), DRAWS[name](other)))
        for one, right in kept:
            np.testing.assert_array_equal(one, right)


def test_draws_with_numbers_of_the_program() -> None:
    mine, other = pair()
    program = compile(lambda x, rng: rng.normal(x * 2, 0.1) + rng.uniform(0.0, abs(x)))
    for x in (X, X + 1, X * 2):
        np.testing.assert_array_equal(
            program(x, mine), other.normal(x * 2, 0.1) + other.uniform(0.0, abs(x))
        )


def test_a_method_that_a_generator_does_not_have() -> None:
    with pytest.raises(AttributeError, match="A random generator has no method 'rand'"):
        compile(lambda rng: rng.rand(3))(np.random.default_rng(1))


def test_spawning_is_no_draw() -> None:
    with pytest.raises(TypeError, match=r"takes the spawn of a random gen.*pass several"):
        compile(lambda rng: rng.spawn(1)[0].random(3))(np.random.default_rng(1))


def test_shuffling_in_place_is_refused() -> None:
    with pytest.raises(TypeError, match=r"rng\.shuffle writes into an array"):
        compile(lambda x, rng: (rng.shuffle(x), x)[1])(X, np.random.default_rng(1))


def test_bytes_are_no_numbers() -> None:
    with pytest.raises(TypeError, match=r"rng\.bytes returned bytes, at .*Compute it outside"):
        compile(lambda rng: rng.bytes(3))(np.random.default_rng(1))
