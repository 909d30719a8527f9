"""The text of a picture, letter by letter: each graph below has files in golden/.

NAME.dot is for Graphviz and NAME.txt the tree; some have NAME.mmd and NAME.json. Networks of nn
have theirs in the suite that crosses packages.

After a change that is meant, `python test_golden.py write` writes the files anew; read the
difference before you keep it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, op, scope
from micrograd.viz import draw_dot, tree

GOLDEN = Path(__file__).with_name("golden")


def scalar_expression() -> Value:
    x, y = Value(2.0, name="x"), Value(-3.0, name="y")
    z = x * y + x
    z.name = "z"
    z.backward()
    return z


def before_backward() -> Value:
    return Value(2.0, name="x") * Value(-3.0, name="y")


def repeated_operand() -> Value:
    x = Value(3.0, name="x")
    out = x * x - x
    out.backward()
    return out


def constants() -> Value:
    x = Value([1.0, 2.0], name="x")
    out = (2 - x * 2 + np.array([10, 20])) ** 2.0 + np.ones((2, 1))
    out.sum().backward()
    return out


def broadcasting() -> Value:
    a = Value([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], name="a")
    b = Value([1.0, 0.0, -1.0], name="b", requires_grad=False)
    out = (a + b).sum(axis=0, keepdims=True)
    out.backward(gradient=np.ones((1, 3)))
    return out


def no_axes() -> Value:
    return Value(7.0)


def empty_array() -> Value:
    out = Value(np.zeros((0, 3)), name="nothing").sum()
    out.backward()
    return out


def odd_names() -> Value:
    names = ['a|b<c>{d}"q"', r"C:\new\N \" &lt; & back\ ", "ж 漢字 naïve", "two\nlines", "bell\a"]
    values = [Value(float(i), name=name) for i, name in enumerate(names)]
    out = values[0] + values[1] + values[2] + values[3] + values[4]
    out.name = "<b>bold</b>"
    return out


def unnamed() -> Value:
    return np.exp(Value([0.5, 1.0]) @ Value([[1.0, 0.0], [0.0, 1e-9]]))


def large_arrays() -> Value:
    weights = np.linspace(-1.0, 1.0, 60).reshape(6, 10)
    weights[0, 0] = np.nan
    return Value(weights, name="w") + Value(np.ones((2, 2, 2, 1, 1)), name="ones")


def in_scopes() -> Value:
    x = Value([[1.0, 2.0]], name="x", requires_grad=False)
    w = Value([[1.0], [2.0]], name="layers.0.weight")
    with scope("layers"), scope("0"):
        h = (x @ w).relu()
    return h.sum()


def often_used() -> Value:
    w, h = Value(0.5, name="w"), Value(1.0, name="h")
    for _ in range(9):
        h = h * w
    h.backward()
    return h


def plugin_op() -> Value:
    @op
    def halves(x, *, at=1):  # type: ignore[no-untyped-def]
        return x[:at], x[at:]

    @halves.gradient("x")
    def _(g, out, x):  # type: ignore[no-untyped-def]
        return np.concatenate(g)

    first, second = halves(Value([1.0, 2.0, 3.0], name="x"), at=2)
    out = first.sum() / second.sum()
    out.backward()
    return out


def layers() -> Value:
    """Two layers, of which the second is dead, and so the first has no gradient."""
    h = Value(np.arange(8.0).reshape(2, 4), name="x", requires_grad=False)
    for layer, bias in enumerate((0.5, -99.0)):
        w = Value(np.full((4, 4), 0.25), name=f"layers.{layer}.weight")
        b = Value(np.full(4, bias), name=f"layers.{layer}.bias")
        with scope("layers"), scope(str(layer)):
            h = (h @ w + b).relu()
    h = h.sum()
    h.backward()
    return h


GRAPHS: dict[str, Callable[[], Value]] = {
    graph.__name__: graph
    for graph in (
        scalar_expression,
        before_backward,
        repeated_operand,
        constants,
        broadcasting,
        no_axes,
        empty_array,
        odd_names,
        unnamed,
        large_arrays,
        in_scopes,
        often_used,
        plugin_op,
        layers,
    )
}
PICTURES: dict[str, tuple[Callable[[], Value], dict[str, Any]]] = {
    **{name: (graph, {}) for name, graph in GRAPHS.items()},
    "layers_folded": (layers, {"depth": 1, "rankdir": "TB"}),
    "layers_by_gradient": (layers, {"color": "grad", "show": ("name", "op", "grad")}),
    "layers_cut": (layers, {"max_nodes": 4, "theme": "dark"}),
}
OTHERS = ("broadcasting", "odd_names", "layers", "layers_folded", "layers_cut")
"""Have files in Mermaid and JSON too."""


def texts() -> dict[str, str]:
    """What each file in golden/ should hold."""
    found = {f"{name}.txt": tree(graph()) + "\n" for name, graph in GRAPHS.items()}
    for name, (graph, wishes) in PICTURES.items():
        picture = draw_dot(graph(), **wishes)
        found[f"{name}.dot"] = picture.source
        for format in ("mmd", "json") if name in OTHERS else ():
            found[f"{name}.{format}"] = picture.pipe(format, encoding="utf-8")
    return found


FOUND = texts()


@pytest.mark.parametrize("file", FOUND)
def test_a_graph_gives_its_golden_text(file: str) -> None:
    assert FOUND[file] == (GOLDEN / file).read_text(encoding="utf-8")


def test_every_golden_file_has_its_graph() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(FOUND)


def test_the_text_does_not_depend_on_the_process() -> None:
    def digest(seed: str) -> str:
        run = subprocess.run(
            [sys.executable, __file__, "digest"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout.strip()

    assert digest("0") == digest("1") == digest("4242") == _digest()


def test_drawing_twice_gives_the_same_text() -> None:
    root = scalar_expression()
    assert draw_dot(root).source == draw_dot(root).source


def _digest() -> str:
    return hashlib.sha256("".join(texts().values()).encode()).hexdigest()


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        for file, text in FOUND.items():
            (GOLDEN / file).write_text(text, encoding="utf-8", newline="\n")
    print(_digest())
