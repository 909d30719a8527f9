"""What one may ask of a picture: show=, max_nodes=, color=, theme=."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, hookimpl, plugins
from micrograd.viz import draw_dot, heat


def body(root: Value, **options: Any) -> list[str]:
    return [line.strip() for line in draw_dot(root, **options)]


def boxes(root: Value, **options: Any) -> list[str]:
    """The text of each Value's box, line by line."""
    labels = re.findall(r'^v\d+ \[label="?(.*?)"? class', "\n".join(body(root, **options)), re.M)
    return [re.sub(r"\\l\|?", "\n", label.replace("\\ ", " ")).rstrip("\n") for label in labels]


@pytest.fixture
def product() -> Value:
    x = Value([2.0, 3.0], name="x")
    y = x * Value(-3.0, name="y")
    y.sum().backward()
    return y


# --- show ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("show", "first"),
    [
        (("name",), "x"),
        (("data",), "data      [2.0, 3.0]"),
        (("grad",), "gradient  [-3.0, -3.0]"),
        (("shape",), "shape     (2,)"),
        ("name", "x"),
        (["shape", "name"], "x\nshape     (2,)"),
        ((), ""),
    ],
)
def test_a_box_shows_what_it_is_asked_to(product: Value, show: Any, first: str) -> None:
    assert boxes(product, show=show)[0] == first


def test_all_that_there_is_to_show(product: Value) -> None:
    text = "x\nshape     (2,)\ndata      [2.0, 3.0]\ngradient  [-3.0, -3.0]"
    assert boxes(product, show=("name", "op", "data", "grad", "shape"))[0] == text


def test_without_ops_arrows_go_from_value_to_value() -> None:
    x, y = Value(3.0), Value(2.0)
    lines = body(x - y, show=("data",))
    assert [line for line in lines if " -> " in line] == [
        "v0 -> v2 [headlabel=1]",
        "v1 -> v2 [headlabel=2]",
    ]
    assert not any("class=op" in line for line in lines)


def test_an_argument_that_was_not_given_has_no_arrow() -> None:
    data = Value(np.ones((2, 3)))
    assert not any("None" in line.partition(" class")[0] for line in body(data.sum()))


def test_a_large_array_has_bars_that_tell_where_its_numbers_lie() -> None:
    text = boxes(Value(np.r_[np.zeros(9), 1.0]))[0]
    assert text.split("\n")[:2] == ["data      (10,)  0.0 to 1.0", "          █       ▁"]


def test_numbers_at_both_ends_of_what_a_float_can_be_have_bars_too() -> None:
    text = boxes(Value([-1.7e308, 0.0, 0.0, np.inf, 1.7e308]))[0]
    assert text.split("\n")[1] == "          ▄   █   ▄"


# --- max_nodes -----------------------------------------------------------------------------------


def chain(steps: int) -> Value:
    root = Value(0.0, name="start")
    for _ in range(steps):
        root = root + 1.0
    return root


def test_a_chain_is_straight(bare: Path) -> None:
    """Not a staircase, whose picture is wider with every step."""
    (ten, hundred) = (draw_dot(chain(steps), rankdir="TB").pipe() for steps in (10, 100))
    widths = [float(re.search(rb'width="([\d.]+)pt"', svg)[1]) for svg in (ten, hundred)]  # type: ignore[index]
    assert widths[1] < widths[0] + 20


def test_what_is_left_out_is_counted() -> None:
    lines = body(chain(3_421), max_nodes=10)
    (more,) = [line for line in lines if line.startswith("more [")]
    assert 'label="… 3,412 more nodes"' in more
    assert sum('class="value ' in line for line in lines) == 10
    assert sum("more -> " in line for line in lines) == 1
    assert "more -> o0 [style=dashed]" in lines


def test_one_node_is_not_many() -> None:
    assert 'label="… 1 more node"' in "\n".join(body(chain(1), max_nodes=1))


def test_the_nodes_nearest_to_the_end_are_kept() -> None:
    x, y = Value(1.0, name="x"), Value(2.0, name="y")
    root = (x.exp().log() * 2.0) * y
    kept = boxes(root, max_nodes=3, show=("name", "data"))
    assert [text.split("\n")[0] for text in kept] == ["data      2.0", "y", "data      4.0"]


def test_a_graph_that_fits_is_drawn_whole(product: Value) -> None:
    assert body(product, max_nodes=3) == body(product)


def test_operands_keep_their_numbers_when_others_are_left_out() -> None:
    x, y = Value(1.0).exp(), Value(2.0)
    lines = body(x.log() - y, max_nodes=2)
    assert [line for line in lines if " -> o" in line] == [
        "more -> o0 [style=dashed]",
        "v0 -> o1 [headlabel=1 weight=2]",
        "more -> o1 [style=dashed]",
    ]


def test_a_graph_of_100_000_nodes_answers_at_once() -> None:
    root = chain(100_000)
    start = time.process_time()
    picture = draw_dot(root)
    assert time.process_time() - start < 10  # half a second on the machine where it was written
    assert "… 99,501 more nodes" in picture.source
    assert picture.source.count('class="value ') == 500
    assert len(picture.looks) == 500


# --- color ---------------------------------------------------------------------------------------


def graded(gradient: float) -> Value:
    x = Value(1.0, name="x")
    (x * gradient).backward()
    return x


@pytest.mark.parametrize(
    ("gradient", "name", "word"),
    [
        (1.0, "gradient-1e0", ""),
        (-0.05, "gradient-1e-2", ""),
        (1e-6, "gradient-1e-6", ""),
        (9.9e-7, "vanishing", "size      9.9e-7 VANISHING"),
        (0.0, "zero", "size      0.0 ZERO"),
        (99.0, "gradient-1e1", ""),
        (100.0, "exploding", "size      100.0 EXPLODING"),
        (np.inf, "not-finite", "size      inf NOT FINITE"),
        (np.nan, "not-finite", "size      nan NOT FINITE"),
    ],
)
def test_the_size_of_a_gradient_is_seen(gradient: float, name: str, word: str) -> None:
    text = "\n".join(body(graded(gradient), color="grad"))
    assert f'class="value parameter {name} named"' in text
    lines = boxes(graded(gradient), color="grad")[0].split("\n")
    assert [line for line in lines if line.startswith("size")] == ([word] if word else [])


def test_each_power_of_ten_has_its_colour() -> None:
    colours = [
        re.search(r'fillcolor="(#\w+)" style|fillcolor="(#\w+)" tooltip', line)
        for power in range(-6, 2)
        for line in body(graded(10.0**power), color="grad")
        if line.startswith("v0")
    ]
    assert len({match.group(0) for match in colours if match}) == 8


def test_a_gradient_that_was_not_computed_is_not_zero() -> None:
    text = "\n".join(body(Value(1.0), color="grad"))
    assert 'class="value parameter no-gradient unnamed"' in text
    assert "dotted" in text
    assert "size" not in boxes(Value(1.0), color="grad")[0]


def test_a_value_that_wants_no_gradient_keeps_its_look() -> None:
    x = Value(1.0, requires_grad=False)
    assert [line for line in body(x, color="grad") if line.startswith("v0")] == [
        line for line in body(x) if line.startswith("v0")
    ]


def test_a_dead_relu_says_so() -> None:
    x = Value([[-1.0, -2.0], [-3.0, -4.0]], name="x")
    out = x.relu()
    out.sum().backward()
    assert 'class="value output gradient-1e0 dead unnamed"' in "\n".join(body(out, color="grad"))
    assert boxes(out, color="grad")[-1].endswith("DEAD      every output is 0")
    assert "DEAD" not in boxes(x.tanh(), color="grad")[-1]


def test_dead_units_of_a_relu_are_counted() -> None:
    out = Value([[-1.0, 2.0, -1.0], [-3.0, -4.0, -5.0]]).relu()
    assert boxes(out, color="grad")[-1].endswith("dead      2 of 3 units")
    assert "dead" not in boxes(Value([[-1.0, 2.0]]).relu(), color="grad")[-1]


def test_a_legend_tells_the_colours(product: Value) -> None:
    lines = body(product, color="grad")
    assert sum("class=legend" in line for line in lines) == 10
    assert not any("legend" in line for line in body(product))
    for scale in heat.SCALES.values():
        assert len(set(scale.split())) == 10


def test_a_plugin_s_colour_lies_over_that_of_the_gradient(product: Value) -> None:
    class Mine:
        @hookimpl
        def micrograd_node_style(self, value: Value) -> dict[str, str]:
            return {"fillcolor": "gold"}

    with plugins.registered(Mine()):
        text = "\n".join(body(product, color="grad"))
    assert text.count("fillcolor=gold") == 3


# --- theme ---------------------------------------------------------------------------------------


def test_no_light_colour_is_left_on_a_dark_page(product: Value) -> None:
    dark = draw_dot(product - 2, theme="dark").source
    light = set(re.findall(r"#[0-9a-f]{6}", draw_dot(product - 2).source))
    assert light & set(re.findall(r"#[0-9a-f]{6}", dark)) == set()
    assert 'class="micrograd dark"' in dark
    assert "bgcolor=white" not in dark


def test_a_dark_svg_has_the_dark_style_sheet(product: Value, bare: Any) -> None:
    svg = draw_dot(product, theme="dark").pipe("svg", encoding="utf-8")
    assert 'text[fill="#dfe5ec"]' in svg
    assert 'text[fill="#26303b"]' not in svg
    assert svg.count("<style>") == 1


# --- what cannot be asked ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"show": ("name", "gradient")}, r"show got 'gradient', which .* Did you mean 'grad'\?"),
        ({"show": "dta"}, r"show got 'dta'.* Did you mean 'data'\? There is 'name', 'op', 'data'"),
        ({"show": (3,)}, r"show got 3, which it does not know\. There is"),
        ({"color": "gard"}, r"color got 'gard', .* Did you mean 'grad'\? There is 'kind', 'grad'"),
        ({"theme": "drak"}, r"theme got 'drak', .* Did you mean 'dark'\? There is 'light', 'dark'"),
        ({"depth": 0}, r"depth=0\. It must be at least 1, or None"),
        ({"max_nodes": -1}, r"max_nodes=-1\. It must be at least 1, or None"),
    ],
)
def test_what_there_is_not_is_refused(product: Value, wish: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw_dot(product, **wish)
