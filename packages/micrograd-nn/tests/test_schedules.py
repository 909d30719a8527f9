"""Schedules: by hand, with groups, in compiled steps, resumed, and what they refuse."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from micrograd.engine import Value, compile
from micrograd.nn import SGD, Adagrad, Adam
from micrograd.nn.optim import schedules
from micrograd.nn.optim.schedules import (
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    Schedule,
    SequentialLR,
    StepLR,
)

from .optimizer_table import Net


def warm_cosine(optimizer):
    parts = [LinearLR(optimizer, 0.25, total_iters=3), CosineAnnealingLR(optimizer, 6, 0.1)]
    return SequentialLR(optimizer, parts, [3])


# by name: how to make it, and the learning rates before each of eight steps, from 1.0
HALF = 1.0 / 25.0
CASES = {
    "StepLR": (lambda o: StepLR(o, 3, 0.5), [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]),
    "MultiStepLR": (lambda o: MultiStepLR(o, [5, 2], 0.5), [1, 1, 0.5, 0.5, 0.5] + [0.25] * 3),
    "ExponentialLR": (lambda o: ExponentialLR(o, 0.5), [0.5**t for t in range(8)]),
    "CosineAnnealingLR": (
        lambda o: CosineAnnealingLR(o, 4, 0.2),
        [0.2 + 0.4 * (1 + math.cos(math.pi * t / 4)) for t in range(8)],
    ),
    "LinearLR": (lambda o: LinearLR(o, 0.2, 0.6, 4), [0.2, 0.3, 0.4, 0.5] + [0.6] * 4),
    "LinearLR, to the end": (lambda o: LinearLR(o, 1.0, 0.0, 2), [1.0, 0.5] + [0.0] * 6),
    "OneCycleLR": (
        lambda o: OneCycleLR(o, 1.0, 8, pct_start=0.5, anneal_strategy="linear"),
        [HALF + (1 - HALF) * t / 3 for t in range(4)]
        + [1 - (1 - HALF / 1e4) * t / 4 for t in range(1, 5)],
    ),
    "OneCycleLR, three phases": (
        lambda o: OneCycleLR(
            o, 1.0, 8, pct_start=0.375, anneal_strategy="linear", three_phase=True
        ),
        [HALF, (1 + HALF) / 2, 1.0, (1 + HALF) / 2, HALF]
        + [HALF - (HALF - HALF / 1e4) * t / 3 for t in range(1, 4)],
    ),
    "SequentialLR": (
        warm_cosine,
        [0.25, 0.5, 0.75] + [0.1 + 0.45 * (1 + math.cos(math.pi * t / 6)) for t in range(5)],
    ),
}


@pytest.fixture(params=CASES, name="case")
def case_fixture(request):
    return CASES[request.param]


def make_sgd(lr=1.0, **settings):
    return SGD([Value([1.0])], lr=lr, momentum=0.9, **settings)


def test_every_schedule_is_in_the_table():
    made = {type(make(make_sgd())).__name__ for make, _ in CASES.values()}
    assert made | {"ReduceLROnPlateau", "Schedule"} == set(schedules.__all__)


def test_learning_rates_by_hand(case):
    make, expected = case
    optimizer = make_sgd()
    schedule, seen = make(optimizer), []
    for _ in range(8):
        seen.append(optimizer.lr)
        assert schedule.get_last_lr() == [optimizer.lr]
        schedule.step()
    np.testing.assert_allclose(seen, expected, rtol=1e-12, atol=1e-15)
    assert schedule.last_epoch == 8


def test_every_group_follows_from_its_own(case):
    make, expected = case
    groups = [{"params": Value(1.0)}, {"params": Value(2.0), "lr": 0.5}]
    optimizer = SGD(groups, lr=1.0, momentum=0.9)
    schedule = make(optimizer)
    alone = make_sgd(0.5)
    other = make(alone)
    for _ in range(7):
        schedule.step()
        other.step()
    first, second = (group["lr"] for group in optimizer.param_groups)
    assert first == pytest.approx(expected[7])
    assert second == alone.lr


def test_a_run_that_is_resumed_has_the_same_learning_rates(case):
    make, _ = case
    optimizer = make_sgd()
    schedule = make(optimizer)
    for _ in range(4):
        schedule.step()
    saved = json.loads(json.dumps([optimizer.state_dict()["param_groups"], schedule.state_dict()]))
    after = make_sgd(lr=0.7)
    resumed = make(after)
    after.load_state_dict({"state": after.state_dict()["state"], "param_groups": saved[0]})
    resumed.load_state_dict(saved[1])
    assert after.param_groups[0]["momentum"] == optimizer.param_groups[0]["momentum"]
    for _ in range(4):
        assert after.lr == optimizer.lr
        resumed.step()
        schedule.step()
    assert after.lr == optimizer.lr


@pytest.mark.parametrize("make_optimizer", [SGD, Adam])
def test_a_compiled_run_follows_and_is_not_recorded_again(case, make_optimizer):
    make, _ = case
    settings = {"lr": 0.02, **({"momentum": 0.9} if make_optimizer is SGD else {})}
    one, two = Net(), Net()
    eager, other = (make_optimizer(net.groups(True), **settings) for net in (one, two))
    first, second = make(eager), make(other)
    program = compile(two.loss, optimizer=other)
    for _ in range(8):
        one.step(eager)
        program(two.rows, two.targets)
        first.step()
        second.step()
    for a, b in zip(one.numbers(), two.numbers(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    assert program.recordings == 2


@pytest.mark.parametrize("make", [SGD, Adam])
def test_the_momentum_goes_the_other_way(make):
    settings = {"momentum": 0.9} if make is SGD else {}
    optimizer, seen = make([Value(1.0)], lr=0.1, **settings), []
    schedule = OneCycleLR(optimizer, 1.0, epochs=1, steps_per_epoch=5, pct_start=0.4)
    for _ in range(5):
        seen.append(optimizer.momentum if make is SGD else optimizer.betas[0])
        schedule.step()
    np.testing.assert_allclose(seen, [0.95, 0.85, 0.875, 0.925, 0.95])
    with pytest.raises(ValueError, match="this is step 6 of a cycle of 5"):
        schedule.step()


def test_the_momentum_may_stay():
    optimizer = make_sgd()
    schedule = OneCycleLR(optimizer, [0.5], 5, cycle_momentum=False)
    schedule.step()
    assert optimizer.momentum == 0.9


def test_a_cycle_may_begin_at_its_top():
    optimizer = make_sgd()
    OneCycleLR(optimizer, 1.0, 10, pct_start=0.1)  # the first phase is one step long
    assert optimizer.lr == 1.0


def test_a_schedule_begins_with_what_the_user_gave_last():
    optimizer = make_sgd()
    schedule = ExponentialLR(optimizer, 0.5)
    schedule.step()
    second = StepLR(optimizer, 1, 0.1)
    assert (second.base_lrs, optimizer.lr) == ([1.0], 1.0)
    optimizer.lr = 0.3
    assert StepLR(optimizer, 1, 0.1).base_lrs == [0.3]


# -- the plateau ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "metrics", "rates"),
    [
        ({"patience": 1}, [3.0, 2.0, 2.0, 2.0, 2.0, 2.0], [1, 1, 1, 0.5, 0.5, 0.25]),
        ({"patience": 0}, [2.0, 1.9999, 1.9, 3.0], [1, 0.5, 0.5, 0.25]),
        ({"patience": 0, "threshold": 0.0}, [2.0, 1.9999, 1.9, 3.0], [1, 1, 1, 0.5]),
        (
            {"patience": 0, "threshold": 0.5, "threshold_mode": "abs"},
            [2.0, 1.6, 1.4, 0.8],
            [1, 0.5, 0.5, 0.5],
        ),
        ({"patience": 0, "mode": "max"}, [1.0, 2.0, 2.0001, 1.0], [1, 1, 0.5, 0.25]),
        (
            {"patience": 0, "mode": "max", "threshold": 0.5, "threshold_mode": "abs"},
            [-2.0, -1.6, -1.4],
            [1, 0.5, 0.5],
        ),
        ({"patience": 0, "cooldown": 2}, [1.0] * 5, [1, 0.5, 0.5, 0.5, 0.25]),
        ({"patience": 0, "min_lr": 0.4}, [1.0] * 4, [1, 0.5, 0.4, 0.4]),
        ({"patience": 0, "eps": 0.3}, [1.0] * 3, [1, 0.5, 0.5]),
        ({"patience": 0}, [1.0, math.nan], [1, 0.5]),
    ],
)
def test_a_plateau_by_hand(settings, metrics, rates):
    optimizer = make_sgd()
    schedule, seen = ReduceLROnPlateau(optimizer, factor=0.5, **settings), []
    for metric in metrics:
        schedule.step(Value(metric))
        seen.append(optimizer.lr)
    np.testing.assert_allclose(seen, rates)


def test_a_plateau_is_resumed_with_its_patience():
    first, second = make_sgd(), make_sgd()
    one = ReduceLROnPlateau(first, factor=0.5, patience=2, cooldown=3)
    two = ReduceLROnPlateau(second, factor=0.5, patience=2, cooldown=3)
    for _ in range(5):
        one.step(1.0)
    two.load_state_dict(json.loads(json.dumps(one.state_dict())))
    second.load_state_dict(first.state_dict())
    for _ in range(6):
        one.step(1.0)
        two.step(1.0)
        assert first.lr == second.lr
    assert first.lr == 0.25


def test_groups_have_their_own_least():
    optimizer = SGD([{"params": Value(1.0)}, {"params": Value(1.0)}], lr=1.0)
    schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=0, min_lr=[0.8, 0.1])
    for _ in range(3):
        schedule.step(1.0)
    assert schedule.get_last_lr() == [0.8, 0.25]


# -- what is refused ------------------------------------------------------------------------

SGD_ = make_sgd()
TWO = SGD([{"params": Value(1.0)}, {"params": Value(1.0)}])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: StepLR(1.0, 1), TypeError, "StepLR: optimizer is of type float"),
        (lambda: OneCycleLR(None, 1.0, 5), TypeError, "OneCycleLR: optimizer is of type NoneType"),
        (lambda: Schedule(SGD_), NotImplementedError, "Schedule does not say which.*Define at"),
        (lambda: StepLR(SGD_, 0), ValueError, "step_size is 0. It must be a whole number, at lea"),
        (lambda: StepLR(SGD_, 1.5), ValueError, r"step_size is 1\.5"),
        (lambda: StepLR(SGD_, 1, 0.0), ValueError, r"gamma is 0\.0\. It must be more than 0 and"),
        (lambda: ExponentialLR(SGD_, 1.5), ValueError, r"gamma is 1\.5.*at most 1"),
        (lambda: MultiStepLR(SGD_, [1, "a"]), ValueError, "a milestone is 'a'"),
        (lambda: CosineAnnealingLR(SGD_, 0), ValueError, "T_max is 0"),
        (lambda: CosineAnnealingLR(SGD_, 5, -1.0), ValueError, r"eta_min is -1\.0"),
        (lambda: LinearLR(SGD_, 0.0), ValueError, r"start_factor is 0\.0"),
        (lambda: LinearLR(SGD_, end_factor=2.0), ValueError, r"end_factor is 2\.0"),
        (lambda: LinearLR(SGD_, total_iters=True), ValueError, "total_iters is True"),
        (lambda: OneCycleLR(SGD_, 1.0), ValueError, "how long is the cycle. Give total_steps"),
        (lambda: OneCycleLR(SGD_, 1.0, epochs=2), ValueError, "both epochs and steps_per_epoch"),
        (lambda: OneCycleLR(SGD_, 1.0, 1), ValueError, "total_steps is 1. .*at least 2"),
        (lambda: OneCycleLR(SGD_, 0.0, 9), ValueError, r"max_lr is 0\.0"),
        (lambda: OneCycleLR(SGD_, [1.0, 2.0], 9), ValueError, "max_lr has 2 numbers.* 1 groups"),
        (lambda: OneCycleLR(SGD_, 1.0, 9, pct_start=0), ValueError, "pct_start is 0"),
        (lambda: OneCycleLR(SGD_, 1.0, 9, max_momentum=1.0), ValueError, r"max_momentum is 1\.0"),
        (lambda: OneCycleLR(SGD_, 1.0, 9, div_factor=0.0), ValueError, r"div_factor is 0\.0"),
        (lambda: OneCycleLR(SGD_, 1.0, 9, anneal_strategy="x"), ValueError, "'cos' or 'linear'"),
        (
            lambda: OneCycleLR(Adagrad([Value(1.0)]), 1.0, 9),
            ValueError,
            "cycles the momentum, but the Adagrad has none.*cycle_momentum=False",
        ),
        (lambda: OneCycleLR(TWO, 1.0, 9), ValueError, "the SGD has none. Make it with"),
        (lambda: ReduceLROnPlateau(SGD_, "low"), ValueError, "mode is 'low'. It must be 'min'"),
        (
            lambda: ReduceLROnPlateau(SGD_, threshold_mode="x"),
            ValueError,
            "threshold_mode is 'x'. It must be 'rel' or 'abs'",
        ),
        (
            lambda: ReduceLROnPlateau(SGD_, factor=1.0),
            ValueError,
            r"factor is 1\.0\. .*than 1",
        ),
        (lambda: ReduceLROnPlateau(SGD_, patience=-1), ValueError, "patience is -1"),
        (lambda: ReduceLROnPlateau(SGD_, min_lr=[0, 0]), ValueError, "min_lr has 2 numbers"),
        (lambda: ReduceLROnPlateau(SGD_).step(), TypeError, "step.. was told no metric"),
        (lambda: SequentialLR(SGD_, [1], []), TypeError, "schedule 0 is of type int"),
        (lambda: SequentialLR(TWO, [StepLR(SGD_, 1)], []), ValueError, "of another optimizer"),
        (
            lambda: SequentialLR(SGD_, [ReduceLROnPlateau(SGD_)], []),
            ValueError,
            "schedule 0 is ReduceLROnPlateau, which wants a metric",
        ),
        (lambda: SequentialLR(SGD_, [StepLR(SGD_, 1)], [2]), ValueError, "one milestone less"),
        (
            lambda: SequentialLR(SGD_, [StepLR(SGD_, 1) for _ in range(3)], [5, 2]),
            ValueError,
            "each greater than the one before",
        ),
    ],
)
def test_what_schedules_refuse(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (None, "StepLR: the state is one of something else"),
        ({}, "one of something else"),
        (ExponentialLR(SGD_, 0.5).state_dict(), "one of ExponentialLR. Load a state that StepLR"),
        (warm_cosine(SGD_).state_dict(), "one of SequentialLR"),
        (StepLR(TWO, 2).state_dict(), "of 2 groups, but the optimizer has 1"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(state, message):
    with pytest.raises(ValueError, match=message):
        StepLR(SGD_, 2).load_state_dict(state)


def test_a_state_of_other_schedules_is_refused():
    state = SequentialLR(SGD_, [StepLR(SGD_, 1)], []).state_dict()
    with pytest.raises(ValueError, match="of 1 schedules, but there are 2"):
        warm_cosine(SGD_).load_state_dict(state)
