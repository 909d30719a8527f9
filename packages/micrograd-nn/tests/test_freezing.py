"""What a frozen network does, and what `apply` visits."""

from __future__ import annotations

import numpy as np
import pytest

from micrograd.engine import Value, compile
from micrograd.nn import MLP, SGD, Adam, Linear, Module, Sequential


@pytest.fixture
def model(rng) -> MLP:
    return MLP(3, [4, 2], "tanh", rng=rng)


def step(model: Module, optimizer: SGD | Adam, x: np.ndarray) -> None:
    (model(x) ** 2).sum().backward()
    optimizer.step()
    optimizer.zero_grad()


@pytest.mark.parametrize("make", [SGD, Adam])
def test_what_is_frozen_stays_and_the_rest_learns(model, rng, make):
    before = model.state_dict()
    assert model.layers[0].requires_grad_(False) is model.layers[0]
    optimizer = make(model.parameters(), lr=0.1)
    step(model, optimizer, rng.normal(size=(5, 3)))
    after = model.state_dict()
    assert list(after) == list(before)
    for name in before:
        assert np.array_equal(after[name], before[name]) == name.startswith("layers.0")


def test_no_gradient_is_computed_for_what_is_frozen(model, rng):
    model.layers[0].requires_grad_(False)
    out = model(rng.normal(size=(5, 3)))
    out.sum().backward()
    assert [p.has_grad for p in model.parameters()] == [False, False, True, True]
    model.requires_grad_(False)
    assert not model(np.ones((1, 3))).requires_grad


def test_freezing_clears_a_gradient_so_that_no_step_follows_it(model, rng):
    optimizer = SGD(model.parameters(), lr=0.1)
    model(rng.normal(size=(5, 3))).sum().backward()
    before = model.state_dict()
    model.requires_grad_(False)
    optimizer.step()
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_thawing_lets_gradients_in_again_and_leaves_buffers_alone(rng):
    model = Sequential(Linear(2, 2, rng=rng))
    model.register_buffer("mean", np.zeros(2))
    model.requires_grad_(False)
    assert model.requires_grad_() is model
    assert all(p.requires_grad for p in model.parameters())
    assert not model.mean.requires_grad


def test_a_flat_optimizer_says_that_it_cannot_leave_one_out(model, rng):
    optimizer = SGD(model.parameters(), lr=0.1, flat=True)
    model.layers[0].requires_grad_(False)
    with pytest.raises(ValueError, match=r"parameter 0 has no gradient.*Leave it out of params"):
        step(model, optimizer, rng.normal(size=(5, 3)))


def test_a_compiled_step_trains_the_others(model, rng):
    model.layers[0].requires_grad_(False)
    with pytest.raises(ValueError, match=r"parameters holds a constant.*requires_grad=True"):
        compile(lambda x: (model(x) ** 2).sum(), model.parameters())
    free = [p for p in model.parameters() if p.requires_grad]
    program = compile(lambda x: (model(x) ** 2).sum(), free)
    x = rng.normal(size=(5, 3))
    program(x)
    gradients = [p.grad.copy() for p in free]
    model.zero_grad()
    (model(x) ** 2).sum().backward()
    for p, g in zip(free, gradients, strict=True):
        np.testing.assert_allclose(g, p.grad, rtol=1e-12)


def test_apply_visits_every_module_once_and_returns_the_network():
    shared = Linear(2, 2)
    model = Sequential(shared, Sequential(shared, Linear(2, 1)))
    seen: list[Module] = []
    assert model.apply(seen.append) is model
    assert [id(one) for one in seen] == [id(one) for one in model.modules()]
    assert len(seen) == 4


def test_repr_marks_buffers_and_what_is_frozen():
    module = Module()
    module.free, module.still = Value([1.0]), Value([1.0], requires_grad=False)
    module.register_buffer("mean", np.zeros(3))
    assert repr(module).splitlines()[1:-1] == [
        "  free: (1,)",
        "  still: (1,) frozen",
        "  mean: (3,) buffer",
    ]


def test_repr_folds_equal_neighbours_and_nothing_else():
    def block() -> Sequential:
        return Sequential(Linear(2, 2), "relu")

    model = Module()
    model.blocks = [block() for _ in range(12)]
    model.named = {"0": Linear(2, 2), "2": Linear(2, 2), "x": Linear(2, 2), "y": Linear(2, 2)}
    model.others = [Linear(2, 2), Linear(2, 3)]
    assert repr(model).splitlines() == [
        "Module(",
        "  blocks.0-11: 12 x Sequential(",
        "    0: Linear(2, 2)",
        "    1: relu",
        "  )",
        "  named.0: Linear(2, 2)",
        "  named.2: Linear(2, 2)",
        "  named.x: Linear(2, 2)",
        "  named.y: Linear(2, 2)",
        "  others.0: Linear(2, 2)",
        "  others.1: Linear(2, 3)",
        ")",
    ]
    assert repr(Sequential("relu", "relu")).splitlines()[1] == "  0-1: 2 x relu"
    assert repr(MLP(2, [2, 2])).splitlines()[1] == "  layers.0-1: 2 x Linear(2, 2)"


def test_repr_of_a_module_with_a_text_of_its_own_shows_its_modules_too():
    class Scaled(Module):
        def __init__(self) -> None:
            self.scale = Value([2.0])

        def extra_repr(self) -> str:
            return "scale=2"

    module = Scaled()
    assert repr(module) == "Scaled(scale=2)"
    module.inner = Linear(1, 1)
    assert repr(module).splitlines() == ["Scaled(", "  scale=2", "  inner: Linear(1, 1)", ")"]
