"""What stands in a picture: one box a Value, one round node a call, one arrow an operand."""

from __future__ import annotations

import re

import numpy as np
import pytest

from micrograd.engine import Value, op
from micrograd.viz import draw_dot


def lines(root: Value, rankdir: str = "LR") -> list[str]:
    return [line.strip() for line in draw_dot(root, rankdir=rankdir)]


def arrows(root: Value) -> list[str]:
    return [line for line in lines(root) if " -> " in line]


def boxes(root: Value) -> list[str]:
    return [line for line in lines(root) if 'class="value ' in line]


def test_a_repeated_operand_has_two_arrows() -> None:
    x = Value(3.0)
    assert arrows(x * x) == ["v0 -> o0", "v0 -> o0", "o0 -> v1"]


def test_operands_are_numbered_where_their_order_matters() -> None:
    x, y = Value(3.0), Value(2.0)
    assert arrows(x - y)[:2] == ["v0 -> o0 [headlabel=1]", "v1 -> o0 [headlabel=2]"]
    assert arrows(2 - x)[:2] == ["c0 -> o0 [headlabel=1]", "v0 -> o0 [headlabel=2]"]
    for commuting in (x + y, x * y, np.maximum(x, y), np.minimum(x, y), -x):
        assert not any("headlabel" in arrow for arrow in arrows(commuting))


def test_a_gradient_is_a_dash_until_it_is_computed() -> None:
    x = Value(2.0, name="x")
    y = x * x
    assert all(r"gradient\ \ —\l" in box for box in boxes(y))
    y.backward()
    assert r"gradient\ \ 4.0\l" in boxes(y)[0]
    x.zero_grad()
    assert r"gradient\ \ —\l" in boxes(y)[0]


def test_a_gradient_of_zero_is_no_dash() -> None:
    x = Value(0.0)
    (x * x).backward()
    assert r"gradient\ \ 0.0\l" in boxes(x)[0]


def test_parameters_inputs_inner_values_and_the_output_are_told_apart() -> None:
    x, w = Value(1.0, name="x", requires_grad=False), Value(2.0, name="w")
    kinds = [re.findall(r'class="value (\w+) \w+"', box) for box in boxes((w * x).exp())]
    assert kinds == [["parameter"], ["input"], ["inner"], ["output"]]


def test_a_leaf_alone_is_drawn_for_what_it_is() -> None:
    assert 'class="value parameter named"' in boxes(Value(1.0, name="x"))[0]
    assert arrows(Value(1.0)) == []


def test_fields_are_stacked_whichever_way_the_picture_runs() -> None:
    x = Value(1.0, name="x")
    for rankdir in ("LR", "RL"):
        assert r'label="x\l|data' in lines(x, rankdir)[4]
    for rankdir in ("TB", "BT"):
        assert r'label="{x\l|data' in lines(x, rankdir)[4]
        assert f"rankdir={rankdir}" in lines(x, rankdir)[1]


@pytest.mark.parametrize("uses", [8, 9])
def test_a_leaf_used_more_than_eight_times_is_drawn_once_per_use(uses: int) -> None:
    w, h = Value(0.5, name="w"), Value(1.0, name="h")
    for _ in range(uses):
        h = h * w
    marks = [f"use {i} of {uses}" for i in range(1, uses + 1)] if uses > 8 else []
    text = draw_dot(h).source.replace("\\ ", " ")
    assert re.findall(r"use \d+ of \d+", text) == marks
    assert text.count("dashed") == len(marks)
    assert text.count(" -> ") == 3 * uses


def test_each_of_two_operands_of_one_call_counts_as_a_use() -> None:
    w = Value(0.5, name="w")
    root = w * w
    for _ in range(4):
        root = root + w * w
    assert draw_dot(root).source.count("dashed") == 10


def test_an_inner_value_is_drawn_once_however_often_it_is_used() -> None:
    w, h = Value(0.5) * 2, Value(1.0)
    for _ in range(12):
        h = h * w
    assert "dashed" not in draw_dot(h).source


def test_the_results_of_one_call_share_one_round_node() -> None:
    @op
    def halves(x):  # type: ignore[no-untyped-def]
        return x[:1], x[1:]

    @halves.gradient("x")
    def _(g, out, x):  # type: ignore[no-untyped-def]
        return np.concatenate(g)

    x = Value([1.0, 2.0])
    first, second = halves(x)
    root = first - second
    assert arrows(root) == [
        "v0 -> o0",
        "o0 -> v1",
        "o0 -> v2",
        "v1 -> o1 [headlabel=1 weight=2]",
        "v2 -> o1 [headlabel=2]",
        "o1 -> v3",
    ]


def test_what_a_box_has_no_room_for_is_in_its_tooltip() -> None:
    x = Value(np.ones((20, 3)), name="x", dtype=np.float32, requires_grad=False)
    text = draw_dot((x * Value(1.0)).sum(axis=0)).source
    assert 'tooltip="x, shape (20, 3), float32, wants no gradient"' in text
    assert 'tooltip="sum(axis=0, keepdims=False)"' in text


def test_large_graphs_are_laid_out_in_haste() -> None:
    def hurry(steps: int) -> list[str]:
        root = Value(1.0)
        for _ in range(steps):
            root = root.tanh()
        return re.findall(r"(?:nslimit|splines)=\S+\b", lines(root)[1])

    assert hurry(99) == []
    assert hurry(100) == ["nslimit=1"]
    assert hurry(1000) == ["nslimit=0.3", "splines=line"]
    assert hurry(4000) == ["nslimit=0.1", "splines=line"]


def test_so_are_graphs_with_long_arrows() -> None:
    def hurry(steps: int) -> list[str]:
        h = Value(1.0)
        hidden = [h := h.tanh() for _ in range(steps)]
        return re.findall(r"(?:mclimit|nslimit|splines)=\S+\b", lines(np.stack(hidden))[1])

    assert hurry(40) == []
    assert hurry(120) == ["mclimit=0.1", "nslimit=0.1", "splines=line"]


def test_drawing_changes_no_value() -> None:
    x = Value([1.0, 2.0])
    y = x.sum()
    draw_dot(y)
    assert not x.has_grad
    assert not y.has_grad


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match=r"rankdir='left' is not a direction\. Pass one of LR,"):
        draw_dot(Value(1.0), rankdir="left")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match=r"format 'docx' was asked for, which neither Graphviz"):
        draw_dot(Value(1.0), format="docx")


def test_anything_but_a_value_is_refused() -> None:
    with pytest.raises(TypeError, match=r"got float\. Pass the Value that the computation ends in"):
        draw_dot(1.0)  # type: ignore[arg-type]
