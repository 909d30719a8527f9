"""Draw the pictures of `plots.md` and `watching.md` with their own code: python docs/make_plots.py

Behind a block that draws stands its picture: what the block called `figure`, or `ax`, in the file
that the page shows. They go to `docs/images`. `tests/test_plots_page.py` fails when one of them is
out of date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

PAGES = [Path(__file__).with_name(f"{name}.md") for name in ("plots", "watching")]
IMAGES = Path(__file__).with_name("images")
PART = re.compile(
    r"^```python\n(?P<code>.*?)^```$|\]\(images/(?P<name>(?:plots|watching)-[\w-]+\.png)\)",
    re.M | re.S,
)
DPI = 110


def drawn(path: Path) -> Iterator[tuple[str, Figure]]:
    """The name and the figure of each picture, as the page's blocks draw them."""
    page, namespace = path.read_text("utf-8"), dict[str, Any]()
    last = [part for part in PART.finditer(page) if part["name"]][-1]  # what follows is not run
    for part in PART.finditer(page, 0, last.end()):
        if part["name"]:
            figure = namespace.pop("figure", None)
            yield part["name"], figure or namespace["ax"].figure
        else:
            exec(part["code"], namespace)


def main() -> None:
    mpl.use("Agg")
    for page in PAGES:
        for name, figure in drawn(page):
            figure.savefig(IMAGES / name, dpi=DPI)
            print(IMAGES / name)


if __name__ == "__main__":
    main()
