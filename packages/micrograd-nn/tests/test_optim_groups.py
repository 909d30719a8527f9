"""Groups, settings that change, clipping, states: by hand, and what is refused."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from micrograd.engine import Value, compile
from micrograd.nn import SGD, Adagrad, Adam, AdamW, RMSprop, clip_grad_norm_, clip_grad_value_
from micrograd.nn.optim import Optimizer

from .optimizer_table import Net


def pair():
    return Value([1.0, 2.0]), Value([3.0])


def with_gradients(*gradients):
    made = [Value(np.zeros(np.shape(g))) for g in gradients]
    for p, g in zip(made, gradients, strict=True):
        p.grad = np.asarray(g)
    return made


# -- groups ---------------------------------------------------------------------------------


def test_a_group_has_its_own_settings_and_the_rest_from_the_defaults():
    a, b = pair()
    optimizer = SGD([{"params": a, "lr": 0.5}, {"params": [b], "momentum": 0.9}], lr=0.1)
    first, second = optimizer.param_groups
    assert (first["lr"], second["lr"]) == (0.5, 0.1)
    assert (first["momentum"], second["momentum"]) == (0.0, 0.9)
    assert first["params"] == [a]
    assert optimizer.params == [a, b]
    (a.sum() + b.sum()).backward()
    optimizer.step()
    np.testing.assert_allclose(a.data, [0.5, 1.5])
    np.testing.assert_allclose(b.data, [2.9])


def test_lr_reads_the_first_group_and_sets_all():
    optimizer = SGD([{"params": one} for one in pair()], lr=0.1)
    optimizer.param_groups[1]["lr"] = 0.3
    assert optimizer.lr == 0.1
    optimizer.lr = 0.2
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 0.2]
    optimizer.param_groups[0].update(lr=0.0)
    assert optimizer.lr == 0.0
    assert SGD.lr.name == "lr"


def test_settings_are_attributes():
    adam = AdamW([Value(1.0)])
    assert (adam.lr, adam.betas, adam.eps, adam.weight_decay) == (1e-3, (0.9, 0.999), 1e-8, 1e-2)
    prop = RMSprop([Value(1.0)])
    assert (prop.lr, prop.alpha, prop.eps, prop.momentum, prop.centered) == (
        *(0.01, 0.99, 1e-8, 0.0),
        False,
    )
    grad = Adagrad([Value(1.0)])
    assert (grad.lr, grad.lr_decay, grad.eps, grad.initial_accumulator_value) == (0.01, 0, 1e-10, 0)


@pytest.mark.parametrize(
    ("make", "name", "number"),
    [
        (lambda p: SGD(p, 0.1, momentum=0.9), "momentum", 0.5),
        (lambda p: SGD(p, 0.1, weight_decay=0.1), "weight_decay", 0.3),
        (lambda p: SGD(p, 0.1, momentum=0.9, dampening=0.1), "dampening", 0.4),
        (lambda p: Adam(p, 0.1), "betas", (0.5, 0.9)),
        (lambda p: Adam(p, 0.1), "eps", 0.5),
        (lambda p: AdamW(p, 0.1), "weight_decay", 0.4),
        (lambda p: RMSprop(p, 0.1), "alpha", 0.5),
        (lambda p: Adagrad(p, 0.1, lr_decay=0.1), "lr_decay", 0.5),
        (lambda p: SGD(p, 0.1, clip_norm=1.0), "clip_norm", 0.1),
        (lambda p: SGD(p, 0.1, clip_value=0.1), "clip_value", 0.01),
    ],
)
def test_what_changes_between_steps_counts_in_a_compiled_step_too(make, name, number):
    one, two = Net(), Net()
    eager, other = make(one.parameters), make(two.parameters)
    program = compile(two.loss, optimizer=other)
    for t in range(6):
        if t == 3:
            before = one.numbers()
            setattr(eager, name, number)
            setattr(other, name, number)
        one.step(eager)
        program(two.rows, two.targets)
        for a, b in zip(one.numbers(), two.numbers(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
    assert program.recordings == 2
    assert getattr(eager, name) == number
    same = make(one.parameters)
    assert getattr(same, name) != number
    assert not np.array_equal(before[0], one.numbers()[0])


def test_parameters_that_took_other_numbers_of_steps_have_their_own_correction():
    p, q = Value(1.0), Value(1.0)
    adam, alone = Adam([p, q], 0.1), Adam([late := Value(1.0)], 0.1)
    (p * 2.0).backward()
    adam.step()
    adam.zero_grad()
    (p + q * 3.0).backward()
    (late * 3.0).backward()
    adam.step()
    alone.step()
    assert q.item() == late.item()
    with pytest.raises(RuntimeError, match="have taken 1 to 2 steps, and a compiled step needs"):
        adam.scalars()
    adam.param_groups[0]["lr"] = 0.2


# -- clipping -------------------------------------------------------------------------------


def test_gradients_keep_their_direction_and_get_a_length():
    parameters = with_gradients([3.0, 0.0], 4.0)
    assert clip_grad_norm_(parameters, 1.0) == 5.0
    np.testing.assert_allclose(parameters[0].grad, [0.6, 0.0], rtol=1e-6)
    np.testing.assert_allclose(parameters[1].grad, 0.8, rtol=1e-6)
    assert clip_grad_norm_(iter(parameters), 2.0) == pytest.approx(1.0)
    np.testing.assert_allclose(parameters[1].grad, 0.8, rtol=1e-6)


@pytest.mark.parametrize(("norm_type", "norm"), [(1, 7.0), (math.inf, 4.0), (3, 91.0 ** (1 / 3))])
def test_other_norms(norm_type, norm):
    (p,) = with_gradients([3.0, -4.0])
    assert clip_grad_norm_(p, 1.0, norm_type) == pytest.approx(norm)
    np.testing.assert_allclose(p.grad, np.array([3.0, -4.0]) / norm, rtol=1e-6)


def test_clipping_leaves_out_what_has_no_gradient():
    assert clip_grad_norm_([Value(1.0)], 1.0) == 0.0
    assert clip_grad_norm_([Value(1.0)], 1.0, math.inf) == 0.0
    clip_grad_value_(Value(1.0), 1.0)


@pytest.mark.parametrize("flat", [False, True])
def test_clipping_between_backward_and_step_is_what_the_optimizer_can_do_itself(flat):
    one, two, three = Net(), Net(), Net()
    by_hand = SGD(one.parameters, 0.1, flat=flat)
    itself = SGD(two.parameters, 0.1, flat=flat, clip_norm=0.3)
    by_value = SGD(three.parameters, 0.1, flat=flat, clip_value=0.05)
    one.loss(one.rows, one.targets).backward()
    assert clip_grad_norm_(one.parameters, 0.3) > 0.3
    by_hand.step()
    two.step(itself)
    for a, b in zip(one.numbers(), two.numbers(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    assert itself.clip_norm == 0.3
    assert itself.clip_value is None
    long = np.concatenate([p.grad.reshape(-1) for p in two.parameters])
    assert np.linalg.norm(long) > 0.3  # p.grad is as backward left it

    one = Net()
    by_hand = SGD(one.parameters, 0.1, flat=flat)
    one.loss(one.rows, one.targets).backward()
    clip_grad_value_(one.parameters, 0.05)
    by_hand.step()
    three.step(by_value)
    for a, b in zip(one.numbers(), three.numbers(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_gradient_that_is_not_finite_stays_visible():
    p, q = with_gradients([np.nan, 1.0], [1.0])
    SGD([p, q], 0.1, clip_norm=1.0).step()
    assert np.isnan(p.data).all()
    assert np.isnan(q.data).all()
    with pytest.raises(RuntimeError, match=r"norm of the gradients is nan.*detect_anomaly"):
        clip_grad_norm_([p], 1.0, error_if_nonfinite=True)


# -- states ---------------------------------------------------------------------------------


def test_a_state_is_told_by_numbers_of_parameters():
    a, b = pair()
    optimizer = SGD([{"params": a}, {"params": b, "momentum": 0.5}], lr=0.1)
    (b * 2.0).sum().backward()
    optimizer.step()
    state = optimizer.state_dict()
    assert [group["params"] for group in state["param_groups"]] == [[0], [1]]
    assert state["param_groups"][1]["momentum"] == 0.5
    assert state["state"][0] == {"step": 0}
    np.testing.assert_array_equal(state["state"][1]["velocity"], [2.0])


def adam(*shapes, **settings):
    made = Adam([Value(np.zeros(shape)) for shape in shapes], **settings)
    return made


def broken(change):
    state = adam((2,), ()).state_dict()
    return change(state) or state


def set_in(*path, to):
    def change(state):
        for key in path[:-1]:
            state = state[key]
        state[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ([1], KeyError, "a state holds 'state' and 'param_groups'.*but got list"),
        ({"lr": 1}, KeyError, "but got lr"),
        (adam((2,)).state_dict(), ValueError, r"groups of \[1\] parameters, .* has \[2\]"),
        (adam((3,), ()).state_dict(), ValueError, r"mean of parameter 0 has shape \(3,\)"),
        (
            SGD(Net().parameters[:2], momentum=0.9).state_dict(),
            ValueError,
            "has the settings lr, momentum.*Another optimizer made it: Adam has lr, betas",
        ),
        (broken(set_in("state", 1, to={})), ValueError, "for parameter 1, the state has nothing"),
        (
            broken(lambda s: s["state"][1].pop("mean") and None),
            ValueError,
            "remembers mean, square",
        ),
        (
            broken(set_in("state", 0, "mean", to=np.zeros(2, np.float32))),
            ValueError,
            "dtype float32 in the state, but .* float64 here",
        ),
        (broken(set_in("param_groups", 0, "lr", to=-1.0)), ValueError, "lr is -1.0"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state, error, message):
    optimizer = adam((2,), (), lr=0.5)
    with pytest.raises(error, match=f"Adam: .*{message}"):
        optimizer.load_state_dict(state)
    assert optimizer.lr == 0.5
    assert optimizer.state_dict()["state"][0]["step"] == 0


def test_flat_parameters_take_their_steps_together():
    state = adam((2,), ()).state_dict()
    state["state"][0]["step"] = 3
    with pytest.raises(ValueError, match="have taken 0 to 3 steps, and flat=True"):
        adam((2,), (), flat=True).load_state_dict(state)


def test_an_optimizer_may_be_copied_with_its_parameters():
    net = Net()
    optimizer = SGD(net.parameters, 0.1, momentum=0.9)
    net.step(optimizer)
    twin, other = copy.deepcopy((net, optimizer))
    net.step(optimizer)
    twin.step(other)
    for a, b in zip(net.numbers(), twin.numbers(), strict=True):
        np.testing.assert_array_equal(a, b)


# -- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda a: SGD([{"params": [a], "lr_": 1.0}]), KeyError, "no setting 'lr_'.*mean 'lr'"),
        (lambda a: SGD([{"params": [a], "zzz": 1.0}]), KeyError, "'zzz'. It has lr, momentum"),
        (lambda a: SGD([{"lr": 1.0}]), TypeError, "group 0 is .*Give every group as a dict with"),
        (lambda a: SGD([{"params": [a]}, a]), TypeError, "group 1 is Value"),
        (lambda a: SGD([{"params": [a]}, {"params": []}]), ValueError, "parameters in group 1"),
        (lambda a: SGD([{"params": a}, {"params": a}]), ValueError, "parameter 1 is in the list"),
        (lambda a: SGD([{"params": a, "lr": 0.0}]), ValueError, r"lr is 0\.0\. It must be a pos"),
        (lambda a: SGD([a], weight_decay=-1.0), ValueError, r"decay is -1\.0\. .* 0 upwards"),
        (lambda a: SGD([a], nesterov=1), ValueError, "nesterov is 1. It must be True or False"),
        (lambda a: SGD([a], nesterov=True), ValueError, r"nesterov with momentum 0\.0 and damp"),
        (
            lambda a: SGD([a], momentum=0.9, dampening=0.5, nesterov=True),
            ValueError,
            "It needs a momentum and no dampening",
        ),
        (lambda a: SGD([a], dampening=1.0), ValueError, r"dampening is 1\.0"),
        (lambda a: Adam([a], betas=0.9), ValueError, r"betas is 0\.9\. It must be a pair"),
        (lambda a: RMSprop([a], alpha=1.0), ValueError, r"alpha is 1\.0"),
        (lambda a: RMSprop([a], centered=None), ValueError, "centered is None"),
        (lambda a: Adagrad([a], eps=0.0), ValueError, r"eps is 0\.0"),
        (lambda a: Adagrad([a], initial_accumulator_value=-1), ValueError, "value is -1"),
        (lambda a: SGD([a], clip_norm=0.0), ValueError, r"SGD: clip_norm is 0\.0"),
        (lambda a: SGD([a], clip_value=-1), ValueError, "SGD: clip_value is -1"),
        (
            lambda a: SGD([a], clip_norm=1.0, clip_value=1.0),
            ValueError,
            "clip_norm and clip_value are both given. Choose one",
        ),
        (lambda a: clip_grad_norm_([a], 0.0), ValueError, r"clip_grad_norm_: max_norm is 0\.0"),
        (lambda a: clip_grad_norm_([a], 1.0, -1), ValueError, "norm_type is -1"),
        (lambda a: clip_grad_norm_([1.0], 1.0), TypeError, "parameters holds float"),
        (lambda a: clip_grad_value_([a], math.inf), ValueError, "clip_value is inf"),
        (lambda a: clip_grad_value_(["a"], 1.0), TypeError, "clip_grad_value_: .*holds str"),
        (
            lambda a: Optimizer([a], {"lr": 0.1}).update(1.0, 1.0),
            NotImplementedError,
            "plain maths",
        ),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(Value([1.0]))


@pytest.mark.parametrize(
    ("make", "change", "message"),
    [
        (SGD, {"momentum": 0.9}, r"momentum was 0\.0 when .* cannot become 0\.9"),
        (SGD, {"weight_decay": 0.9}, "weight_decay was"),
        (AdamW, {"weight_decay": 0.0}, "cannot become 0"),
        (SGD, {"lr": -1.0}, "lr is -1"),
        (Adam, {"betas": (0.9,)}, "must be a pair"),
        (Adam, {"params": []}, "no setting 'params'"),
    ],
)
def test_what_may_not_be_written_into_a_group(make, change, message):
    (group,) = make([Value(1.0)]).param_groups
    with pytest.raises((ValueError, KeyError), match=message):
        group.update(change)


@pytest.mark.parametrize("name", ["clip_norm", "clip_value"])
def test_clipping_is_decided_at_the_beginning(name):
    optimizer = SGD([Value(1.0)])
    with pytest.raises(ValueError, match=f"{name} was not given .* Make it with {name}=1"):
        setattr(optimizer, name, 1.0)


def test_flat_wants_one_dtype_in_a_group():
    both = [Value([1.0]), Value([1.0], dtype=np.float32)]
    with pytest.raises(ValueError, match="flat=True with parameters of float32, float64"):
        SGD(both, flat=True)
    SGD([{"params": one} for one in both], flat=True)


def test_flat_names_the_parameter_without_a_gradient():
    a, b = pair()
    optimizer = SGD([{"params": a}, {"params": b}], flat=True)
    a.sum().backward()
    with pytest.raises(ValueError, match="parameter 1 has no gradient, and flat=True"):
        optimizer.step()
