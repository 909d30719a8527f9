"""What do compiled training steps do beyond what each layer, loss and optimizer does?

That every layer, loss and optimizer of its table is computed alike, eager and compiled, is said in
``test_layers_compile``, ``test_losses`` and ``test_optim_table``. Here: every activation by name,
batches of several shapes, optimizers with settings. ``test_compile_programs`` is about the program
itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd import nn
from micrograd.engine import Value, compile
from micrograd.engine.compiler import plan

from .alike import DTYPES, STEPS, batches, close, mlp, trained_alike
from .optimizer_table import OPTIMIZERS, Net


class Bend(nn.Module):
    """Numbers between 0 and 1 (for arccosh from 1 on) through an activation, then a sum."""

    def __init__(self, name: str, dtype: Any) -> None:
        self.w = Value([0.3, 0.5, 0.6], "w", dtype=dtype)
        self.b = Value(1.1 if name == "arccosh" else 0.1, "b", dtype=dtype)
        self.bend = nn.activations.get(name)
        self.last = nn.Linear(3, 2, dtype=dtype, rng=np.random.default_rng(1))

    def forward(self, x: Any) -> Any:
        return self.last(self.bend(x * self.w + self.b))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted(set(nn.activations.names()) - {"stack", "vstack"}))
def test_every_activation_by_name(name: str, dtype: str) -> None:
    pairs = []
    for _ in range(2):
        model = Bend(name, np.dtype(dtype))
        pairs.append((model, nn.SGD(model.parameters(), lr=1e-4, momentum=0.9)))
    rng = np.random.default_rng(2)
    given = [
        (rng.uniform(size=(4, 3)).astype(dtype), rng.normal(size=(4, 2)).astype(dtype))
        for _ in range(STEPS)
    ]
    program = trained_alike(*pairs, given, DTYPES[dtype])
    assert program.recordings == 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_whole_numbers_become_those_of_the_layer(dtype: str) -> None:
    model = nn.Linear(3, 2, dtype=np.dtype(dtype), rng=np.random.default_rng(1))
    program, x = compile(model), np.arange(6).reshape(2, 3)
    for _ in range(3):
        out = program(x)
        close(out, model(x).data, DTYPES[dtype])
        assert out.dtype == model(x).dtype == dtype


@pytest.mark.parametrize("flat", [False, True], ids=["apart", "flat"])
def test_batches_of_several_shapes_train_one_network(flat: bool) -> None:
    pairs = []
    for _ in range(2):
        model = mlp()
        pairs.append((model, nn.Adam(model.parameters(), lr=0.02, flat=flat)))
    program = trained_alike(*pairs, batches("float64", [4, 1, 4, 7, 1, 4, 7, 7]), 1e-9)
    assert program.signatures == 3


@pytest.mark.parametrize("flat", [False, True], ids=["apart", "flat"])
def test_long_parameters_are_updated_in_parts(flat: bool) -> None:
    """Longer than fits into the cache, with a rest and without."""
    pairs = []
    for _ in range(2):
        model = nn.MLP(3, [257, 131, 2], "tanh", rng=np.random.default_rng(1))
        pairs.append((model, nn.Adam(model.parameters(), lr=0.01, flat=flat)))
    program = trained_alike(*pairs, batches("float64", [4] * STEPS), 1e-9)
    assert "for part in parts" in program.source


@pytest.mark.parametrize("clip", [{}, {"clip_norm": 0.3}, {"clip_value": 0.05}], ids=str)
@pytest.mark.parametrize("flat", [False, True], ids=["apart", "flat"])
@pytest.mark.parametrize("made", OPTIMIZERS)
def test_every_optimizer_in_parts(
    made: str, flat: bool, clip: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if four numbers were long, and three filled the cache."""
    monkeypatch.setattr(plan, "MOST_AT_ONCE", 4)
    monkeypatch.setattr(plan, "PART", 3)
    kind, settings = OPTIMIZERS[made]
    net, other = Net(), Net()
    optimizer = kind(net.parameters, **settings, **clip, flat=flat)
    theirs = kind(other.parameters, **settings, **clip, flat=flat)
    program = compile(other.loss, optimizer=theirs)
    for _ in range(STEPS):
        close(program(other.rows, other.targets), net.step(optimizer), 1e-10)
        for one, right in zip(other.numbers(), net.numbers(), strict=True):
            close(one, right, 1e-10)
    assert "for part in parts" in program.source


def test_parameters_of_two_dtypes() -> None:
    class Mixed(nn.Module):
        def __init__(self) -> None:
            self.w = Value(np.linspace(-1, 1, 6).reshape(3, 2), "w", dtype=np.float32)
            self.b = Value([0.1, 0.2], "b")

        def forward(self, x: Any) -> Any:
            return np.tanh(x @ self.w + self.b)

    for make in (
        lambda model: nn.SGD(model.parameters(), lr=0.1, momentum=0.9),
        lambda model: nn.Adam(model.parameters(), lr=0.02),
    ):
        pairs = [(model, make(model)) for model in (Mixed(), Mixed())]
        trained_alike(*pairs, batches("float32", [4] * STEPS), 1e-5)


def test_class_labels() -> None:
    pairs = []
    for _ in range(2):
        model = mlp(activation="relu")
        pairs.append((model, nn.SGD(model.parameters(), lr=0.1)))
    rng = np.random.default_rng(3)
    given = [(rng.normal(size=(6, 3)), rng.integers(0, 2, 6)) for _ in range(STEPS)]
    trained_alike(*pairs, given, 1e-9, nn.cross_entropy)


def test_eval_and_train_are_two_programs() -> None:
    def make() -> nn.Module:
        rng = np.random.default_rng(1)
        return nn.Sequential(
            nn.Linear(3, 4, rng=rng), nn.BatchNorm1d(4), nn.Dropout(0.5, rng=rng), nn.Linear(4, 2)
        )

    model, other = make(), make()
    other.load_state_dict(model.state_dict())
    program, rng = compile(other), np.random.default_rng(2)
    for mode in (True, True, True, False, True, False, False, True):
        model.train(mode)
        other.train(mode)
        x = rng.normal(size=(5, 3))
        close(program(x), model(x).data, 1e-12)
        for key, right in model.state_dict().items():
            close(other.state_dict()[key], right, 1e-12)
    assert program.signatures == 2


def test_a_layer_deep_inside_that_is_frozen_in_its_mode() -> None:
    rng = np.random.default_rng(1)
    model = nn.Sequential(nn.Linear(3, 4, rng=rng), nn.Sequential(nn.Dropout(0.5, rng=rng)))
    program, x = compile(lambda x: model(x)), np.ones((2, 3))
    program(x)
    model[1][0].eval()
    np.testing.assert_array_equal(program(x), program(x))
    np.testing.assert_allclose(program(x), model(x).data)
