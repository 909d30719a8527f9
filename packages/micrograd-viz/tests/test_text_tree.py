"""tree: a graph as text."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from micrograd.engine import Value, scope
from micrograd.viz import tree


def test_the_last_value_comes_first_and_operands_below() -> None:
    x = Value(2.0, name="x")
    y = Value(-3.0, name="y", requires_grad=False)
    z = x * y - 1
    z.name = "z"
    z.backward()
    assert tree(z).splitlines() == [
        "z = -: -7.0, gradient 1.0",
        "├─ *: -6.0, gradient 1.0",
        "│  ├─ x: 2.0, gradient -3.0",
        "│  └─ y: -3.0, constant",
        "└─ 1",
    ]


def test_a_shared_value_is_written_out_once() -> None:
    x = Value(2.0, name="x")
    h = x.exp()
    lines = tree(h * h + x).splitlines()
    assert lines == [
        "+: 56.5982, gradient —",
        "├─ *: 54.5982, gradient —",
        "│  ├─ exp (1): 7.3891, gradient —",
        "│  │  └─ x (2): 2.0, gradient —",
        "│  └─ exp (1), see above",
        "└─ x (2), see above",
    ]


def test_modules_settings_and_large_arrays_are_told() -> None:
    x = Value(np.arange(12.0).reshape(2, 6))
    with scope("layers.0"):
        out = np.concatenate([x, x]).sum(axis=0)
    assert tree(out).splitlines() == [
        "sum(axis=0) in layers.0: (6,)  12.0 to 32.0, gradient —",
        "└─ concatenate in layers.0: (4, 6)  0.0 to 11.0, gradient —",
        "   ├─ unnamed (1): (2, 6)  0.0 to 11.0, gradient —",
        "   └─ unnamed (1), see above",
    ]


def test_a_leaf_alone_and_a_name_of_two_lines() -> None:
    assert tree(Value(1.0)) == "unnamed: 1.0, gradient —"
    assert tree(Value(1.0, name="two\nlines")) == "two lines: 1.0, gradient —"


def test_no_name_gives_orders_to_a_terminal() -> None:
    assert tree(Value(1.0, name="red \x1b[31m")) == r"red \x1b[31m: 1.0, gradient —"


def chain(steps: int) -> Value:
    root = Value(0.0, name="start")
    for _ in range(steps):
        root = root.tanh()
    return root


def test_deep_graphs_are_cut_and_the_rest_is_counted() -> None:
    lines = tree(chain(3_436)).splitlines()
    assert len(lines) == 24 + 2
    assert lines[-2].strip() == "└─ …"
    assert lines[-1] == "… 3,413 more nodes"
    assert tree(chain(2), depth=2).splitlines() == [
        "tanh: 0.0, gradient —",
        "└─ tanh: 0.0, gradient —",
        "   └─ …",
        "… 1 more node",
    ]
    assert tree(chain(2), depth=3).splitlines()[-1] == "   └─ start: 0.0, gradient —"


def test_wide_graphs_are_cut_and_the_rest_is_counted() -> None:
    wide = np.stack([Value(float(i)) for i in range(500)])
    lines = tree(wide).splitlines()
    assert (len(lines), lines[-1]) == (201, "… 301 more nodes")
    assert len(tree(wide, max_nodes=None).splitlines()) == 501


def test_what_is_below_a_cut_but_written_elsewhere_is_not_counted() -> None:
    x = Value(1.0, name="x")
    lines = tree(x.exp() + x, depth=2).splitlines()
    assert lines == [
        "+: 3.7183, gradient —",
        "├─ exp: 2.7183, gradient —",
        "│  └─ …",
        "└─ x (1): 1.0, gradient —",
    ]


def test_there_is_no_limit_of_recursion() -> None:
    text = tree(chain(3_000), depth=None, max_nodes=None)
    assert len(text.splitlines()) == 3_001
    assert text.endswith("└─ start: 0.0, gradient —")
    assert tree(chain(100_000)).endswith("… 99,977 more nodes")


def test_the_text_does_not_depend_on_the_process() -> None:
    code = (
        "from micrograd.engine import Value; from micrograd.viz import tree; "
        "x = Value([1.0, 2.0], name='x'); print(tree((x * x + x[0]).sum()))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(runs) == 1


def test_what_cannot_be_a_tree_is_refused() -> None:
    with pytest.raises(TypeError, match=r"tree: .* got list\. Pass the Value"):
        tree([1.0])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"tree: depth=0\. It must be at least 1, or None"):
        tree(Value(1.0), depth=0)
    with pytest.raises(ValueError, match=r"tree: max_nodes=0\. It must be at least 1"):
        tree(Value(1.0), max_nodes=0)
