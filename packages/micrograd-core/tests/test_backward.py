"""In which order do the rules run, how do their results add up, and what is kept of them?"""

from __future__ import annotations

import asyncio
import gc
import math
import threading
import weakref
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, backward, gradients, hookimpl, no_grad, op, ops, plugins
from micrograd.engine.testing import check_gradients

# -- order and sums ---------------------------------------------------------------------------


def test_a_node_waits_for_all_its_shares() -> None:
    """Depth first and without sorting, b would hand on its gradient after half of it has come."""
    a = Value(1.0)
    b = a + a
    c = b + b
    c.backward()
    assert a.grad == 4


def test_youngest_nodes_run_first() -> None:
    ran: list[str] = []

    @op
    def step(x):  # type: ignore[no-untyped-def]
        return x * 1.0

    class Recorder:
        @hookimpl
        def micrograd_rule_ran(self, node: Value) -> None:
            ran.append(node.name)

    step.gradient("x")(lambda g, out, x: g)
    x = Value(1.0)
    nodes = [step(x)]
    for name in "abcde":
        nodes[-1].name = name
        nodes.append(step(nodes[-1]) if name in "ac" else step(nodes[len(nodes) // 2]))
    last = nodes[0]
    for node in nodes[1:]:
        last = last + node
    with plugins.registered(Recorder()):
        last.backward()
    named = [name for name in ran if name]
    assert sorted(named, reverse=True) == named
    assert set(named) == set("abcde")


@pytest.mark.parametrize("width", [2, 3, 7])
def test_shares_along_all_paths_add_up(width: int) -> None:
    """Each layer uses the last one `width` times: width ** depth paths."""
    x = Value(1.0)
    y = x
    for _ in range(10):
        y = sum((y for _ in range(width - 1)), y)
    y.backward()
    assert x.grad == float(width) ** 10


def test_a_second_call_adds_once_more_to_leaves_and_replaces_in_nodes() -> None:
    x, w = Value([1.0, 2.0]), Value(3.0)
    inner = x * w
    y = (inner * inner).sum()
    y.backward()
    first = [v.grad.copy() for v in (x, w, inner, y)]
    y.backward()
    second = [v.grad for v in (x, w, inner, y)]
    for once, twice, factor in zip(first, second, (2, 2, 1, 1), strict=True):
        np.testing.assert_array_equal(twice, factor * once)


def test_two_results_of_one_graph_add_up_in_leaves_only() -> None:
    x = Value(2.0)
    shared = x * 3
    (shared * 5).backward()
    assert shared.grad == 5
    (shared * 7).backward()
    assert shared.grad == 7
    assert x.grad == 36


def test_backward_of_a_leaf_is_its_own_gradient() -> None:
    x = Value(2.0)
    x.backward()
    x.backward()
    assert x.grad == 2


def test_backward_of_one_element_of_any_rank() -> None:
    x = Value([[3.0]])
    (x * x).backward()
    np.testing.assert_array_equal(x.grad, [[6.0]])


# -- what is asked for ------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(2,), (0,), (2, 1)])
def test_backward_wants_one_element_or_a_gradient(shape: tuple[int, ...]) -> None:
    x = Value(np.ones(shape))
    y = x * 3
    with pytest.raises(ValueError, match=r"\.sum\(\).*gradient="):
        y.backward()
    y.backward(gradient=np.full(shape, 2.0))
    np.testing.assert_array_equal(x.grad, np.full(shape, 6.0))


def test_a_gradient_of_another_shape_is_refused() -> None:
    y = Value([1.0, 2.0]) * 3
    with pytest.raises(ValueError, match=r"gradient= has shape \(1, 2\).*\(2,\)"):
        y.backward(gradient=[[1.0, 2.0]])


def test_the_callers_gradient_is_copied() -> None:
    g = np.ones(2)
    x = Value([1.0, 2.0])
    y = x + 0
    y.backward(gradient=g)
    g[...] = 7
    np.testing.assert_array_equal(x.grad, [1.0, 1.0])
    np.testing.assert_array_equal(y.grad, [1.0, 1.0])


def test_a_gradient_takes_the_dtype_of_the_result() -> None:
    x = Value([1.0, 2.0], dtype=np.float32)
    (x * 2).backward(gradient=np.ones(2))
    assert x.grad.dtype == np.float32


def test_backward_of_a_constant_is_refused() -> None:
    with no_grad():
        y = Value(1.0) * 2
    with pytest.raises(ValueError, match=r"on a constant.*requires_grad"):
        y.backward()


# -- what is kept -----------------------------------------------------------------------------


def test_inner_gradients_are_kept_for_pictures() -> None:
    x = Value(2.0)
    inner = x * 3
    (inner * inner).backward()
    assert inner.has_grad
    assert inner.grad == 12
    with pytest.raises(ValueError, match="read-only"):
        inner.grad[...] = 0


def test_inner_gradients_need_not_be_kept() -> None:
    x = Value(2.0)
    inner = x * 3
    y = inner * inner
    y.backward()
    y.backward(keep_inner=False)
    assert not inner.has_grad
    assert not y.has_grad
    assert x.grad == 72


@pytest.mark.parametrize(
    "function",
    [
        lambda a, b: a + b,
        lambda a, b: (a + b) * 1.0,
        lambda a, b: ops.concatenate([a, b]),
        lambda a, b: ops.stack([a, b]),
        lambda a, b: (a - -b).reshape(1, -1),
        lambda a, b: np.where(True, a + b, b),
        lambda a, b: +a + +b,
        lambda a, b: a.T + b.T,
        lambda a, b: a.broadcast_to((3,)) + b.astype(np.float64),
    ],
)
@pytest.mark.parametrize("keep_inner", [True, False])
def test_no_two_gradients_share_memory(function: Any, keep_inner: bool) -> None:
    """Clipping by norm writes into each gradient; that of a neighbour must not move."""
    a, b = Value([1.0, 2.0, 3.0]), Value([4.0, 5.0, 6.0])
    out = function(a, b)
    seed = np.ones(out.shape)
    out.backward(gradient=seed, keep_inner=keep_inner)
    arrays = [a.grad, b.grad, seed, *([out.grad] if keep_inner else [])]
    for i, one in enumerate(arrays):
        for other in arrays[:i]:
            assert not np.shares_memory(one, other)
    a.grad[...] *= 10
    np.testing.assert_array_equal(b.grad, [1.0, 1.0, 1.0])


def test_a_gradient_that_nobody_else_holds_is_not_copied() -> None:
    given = []

    @op
    def same(x):  # type: ignore[no-untyped-def]
        return x * 1.0

    @same.gradient("x")
    def _(g, out, x):  # type: ignore[no-untyped-def]
        made = g * 1.0
        given.append(weakref.ref(made))
        return made

    x = Value([1.0, 2.0])
    same(x).sum().backward()
    assert x._grad is given[0]()


kept = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    "gradient",
    [
        lambda x: kept,
        lambda x: kept[:],
        lambda x: kept.reshape(1, 2)[0],
        lambda x: np.frombuffer(kept, np.float64),
        lambda x: x,
    ],
    ids=["itself", "a view", "a view of a view", "its buffer", "an input"],
)
def test_an_array_that_a_rule_keeps_does_not_become_a_gradient(gradient: Any) -> None:
    @op
    def keeping(x):  # type: ignore[no-untyped-def]
        return x.sum()

    @keeping.gradient("x")
    def _(g, out, x):  # type: ignore[no-untyped-def]
        return gradient(x)

    x = Value([1.0, 2.0])
    for _ in range(2):
        x.zero_grad()
        keeping(x).backward()
        x.grad[...] *= 10.0
        np.testing.assert_array_equal(x.grad, [10.0, 20.0])
    np.testing.assert_array_equal(kept, [1.0, 2.0])
    np.testing.assert_array_equal(x.data, [1.0, 2.0])


def test_a_gradient_that_a_recorder_keeps_is_its_own() -> None:
    class Recorder:
        @hookimpl
        def micrograd_rule_ran(self, gradient: Any) -> None:
            self.last = gradient

    recorder = Recorder()
    x = Value([1.0, 2.0])
    with plugins.registered(recorder):
        (x * np.array([3.0, 4.0])).sum().backward()
    x.grad[...] = 0.0
    np.testing.assert_array_equal(recorder.last, [3.0, 4.0])


def test_clipping_by_norm_ends_at_the_norm_asked_for(rng: np.random.Generator) -> None:
    a, b, c = (Value(rng.normal(size=5)) for _ in range(3))
    ((a + b) * c).sum().backward()
    norm = math.sqrt(sum(float((p.grad**2).sum()) for p in (a, b)))
    for p in (a, b):
        p.grad *= 1 / norm
    assert math.isclose(sum(float((p.grad**2).sum()) for p in (a, b)), 1.0)


# -- deep graphs ------------------------------------------------------------------------------


def test_a_chain_of_200000_runs_backward_and_is_freed() -> None:
    gc.collect()
    gc.disable()
    try:
        x = Value(1.0)
        y = x
        for _ in range(200_000):
            y = y + x
        reference = weakref.ref(y)
        y.backward()
        assert x.grad == 200_001
        assert gradients(y, [x]) == [200_001]
        del y
        assert reference() is None
    finally:
        gc.enable()


def test_a_deep_graph_of_the_gradient_is_freed() -> None:
    gc.collect()
    gc.disable()
    try:
        x = Value(1.0)
        y = x
        for _ in range(5_000):
            y = y * 1.0001
        (slope,) = gradients(y * y, [x], create_graph=True)
        (curvature,) = gradients(slope, [x])
        np.testing.assert_allclose(curvature, 2 * 1.0001**10_000)
        reference = weakref.ref(slope)
        del y, slope
        assert reference() is None
    finally:
        gc.enable()


# -- threads and tasks ------------------------------------------------------------------------


def test_threads_run_backward_side_by_side(rng: np.random.Generator) -> None:
    weights = [rng.normal(size=(8, 8)) for _ in range(4)]
    meet = threading.Barrier(len(weights), timeout=30)
    found: list[Any] = [None] * len(weights)

    def work(i: int) -> None:
        meet.wait()
        for _ in range(20):
            w = Value(weights[i])
            (w @ w).tanh().sum().backward()
            found[i] = w.grad

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(weights))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for w, g in zip(weights, found, strict=True):
        v = Value(w)
        (v @ v).tanh().sum().backward()
        np.testing.assert_array_equal(g, v.grad)


def test_async_tasks_run_backward_side_by_side() -> None:
    async def work(slope: float) -> float:
        x = Value(1.0)
        y = x * slope
        await asyncio.sleep(0)
        y.backward()
        return x.grad.item()

    async def all_tasks() -> list[float]:
        return list(await asyncio.gather(*(work(float(i)) for i in range(5))))

    assert asyncio.run(all_tasks()) == [0.0, 1.0, 2.0, 3.0, 4.0]


# -- ops with several results -----------------------------------------------------------------


def two_exponentials() -> Any:
    """eˣ and e²ˣ in one call; the rule uses the outputs."""

    @op
    def exponentials(x):  # type: ignore[no-untyped-def]
        return np.exp(x), np.exp(2 * x)

    @exponentials.gradient("x")
    def _(g, out, x):  # type: ignore[no-untyped-def]
        assert type(g) is type(out) is tuple
        return g[0] * out[0] + 2 * g[1] * out[1]

    return exponentials


@pytest.mark.parametrize("data", [0.5, [0.5, -1.0]])
def test_multi_result_ops_have_one_node_and_one_value_per_result(data: Any) -> None:
    x = Value(data)
    a, b = two_exponentials()(x)
    assert a.call is b.call
    assert a.op is b.op
    assert a.op.name == "exponentials"
    assert a.parents == b.parents
    assert a.parents[0] is x
    np.testing.assert_array_equal(a.inputs[0], x.data)
    (a * b).sum().backward()
    np.testing.assert_allclose(x.grad, 3 * np.exp(3 * x.data))
    np.testing.assert_allclose(a.grad, b.data)
    np.testing.assert_allclose(b.grad, a.data)


@pytest.mark.parametrize("used", [0, 1])
def test_a_result_that_nobody_used_has_a_gradient_of_zeros(used: int) -> None:
    x = Value([0.5, -1.0])
    results = two_exponentials()(x)
    results[used].sum().backward()
    np.testing.assert_allclose(x.grad, (1 + used) * np.exp((1 + used) * x.data))


def test_a_result_that_is_used_twice_receives_both_shares() -> None:
    x = Value(0.5)
    a, _ = two_exponentials()(x)
    (a * a + a).backward()
    np.testing.assert_allclose(x.grad, 2 * math.exp(1.0) + math.exp(0.5))


def test_multi_result_ops_have_second_derivatives() -> None:
    """In order 2 a result is met twice: as it was used, and as the rule saw it."""
    check_gradients(two_exponentials(), [0.5, -1.0], order=3)
    x = Value(0.5)
    a, _ = two_exponentials()(x)
    (slope,) = gradients(a * a, [x], create_graph=True)
    (curvature,) = gradients(slope, [x])
    np.testing.assert_allclose(curvature, 4 * math.e)


def test_gradients_of_results_themselves() -> None:
    x = Value(0.5)
    a, b = two_exponentials()(x)
    y = a * b
    found = gradients(y, [b, x, a])
    np.testing.assert_allclose(found, [a.item(), 3 * y.item(), b.item()])
    np.testing.assert_allclose(gradients(y, [a]), [b.item()])


def test_multi_result_rules_may_ignore_broadcasting() -> None:
    @op
    def sum_and_dot(x, y):  # type: ignore[no-untyped-def]
        return x + y, (x * y).sum()

    sum_and_dot.gradient("x")(lambda g, out, x, y: g[0] + g[1] * y)
    sum_and_dot.gradient("y")(lambda g, out, x, y: g[0] + g[1] * x)
    x, y = Value(np.ones((2, 3))), Value([1.0, 2.0, 3.0])
    a, b = sum_and_dot(x, y)
    (a.sum() + b).backward()
    np.testing.assert_array_equal(y.grad, [4.0, 4.0, 4.0])
    np.testing.assert_array_equal(x.grad, [[2.0, 3.0, 4.0]] * 2)


@pytest.mark.parametrize("create_graph", [True, False])
def test_multi_result_ops_refuse_a_changed_operand(create_graph: bool) -> None:
    x = Value([0.5, 1.0], name="x")
    a, b = two_exponentials()(x)
    x.data += 1
    with pytest.raises(RuntimeError, match=r"exponentials used x .*changed since"):
        gradients((a * b).sum(), [x], create_graph=create_graph)


def test_multi_result_ops_without_recording() -> None:
    with no_grad():
        a, b = two_exponentials()(Value(0.5))
    assert not a.requires_grad
    assert not b.requires_grad
    np.testing.assert_allclose([a.item(), b.item()], np.exp([0.5, 1.0]))


def test_a_graph_with_several_results_goes_with_its_last_name() -> None:
    gc.collect()
    gc.disable()
    try:
        a, b = two_exponentials()(Value(0.5))
        y = a * b
        y.backward()
        dead = [weakref.ref(a.call), weakref.ref(b)]
        del a, b, y
        assert [ref() for ref in dead] == [None, None]
    finally:
        gc.enable()


# -- recorders --------------------------------------------------------------------------------


class Recorder:
    """A plugin that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, Any, Any]] = []

    @hookimpl
    def micrograd_rule_ran(self, node: Value, argument: str, g: Any, gradient: Any) -> None:
        self.told.append((node.op.name, argument, g, gradient))


def test_a_registered_recorder_is_told_about_every_rule() -> None:
    recorder = Recorder()
    x, y = Value(3.0), Value(2.0)
    z = x * y + 1
    with plugins.registered(recorder):
        z.backward()
    z.backward()
    assert [told[:2] for told in recorder.told] == [
        ("add", "x"),
        ("multiply", "x"),
        ("multiply", "y"),
    ]
    assert [float(told[3]) for told in recorder.told] == [1.0, 2.0, 3.0]
    assert not backward.RECORDERS


def test_a_recorder_changes_no_gradient(rng: np.random.Generator) -> None:
    w = Value(rng.normal(size=(3, 3)))
    ((w @ w).tanh().softmax() * [1.0, 2.0, 3.0]).sum().backward()
    alone = w.grad.copy()
    w.zero_grad()
    with plugins.registered(Recorder()):
        ((w @ w).tanh().softmax() * [1.0, 2.0, 3.0]).sum().backward()
    np.testing.assert_array_equal(w.grad, alone)
