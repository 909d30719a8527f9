"""What happens when the first micrograd, `pip install micrograd`, is installed beside ours?

Its wheel holds `micrograd/__init__.py`, `micrograd/engine.py` and `micrograd/nn.py`; ours hold the
folders `micrograd/engine/` and `micrograd/nn/`. No file belongs to both, and where a folder and a
file have one name Python takes the folder. So from wheels ours wins, in either order, and each can
be uninstalled without harm to the other. What cannot work is ours from another place on the path,
as an editable install is: a regular package hides the parts of a namespace.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from environments import FIRST, MEMBERS, SEED_SAMPLE, Environment

WHERE = "import micrograd.engine; print(micrograd.engine.__file__)"
OURS = Path("micrograd/engine/__init__.py").parts
THEIRS = Path("micrograd/engine.py").parts


@pytest.fixture(scope="module", params=["ours first", "theirs first"])
def both(request: pytest.FixtureRequest, environment: Callable[..., Environment]) -> Environment:
    steps = [MEMBERS, (FIRST,)]
    return environment(*(steps if request.param == "ours first" else reversed(steps)))


def test_from_wheels_the_engine_is_ours_in_either_order(both: Environment) -> None:
    assert Path(both.run(WHERE)).parts[-3:] == OURS
    assert both.run("import micrograd; print(micrograd.__file__)").endswith("__init__.py")


def test_from_wheels_the_family_works_in_either_order(both: Environment) -> None:
    assert both.run(SEED_SAMPLE) == "24.7041 138.8338 645.5773"
    code = (
        "from micrograd.engine import Value\n"
        "from micrograd.nn import MLP\n"
        "from micrograd.utils import draw_dot\n"
        "loss = MLP(2, [3, 1])([[1.0, 2.0]]).mse([[1.0]])\n"
        "loss.backward()\n"
        "print(len(draw_dot(loss).pipe(format='svg')) > 1000)"
    )
    assert both.run(code) == "True"


def test_uninstalling_the_first_one_leaves_ours_whole(
    environment: Callable[..., Environment],
) -> None:
    clean = environment(("micrograd-core", FIRST))
    clean.uninstall("micrograd")
    assert clean.run(SEED_SAMPLE) == "24.7041 138.8338 645.5773"
    assert clean.run("import micrograd; print(micrograd.__file__)") == "None"


def test_core_alone_beside_it_still_says_what_to_install(
    environment: Callable[..., Environment],
) -> None:
    clean = environment(("micrograd-core", FIRST))
    error = clean.fails("from micrograd.engine import Value; Value(1.0).mse(Value(1.0))")
    assert error.startswith("AttributeError: ")
    assert 'pip install "micrograd-nn>=1,<2"' in error


def test_it_hides_ours_at_another_place_on_the_path_until_it_is_uninstalled(
    root: Path, environment: Callable[..., Environment]
) -> None:
    clean = environment(("numpy", "pluggy", FIRST))
    source = root / "packages" / "micrograd-core" / "src"
    site = Path(clean.run("import sysconfig; print(sysconfig.get_path('purelib'))"))
    # What an editable install of ours is: a line that puts the source folder on the path.
    (site / "_micrograd_core.pth").write_text(f"{source}\n")
    assert Path(clean.run(WHERE)).parts[-2:] == THEIRS
    assert "cannot import name 'op'" in clean.fails("from micrograd.engine import op")
    clean.uninstall("micrograd")
    assert Path(clean.run(WHERE)).is_relative_to(source)
