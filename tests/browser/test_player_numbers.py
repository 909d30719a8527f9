"""At each step of a two-layer network, the numbers on the page are the engine's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from micrograd.engine import Value, gradients, hookimpl, plugins
from micrograd.viz import numbers, trace

if TYPE_CHECKING:
    from .conftest import Page


class Rules:
    """What the engine says of each rule that it runs, and the sums that follow from it."""

    def __init__(self, loss: Value) -> None:
        self.heard: list[dict[str, Any]] = []
        self.sums: dict[Value, Any] = {loss: np.ones(())}
        self.waiting: dict[Value, list[Value]] = {}

    @hookimpl
    def micrograd_rule_ran(self, node: Value, argument: str, g: Any, gradient: Any) -> None:
        wanting = [one for one in node.parents if one is not None and one.requires_grad]
        parent = self.waiting.setdefault(node, wanting).pop(0)
        before = self.sums.get(parent)
        self.sums[parent] = gradient if before is None else before + gradient
        shown = {"g": g, "out": node.data, "result": gradient}
        shown |= {f"input-{place}": one for place, one in enumerate(node.inputs)}
        if before is not None:
            shown |= {"before": before, "sum": self.sums[parent]}
        self.heard.append({"rows": shown, "parent": parent, "sum": self.sums[parent]})


@pytest.fixture
def network() -> tuple[Value, list[Value]]:
    rng = np.random.default_rng(3)
    shapes = {"W1": (2, 3), "b1": (3,), "W2": (3, 1), "b2": (1,)}
    leaves = [Value(rng.normal(size=shape), name=name) for name, shape in shapes.items()]
    w1, b1, w2, b2 = leaves
    hidden = np.tanh(np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]) @ w1 + b1)
    error = hidden @ w2 + b2 - np.array([[0.0], [1], [1], [0]])
    hidden.name, error.name = "hidden", "error"
    loss = (error * error).mean()
    loss.name = "loss"
    return loss, leaves


def rows(page: Page) -> dict[str, Any]:
    """The numbers that stand beside the current step, as a person reads them there."""
    script = """return [...document.querySelectorAll("#step [data-row]")].map(
        (row) => [row.dataset.row, row.querySelector("pre").textContent])"""
    return dict(page.run(script))


def same(shown: dict[str, str], expected: dict[str, Any], exactly: bool) -> None:
    assert shown.keys() == expected.keys()
    for name, text in shown.items():
        array = np.asarray(expected[name])
        if exactly:
            assert json.loads(text) == array.tolist()
        else:
            assert text.splitlines() == numbers.array_lines(array)


@pytest.mark.parametrize("exactly", [True, False], ids=["all digits", "four decimals"])
def test_each_step_shows_what_the_engine_computed(
    show: Callable[..., Page], network: tuple[Value, list[Value]], exactly: bool
) -> None:
    loss, leaves = network
    engine = Rules(loss)
    with plugins.registered(engine):
        final = gradients(loss, leaves)
    values, _ = trace(loss)
    called = sorted((value for value in values if value.op is not None), key=lambda v: v._stamp)
    page = show(loss)
    if exactly:
        page.one("#digits").click()
    assert page.last == 2 + len(called) + len(engine.heard)

    for value in called:
        page.press(Keys.ARROW_RIGHT)
        expected = {f"input-{place}": one for place, one in enumerate(value.inputs)}
        same(rows(page), {**expected, "out": value.data}, exactly)
        assert page.text("#step .phase") == "Forward"

    page.press(Keys.ARROW_RIGHT)
    same(rows(page), {"sum": np.ones(())}, exactly)

    places = {value: place for place, value in enumerate(values)}
    for rule in engine.heard:
        page.press(Keys.ARROW_RIGHT)
        same(rows(page), rule["rows"], exactly)
        assert page.text("#step .phase") == "Backward"
        texts = page.all(f'[data-value="{places[rule["parent"]]}"] text.gradient')
        drawn = [text.get_property("textContent")[10:] for text in texts]
        assert drawn == numbers.array_lines(np.asarray(rule["sum"]))  # in the picture

    page.press(Keys.ARROW_RIGHT)
    assert page.at == page.last
    expected = {f"gradient-{places[leaf]}": g for leaf, g in zip(leaves, final, strict=True)}
    same(rows(page), expected, exactly)


def test_the_picture_fills_in_forward_and_its_gradients_backward(
    show: Callable[..., Page], network: tuple[Value, list[Value]]
) -> None:
    loss, _ = network
    values, _ = trace(loss)
    page = show(loss)
    ops = len([value for value in values if value.op is not None])
    for step in range(1, ops + 1):
        assert len(page.all(".value.waiting")) == ops - step + 1
        page.press(Keys.ARROW_RIGHT)
        assert len(page.all(".op.now")) == len(page.all(".value.now")) == 1
        assert page.all(".value.arrived") == []
    page.press(Keys.ARROW_RIGHT)
    assert len(page.all(".value.arrived")) == 1  # the loss
    page.press(Keys.END)
    assert len(page.all(".value.arrived")) == len(values)
    page.press(Keys.HOME)
    assert page.all(".value.arrived") == []


def test_a_rule_moves_along_the_arrow_of_its_operand(show: Callable[..., Page]) -> None:
    x = Value(3.0, name="x")
    page = show(x * x)
    ends = []
    for _ in range(4):
        page.press(Keys.ARROW_RIGHT)
        ends.append([one.get_attribute("data-position") for one in page.all(".flow[data-from]")])
    assert ends == [["0", "1"], [], ["0"], ["1"]]
