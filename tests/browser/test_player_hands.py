"""Keys, buttons, search, themes, small screens, paper, notebooks: the player in a real browser."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from micrograd.engine import Value, scope
from micrograd.viz import play

if TYPE_CHECKING:
    from .conftest import Page

NARROW = (390, 844)


@pytest.fixture
def network() -> Value:
    rng = np.random.default_rng(5)
    weights = [Value(rng.normal(size=(3, 3)), name=f"weights{i}") for i in range(2)]
    hidden = np.tanh(np.ones((2, 3)) @ weights[0])
    with scope("head"):
        result = (hidden @ weights[1] * hidden).sum()
    hidden.name, result.name = "hidden", "loss"
    return result


def steps_after(page: Page, *keys: str) -> list[int]:
    steps = []
    for key in keys:
        page.press(key)
        steps.append(page.at)
    return steps


def test_the_keys_move(show: Callable[..., Page], network: Value) -> None:
    page = show(network)
    right, left, last = Keys.ARROW_RIGHT, Keys.ARROW_LEFT, page.last
    keys = (left, right, right, left, Keys.END, right, left, Keys.HOME)
    assert steps_after(page, *keys) == [0, 1, 2, 1, last, last, last - 1, 0]


def test_with_shift_they_move_by_a_whole_op(show: Callable[..., Page], network: Value) -> None:
    page = show(network)
    calls = []
    while page.at < page.last:
        calls.append(page.text("#step h2"))
        page.press_with_shift(Keys.ARROW_RIGHT)
    assert len(calls) == 1 + 5 + 1 + 5  # the start, each op, the seed, each op's rules at once
    assert len(set(calls)) == len(calls)


def test_space_plays_and_pauses(show: Callable[..., Page], network: Value) -> None:
    page = show(network)
    page.run("document.getElementById('speed').value = '4'")
    page.press(" ")
    assert page.one("#play").get_attribute("aria-label") == "Pause"
    page.wait(lambda: page.at >= 2)
    page.press(" ")
    assert page.one("#play").get_attribute("aria-label") == "Play"
    stopped = page.at
    time.sleep(0.8)  # nearly two steps at this speed
    assert page.at == stopped


def test_it_stops_at_the_end_and_plays_again_from_the_start(
    show: Callable[..., Page], network: Value
) -> None:
    page = show(network)
    page.run("document.getElementById('speed').value = '4'")
    page.press(Keys.END, Keys.ARROW_LEFT, " ")
    page.wait(lambda: page.at == page.last)
    assert page.one("#play").get_attribute("aria-label") == "Play"
    page.press(" ")
    assert page.at == 0
    page.press(Keys.ARROW_RIGHT)  # who moves by hand has paused
    assert page.one("#play").get_attribute("aria-label") == "Play"


def test_the_buttons_move_and_know_the_ends(show: Callable[..., Page], network: Value) -> None:
    page = show(network)
    steps = []
    for name in ("next", "next", "previous", "last", "previous", "first"):
        page.one(f"#{name}").click()
        steps.append(page.at)
    assert steps == [1, 2, 1, page.last, page.last - 1, 0]
    disabled = [button.get_attribute("id") for button in page.all("#controls button:disabled")]
    assert disabled == ["first", "previous"]
    assert all(button.get_attribute("aria-label") for button in page.all("#controls button"))


def test_the_slider_and_the_list_go_anywhere(show: Callable[..., Page], network: Value) -> None:
    page = show(network)
    page.one("#slider").send_keys(Keys.ARROW_RIGHT * 3)
    assert page.at == 3
    assert page.one("#slider").get_attribute("aria-valuetext").startswith(f"3 of {page.last}: ")
    page.one("#all summary").click()
    page.all("#list button")[5].click()
    assert page.at == 5
    assert page.one("#list [aria-current]").text == page.text("#step h2")


def test_a_click_on_a_box_shows_all_of_its_value(show: Callable[..., Page], network: Value) -> None:
    page = show(network)
    page.press(Keys.END)
    place = page.run("return values.findIndex((value) => value.name === 'hidden')")
    page.one(f'[data-value="{place}"]').click()
    assert page.text("#value h2") == "hidden"
    shown = page.text("#value")
    for part in ("inner value", "float64", "= tanh(v1)", "complete", "made from", "used by"):
        assert part in shown
    assert len(page.all("#value [data-row]")) == 2  # data and gradient
    page.one("#value .links button").click()  # what it was made from
    assert page.text("#value h2") == "v1"
    page.press(Keys.ESCAPE)
    assert not page.one("#value").is_displayed()


def test_what_is_not_there_yet_is_not_shown(show: Callable[..., Page], network: Value) -> None:
    page = show(network)
    page.run("document.querySelector('svg.graph .output').focus()")
    page.press(Keys.ENTER)
    assert page.text("#value h2") == "loss"
    assert "Not computed yet" in page.text("#value")
    assert page.all("#value [data-row]") == []


def test_a_box_is_reached_by_tab_and_its_focus_is_seen(
    show: Callable[..., Page], network: Value
) -> None:
    page = show(network)
    page.one("#fit").click()
    page.press(Keys.TAB)
    assert page.run("return document.activeElement.dataset.value !== undefined")
    width = "return getComputedStyle(document.activeElement.querySelector('path')).strokeWidth"
    assert page.run(width) == "3px"
    page.press(Keys.ENTER)
    name = page.run("return document.activeElement.getAttribute('aria-label')").partition(",")[0]
    assert page.text("#value h2") == name


def test_search_finds_names_ops_and_scopes(show: Callable[..., Page], network: Value) -> None:
    page = show(network)
    page.press("/", "weights")
    assert page.text("#found") == "2 found"
    assert len(page.all(".value.match")) == 2
    page.press(Keys.ENTER)
    first = page.text("#value h2")
    page.press(Keys.ENTER)
    assert {first, page.text("#value h2")} == {"weights0", "weights1"}
    found = {}
    for query in ("TANH", "head", "nobody"):
        page.press(Keys.ESCAPE, "/", query)
        found[query] = page.text("#found")
    assert found == {"TANH": "1 found", "head": "3 found", "nobody": "0 found"}
    page.press(Keys.ESCAPE)
    assert page.all(".searching") == []


def test_each_step_is_said_aloud(show: Callable[..., Page], network: Value) -> None:
    page = show(network)
    said = []
    for _ in range(page.last):
        page.press(Keys.ARROW_RIGHT)
        said.append(page.text("#spoken"))
    assert page.one("#spoken").get_attribute("aria-live") == "polite"
    assert [text.partition(". ")[0] for text in said] == [
        f"Step {place} of {page.last}" for place in range(1, page.last + 1)
    ]
    assert "Backward: the rule of tanh for x takes the gradient of hidden" in " ".join(said)


# --- light, dark, small, on paper --------------------------------------------------------------


def brightness(page: Page) -> float:
    """That of the page behind everything, from 0 to 255."""
    colour = page.run("return getComputedStyle(document.body).backgroundColor")
    return float(np.mean([int(one) for one in colour[4:-1].split(",")]))


def test_light_and_dark_follow_the_system_until_the_button(
    show: Callable[..., Page], network: Value
) -> None:
    assert brightness(show(network)) > 200
    page = show(network, prefers_color_scheme="dark")
    assert brightness(page) < 50
    page.one("#theme").click()
    assert brightness(page) > 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(show: Callable[..., Page], network: Value, scheme: str) -> None:
    page = show(network, prefers_color_scheme=scheme)
    page.press(Keys.END, Keys.ARROW_LEFT)
    contrasts = page.run(CONTRASTS)
    assert len(contrasts) > 20
    assert [one for one in contrasts if one[1] < 4.5] == []


CONTRASTS = """
    const light = (colour) => {
      const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((one) => one / 255)
        .map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let one = element; one; one = one.parentElement) {
        const colour = getComputedStyle(one).backgroundColor;
        if (colour !== "rgba(0, 0, 0, 0)") return colour;
      }
    };
    const contrast = (a, b) => {
      const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
      return (high + 0.05) / (low + 0.05);
    };
    const words = [...document.querySelectorAll("h1, h1 *, #step *, summary, #count, #count b")];
    const boxes = [...document.querySelectorAll("svg.graph .value text")];
    return [
      ...words.map((one) => [one.outerHTML, contrast(getComputedStyle(one).color, behind(one))]),
      ...boxes.map((one) => [one.outerHTML, contrast(getComputedStyle(one).fill,
        getComputedStyle(one.parentElement.querySelector("path")).fill)]),
    ];
"""


def test_a_small_screen_holds_the_page_and_keeps_the_buttons(
    show: Callable[..., Page], network: Value
) -> None:
    page = show(network, NARROW)
    page.press(Keys.END, Keys.ARROW_LEFT)
    assert page.run("return document.documentElement.scrollWidth") <= NARROW[0]
    for button in page.all("#controls button"):
        box = button.rect
        assert box["width"] >= 40
        assert box["height"] >= 40
        assert box["x"] + box["width"] <= NARROW[0]
    page.run("scrollTo(0, 1e6)")
    bottom = page.run("return document.querySelector('#next').getBoundingClientRect().bottom")
    assert NARROW[1] - 100 < bottom <= NARROW[1]


@pytest.mark.parametrize("size", [(1280, 800), NARROW], ids=["wide", "narrow"])
def test_what_moves_is_in_view(show: Callable[..., Page], network: Value, size: object) -> None:
    page = show(network, size)
    seen = """
        const room = document.getElementById("canvas").getBoundingClientRect();
        const goal = document.querySelector(".receives") || document.querySelector(".value.now");
        const box = goal.getBoundingClientRect();
        return box.left < room.right && box.right > room.left && box.top < room.bottom;"""
    for _ in range(page.last - 1):
        page.press(Keys.ARROW_RIGHT)
        assert page.run(seen), page.text("#step h2")


def test_paper_shows_the_graph_the_step_and_the_list(
    show: Callable[..., Page], network: Value
) -> None:
    page = show(network, prefers_color_scheme="dark")
    page.press(Keys.END, Keys.ARROW_LEFT)
    page.run("dispatchEvent(new Event('beforeprint'))")
    page.emulate(prefers_color_scheme="dark", media="print")
    shown = {name: page.one(f"#{name}").is_displayed() for name in ("controls", "search", "map")}
    assert shown == {"controls": False, "search": False, "map": False}
    assert all(page.one(one).is_displayed() for one in ("svg.graph", "#step", "#list"))
    assert page.run("return document.querySelector('svg.graph').clientWidth") <= 1280
    assert not page.run("return document.documentElement.classList.contains('dark')")
    paper = page.driver.execute_cdp_cmd("Page.printToPDF", {})
    assert base64.b64decode(paper["data"]).startswith(b"%PDF-")
    page.run("dispatchEvent(new Event('afterprint'))")
    assert page.run("return document.documentElement.classList.contains('dark')")


# --- shut off ----------------------------------------------------------------------------------


def test_nothing_could_leave_the_page_if_it_tried(
    show: Callable[..., Page], network: Value
) -> None:
    page = show(network)
    script = "return fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => String(error))"
    assert page.run(script).startswith("TypeError")
    assert "Content Security Policy" in page.complaints()[0]
    assert [one for one in page.requests() if one.startswith("http")] == []


def test_a_notebook_s_frame_holds_a_player_that_works(
    show: Callable[..., Page], network: Value
) -> None:
    page = show(f"<!doctype html><title>notebook</title>{play(network)._repr_html_()}")
    page.driver.switch_to.frame(page.one("iframe"))
    page.one("#next").click()
    page.press(Keys.ARROW_RIGHT)
    assert page.at == 2
    page.driver.switch_to.default_content()


def test_a_name_that_looks_like_markup_is_text(show: Callable[..., Page]) -> None:
    name = "</script><img src=x onerror=alert(1)>"
    x = Value(2.0, name=name)
    loss = x * x
    loss.name = name
    page = show(loss)
    page.press(Keys.ARROW_RIGHT)
    assert page.text("#step h2") == f"{name} = {name} * {name}"
    assert page.text("h1 b") == name
    assert page.all("img") == []
