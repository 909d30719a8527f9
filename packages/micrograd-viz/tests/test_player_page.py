"""The player's page: one file that asks for nothing and takes any name; what gets none."""

from __future__ import annotations

import doctest
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, hookimpl, plugins, scope
from micrograd.viz import play
from micrograd.viz.player import facts, page


@pytest.fixture(autouse=True)
def drawn_by_what_pip_brings(bare: Path) -> None:
    """The same picture on every machine."""


def network() -> Value:
    rng = np.random.default_rng(7)
    weights = Value(rng.normal(size=(2, 3)), name="weights")
    hidden = np.tanh(rng.normal(size=(4, 2)) @ weights)
    loss = (hidden * hidden).mean()
    loss.name = "loss"
    return loss


def told(html: str) -> Any:
    """The story in a page, as the page itself reads it."""
    match = re.search(r'<script type="application/json" id="story">(.*?)</script>', html)
    assert match is not None
    return json.loads(match[1])


class Elements(HTMLParser):
    """The elements of a page, as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def having(self, attribute: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.found if attribute in attributes]


def test_the_page_asks_for_nothing() -> None:
    html = play(network()).html
    assert re.findall(r"https?:|//cdn|@import|url\(", html) == []
    elements = Elements(html)
    assert elements.having("src") == []
    assert [one["href"] for one in elements.having("href")] == ["#graph0"]  # the small map's
    assert "default-src 'none'" in html


@pytest.mark.parametrize("name", ["</script><b>", "\"'&amp;<!--", "{{js}}", "a|b {c}", "ж\u2028\a"])
def test_any_name_is_shown_and_none_is_markup(name: str) -> None:
    plain = Elements(play(Value(1.0, name="x") * 2).html)
    x = Value(1.0, name=name)
    loss = x * 2
    loss.name = name
    html = play(loss).html
    assert [tag for tag, _ in Elements(html).found] == [tag for tag, _ in plain.found]
    assert {value["name"] for value in told(html)["values"]} == {name}


def test_the_same_program_gives_the_same_page() -> None:
    assert play(network()).html == play(network()).html


@pytest.mark.parametrize("length", [3, 199])
def test_every_value_has_a_box_and_every_op_is_numbered(length: int) -> None:
    x = Value(0.5, name="x")
    root = x
    for _ in range(length):
        root = root * x  # a leaf that is used so often is drawn once a use
    root = root.tanh()
    elements = Elements(play(root).html)
    boxes = elements.having("data-value")
    assert {int(box["data-value"] or "") for box in boxes} == set(range(length + 2))
    nodes = [one for one in elements.having("data-call") if "node" in (one["class"] or "")]
    assert {int(node["data-call"] or "") for node in nodes} == set(range(1, length + 2))


def test_every_operand_has_an_arrow_of_its_own() -> None:
    x = Value(2.0, name="x")
    elements = Elements(play(x * x + 3.0).html)
    arrows = [
        (one["data-from"], one["data-to"], one["data-position"])
        for one in elements.having("data-from")
    ]
    assert sorted(arrows, key=str) == [("0", "1", "0"), ("0", "1", "1"), ("1", "2", "0")]


def test_what_was_made_in_a_module_stands_in_its_frame() -> None:
    with scope("head"):
        made = Value(2.0, name="x").exp()
    elements = Elements(play(made.tanh()).html)
    (frame,) = (one for one in elements.having("class") if "cluster" in (one["class"] or ""))
    assert "scope" in (frame["class"] or "")
    assert len(elements.having("data-value")) == 3
    assert [tag for tag, _ in elements.found].count("title") == 1  # the page's, none of Graphviz's


def test_boxes_can_be_reached_and_say_what_they_are() -> None:
    (box, _) = Elements(play(Value([1.0, 2.0], name="x").sum()).html).having("data-value")
    assert (box["tabindex"], box["role"]) == ("0", "button")
    assert box["aria-label"] == "x, parameter, shape (2,)"


def test_what_a_plugin_painted_stays() -> None:
    class Red:
        @hookimpl
        def micrograd_node_style(self, value: Value) -> dict[str, str] | None:
            return {"fillcolor": "#ff0101"} if value.name == "x" else None

    x = Value(2.0, name="x")
    with plugins.registered(Red()):
        html = play(x * x).html
    assert html.count('fill="#ff0101"') == 1
    assert Elements(html).having("data-value")[0]["class"] == (
        "node value parameter play-value-0 named"
    )


def test_labels_of_plugins_make_room_for_the_gradients_that_arrive() -> None:
    class Labels:
        @hookimpl
        def micrograd_node_style(self, value: Value) -> dict[str, str]:
            return {"label": "mine"}

    with plugins.registered(Labels()):
        html = play(Value(2.0, name="x").exp()).html
    assert html.count(">mine</text>") == 0
    assert len([one for one in Elements(html).having("class") if one["class"] == "gradient"]) == 2


def test_a_label_that_insists_on_coming_first_is_left_as_it_is() -> None:
    class AheadOfAll:
        @hookimpl(tryfirst=True)
        def micrograd_node_style(self, value: Value) -> dict[str, str]:
            return {"label": "mine"}

    with plugins.registered(AheadOfAll()):
        html = play(Value(2.0, name="x").exp()).html
    assert html.count(">mine</text>") == 2
    assert [one for one in Elements(html).having("class") if one["class"] == "gradient"] == []


# --- what cannot be played ---------------------------------------------------------------------


def chain(length: int) -> Value:
    root = Value(0.0, name="start")
    for _ in range(length):
        root = root + 1.0
    return root


@pytest.mark.parametrize(
    ("loss", "error", "message"),
    [
        (3.0, TypeError, r"play: .* got float\. Pass the Value .* play\(loss\)\."),
        (Value(1.0, name="w"), ValueError, r"play: w is a leaf, .* nothing to step through\. Pass"),
        (Value(1.0), ValueError, r"play: the Value is a leaf"),
        (
            Value(1.0, requires_grad=False) * 2,
            ValueError,
            r"play: the Value is a constant: .* Compute it outside of no_grad\(\), from a Value",
        ),
        (
            Value([1.0, 2.0]) * 2,
            ValueError,
            r"play: .* shape \(2,\)\. .*play\(value\.sum\(\)\), or .*play\(value, gradient=array\)",
        ),
        (
            chain(3_411),
            ValueError,
            r"play: 3,412 Values led to it, .* more than 400\. Play a smaller network .*draw_dot",
        ),
    ],
    ids=["no Value", "a leaf", "an unnamed leaf", "a constant", "an array", "too large"],
)
def test_what_cannot_be_played_is_said(loss: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        play(loss)


def test_the_gradient_has_the_shape_of_what_is_played() -> None:
    with pytest.raises(ValueError, match=r"gradient= has shape \(3,\)\. Pass .* shape \(2,\)"):
        play(Value([1.0, 2.0]) * 2, gradient=[1.0, 2.0, 3.0])


# --- where it goes -----------------------------------------------------------------------------


def test_with_a_path_the_page_is_saved(bare: Path) -> None:
    x = Value(2.0)
    player = play(x * x, "pages/square.html")
    assert (bare / "pages" / "square.html").read_text("utf-8") == player.html
    assert player.save(bare / "again.html") == str(bare / "again.html")
    assert (bare / "again.html").read_text("utf-8") == player.html


def test_a_notebook_shows_the_page_in_a_frame_of_its_own() -> None:
    player = play(network())
    (frame,) = Elements(player._repr_html_()).found
    assert frame[0] == "iframe"
    assert frame[1]["srcdoc"] == player.html
    assert frame[1]["sandbox"] == "allow-scripts allow-modals"
    assert repr(player).startswith("<Player: a page of ")


@pytest.mark.parametrize("module", [facts, page], ids=lambda m: m.__name__)
def test_examples_in_docstrings_run(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
