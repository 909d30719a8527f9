"""Which colours does a gradient of which size have, and can one read what is drawn in them?"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from micrograd_nodecolors import SCALE, size, style

from micrograd.engine import Value, plugins
from micrograd.viz import draw_dot

DARK_TEXT = "#26303b"  # viz's own


def with_gradient(*elements: float) -> Value:
    value = Value(np.zeros(len(elements)), name="x")
    value.grad = np.array(elements)
    return value


def kind(value: Value) -> str:
    look = style(value)
    assert look is not None
    return look["class"].removeprefix("gradient-")


def luminance(colour: str) -> float:
    """What a grey copy keeps of a colour (of sRGB, as WCAG defines it)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_pip_install_is_all_it_takes() -> None:
    [mine] = [r for r in plugins.report() if r.distribution == "micrograd-nodecolors"]
    assert (mine.status, mine.reason) == ("loaded", "")
    assert mine.hooks == ["micrograd_node_style"]
    x = Value(3.0, name="x")
    (x * x).backward()
    assert 'class="value parameter gradient-1e0 named"' in draw_dot(x).source


# --- the size of a gradient ----------------------------------------------------------------------


def test_the_size_is_the_root_mean_square() -> None:
    assert size(with_gradient(3.0, -4.0)) == pytest.approx(12.5**0.5)
    assert size(with_gradient(*[0.5] * 1000)) == pytest.approx(0.5)
    assert size(with_gradient(0.0, 0.0)) == 0.0


@pytest.mark.parametrize("huge", [1e-200, 1e200])
def test_squares_neither_overflow_nor_underflow(huge: float) -> None:
    assert size(with_gradient(huge, huge)) == pytest.approx(huge)


@pytest.mark.parametrize(
    ("gradient", "expected"),
    [
        (0.0, "zero"),
        (1e-300, "vanishing"),
        (9.99e-7, "vanishing"),
        (1e-6, "1e-6"),
        (-0.5, "1e-1"),
        (1.0, "1e0"),
        (99.0, "1e1"),
        (100.0, "exploding"),
        (1e300, "exploding"),
        (np.inf, "not-finite"),
        (np.nan, "not-finite"),
    ],
)
def test_each_size_has_its_class(gradient: float, expected: str) -> None:
    assert kind(with_gradient(gradient)) == expected


def test_one_element_that_is_not_finite_is_enough() -> None:
    assert kind(with_gradient(1.0, np.nan)) == kind(with_gradient(1.0, -np.inf)) == "not-finite"


def test_each_power_of_ten_has_its_colour() -> None:
    looks = [style(with_gradient(10.0**k)) for k in range(-7, 3)]
    assert [look and look["fillcolor"] for look in looks] == list(SCALE)


def test_no_gradient_is_told_from_a_gradient_of_zero() -> None:
    x = Value(1.0)
    assert kind(x) == "not-computed"
    x.grad = np.array(0.0)
    assert kind(x) == "zero"
    x.zero_grad()
    assert kind(x) == "not-computed"
    assert not x.has_grad


def test_what_wants_no_gradient_or_is_empty_keeps_its_look() -> None:
    assert style(Value(1.0, requires_grad=False)) is None
    assert style(Value(np.zeros((0, 3)))) is None


def test_float32_gradients_are_told_apart_too() -> None:
    value = Value(1.0, dtype=np.float32)
    value.grad = np.float32(1e-30)
    assert kind(value) == "vanishing"


# --- reading it ----------------------------------------------------------------------------------


def test_each_colour_is_darker_than_the_one_before() -> None:
    assert all(luminance(one) - luminance(next_one) > 0.05 for one, next_one in pairwise(SCALE))


@pytest.mark.parametrize("gradient", [None, 0.0, np.nan, *(10.0**k for k in range(-8, 4))])
def test_text_can_be_read_on_its_fill(gradient: float | None) -> None:
    look = style(Value(1.0) if gradient is None else with_gradient(gradient))
    assert look is not None
    pair = (luminance(look["fillcolor"]), luminance(look.get("fontcolor", DARK_TEXT)))
    assert (max(pair) + 0.05) / (min(pair) + 0.05) >= 4.5  # WCAG 2, level AA


def test_what_is_out_of_the_scale_is_told_by_its_border_in_grey_too() -> None:
    def border(value: Value) -> tuple[str | None, str | None]:
        look = style(value)
        assert look is not None
        return look.get("style"), look.get("penwidth")

    missing, zero, usual, huge = map(
        border, (Value(1.0), with_gradient(0.0), with_gradient(1.0), with_gradient(1e6))
    )
    assert len({missing, zero, usual, huge}) == 4
    assert border(with_gradient(1e-9)) == zero
    assert border(with_gradient(np.nan)) == huge


# --- in pictures ---------------------------------------------------------------------------------


def deep(activation: str, layers: int = 12) -> Value:
    h = Value(0.5, name="h", requires_grad=False)
    for i in range(layers):
        h = getattr(h * Value(1.0, name=f"w{i}"), activation)()
    h.backward()
    return h


def test_a_net_of_sigmoids_is_seen_to_fade_and_one_of_relus_is_not() -> None:
    assert draw_dot(deep("sigmoid")).source.count("gradient-vanishing") > 3
    assert "gradient-vanishing" not in draw_dot(deep("relu")).source


def test_a_forward_alone_has_no_gradients_to_show() -> None:
    text = draw_dot(Value(1.0, name="x") * 2).source
    assert text.count("gradient-not-computed") == 2


def test_the_same_graph_gives_the_same_picture() -> None:
    root = deep("tanh")
    assert draw_dot(root).source == draw_dot(root).source


def test_every_look_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Light text stays light under viz's style sheet, and no look is one that Graphviz refuses."""
    monkeypatch.setenv("PATH", "")
    factors = [0.0, *(10.0**k for k in range(-8, 4)), np.inf]
    weights = [Value(1.0, name=f"w{k}") for k in range(len(factors))]
    with np.errstate(all="ignore"):
        root = sum(w * k for w, k in zip(weights, factors, strict=True))
        root.backward()
    svg = draw_dot(root * Value(1.0, name="fresh")).pipe()
    fills = {element.get("fill") for element in ET.fromstring(svg).iter()}
    assert {*SCALE, "#000000", "#ffffff"} <= fills
    assert b'text[fill="#26303b"] { fill' in svg
