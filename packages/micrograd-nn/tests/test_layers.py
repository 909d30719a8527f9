"""Linear, Sequential and MLP: shapes, numbers, beginnings, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd.engine import Value, ops
from micrograd.nn import MLP, Linear, Module, Sequential, init


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0.0)


# -- Linear ---------------------------------------------------------------------------------


@given(lead=st.lists(st.integers(1, 3), max_size=3), nin=st.integers(1, 4), nout=st.integers(1, 4))
def test_linear_is_a_product_and_a_sum_for_every_leading_shape(lead, nin, nout):
    rng = np.random.default_rng(0)
    layer, x = Linear(nin, nout, rng=rng), rng.normal(size=(*lead, nin))
    layer.bias.data = rng.normal(size=nout)
    np.testing.assert_allclose(layer(x).data, x @ layer.weight.data + layer.bias.data)


def test_linear_gradients_are_those_of_the_product(rng):
    layer, x = Linear(3, 2, rng=rng), rng.normal(size=(5, 3))
    g = rng.normal(size=(5, 2))
    layer(x).backward(gradient=g)
    np.testing.assert_allclose(layer.weight.grad, x.T @ g)
    np.testing.assert_allclose(layer.bias.grad, g.sum(axis=0))


def test_linear_stores_nin_by_nout_with_a_zero_bias(rng):
    layer = Linear(3, 5, rng=rng)
    assert layer.weight.shape == (3, 5)
    np.testing.assert_array_equal(layer.bias.data, np.zeros(5))
    np.testing.assert_array_equal(
        layer.weight.data, init.xavier_uniform((3, 5), rng=np.random.default_rng(20240229))
    )


def test_linear_without_bias(rng):
    layer = Linear(3, 2, bias=False, rng=rng)
    assert layer.bias is None
    assert layer.parameters() == [layer.weight] or len(layer.parameters()) == 1
    np.testing.assert_allclose(layer(np.ones(3)).data, layer.weight.data.sum(axis=0))
    assert repr(layer) == "Linear(3, 2, bias=False)"


def test_linear_takes_lists_and_whole_numbers(rng):
    layer = Linear(2, 1, rng=rng)
    expected = layer(np.array([[1.0, 2.0]])).data
    np.testing.assert_array_equal(layer([[1, 2]]).data, expected)
    np.testing.assert_array_equal(layer(np.array([[1, 2]])).data, expected)


@pytest.mark.parametrize("x", [np.ones((4, 2), np.float32), np.ones((4, 2), int)])
def test_float32_is_kept(x, rng):
    model = MLP(2, [3, 1], dtype=np.float32, rng=rng)
    out = model(x)
    out.sum().backward()
    assert out.dtype == np.float32
    assert {p.grad.dtype for p in model.parameters()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((5, 4)), r"shape \(5, 4\).*3 entries.*weight of shape \(3, 2\).*build Linear\(4"),
        (np.ones(2), r"input has shape \(2,\).*weight of shape \(3, 2\)"),
        (np.float64(1.0), r"input has shape \(\).*weight of shape \(3, 2\)"),
        (Value(np.ones((3, 1))), r"input has shape \(3, 1\).*weight of shape \(3, 2\)"),
        ([1.0, 2.0], r"input has shape \(2,\)"),
    ],
)
def test_linear_refuses_another_number_of_features(x, message, rng):
    with pytest.raises(ValueError, match=message):
        Linear(3, 2, rng=rng)(x)


# -- Sequential -----------------------------------------------------------------------------


def test_sequential_applies_modules_functions_and_names_in_order(rng):
    first, last = Linear(2, 4, rng=rng), Linear(4, 1, rng=rng)
    x = rng.normal(size=(3, 2))
    for bend in (ops.tanh, "tanh", np.tanh, lambda v: v.tanh()):
        out = Sequential(first, bend, last)(x)
        np.testing.assert_allclose(out.data, last(np.tanh(first(x).data)).data)


def test_sequential_names_its_parts_by_number(rng):
    model = Sequential(Linear(2, 4, rng=rng), ops.relu, Linear(4, 1, rng=rng))
    names = [name for name, _ in model.named_parameters()]
    assert names == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert len(model) == 3
    assert model[-1] is model[2]
    assert model[1] is ops.relu
    assert next(iter(model)) is model[0]


def test_sequential_makes_an_instance_of_a_module_class(rng):
    class Twice(Module):
        def forward(self, x: Value) -> Value:
            return x * 2.0

    assert Sequential(Twice, Twice())(Value(1.0)).item() == 4.0


def test_sequential_refuses_nothing_and_what_cannot_be_called():
    with pytest.raises(ValueError, match=r"Sequential\(\) has no layers.*Give it at least one"):
        Sequential()
    with pytest.raises(TypeError, match=r"3 cannot be applied to a Value.*Give the name"):
        Sequential(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"<class 'dict'> cannot be applied to a Value"):
        Sequential(dict)


# -- MLP ------------------------------------------------------------------------------------


def test_mlp_bends_after_every_layer_but_the_last(rng):
    model, x = MLP(3, [4, 4, 2], rng=rng), rng.normal(size=(5, 3))
    w = [layer.weight.data for layer in model.layers]
    expected = relu(relu(x @ w[0]) @ w[1]) @ w[2]
    np.testing.assert_allclose(model(x).data, expected)


@pytest.mark.parametrize("activation", ["tanh", ops.tanh, np.tanh, lambda v: v.tanh()])
def test_mlp_takes_an_activation_by_name_or_as_a_function(activation, rng):
    model, x = MLP(3, [4, 2], activation, rng=rng), rng.normal(size=(5, 3))
    w = [layer.weight.data for layer in model.layers]
    np.testing.assert_allclose(model(x).data, np.tanh(x @ w[0]) @ w[1])


def test_mlp_gives_each_layer_its_own_instance_of_a_module_class(rng):
    class Slope(Module):
        def __init__(self) -> None:
            self.slope = Value(0.1)

        def forward(self, x: Value) -> Value:
            return ops.maximum(x, self.slope * x)

    model = MLP(2, [3, 3, 1], Slope, rng=rng)
    names = [name for name, _ in model.named_parameters()]
    assert names[-2:] == ["activations.0.slope", "activations.1.slope"]
    model(np.ones((1, 2))).sum().backward()
    assert all(p.has_grad for p in model.parameters())


def test_mlp_begins_with_the_numbers_that_it_is_given():
    weights = [np.arange(6.0).reshape(2, 3), [[1], [2], [3]]]
    biases = [[1.0, 2.0, 3.0], [4.0]]
    model = MLP(2, [3, 1], weights=weights, biases=biases)
    x = np.array([[1.0, -1.0]])
    expected = relu(x @ weights[0] + biases[0]) @ np.array(weights[1]) + biases[1]
    np.testing.assert_allclose(model(x).data, expected)
    weights[0][...] = 0.0
    np.testing.assert_allclose(model(x).data, expected)


def test_mlp_parameters_are_named_by_their_paths(rng):
    model = MLP(3, [4, 2], rng=rng)
    assert [p.name for p in model.parameters()] == [
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.weight",
        "layers.1.bias",
    ]


def test_the_same_generator_gives_the_same_network():
    one, two = (MLP(3, [4, 2], rng=np.random.default_rng(3)) for _ in range(2))
    other = MLP(3, [4, 2], rng=np.random.default_rng(4))
    for name, array in one.state_dict().items():
        np.testing.assert_array_equal(array, two.state_dict()[name])
    assert not np.array_equal(one.layers[0].weight.data, other.layers[0].weight.data)
    assert not np.array_equal(one.layers[0].weight.data, MLP(3, [4, 2]).layers[0].weight.data)


def test_float32_draws_are_the_float64_draws_rounded():
    one, two = (Linear(3, 4, dtype=d, rng=np.random.default_rng(3)) for d in ("f4", "f8"))
    np.testing.assert_array_equal(one.weight.data, two.weight.data.astype(np.float32))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"nouts": []}, r"nouts is empty.*Give the size of each layer"),
        ({"weights": [np.ones((2, 3))]}, r"weights has 1 arrays, but there are 2 layers.*Give one"),
        ({"biases": [np.ones(3)] * 3}, r"biases has 3 arrays, but there are 2 layers"),
        (
            {"weights": [np.ones((3, 2)), np.ones((3, 1))]},
            r"weights\[0\] has shape \(3, 2\).*layer 0 has shape \(2, 3\).*\(inputs, outputs\)",
        ),
        ({"biases": [np.ones(3), 1.0]}, r"biases\[1\] has shape \(\).*has shape \(1,\)"),
    ],
)
def test_mlp_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        MLP(**{"nin": 2, "nouts": [3, 1], **settings})


@pytest.mark.parametrize("rng", [0, np.random.RandomState(0)])
def test_only_a_generator_is_randomness(rng):
    with pytest.raises(TypeError, match=r"must be a numpy.random.Generator or None.*default_rng"):
        Linear(2, 1, rng=rng)
