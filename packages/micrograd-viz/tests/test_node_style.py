"""What plugins may do to the boxes of a picture, and what happens when they do it badly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from micrograd.engine import Value, hookimpl, plugins
from micrograd.viz import draw_dot, escape, looks

if TYPE_CHECKING:
    from .conftest import Machine


class Style:
    """A plugin that answers the same for every Value, and counts how often it is asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[Value] = []

    @hookimpl
    def micrograd_node_style(self, value: Value) -> Any:
        self.asked.append(value)
        return self.answer(value) if callable(self.answer) else self.answer


@pytest.fixture
def graph() -> Value:
    x = Value(2.0, name="x")
    return x * Value(3.0, name="y", requires_grad=False)


def drawn(root: Value, answer: Any) -> list[str]:
    with plugins.registered(Style(answer)):
        return [line for line in draw_dot(root) if 'class="value ' in line]


# --- what comes of an answer -------------------------------------------------------------------


def test_an_attribute_takes_the_place_of_viz_s(graph: Value) -> None:
    for box in drawn(graph, {"fillcolor": "#ff0000", "penwidth": "3"}):
        assert 'fillcolor="#ff0000"' in box
        assert "penwidth=3" in box
    assert 'fillcolor="#fcf4df"' in str(draw_dot(graph))


def test_what_is_not_answered_stays(graph: Value) -> None:
    plain = str(draw_dot(graph))
    for nothing in (None, {}, lambda value: None):
        with plugins.registered(Style(nothing)):
            assert str(draw_dot(graph)) == plain


def test_each_value_is_asked_for_once(graph: Value) -> None:
    x = graph.parents[0]
    for _ in range(10):
        graph = graph * x
    style = Style({"color": "red"})
    with plugins.registered(style):
        text = str(draw_dot(graph))
    assert len(style.asked) == len({id(value) for value in style.asked}) == 13
    assert text.count("color=red") == text.count('class="value') > 13  # x has a box per use


def test_classes_come_together(graph: Value) -> None:
    first, *_ = drawn(graph, {"class": "hot"})
    assert 'class="value parameter hot named"' in first


def test_a_label_takes_the_place_of_the_text(graph: Value) -> None:
    first, *_ = drawn(graph, lambda value: {"label": f"{escape('{a|b}')}|{value.data}"})
    assert r'label="\{a\|b\}|2.0"' in first
    assert all('label=""' in box for box in drawn(graph, {"label": ""}))


def test_text_between_angle_brackets_is_no_markup(graph: Value) -> None:
    first, *_ = drawn(graph, {"tooltip": "<b>unfinished"})
    assert 'tooltip="<b>unfinished"' in first
    assert all('tooltip="<<>"' in box for box in drawn(graph, {"tooltip": "<<>"}))


def test_a_style_knows_the_numbers() -> None:
    x = Value(np.ones(3), name="x")
    loss = (x * x).sum()
    loss.backward()
    boxes = drawn(
        loss, lambda value: {"penwidth": str(float(np.linalg.norm(value.grad)).__round__(2))}
    )
    assert ["penwidth=3.46" in box for box in boxes] == [True, False, False]


def test_the_results_of_one_call_are_each_styled() -> None:
    values, vectors = np.linalg.eigh(Value(np.eye(2)))
    boxes = drawn(values.sum() + vectors.sum(), lambda value: {"xlabel": str(value.shape)})
    assert any('xlabel="(2,)"' in box for box in boxes)


# --- several plugins ---------------------------------------------------------------------------


def test_styles_merge_and_the_earlier_name_has_an_attribute(machine: Machine) -> None:
    machine.style("micrograd-b", "{'color': 'blue', 'penwidth': '2', 'class': 'b'}")
    machine.style("micrograd-a", "{'color': 'red', 'fontcolor': 'green', 'class': 'a'}")
    program = """
class Mine:
    @hookimpl
    def micrograd_node_style(self, value):
        return {"fontcolor": "gold", "class": "mine"}

print(boxes(draw_dot(y))[0])
with plugins.registered(Mine()):
    print(boxes(draw_dot(y))[0])
"""
    (strangers, program_too), _ = machine.run(program)
    assert 'class="value parameter b a named"' in strangers
    assert "color=red" in strangers
    assert "fontcolor=green" in strangers
    assert "penwidth=2" in strangers
    assert 'class="value parameter b a mine named"' in program_too
    assert "fontcolor=gold" in program_too


def test_the_order_of_installation_changes_nothing(machine: Machine, tmp_path: Path) -> None:
    styles = {
        "micrograd-a": "{'color': 'a', 'area': '1'}",
        "micrograd-b": "{'color': 'b', 'sides': '5'}",
    }
    texts = []
    for order in (("micrograd-a", "micrograd-b"), ("micrograd-b", "micrograd-a")):
        one = type(machine)(tmp_path / order[0])
        one.folder.mkdir()
        for name in order:
            one.style(name, styles[name])
        texts.append(one.run("print(draw_dot(y))")[0])
    assert texts[0] == texts[1]
    assert any("area=1" in line and "color=a" in line and "sides=5" in line for line in texts[0])


# --- bad answers -------------------------------------------------------------------------------

JUNK = {
    "42": r"returned int, not a mapping",
    "[('color', 'red')]": r"returned list, not a mapping",
    "{'filcolor': 'red'}": r"'filcolor', which is no attribute of a node; did you mean fillcolor\?",
    "{1: 'red'}": r"returned 1, which is no attribute of a node",
    "{'penwidth': 3}": r"its penwidth is 3, not text",
    "{'color': 'red\\0'}": r"holds a character that no picture may hold",
    "{'color': '\\ud800'}": r"holds a character that no picture may hold",
    "{'label': 'a\\\\'}": r"ends in a single backslash",
    "1 / 0": r"raised ZeroDivisionError",
}


@pytest.mark.parametrize("answer", JUNK)
def test_a_stranger_s_junk_is_left_out_with_one_warning(machine: Machine, answer: str) -> None:
    plain, _ = machine.run("print(draw_dot(y))\nprint(draw_dot(y))")
    machine.style("micrograd-junk", answer)
    machine.style("micrograd-good", "{'sides': '7'}")
    lines, err = machine.run("print(draw_dot(y))\nprint(draw_dot(y))")
    assert [line.replace(" sides=7", "") for line in lines] == plain
    assert sum("sides=7" in line for line in lines) == 6
    assert err.count("PluginWarning: The plugin micrograd-junk was left out") == 1
    assert "MICROGRAD_PLUGINS=-micrograd-junk" in err


@pytest.mark.parametrize(("answer", "message"), JUNK.items())
def test_junk_of_the_program_is_the_program_s_error(
    answer: str, message: str, graph: Value
) -> None:
    if answer == "1 / 0":
        message = "division by zero"
    with pytest.raises((TypeError, ZeroDivisionError), match=message):
        drawn(graph, lambda value: eval(answer))


def test_a_stranger_that_fails_once_styles_nothing_in_that_picture(machine: Machine) -> None:
    machine.style("micrograd-half", "{'color': 'red'} if value.name != 'y' else 1 / 0")
    lines, err = machine.run("print(draw_dot(y)); print(draw_dot(x))")
    assert sum("color=red" in line for line in lines) == 1  # the second picture is without y
    assert err.count("PluginWarning") == 1


# --- what it costs -----------------------------------------------------------------------------


@pytest.fixture
def no_calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("plugins were asked for each Value")

    monkeypatch.setattr(plugins, "call_each", fail)
    return


@pytest.mark.usefixtures("no_calls")
def test_where_no_plugin_styles_nodes_nobody_is_asked(graph: Value) -> None:
    before = str(draw_dot(graph))
    assert looks.looks(graph, [graph])[graph]["class"] == "value output"
    with pytest.raises(AssertionError, match="were asked"):
        drawn(graph, None)
    assert str(draw_dot(graph)) == before
