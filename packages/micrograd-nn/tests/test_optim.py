"""Optimizers, step by step against numbers computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.nn import SGD, Adam, Module, Optimizer


def steps(optimizer: Optimizer, parameter: Value, slopes: list[float]) -> list[float]:
    """The number in ``parameter`` after each step with these gradients."""
    numbers = []
    for slope in slopes:
        optimizer.zero_grad()
        (parameter * slope).backward()
        optimizer.step()
        numbers.append(parameter.item())
    return numbers


def test_sgd_steps_down_the_gradient():
    p = Value(1.0)
    # 1 − 0.1·2 = 0.8, 0.8 − 0.1·(−3) = 1.1
    assert steps(SGD([p], lr=0.1), p, [2.0, -3.0]) == pytest.approx([0.8, 1.1])


def test_sgd_with_momentum():
    p = Value(1.0)
    # b = 2, then 0.5·2 + 2 = 3, then 0.5·3 − 4 = −2.5
    expected = [1.0 - 0.2, 0.8 - 0.3, 0.5 + 0.25]
    assert steps(SGD([p], 0.1, momentum=0.5), p, [2.0, 2.0, -4.0]) == pytest.approx(expected)


def test_adam_step_by_step():
    p = Value(1.0)
    adam = Adam([p], lr=0.1, betas=(0.5, 0.75), eps=0.5)
    # t=1: m = 1, v = 1;       m̂ = 1/0.5 = 2,       v̂ = 1/0.25 = 4,        0.1·2/(2 + 0.5) = 0.08
    # t=2: m = −1.5, v = 4.75; m̂ = −1.5/0.75 = −2,  v̂ = 4.75/0.4375
    second = 0.1 * 2.0 / (np.sqrt(4.75 / 0.4375) + 0.5)
    assert steps(adam, p, [2.0, -4.0]) == pytest.approx([0.92, 0.92 + second])


def test_adam_has_the_usual_settings():
    adam = Adam([Value(1.0)])
    assert (adam.lr, adam.betas, adam.eps) == (1e-3, (0.9, 0.999), 1e-8)


@pytest.mark.parametrize("slope", [1e-3, 1.0, 1e6])
def test_the_first_step_of_adam_is_lr_long(slope):
    p = Value(1.0)
    assert steps(Adam([p], lr=0.1), p, [slope]) == pytest.approx([0.9], rel=1e-4)


MAKERS = [
    lambda params: SGD(params, lr=0.1),
    lambda params: SGD(params, lr=0.1, momentum=0.9),
    lambda params: Adam(params, lr=0.1),
]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_a_step_writes_into_the_array_that_is_there(make, dtype, shape):
    p = Value(np.ones(shape), dtype=dtype)
    array = p.data
    optimizer = make(iter([p]))
    for _ in range(3):
        optimizer.zero_grad()
        (p * p).sum().backward()
        gradient = p.grad.copy()
        optimizer.step()
        np.testing.assert_array_equal(p.grad, gradient)
    assert p.data is array
    assert array.dtype == dtype
    assert (array < 1.0).all()


@pytest.mark.parametrize("make", MAKERS)
def test_a_step_makes_an_older_graph_stale(make):
    p = Value(2.0)
    optimizer = make([p])
    out = p * p
    out.backward()
    optimizer.step()
    with pytest.raises(RuntimeError, match="changed"):
        out.backward()


@pytest.mark.parametrize("make", MAKERS)
def test_a_parameter_without_gradient_stays_as_it_is(make):
    used, unused = Value(1.0), Value(1.0)
    optimizer = make([used, unused])
    (used * 2.0).backward()
    optimizer.step()
    assert used.item() < 1.0
    assert unused.item() == 1.0
    before = used.item()
    optimizer.zero_grad()
    optimizer.step()
    assert used.item() == before


@pytest.mark.parametrize("make", MAKERS)
def test_parameters_do_not_mix(make):
    pair = [Value([1.0, 2.0]), Value([[3.0]])]
    together, alone = make(pair), [Value([1.0, 2.0]), Value([[3.0]])]
    single = [make([p]) for p in alone]
    for _ in range(3):
        for params in (pair, alone):
            for p in params:
                p.zero_grad()
                (p**3).sum().backward()
        together.step()
        for one in single:
            one.step()
    for p, q in zip(pair, alone, strict=True):
        np.testing.assert_array_equal(p.data, q.data)


def test_the_learning_rate_may_change_between_steps():
    p = Value(1.0)
    optimizer = SGD([p], lr=0.1)
    steps(optimizer, p, [1.0])
    optimizer.lr = 0.2
    assert steps(optimizer, p, [1.0]) == pytest.approx([0.7])


def test_zero_grad_clears():
    p = Value(1.0)
    optimizer = SGD([p], lr=0.1)
    (p * 2.0).backward()
    optimizer.zero_grad()
    assert not p.has_grad


def test_optimizers_find_a_minimum():
    for make in (lambda p: SGD(p, 0.02, momentum=0.9), lambda p: Adam(p, 0.1)):
        p = Value([3.0, -2.0])
        optimizer = make([p])
        for _ in range(400):
            optimizer.zero_grad()
            ((p - np.array([1.0, 2.0])) ** 2).sum().backward()
            optimizer.step()
        np.testing.assert_allclose(p.data, [1.0, 2.0], atol=1e-3)


TWICE = Value(1.0)


@pytest.mark.parametrize(
    ("params", "settings", "error", "message"),
    [
        ([], {}, ValueError, r"got no parameters\. Pass model\.parameters\(\)"),
        (Module(), {}, TypeError, r"params is of type Module\. Pass an iterable of Values"),
        (Module().parameters, {}, TypeError, r"params is of type method\..*model\.parameters\(\)"),
        ([np.ones(2)], {}, TypeError, r"parameter 0 is of type ndarray\. Pass Values"),
        ([Value(1.0), 2.0], {}, TypeError, r"parameter 1 is of type float"),
        ([Value(1.0) * 2.0], {}, ValueError, r"parameter 0 was made by multiply.*Pass leaves"),
        ([TWICE, Value(2.0), TWICE], {}, ValueError, r"parameter 2 is in the list twice.*once"),
        ([Value(1.0)], {"lr": 0.0}, ValueError, r"lr is 0\.0\. It must be a positive number"),
        ([Value(1.0)], {"lr": -1.0}, ValueError, r"lr is -1\.0"),
        ([Value(1.0)], {"lr": float("nan")}, ValueError, r"lr is nan"),
        ([Value(1.0)], {"lr": float("inf")}, ValueError, r"lr is inf"),
    ],
)
@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_what_optimizers_refuse(optimizer, params, settings, error, message):
    with pytest.raises(error, match=f"{optimizer.__name__}.*{message}"):
        optimizer(params, **settings)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: SGD(p, 0.1, momentum=1.0), r"SGD: momentum is 1\.0.*at least 0 and less than 1"),
        (lambda p: SGD(p, 0.1, momentum=-0.1), r"SGD: momentum is -0\.1"),
        (lambda p: Adam(p, betas=(1.0, 0.9)), r"Adam: betas\[0\] is 1\.0"),
        (lambda p: Adam(p, betas=(0.9, -0.1)), r"Adam: betas\[1\] is -0\.1"),
        (lambda p: Adam(p, eps=0.0), r"Adam: eps is 0\.0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make([Value(1.0)])


def test_an_optimizer_says_how_it_changes_a_parameter():
    p = Value(1.0)
    (p * 2.0).backward()
    with pytest.raises(NotImplementedError, match=r"Optimizer does not say how.*Define _update"):
        Optimizer([p], {"lr": 0.1}).step()
