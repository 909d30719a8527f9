"""Are the pictures of `docs/pictures.md` up to date, and do they show what the page says?"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from micrograd.viz.picture import Picture

DOCS = Path(__file__).parents[1] / "docs"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def pictures() -> Any:
    spec = importlib.util.spec_from_file_location("make_pictures", DOCS / "make_pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pictures()


def words(picture: Picture) -> str:
    return re.sub(r"\\(.)", r"\1", picture.source)


def test_the_files_are_up_to_date(pictures: dict[str, Picture]) -> None:
    """Nodes and edges by name; numbers may differ in their last digit between machines."""
    for name, picture in pictures.items():
        svg = ElementTree.parse(DOCS / "images" / name).getroot()
        titles = {title.text for title in svg.iter(f"{SVG}title")}
        drawn = set(re.findall(r"^\s+(\w+) \[.*label", picture.source, flags=re.MULTILINE))
        drawn -= {"graph", "node", "edge"}
        assert drawn <= titles, f"{name} is out of date. Run: python docs/make_pictures.py"
        edges = {f"{tail}->{head}" for tail, head in re.findall(r"(\w+) -> (\w+)", picture.source)}
        shown = {title for title in titles if title and "->" in title}
        assert shown == edges - {f"k{i}->k{i + 1}" for i in range(9)}


def test_the_page_shows_every_picture(pictures: dict[str, Picture]) -> None:
    page = (DOCS / "pictures.md").read_text("utf-8")
    assert set(re.findall(r"\(images/(\w+\.svg)\)", page)) == set(pictures)


def test_the_gradient_fades_on_the_left_and_not_on_the_right(pictures: dict[str, Picture]) -> None:
    faded, kept = words(pictures["fading.svg"]), words(pictures["repaired.svg"])
    vanished = re.findall(r"^\s+m(\d+) .*VANISHING", faded, flags=re.MULTILINE)
    assert vanished == ["0", "1", "2"]
    assert not re.search("VANISHING|EXPLODING|ZERO|DEAD", kept)
    assert len(set(re.findall(r"class=\"module gradient-(\w+-?\d*)", kept))) <= 2


def test_the_dead_relu_stops_everything_before_it(pictures: dict[str, Picture]) -> None:
    text = words(pictures["dead.svg"])
    assert text.count("every output is 0") == 1
    assert re.findall(r"^\s+m(\d+) .*ZERO", text, flags=re.MULTILINE) == ["0", "1"]
