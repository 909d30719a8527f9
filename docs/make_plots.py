"""Draw the pictures of `plots.md` with the page's own code: python docs/make_plots.py

Behind a block that draws stands its picture: what the block called `ax`, in the file that the page
shows. They go to `docs/images`. `tests/test_plots_page.py` fails when one of them is out of date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

PAGE = Path(__file__).with_name("plots.md")
IMAGES = PAGE.with_name("images")
PART = re.compile(r"^```python\n(?P<code>.*?)^```$|\]\(images/(?P<name>[\w-]+\.png)\)", re.M | re.S)
END = ".png)"  # what follows the last picture is not run
DPI = 110


def drawn() -> Iterator[tuple[str, Figure]]:
    """The name and the figure of each picture, as the page's blocks draw them."""
    page, namespace = PAGE.read_text("utf-8"), dict[str, Any]()
    for part in PART.finditer(page, 0, page.rindex(END) + len(END)):
        if part["name"]:
            yield part["name"], namespace["ax"].figure
        else:
            exec(part["code"], namespace)


def main() -> None:
    mpl.use("Agg")
    for name, figure in drawn():
        figure.savefig(IMAGES / name, dpi=DPI)
        print(IMAGES / name)


if __name__ == "__main__":
    main()
