"""Notebooks that nbconvert made pages of, wide and narrow: all is seen, and nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from selenium.webdriver.common.keys import Keys

from executed import NOTEBOOKS, executed, outputs, page, run

if TYPE_CHECKING:
    from .conftest import Page

NARROW, WIDE = (390, 844), (1280, 800)
CELLS = (
    "import numpy as np\nfrom micrograd.engine import Value\n"
    "from micrograd.viz import draw_dot, play\n"
    "from micrograd.nn import MLP, Sequential, TransformerBlock",
    "x, y = Value(2.0, name='x'), Value(-3.0, name='ж|<漢字>{}\"')\nz = x * y + x.tanh()\nz",
    "model = Sequential(*[TransformerBlock(8, 2) for _ in range(3)])\nmodel",
    "(model(np.ones((1, 4, 8))) ** 2).mean()",
    "h = x\nfor _ in range(400):\n    h = (h * y).tanh()\nh",
    "draw_dot(z, rankdir='TB', color='grad', theme='dark')",
    "play(z)",
    "play(z)",
    "play(MLP(2, [3, 2])(np.ones((4, 2))), gradient=np.ones((4, 2)))",
)


@pytest.fixture(scope="session")
def shelf() -> dict[str, Any]:
    """The notebooks of the examples that are there to be read, and one with all that we show."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    found = {path.stem: executed(path) for path in NOTEBOOKS}
    return {**found, "everything": run(nbformat.v4.new_notebook(cells=cells))}


names = pytest.mark.parametrize("name", [*(path.stem for path in NOTEBOOKS), "everything"])
sizes = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "390"])

PICTURES = """return [...document.querySelectorAll('.jp-OutputArea-output img')].map((image) => {
    const room = image.parentElement.closest('div');
    return {
        loaded: image.complete && image.naturalWidth > 0,
        ratio: image.clientWidth / image.clientHeight / (image.naturalWidth / image.naturalHeight),
        shrunk: image.clientWidth / image.naturalWidth,
        over: image.getBoundingClientRect().right - room.getBoundingClientRect().right,
        scrolls: getComputedStyle(room).overflowX === 'auto'
            && room.scrollWidth >= image.clientWidth,
        described: image.src.startsWith('data:image/svg') ? image.alt !== '' : true,
    };
})"""


@sizes
@names
def test_every_picture_is_seen(
    show: Callable[..., Page], shelf: dict[str, Any], name: str, size: tuple[int, int]
) -> None:
    opened = show(page(shelf[name]), size)
    opened.wait(lambda: all(one["loaded"] for one in opened.run(PICTURES)))
    for one in opened.run(PICTURES):
        assert one["ratio"] == pytest.approx(1, abs=0.02)
        assert one["shrunk"] <= 1.001
        assert one["described"]
        assert one["over"] <= 1 or one["scrolls"]
        if size == WIDE:
            assert one["over"] <= 1
    wide, room = opened.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room


@sizes
@names
def test_each_shape_and_text_is_within_its_svg(
    show: Callable[..., Page], shelf: dict[str, Any], name: str, size: tuple[int, int]
) -> None:
    """The same SVG in the page itself, where some notebooks put it, with the browser's fonts."""
    pictures = outputs(shelf[name], "image/svg+xml")
    opened = show(
        "<!doctype html><meta name=viewport content='width=device-width'>" + "\n".join(pictures),
        size,
    )
    beyond = opened.run("""return [...document.querySelectorAll('body > svg')].flatMap((svg) => {
        const edge = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('text, path, polygon, polyline, ellipse')].filter((one) => {
            const box = one.getBoundingClientRect();
            return box.left < edge.left - 1 || box.right > edge.right + 1 ||
                   box.top < edge.top - 1 || box.bottom > edge.bottom + 1;
        }).map((one) => one.outerHTML);
    })""")
    assert beyond == []
    widths = opened.run(
        "return [...document.querySelectorAll('body > svg')].map((s) => s.clientWidth)"
    )
    assert len(widths) == len(pictures)
    assert all(0 < width <= size[0] for width in widths)
    assert opened.run("return document.documentElement.scrollWidth <= innerWidth")


@sizes
def test_players_have_room_and_leave_each_other_alone(
    show: Callable[..., Page], shelf: dict[str, Any], size: tuple[int, int]
) -> None:
    opened = show(page(shelf["everything"]), size)
    driver = opened.driver
    frames = opened.all("iframe")
    assert len(frames) == 3
    assert opened.run("return scrollY") == 0  # none of them jumped into view
    for frame in frames:
        box, room = frame.rect, frame.find_element("xpath", "..").rect
        assert box["x"] >= room["x"]
        assert box["width"] <= room["width"]
        assert 400 <= box["height"] <= size[1]
        assert frame.get_attribute("title") == "Backpropagation, step by step"
    driver.switch_to.frame(frames[0])
    opened.one("#next").click()
    opened.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    steps, widths = [], []
    for frame in frames:
        driver.switch_to.default_content()
        driver.switch_to.frame(frame)
        steps.append(opened.at)
        widths.append(opened.run("return document.documentElement.scrollWidth - innerWidth"))
    driver.switch_to.default_content()
    assert steps == [3, 0, 0]
    assert max(widths) <= 0


@sizes
def test_a_network_s_tree_folds(
    show: Callable[..., Page], shelf: dict[str, Any], size: tuple[int, int]
) -> None:
    opened = show(page(shelf["everything"]), size)
    tree = opened.one(".micrograd-module")
    room = tree.find_element("xpath", "..")
    assert tree.rect["width"] <= room.rect["width"]
    assert "0-2: 3 x TransformerBlock" in tree.text
    assert "weight" not in tree.text.replace("in_proj_weight", "")
    whole = tree.rect["height"]
    tree.find_element("css selector", "summary").click()
    opened.wait(lambda: tree.rect["height"] < whole / 3)
