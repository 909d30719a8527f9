"""A training for tests, as one of several ranks or alone: settings as JSON in, results out.

python train.py OUT '{"model": "plain", "epochs": 3, ...}' writes OUT.RANK.npz.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

import numpy as np

from micrograd.nn import MLP, Adam, BatchNorm1d, Dropout, Linear, ReLU, Sequential
from micrograd.nn.training import BestWeights, Checkpoint, EarlyStopping, batches

ROWS = 50


def data(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(ROWS, 3))
    return X, (X[:, 0] * X[:, 1] > X[:, 2]).astype(int)


def network(kind: str, seed: int, size: int) -> Any:
    rng = np.random.default_rng(seed)
    if kind == "dropout":
        draws = np.random.default_rng(5)
        return Sequential(Linear(3, 8, rng=rng), Dropout(0.4, rng=draws), Linear(8, 2, rng=rng))
    if kind == "norm":
        return Sequential(Linear(3, 8, rng=rng), BatchNorm1d(8), ReLU(), Linear(8, 2, rng=rng))
    return MLP(3, [size, 2], activation="tanh", rng=rng)


def nudge(x: Any, y: Any, rng: np.random.Generator) -> Any:
    return x + 0.01 * rng.normal(size=x.shape), y


def train(asked: dict[str, Any], rank: int, fit: Any) -> dict[str, Any]:
    X, y = data(asked.get("data_seeds", [0] * 4)[rank])
    size = asked.get("sizes", [8] * 4)[rank]
    model = network(asked.get("model", "plain"), asked.get("seeds", [0] * 4)[rank], size)
    optimizer = Adam(model.parameters(), lr=0.02, flat=asked.get("flat", False))
    settings: dict[str, Any] = {"rng": np.random.default_rng(asked.get("orders", [1] * 4)[rank])}
    batch_size = asked.get("batch_size", 16)  # the last batch has 2 rows
    given: Any = (X, y)
    if asked.get("transform"):
        rng = settings.pop("rng")
        given = (batches(X, y, batch_size, shuffle=True, rng=rng, transform=nudge), None)
    else:
        settings["batch_size"] = batch_size

    def die(run: Any) -> None:
        if rank == asked.get("dies", -1) and run.epoch == 2:
            how = asked["how"]
            if how == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            if how == "exit":
                sys.exit("enough")
            raise RuntimeError("the cat is on the keyboard")

    if "checkpoint" in asked:
        settings["checkpoint"] = Checkpoint(asked["checkpoint"], steps=1)
        settings["resume"] = asked.get("resume", True)
    if asked.get("watched"):
        settings["callbacks"] = [EarlyStopping(2, "val_accuracy"), BestWeights("val_loss")]
    else:
        settings["callbacks"] = [die]
    if "broadcast" in asked:
        settings["broadcast"] = True
    settings |= {name: asked[name] for name in ("compile", "clip_norm") if name in asked}
    history = fit(
        model, *given, "cross_entropy", optimizer, asked["epochs"], validation=(X[:20], y[:20]),
        metrics=["accuracy"], progress="lines" if asked.get("progress") else False, **settings,
    )  # fmt: skip
    return {
        **{f"history/{name}": numbers for name, numbers in history.items()},
        "steps": history.steps["loss"],
        "stopped": history.stopped,
        **{f"weights/{name}": array for name, array in model.state_dict().items()},
    }


def main(out: str, asked: dict[str, Any]) -> None:
    if asked.get("alone"):
        from micrograd.nn import fit

        rank = 0
    else:
        from micrograd_mpi import fit
        from mpi4py import MPI

        rank = MPI.COMM_WORLD.rank
        if rank == asked.get("older", -1):
            from micrograd_mpi import comparing

            comparing.version = lambda name: "0.9.0"
    np.savez(f"{out}.{rank}.npz", **train(asked, rank, fit))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
