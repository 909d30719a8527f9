"""What a network has and costs, measured by running it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, assign
from micrograd.nn import MLP, Conv1d, Conv2d, Linear, Module, Sequential, summary
from micrograd.nn.summary import Layer


def layer(model: Module, path: str, *inputs: Any) -> Layer:
    (found,) = [one for one in summary(model, *inputs).layers if one.path == path]
    return found


class Function(Module):
    """A module of a function, with a parameter of no use."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.scale = Value(np.ones(3))

    def forward(self, *inputs: Any) -> Any:
        return self.function(*inputs)


class Conv(Module):
    """A convolution as a sum over windows, to see that its product is counted."""

    def __init__(self, inputs: int, outputs: int, size: int) -> None:
        self.weight = Value(np.ones((outputs, inputs, size, size)))

    def forward(self, x: Value) -> Value:
        window = self.weight.shape[-2:]
        windows = np.lib.stride_tricks.sliding_window_view(x, window, axis=(-2, -1))
        return np.einsum("bihwkl,oikl->bohw", windows, self.weight)


# -- data -------------------------------------------------------------------------------------


def test_a_multi_layer_perceptron_in_numbers():
    found = summary(MLP(3, [5, 2]), (4, 3))
    assert [one[:5] for one in found.layers] == [
        ("", 0, "MLP", ((4, 2),), 1),
        ("layers.0", 1, "Linear(3, 5)", ((4, 5),), 1),
        ("layers.1", 1, "Linear(5, 2)", ((4, 2),), 1),
    ]
    assert [one.parameters for one in found.layers] == [0, 3 * 5 + 5, 5 * 2 + 2]
    assert [one.multiply_adds for one in found.layers] == [0, 4 * 3 * 5, 4 * 5 * 2]
    assert found.inputs == ((4, 3),)
    assert (found.parameters, found.trainable, found.multiply_adds) == (32, 32, 100)
    assert (found.buffers, found.nbytes) == (0, 32 * 8)


PRODUCTS = [
    (lambda a, b: a @ b, (4, 3), (3, 5), 4 * 3 * 5),
    (lambda a, b: a @ b, (3,), (3,), 3),
    (lambda a, b: a @ b, (3,), (3, 5), 3 * 5),
    (lambda a, b: a @ b, (2, 1, 4, 3), (6, 3, 5), 2 * 6 * 4 * 3 * 5),
    (lambda a, b: np.einsum("ij,jk->ik", a, b), (4, 3), (3, 5), 4 * 3 * 5),
    (lambda a, b: np.einsum("ij,jk,kl->il", a, b, np.ones((5, 2))), (4, 3), (3, 5), 2 * 120),
    (lambda a, b: np.einsum("ij->i", a), (4, 3), (1,), 0),
    (lambda a, b: np.tensordot(a, b, 1), (2, 4, 3), (3, 5), 2 * 4 * 3 * 5),
    (lambda a, b: np.tanh(a) + b, (4, 3), (4, 3), 0),
]


@pytest.mark.parametrize(("function", "a", "b", "cost"), PRODUCTS)
def test_products_are_counted_and_nothing_else(function, a, b, cost):
    assert summary(Function(function), a, b).multiply_adds == cost


def test_a_convolution_is_counted_by_its_windows():
    found = layer(Conv(2, 4, 3), "", (5, 2, 10, 8))
    assert found.outputs == ((5, 4, 8, 6),)
    assert found.multiply_adds == 5 * 4 * 8 * 6 * (2 * 3 * 3)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("layer", "settings", "shape", "cost"),
    [
        (Conv1d, {}, (5, 2, 10), 5 * 4 * 8 * (2 * 3)),
        (Conv2d, {}, (5, 2, 10, 8), 5 * 4 * 8 * 6 * (2 * 3 * 3)),
        (Conv2d, {"padding": 1, "stride": 2}, (5, 2, 10, 8), 5 * 4 * 5 * 4 * (2 * 3 * 3)),
        (Conv2d, {"groups": 2}, (5, 2, 10, 8), 5 * 4 * 8 * 6 * (1 * 3 * 3)),
    ],
)
def test_the_products_of_a_convolution_are_counted_with_and_without_bias(
    layer: Any, settings: Any, shape: Any, cost: int, bias: bool
) -> None:
    assert summary(layer(2, 4, 3, bias=bias, **settings), shape).multiply_adds == cost


def test_what_a_module_does_itself_is_not_counted_below_it_nor_above():
    class Outer(Module):
        def __init__(self) -> None:
            self.inner, self.weight = Linear(3, 3), Value(np.ones((3, 7)))

        def forward(self, x: Any) -> Any:
            return self.inner(x) @ self.weight

    model = Sequential(Outer())
    assert [one.multiply_adds for one in summary(model, (1, 3)).layers] == [0, 21, 9]
    assert [one.parameters for one in summary(model, (1, 3)).layers] == [0, 21, 12]


def test_a_module_that_is_called_again_counts_each_time_and_has_its_numbers_once():
    shared = Linear(3, 3)
    found = summary(Sequential(shared, "tanh", shared, Sequential(shared)), (2, 3))
    assert [one.path for one in found.layers] == ["", "0", "3"]
    first = found.layers[1]
    assert (first.calls, first.parameters, first.multiply_adds) == (3, 12, 3 * 18)
    assert found.parameters == 12


def test_a_parameter_that_two_modules_hold_is_counted_once():
    first, second = Linear(3, 3), Linear(3, 3)
    second.weight = first.weight
    model = Module()
    model.tied = first.weight
    model.parts = [first, second]
    model.forward = lambda x: second(first(x))
    found = summary(model, (1, 3))
    assert found.parameters == sum(p.size for p in model.parameters()) == 15


def test_a_module_that_nobody_holds_counts_with_the_one_that_calls_it():
    model = Sequential(Function(lambda x: Linear(3, 2)(x)))
    assert layer(model, "0", (5, 3)).multiply_adds == 5 * 3 * 2


def test_a_module_that_is_never_called_says_so():
    model = Module()
    model.used, model.spare = Linear(2, 2), Linear(2, 2)
    model.forward = model.used
    found = layer(model, "spare", (1, 2))
    assert (found.calls, found.outputs) == (0, ())
    assert "spare: Linear(2, 2)  not called" in str(summary(model, (1, 2)))


def test_several_results_have_several_shapes():
    model = Function(lambda x: (x, {"mean": x.mean(), "rows": [x[0]]}, None))
    assert layer(model, "", (4, 3)).outputs == ((4, 3), (), (3,))
    assert "(4, 3), ..." in str(summary(model, (4, 3)))
    assert "no array" in str(summary(Function(lambda x: None), (4, 3)))


def test_what_is_frozen_and_what_is_a_buffer_is_told_apart():
    model = Sequential(Linear(3, 2), Linear(2, 2, dtype=np.float32))
    model.register_buffer("mean", np.zeros(3))
    model[0].requires_grad_(False)
    found = summary(model, (1, 3))
    assert (found.parameters, found.trainable, found.buffers) == (14, 6, 3)
    assert [one.trainable for one in found.layers] == [0, 0, 6]
    assert found.nbytes == 8 * 8 + 6 * 4 + 3 * 8


def test_deeper_modules_count_with_the_one_that_holds_them():
    model = Sequential(MLP(3, [4, 2]), Linear(2, 1))
    whole = summary(model, (1, 3))
    for depth, paths in [(0, [""]), (1, ["", "0", "1"]), (2, [one.path for one in whole.layers])]:
        found = summary(model, (1, 3), depth=depth)
        assert [one.path for one in found.layers] == paths
        assert found[1:] == whole[1:]
    assert summary(model, (1, 3), depth=1).layers[1].parameters == 26
    assert summary(model, (1, 3), depth=1).layers[1].multiply_adds == 20


# -- inputs -----------------------------------------------------------------------------------


def test_zeros_have_the_dtype_of_the_parameters():
    seen: list[Any] = []
    model = Function(lambda x: seen.append(x.dtype))
    model.scale = Value(np.ones(1, np.float32))
    summary(model, (1, 2))
    del model.scale
    summary(model, (1, 2))
    assert seen == [np.float32, np.float64]


def test_an_example_is_passed_as_it_is():
    labels, mask, known = np.array([[0, 2]]), np.array([True]), Value([1.0])
    seen: list[Any] = []
    found = summary(Function(lambda *inputs: seen.extend(inputs)), labels, mask, known, (2,))
    assert seen[0] is labels
    assert seen[1] is mask
    assert seen[2] is known
    assert found.inputs == ((1, 2), (1,), (1,), (2,))
    assert "for inputs of shapes (1, 2), (1,), (1,), (2,); 24 B of parameters" in str(found)


@pytest.mark.parametrize("given", [[1, 2], "x", 3, (1, "a"), None])
def test_what_is_neither_a_shape_nor_an_array_is_refused(given):
    with pytest.raises(TypeError, match=r"input 1 is of type \w+\. Pass a shape, .* or an array"):
        summary(Linear(2, 2), (1, 2), given)


def test_no_input_no_module_and_no_depth_are_refused():
    with pytest.raises(TypeError, match=r"summary has no input\. Pass a shape, batch included"):
        summary(Linear(2, 2))
    with pytest.raises(TypeError, match=r"summary got function\. Pass a Module"):
        summary(lambda x: x, (1, 2))
    with pytest.raises(ValueError, match=r"depth is -1\. It must be at least 0"):
        summary(Linear(2, 2), (1, 2), depth=-1)


# -- the model stays as it was ----------------------------------------------------------------


class Counting(Module):
    """Counts its calls, and remembers how it was called."""

    def __init__(self) -> None:
        self.register_buffer("calls", 0.0)
        self.seen: list[bool] = []

    def forward(self, x: Any) -> Any:
        assign(self.calls, self.calls + 1.0)
        self.seen.append(self.training)
        return x * 2.0


def test_it_runs_in_evaluation_mode_without_a_graph_and_leaves_modes_and_buffers():
    results: list[Any] = []
    model = Sequential(Counting(), Counting(), Linear(2, 2), results.append)
    model[1].eval()
    modes = [module.training for module in model.modules()]
    summary(model, (1, 2))
    assert [module.training for module in model.modules()] == modes
    assert [model[0].seen, model[1].seen] == [[False], [False]]
    assert [buffer.item() for buffer in model.buffers()] == [0.0, 0.0]
    assert not results[0].requires_grad
    assert not any(p.has_grad for p in model.parameters())


def test_an_error_of_a_layer_is_that_of_the_layer_and_leaves_the_model():
    model = Sequential(Counting(), Linear(3, 2))
    with pytest.raises(ValueError, match=r"Linear\(3, 2\): the input has shape \(1, 4\)"):
        summary(model, (1, 4))
    assert all(module.training for module in model.modules())
    assert model[0].calls.item() == 0.0
    assert (model(np.ones((1, 3))) * 1.0).scope == ""


def test_a_summary_within_a_forward_measures_its_own_model_only():
    inner = Linear(2, 2)
    found: list[Any] = []
    outer = Function(lambda x: found.append(summary(inner, (3, 2))) or x)
    assert summary(outer, (1, 2)).multiply_adds == 0
    assert found[0].multiply_adds == 12


# -- the table --------------------------------------------------------------------------------


def test_the_table_of_a_small_network():
    model = Sequential(Conv(1, 4, 3), "relu", MLP(6, [8, 2]))
    model[0].requires_grad_(False)
    model.register_buffer("mean", np.zeros(3))
    found = summary(model, (2, 1, 6, 8))
    assert repr(found) == str(found)
    assert str(found).splitlines() == [
        "module                      output       parameters multiply-adds",
        "-----------------------------------------------------------------------",
        "Sequential                  (2, 4, 4, 2)          -             -",
        "  0: Conv                   (2, 4, 4, 6)         36         1,728 ##",
        "  2: MLP                    (2, 4, 4, 2)          -             -",
        "    layers.0: Linear(6, 8)  (2, 4, 4, 8)         56         1,536 ##",
        "    layers.1: Linear(8, 2)  (2, 4, 4, 2)         18           512 #",
        "-----------------------------------------------------------------------",
        "total                                           110         3,776",
        "frozen                                           36",
        "buffers                                           3",
        "for an input of shape (2, 1, 6, 8); 904 B of parameters and buffers",
    ]


def test_long_names_are_cut_so_that_a_line_has_80_columns():
    model = Module()
    model.a_name_that_goes_on_and_on_and_on_and_on_and_on = Linear(12345, 2)
    model.forward = model.a_name_that_goes_on_and_on_and_on_and_on_and_on
    lines = str(summary(model, (*([1] * 9), 12345))).splitlines()
    assert max(map(len, lines)) == 80
    assert lines[3].startswith("  a_name_that")
    assert lines[3].count("...") == 2


def test_a_module_with_many_settings_shows_the_first():
    class Layer(Function):
        def extra_repr(self) -> str:
            return "3, 4, kernel_size=(5, 5), stride=(1, 1), padding=0"

    lines = str(summary(Layer(lambda x: x), (1,) * 9)).splitlines()
    assert lines[2].startswith("Layer(3, 4, ...)  ")


@pytest.mark.parametrize(
    ("size", "told"), [(1, "8 B"), (125, "1.0 kB"), (250_000, "2.0 MB"), (10**9, "8.0 GB")]
)
def test_the_memory_is_told_in_units_that_one_can_read(size, told):
    found = summary(Function(lambda x: x), (1,))._replace(nbytes=8 * size)
    assert str(found).endswith(f"; {told} of parameters")
