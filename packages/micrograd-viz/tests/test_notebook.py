"""A notebook shows a Value as its graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import micrograd.viz  # noqa: F401  (importing it is what makes the difference)
from micrograd.engine import Value, plugins
from micrograd.viz import notebook


def bundle(value: Any, **arguments: Any) -> Any:
    return value._repr_mimebundle_(**arguments)


def test_a_value_shows_as_its_graph(bare: Path) -> None:
    x = Value(2.0, name="x")
    y = x * x
    y.backward()
    shown = bundle(y)
    assert set(shown) == {"image/svg+xml", "text/plain"}
    assert shown["image/svg+xml"].startswith("<?xml")
    assert ">x</text>" in shown["image/svg+xml"]
    assert shown["text/plain"] == repr(y)


def test_the_same_through_the_hook(bare: Path) -> None:
    shown = plugins.manager.hook.micrograd_mimebundle(value=Value(1.0), include=None, exclude=None)
    assert "image/svg+xml" in shown


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        ({"include": ["text/plain"]}, ["text/plain"]),
        ({"include": {"image/svg+xml", "text/html"}}, ["image/svg+xml"]),
        ({"exclude": ["image/svg+xml"]}, ["text/plain"]),
        ({"include": ["image/svg+xml"], "exclude": ["image/svg+xml"]}, None),
        ({"include": ["text/html"]}, None),
    ],
)
def test_only_what_is_asked_for_is_made(
    bare: Path, arguments: dict[str, Any], kinds: list[str] | None
) -> None:
    shown = bundle(Value(1.0), **arguments)
    assert (shown if shown is None else list(shown)) == kinds


def test_a_very_large_graph_is_not_laid_out_unasked(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Value(0.0)
    for _ in range(3_411):
        root = root + 1.0
    monkeypatch.setattr(notebook, "draw_dot", None)  # would fail if it were called
    shown = bundle(root)
    assert list(shown) == ["text/plain"]
    assert shown["text/plain"].startswith(repr(root))
    assert (
        "3,412 Values led to it, too many to draw unasked: micrograd.viz.draw_dot"
        in (shown["text/plain"])
    )
