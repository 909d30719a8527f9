"""Networks of real layers: a compiled run is the eager one, and either goes on bit for bit.

Dropout's generators, the running statistics of batch norm and the short last batch are in every
row where the layer is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.nn import (
    LSTM,
    Adam,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    LayerNorm,
    Linear,
    MaxPool2d,
    Module,
    Sequential,
    TransformerBlock,
    losses,
)
from micrograd.nn.training import Callback, Checkpoint, fit


class Last(Module):
    """The last output of a recurrent layer."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.cells = LSTM(3, 5, batch_first=True, rng=rng)
        self.head = Linear(5, 2, rng=rng)

    def forward(self, x: Any) -> Any:
        out, _ = self.cells(x)
        return self.head(out[:, -1])


class Letters(Module):
    """Which letter comes next?"""

    def __init__(self, rng: np.random.Generator) -> None:
        self.letters = Embedding(7, 8, rng=rng)
        self.block = TransformerBlock(8, 2, dropout=0.2, batch_first=True, rng=rng)
        self.norm = LayerNorm(8)
        self.head = Linear(8, 7, rng=rng)

    def forward(self, x: Any) -> Any:
        return self.head(self.norm(self.block(self.letters(x), is_causal=True)))


def next_letter(logits: Any, target: Any) -> Any:
    return losses.cross_entropy(logits.reshape(-1, 7), target.reshape(-1))


def images(rng: np.random.Generator) -> Any:
    model = Sequential(
        Conv2d(1, 4, 3, padding=1, rng=rng),
        BatchNorm2d(4),
        "relu",
        MaxPool2d(2),
        Flatten(),
        Dropout(0.3, rng=np.random.default_rng(8)),
        Linear(36, 3, rng=rng),
    )
    return model, rng.normal(size=(22, 1, 6, 6)), rng.integers(0, 3, 22), "cross_entropy"


def rows(rng: np.random.Generator) -> Any:
    model = Sequential(Linear(4, 6, rng=rng), BatchNorm1d(6), "tanh", Dropout(0.5, rng=rng))
    return model, rng.normal(size=(22, 4)), rng.normal(size=(22, 6)), "mse"


def series(rng: np.random.Generator) -> Any:
    return Last(rng), rng.normal(size=(22, 4, 3)), rng.integers(0, 2, 22), "cross_entropy"


def text(rng: np.random.Generator) -> Any:
    letters = rng.integers(0, 7, (22, 6))
    return Letters(rng), letters[:, :-1], letters[:, 1:], next_letter


TABLE: dict[str, Callable[[np.random.Generator], Any]] = {
    "images": images,
    "rows": rows,
    "series": series,
    "text": text,
}


class Halt(Callback):
    def __init__(self, after: int) -> None:
        self.after = after

    def on_batch_end(self, run: Any) -> None:
        if len(run.history.steps["loss"]) == self.after:
            raise InterruptedError("killed, as it were")


def train(name: str, compile: bool, path: Path | None = None, after: int = -1) -> Any:
    rng = np.random.default_rng(3)
    model, X, y, loss = TABLE[name](rng)
    history = fit(
        model,
        X,
        y,
        loss,
        Adam(model.parameters(), lr=0.01),
        3,
        batch_size=8,
        rng=rng,
        validation=(X[:9], y[:9]),
        callbacks=Halt(after),
        checkpoint=path and Checkpoint(path, steps=1),
        resume=path and True,
        compile=compile,
        progress=False,
    )
    return model, history, rng


@pytest.mark.parametrize("name", TABLE)
def test_a_compiled_run_is_the_eager_one_but_for_rounding(name: str) -> None:
    (one, eager, a), (two, compiled, b) = train(name, False), train(name, True)
    for measure in eager:
        np.testing.assert_allclose(compiled[measure], eager[measure], rtol=1e-9)
    np.testing.assert_allclose(compiled.steps["loss"], eager.steps["loss"], rtol=1e-9)
    for entry, array in one.state_dict().items():
        np.testing.assert_allclose(two.state_dict()[entry], array, rtol=1e-7, atol=1e-9)
    assert a.bit_generator.state == b.bit_generator.state


@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize("name", TABLE)
def test_it_goes_on_bit_for_bit(name: str, compile: bool, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    with pytest.raises(InterruptedError):
        train(name, compile, path, after=5)
    (one, torn, a), (two, whole, b) = train(name, compile, path), train(name, compile)
    assert (dict(torn), torn.steps) == (dict(whole), whole.steps)
    for entry, array in one.state_dict().items():
        assert array.tobytes() == two.state_dict()[entry].tobytes()
    assert a.bit_generator.state == b.bit_generator.state
