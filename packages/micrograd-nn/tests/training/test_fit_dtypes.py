"""In which dtype is trained: that of the model, whatever the data has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.nn import MLP, SGD, Adam, losses
from micrograd.nn.training import batches, evaluate, fit, predict

BOTH = pytest.mark.parametrize("compile", [False, True])


def problem() -> tuple[np.ndarray, np.ndarray]:
    """Points, and on which side of a line each is."""
    X = np.random.default_rng(2).normal(size=(22, 3))
    return X, (X[:, 0] > X[:, 1]).astype(int)


@BOTH
def test_float32_stays_float32(compile: bool) -> None:
    model = MLP(3, [4, 1], dtype=np.float32, rng=np.random.default_rng(0))
    kinds = []

    def loss(prediction: Any, target: Any) -> Value:
        kinds.append((prediction.dtype, target.dtype))
        return losses.mse(prediction, target)

    X = np.random.default_rng(0).normal(size=(8, 3))
    fit(model, X, X[:, :1], loss, Adam(model.parameters()), 2, compile=compile, progress=False)
    assert set(kinds) == {(np.dtype("float32"), np.dtype("float32"))}
    assert X.dtype == np.float64


@BOTH
@pytest.mark.parametrize("labelled", [False, True])
def test_what_a_transform_returns_has_the_dtype_of_the_model(compile: bool, labelled: bool) -> None:
    model = MLP(3, [4, 2], dtype=np.float32, rng=np.random.default_rng(0))
    X, y = problem()
    kinds = set()

    def noisy(x: Any, *labels_and_rng: Any) -> Any:
        *labels, rng = labels_and_rng
        x = x + rng.normal(size=x.shape)  # NumPy draws float64
        return (x, *labels) if labels else x

    def loss(prediction: Any, *labels: Any) -> Value:
        kinds.add((prediction.dtype, *[target.dtype.kind for target in labels]))
        return losses.cross_entropy(prediction, *labels) if labels else prediction.mean()

    portions = batches(X, y if labelled else None, transform=noisy)
    fit(model, portions, None, loss, SGD(model.parameters()), 1, compile=compile, progress=False)
    assert kinds == {(np.dtype("float32"), *(["i"] if labelled else []))}


def test_measuring_and_predicting_stay_float32_too() -> None:
    model = MLP(3, [4, 1], dtype=np.float32, rng=np.random.default_rng(0))
    X = np.random.default_rng(1).normal(size=(6, 3))
    kinds = []

    def seen(prediction: Any, target: Any) -> float:
        kinds.append((prediction.dtype, target.dtype))
        return 0.0

    evaluate(model, X, X[:, :1], "mse", [seen])
    assert kinds == [(np.float32, np.float32)]
    assert predict(model, X).dtype == np.float32
    assert model(X).dtype == np.float64  # NumPy's rule, where nobody converts
