"""Take the pictures of the player that the documentation shows: light and dark, wide and narrow.

hatch run browser:pictures
"""

from __future__ import annotations

import base64
import runpy
import tempfile
from pathlib import Path

from conftest import NARROW, WIDE, Page, chromium
from micrograd.viz import play

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "backprop_player.py"
MEETING = 12
"""The step at which the second share of the error's gradient arrives."""


def main() -> None:
    driver = chromium()
    page = Page(driver)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "player.html")
        play(runpy.run_path(str(EXAMPLE))["network"](), path)
        for size in (WIDE, NARROW):
            for scheme in ("light", "dark"):
                page.emulate(size, prefers_color_scheme=scheme)
                driver.get(path.as_uri())
                page.run(f"go({MEETING})")
                shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
                picture = ROOT / "docs" / "images" / f"player-{scheme}-{size[0]}.png"
                picture.write_bytes(base64.b64decode(shot["data"]))
                print(picture.relative_to(ROOT))
    driver.quit()


if __name__ == "__main__":
    main()
