"""Rendering: after pip alone, with a `dot` on the PATH, and what is said when it cannot be done."""

from __future__ import annotations

import pickle
import re
import sys
import types
import xml.etree.ElementTree as ET
from pathlib import Path

import graphviz
import numpy as np
import pytest

from micrograd.engine import Value, hookimpl, plugins
from micrograd.viz import draw_dot, engines, wasi
from micrograd.viz.picture import Picture

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def picture() -> Picture:
    x, y = Value(2.0, name="x"), Value(-3.0, name="y")
    z = x * y + x
    z.name = "z"
    z.backward()
    return draw_dot(z)


def texts(svg: bytes) -> list[str]:
    return [(element.text or "").strip() for element in ET.fromstring(svg).iter(f"{SVG}text")]


def nodes(svg: bytes) -> set[str]:
    groups = (g for g in ET.fromstring(svg).iter(f"{SVG}g") if "node" in g.get("class", "").split())
    return {title.text or "" for group in groups for title in group.iter(f"{SVG}title")}


def drawn(picture: Picture) -> set[str]:
    return set(re.findall(r"^\t([voc]\d+) \[", picture.source, flags=re.MULTILINE))


# --- after pip alone ---------------------------------------------------------------------------


def test_render_leaves_the_source_and_an_svg_file(bare: Path, picture: Picture) -> None:
    assert picture.render("computation_graph") == "computation_graph.svg"
    assert sorted(path.name for path in bare.iterdir()) == [
        "computation_graph",
        "computation_graph.svg",
    ]
    assert (bare / "computation_graph").read_text(encoding="utf-8") == picture.source
    found = texts((bare / "computation_graph.svg").read_bytes())
    assert {"x", "y", "z", "*", "+"} <= set(found)
    assert {"data       2.0", "data      -3.0", "data      -4.0"} <= set(found)
    assert {"gradient  -2.0", "gradient   2.0", "gradient   1.0"} <= set(found)


def test_render_knows_graphviz_s_arguments(bare: Path, picture: Picture) -> None:
    assert picture.render("g", directory="deep/er", cleanup=True) == str(Path("deep/er/g.svg"))
    assert [path.name for path in (bare / "deep/er").iterdir()] == ["g.svg"]
    picture.directory = "other"
    assert picture.render(outfile="h.svg") == str(Path("other/h.svg"))
    assert sorted(path.name for path in (bare / "other").iterdir()) == ["h.gv", "h.svg"]


def test_a_picture_is_a_digraph(picture: Picture) -> None:
    assert isinstance(picture, graphviz.Digraph)
    assert type(picture.copy()) is Picture
    assert picture.copy().source == picture.source
    assert picture.copy().root is picture.root is not None
    assert picture.copy().looks == picture.looks


def test_a_picture_can_be_pickled_without_its_graph(bare: Path, picture: Picture) -> None:
    again = pickle.loads(pickle.dumps(picture))
    assert again.pipe() == picture.pipe()
    assert again.root is None
    assert again.looks == {}
    assert picture.root is not None


def test_pipe_gives_bytes_or_text(bare: Path, picture: Picture) -> None:
    assert picture.pipe().decode() == picture.pipe("svg", encoding="utf-8")
    assert nodes(picture.pipe()) == drawn(picture)


def test_other_layout_engines_work(bare: Path, picture: Picture) -> None:
    assert nodes(picture.pipe(engine="neato")) == drawn(picture)
    assert picture.pipe(engine="neato") != picture.pipe()


def test_a_notebook_shows_a_picture(bare: Path, picture: Picture) -> None:
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/svg+xml"}
    assert bundle["image/svg+xml"] == picture._repr_svg_()
    assert nodes(picture._repr_svg_().encode()) == drawn(picture)


def test_the_style_sheet_is_in_the_file_once(bare: Path, picture: Picture) -> None:
    assert picture.pipe().count(b"<style>") == 1
    picture.render("g")
    assert (bare / "g.svg").read_bytes().count(b"<style>") == 1


def test_the_style_sheet_leaves_text_alone_that_a_plugin_coloured(bare: Path) -> None:
    class Light:
        @hookimpl
        def micrograd_node_style(self, value: Value) -> dict[str, str]:
            return {"fontcolor": "#ffffff"}

    with plugins.registered(Light()):
        svg = draw_dot(Value(1.0)).pipe().decode()
    assert set(re.findall(r"<text[^>]* fill=\"([^\"]*)\"", svg)) == {"#ffffff"}
    coloured = [line for line in svg.splitlines() if "{ fill: " in line or "~ text[" in line]
    assert all('[fill="#26303b"]' in line for line in coloured)


def test_names_are_shown_letter_by_letter(bare: Path) -> None:
    names = ['a|b<c>{d}"q"', r"C:\new\N \" &lt; & back\end", "ж 漢字 naïve", "$^~#`%", "bell\a"]
    values = [Value(1.0, name=name) for name in names]
    root = values[0] + values[1] + values[2] + values[3] + values[4]
    found = texts(draw_dot(root).pipe())
    assert [name for name in names if name not in found] == ["bell\a"]
    assert r"bell\x07" in found


def test_lines_of_a_name_stay_lines(bare: Path) -> None:
    assert texts(draw_dot(Value(1.0, name="two\r\nlines")).pipe())[:2] == ["two", "lines"]


def test_a_chain_of_1_500_values_is_drawn_whole(bare: Path) -> None:
    root = Value(0.0)
    for _ in range(1_500):
        root = root + 1.0
    picture = draw_dot(root)
    assert nodes(picture.pipe()) == drawn(picture)
    assert len(drawn(picture)) == 1_501 + 2 * 1_500


def test_a_recurrence_of_500_steps_is_drawn_whole(bare: Path) -> None:
    rng = np.random.default_rng(0)
    wx, wh = Value(rng.normal(size=(2, 2)), name="wx"), Value(rng.normal(size=(2, 2)), name="wh")
    b, h = Value(np.zeros(2), name="b"), Value(np.zeros((1, 2)), name="h0")
    for step in range(500):
        x = Value(rng.normal(size=(1, 2)), name=f"x{step}", requires_grad=False)
        h = (x @ wx + h @ wh + b).tanh()
    loss = h.sum()
    loss.backward()
    picture = draw_dot(loss)
    svg = picture.pipe()
    assert nodes(svg) == drawn(picture)
    found = set(texts(svg))
    for name in ("wx", "wh", "b"):
        assert {f"{name} · use {use} of 500" for use in range(1, 501)} <= found
    assert {f"x{step}" for step in range(500)} <= found


def test_a_value_used_by_each_of_100_steps_does_not_hang(bare: Path) -> None:
    w, h = Value(0.5, name="w") * 2, Value(1.0)
    for _ in range(100):
        h = (h * w).tanh()
    picture = draw_dot(h)
    assert nodes(picture.pipe()) == drawn(picture)


def test_the_thread_s_stack_size_is_what_it_was(bare: Path, picture: Picture) -> None:
    import threading

    before = threading.stack_size()
    picture.pipe()
    assert threading.stack_size() == before


# --- with a dot, and with pygraphviz -----------------------------------------------------------


def test_a_dot_on_the_path_comes_first(dot: Path, picture: Picture) -> None:
    assert b"by dot -Kdot -Tsvg" in picture.pipe()
    assert picture.render("g") == "g.svg"
    text = (dot / "g.svg").read_text()
    assert "by dot -Kdot -Tsvg" in text
    assert text.count("<style>") == 1
    assert picture.render("p", format="png", cleanup=True) == "p.png"
    assert "by dot -Kdot -Tpng" in (dot / "p.png").read_text()
    assert not (dot / "p").exists()


def test_what_a_dot_says_of_bad_text_reaches_the_program(dot: Path, picture: Picture) -> None:
    (dot.parent / "bin" / "dot").write_text(f"#!{sys.executable}\nraise SystemExit('no picture')\n")
    with pytest.raises(graphviz.CalledProcessError, match="returned non-zero exit status 1"):
        picture.render("g", quiet=True)
    assert list(dot.iterdir()) == []


def test_options_that_only_a_dot_has_reach_it(dot: Path, picture: Picture) -> None:
    text = picture.pipe("png", renderer="cairo", formatter="gd", neato_no_op=2, encoding="utf-8")
    assert "-Kdot -Tpng:cairo:gd -n2" in text


def test_pygraphviz_comes_before_webassembly(
    bare: Path, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[str] = []

    class AGraph:
        def __init__(self, string: str) -> None:
            log.append(string)

        def draw(self, format: str, prog: str) -> bytes:
            return f"{format} by {prog}".encode()

        def close(self) -> None:
            log.append("closed")

    monkeypatch.setitem(sys.modules, "pygraphviz", types.SimpleNamespace(AGraph=AGraph))
    assert picture.pipe("pdf", engine="neato") == b"pdf by neato"
    assert picture.pipe() == b"svg by dot"
    assert log == [picture.source, "closed"] * 2


def test_what_pygraphviz_refuses_is_told(
    bare: Path, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(string: str) -> None:
        raise ValueError("Invalid Input")

    monkeypatch.setitem(sys.modules, "pygraphviz", types.SimpleNamespace(AGraph=refuse))
    with pytest.raises(RuntimeError, match=r"refused the text, or cannot write gif: Invalid Input"):
        picture.pipe("gif")


# --- what cannot be done -----------------------------------------------------------------------


@pytest.mark.parametrize("format", ["png", "pdf", "PNG"])
def test_a_format_without_an_engine_names_the_extra(
    bare: Path, picture: Picture, format: str
) -> None:
    install = re.escape('pip install "micrograd-viz[png]>=1,<2"')
    hint = rf"{format.lower()} was asked for.*{install}"
    with pytest.raises(RuntimeError, match=hint):
        picture.pipe(format)
    with pytest.raises(RuntimeError, match=hint):
        picture.render("g", format=format)
    with pytest.raises(RuntimeError, match=hint):
        picture.render(outfile=f"g.{format}")
    assert list(bare.iterdir()) == []


def test_a_graph_too_deep_says_so_and_the_next_one_is_drawn(bare: Path, picture: Picture) -> None:
    root = Value(0.0)
    for _ in range(8_000):
        root = root + 1.0
    with pytest.raises(RecursionError, match=r"too deep for the Graphviz .*micrograd-viz\[png\]"):
        draw_dot(root).pipe()
    assert nodes(picture.pipe()) == drawn(picture)


def test_options_that_only_a_dot_has_are_refused_without_one(bare: Path, picture: Picture) -> None:
    with pytest.raises(ValueError, match=r"renderer was given, but only a `dot` on the PATH"):
        picture.pipe("svg", renderer="cairo")
    with pytest.raises(ValueError, match=r"neato_no_op was given, but only a `dot`"):
        picture.render("g", neato_no_op=True)


def test_unknown_formats_and_engines_are_refused(bare: Path, picture: Picture) -> None:
    with pytest.raises(ValueError, match=r"format 'docx' was asked for, .*Ask for one of .*svg"):
        picture.pipe("docx")
    with pytest.raises(ValueError, match=r"unknown engine: 'magic' \(must be one of .*'dot'"):
        picture.pipe(engine="magic")


def test_existing_files_are_kept_where_that_is_asked_for(bare: Path, picture: Picture) -> None:
    (bare / "g.svg").write_text("mine")
    with pytest.raises(graphviz.FileExistsError, match=r"g\.svg is there already"):
        picture.render("g", raise_if_result_exists=True)
    assert (bare / "g.svg").read_text() == "mine"
    picture.render("g")
    assert (bare / "g.svg").read_text() != "mine"


def test_source_and_picture_are_two_files(bare: Path, picture: Picture) -> None:
    with pytest.raises(ValueError, match=r"source and picture would both be written to g\.svg"):
        picture.render("g.svg", outfile="g.svg")
    picture.render("g.svg", outfile="g.svg", overwrite_source=True)
    assert nodes((bare / "g.svg").read_bytes()) == drawn(picture)
    with pytest.raises(ValueError, match=r"raise_if_result_exists and overwrite_source were both"):
        picture.render("g", raise_if_result_exists=True, overwrite_source=True)


def test_text_that_is_not_dot_is_refused_with_graphviz_s_words(bare: Path) -> None:
    with pytest.raises(RuntimeError, match=r"Graphviz refused the text: .*Look for the fault"):
        engines.without_dot("digraph { not dot", "svg", "dot")


def test_a_fault_of_the_engine_is_not_taken_for_depth(
    bare: Path, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: str, layout: str) -> bytes:
        raise MemoryError("no more")

    monkeypatch.setattr(wasi, "render", fail)
    with pytest.raises(MemoryError, match="no more"):
        picture.pipe()
