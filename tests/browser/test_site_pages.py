"""Does every page of the built site fit a desk's and a telephone's screen, with all its pictures?

hatch run docs:build && hatch run browser:test
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from selenium import webdriver

from .conftest import NARROW, WIDE, Page

SITE = Path(__file__).parents[2] / "site" / "html"
THEME = re.compile(r"\[PST\]|pydata-sphinx-theme\.js")  # which tells what it does
WIDER = """
    const page = document.documentElement;
    return page.scrollWidth - page.clientWidth;
"""
MISSING = """
    const whole = one => !one.complete || one.naturalWidth;
    return [...document.images].filter(one => !whole(one)).map(one => one.src);
"""
HIDDEN = """
    const inside = box => {
      for (let one = box.parentElement; one; one = one.parentElement) {
        if (["auto", "scroll"].includes(getComputedStyle(one).overflowX)) return true;
      }
      return false;
    };
    const wide = document.documentElement.clientWidth;
    return [...document.querySelectorAll("article table, article pre, article img, article iframe")]
      .filter(one => one.getBoundingClientRect().right > wide + 1)
      .filter(one => getComputedStyle(one).overflowX !== "auto" && !inside(one))
      .map(one => one.outerHTML.slice(0, 80));
"""


@pytest.fixture(scope="module")
def pages() -> list[Path]:
    found = sorted(
        page
        for page in SITE.rglob("*.html")
        if not {"source", "_static"} & set(page.relative_to(SITE).parts)
    )
    if not found:
        pytest.skip("the site is not built: hatch run docs:build")
    return found


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_and_is_whole(
    driver: webdriver.Chrome, pages: list[Path], size: tuple[int, int], scheme: str
) -> None:
    page, wrong = Page(driver), list[str]()
    page.emulate(size, prefers_color_scheme=scheme)
    page.complaints()
    for path in pages:
        driver.get(path.as_uri())
        name = path.relative_to(SITE).as_posix()
        if over := page.run(WIDER):
            wrong.append(f"{name} is {over} pixels wider than the screen")
        wrong += [f"{name} shows no picture at {source}" for source in page.run(MISSING)]
        wrong += [f"{name} cuts {box}" for box in page.run(HIDDEN)]
        theme = page.run("return document.documentElement.dataset.theme")
        assert theme == scheme
        said = [one for one in page.complaints() if not THEME.search(one)]
        wrong += [f"{name} says {one}" for one in said]
    assert wrong == []
