"""What do other threads see of a program that is recorded, and what of one that runs?"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, compile, gradients


@pytest.fixture
def pool() -> Any:
    with ThreadPoolExecutor(4) as made:
        yield made


def test_a_thread_that_computes_eagerly_sees_nothing_of_a_recording(
    rng: np.random.Generator, pool: Any
) -> None:
    w = Value(rng.normal(size=(4, 4)), name="w")
    x = rng.normal(size=(3, 4))
    inside, done = threading.Event(), threading.Event()
    right = gradients((np.tanh(x @ w) ** 2).sum(), [w])[0]

    def f(given: Any) -> Any:
        h = np.tanh(given @ w)
        inside.set()
        assert done.wait(10)
        return (h**2).sum()

    def eagerly() -> Any:
        assert inside.wait(10)
        try:
            loss = (np.tanh(x @ w) ** 2).sum()
            loss.backward()
            return loss, w.grad.copy(), w.data.copy(), repr(w)
        finally:
            done.set()

    other = pool.submit(eagerly)
    program = compile(f, [w])
    result = program(x)
    loss, grad, data, text = other.result()
    assert type(loss.data) is np.ndarray
    np.testing.assert_array_equal(grad, right)
    np.testing.assert_array_equal(data, w.data)
    assert text.startswith("Value([[")
    np.testing.assert_allclose(result, loss.data, rtol=1e-13)
    np.testing.assert_allclose(w.grad, right, rtol=1e-11)


def test_one_program_in_several_threads(rng: np.random.Generator, pool: Any) -> None:
    w1, w2 = (Value(rng.normal(size=(20, 20)) / 4, name=name) for name in ("w1", "w2"))

    def f(x: Any) -> Any:
        h = np.tanh(x @ w1)
        return h, np.tanh(h @ w2) @ w1.T, (h * h).sum()

    program = compile(f)
    inputs = [rng.normal(size=(30, 20)) for _ in range(16)]
    right = [[one.data for one in f(x)] for x in inputs]
    start = threading.Barrier(4)

    def run(first: int) -> list[Any]:
        start.wait()  # also the first, verified calls come from all at once
        return [(i, program(inputs[i])) for _ in range(30) for i in range(first, 16, 4)]

    for results in pool.map(run, range(4)):
        for i, out in results:
            for one, other in zip(out, right[i], strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13)
    assert program.signatures == 1
    assert program.recordings == 2


def test_several_signatures_in_several_threads(rng: np.random.Generator, pool: Any) -> None:
    w = Value(rng.normal(size=(5, 5)))
    program = compile(lambda x: np.tanh(x @ w))
    inputs = [rng.normal(size=(n, 5)) for n in range(1, 9)]
    right = [np.tanh(x @ w.data) for x in inputs]

    def run(first: int) -> list[Any]:
        order = [(first + i) % 8 for i in range(8)] * 10
        return [(i, program(inputs[i])) for i in order]

    for results in pool.map(run, range(4)):
        for i, out in results:
            np.testing.assert_allclose(out, right[i], rtol=1e-12)
    assert program.signatures == 8


def test_a_thread_has_its_own_buffers(pool: Any) -> None:
    program = compile(lambda x: (np.exp(x) * 2 + x).sum())
    x = np.linspace(0, 1, 50)
    program(x)
    entry = program._last
    assert entry is not None
    here = entry._local.step
    assert pool.submit(lambda: (program(x), entry._local.step)[1]).result() is not here


def test_a_refusal_in_one_thread_leaves_the_others_alone(pool: Any) -> None:
    program = compile(lambda x: x if x.sum() > 0 else -x)
    for future in [pool.submit(program, np.ones(n)) for n in range(1, 9)]:
        with pytest.raises(TypeError, match="cannot decide by the numbers"):
            future.result()
    assert (Value(2.0) * 3).item() == 6.0
