"""Is no buffer overwritten while it is still read?

Random expressions of elementwise functions, products, reductions, views, indices, joins, with
shared parts, several results and state, are recorded, and run with other numbers at each call.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from micrograd.engine import Value, assign, compile, ops

N, M = 3, 4  # every matrix is (N, M) or (M, N), every vector (M,) or (N,)

UNARY = (
    *(np.tanh, np.negative, np.sin, np.square, np.exp, np.absolute, ops.sigmoid, ops.relu),
    *(lambda x: x * 2.0, lambda x: 1.0 - x, lambda x: x / 3.0, lambda x: x**2, lambda x: x + 0.5),
    *(lambda x: x - 0.0, lambda x: x * 1.0, lambda x: 2.0 / (x * x + 1.0), lambda x: -x * 0.5),
)
BINARY = (
    *(np.add, np.subtract, np.multiply, np.maximum, np.minimum),
    *(lambda x, y: x / (y * y + 1.0), lambda x, y: np.where(y > 0.1, x, y)),
    *(lambda x, y: x * (y > 0), lambda x, y: (x + y) * (x - y), lambda x, y: np.tanh(x * y) + y),
)
SHAPES = {  # what makes of a shape another; all others keep it
    "T": lambda x: x.T,
    "flip": lambda x: x[::-1],
    "rows": lambda x: x[[1, 0, 2]] if x.shape[0] == N else x[[3, 1, 0, 0]],
    "half": lambda x: np.concatenate([x[1:], x[:1]]),
    "reshaped": lambda x: x.reshape(-1).reshape(x.shape),
    "turned": lambda x: x.T.reshape(x.shape),
    "stacked": lambda x: np.stack([x, x * 2])[1],
    "sum0": lambda x: x - x.sum(0, keepdims=True),
    "mean1": lambda x: x * x.mean(-1, keepdims=True),
    "max": lambda x: x - x.max(-1, keepdims=True),
    "softmax": lambda x: ops.softmax(x, axis=-1),
    "log_softmax": lambda x: ops.log_softmax(x, axis=-1),
    "sum": lambda x: x / (1.0 + (x * x).sum()),
    "cumsum": lambda x: np.cumsum(x, 0),
    "product": lambda x: x @ (x.T @ x) * 0.1,
    "broadcast": lambda x: x + np.broadcast_to(x[0], x.shape),
    "var": lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 1.0),
}

step = st.one_of(
    st.tuples(st.sampled_from(range(len(UNARY))), st.integers(0, 99)),
    st.tuples(st.sampled_from(range(len(BINARY))), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.sampled_from(sorted(SHAPES)), st.integers(0, 99)),
)


def same_shape(x: Any, y: Any) -> Any:
    """y in the shape of x: transposed, or its first row repeated by NumPy."""
    if x.shape == y.shape:
        return y
    return y.T if x.shape == y.shape[::-1] else y


def build(steps: list[Any], leaves: list[Any]) -> list[Any]:
    """Run the steps: each takes earlier results and adds one, kept in bounds by tanh."""
    made = list(leaves)
    for kind, *places in steps:
        one, *others = (made[place % len(made)] for place in places)
        if isinstance(kind, str):
            new = SHAPES[kind](one)
        elif others:
            new = BINARY[kind](one, same_shape(one, others[0]))
        else:
            new = UNARY[kind](one)
        made.append(np.tanh(new) * 2.0 if kind in (4, "product") and not others else new)
    return made


@settings(
    max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    steps=st.lists(step, min_size=1, max_size=22),
    results=st.lists(st.integers(0, 99), max_size=3),
    written=st.lists(st.integers(0, 99), max_size=3),
    dtype=st.sampled_from([np.float64, np.float64, np.float32]),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_program_computes_what_the_engine_computes(
    steps: Any, results: Any, written: Any, dtype: Any, seed: int
) -> None:
    rng = np.random.default_rng(seed)

    def numbers(shape: Any) -> Any:
        return rng.uniform(-1, 1, shape).astype(dtype)

    start = [numbers((N, M)), numbers((M, N)), numbers((N, M))]

    def make() -> Any:
        """The function, with leaves and state of its own."""
        leaves = [Value(one) for one in start]
        state = [Value(np.zeros((N, M), dtype), requires_grad=False) for _ in written]

        def f(x: Any, y: Any) -> Any:
            made = build(steps, [*leaves, *(one * 1.0 for one in state), x, y])
            for target, place in zip(state, written, strict=True):
                new = made[place % len(made)]
                assign(target, new if new.shape == (N, M) else new.T)
            made = made[-3:] + [made[place % len(made)] for place in results]
            loss = sum(((one * one).mean() for one in made), leaves[0].sum())
            return loss, *made, *(target * 1.0 for target in state)

        return f, leaves, state

    (f, leaves, state), (g, others, other_state) = make(), make()
    program = compile(f, leaves)
    tolerance = (
        {"rtol": 1e-7, "atol": 1e-9} if dtype is np.float64 else {"rtol": 0.02, "atol": 2e-3}
    )
    for _ in range(3):
        x, y = numbers((N, M)), numbers((M, N))
        given = x.copy(), y.copy()
        with np.errstate(all="ignore"):
            out = program(x, y)
            right = g(x, y)
            for one in others:
                one.zero_grad()
            right[0].backward()
        np.testing.assert_array_equal((x, y.T), (given[0], given[1].T))
        for one, other in zip(out, right, strict=True):
            np.testing.assert_allclose(one, getattr(other, "data", other), **tolerance)
            assert np.asarray(one).dtype == dtype
        for one, other in zip(leaves, others, strict=True):
            largest = np.abs(other.grad).max() + 1.0
            np.testing.assert_allclose(one.grad / largest, other.grad / largest, **tolerance)
        for one, other in zip(state, other_state, strict=True):
            np.testing.assert_allclose(one.data, other.data, **tolerance)
