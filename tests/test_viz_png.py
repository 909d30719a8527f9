"""With the extra [png], pictures become PNG and PDF on a machine without a `dot`; and with one."""

from __future__ import annotations

import shutil
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from micrograd.engine import Value
from micrograd.viz import draw_dot, engines, save

pytest.importorskip("pygraphviz", reason="the extra micrograd-viz[png] is not installed")


@pytest.fixture(autouse=True)
def without_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("format", "start"), [("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-")])
def test_a_picture_becomes_a_file_of_the_format(format: str, start: bytes, tmp_path: Path) -> None:
    x = Value([[1.0, 2.0], [3.0, 4.0]], name="ж|<x>")
    loss = (x * x - x / 2).sum()
    loss.backward()
    assert draw_dot(loss, format=format).render("graph") == f"graph.{format}"
    assert (tmp_path / f"graph.{format}").read_bytes().startswith(start)


@pytest.fixture
def dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A `dot` on the PATH: this machine's, or Graphviz as pygraphviz brings it, as a command."""
    if DOT is not None:
        folder = Path(DOT).parent
    elif sys.platform == "win32":
        pytest.skip("Windows takes no script for dot.exe: install Graphviz, and this test runs it")
    else:
        folder = tmp_path / "bin"
        folder.mkdir()
        program = folder / "dot"
        program.write_text(f"#!{sys.executable}\n{COMMAND}")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(engines, "without_dot", None)  # would fail if it were called


DOT = shutil.which("dot")
COMMAND = """
import sys, pygraphviz
told = {one[:2]: one[2:] for one in sys.argv[1:]}
graph = pygraphviz.AGraph(string=sys.stdin.read())
sys.stdout.buffer.write(graph.draw(format=told["-T"], prog=told["-K"]))
"""
STARTS = {
    "svg": b"<?xml",
    "png": b"\x89PNG\r\n",
    "pdf": b"%PDF-",
    "html": b"<!DOCTYPE html>",
    "mmd": b"flowchart LR",
    "json": b'{"nodes": [',
    "dot": b"digraph {",
}


@pytest.mark.parametrize("suffix", STARTS)
def test_with_a_dot_every_format_is_written(dot: None, suffix: str, tmp_path: Path) -> None:
    x = Value([[1.0, 2.0], [3.0, 4.0]], name='ж|<x>{}"')
    path = tmp_path / f"graph.{suffix}"
    assert save((x * x).sum(), path) == str(path)
    data = path.read_bytes()
    assert data.startswith(STARTS[suffix])
    if suffix in ("svg", "html"):
        assert 'ж|&lt;x&gt;{}"'.encode() in data.replace(b"&quot;", b'"')
        assert data.count(b'class="node ') == 5


def test_svg_comes_from_pygraphviz_too_and_is_whole() -> None:
    root = Value(0.0, name="start")
    for _ in range(1_000):
        root = root + 1.0
    svg = ET.fromstring(draw_dot(root).pipe())
    groups = (g.get("class", "").split() for g in svg.iter("{http://www.w3.org/2000/svg}g"))
    assert sum("node" in classes for classes in groups) == 3_001


def test_a_fault_in_the_text_is_an_error() -> None:
    with pytest.raises(RuntimeError, match=r"refused the text, or cannot write png: .*Ask for svg"):
        engines.without_dot("digraph { not dot", "png", "dot")
