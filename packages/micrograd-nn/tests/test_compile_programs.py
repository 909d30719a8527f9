"""What does a program with an optimizer refuse, return, leave behind and cost?"""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from micrograd import nn
from micrograd.engine import CannotCompile, Value, compile, gradients, hookimpl, op, plugins

from .alike import STEPS, batches, close, mlp, trained_alike


def test_an_optimizer_with_foreign_parameters_is_refused() -> None:
    model, other = mlp(), mlp()
    x, y = batches("float64", [4])[0]
    optimizer = nn.Adam(other.parameters())
    program = compile(lambda x, y: nn.mse(model(x), y), model.parameters(), optimizer=optimizer)
    before = [one.data.copy() for one in (*model.parameters(), *other.parameters())]
    with pytest.raises(CannotCompile, match=r"has parameters that the program does not know.*own"):
        program(x, y)
    after = [one.data for one in (*model.parameters(), *other.parameters())]
    for one, right in zip(after, before, strict=True):
        np.testing.assert_array_equal(one, right)
    assert not any(one.has_grad for one in model.parameters())
    assert optimizer.state_dict()["state"][0]["step"] == 0


def test_a_part_of_the_parameters_may_be_trained() -> None:
    model, right = mlp(), mlp()
    few, some = model.parameters()[2:4], right.parameters()[2:4]
    optimizer, theirs = nn.SGD(few, lr=0.1, momentum=0.9), nn.SGD(some, lr=0.1, momentum=0.9)
    program = compile(lambda x, y: nn.mse(model(x), y), model.parameters(), optimizer=optimizer)
    for x, y in batches("float64", [4] * STEPS):
        program(x, y)
        theirs.zero_grad()
        right.zero_grad()
        nn.mse(right(x), y).backward()
        theirs.step()
        for p, q in zip(model.parameters(), right.parameters(), strict=True):
            close(p.data, q.data, 1e-12)
            close(p.grad, q.grad, 1e-12)


def test_reducers_of_gradients_have_no_time_in_a_program() -> None:
    class Average:
        @hookimpl
        def micrograd_reduce_gradients(self, parameters: Any) -> None:
            raise AssertionError("never called")

    model = mlp()
    x, y = batches("float64", [4])[0]
    program = compile(
        lambda x, y: nn.mse(model(x), y), optimizer=nn.SGD(model.parameters(), lr=0.1)
    )
    program(x, y)
    before = [one.data.copy() for one in model.parameters()]
    with plugins.registered(Average()), pytest.raises(RuntimeError, match=r"reducers of gradients"):
        program(x, y)
    for one, right in zip(model.parameters(), before, strict=True):
        np.testing.assert_array_equal(one.data, right)
    program(x, y)


@pytest.mark.parametrize("flat", [False, True], ids=["apart", "flat"])
def test_a_parameter_that_is_returned_is_that_of_before_the_step(flat: bool) -> None:
    model = mlp()
    optimizer = nn.SGD(model.parameters(), lr=0.1, flat=flat)
    first = model.parameters()[0]
    program = compile(lambda x, y: (nn.mse(model(x), y), first, first.T), optimizer=optimizer)
    for x, y in batches("float64", [4] * STEPS):
        before = first.data.copy()
        _, got, transposed = program(x, y)
        np.testing.assert_array_equal(got, before)
        np.testing.assert_array_equal(transposed, before.T)
        assert not np.shares_memory(got, first.data)
        assert (first.data != before).any()


def test_a_parameter_that_is_not_used_still_decays() -> None:
    """Its gradient is zero, as in an eager step in which it has one."""
    model, spare = mlp(), Value([1.0, -2.0], "spare")
    optimizer = nn.SGD([*model.parameters(), spare], lr=0.1, weight_decay=0.5)
    program = compile(lambda x, y: nn.mse(model(x), y), optimizer=optimizer)
    for i, (x, y) in enumerate(batches("float64", [4] * 3), 1):
        program(x, y)
        np.testing.assert_allclose(spare.data, np.array([1.0, -2.0]) * 0.95**i)
        np.testing.assert_array_equal(spare.grad, [0.0, 0.0])


def test_an_older_graph_is_stale_after_a_compiled_step() -> None:
    model = mlp()
    x, y = batches("float64", [4])[0]
    program = compile(
        lambda x, y: nn.mse(model(x), y), optimizer=nn.Adam(model.parameters(), flat=True)
    )
    for _ in range(3):
        older = nn.mse(model(x), y)
        program(x, y)
        with pytest.raises(RuntimeError, match="whose data has changed since"):
            older.backward()


def test_eager_and_compiled_steps_may_alternate() -> None:
    pairs = []
    for _ in range(2):
        model = mlp()
        pairs.append((model, nn.SGD(model.parameters(), lr=0.1, momentum=0.9)))
    (model, optimizer), (other, theirs) = pairs
    program = compile(lambda x, y: nn.mse(other(x), y), optimizer=theirs)
    for i, (x, y) in enumerate(batches("float64", [4] * 8)):
        for one, its, eager in ((model, optimizer, True), (other, theirs, i % 2 == 0)):
            if eager:
                its.zero_grad()
                nn.mse(one(x), y).backward()
                its.step()
            else:
                program(x, y)
        for p, q in zip(other.parameters(), model.parameters(), strict=True):
            close(p.data, q.data, 1e-12)


def test_a_gradient_step_inside_of_the_loss() -> None:
    """One step of learning to learn: the loss after a step that is itself differentiated."""

    def loss(model: Any, x: Any, y: Any) -> Any:
        w, b = model.parameters()
        inner = nn.mse(x @ w + b, y)
        gw, gb = gradients(inner, [w, b], create_graph=True)
        return nn.mse(x @ (w - 0.1 * gw) + (b - 0.1 * gb), y)

    models = [nn.Linear(3, 2, rng=np.random.default_rng(1)) for _ in range(2)]
    optimizers = [nn.Adam(one.parameters(), lr=0.05) for one in models]
    program = compile(lambda x, y: loss(models[1], x, y), optimizer=optimizers[1])
    for x, y in batches("float64", [4] * STEPS):
        right = loss(models[0], x, y)
        optimizers[0].zero_grad()
        right.backward()
        optimizers[0].step()
        close(program(x, y), right.data, 1e-10)
        for p, q in zip(models[1].parameters(), models[0].parameters(), strict=True):
            close(p.data, q.data, 1e-10)


def test_an_op_of_a_plugin_as_loss() -> None:
    @op(opaque=True, constant="target")
    def outside(prediction: Any, target: Any) -> Any:
        return np.asarray(sum(float(d) ** 2 for d in (prediction - target).ravel()))[()]

    @outside.gradient("prediction")
    def _(g: Any, out: Any, prediction: Any, target: Any) -> Any:
        return 2.0 * g * (prediction - target)

    pairs = []
    for _ in range(2):
        model = mlp()
        pairs.append((model, nn.SGD(model.parameters(), lr=0.01)))
    trained_alike(*pairs, batches("float64", [4] * STEPS), 1e-9, outside)


# -- what it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize("flat", [False, True], ids=["apart", "flat"])
@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adam])
def test_a_warm_training_step_holds_less_than_128_kib(flat: bool, optimizer: Any) -> None:
    model = nn.MLP(64, [128, 128, 10], "relu", rng=np.random.default_rng(1))
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(1024, 64)), rng.integers(0, 10, 1024)
    program = compile(
        lambda x, y: nn.cross_entropy(model(x), y, ignore_index=None),
        optimizer=optimizer(model.parameters(), lr=0.01, flat=flat),
    )
    for _ in range(3):
        program(x, y)
    tracemalloc.start()
    program(x, y)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    program(x, y)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 128 * 1024
