"""Take the pictures that the documentation shows of the player, and of a watcher in a notebook.

The player light and dark, wide and narrow: hatch run browser:pictures
"""

from __future__ import annotations

import base64
import runpy
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from conftest import NARROW, WIDE, Page, chromium
from micrograd.nn import MLP, Adam, cross_entropy
from micrograd.viz import play, watch

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "backprop_player.py"
MEETING = 12
"""The step at which the second share of the error's gradient arrives."""


def watched() -> str:
    """What a notebook shows of a network whose gradient fades; that of `docs/watching.md`."""
    digits = load_digits()
    rng = np.random.default_rng(0)
    model = MLP(64, [16] * 9 + [10], activation="sigmoid", rng=np.random.default_rng(0))
    optimizer = Adam(model.parameters(), lr=2e-3)
    with watch(model) as watcher:
        for _ in range(101):
            rows = rng.integers(0, len(digits.data), 32)
            loss = cross_entropy(model(digits.data[rows] / 16), digits.target[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            watcher.step()
    return watcher._repr_html_()


def main() -> None:
    driver = chromium()
    page = Page(driver)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "watcher.html")
        head = '<!DOCTYPE html><meta charset="utf-8"><body style="font-family:sans-serif">'
        path.write_text(f"{head}{watched()}", encoding="utf-8")
        page.emulate((760, 480))
        driver.get(path.as_uri())
        shoot(driver, "notebook-watcher.png")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "player.html")
        play(runpy.run_path(str(EXAMPLE))["network"](), path)
        for size in (WIDE, NARROW):
            for scheme in ("light", "dark"):
                page.emulate(size, prefers_color_scheme=scheme)
                driver.get(path.as_uri())
                page.run(f"go({MEETING})")
                shoot(driver, f"player-{scheme}-{size[0]}.png")
    driver.quit()


def shoot(driver: Any, name: str) -> None:
    """Write what the page shows into a file of the documentation."""
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    picture = ROOT / "docs" / "images" / name
    picture.write_bytes(base64.b64decode(shot["data"]))
    print(picture.relative_to(ROOT))


if __name__ == "__main__":
    main()
