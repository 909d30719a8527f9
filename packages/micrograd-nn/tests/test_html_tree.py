"""A notebook shows a network as a tree that folds, in markup that a page can trust."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from micrograd.engine import Value, ops
from micrograd.nn import MLP, BatchNorm1d, Linear, Module, ReLU, Sequential, TransformerBlock

from .small_modules import Everything, Leaf


class Lines(HTMLParser):
    """The lines of a tree as (depth, text, count, whether it is unfolded or None), as one reads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.lines: list[list[object]] = []
        self.unfolded: bool | None = None
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag == "details":
            self.unfolded = "open" in dict(attributes)
        if tag == "span" and not re.search(
            "inline-flex|opacity", dict(attributes).get("style", "")
        ):
            depth = self.open.count("details") - ("summary" in self.open)
            self.lines.append([depth, "", "", self.unfolded if "summary" in self.open else None])
        self.open.append("count" if "opacity" in str(attributes) else tag)

    def handle_endtag(self, tag):
        opened = self.open.pop()
        assert tag == ("span" if opened == "count" else opened)

    def handle_data(self, data):
        self.lines[-1][2 if "count" in self.open else 1] += data


def lines(module: Module) -> list[tuple[object, ...]]:
    return [tuple(line) for line in Lines(module._repr_html_()).lines]


def test_a_network_is_a_tree_with_the_numbers_of_each_part():
    assert lines(MLP(2, [4, 1])) == [
        (0, "MLP", "17 parameters", True),
        (1, "layers.0: Linear(2, 4)", "12", False),
        (2, "weight: (2, 4)", "8", None),
        (2, "bias: (4,)", "4", None),
        (1, "layers.1: Linear(4, 1)", "5", False),
        (2, "weight: (4, 1)", "4", None),
        (2, "bias: (1,)", "1", None),
        (1, "activation: relu", "", None),
    ]


def test_every_place_of_a_part_has_its_line_and_modules_in_modules_are_unfolded():
    model = Sequential(Everything(), ops.relu, ReLU())
    shown = lines(model)
    assert [line[1] for line in shown if line[0] < 3] == [
        "Sequential",
        "0: Everything",
        "z: ()",
        "a: (2,)",
        "pair.0: (1,)",
        "pair.1: Linear(2, 3)",
        "table.left: Linear(3, 1, bias=False)",
        "table.right.0: (1,)",
        "table.right.1.deep: ()",
        "1: relu",
        "2: ReLU()",
    ]
    assert shown[1][2:] == ("18", True)
    assert lines(Module()) == [(0, "Module()", "0 parameters", None)]


def test_equal_neighbours_share_a_line():
    blocks = [TransformerBlock(8, 2) for _ in range(3)]
    shown = lines(Sequential(*blocks, Linear(8, 1)))
    each = sum(p.size for p in blocks[0].parameters())
    assert shown[0][2] == f"{3 * each + 9:,} parameters"
    outer = [line[1:] for line in shown if line[0] == 1]
    assert outer[0] == ("0-2: 3 x TransformerBlock", f"3 x {each:,}", True)
    assert outer[1][:2] == ("3: Linear(8, 1)", "9")


def test_frozen_parameters_buffers_and_other_dtypes_are_marked():
    model = Sequential(Linear(2, 3, dtype=np.float32).requires_grad_(False), BatchNorm1d(3))
    texts = [line[1] for line in lines(model)]
    assert lines(model)[0][2] == "15 parameters, 9 frozen, 7 in buffers"
    assert "weight: (2, 3) float32 frozen" in texts
    assert "running_mean: (3,) buffer" in texts


def test_tied_weights_are_told_where_they_are_and_counted_once():
    model = Module()
    model.first, model.second = Linear(2, 2), Linear(2, 2)
    model.second.weight = model.first.weight
    shown = lines(model)
    assert shown[0][2] == "8 parameters"
    assert (2, "weight: (2, 2) the same as first.weight", "", None) in shown


def test_a_circle_ends():
    parent, child = Module(), Leaf()
    parent.child, child.parent = child, parent
    assert [line[1] for line in lines(parent)] == [
        "Module",
        "child: Leaf",
        "w: ()",
        "parent: Module(), see above",
    ]


def test_nothing_that_a_module_says_becomes_markup():
    class Odd(Module):
        def extra_repr(self) -> str:
            return "<script>alert('&')</script>"

    Odd.__name__ = "<img src=x>"
    model = Module()
    setattr(model, "<b>bold</b>", Odd())
    model.table = {'"<i>': Value(1.0)}
    html = model._repr_html_()
    assert not re.search("<(script|img|b>bold|i>)", html)
    assert [line[1] for line in lines(model)][1:] == [
        "<b>bold</b>: <img src=x>(<script>alert('&')</script>)",
        'table."<i>: ()',
    ]


def test_nothing_is_run_and_nothing_changes():
    class Refuses(Module):
        def __init__(self) -> None:
            self.inner = Linear(2, 2)

        def forward(self, x):
            raise AssertionError("a forward was run")

    model = Refuses()
    before = {name: array.copy() for name, array in model.state_dict().items()}
    assert "Refuses" in model._repr_html_()
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_the_colours_are_the_page_s():
    assert not re.search(r"[^-]color:|background|#[0-9a-f]{3}", MLP(2, [2])._repr_html_())


@pytest.mark.parametrize("model", [MLP(3, [4, 2]), Sequential(Linear(1, 2), ops.relu)])
def test_the_printed_tree_tells_the_same_modules(model: Module):
    printed = re.findall(r"^  (\S+): (\S.*)$", repr(model), flags=re.MULTILINE)
    assert [f"{path}: {text}" for path, text in printed] == [
        line[1] for line in lines(model) if line[0] == 1
    ]
