"""Does every model of the examples leave, and answer alike at three batch sizes?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autoencoder
import digits_cnn
import language_model
import physics
from micrograd.engine import Value
from micrograd.nn import MLP, Module, export_onnx
from micrograd.nn.onnx import CannotExport

from .served import served

SINGLE = np.dtype(np.float32)

PERCEPTRONS = {
    "digits": (64, [64, 32, 10], "relu"),
    "moons": (2, [16, 16, 1], "tanh"),
    "quickstart": (2, [8, 1], "tanh"),
    "regression": (8, [32, 1], "relu"),
    "spiral": (2, [64, 64, 3], "relu"),
}
"""By example: the sizes and the activation of the perceptron that it trains."""


def in_single(model: Module) -> Module:
    """The model with its numbers in float32, as one would serve it."""
    for name, one in {**dict(model.named_parameters()), **dict(model.named_buffers())}.items():
        holder: Any = model
        *path, last = name.split(".")
        for key in path:
            holder = holder[int(key)] if isinstance(holder, list) else getattr(holder, key)
        setattr(holder, last, Value(one.data, one.name, dtype=SINGLE))
    return model.eval()


@pytest.mark.parametrize("name", PERCEPTRONS)
def test_a_perceptron(name: str, tmp_path: Path, rng: np.random.Generator) -> None:
    nin, nouts, activation = PERCEPTRONS[name]
    model = MLP(nin, nouts, activation, dtype=SINGLE, rng=rng)
    served(model, tmp_path / "mlp.onnx", rng.normal(size=(5, nin)).astype(SINGLE))


def test_xor_is_a_function_of_values(tmp_path: Path, rng: np.random.Generator) -> None:
    shapes = {"W": (2, 8), "b": (8,), "w": (8, 1)}
    W, b, w = (Value(rng.normal(size=shape), name, SINGLE) for name, shape in shapes.items())
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], SINGLE)
    file = served(lambda X: np.tanh(X @ W + b) @ w, tmp_path / "xor.onnx", X)
    assert {one.name for one in file.graph.initializer} == {"W", "b", "w"}


def test_the_convolutional_network(tmp_path: Path, rng: np.random.Generator) -> None:
    model = digits_cnn.network(rng).eval()
    images = rng.uniform(0, 16, (4, 1, 8, 8)).astype(SINGLE)
    served(model, tmp_path / "cnn.onnx", images)


@pytest.mark.parametrize("name", ["Bigram", "Transformer"])
def test_the_language_models(name: str, tmp_path: Path, rng: np.random.Generator) -> None:
    model = getattr(language_model, name)(rng).eval()
    read = rng.integers(len(language_model.SIGNS), size=(4, language_model.LENGTH))
    served(model, tmp_path / "model.onnx", read)


def test_the_window_pads_plain_numbers_and_is_exported_behind_that(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    model = language_model.Window(rng).eval()
    read = rng.integers(len(language_model.SIGNS), size=(4, 10))
    with pytest.raises(CannotExport, match=r"lookup in table uses an array that was computed from"):
        export_onnx(model, tmp_path / "window.onnx", read)

    def of_padded(read: np.ndarray) -> Any:
        vectors, back = model.table(read), model.looks_back
        places = read.shape[1] - back + 1
        parts = [vectors[:, i : i + places] for i in range(back)]
        return np.swapaxes(model.mlp(np.concatenate(parts, axis=2)), 1, 2)

    served(of_padded, tmp_path / "window.onnx", np.pad(read, ((0, 0), (7, 0))))


def test_the_autoencoder_in_its_two_halves(tmp_path: Path, rng: np.random.Generator) -> None:
    model = in_single(autoencoder.Autoencoder(rng))
    scans = rng.uniform(0, 16, (4, 64)).astype(SINGLE)
    with pytest.raises(CannotExport, match=r"noise has no counterpart in ONNX.*model\.encode"):
        export_onnx(model, tmp_path / "all.onnx", scans)
    served(model.encode, tmp_path / "encode.onnx", scans)
    served(model.decode, tmp_path / "decode.onnx", rng.normal(size=(4, 2)).astype(SINGLE))


def test_the_motion_of_physics(tmp_path: Path, rng: np.random.Generator) -> None:
    model = in_single(physics.Motion(rng))
    times = np.linspace(0, physics.SPAN, 8, dtype=SINGLE)[:, None]
    served(model.position, tmp_path / "motion.onnx", times)
