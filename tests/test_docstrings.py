"""Is every example in a docstring run by the docs suite?

`pytest --doctest-modules` looks only at functions that it takes for a module's own. A function that
a decorator made elsewhere would be passed over in silence, and its example with it.
"""

from __future__ import annotations

import ast
import doctest
import importlib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROMPT = ">>> "


def modules() -> list[str]:
    """The names of all modules of the family."""
    found: list[str] = []
    for source in sorted(ROOT.glob("packages/*/src")):
        for path in sorted(source.rglob("*.py")):
            parts = path.relative_to(source).with_suffix("").parts
            if parts[-1] == "__main__":
                continue
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def written(source: str) -> int:
    """How many examples the docstrings of a source file hold."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, documented))
    docstrings = (ast.get_docstring(node) or "" for node in nodes)
    return sum(line.strip().startswith(PROMPT) for text in docstrings for line in text.splitlines())


def collected(module: ModuleType) -> int:
    """How many examples doctest finds in a module."""
    return sum(len(test.examples) for test in doctest.DocTestFinder().find(module))


@pytest.mark.parametrize("name", modules())
def test_every_written_example_is_run(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert collected(module) == written(Path(module.__file__).read_text("utf-8"))


def test_the_family_has_modules_and_examples() -> None:
    names = modules()
    assert {"micrograd.engine", "micrograd.nn", "micrograd.viz", "micrograd.utils"} <= set(names)
    assert sum(collected(importlib.import_module(name)) for name in names) > 0


def test_an_example_that_doctest_passes_over_is_noticed() -> None:
    source = 'def made():\n    """One.\n\n    >>> 1\n    1\n    """\n'
    module = ModuleType("sample")
    exec(source, module.__dict__)
    module.made.__module__ = "doctest"  # as a decorator of another module would leave it
    assert written(source) == 1
    assert collected(module) == 0
