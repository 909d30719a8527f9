"""Numbers that lie as PyTorch stores them, and how a mistake is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.nn import MLP, Linear, Module, Sequential


class State(dict[str, Any]):
    """Entries that say where they come from, as those of a file do."""

    layout: str | None = None
    origin = "a.npz"


class Tensor:
    """What a tensor of PyTorch looks like from here."""

    def __init__(self, array: Any, complaint: str = "") -> None:
        self.array, self.complaint = np.asarray(array), complaint

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        if self.complaint:
            raise TypeError(self.complaint)
        return self.array


Tensor.__module__ = "torch"


@pytest.fixture
def model(rng) -> Sequential:
    return Sequential(Linear(3, 4, rng=rng), "tanh", Linear(4, 4, rng=rng))


def test_the_weight_of_a_linear_lies_the_other_way_and_nothing_else(model):
    ours, theirs = model.state_dict(), model.state_dict(layout="torch")
    assert list(ours) == list(theirs)
    for name, array in theirs.items():
        assert array.flags.c_contiguous
        expected = ours[name].T if name.endswith("weight") else ours[name]
        np.testing.assert_array_equal(array, expected)


def test_there_and_back(model, rng):
    other = Sequential(Linear(3, 4, rng=rng), "tanh", Linear(4, 4, rng=rng))
    x = rng.normal(size=(5, 3))
    assert other.load_state_dict(model.state_dict(layout="torch"), layout="torch") == ([], [])
    np.testing.assert_array_equal(other(x).data, model(x).data)


def test_a_state_is_a_copy_in_both_layouts(model):
    for layout in ("micrograd", "torch"):
        before = model.state_dict()
        for array in model.state_dict(layout=layout).values():
            array[...] = 7.0
        for name, array in model.state_dict().items():
            np.testing.assert_array_equal(array, before[name])


def test_a_layer_says_what_is_transposed():
    class Bilinear(Module):
        torch_transposed = ("left", "missing")

        def __init__(self) -> None:
            self.left, self.right = Value(np.ones((2, 3))), Value(np.ones((2, 3)))
            self.missing = None

    model = Module()
    model.inner = Bilinear()
    shapes = {name: array.shape for name, array in model.state_dict(layout="torch").items()}
    assert shapes == {"inner.left": (3, 2), "inner.right": (2, 3)}


def test_shapes_in_an_error_are_those_of_the_layout():
    state = {"weight": np.ones((2, 3)), "bias": np.ones(2)}
    Linear(3, 2).load_state_dict(state, layout="torch")
    with pytest.raises(
        ValueError, match=r"weight has shape \(1, 3\) in PyTorch's layout but .* \(2, 3\)"
    ):
        Linear(3, 1).load_state_dict(state, layout="torch")
    with pytest.raises(ValueError, match=r"missing: weight of shape \(2, 3\)"):
        Linear(3, 2).load_state_dict({}, layout="torch")


def test_entries_that_would_fit_transposed_are_recognised():
    with pytest.raises(ValueError, match=r"fit transposed: pass layout='torch'"):
        Linear(3, 2).load_state_dict({"weight": np.ones((2, 3)), "bias": np.ones(2)})
    with pytest.raises(ValueError, match="wrong shape") as caught:
        Linear(3, 2).load_state_dict({"weight": np.ones((2, 4)), "bias": np.ones(2)})
    assert "torch" not in str(caught.value)


@pytest.mark.parametrize("call", ["state_dict", "load_state_dict"])
def test_an_unknown_layout_is_refused(call):
    arguments = ({},) if call == "load_state_dict" else ()
    with pytest.raises(ValueError, match=r"layout is 'pytorch'\. Pass 'micrograd' or 'torch'"):
        getattr(Linear(2, 2), call)(*arguments, layout="pytorch")


def test_tensors_of_pytorch_are_not_taken_without_a_layout():
    square = {"weight": Tensor([[1.0, 2.0], [3.0, 4.0]]), "bias": Tensor([0.0, 0.0])}
    layer = Linear(2, 2)
    with pytest.raises(ValueError, match=r"nothing says how .* Linear\. Pass layout='torch'"):
        layer.load_state_dict(square)
    layer.load_state_dict(square, layout="torch")
    np.testing.assert_array_equal(layer.weight.data, [[1.0, 3.0], [2.0, 4.0]])
    layer.load_state_dict(square, layout="micrograd")
    np.testing.assert_array_equal(layer.weight.data, [[1.0, 2.0], [3.0, 4.0]])


def test_a_network_without_transposed_entries_needs_no_layout():
    module = Module()
    module.scale = Value(1.0)
    module.load_state_dict({"scale": Tensor(2.0)})
    assert module.scale.item() == 2.0


def test_a_tensor_that_numpy_cannot_read_is_named():
    state = {"weight": Tensor(0.0, "unsupported BFloat16"), "bias": Tensor([0.0])}
    with pytest.raises(TypeError, match=r"weight is of type Tensor.*BFloat16.*\.cpu\(\)\.float"):
        Linear(1, 1).load_state_dict(state, layout="torch")


def test_entries_that_say_their_layout_are_believed():
    state = State(Linear(2, 2).state_dict(layout="torch"))
    state["weight"] = np.array([[1.0, 2.0], [3.0, 4.0]])
    layer = Linear(2, 2)
    with pytest.raises(ValueError, match=r"how the entries of a\.npz store the weight"):
        layer.load_state_dict(state)
    state.layout = "torch"
    layer.load_state_dict(state)
    np.testing.assert_array_equal(layer.weight.data, [[1.0, 3.0], [2.0, 4.0]])
    with pytest.raises(ValueError, match=r"layout='micrograd', but .* a\.npz say .* 'torch'"):
        layer.load_state_dict(state, layout="micrograd")


def test_an_error_names_where_the_entries_come_from():
    with pytest.raises(ValueError, match=r"these entries of a\.npz do not fit MLP"):
        MLP(2, [1]).load_state_dict(State(), layout="micrograd")
