"""What does a warm call allocate, does anything grow, and does ``explain`` say so?"""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, compile, ops

KIB = 1024


def peak(call: Any) -> int:
    """The most bytes that a call holds at once, beyond those from before."""
    gc.collect()
    tracemalloc.start()
    try:
        call()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def network(rng: np.random.Generator, sizes: Any, dtype: Any = np.float64) -> tuple[Any, Any]:
    """A loss of a multilayer perceptron with a softmax, and its parameters."""
    leaves = []
    for nin, nout in pairwise(sizes):
        leaves.append(Value(rng.normal(size=(nin, nout)) / np.sqrt(nin), dtype=dtype))
        leaves.append(Value(np.zeros(nout), dtype=dtype))

    def loss(x: Any, y: Any) -> Any:
        h = x
        for i in range(0, len(leaves), 2):
            h = h @ leaves[i] + leaves[i + 1]
            h = ops.relu(h) if i + 2 < len(leaves) else h
        return -(ops.log_softmax(h, axis=1) * y).sum() / len(x)

    return loss, leaves


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("activation", [ops.relu, np.tanh, ops.sigmoid])
def test_a_warm_step_holds_less_than_128_kib_at_batch_1024(
    rng: np.random.Generator, dtype: Any, activation: Any
) -> None:
    loss, leaves = network(rng, (64, 128, 128, 10), dtype)
    x = rng.normal(size=(1024, 64)).astype(dtype)
    y = np.eye(10, dtype=dtype)[rng.integers(0, 10, 1024)]
    program = compile(loss, leaves)
    for _ in range(3):
        program(x, y)
    assert peak(lambda: program(x, y)) < 128 * KIB
    assert program.explain().allocating == []


def test_nothing_grows_over_1000_steps(rng: np.random.Generator) -> None:
    loss, leaves = network(rng, (4, 8, 3))
    program = compile(loss, leaves)
    x, y = rng.normal(size=(5, 4)), np.eye(3)[[0, 1, 2, 0, 1]]
    for _ in range(10):
        program(x, y)
    grown = []
    for _ in range(3):
        gc.collect()
        tracemalloc.start()
        program(x, y)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(1000):
            program(x, y)
        gc.collect()
        grown.append(tracemalloc.get_traced_memory()[0] - before)
        tracemalloc.stop()
    assert min(grown) < 2 * KIB


def test_a_recording_keeps_no_array_of_the_call() -> None:
    x = np.ones((300, 300))
    seen = weakref.ref(x)
    w = Value(np.ones((300, 300)))
    program = compile(lambda x: (np.tanh(x @ w) * 2).sum(), [w])
    for _ in range(2):
        program(x)
    del x
    gc.collect()
    assert seen() is None
    entry = program._last
    assert entry is not None
    for recording in (entry.built.before, entry.built.recording):
        arrays = [one.value for one in (*recording.steps, *recording.inputs)]
        assert all(one is None or np.size(one) < 400 for one in arrays)


def test_a_program_is_freed_with_its_last_name() -> None:
    w = Value(np.ones(3))
    program = compile(lambda x: (x * w).sum(), [w])
    program(np.ones(3))
    gone = weakref.ref(program)
    del program
    gc.collect()
    assert gone() is None


def test_buffers_serve_again(rng: np.random.Generator) -> None:
    w = Value(rng.normal(size=(50, 50)) / 7)

    def f(x: Any) -> Any:
        for _ in range(20):
            x = np.tanh(x @ w) * 1.5
        return x.sum()

    program = compile(f)
    program(rng.normal(size=(100, 50)))
    explained = program.explain()
    assert explained.bytes_before >= 40 * 100 * 50 * 8
    assert explained.buffers <= 3 * 100 * 50 * 8


# -- explain -------------------------------------------------------------------------------------


def test_explain_adds_up(rng: np.random.Generator) -> None:
    w = Value(rng.normal(size=(6, 3)), name="w")
    program = compile(lambda x: (np.tanh(x @ w) ** 2).sum(), [w])
    program(rng.normal(size=(4, 6)))
    explained = program.explain()
    by_part = {row.part: row for row in explained.rows}
    assert by_part["matmul"].flops == 2 * 4 * 6 * 3
    assert by_part["matmul"].written == 4 * 3 * 8
    assert by_part["rule of matmul for b"].flops == 2 * 4 * 6 * 3
    assert by_part["rule of matmul for b"].written == 6 * 3 * 8
    assert by_part["tanh"] == ("tanh", 1, 12, 96, 0)
    entry = program._last
    assert entry is not None
    buffers = [one for one in program.source.splitlines() if " = np.empty(" in one]
    assert explained.buffers == sum(one.nbytes for one in entry.built.plan.buffers)
    assert len(buffers) == len(entry.built.plan.buffers)
    assert explained.steps == len(entry.built.recording.steps) < explained.steps_before
    lines = str(explained).splitlines()
    assert lines[0].split() == ["part", "steps", "flops", "bytes", "written", "fresh"]
    assert any(line.split()[:2] == ["tanh", "1"] for line in lines)
    assert f"{explained.steps_before} steps recorded, {explained.steps} after" in str(explained)
    assert f"{explained.buffers:,} in buffers that are used again" in str(explained)
    assert "allocated anew" not in str(explained)


ALLOCATING = {
    "sort": lambda x: np.sort(x, 0).sum(),
    "argsort": lambda x: x[np.argsort(x[:, 0])].sum(),
    "choose": lambda x: (x[[1, 0, 2]] * 2).sum(),
    "solve": lambda x: np.linalg.solve(x @ x.T + np.eye(3), x).sum(),
    "var": lambda x: x.var(0).sum(),
    "einsum": lambda x: np.einsum("ij,kj->ik", x, x).sum(),
    "result": lambda x: np.tanh(x),
    "pad": lambda x: np.pad(x, 1).sum(),
}


@pytest.mark.parametrize("name", ALLOCATING)
def test_explain_names_each_line_that_allocates(name: str, rng: np.random.Generator) -> None:
    program = compile(lambda x: ALLOCATING[name](np.exp(x)))
    x = rng.normal(size=(3, 4))
    for _ in range(2):
        program(x)
    explained = program.explain()
    lines = [line.strip() for line in program.source.splitlines()]
    assert explained.allocating
    assert set(explained.allocating) <= set(lines)
    for line in explained.allocating:
        assert line in str(explained)
    entry = program._last
    assert entry is not None
    plan = entry.built.plan
    fresh = [one for one in entry.built.recording.steps if plan.kinds[one] == "fresh"]
    assert len(explained.allocating) == len(fresh)
    assert sum(row.fresh for row in explained.rows) == sum(one.nbytes for one in fresh)
