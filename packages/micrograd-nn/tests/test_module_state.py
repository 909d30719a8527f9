"""How does a module give its numbers away, and take others in?"""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.nn import MLP, Linear, Module

from .small_modules import PATHS, Everything, Leaf


def test_state_dict_round_trip(rng):
    model, other = (MLP(3, [4, 2], rng=rng) for _ in range(2))
    x = np.ones((2, 3))
    assert not np.array_equal(model(x).data, other(x).data)
    differences = other.load_state_dict(model.state_dict())
    assert differences == ([], [])
    assert list(model.state_dict()) == [
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.weight",
        "layers.1.bias",
    ]
    np.testing.assert_array_equal(model(x).data, other(x).data)


def test_state_dict_is_a_copy():
    module = Leaf()
    state = module.state_dict()
    state["w"][...] = 7.0
    assert module.w.item() == 3.0
    array = np.array(9.0)
    module.load_state_dict({"w": array})
    array[...] = 7.0
    assert module.w.item() == 9.0


def test_loading_keeps_the_parameter_its_dtype_and_its_array():
    layer = Linear(2, 1, dtype=np.float32)
    weight, array = layer.weight, layer.weight.data
    layer.load_state_dict({"weight": [[1], [2]], "bias": np.zeros(1)})
    assert layer.weight is weight
    assert layer.weight.data is array
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, [[1.0], [2.0]])


def test_a_graph_from_before_loading_is_refused():
    module = Leaf()
    out = module(Value(2.0)) ** 2
    module.load_state_dict({"w": 5.0})
    with pytest.raises(RuntimeError, match="changed"):
        out.backward()


def test_load_state_dict_lists_every_difference_at_once_and_loads_nothing():
    module = Everything()
    before = module.state_dict()
    state = {name: array + 1.0 for name, array in before.items()}
    del state["z"], state["table.right.0"]
    state |= {"y": np.ones(2), "a": np.ones(3), "pair.0": np.array(["text"])}
    with pytest.raises(ValueError, match="these entries do not fit") as caught:
        module.load_state_dict(state)
    lines = str(caught.value).splitlines()
    assert lines[1:-1] == [
        "  missing: z of shape ()",
        "  missing: table.right.0 of shape (1,)",
        "  unexpected: y",
        "  wrong shape: a has shape (2,) but the entry has (3,)",
        "  wrong dtype: pair.0 has dtype float64 but the entry has <U4",
    ]
    for name, array in module.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_load_state_dict_that_is_not_strict_returns_what_it_left_alone():
    module = Everything()
    left = module.load_state_dict({"z": 4.0, "y": 5.0}, strict=False)
    assert left.missing == PATHS[1:]
    assert left.unexpected == ["y"]
    assert module.z.item() == 4.0
    with pytest.raises(ValueError, match=r"wrong shape: z has shape \(\) but the entry has \(2,\)"):
        module.load_state_dict({"z": [1.0, 2.0]}, strict=False)


def test_copies_and_pickles_are_independent(rng):
    model = MLP(3, [4, 2], "tanh", rng=rng)
    x = np.ones((1, 3))
    model(x)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(twin(x).data, model(x).data)
        twin.layers[0].weight.data += 1.0
        assert not np.array_equal(twin(x).data, model(x).data)


class Tied(Module):
    """A layer under two names, and a weight that another layer has too."""

    def __init__(self) -> None:
        self.a, self.b = Linear(3, 3), Linear(3, 3, bias=False)
        self.b.weight = self.a.weight
        self.layers = [self.a, self]


OTHER_NAMES = ["b.weight", "layers.0.weight", "layers.0.bias"]


def test_tied_parameters_are_told_once_and_for_pytorch_under_every_name():
    model = Tied()
    assert list(model.state_dict()) == ["a.weight", "a.bias"]
    state = model.state_dict(layout="torch")
    assert list(state) == ["a.weight", "a.bias", *OTHER_NAMES]
    np.testing.assert_array_equal(state["b.weight"], model.a.weight.data.T)
    assert not np.shares_memory(state["b.weight"], state["a.weight"])


@pytest.mark.parametrize("left_out", [[], ["a.weight"], ["b.weight", "layers.0.bias"], ["a.bias"]])
def test_tied_parameters_load_under_any_of_their_names(left_out):
    model, other = Tied(), Tied()
    model.a.bias.data = [1.0, np.nan, 2.0]
    state = model.state_dict(layout="torch")
    for name in left_out:
        del state[name]
    assert other.load_state_dict(state, layout="torch") == ([], [])
    np.testing.assert_array_equal(other.a.weight.data, model.a.weight.data)
    np.testing.assert_array_equal(other.a.bias.data, model.a.bias.data)
    assert other.b.weight is other.a.weight


@pytest.mark.parametrize("strict", [True, False])
def test_entries_for_one_parameter_that_differ_are_refused(strict):
    model = Tied()
    before = model.state_dict()
    state = {**before, "b.weight": before["a.weight"] + 1.0}
    with pytest.raises(ValueError, match=r"tied: a\.weight and b\.weight are one param"):
        model.load_state_dict(state, strict=strict)
    np.testing.assert_array_equal(model.a.weight.data, before["a.weight"])
