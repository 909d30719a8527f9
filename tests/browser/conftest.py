"""A real Chromium, without a window, that opens files. Every page is silent and keeps to itself.

    hatch run browser:test

needs Debian's packages `chromium` and `chromium-driver`, or another Chromium and its chromedriver
that CHROMIUM and CHROMEDRIVER name.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from micrograd.engine import Value
from micrograd.viz import play

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
WIDE, NARROW = (1280, 800), (390, 844)


class Page:
    """An open page, asked and worked as a person would."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def press_with_shift(self, key: str) -> None:
        ActionChains(self.driver).key_down(Keys.SHIFT).send_keys(key).key_up(Keys.SHIFT).perform()

    def one(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def text(self, selector: str) -> str:
        """What an element says, with its line breaks; also where it is hidden or scrolled away."""
        return str(self.one(selector).get_property("textContent"))

    def run(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def wait(self, condition: Callable[[], object]) -> None:
        WebDriverWait(self.driver, 10, poll_frequency=0.05).until(lambda _: condition())

    @property
    def at(self) -> int:
        """The step that is shown."""
        return int(self.text("#count").split()[-3])

    @property
    def last(self) -> int:
        return int(self.text("#count").split()[-1])

    def emulate(self, size: tuple[int, int] = WIDE, **media: str) -> None:
        """Give the page a size, and the preferences that a style sheet may ask for."""
        width, height = size
        metrics = {
            "width": width,
            "height": height,
            "deviceScaleFactor": 2 if size == NARROW else 1,
        }
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {**metrics, "mobile": size == NARROW}
        )
        kind = media.pop("media", "")
        told = {"prefers_color_scheme": "light", "prefers_reduced_motion": "reduce", **media}
        features = [{"name": name.replace("_", "-"), "value": one} for name, one in told.items()]
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"media": kind, "features": features}
        )

    def complaints(self) -> list[str]:
        """What the console holds since the last question."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The addresses that were asked for since the last question; not what a page carries."""
        messages = [
            json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")
        ]
        asked = [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
        return [address for address in asked if not address.startswith("data:")]


def chromium() -> webdriver.Chrome:
    """Start the Chromium of this machine, or skip the tests and say why."""
    named = os.environ.get("CHROMIUM")
    program = named or next(filter(None, map(shutil.which, CHROMIUM)), None)
    chromedriver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
    if program is None or chromedriver is None:
        pytest.skip(
            "no Chromium with its chromedriver is on this machine. Install Debian's chromium and "
            "chromium-driver, or name them: CHROMIUM=… CHROMEDRIVER=… hatch run browser:test"
        )
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for switch in SWITCHES:
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(chromedriver))


@pytest.fixture(scope="session")
def driver() -> Iterator[webdriver.Chrome]:
    """Chromium, once for all tests."""
    opened = chromium()
    yield opened
    opened.quit()


@pytest.fixture
def show(driver: webdriver.Chrome, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open the player of a Value, from a file; at the end nothing may have gone wrong."""
    page = Page(driver)
    addresses = {"about:blank", "about:srcdoc"}

    def opened(shown: Value | str, size: tuple[int, int] = WIDE, **media: str) -> Page:
        path = tmp_path / "a page.html"
        if isinstance(shown, Value):
            play(shown, path)
        else:
            path.write_text(shown, encoding="utf-8")
        addresses.add(path.as_uri())
        page.emulate(size, **media)
        page.complaints(), page.requests()  # those of the test before
        driver.get(path.as_uri())
        return page

    yield opened
    assert page.complaints() == []
    assert set(page.requests()) - addresses == set()
