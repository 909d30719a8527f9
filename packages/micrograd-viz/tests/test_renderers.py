"""Formats that plugins add, and what happens when their renderers fail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz
import pytest

from micrograd.engine import Value, hookimpl, plugins
from micrograd.viz import draw_dot, engines, formats, trace
from micrograd.viz.picture import Picture

if TYPE_CHECKING:
    from .conftest import Machine


def outline(picture: Picture) -> bytes:
    """What a renderer can know: the graph, the text for Graphviz, what was asked for."""
    assert picture.root is not None
    values, edges = trace(picture.root)
    assert list(picture.looks) == values
    names = "".join(value.name for value in values)
    return f"{names} {len(edges)} {picture.format} {picture.engine} {picture.source[:7]}".encode()


class Renderers:
    def __init__(self, **renderers: Any) -> None:
        self.renderers = renderers

    @hookimpl
    def micrograd_renderers(self) -> Any:
        return self.renderers


@pytest.fixture
def root() -> Value:
    return Value(2.0, name="x") * Value(3.0, name="y")


# --- a format ----------------------------------------------------------------------------------


def test_a_plugin_s_format_is_written_wherever_a_format_is_asked_for(
    bare: Path, root: Value
) -> None:
    with plugins.registered(Renderers(outline=outline)):
        expected = b"xy 2 outline dot digraph"
        assert draw_dot(root).pipe("outline") == expected
        assert draw_dot(root, format="outline").pipe() == expected
        assert draw_dot(root).pipe("OUTLINE", encoding="utf-8") == expected.decode()
        assert draw_dot(root, format="outline").render("g", cleanup=True) == "g.outline"
        assert draw_dot(root).render(outfile="h.outline") == "h.outline"
        assert draw_dot(root).render(outfile="i.txt", format="outline") == "i.txt"
    for name in ("g.outline", "h.outline", "i.txt"):
        assert (bare / name).read_bytes() == expected


def test_a_renderer_is_told_what_was_asked_for(root: Value) -> None:
    seen: list[Any] = []

    def note(picture: Picture) -> bytes:
        options = (picture.renderer, picture.formatter, picture.neato_no_op, picture.quiet)
        seen.append((picture.engine, *options))
        return b""

    with plugins.registered(Renderers(note=note)):
        picture = draw_dot(root)
        picture.pipe("note", "cairo", "gd", 2, True, engine="neato")
        picture.pipe("note")
    assert seen == [("neato", "cairo", "gd", 2, True), ("dot", None, None, None, False)]
    assert (picture.format, picture.engine) == ("svg", "dot")


def test_a_renderer_may_build_on_svg(bare: Path, root: Value) -> None:
    page = Renderers(page=lambda picture: b"<main>" + picture.pipe("svg") + b"</main>")
    with plugins.registered(page):
        assert b"</svg>\n</main>" in draw_dot(root).pipe("page")


def test_a_notebook_shows_svg_whatever_the_format(bare: Path, root: Value) -> None:
    with plugins.registered(Renderers(outline=outline)):
        shown = draw_dot(root, format="outline")._repr_mimebundle_()
    assert set(shown) == {"text/html", "image/svg+xml"}


def test_viz_s_formats_are_those_of_graphviz() -> None:
    assert set(engines.FORMATS) >= graphviz.FORMATS
    assert set(engines.renderers()) <= set(formats.registry.names())


def test_formats_that_are_no_identifiers_are_found(dot: Path, root: Value) -> None:
    assert b"-Txdot1.4" in draw_dot(root, format="xdot1.4").pipe()
    assert b"-Tplain-ext" in draw_dot(root).pipe("plain-ext")


def test_the_first_picture_loads_strangers(machine: Machine) -> None:
    machine.renderer("micrograd-o", "outline", "picture.root.op.name.encode()")
    lines, _ = machine.run("print(draw_dot(y, format='outline').pipe())")
    assert lines == ["b'multiply'"]


# --- names -------------------------------------------------------------------------------------


def test_an_unknown_format_lists_what_there_is(machine: Machine) -> None:
    machine.renderer("micrograd-o", "outline", "b''")
    machine.install("micrograd-broken", "import nowhere\n")
    program = "print(error(draw_dot, y, format='outlin')); print(error(draw_dot(y).pipe, 'outlin'))"
    (first, second), err = machine.run(program)
    assert first == second
    assert first.startswith("ValueError: picture: format 'outlin' was asked for, which neither")
    assert "Did you mean outline?" in first
    assert "Plugins that were refused: micrograd-broken;" in first
    assert "Ask for one of bmp, " in first
    assert ", outline, " in first
    assert err.count("PluginWarning") == 1


def test_two_strangers_with_one_format(machine: Machine) -> None:
    machine.renderer("micrograd-b", "outline", "b'from b'")
    machine.renderer("micrograd-a", "outline", "b'from a'")
    program = """
print(error(draw_dot(y).pipe, "outline"))
qualified = draw_dot(y).pipe("micrograd-b:outline")
print(qualified, draw_dot(y).render("g", format="micrograd-a:outline"))
plugins.prefer("outline", "micrograd-a")
print(draw_dot(y).pipe("outline"))
"""
    program = f"import os; os.chdir({str(machine.folder)!r})\n{program}"
    (both, qualified, preferred), _ = machine.run(program)
    assert both.startswith("ValueError: picture: The picture format 'outline' is offered by")
    assert "micrograd-a and by micrograd-b, so neither gets the name" in both
    assert qualified == "b'from b' g.outline"
    assert preferred == "b'from a'"


def test_graphviz_s_formats_are_not_for_strangers(machine: Machine) -> None:
    machine.renderer("micrograd-thief", "png", "b'mine'")
    _, err = machine.run("print(draw_dot(y))")
    assert "The plugin micrograd-thief 1.2.3 (entry point micrograd-thief) was refused." in err
    assert "The picture format name 'png' belongs to micrograd-viz." in err


@pytest.mark.parametrize(
    ("contribution", "message"),
    [
        ({"Outline": outline}, r"formats are written in lower case\. Call it 'outline'"),
        ({"outline": 3}, r"it cannot be called as renderer\(picture\): it is int, which cannot"),
        ({"outline": lambda: b""}, r"it cannot be called as renderer\(picture\): too many"),
        ({"out line": outline}, r"name 'out line' is not a Python identifier"),
    ],
)
def test_a_contribution_that_cannot_work_is_refused(contribution: Any, message: str) -> None:
    with pytest.raises(plugins.PluginError, match=message):
        plugins.register(Renderers(**contribution))
    assert "outline" not in formats.registry.names()


@pytest.mark.parametrize("answer", ["1 / 0", "None", "['outline']"])
def test_a_hook_that_fails_keeps_its_plugin_out_and_nothing_else(
    machine: Machine, answer: str
) -> None:
    machine.install(
        "micrograd-bad", f"@hookimpl\ndef micrograd_renderers():\n    return {answer}\n"
    )
    machine.renderer("micrograd-good", "outline", "b'good'")
    lines, err = machine.run("print(draw_dot(y).pipe('outline'), len(draw_dot(y).pipe()) > 999)")
    assert lines == ["b'good' True"]
    assert err.count("PluginWarning: The plugin micrograd-bad 1.2.3") == 1


# --- a renderer that fails ---------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["1 / 0", "exit(3)"])
def test_a_stranger_s_failure_is_told_with_its_distribution(machine: Machine, answer: str) -> None:
    machine.renderer("micrograd-bad", "outline", answer)
    program = "print(error(draw_dot(y).pipe, 'outline')); print(len(draw_dot(y).pipe()) > 999)"
    (told, svg), _ = machine.run(program)
    kind = "ZeroDivisionError: division by zero" if answer == "1 / 0" else "SystemExit: 3"
    assert told == (
        "RuntimeError: picture: the renderer of 'outline', from micrograd-bad, raised "
        f"{kind}. Tell its author, or ask for another format, such as svg."
    )
    assert svg == "True"


def test_a_failure_of_the_program_s_own_renderer_is_the_program_s(root: Value, bare: Path) -> None:
    def fail(picture: Picture) -> bytes:
        raise LookupError("mine")

    with plugins.registered(Renderers(outline=fail)), pytest.raises(LookupError, match="mine"):
        draw_dot(root).render("g", format="outline")
    assert list(bare.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            "text",
            r"'outline', from .*Renderers.*, returned str instead of bytes\. Return text\.enc",
        ),
        (None, r"returned NoneType instead of bytes\.$"),
    ],
)
def test_what_is_not_bytes_is_refused(root: Value, answer: Any, message: str) -> None:
    renderers = Renderers(outline=lambda picture: answer)
    with plugins.registered(renderers), pytest.raises(TypeError, match=message):
        draw_dot(root).pipe("outline")
