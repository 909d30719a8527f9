"""Where a Value stands: frames of modules, and modules that are folded into one box."""

from __future__ import annotations

import re

import numpy as np
import pytest

from micrograd.engine import Value, op, scope
from micrograd.viz import draw_dot
from micrograd.viz.modules import levels, places
from micrograd.viz.tracing import trace


def linear(x: Value, path: str, nin: int, nout: int, names: str = "") -> Value:
    """A layer, as nn runs one."""
    w = Value(np.full((nin, nout), 0.5), name=f"{names}weight")
    b = Value(np.zeros(nout), name=f"{names}bias")
    with scope(path):
        return x @ w + b


@pytest.fixture
def net() -> Value:
    """Two layers and what is between and behind them, as an MLP makes it."""
    x = Value(np.ones((5, 3)), name="x", requires_grad=False)
    h = linear(x, "layers.0", 3, 4, "layers.0.").relu()
    return linear(h, "layers.1", 4, 2, "layers.1.").sum()


def body(root: Value, **options: object) -> list[str]:
    return [line.strip() for line in draw_dot(root, **options)]  # type: ignore[arg-type]


def arrows(root: Value, **options: object) -> list[str]:
    return [line for line in body(root, **options) if " -> " in line]


def folded(root: Value, **options: object) -> list[str]:
    """The text of the boxes of folded modules."""
    boxes = [line for line in body(root, **options) if "class=module" in line]
    return [
        re.sub(r"\\l\|?", "\n", re.search(r'label="(.*?)" class', box)[1].replace("\\ ", " "))  # type: ignore[index]
        for box in boxes
    ]


def test_a_number_belongs_to_the_word_before_it() -> None:
    assert levels("encoder.layers.11.norm") == [
        "encoder",
        "encoder.layers.11",
        "encoder.layers.11.norm",
    ]
    assert levels("0.1.2") == ["0", "0.1", "0.1.2"]
    assert levels("body.0.1") == ["body.0", "body.0.1"]


def test_what_is_made_in_a_module_stands_in_its_frame(net: Value) -> None:
    lines = body(net)
    start = lines.index("subgraph cluster_0 {")
    end = lines.index("}", start)
    inside = [line.split()[0] for line in lines[start + 2 : end]]
    assert 'label="layers.0"' in lines[start + 1]
    assert sorted(inside) == ["o0", "o1", "v1", "v2", "v3", "v4"]
    assert not any("label=relu" in line for line in lines[start:end])


def test_frames_are_nested_as_modules_are() -> None:
    x = Value(1.0, name="x", requires_grad=False)
    with scope("block"), scope("attention"), scope("out"):
        x = x * Value(2.0)
    lines = body(x)
    heads = [line for line in lines if line.startswith("subgraph")]
    names = re.findall(r"label=\"?([a-z.]+)\"? labeljust", "\n".join(lines))
    assert len(heads) == 3
    assert names == ["block", "block.attention", "block.attention.out"]


def test_a_graph_without_modules_has_no_frame() -> None:
    assert not any("subgraph" in line for line in body(Value(1.0) * 2))


def place(root: Value, name: str) -> str:
    values = trace(root)[0]
    found = places(values)
    return next(found.get(id(value), "") for value in values if value.name == name)


def test_a_parameter_stands_where_it_is_used() -> None:
    x = Value(np.ones((5, 3)), name="x", requires_grad=False)
    out = linear(x, "head", 3, 4)
    assert place(out, "weight") == place(out, "bias") == "head"
    assert place(out, "x") == ""


def test_what_several_modules_use_stands_outside() -> None:
    shared = Value(2.0, name="tied")
    with scope("first"):
        h = shared * 3.0
    with scope("second"):
        h = h * shared
    assert place(h, "tied") == ""


def test_an_input_that_wants_a_gradient_comes_before_the_parameters() -> None:
    out = linear(Value(np.ones((5, 3)), name="x"), "head", 3, 4)
    assert place(out, "x") == ""
    assert place(out, "weight") == place(out, "bias") == "head"


def test_an_input_that_wants_a_gradient_is_no_parameter_of_modules_named_by_path() -> None:
    x = Value(np.ones((5, 3)), name="x")
    out = linear(x, "layers.0", 3, 4, "layers.0.")
    assert place(out, "x") == ""
    assert place(out, "layers.0.weight") == "layers.0"


def test_an_unnamed_leaf_stands_outside_unless_it_was_made_inside() -> None:
    outer = Value(1.0)
    with scope("a"):
        inner = Value(1.0)
        out = outer * inner
    found = places(trace(out)[0])
    assert found.get(id(outer)) is None
    assert found[id(inner)] == "a"


def test_depth_folds_a_module_into_one_box_with_its_shapes(net: Value) -> None:
    first, second = folded(net, depth=1)
    assert first.split("\n") == [
        "layers.0",
        "in        (5, 3)",
        "out       (5, 4)",
        "ops       2",
        "params    2 with 16 numbers",
        "",
    ]
    assert "in        (5, 4)\nout       (5, 2)" in second
    assert arrows(net, depth=1) == [
        "v0 -> m0",
        "m0 -> o0 [weight=2]",
        "o0 -> v1",
        "v1 -> m1 [weight=2]",
        "m1 -> o1 [weight=2]",
        "o1 -> v2",
    ]


def test_depth_two_folds_what_is_in_a_module_and_frames_the_module() -> None:
    x = Value(np.ones((5, 3)), name="x", requires_grad=False)
    with scope("block"):
        h = linear(x, "inner", 3, 4)
        out = h.relu()
    lines = body(out.sum(), depth=2)
    assert sum("subgraph" in line for line in lines) == 1
    assert [box.split("\n")[0] for box in folded(out.sum(), depth=2)] == ["block.inner"]
    assert any("label=relu" in line for line in lines)
    assert not any("label=relu" in line for line in body(out.sum(), depth=1))


def test_what_the_graph_ends_in_is_drawn_also_where_a_folded_module_made_it(net: Value) -> None:
    root = net.parents[0]
    assert root.scope == "layers.1"
    lines = body(root, depth=1)
    assert sum('class="value output' in line for line in lines) == 1
    assert arrows(root, depth=1)[-1] == "m1 -> v2"
    assert "out       (5, 2)" in folded(root, depth=1)[1]


def test_a_module_that_trains_nothing_is_a_box_for_each_call() -> None:
    """So a Dropout that serves in several places draws no circle."""
    mask = np.array([1.0, 0.0])

    @op
    def halves(x):  # type: ignore[no-untyped-def]
        return x[:1], x[1:]

    @halves.gradient("x")
    def _(g, out, x):  # type: ignore[no-untyped-def]
        return np.concatenate(g)

    h = Value([1.0, 2.0], name="x").exp()
    for _ in range(2):
        with scope("block"), scope("dropout"):
            h = h * mask / 0.5
        h = h.tanh()
    with scope("block"), scope("dropout"):
        first, second = halves(h)  # one call, although nothing else joins its results
    boxes = folded(first + second, depth=2)
    assert [box.split("\n")[0] for box in boxes] == ["block.dropout"] * 3
    assert arrows(h, depth=2) == [
        "v0 -> o0",
        "o0 -> v1",
        "v1 -> m0 [weight=2]",
        "m0 -> o1 [weight=2]",
        "o1 -> v2",
        "v2 -> m1 [weight=2]",
        "m1 -> o2 [weight=2]",
        "o2 -> v3",
    ]


def test_a_module_that_is_called_twice_is_one_box() -> None:
    w, h = Value(0.5, name="w"), Value(1.0, name="h", requires_grad=False)
    for _ in range(2):
        with scope("cell"):
            h = h * w
        h = h.tanh()
    assert len(folded(h, depth=1)) == 1
    assert arrows(h, depth=1) == [
        "v0 -> m0",
        "m0 -> o0 [weight=2]",
        "o0 -> v1",
        "v1 -> m0 [weight=2]",
        "m0 -> o1 [weight=2]",
        "o1 -> v2",
    ]


def test_a_network_called_with_a_plain_array_shows_that_it_has_an_input() -> None:
    w = Value(np.ones((3, 4)), name="w")
    with scope("head"):
        h = np.ones((5, 3)) @ w
    assert "in        (5, 3)" in folded(h.sum(), depth=1)[0]
    assert arrows(h.sum(), depth=1)[0] == "c0 -> m0"


def test_many_shapes_are_told_in_a_few_lines() -> None:
    values = [Value(np.ones(n), name=f"x{n}", requires_grad=False) for n in (1, 1, 2, 3, 4, 5, 6)]
    with scope("join"):
        out = np.concatenate([*values, Value(np.ones(1))])
    text = folded(out.sum(), depth=1)[0]
    assert "in        (1,) x2\n          (2,)\n" in text
    assert "          and 2 more shapes\n" in text


def test_names_of_scopes_are_shown_letter_by_letter() -> None:
    with scope('a|b<c>{"d"}\\'):
        out = Value(1.0) * 2
    assert r'label="a|b&lt;c&gt;{\"d\"}\\"' in "\n".join(body(out))
    assert folded(out.sum(), depth=1)[0].startswith(r"a\|b&lt;c&gt;\{\"d\"\}")
