"""Networks that learn: the parts together."""

from __future__ import annotations

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.nn import MLP, SGD, Adam, Linear, Sequential


def moons(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Two half circles that reach into each other, and which of them each point is on."""
    angle = rng.uniform(0.0, np.pi, count)
    label = rng.integers(0, 2, count)
    sign = 1.0 - 2.0 * label
    points = np.stack([sign * np.cos(angle) + label, sign * np.sin(angle) + label * 0.5], axis=1)
    return points + rng.normal(0.0, 0.1, points.shape), label


def train_on_moons(seed: int) -> tuple[MLP, list[float], float]:
    rng = np.random.default_rng(seed)
    points, label = moons(rng, 200)
    model = MLP(2, [16, 16, 2], "tanh", rng=rng)
    optimizer = Adam(model.parameters(), lr=0.02)
    history = []
    for _ in range(150):
        loss = model(points).cross_entropy(label)
        optimizer.zero_grad()
        loss.backward(keep_inner=False)
        optimizer.step()
        history.append(loss.item())
    fresh, truth = moons(rng, 500)
    return model, history, float((model(fresh).data.argmax(axis=1) == truth).mean())


def test_an_mlp_learns_two_moons():
    _, history, accuracy = train_on_moons(0)
    assert history[0] > 0.4
    assert history[-1] < 0.03
    assert accuracy >= 0.98


def test_a_run_repeats_bit_for_bit_with_its_generator():
    (one, first, _), (two, second, _), (_, other, _) = map(train_on_moons, (1, 1, 2))
    assert first == second
    assert first != other
    for name, array in one.state_dict().items():
        np.testing.assert_array_equal(array, two.state_dict()[name])


def test_the_loop_that_writes_into_data_itself():
    """Plain gradient descent as a learner writes it, with Values for data and targets."""
    model = MLP(nin=3, nouts=[16, 16, 1], rng=np.random.default_rng(0))
    rows = np.array([[1, 2, 3], [4, 5, 6]])
    wanted = np.array([[1.0], [2.0]])
    history = []
    for _ in range(100):
        inputs, targets = Value(rows), Value(wanted)
        loss = model(inputs).mse(targets)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.01 * p.grad
        history.append(loss.item())
    assert history[-1] < 0.01 * history[0]
    assert f"{loss.data:.4f}" == f"{history[-1]:.4f}"


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "binary_cross_entropy_with_logits"])
def test_exclusive_or(loss, rng):
    rows, wanted = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
    model = Sequential(Linear(2, 8, rng=rng), "tanh", Linear(8, 1, rng=rng))
    if loss == "binary_cross_entropy":
        model = Sequential(model, "sigmoid")
    optimizer = SGD(model.parameters(), lr=0.5, momentum=0.9)
    for _ in range(200):
        out = getattr(model(rows), loss)(wanted)
        optimizer.zero_grad()
        out.backward(keep_inner=False)
        optimizer.step()
    assert out.item() < 0.05


def test_gradients_of_a_whole_network_are_central_differences(rng, central):
    model = MLP(3, [4, 2], "tanh", rng=rng)
    rows, label = rng.normal(size=(5, 3)), rng.integers(0, 2, 5)
    model(rows).cross_entropy(label).backward()
    arrays = [p.data.copy() for p in model.parameters()]

    def loss(*moved: np.ndarray) -> float:
        other = MLP(3, [4, 2], "tanh", weights=moved[::2], biases=moved[1::2])
        return other(rows).cross_entropy(label).item()

    for position, parameter in enumerate(model.parameters()):
        expected = central(loss, arrays, position)
        np.testing.assert_allclose(parameter.grad, expected, rtol=1e-6, atol=1e-9)


def test_training_leaves_the_data_alone(rng):
    model, rows = MLP(3, [2, 1], rng=rng), rng.normal(size=(4, 3))
    held = Value(rows, "rows", requires_grad=False)
    model(held).mse(np.zeros((4, 1))).backward()
    assert not held.has_grad
    assert all(p.has_grad for p in model.parameters())
