"""save: the format that a file's name ends in."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, hookimpl, plugins, scope
from micrograd.viz import draw_dot, save, tree
from micrograd.viz.picture import Picture


@pytest.fixture
def loss() -> Value:
    x = Value([1.0, 2.0], name="x", requires_grad=False)
    w = Value([0.5, -0.5], name="layers.0.weight")
    with scope("layers.0"):
        h = (x - w).relu()
    out = h.sum()
    out.name = "loss"
    out.backward()
    return out


# --- which format ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        (".svg", b"<?xml"),
        (".html", b"<!DOCTYPE html>"),
        (".mmd", b"flowchart LR"),
        (".json", b'{"nodes"'),
        (".dot", b"digraph {"),
        (".gv", b"digraph {"),
        (".SVG", b"<?xml"),
    ],
)
def test_a_suffix_says_the_format_after_pip_alone(
    bare: Path, loss: Value, suffix: str, start: bytes
) -> None:
    assert save(loss, f"graph{suffix}") == f"graph{suffix}"
    assert draw_dot(loss).save(Path("deep") / f"graph{suffix}") == str(Path("deep/graph")) + suffix
    assert [path.name for path in (bare / "deep").iterdir()] == [f"graph{suffix}"]
    for folder in (bare, bare / "deep"):
        assert (folder / f"graph{suffix}").read_bytes().startswith(start)


def test_with_a_dot_on_the_path_png_and_pdf_are_written(dot: Path, loss: Value) -> None:
    for suffix in ("png", "pdf", "svg"):
        save(loss, f"graph.{suffix}")
        assert f"by dot -Kdot -T{suffix}" in (dot / f"graph.{suffix}").read_text()
    save(loss, "graph.html")
    assert "by dot -Kdot -Tsvg" in (dot / "graph.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_without_an_engine_the_install_line_is_told(bare: Path, loss: Value, suffix: str) -> None:
    install = re.escape('pip install "micrograd-viz[png]>=1,<2"')
    with pytest.raises(RuntimeError, match=rf"{suffix} was asked for.*{install}"):
        save(loss, f"graph.{suffix}")
    assert list(bare.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "got"), [("graph.docx", r"the suffix '\.docx'"), ("graph", "no suffix")]
)
def test_a_suffix_that_tells_no_format_lists_those_that_do(
    bare: Path, loss: Value, name: str, got: str
) -> None:
    known = r"End the name in \.svg, \.png, \.pdf, \.html, \.mmd, \.json or \.dot"
    with pytest.raises(ValueError, match=rf"save: {name} has {got}, which.*{known}"):
        save(loss, name)
    assert list(bare.iterdir()) == []


def test_a_plugin_s_format_has_a_suffix_too(bare: Path, loss: Value) -> None:
    class Mine:
        @hookimpl
        def micrograd_renderers(self) -> Any:
            return {"outline": lambda picture: picture.root.name.encode()}

    with plugins.registered(Mine()):
        save(loss, "graph.outline")
    assert (bare / "graph.outline").read_bytes() == b"loss"


def test_what_draw_dot_can_be_asked_may_be_asked_of_save(bare: Path, loss: Value) -> None:
    save(loss, "graph.dot", depth=1, rankdir="TB", theme="dark")
    asked = draw_dot(loss, depth=1, rankdir="TB", theme="dark").source
    assert (bare / "graph.dot").read_text(encoding="utf-8") == asked


def test_graphviz_s_arguments_are_known(bare: Path, loss: Value) -> None:
    picture = draw_dot(loss)
    assert picture.save() == "Picture.gv"
    assert picture.save("graph.dot", "deep") == str(Path("deep/graph.dot"))
    (bare / "mine.dot").write_text("mine")
    picture.save("mine.dot", skip_existing=True)
    assert (bare / "mine.dot").read_text() == "mine"


# --- each format -------------------------------------------------------------------------------


def test_json_holds_the_graph(bare: Path, loss: Value) -> None:
    found = json.loads(draw_dot(loss).pipe("json"))
    values = [node for node in found["nodes"] if node["kind"] == "value"]
    assert [value["label"] for value in values] == ["x", "layers.0.weight", "", "", "loss"]
    assert values[1] == {
        "name": "v1",
        "kind": "value",
        "module": "layers.0",
        "label": "layers.0.weight",
        "shape": [2],
        "dtype": "float64",
        "requires_grad": True,
        "data": [0.5, -0.5],
        "gradient": [-1.0, -1.0],
    }
    assert values[0]["gradient"] is None
    assert found["edges"][:3] == [
        {"from": "v0", "to": "o0", "position": 1},
        {"from": "v1", "to": "o0", "position": 2},
        {"from": "o0", "to": "v2"},
    ]
    ops = [node for node in found["nodes"] if node["kind"] == "op"]
    assert ops[2]["settings"] == {"axis": "None", "keepdims": "False"}
    assert (found["modules"], found["left_out"]) == (["layers.0"], 0)


def test_json_of_odd_numbers_folded_modules_constants_and_a_cut(bare: Path, loss: Value) -> None:
    root = Value([np.nan, np.inf, 1.0]) * 2 + Value(np.arange(50.0)[:, None])
    nodes = json.loads(draw_dot(root).pipe("json"))["nodes"]
    assert nodes[0]["data"] == ["nan", "inf", 1.0]
    assert nodes[1] == {"name": "c0", "kind": "constant", "module": "", "text": "2"}
    assert nodes[4]["data"] == {"min": 0.0, "max": 49.0}
    folded = json.loads(draw_dot(loss, depth=1).pipe("json"))
    assert [node["path"] for node in folded["nodes"] if node["kind"] == "module"] == ["layers.0"]
    cut = json.loads(draw_dot(loss, max_nodes=1).pipe("json"))
    assert (cut["left_out"], len(cut["nodes"])) == (4, 2)


def test_mermaid_has_every_node_once_and_its_module(bare: Path, loss: Value) -> None:
    text = draw_dot(loss, rankdir="TB").pipe("mmd", encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0] == "flowchart TB"
    start, end = lines.index('subgraph s0["layers.0"]'), lines.index("end")
    inside = [re.match(r"[a-z]+\d+", line)[0] for line in lines[start + 1 : end]]  # type: ignore[index]
    assert inside == ["v1", "o0", "v2", "o1", "v3"]
    assert "v0 -->|1| o0" in lines
    assert text == draw_dot(loss, rankdir="TB", format="mermaid").pipe(encoding="utf-8")
    assert len([line for line in lines if line.startswith("style ")]) == 9  # the frame too


def test_mermaid_is_kept_from_reading_names_as_maths_lines_and_icons() -> None:
    """Each of these was seen in Mermaid 11, which looks for them when it has undone the escapes."""
    value = Value(1.0, name="$$x$$ C:\\new fa:fa-car $1 :fa")
    text = draw_dot(value).pipe("mmd", encoding="utf-8").replace("\u2060", "|")
    assert '["$|$x$|$ C:#92;|new fa:|fa-car $1 :fa<br/>' in text


def test_mermaid_nests_modules_and_marks_what_was_left_out() -> None:
    x = Value(1.0, name='<b>"x"</b> #1')
    with scope("a"), scope("b"):
        y = x.exp()
    text = draw_dot(y.log(), max_nodes=2).pipe("mmd", encoding="utf-8")
    assert "more -.-> o0" in text
    assert 'more["… 1 more node"]' in text
    whole = draw_dot(y.log(), color="grad", theme="dark").pipe("mmd", encoding="utf-8")
    assert '    subgraph s0["a"]\n        subgraph s1["a.b"]\n' in whole
    assert "#lt;b#gt;#quot;x#quot;#lt;/b#gt; #35;1" in whole
    assert "stroke-dasharray" in whole
    assert "m0[[" in draw_dot(y.log(), depth=1).pipe("mmd", encoding="utf-8")
    nothing = draw_dot(Value(1.0, name="bell\a"), show=()).pipe("mmd", encoding="utf-8")
    assert 'v0[" "]' in nothing
    assert "bell#92;x07" in draw_dot(Value(1.0, name="bell\a")).pipe("mmd", encoding="utf-8")


def test_a_page_stands_alone(bare: Path, loss: Value) -> None:
    loss.name = "<loss>"
    text = draw_dot(loss, theme="dark").pipe("html", encoding="utf-8")
    assert text.count("<svg") == 1
    assert "<title>The graph behind &lt;loss&gt;</title>" in text
    assert "color-scheme: dark" in text
    assert "<script" not in text
    links = set(re.findall(r"https?://[^\s\"<]+", text))
    assert links == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # no address
    assert tree(loss).replace("<loss>", "&lt;loss&gt;") in text


def test_a_page_of_what_has_no_name(bare: Path) -> None:
    x = Value(1.0)
    assert "The graph behind tanh<" in draw_dot(x.tanh()).pipe("html", encoding="utf-8")
    assert "The graph behind a Value<" in draw_dot(x).pipe("html", encoding="utf-8")


@pytest.mark.parametrize("format", ["html", "json", "mmd"])
def test_a_picture_without_a_graph_says_so(bare: Path, loss: Value, format: str) -> None:
    for picture in (Picture(), pickle.loads(pickle.dumps(draw_dot(loss)))):
        with pytest.raises(ValueError, match=rf"{format} is written from a graph.*Ask for svg"):
            picture.pipe(format)


def test_texts_are_the_same_each_time(bare: Path, loss: Value) -> None:
    for format in ("html", "json", "mmd"):
        assert draw_dot(loss).pipe(format) == draw_dot(loss).pipe(format)


def test_saving_brings_in_no_renderer_that_is_not_needed(machine: Any) -> None:
    lines, _ = machine.run(
        "import sys; draw_dot(y).pipe('mmd'); print({'wasmtime', 'pygraphviz'} & set(sys.modules))"
    )
    assert lines == ["set()"]
