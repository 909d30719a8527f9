"""Does a network that moves to PyTorch compute the same there, and come back as it was?"""

from __future__ import annotations

import pickle
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import markdown_blocks
from micrograd import nn
from micrograd.engine import Value, ops
from micrograd.nn import from_torch, to_torch
from micrograd.nn.torch import modules
from parity.live.layers import LAYERS
from parity.live.test_layers import Ours, Theirs

DRAWN = 6
TOLERANCES = {"float64": 1e-11, "float32": 1e-5}


def close(got: Any, right: Any, dtype: str) -> None:
    for one, other in zip(got, right, strict=True):
        assert str(one.dtype).removeprefix("torch.") == str(other.dtype) == dtype
        array = one.detach().numpy() if isinstance(one, torch.Tensor) else one.data
        scale = max(1.0, float(np.abs(other.data).max(initial=0.0)))
        np.testing.assert_allclose(array, other.data, rtol=0, atol=TOLERANCES[dtype] * scale)


def alike(one: nn.Module, other: nn.Module) -> bool:
    """Whether two networks hold the same numbers, in the same modes."""
    mine, theirs = ({**m.state_dict()} for m in (one, other))
    flags = [[m.training for m in part.modules()] for part in (one, other)]
    frozen = [[p.requires_grad for p in part.parameters()] for part in (one, other)]
    same = all(np.array_equal(a, b) for a, b in zip(mine.values(), theirs.values(), strict=True))
    return same and flags[0] == flags[1] and frozen[0] == frozen[1]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_goes_and_comes_back(name: str, dtype: str, seed: int) -> None:
    for number in range(seed, seed + DRAWN):
        pair = LAYERS[name](np.random.default_rng(number))
        ours = Ours(pair, dtype)
        there = to_torch(ours.module)
        theirs = Theirs(replace(pair, theirs=there), dtype)
        back = Ours(replace(pair, ours=from_torch(there)), dtype)
        assert alike(ours.module, back.module)
        right = ours.outputs()
        close(theirs.outputs(), right, dtype)
        close(back.outputs(), right, dtype)


def perceptron(rng: np.random.Generator, bend: Any = "tanh") -> nn.MLP:
    return nn.MLP(3, [5, 4, 2], bend, rng=rng)


@pytest.mark.parametrize(
    "bend", ["relu", "sin", "silu", "gelu", "selu", "identity", "softsign", nn.ELU, nn.Tanh]
)
def test_a_perceptron_becomes_a_sequential(bend: Any, rng: np.random.Generator) -> None:
    model, x = perceptron(rng, bend).eval(), rng.normal(size=(4, 3))
    there = to_torch(model)
    assert type(there) is torch.nn.Sequential
    assert len(there) == 5
    assert not any(module.training for module in there.modules())
    right = model(x)
    close([there(torch.tensor(x))], [right], "float64")
    close([from_torch(there)(x)], [right], "float64")
    close([pickle.loads(pickle.dumps(there))(torch.tensor(x))], [right], "float64")


def test_only_two_classes_are_made_for_pytorch() -> None:
    with pytest.raises(AttributeError, match=r"nn\.torch\.modules' has no attribute 'Linear'"):
        modules.Linear  # noqa: B018


def test_residuals_blocks_and_what_stands_in_them(rng: np.random.Generator) -> None:
    block = nn.TransformerBlock(4, 2, 6, activation=nn.SiLU, batch_first=True, rng=rng)
    inner = nn.Residual(nn.Linear(4, 4, rng=rng), nn.Tanh, nn.Dropout(0.5))
    model = nn.Sequential(nn.Residual("sin"), inner, block, nn.Flatten()).eval()
    x = rng.normal(size=(2, 3, 4))
    there = to_torch(model)
    back = from_torch(there)
    assert alike(model, back)
    assert isinstance(back[2].activation, nn.SiLU)
    close([there(torch.tensor(x))], [model(x)], "float64")
    close([back(x)], [model(x)], "float64")


def test_modes_and_what_is_frozen_stay(rng: np.random.Generator) -> None:
    model = nn.Sequential(nn.Linear(3, 3, rng=rng), nn.BatchNorm1d(3), nn.Dropout(0.25))
    model[0].requires_grad_(False)
    model[1].eval()
    model(rng.normal(size=(4, 3)))
    there = to_torch(model)
    assert [one.training for one in there.modules()] == [True, True, False, True]
    assert [p.requires_grad for p in there.parameters()] == [False, False, True, True]
    assert there[1].num_batches_tracked.dtype is torch.int64
    assert alike(from_torch(there), model)


def test_weights_are_copies(rng: np.random.Generator) -> None:
    model = nn.Linear(3, 2, rng=rng)
    before = model.weight.data.copy()
    there = to_torch(model)
    back = from_torch(there)
    with torch.no_grad():
        there.weight.zero_()
    assert np.array_equal(model.weight.data, before)
    assert np.array_equal(back.weight.data, before)


def test_what_is_shared_stays_shared(rng: np.random.Generator) -> None:
    one = nn.Linear(3, 3, rng=rng)
    tied = nn.Linear(3, 3, rng=rng)
    tied.weight = one.weight
    there = to_torch(nn.Sequential(one, "tanh", tied, one, "tanh"))
    assert there[0] is there[3]
    assert there[0].weight is there[2].weight
    assert there[0].bias is not there[2].bias
    back = from_torch(there)
    assert len(back) == 5
    assert back[0] is back[3]
    assert back[0].weight is back[2].weight
    assert len(back.parameters()) == 3


def test_a_network_that_pytorch_made_comes_here_and_goes_on(rng: np.random.Generator) -> None:
    torch.manual_seed(0)
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    ours = from_torch(theirs)
    x = rng.normal(size=(5, 3)).astype(np.float32)
    close([theirs(torch.tensor(x))], [ours(x)], "float32")
    ours(x).mean().backward()
    assert all(p.has_grad for p in ours.parameters())


def test_dropout_that_came_back_draws_from_the_generator_that_it_is_given() -> None:
    theirs, x = torch.nn.Sequential(torch.nn.Dropout(0.5)), np.ones(50)
    drawn = [from_torch(theirs, rng=np.random.default_rng(s))(x).data for s in (1, 1, 2)]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


class Own(nn.Module):
    def forward(self, x: Any) -> Any:
        return x


class TheirOwn(torch.nn.Module):
    pass


def crowded() -> nn.Module:
    layer = nn.Linear(2, 2)
    layer.more = Value(1.0)
    return layer


def crossed() -> nn.Module:
    linear, attention = nn.Linear(2, 2), nn.MultiHeadAttention(2, 1)
    attention.out_proj.weight = linear.weight
    table = nn.Embedding(2, 2)
    table.weight = linear.weight
    return nn.Sequential(linear, table)


@pytest.mark.parametrize(
    ("model", "error", "told"),
    [
        (3, TypeError, r"to_torch of int\. Pass a Module of micrograd\.nn"),
        (Own(), TypeError, r"to_torch: Own has no counterpart in PyTorch\. Write it as a torch"),
        (nn.Sequential("relu", Own()), TypeError, r"to_torch: 1 \(Own\) has no counterpart"),
        (nn.MLP(2, [2, 2], ops.arctan), TypeError, r"activations\.0 \(arctan\) has no counterpart"),
        (crowded(), ValueError, r"Linear has the parameters \['bias', 'more', 'weight'\], but"),
        (crossed(), ValueError, r"1 \(Embedding\) shares weight with a layer whose weight"),
    ],
)
def test_what_cannot_go(model: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        to_torch(model)


def encoder(**how: Any) -> torch.nn.Module:
    return torch.nn.TransformerEncoderLayer(4, 2, 6, **{"norm_first": True, **how})


def uneven() -> torch.nn.Module:
    layer = encoder()
    layer.dropout1.p = 0.5
    return layer


@pytest.mark.parametrize(
    ("module", "error", "told"),
    [
        (3, TypeError, r"from_torch of int\. Pass a torch\.nn\.Module"),
        (TheirOwn(), TypeError, r"from_torch: TheirOwn has no counterpart here\. Write it as a"),
        (torch.nn.Sequential(torch.nn.ReLU(), TheirOwn()), TypeError, r"1 \(TheirOwn\) has no"),
        (torch.nn.Linear(2, 2).half(), TypeError, r"weight has dtype torch\.float16\. Call"),
        (torch.nn.LSTM(4, 3, proj_size=2), ValueError, r"proj_size=2, and here .* only be 0"),
        (torch.nn.Embedding(3, 2, max_norm=1.0), ValueError, r"max_norm=1\.0, and here"),
        (torch.nn.Softmax(), ValueError, r"Softmax has dim=None, and here .* a number"),
        (encoder(norm_first=False), ValueError, r"norm_first=False, and here .* only be True"),
        (encoder(activation=torch.sin), TypeError, r"activation \(sin\) has no counterpart here"),
        (uneven(), ValueError, r"dropout=\[0\.1, 0\.5\], and here it can only be one number"),
    ],
)
def test_what_cannot_come(module: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        from_torch(module)


def test_the_page_about_leaving_works_where_pytorch_is_installed() -> None:
    """Its blocks of ONNX are run by `tests/export`."""
    page = Path(__file__).parents[3] / "docs" / "outgrow.md"
    blocks = markdown_blocks.blocks(page.read_text("utf-8"))
    programs = [one for one in blocks if one.language == "python" or "import torch" in one.text]
    assert [one.language for one in programs] == ["python", "py"]
    names: dict[str, Any] = {}
    for one in programs:
        exec(compile("\n" * (one.line - 1) + one.text, str(page), "exec"), names)


@pytest.mark.parametrize("move", [to_torch, from_torch])
def test_without_pytorch_the_line_that_installs_it(
    move: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "micrograd-nn\[torch\]>=1,<2"'):
        move(nn.Linear(2, 2))
