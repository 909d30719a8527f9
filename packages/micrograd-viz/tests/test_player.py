"""What the player tells is what the engine did, and nothing is left behind."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, gradients, hookimpl, op, ops, plugins
from micrograd.viz import play
from micrograd.viz.player import picture

Story = dict[str, Any]


@pytest.fixture(autouse=True)
def drawn_by_what_pip_brings(bare: Path) -> None:
    """The same picture on every machine."""


def two_layers() -> tuple[Value, list[Value]]:
    """A network in which one Value is used twice and two are broadcast."""
    rng = np.random.default_rng(7)
    shapes = {"W1": (2, 3), "b1": (3,), "W2": (3, 1), "b2": (1,)}
    leaves = [Value(rng.normal(size=shape), name=name) for name, shape in shapes.items()]
    w1, b1, w2, b2 = leaves
    error = np.tanh(rng.normal(size=(4, 2)) @ w1 + b1) @ w2 + b2 - rng.normal(size=(4, 1))
    error.name = "error"
    loss = (error * error).mean()
    loss.name = "loss"
    return loss, leaves


def told(loss: Value, gradient: Any = None) -> Story:
    """The story in a page, as the page itself reads it."""
    html = play(loss, gradient=gradient).html
    match = re.search(r'<script type="application/json" id="story">(.*?)</script>', html)
    assert match is not None
    return dict(json.loads(match[1]))


def numbers(story: Story, place: int) -> Any:
    return story["facts"][place]["numbers"]


def of_kind(story: Story, kind: str) -> list[Any]:
    return [step for step in story["steps"] if step["kind"] == kind]


class Listener:
    """Hears of every rule, as anybody may."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, Any, Any]] = []

    @hookimpl
    def micrograd_rule_ran(self, node: Value, argument: str, g: Any, gradient: Any) -> None:
        self.heard.append((node.op.name, argument, g.tolist(), gradient.tolist()))


# --- the steps are what the engine did ---------------------------------------------------------


def test_every_rule_is_a_step_in_the_engine_s_order_with_its_numbers() -> None:
    loss, leaves = two_layers()
    listener = Listener()
    with plugins.registered(listener):
        gradients(loss, leaves)
    story = told(loss)
    assert [
        (step["op"], step["argument"], numbers(story, step["g"][0]), numbers(story, step["result"]))
        for step in of_kind(story, "rule")
    ] == listener.heard


def test_forward_goes_in_the_order_in_which_the_ops_were_called() -> None:
    x = Value(2.0, name="x")
    second, first = x.exp(), x.tanh()  # the sum asks for them the other way round
    story = told(first + second)
    assert [step["op"] for step in of_kind(story, "forward")] == ["exp", "tanh", "add"]
    kinds = [step["kind"] for step in story["steps"]]
    assert kinds == ["start", *["forward"] * 3, "seed", *["rule"] * 4, "end"]


def test_the_last_sums_are_the_gradients_to_the_last_digit() -> None:
    loss, leaves = two_layers()
    story = told(loss)
    values = {value["name"]: value for value in story["values"]}
    for leaf, gradient in zip(leaves, gradients(loss, leaves), strict=True):
        assert numbers(story, values[leaf.name]["gradient"]) == gradient.tolist()
        assert numbers(story, values[leaf.name]["data"]) == leaf.data.tolist()
    (end,) = of_kind(story, "end")
    shown = {story["values"][one["value"]]["name"] for one in end["gradients"]}
    assert shown == {leaf.name for leaf in leaves}


def test_several_outputs_are_played_from_the_gradient_that_is_given() -> None:
    x = Value([1.0, 2.0, 3.0], name="x")
    y = x * x
    y.name = "y"
    g = np.array([1.0, 10.0, 0.0], np.float32)
    story = told(y, g)
    (start,), (end,) = of_kind(story, "seed"), of_kind(story, "end")
    assert numbers(story, start["sum"]) == [1.0, 10.0, 0.0]
    assert start["text"].startswith(
        "The gradient of y was given: what follows is that of sum(g * y)."
    )
    assert start["maths"] == "d sum(g * y)/d y = g"
    assert numbers(story, end["gradients"][0]["fact"]) == [2.0, 40.0, 0.0]
    assert told(y, Value(g)) == story
    assert not x.has_grad


def test_a_single_output_may_be_given_its_gradient_too() -> None:
    x = Value(3.0, name="x")
    story = told(x * x, -0.5)
    (end,) = of_kind(story, "end")
    assert numbers(story, end["gradients"][0]["fact"]) == -3.0
    assert of_kind(story, "seed")[0]["text"].startswith("The gradient of v1 was given")


def test_where_paths_meet_the_running_sum_is_shown_share_by_share() -> None:
    x = Value(3.0, name="x")
    story = told(x * x * x)
    shares = [
        step
        for step in of_kind(story, "rule")
        if story["values"][step["parent"]]["kind"] == "parameter"
    ]
    assert [(step["share"], step["shares"]) for step in shares] == [(1, 3), (2, 3), (3, 3)]
    assert [numbers(story, step["sum"]) for step in shares] == [9.0, 18.0, 27.0]
    assert shares[0]["before"] is None
    assert [numbers(story, step["before"]) for step in shares[1:]] == [9.0, 18.0]


def test_what_arrives_at_a_node_is_the_sum_of_its_shares() -> None:
    story = told(two_layers()[0])
    sums: dict[int, int] = {step["parent"]: step["sum"] for step in of_kind(story, "seed")}
    for step in of_kind(story, "rule"):
        assert step["g"] == [sums[step["call"]]]
        sums[step["parent"]] = step["sum"]


def test_each_rule_comes_with_its_maths_and_each_op_with_its_sentence() -> None:
    story = told(Value(0.5).tanh())
    (rule,) = of_kind(story, "rule")
    (call,) = of_kind(story, "forward")
    assert rule["maths"] == (ops.tanh.op.rule(0).__doc__ or "").strip()
    assert call["maths"] == (ops.tanh.__doc__ or "").strip()


def test_an_op_without_docstrings_can_be_played() -> None:
    @op
    def double(x: Any) -> Any:
        return 2 * x

    @double.gradient("x")
    def _(g: Any, out: Any, x: Any) -> Any:
        return 2 * g

    story = told(double(Value(1.0)))
    assert {step["maths"] for step in story["steps"][1:-1]} >= {"Its author wrote no docstring."}


def test_of_an_op_s_docstring_the_first_paragraph_is_shown() -> None:
    @op
    def same(x: Any) -> Any:
        """What was
        given.

        And a story that nobody has asked for.
        """
        return x * 1

    @same.gradient("x")
    def _(g: Any, out: Any, x: Any) -> Any:
        """g

        because it is the same
        """
        return g * 1

    story = told(same(Value(1.0)))
    assert [step["maths"] for step in of_kind(story, "forward")] == ["What was\ngiven."]
    assert [step["maths"] for step in of_kind(story, "rule")] == ["g\n\nbecause it is the same"]


def test_a_constant_that_an_op_made_keeps_no_operands() -> None:
    story = told(Value(2.0, requires_grad=False).tanh() * Value(1.0, name="x"))
    titles = [step["title"] for step in of_kind(story, "forward")]
    assert titles == ["v1 = tanh(…)", "v2 = v1 * x"]
    assert story["values"][0]["gradient"] is None


def test_an_argument_that_was_not_given_is_not_shown() -> None:
    @op
    def scaled(x: Any, factor: Any) -> Any:
        return x * (2 if factor is None else factor)

    @scaled.gradient("x")
    def _(g: Any, out: Any, x: Any, factor: Any) -> Any:
        return g * (2 if factor is None else factor)

    @scaled.gradient("factor")
    def _(g: Any, out: Any, x: Any, factor: Any) -> Any:
        return g * x

    story = told(scaled(Value(1.0, name="x"), None))
    (call,) = of_kind(story, "forward")
    assert call["title"] == "v1 = scaled(x)"
    assert [one["argument"] for one in call["inputs"]] == ["x"]


def test_operands_of_one_name_are_told_apart() -> None:
    x, constant = Value([1.0, 2.0], name="x"), Value([5.0], requires_grad=False)
    y = Value([3.0], name="y")
    story = told((np.concatenate([x, constant, y, x]) * np.arange(6.0)).sum())
    rules = [step for step in of_kind(story, "rule") if step["op"] == "concatenate"]
    given = [
        (step["position"], story["values"][step["parent"]]["name"], numbers(story, step["result"]))
        for step in rules
    ]
    assert given == [(0, "x", [0.0, 1.0]), (2, "y", [3.0]), (3, "x", [4.0, 5.0])]


def test_an_op_with_several_results_is_one_step_and_its_gradients_come_together() -> None:
    x = Value([[2.0, 1.0], [1.0, 3.0]], name="x")
    vectors_of = np.linalg.eigh(x)
    story = told(vectors_of[0].sum())
    (call,) = (step for step in of_kind(story, "forward") if step["op"] == "eigh")
    assert len(call["out"]) == 2
    (rule,) = (step for step in of_kind(story, "rule") if step["op"] == "eigh")
    assert [numbers(story, one) for one in rule["g"]] == [[1.0, 1.0], [[0.0, 0.0], [0.0, 0.0]]]
    assert np.allclose(numbers(story, rule["result"]), np.eye(2))


def test_broadcasting_that_the_engine_undid_is_said() -> None:
    x, bias = Value(np.ones((4, 3))), Value(np.zeros(3), name="bias")
    notes = [step["note"] for step in of_kind(told((x + bias).sum()), "rule")]
    assert notes == [
        "",
        "",
        "bias was broadcast from (3,) to (4, 3); the engine summed the rule's result back to (3,).",
    ]


def test_a_leaf_that_was_frozen_later_has_no_steps() -> None:
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    product = x * y
    y.requires_grad = False
    assert [step["argument"] for step in of_kind(told(product), "rule")] == ["x"]


def test_large_arrays_are_summarised_and_numbers_that_are_none_are_words() -> None:
    large = Value(np.full((30, 30), 0.5), name="large")
    with np.errstate(all="ignore"):
        story = told((large * np.inf).sum())
    assert {"shape": "(30, 30)", "lines": ["(30, 30)  0.5", "norm 15.0"], "numbers": None} in (
        story["facts"]
    )
    assert {"shape": "()", "lines": ["inf"], "numbers": "inf"} in story["facts"]


def test_single_precision_stays_exact() -> None:
    story = told(Value(0.1, name="x", dtype=np.float32) * 3)
    (x,) = (value for value in story["values"] if value["name"] == "x")
    assert (x["dtype"], numbers(story, x["data"])) == ("float32", float(np.float32(0.1)))


def test_unnamed_values_are_counted_past_the_names_that_are_taken() -> None:
    x = Value(1.0, name="v2")
    blank = x.exp()
    blank.name = " "
    story = told(blank.tanh())
    assert [value["name"] for value in story["values"]] == ["v2", "v1", "v3"]


# --- nothing is left behind --------------------------------------------------------------------


def test_no_gradient_changes() -> None:
    loss, leaves = two_layers()
    play(loss)
    assert not any(value.has_grad for value in (loss, *leaves))
    loss.backward()
    before = [leaf.grad.copy() for leaf in leaves]
    play(loss)
    assert all((leaf.grad == one).all() for leaf, one in zip(leaves, before, strict=True))


def test_nobody_listens_afterwards() -> None:
    known = list(plugins.manager.get_plugins())
    play(two_layers()[0])
    assert plugins.listeners("micrograd_rule_ran") == []
    assert set(plugins.manager.get_plugins()) == set(known)


def test_nobody_listens_after_a_pass_that_failed() -> None:
    x = Value(2.0, name="x")
    y = x * x
    x.data = 3.0
    with pytest.raises(
        RuntimeError, match=r"multiply used x of shape \(\), whose data has changed"
    ):
        play(y)
    assert plugins.listeners("micrograd_rule_ran") == []


def test_no_style_stays_after_a_drawing_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    known = set(plugins.manager.get_plugins())
    x = Value(2.0)

    def fail(root: Value) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr(picture, "draw_dot", fail)
    with pytest.raises(RuntimeError, match="no ink"):
        play(x * x)
    assert set(plugins.manager.get_plugins()) == known


def test_what_another_thread_computes_is_no_step() -> None:
    leaf = Value(2.0)

    @op
    def watched(x: Any) -> Any:
        return x * 1

    @watched.gradient("x")
    def _(g: Any, out: Any, x: Any) -> Any:
        """While this rule runs, somebody else computes a gradient of the same leaf."""
        other = threading.Thread(target=leaf.exp().backward)
        other.start()
        other.join()
        return g

    assert [step["op"] for step in of_kind(told(watched(leaf)), "rule")] == ["watched"]
