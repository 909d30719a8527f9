"""States of optimizers: what they hold, and which are refused."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.nn import SGD, Adam

from .optimizer_table import Net


def test_a_state_is_told_by_numbers_of_parameters():
    a, b = Value([1.0, 2.0]), Value([3.0])
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
