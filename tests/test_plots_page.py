"""Are the pictures of `docs/plots.md` and `docs/watching.md` what the code there draws?"""

from __future__ import annotations

import importlib.util
import io
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pytest

DOCS = Path(__file__).parents[1] / "docs"
GRID = 12  # letters move a little from one matplotlib to the next; shapes and colours do not


@pytest.fixture(scope="module")
def make_plots() -> Any:
    spec = importlib.util.spec_from_file_location("make_plots", DOCS / "make_plots.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def squares(png: Any) -> np.ndarray:
    """The mean colour of each square of a picture."""
    pixels = matplotlib.image.imread(png)[..., :3]
    height, width = (length // GRID * GRID for length in pixels.shape[:2])
    blocks = pixels[:height, :width].reshape(GRID, height // GRID, GRID, width // GRID, 3)
    return blocks.mean(axis=(1, 3))


@pytest.mark.parametrize("page", ["plots", "watching"])
def test_the_files_are_up_to_date(make_plots: Any, page: str) -> None:
    mpl.use("Agg")
    shown = []
    path = DOCS / f"{page}.md"
    assert path in make_plots.PAGES
    for name, figure in make_plots.drawn(path):
        now = io.BytesIO()
        figure.savefig(now, dpi=make_plots.DPI)
        now.seek(0)
        difference = abs(squares(now) - squares(DOCS / "images" / name)).max()
        assert difference < 0.1, f"{name} is out of date. Run: python docs/make_plots.py"
        shown.append(name)
    plt.close("all")
    files = sorted(path.name for path in (DOCS / "images").glob(f"{page}-*.png"))
    assert sorted(shown) == files
    assert re.findall(rf"\(images/({page}-[\w-]+\.png)\)", path.read_text("utf-8")) == shown


def test_a_picture_that_changed_is_noticed() -> None:
    one, other = (squares(DOCS / "images" / f"plots-{name}.png") for name in ("curves", "between"))
    assert abs(one - other).max() > 0.1
