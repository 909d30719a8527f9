"""No picture is clipped, and no text leaves its box: all graphs whose text is golden, both ways."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import geometry
from micrograd.engine import Value
from micrograd.viz import draw_dot, engines

HERE = Path(__file__).parent
GOLDEN = (
    HERE.parent / "packages" / "micrograd-viz" / "tests" / "test_golden.py",
    HERE / "test_golden_networks.py",
)


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"graphs_of_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


PICTURES: dict[str, tuple[Callable[[], Value], dict[str, Any]]] = {
    name: picture for path in GOLDEN for name, picture in module(path).PICTURES.items()
}


def without_pygraphviz(source: str) -> str:
    from micrograd.viz import wasi

    return engines._on_deep_stack(lambda: wasi.render(source, "dot")).decode()


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_whole(name: str, rankdir: str) -> None:
    graph, wishes = PICTURES[name]
    picture = draw_dot(graph(), **{**wishes, "rankdir": rankdir})
    for svg in (picture.pipe(encoding="utf-8"), without_pygraphviz(picture.source)):
        assert geometry.outside(svg) == []
        assert geometry.spilled(svg) == []


# --- what measures is measured -----------------------------------------------------------------

PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50">
<g transform="translate(4 46)"><g class="node"><title>v0</title>
<path d="M0,0C0,-40 60,-40 60,0"/><text x="4" y="-8" font-size="10">{text}</text></g></g></svg>"""


@pytest.mark.parametrize(
    ("text", "beyond", "out_of_its_box"),
    [
        ("eight or", [], []),
        ("ten letter", [], ["text 'ten letter'"]),
        ("漢字漢字漢字", [], ["text '漢字漢字漢字'"]),
        ("a text of twenty", ["text 'a text of twenty'"], ["text 'a text of twenty'"]),
    ],
)
def test_what_is_too_wide_is_found(text: str, beyond: list[str], out_of_its_box: list[str]) -> None:
    svg = PICTURE.format(text=text)
    assert geometry.outside(svg) == beyond
    assert geometry.spilled(svg) == out_of_its_box


def test_what_is_cut_off_is_found() -> None:
    svg = PICTURE.format(text="")
    assert geometry.outside(svg.replace("0 0 100 50", "0 0 63 50")) == ["path "]
    assert geometry.outside(svg.replace("0 0 100 50", "0 0 100 45")) == ["path "]
    assert geometry.outside(svg.replace("0 0 100 50", "0 17 100 50")) == ["path "]
    assert geometry.outside(svg.replace("0 0 100 50", "0 15 100 50")) == []  # a handle is outside
