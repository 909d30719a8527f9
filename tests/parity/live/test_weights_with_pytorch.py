"""Do weights go to PyTorch and come back, through files and through memory?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from micrograd import nn
from micrograd.engine import Value
from micrograd.nn import SGD, Linear, Module, Sequential, load, save

TOLERANCE = {"float64": 1e-12, "float32": 1e-5}


class Ours(Module):
    """Two layers, one of them square, and what a layer with statistics keeps."""

    def __init__(self, dtype: str) -> None:
        self.body = Sequential(Linear(3, 5, dtype=dtype), "tanh", Linear(5, 5, dtype=dtype))
        self.head = Linear(5, 2, bias=False, dtype=dtype)
        self.scale = Value(np.ones(5), dtype=dtype)
        self.register_buffer("mean", np.zeros(5, dtype))
        self.register_buffer("count", 0)

    def forward(self, x: Any) -> Any:
        return self.head((self.body(x) - self.mean) * self.scale)


class Theirs(torch.nn.Module):
    """The same in PyTorch."""

    def __init__(self, dtype: str) -> None:
        super().__init__()
        kind: Any = getattr(torch, dtype)
        layers = torch.nn.Linear(3, 5, dtype=kind), torch.nn.Linear(5, 5, dtype=kind)
        self.body = torch.nn.Sequential(layers[0], torch.nn.Tanh(), layers[1])
        self.head = torch.nn.Linear(5, 2, bias=False, dtype=kind)
        self.scale = torch.nn.Parameter(torch.ones(5, dtype=kind))
        self.register_buffer("mean", torch.zeros(5, dtype=kind))
        self.register_buffer("count", torch.tensor(0))

    def forward(self, x: Any) -> Any:
        return self.head((self.body(x) - self.mean) * self.scale)


@pytest.fixture(params=["float64", "float32"])
def dtype(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def x(dtype: str, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(7, 3)).astype(dtype)


@pytest.fixture
def trained(dtype: str, x: np.ndarray, seed: int) -> Theirs:
    """A network that PyTorch has trained for a while."""
    torch.manual_seed(seed)
    model = Theirs(dtype)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(20):
        optimizer.zero_grad()
        (model(torch.from_numpy(x)) ** 2).mean().backward()
        optimizer.step()
    model.mean += torch.arange(5.0)
    model.count += 20
    return model


def predicted(model: Theirs, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return model(torch.from_numpy(x)).numpy()


def test_a_file_of_pytorch_loads_and_predicts_the_same(
    trained: Theirs, x: np.ndarray, dtype: str, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.safetensors"
    safetensors.torch.save_file(trained.state_dict(), path)
    model = Ours(dtype)
    with pytest.raises(ValueError, match="nothing says how the entries of"):
        model.load_state_dict(load(path))
    assert model.load_state_dict(load(path), layout="torch") == ([], [])
    out = model(x).data
    assert out.dtype == np.dtype(dtype)
    np.testing.assert_allclose(out, predicted(trained, x), rtol=0, atol=TOLERANCE[dtype])
    assert model.count.item() == 20


def test_one_of_ours_loads_into_pytorch_and_predicts_the_same(
    x: np.ndarray, dtype: str, tmp_path: Path
) -> None:
    model = Ours(dtype)
    optimizer = SGD(model.parameters(), lr=0.05)
    for _ in range(20):
        optimizer.zero_grad()
        (model(x) ** 2).mean().backward()
        optimizer.step()
    model.mean.data = np.arange(5.0)
    model.count.data = 20
    path = tmp_path / "ours.safetensors"
    save(model, path, layout="torch")
    other = Theirs(dtype)
    other.load_state_dict(safetensors.torch.load_file(path))  # strict
    np.testing.assert_allclose(predicted(other, x), model(x).data, rtol=0, atol=TOLERANCE[dtype])
    assert other.count.item() == 20
    with safetensors.safe_open(path, "pt") as file:
        assert file.metadata()["format"] == "pt"


def test_numbers_there_and_back_are_the_same_bits(
    trained: Theirs, dtype: str, tmp_path: Path
) -> None:
    model = Ours(dtype)
    model.load_state_dict(trained.state_dict(), layout="torch")
    path = tmp_path / "ours.safetensors"
    save(model, path, layout="torch")
    other = safetensors.torch.load_file(path)
    expected = trained.state_dict()
    assert set(other) == set(expected)
    for name, tensor in expected.items():
        assert torch.equal(other[name].to(tensor.dtype), tensor)


def test_tensors_in_memory_want_a_layout(trained: Theirs, x: np.ndarray, dtype: str) -> None:
    model = Ours(dtype)
    with pytest.raises(ValueError, match=r"nothing says how .* Pass layout='torch'"):
        model.load_state_dict(trained.state_dict())
    model.load_state_dict(trained.state_dict(), layout="torch")
    np.testing.assert_allclose(model(x).data, predicted(trained, x), rtol=0, atol=TOLERANCE[dtype])


@pytest.mark.parametrize("half", [torch.float16, torch.bfloat16])
def test_half_precision_in_a_file_is_what_pytorch_widens_it_to(
    trained: Theirs, half: torch.dtype, tmp_path: Path
) -> None:
    path = tmp_path / "half.safetensors"
    halves = {name: tensor.to(half) for name, tensor in trained.state_dict().items()}
    safetensors.torch.save_file(halves, path)
    for name, array in load(path).items():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, halves[name].float().numpy())


def test_bfloat16_in_memory_is_refused_with_what_to_do(trained: Theirs, dtype: str) -> None:
    tensors = trained.bfloat16().state_dict()
    with pytest.raises(TypeError, match=r"is of type Tensor.*\.detach\(\)\.cpu\(\)\.float\(\)"):
        Ours(dtype).load_state_dict(tensors, layout="torch")


@pytest.mark.parametrize("name", ["model.pt", "model.npz"])
def test_a_checkpoint_with_a_pickle_is_refused(trained: Theirs, name: str, tmp_path: Path) -> None:
    torch.save(trained.state_dict(), tmp_path / name)
    with pytest.raises(ValueError, match=r"pickles, which may run code|which is no array"):
        load(tmp_path / name)


LAYERS = {
    "Linear": (lambda n: n.Linear(4, 4), (3, 4)),
    "Conv2d": (lambda n: n.Conv2d(2, 4, 3), (1, 2, 5, 5)),
    "BatchNorm1d": (lambda n: n.BatchNorm1d(4), (3, 4)),
    "LayerNorm": (lambda n: n.LayerNorm(4), (3, 4)),
    "LSTM": (lambda n: n.LSTM(4, 4, num_layers=2), (5, 3, 4)),
    "GRU": (lambda n: n.GRU(4, 4), (5, 3, 4)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_goes_both_ways_under_pytorchs_names(
    name: str, seed: int, tmp_path: Path
) -> None:
    make, shape = LAYERS[name]
    torch.manual_seed(seed)
    ours, theirs = make(nn), make(torch.nn).double()
    x = np.random.default_rng(seed).normal(size=shape)
    path = tmp_path / "layer.safetensors"
    for there in (False, True):
        if there:
            ours = make(nn)  # of other numbers
            save(ours, path, layout="torch")
            theirs.load_state_dict(safetensors.torch.load_file(path))
        else:
            safetensors.torch.save_file(theirs.state_dict(), path)
            ours.load_state_dict(load(path), layout="torch")
        out, expected = ours.eval()(x), theirs.eval()(torch.from_numpy(x))
        if isinstance(expected, tuple):
            out, expected = out[0], expected[0]
        np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=0, atol=1e-12)


def tied(package: Any) -> Any:
    """A network of either package, in which two layers have one weight."""

    class Tied(package.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = package.Linear(4, 4), package.Linear(4, 4)
            self.second.weight = self.first.weight

        def forward(self, x: Any) -> Any:
            return self.second(self.first(x))

    return Tied()


def test_tied_weights_go_both_ways(tmp_path: Path) -> None:
    path, x = tmp_path / "tied.safetensors", np.random.default_rng(0).normal(size=(5, 4))
    ours, theirs = tied(nn), tied(torch.nn).double()
    save(ours, path, layout="torch")
    theirs.load_state_dict(safetensors.torch.load_file(path))  # strict: it wants both names
    right = theirs(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(ours(x).data, right, rtol=1e-12)
    safetensors.torch.save_model(theirs, str(path))  # which writes one of the two names
    other = tied(nn)
    other.load_state_dict(load(path), layout="torch")
    np.testing.assert_array_equal(other(x).data, ours(x).data)
