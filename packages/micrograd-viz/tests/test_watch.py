"""What a watcher sees, and that it changes nothing."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, compile, ops, plugins, scope
from micrograd.viz import Watcher, watch

from .small_nets import Net, Parts, data, learn, loss_of

LISTENING = plugins.listeners("micrograd_rule_ran")


@pytest.fixture(autouse=True)
def nobody_listens_afterwards() -> Any:
    assert LISTENING == []
    yield
    gc.collect()
    assert LISTENING == []


def seen(net: Any, loss: Value, **settings: Any) -> Watcher:
    """A watcher that saw one step."""
    with watch(net, **settings) as watcher:
        learn(net, loss)
        watcher.step()
    return watcher


# -- the numbers ----------------------------------------------------------------------------------


def test_the_numbers_are_those_that_one_computes_by_hand() -> None:
    net = Net(3, 5, 1)
    x, y = data()
    before = [parameter.data.copy() for parameter in net.parameters()]
    hidden = np.maximum(x @ before[0] + before[1], 0.0)
    out = hidden @ before[2] + before[3]
    g_out = 2 * (out - y) / len(y)
    g_hidden = g_out @ before[2].T
    with watch(net) as watcher:
        learn(net, ((net(x) - y) ** 2).mean())
        watcher.step()
    assert watcher.last is not None
    first, second = watcher.last.readings
    assert (first.layer, first.bend, second.layer, second.bend) == (
        "layers.0",
        "relu",
        "layers.1",
        "",
    )
    for reading, array, g in ((first, hidden, g_hidden), (second, out, g_out)):
        assert reading.output_mean == pytest.approx(array.mean())
        assert reading.output_std == pytest.approx(array.std())
        assert reading.zeros == pytest.approx(np.mean(array == 0))
        assert reading.output_gradient == pytest.approx(np.sqrt(np.mean(g * g)))
    for reading, at in ((first, 0), (second, 2)):
        weights = np.concatenate([array.ravel() for array in before[at : at + 2]])
        step = np.concatenate([p.data.ravel() for p in net.parameters()[at : at + 2]]) - weights
        assert reading.weight_norm == pytest.approx(np.linalg.norm(weights))
        assert reading.gradient_norm == pytest.approx(np.linalg.norm(step) / 0.1)
        assert reading.update == pytest.approx(np.linalg.norm(step) / np.linalg.norm(weights))
    assert int(watcher.counts["layers.0"].outputs.counts.sum()) == hidden.size
    assert int(watcher.counts["layers.0"].gradients.counts.sum()) == np.count_nonzero(g_hidden)


def test_training_ends_with_the_same_bits() -> None:
    def train(watched: bool) -> list[bytes]:
        net = Net(3, 8, 8, 1, bend=Value.tanh)
        watcher = watch(net, every=3) if watched else None
        for _ in range(20):
            learn(net, loss_of(net))
            if watcher is not None:
                watcher.step()
        if watcher is not None:
            watcher.close()
            assert len(watcher.samples) == 7
        return [parameter.data.tobytes() for parameter in net.parameters()]

    assert train(watched=True) == train(watched=False)


def test_nobody_listens_between_samples() -> None:
    net = Net(3, 4, 1)
    listening = []
    with watch(net, every=4) as watcher:
        for _ in range(9):
            listening.append(len(LISTENING))
            learn(net, loss_of(net))
            watcher.step()
    assert listening == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert [sample.step for sample in watcher.samples] == [1, 5, 9]
    assert watcher.steps == 9


def test_the_graph_is_let_go() -> None:
    net = Net(3, 4, 1)
    watcher = watch(net, every=1)
    loss = loss_of(net)
    gone = weakref.ref(loss.parents[0])
    learn(net, loss)
    watcher.step()
    del loss
    assert gone() is None
    watcher.close()


def test_a_watcher_that_nobody_holds_no_longer_listens() -> None:
    watcher = watch(Net(3, 4, 1))
    assert len(LISTENING) == 1
    del watcher
    gc.collect()
    assert LISTENING == []


# -- whose node is it? ----------------------------------------------------------------------------


def test_an_activation_inside_the_layer_is_its_output() -> None:
    weight = Value(np.eye(2))
    with scope("one"):
        inside = (Value([[1.0, -2.0]]) @ weight).relu()
    (reading,) = seen(Parts(one__weight=weight), inside.sum()).last.readings  # type: ignore[union-attr]
    assert (reading.bend, reading.output_mean, reading.dead) == ("relu", 0.5, 0.5)


@pytest.mark.parametrize("bend", [lambda x: np.maximum(x, 0), lambda x: np.maximum(0.0, x)])
def test_a_maximum_with_0_is_a_relu(bend: Any) -> None:
    by_hand, named = Net(3, 5, 1, bend=bend), Net(3, 5, 1)
    one, other = (seen(net, loss_of(net)).last for net in (by_hand, named))
    assert one == other


def test_what_else_uses_the_output_does_not_hide_it() -> None:
    """x · σ(x): the youngest node that uses x is no activation, so x itself is told."""
    weight = Value(np.eye(2))
    with scope("one"):
        out = Value([[1.0, 3.0]]) @ weight
    (reading,) = seen(Parts(one__weight=weight), (out * out.sigmoid()).sum()).last.readings  # type: ignore[union-attr]
    assert (reading.bend, reading.output_mean) == ("", 2.0)


def test_layers_in_layers() -> None:
    """What the inner layer puts out is used outside of it; so is what the outer one puts out."""
    inner, outer = Value([[2.0]]), Value([[3.0]])
    with scope("block"):
        x = np.array([[1.0]]) @ outer
        with scope("inner"):
            y = x @ inner
        z = y.tanh() + x
    last = seen(Parts(block__scale=outer, block__inner__weight=inner), (z * z).sum()).last
    assert last is not None
    block, within = last.readings
    assert (block.output_mean, block.bend) == (pytest.approx(np.tanh(6.0) + 3.0), "")
    assert (within.output_mean, within.bend) == (pytest.approx(np.tanh(6.0)), "tanh")


def test_what_an_inner_layer_puts_out_is_the_outer_one_s_output_if_it_leaves_both() -> None:
    """As in self-attention, whose last part is a linear layer of its own."""
    inner, outer = Value([[2.0]]), Value([[3.0]])
    with scope("block"):
        x = np.array([[1.0]]) @ outer
        with scope("inner"):
            y = x @ inner
    last = seen(Parts(block__scale=outer, block__inner__weight=inner), (y * y).sum()).last
    assert last is not None
    assert [reading.output_mean for reading in last.readings] == [6.0, 6.0]
    assert [reading.output_gradient for reading in last.readings] == [12.0, 12.0]


def test_parameters_of_the_model_itself() -> None:
    net = Parts(weight=Value([[2.0], [1.0]]), bias=Value([0.5]))
    weight, bias = net.parameters.values()
    watcher = seen(net, ((np.ones((4, 2)) @ weight + bias).relu() - 1.0).sum())
    (reading,) = watcher.last.readings  # type: ignore[union-attr]
    assert (reading.name, reading.bend, reading.output_mean) == ("(model)", "relu", 3.5)


def test_a_layer_that_is_used_twice_adds_up() -> None:
    net = Net(2, 2, 2)
    once = net.layer(0, np.ones((3, 2)))
    twice = net.layer(0, once.tanh())
    watcher = seen(net, net.layer(1, twice.tanh()).sum())
    both = np.concatenate([np.tanh(once.data), np.tanh(twice.data)])
    reading = watcher.last.readings[0]  # type: ignore[union-attr]
    assert watcher.counts["layers.0"].size == 12
    assert reading.output_mean == pytest.approx(both.mean())


def test_a_batch_in_portions_adds_up() -> None:
    whole, portions = Net(3, 5, 1), Net(3, 5, 1)
    x, y = data()
    expected = seen(whole, ((whole(x) - y) ** 2).sum()).last
    with watch(portions) as watcher:
        for part in (slice(0, 7), slice(7, 12)):
            ((portions(x[part]) - y[part]) ** 2).sum().backward()
        for parameter in portions.parameters():
            parameter.data -= 0.1 * parameter.grad
        watcher.step()
    assert watcher.last is not None
    assert expected is not None
    for got, want in zip(watcher.last.readings, expected.readings, strict=True):
        assert got.dead == want.dead
        assert got.output_std == pytest.approx(want.output_std)
        assert got.output_gradient == pytest.approx(want.output_gradient)
        assert got.gradient_norm == pytest.approx(want.gradient_norm)


def test_another_model_with_the_same_names_is_told_apart() -> None:
    """As a generator and its discriminator, in one graph."""
    mine, other = Net(3, 4, 2, bend=Value.tanh), Net(2, 6, 1, seed=1)
    x, _ = data()
    watcher = seen(mine, other(mine(x)).sum())
    assert watcher.counts["layers.0"].size == 12 * 4
    assert watcher.counts["layers.1"].size == 12 * 2
    assert watcher.last is not None
    assert [reading.bend for reading in watcher.last.readings] == ["tanh", ""]


def test_a_model_that_stands_in_another_scope_is_found() -> None:
    net = Net(3, 4, 1)
    with scope("teacher"):
        loss = loss_of(net)
    assert seen(net, loss).counts["layers.0"].size == 48


def test_other_threads_are_not_heard() -> None:
    net = Net(3, 4, 1)
    with watch(net) as watcher:
        thread = threading.Thread(target=lambda: loss_of(net).backward())
        thread.start()
        thread.join()
        learn(net, loss_of(net))
        watcher.step()
    assert watcher.counts["layers.0"].size == 48


def test_a_frozen_layer_has_no_gradient() -> None:
    net = Net(3, 4, 1)
    net.weights[0].requires_grad = net.biases[0].requires_grad = False
    with watch(net) as watcher:
        loss_of(net).backward()
        for parameter in (net.weights[1], net.biases[1]):
            parameter.data -= 0.1 * parameter.grad
        watcher.step()
    first, second = watcher.last.readings  # type: ignore[union-attr]
    assert (first.gradient_norm, first.update, first.output_mean) == (None, 0.0, None)
    assert second.gradient_norm is not None


def test_results_of_a_call_with_several_are_counted() -> None:
    weight = Value(np.array([[2.0, 0.5], [0.5, 1.0]]))
    with scope("spectrum"):
        values, _ = ops.eigh(weight)
    watcher = seen(Parts(spectrum__weight=weight), values.sum())
    assert watcher.counts["spectrum"].size == 2 + 4  # of the second, the gradient is 0


# -- programs -------------------------------------------------------------------------------------


def test_of_a_compiled_program_the_parameters_are_known_and_the_view_says_so() -> None:
    net = Net(3, 4, 1)
    x, y = data()
    program = compile(lambda x, y: ((net(x) - y) ** 2).mean(), net.parameters())
    with watch(net, every=1) as watcher:
        for _ in range(5):
            program(x, y)
            for parameter in net.parameters():
                parameter.data -= 0.1 * parameter.grad
            watcher.step()
    assert watcher.last is not None
    assert watcher.last.step == 5
    assert not watcher.last.heard
    first = watcher.last.readings[0]
    assert first.output_mean is first.dead is first.output_gradient is None
    length = np.sqrt(sum((p.grad**2).sum() for p in net.parameters()[:2]))
    assert first.gradient_norm == pytest.approx(length)
    assert first.update is not None
    assert "No rule ran on arrays in this step, as in a compiled program" in repr(watcher)
    assert "as in a compiled program" in watcher._repr_html_()


# -- misuse ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "got"), [([1, 2], "list"), (Value(1.0), "Value"), (Net, "the class Net")]
)
def test_what_is_no_model_is_refused(model: Any, got: str) -> None:
    with pytest.raises(TypeError, match=rf"watch: model is {got}\. Give a Module of micrograd.nn"):
        watch(model)


def test_a_model_without_parameters_is_refused() -> None:
    with pytest.raises(ValueError, match=r"watch: Parts has no parameters, so there is no layer\."):
        watch(Parts())


@pytest.mark.parametrize("every", [0, -1, 2.5, True, "often"])
def test_every_is_a_number_of_steps(every: Any) -> None:
    with pytest.raises(ValueError, match=rf"watch: every is {every!r}\. Give a whole number"):
        watch(Net(3, 1), every=every)


def test_gradients_that_are_gone_are_missed() -> None:
    net = Net(3, 4, 1)
    watcher = watch(net)
    learn(net, loss_of(net))
    for parameter in net.parameters():
        parameter.zero_grad()
    with pytest.raises(RuntimeError, match=r"the gradients of this step are gone\. Call step\(\)"):
        watcher.step()


def test_a_step_in_which_the_model_did_not_learn_is_no_mistake() -> None:
    net = Net(3, 4, 1)
    with watch(net, every=1) as watcher:
        watcher.step()
    first = watcher.last.readings[0]  # type: ignore[union-attr]
    assert (first.gradient_norm, first.update) == (None, 0.0)


def test_a_closed_watcher_keeps_what_it_saw_and_takes_no_more() -> None:
    net = Net(3, 4, 1)
    watcher = seen(net, loss_of(net))
    watcher.close()
    assert len(watcher.samples) == 1
    for told in (watcher.step, lambda: watcher.on_fit_begin(None)):
        with pytest.raises(RuntimeError, match=r"watch: this watcher is closed\. Make a new one"):
            told()
