"""Numbers that belong to a module's state and are not trained."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from micrograd.engine import Value, assign, compile
from micrograd.nn import SGD, Linear, Module, Sequential


class Centred(Module):
    """Takes a running mean away; the smallest module that remembers something."""

    def __init__(self, size: int, dtype: type = np.float64) -> None:
        self.shift = Value(np.zeros(size, dtype))
        self.register_buffer("mean", np.zeros(size, dtype))

    def forward(self, x: Value) -> Value:
        if self.training:
            assign(self.mean, 0.5 * self.mean + 0.5 * np.mean(x, axis=0))
        return x - self.mean + self.shift


def names(pairs: list[tuple[str, Value]]) -> list[str]:
    return [name for name, _ in pairs]


def test_a_buffer_is_part_of_the_state_and_no_parameter():
    model = Sequential(Centred(2), Linear(2, 1))
    assert names(model.named_buffers()) == ["0.mean"]
    assert model.buffers()[0] is model[0].mean
    assert names(model.named_parameters()) == ["0.shift", "1.weight", "1.bias"]
    assert list(model.state_dict()) == ["0.shift", "0.mean", "1.weight", "1.bias"]


def test_a_buffer_is_a_value_with_a_name_and_no_gradient():
    mean = Centred(2, np.float32).mean
    assert (type(mean), mean.name, mean.requires_grad) == (Value, "mean", False)
    assert mean.dtype == np.float32


def test_without_data_there_is_no_buffer():
    module = Module()
    module.register_buffer("mean", None)
    assert module.mean is None
    assert module.named_buffers() == []


def test_a_forward_changes_it_and_no_optimizer_does():
    model = Centred(2)
    optimizer = SGD(model.parameters(), lr=1.0)
    model(np.array([[2.0, 4.0]])).sum().backward()
    optimizer.step()
    np.testing.assert_array_equal(model.mean.data, [1.0, 2.0])
    np.testing.assert_array_equal(model.shift.data, [-1.0, -1.0])
    model.eval()
    np.testing.assert_array_equal(model(np.zeros((1, 2))).data, [[-2.0, -3.0]])
    np.testing.assert_array_equal(model.mean.data, [1.0, 2.0])


def test_eager_and_compiled_leave_the_same_numbers(rng):
    batches = rng.normal(size=(4, 5, 2))
    eager, compiled = Centred(2), Centred(2)
    program = compile(lambda x: (compiled(x) ** 2).sum(), compiled.parameters())
    for x in batches:
        loss = (eager(x) ** 2).sum()
        assert program(x) == pytest.approx(loss.item(), rel=1e-12)
        np.testing.assert_allclose(compiled.mean.data, eager.mean.data, rtol=1e-12)
    assert compiled.mean.data.any()


def test_loading_counts_buffers_like_parameters():
    source, target = Centred(2), Centred(2)
    source(np.array([[2.0, 4.0]]))
    mean = target.mean
    assert target.load_state_dict(source.state_dict()) == ([], [])
    assert target.mean is mean
    np.testing.assert_array_equal(mean.data, [1.0, 2.0])
    with pytest.raises(ValueError, match=r"missing: mean of shape \(2,\)"):
        target.load_state_dict({"shift": np.zeros(2)})
    with pytest.raises(ValueError, match=r"wrong shape: mean has shape \(2,\) .* \(3,\)"):
        target.load_state_dict({"shift": np.zeros(2), "mean": np.zeros(3)})


def test_copies_and_pickles_have_buffers_of_their_own():
    model = Centred(2)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert names(twin.named_buffers()) == ["mean"]
        assert twin.mean is not model.mean
        assert not twin.mean.requires_grad


def test_a_shallow_copy_registers_for_itself_alone():
    model = Centred(2)
    twin = copy.copy(model)
    twin.register_buffer("more", 1.0)
    assert names(model.named_buffers()) == ["mean"]
    assert names(twin.named_buffers()) == ["mean", "more"]


def test_a_buffer_may_be_replaced_by_another_value():
    model = Centred(2)
    model.mean = Value([5.0, 6.0], requires_grad=False)
    assert model.buffers()[0] is model.mean


def test_setting_a_buffer_to_what_would_be_lost_is_refused():
    model = Centred(2)
    with pytest.raises(TypeError, match=r"Centred.mean is a buffer .* result of mul.*assign\("):
        model.mean = 0.5 * model.mean
    with pytest.raises(TypeError, match=r"Centred.mean is a buffer .* set to None"):
        model.mean = None


@pytest.mark.parametrize("name", ["running mean", "a.b", "1", ""])
def test_a_name_that_is_no_attribute_is_refused(name):
    with pytest.raises(ValueError, match=r"cannot be the name of an attribute"):
        Module().register_buffer(name, 0.0)


@pytest.mark.parametrize("name", ["shift", "mean", "forward", "training"])
def test_a_name_that_is_taken_is_refused(name):
    with pytest.raises(ValueError, match=rf"Centred has '{name}' already.*assign\(\)"):
        Centred(2).register_buffer(name, 0.0)


def test_data_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="Pass real numbers"):
        Module().register_buffer("text", "hello")
