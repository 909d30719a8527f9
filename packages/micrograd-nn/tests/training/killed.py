"""A program that trains, to be killed: ``python killed.py FOLDER eager|compiled [unsaved]``.

It prints a line after each batch, goes on from its checkpoint if there is one, and at the end
writes down everything that a run leaves. With ``unsaved`` it keeps no checkpoint.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from micrograd.engine import Value, assign, op
from micrograd.nn import Adam, Linear, Module
from micrograd.nn.training import BestWeights, Callback, Checkpoint, EarlyStopping, fit


@op(constant="x")
def kept(x: Any, *, rng: np.random.Generator) -> Any:
    """Which numbers a dropout leaves."""
    return (rng.random(x.shape) >= 0.3) / 0.7


class Noisy(Module):
    """A network with randomness of its own, and running statistics."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.first, self.last = Linear(3, 8, rng=rng), Linear(8, 3, rng=rng)
        self.rng = np.random.default_rng(7)
        self.register_buffer("mean", np.zeros(8))

    def forward(self, x: Any) -> Value:
        h = self.first(x).tanh()
        if self.training:
            assign(self.mean, 0.9 * self.mean + 0.1 * h.mean(axis=0))
            h = h * kept(h, rng=self.rng)
        return self.last(h - self.mean)


class Tell(Callback):
    """Say how far the run is."""

    def on_batch_end(self, run: Any) -> None:
        print(run.epoch, run.batch, flush=True)


def main(folder: Path, compile: bool, saved: bool) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(44, 3))
    y = (X[:, 0] * X[:, 1] > 0).astype(int) + (X[:, 2] > 0)
    model = Noisy(rng)
    history = fit(
        model,
        X[:36],
        y[:36],
        "cross_entropy",
        Adam(model.parameters(), lr=0.01),
        epochs=50,
        batch_size=8,
        rng=np.random.default_rng(1),
        validation=(X[36:], y[36:]),
        metrics=["accuracy"],
        callbacks=[Tell(), BestWeights("val_loss"), EarlyStopping(1000)],
        checkpoint=Checkpoint(folder / "run.npz", steps=1) if saved else None,
        resume=saved,
        compile=compile,
        progress=False,
    )
    kept = {"history": dict(history), "steps": history.steps}
    (folder / "history.json").write_text(json.dumps(kept), "utf-8")
    rngs = {"dropout": model.rng.bit_generator.state}
    (folder / "rngs.json").write_text(json.dumps(rngs), "utf-8")
    np.savez(folder / "weights.npz", **model.state_dict())


if __name__ == "__main__":
    main(Path(sys.argv[1]), "compiled" in sys.argv, "unsaved" not in sys.argv)
