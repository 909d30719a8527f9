"""What the plugin adds when micrograd-nn is installed too (the extra `test` installs it)."""

from __future__ import annotations

import micrograd_swish
import numpy as np

from micrograd.engine import Value
from micrograd.nn import MLP, activations, losses


def test_the_activation_has_a_name() -> None:
    assert activations.get("swish") is micrograd_swish.swish


def test_a_network_with_swish_learns() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(32, 2))
    targets = inputs[:, :1] * inputs[:, 1:]
    model = MLP(2, [8, 1], activation="swish", rng=rng)
    errors = []
    for _ in range(60):
        loss = model(inputs).log_cosh(targets)
        errors.append(loss.item())
        model.zero_grad()
        loss.backward()
        for parameter in model.parameters():
            parameter.data -= 0.3 * parameter.grad
    assert errors[-1] < 0.5 * errors[0]


def test_the_loss_has_a_name_and_is_a_method() -> None:
    prediction, target = Value([1.0, 2.0]), np.array([0.0, 4.0])
    assert losses.get("log_cosh") is micrograd_swish.log_cosh
    assert prediction.log_cosh(target).item() == micrograd_swish.log_cosh(prediction, target).item()
