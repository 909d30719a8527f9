"""trace: which Values and edges a graph holds, in which order."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, op
from micrograd.viz import trace


def test_parents_come_first_and_operands_in_their_order() -> None:
    x, y = Value(2.0, name="x"), Value(-3.0, name="y")
    product = y * x
    root = product + y
    nodes, edges = trace(root)
    assert all(a is b for a, b in zip(nodes, [y, x, product, root], strict=True))
    expected = [(y, product, 0), (x, product, 1), (product, root, 0), (y, root, 1)]
    assert len(edges) == 4
    for (parent, child, position), (p, c, i) in zip(edges, expected, strict=True):
        assert (parent is p, child is c, position) == (True, True, i)


def test_a_repeated_operand_has_one_edge_for_each_use() -> None:
    x = Value(3.0)
    nodes, edges = trace(x * x)
    assert len(nodes) == 2
    assert [position for _, _, position in edges] == [0, 1]


def test_plain_numbers_and_arrays_have_no_edge_but_keep_their_position() -> None:
    x = Value([1.0, 2.0])
    _, edges = trace(np.array([3.0, 4.0]) - x * 2)
    assert [position for _, _, position in edges] == [0, 1]


def test_a_value_without_gradient_is_a_node_like_any_other() -> None:
    x, c = Value(1.0, name="x"), Value(2.0, name="c", requires_grad=False)
    nodes, edges = trace(x * c)
    assert [node.name for node in nodes] == ["x", "c", ""]
    assert len(edges) == 2


def test_a_leaf_is_a_graph_of_one_node() -> None:
    x = Value(1.0)
    nodes, edges = trace(x)
    assert nodes[0] is x
    assert (len(nodes), edges) == (1, [])


def test_the_results_of_one_call_each_have_its_operands() -> None:
    @op
    def halves(x):  # type: ignore[no-untyped-def]
        return x[:1], x[1:]

    @halves.gradient("x")
    def _(g, out, x):  # type: ignore[no-untyped-def]
        return np.concatenate(g)

    x = Value([1.0, 2.0])
    first, second = halves(x)
    nodes, edges = trace(first * second)
    assert len(nodes) == 4
    assert sum(parent is x for parent, _, _ in edges) == 2


def test_a_chain_of_100_000_values_is_walked() -> None:
    root = Value(0.0)
    for _ in range(100_000):
        root = root + 1.0
    nodes, edges = trace(root)
    assert (len(nodes), len(edges)) == (100_001, 100_000)
    assert nodes[-1] is root


def test_what_is_used_twice_at_each_of_100_steps_is_walked_once() -> None:
    root = Value(1.0)
    for _ in range(100):
        root = root + root  # 2**100 paths
    nodes, edges = trace(root)
    assert (len(nodes), len(edges)) == (101, 200)


def chain(steps: int) -> Value:
    root = Value(0.0)
    for _ in range(steps):
        root = root + 1.0
    return root


def recurrence(steps: int) -> Value:
    """One leaf is used at every step, and so is the step before, twice."""
    weight, root = Value(0.5), Value(1.0)
    for _ in range(steps):
        root = (root * weight + root).tanh()
    return root


def stack(steps: int) -> Value:
    return np.stack([Value(float(i)) for i in range(steps)]).sum()


@pytest.mark.parametrize("graph", [chain, recurrence, stack])
def test_a_graph_ten_times_as_large_takes_ten_times_the_steps(
    graph: Callable[[int], Value],
) -> None:
    """Counted in lines that Python runs, which no other program on the machine changes."""

    def lines(root: Value) -> int:
        count = 0

        def watch(frame: Any, event: str, _: Any) -> Any:
            nonlocal count
            count += event == "line"
            return watch

        before = sys.gettrace()
        sys.settrace(watch)
        try:
            trace(root)
        finally:
            sys.settrace(before)
        return count

    small, large = lines(graph(300)), lines(graph(3_000))
    assert small > 300
    assert large <= 10 * small


def test_anything_but_a_value_is_refused() -> None:
    with pytest.raises(TypeError, match=r"trace: .* got list\. Pass the Value"):
        trace([Value(1.0)])  # type: ignore[arg-type]
