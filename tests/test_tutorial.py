"""Does the tutorial for authors of plugins work for somebody who begins with nothing?

Its blocks are run as they stand in a clean environment, with the pip of that environment and our
wheels in the place of the package index.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from environments import PLUGINS, SWISH, Environment

PAGE = Path(__file__).parents[1] / "docs" / "plugins" / "tutorial.md"


def test_every_step_shows_what_the_page_shows_and_the_wheel_at_its_end_is_a_plugin(
    environment: Callable[..., Environment],
) -> None:
    author = environment(with_pip=True)
    assert author.walk(PAGE) == []
    (wheel,) = author.folder.glob("tutorial/dist/*.whl")
    user = environment(("micrograd-core", str(wheel)))
    code = (
        "from micrograd.engine import Value, plugins\n"
        "plugins.load(strict=True)\n"
        "print(Value(0.0).squareplus().item())"
    )
    assert user.run(code) == "1.0"


def test_the_template_can_be_copied_under_another_name(
    environment: Callable[..., Environment],
) -> None:
    author = environment(with_pip=True)
    folder = author.folder / "mine"
    ignored = shutil.ignore_patterns("__pycache__", "dist", "*.egg-info")
    shutil.copytree(PLUGINS[SWISH].folder, folder, ignore=ignored)
    folder.joinpath("src", "micrograd_swish").rename(folder / "src" / "micrograd_mine")
    for path in folder.rglob("*.*"):
        if path.is_file():
            text = path.read_text("utf-8").replace("micrograd-swish", "micrograd-mine")
            path.write_text(text.replace("micrograd_swish", "micrograd_mine"), "utf-8")
    page = author.folder / "mine.md"  # is run in the folder of its name
    page.write_text('```console\n$ pip install -e ".[test]"\n$ pytest -q\n```\n', "utf-8")
    assert author.walk(page) == []
