"""What holds for every optimizer with every setting: plain maths, in place, compiled, resumed."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest

from micrograd.engine import Value, compile
from micrograd.nn import optim

from .optimizer_table import CLIPS, OPTIMIZERS, Net


@pytest.fixture(params=OPTIMIZERS, name="made")
def made_fixture(request):
    return OPTIMIZERS[request.param]


@pytest.fixture(params=CLIPS, name="clip")
def clip_fixture(request):
    return CLIPS[request.param]


def assert_same(first, second, dtype=np.float64):
    close = {"rtol": 1e-12, "atol": 1e-14} if dtype is np.float64 else {"rtol": 1e-4, "atol": 1e-6}
    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(a, b, **close)


def test_every_optimizer_is_in_the_table():
    public = [getattr(optim, name) for name in optim.__all__]
    ours = {one for one in public if isinstance(one, type) and issubclass(one, optim.Optimizer)}
    assert {one for one, _ in OPTIMIZERS.values()} == ours - {optim.Optimizer}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("split", [False, True])
def test_the_compiled_step_is_the_eager_one(made, clip, dtype, flat, split):
    """Five steps; a schedule changes the learning rate, and nothing is recorded anew."""
    (make, settings), one, two = made, Net(dtype), Net(dtype)
    eager = make(one.groups(split), **settings, **clip, flat=flat)
    other = make(two.groups(split), **settings, **clip, flat=flat)
    program = compile(two.loss, optimizer=other)
    for t in range(5):
        for optimizer in (eager, other):
            for group in optimizer.param_groups:
                group["lr"] = group["lr"] * 0.9
        before = one.step(eager)
        assert program(two.rows, two.targets) == pytest.approx(before, rel=1e-4)
        assert_same(one.numbers(), two.numbers(), dtype)
        assert_same([p.grad for p in one.parameters], [p.grad for p in two.parameters], dtype)
        assert program.recordings == min(t + 1, 2)
    assert [p.dtype for p in two.parameters] == [dtype] * 4
    both = eager.state_dict()["state"], other.state_dict()["state"]
    for i in range(4):
        assert both[0][i].keys() == both[1][i].keys()
        assert_same(both[0][i].values(), both[1][i].values(), dtype)


@pytest.mark.parametrize("split", [False, True])
def test_the_flat_step_is_the_other_one(made, clip, split):
    (make, settings), one, two = made, Net(), Net()
    apart = make(one.groups(split), **settings, **clip)
    flat = make(two.groups(split), **settings, **clip, flat=True)
    for _ in range(5):
        one.step(apart)
        two.step(flat)
        assert_same(one.numbers(), two.numbers())


def test_the_loss_falls(made):
    (make, settings), net = made, Net()
    optimizer = make(net.parameters, **settings)
    losses = [net.step(optimizer) for _ in range(40)]
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("flat", [False, True])
def test_a_group_is_an_optimizer_of_its_own(made, flat):
    (make, settings), one, two = made, Net(), Net()
    together = make(one.groups(True), **settings, flat=flat)
    first = make(two.parameters[:2], **settings, flat=flat)
    second = make(two.parameters[2:], **{**settings, "lr": 0.003}, flat=flat)
    for _ in range(4):
        one.step(together)
        two.loss(two.rows, two.targets).backward()
        first.step()
        second.step()
        for p in two.parameters:
            p.zero_grad()
        assert_same(one.numbers(), two.numbers())


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("clip_", [{}, {"clip_norm": 1e-3}, {"clip_value": 1e-3}])
def test_a_step_allocates_nothing(made, flat, clip_):
    make, settings = made
    parameters = [Value(np.ones((100, 100))) for _ in range(4)]
    optimizer = make(parameters, **settings, **clip_, flat=flat)
    for p in parameters:
        p.grad = np.ones(p.shape)
    optimizer.step()
    tracemalloc.start()
    optimizer.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000, "one parameter has 80,000 bytes"


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("split", [False, True])
def test_a_run_that_is_resumed_ends_bit_for_bit_the_same(made, flat, split):
    (make, settings), whole, first, second = made, Net(), Net(), Net()
    straight = make(whole.groups(split), **settings, flat=flat)
    for _ in range(6):
        whole.step(straight)

    stopped = make(first.groups(split), **settings, flat=flat)
    for _ in range(3):
        first.step(stopped)
    state, numbers = stopped.state_dict(), first.numbers()
    first.step(stopped)  # what was saved is not touched by what comes after

    resumed = make(second.groups(split), **{**settings, "lr": 1.0}, flat=flat)
    for p, array in zip(second.parameters, numbers, strict=True):
        p.data = array
    resumed.load_state_dict(state)
    for _ in range(3):
        second.step(resumed)
    for a, b in zip(whole.numbers(), second.numbers(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_compiled_run_goes_on_after_loading(made):
    (make, settings), one, two = made, Net(), Net()
    eager, other = make(one.parameters, **settings), make(two.parameters, **settings)
    program = compile(two.loss, optimizer=other)
    program(two.rows, two.targets)
    for _ in range(3):
        one.step(eager)
    for p, array in zip(two.parameters, one.numbers(), strict=True):
        p.data = array
    other.load_state_dict(eager.state_dict())
    for _ in range(2):
        one.step(eager)
        program(two.rows, two.targets)
        assert_same(one.numbers(), two.numbers())


def test_a_state_is_the_same_flat_or_not_and_survives_json(made):
    (make, settings), one, two = made, Net(), Net()
    apart, flat = make(one.parameters, **settings), make(two.parameters, **settings, flat=True)
    one.step(apart)
    two.step(flat)
    told = apart.state_dict()
    for slots in told["state"].values():
        for name, slot in slots.items():
            slots[name] = slot.tolist() if name != "step" else slot
    flat.load_state_dict(json.loads(json.dumps(told)))
    again = flat.state_dict()
    assert again["param_groups"] == apart.state_dict()["param_groups"]
    for i, slots in apart.state_dict()["state"].items():
        for name, slot in slots.items():
            np.testing.assert_array_equal(slot, again["state"][i][name])
