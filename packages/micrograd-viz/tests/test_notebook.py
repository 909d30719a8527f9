"""A notebook shows a Value as its graph, in a picture that can be read in a cell."""

from __future__ import annotations

import base64
import doctest
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import graphviz
import numpy as np
import pytest

from micrograd.engine import Value, plugins, scope
from micrograd.viz import draw_dot, notebook
from micrograd.viz.picture import Picture

SVG = "{http://www.w3.org/2000/svg}"


def bundle(value: Any, **arguments: Any) -> Any:
    return value._repr_mimebundle_(**arguments)


def svg(value: Any) -> ET.Element:
    return ET.fromstring(bundle(value)["image/svg+xml"])


def width(picture: ET.Element) -> float:
    return float(picture.get("width", "").removesuffix("pt"))


def texts(picture: ET.Element) -> list[str]:
    return [(element.text or "").strip() for element in picture.iter(f"{SVG}text")]


def chain(steps: int) -> Value:
    root = Value(0.0, name="start")
    for _ in range(steps):
        root = root + 1.0
    return root


def layers(count: int) -> Value:
    """Modules in modules: `blocks.0.first`, and so on."""
    h = Value(np.ones((1, 9)), name="x", requires_grad=False)
    for block in range(count):
        with scope("blocks"), scope(str(block)):
            for part in ("first", "second"):
                with scope(part):
                    h = (h @ Value(np.eye(9)) + Value(np.zeros(9))).tanh()
    return h.sum()


def test_a_value_shows_as_its_graph(bare: Path) -> None:
    x = Value(2.0, name="x")
    y = x * x
    y.backward()
    shown = bundle(y)
    assert set(shown) == {"text/html", "image/svg+xml", "text/plain"}
    assert shown["image/svg+xml"].startswith("<svg ")
    assert ">x</text>" in shown["image/svg+xml"]
    assert shown["text/plain"] == repr(y)


def test_the_same_through_the_hook(bare: Path) -> None:
    shown = plugins.manager.hook.micrograd_mimebundle(value=Value(1.0), include=None, exclude=None)
    assert "image/svg+xml" in shown


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        ({"include": ["text/plain"]}, ["text/plain"]),
        ({"include": {"image/svg+xml", "text/plain"}}, ["image/svg+xml", "text/plain"]),
        ({"include": {"text/html"}}, ["text/html"]),
        ({"exclude": ["image/svg+xml", "text/html"]}, ["text/plain"]),
        ({"include": ["image/svg+xml"], "exclude": ["image/svg+xml"]}, None),
        ({"include": ["image/png"]}, None),
    ],
)
def test_only_what_is_asked_for_is_made(
    bare: Path, arguments: dict[str, Any], kinds: list[str] | None
) -> None:
    shown = bundle(Value(1.0), **arguments)
    assert (shown if shown is None else list(shown)) == kinds


def test_the_picture_is_at_its_size_or_as_wide_as_the_cell(bare: Path) -> None:
    for shown in (svg(chain(3)), ET.fromstring(draw_dot(chain(3))._repr_svg_())):
        assert shown.get("style") == "max-width: 100%; height: auto"
        _, _, *size = shown.get("viewBox", "").split()
        for side, length in zip(("width", "height"), size, strict=True):
            assert float(shown.get(side, "").removesuffix("pt")) == pytest.approx(
                float(length), abs=0.5
            )


def test_the_html_is_the_same_picture_as_wide_as_the_cell_at_most(bare: Path) -> None:
    name = 'a "loss" & <more>'
    value = Value(2.0, name="x").exp()
    value.name = name
    shown = bundle(value)
    html = shown["text/html"]
    image = ET.fromstring(html.replace("></div>", "/></div>")).find("img")
    assert image is not None
    assert image.get("alt") == f"The graph behind {name}"
    data = image.get("src", "").removeprefix("data:image/svg+xml;base64,")
    assert base64.b64decode(data).decode() == shown["image/svg+xml"]
    natural = width(ET.fromstring(shown["image/svg+xml"])) * 4 / 3
    assert image.get("style") == (f"max-width: 100%; min-width: {natural / 2:.0f}px; height: auto")


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        ({}, {"text/html", "image/svg+xml"}),
        ({"include": ["text/html"]}, {"text/html"}),
        ({"exclude": ["text/html"]}, {"image/svg+xml"}),
        ({"include": ["image/svg+xml", "text/plain"]}, {"image/svg+xml"}),
        ({"include": ["text/html"], "exclude": ["text/html"]}, set()),
    ],
)
def test_a_picture_is_offered_as_svg_and_as_html(
    bare: Path, arguments: dict[str, Any], kinds: set[str]
) -> None:
    value = Value(2.0, name="x").exp()
    shown = draw_dot(value)._repr_mimebundle_(**arguments)
    assert set(shown) == kinds
    assert all(shown[kind] == bundle(value)[kind] for kind in kinds)


def test_a_format_that_the_user_chose_for_notebooks_stays_chosen(
    dot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphviz.Digraph, "_jupyter_mimetype", "image/png")
    assert set(draw_dot(Value(1.0))._repr_mimebundle_()) == {"image/png"}


def test_a_graph_that_draw_dot_did_not_make_has_no_name(bare: Path) -> None:
    picture = Picture()
    picture.node("a")
    assert 'alt="A graph"' in picture._repr_mimebundle_()["text/html"]


def test_a_short_graph_runs_from_left_to_right_and_a_long_one_down(bare: Path) -> None:
    assert bundle(chain(3))["image/svg+xml"] == draw_dot(chain(3))._repr_svg_()
    assert bundle(chain(30))["image/svg+xml"] == draw_dot(chain(30), rankdir="TB")._repr_svg_()
    assert bundle(chain(30))["text/plain"] == repr(chain(30))


def test_what_is_too_wide_folds_its_modules(bare: Path) -> None:
    shown = layers(9)
    assert width(ET.fromstring(draw_dot(shown, rankdir="TB").pipe())) > notebook.WIDE
    assert bundle(shown)["image/svg+xml"] == draw_dot(shown, rankdir="TB", depth=2)._repr_svg_()
    assert (
        "92 Values led to it, of which the picture shows 2 one by one"
        in (bundle(shown)["text/plain"])
    )


def test_without_modules_the_nearest_are_drawn_and_the_others_counted(bare: Path) -> None:
    values = [Value(float(i), name=f"a leaf with a long name {i}") for i in range(40)]
    while len(values) > 1:
        values = [a + b for a, b in zip(values[::2], values[1::2], strict=False)]
    shown = svg(values[0])
    assert width(shown) <= notebook.WIDE
    assert any("more nodes" in text for text in texts(shown))
    assert "micrograd.viz.save(value" in bundle(values[0])["text/plain"]


@pytest.mark.parametrize("steps", [3_411, 100_000])
def test_a_very_large_graph_is_cut_and_says_so(bare: Path, steps: int) -> None:
    root = chain(steps)
    shown = bundle(root)
    left = steps + 1 - 100
    assert f"\N{HORIZONTAL ELLIPSIS} {left:,} more nodes" in shown["image/svg+xml"]
    assert shown["text/plain"] == (
        f"{root!r}\n({steps + 1:,} Values led to it, of which the picture shows 100 one by one: "
        'micrograd.viz.save(value, "graph.svg") draws more.)'
    )


def test_of_a_very_large_graph_the_outermost_modules_are_folded(bare: Path) -> None:
    with scope("steps"), scope("0"), scope("inner"):
        root = chain(10_001)
    assert "inner" not in texts(svg(root))[0]
    assert "steps.0" in texts(svg(root))


def test_a_picture_that_fits_nowhere_is_still_a_picture(bare: Path) -> None:
    shown = svg(Value(1.0, name="w" * 500).exp())
    assert "w" * 500 in texts(shown)


def test_examples_in_docstrings_run() -> None:
    result = doctest.testmod(notebook)
    assert result.attempted > 0
    assert result.failed == 0
