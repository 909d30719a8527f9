"""A run that was stopped, however rudely, ends bit for bit as one that was not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.nn import MLP, SGD, Adagrad, Adam, AdamW, RMSprop
from micrograd.nn.optim import schedules
from micrograd.nn.training import (
    BestWeights,
    Callback,
    Checkpoint,
    EarlyStopping,
    batches,
    fit,
)

PROGRAM = Path(__file__).with_name("killed.py")


def start(folder: Path, *how: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(PROGRAM), str(folder), *how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(folder: Path, *how: str) -> None:
    with start(folder, *how) as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out


def left(folder: Path) -> Any:
    """All that a finished run leaves, in a form that tells every bit apart."""
    texts = [(folder / name).read_text("utf-8") for name in ("history.json", "rngs.json")]
    with np.load(folder / "weights.npz") as weights:
        return [*texts, *((name, weights[name].tobytes()) for name in weights)]


@pytest.mark.parametrize(("mode", "times"), [("eager", 10), ("compiled", 3)])
def test_a_run_that_is_killed_again_and_again_loses_nothing(
    mode: str, times: int, tmp_path: Path, rng: np.random.Generator
) -> None:
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    whole.mkdir()
    torn.mkdir()
    finish(whole, mode, "unsaved")
    seen = []
    for _ in range(times):
        with start(torn, mode) as process:
            assert process.stdout is not None
            for _ in range(rng.integers(1, 20)):
                line = process.stdout.readline()
                assert line, "the run ended before it was killed"
                seen.append(tuple(map(int, line.split())))
            time.sleep(rng.uniform(0.0, 0.01))  # somewhere within a step, or a write
            process.kill()
            process.wait()
        assert process.returncode == -signal.SIGKILL
        assert not (torn / "weights.npz").exists()
    finish(torn, mode)
    assert left(torn) == left(whole)
    assert sorted(path.suffix for path in torn.iterdir()) == [".json", ".json", ".npz", ".npz"]
    # what was done is not done again, but for the batch or two that the last checkpoint missed
    assert len(seen) - len(set(seen)) <= times


# -- in one process -----------------------------------------------------------------------------


class Halt(Callback):
    """End a run after so many batches."""

    def __init__(self, after: int) -> None:
        self.after = after

    def on_batch_end(self, run: Any) -> None:
        if len(run.history.steps["loss"]) == self.after:
            raise InterruptedError("killed, as it were")


def train(path: Path | None, after: int = -1, epochs: int = 4, **settings: Any) -> Any:
    """A run that breaks after some batches, or goes through; with its parts."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(20, 3))
    y = (X.sum(axis=1) > 0).astype(int)
    model = MLP(3, [5, 2], "tanh", rng=rng)
    make = settings.pop("make", lambda p: Adam(p, lr=0.05))
    optimizer = make(model.parameters())
    schedule = settings.pop("plan", lambda optimizer: None)(optimizer)
    best = BestWeights("loss")
    data = batches(
        X, y, 6, shuffle=True, rng=rng, transform=lambda x, y, rng: (x + rng.normal(0, 0.1), y)
    )
    arguments = {
        "progress": False,
        "schedule": schedule,
        "metrics": ["accuracy"],
        "validation": (X[:7], y[:7]),
        "callbacks": [Halt(after), best],
        "checkpoint": None if path is None else Checkpoint(path, steps=1),
        "resume": path and True,
    } | settings
    history = fit(model, data, None, "cross_entropy", optimizer, epochs, **arguments)
    return model, optimizer, history, rng


def outcome(trained: Any) -> Any:
    model, optimizer, history, rng = trained
    arrays = [array.tobytes() for array in model.state_dict().values()]
    slots = [array.tobytes() for piece in optimizer.pieces() for array in piece.slots.values()]
    numbers = (dict(history), history.steps, history.stopped, optimizer.lr)
    return arrays, slots, json.dumps(numbers), rng.bit_generator.state


OPTIMIZERS = {
    "Adam": lambda p: Adam(p, lr=0.05),
    "flat Adam": lambda p: Adam(p, lr=0.05, flat=True),
    "SGD": lambda p: SGD(p, lr=0.1, momentum=0.9),
    "AdamW in groups": lambda p: AdamW([{"params": p[:2]}, {"params": p[2:], "lr": 0.01}], lr=0.1),
    "RMSprop": lambda p: RMSprop(p, lr=0.01, momentum=0.5, centered=True),
    "Adagrad": lambda p: Adagrad(p, lr=0.1),
    "Adam that clips": lambda p: Adam(p, lr=0.05, clip_norm=0.5),
}


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_run_goes_on_from_any_batch(
    name: str, compile: bool, suffix: str, tmp_path: Path
) -> None:
    if suffix == ".safetensors":
        pytest.importorskip("safetensors", reason="comes with micrograd-nn[safetensors]")
    settings = {"make": OPTIMIZERS[name], "compile": compile}
    whole = outcome(train(None, **settings))
    for after in (1, 4, 5, 15) if name == "Adam" else (5,):
        path = tmp_path / f"{after}{suffix}"
        with pytest.raises(InterruptedError):
            train(path, after, **settings)
        assert outcome(train(path, **settings)) == whole


PLANS: dict[str, tuple[Any, str | None]] = {
    "steps": (lambda o: schedules.StepLR(o, 1, 0.5), None),
    "warm-up": (lambda o: schedules.LinearLR(o, total_iters=9), "batch"),
    "one cycle": (lambda o: schedules.OneCycleLR(o, 0.1, total_steps=16), None),
    "plateau": (lambda o: schedules.ReduceLROnPlateau(o, "max", 0.5, patience=0), None),
}


@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize("name", PLANS)
def test_a_schedule_goes_on_too(name: str, compile: bool, tmp_path: Path) -> None:
    plan, every = PLANS[name]
    settings = {"plan": plan, "schedule_every": every, "compile": compile}
    whole = train(None, **settings)
    assert len(set(whole[2].steps["lr"])) >= 3
    for after in (4, 6):
        path = tmp_path / f"{after}.npz"
        with pytest.raises(InterruptedError):
            train(path, after, **settings)
        assert outcome(train(path, **settings)) == outcome(whole)


def test_more_epochs_prolong_a_run(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    train(path, epochs=2)
    assert outcome(train(path, epochs=5)) == outcome(train(None, epochs=5))


def test_a_finished_run_ends_at_once_with_its_numbers(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    assert outcome(train(path)) == outcome(train(path))


def test_a_run_that_stopped_early_stays_stopped(tmp_path: Path) -> None:
    def stopped(path: Path | None) -> Any:
        callbacks = [EarlyStopping(1, "val_loss", "max"), BestWeights("val_loss")]
        return train(path, epochs=50, callbacks=callbacks)

    path = tmp_path / "run.npz"
    first = stopped(path)
    assert 1 < first[2].epochs < 50
    assert "val_loss has not got better" in first[2].stopped
    assert outcome(stopped(path)) == outcome(first) == outcome(stopped(None))


def test_checkpoints_are_written_as_often_as_one_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    when: list[tuple[int, int]] = []
    monkeypatch.setattr(Checkpoint, "write", lambda self, run: when.append((run.epoch, run.batch)))
    path = tmp_path / "run.npz"
    train(None, checkpoint=path)
    assert when == [(2, 0), (3, 0), (4, 0), (5, 0)]
    when.clear()
    train(None, checkpoint=Checkpoint(path, epochs=3))
    assert when == [(4, 0), (5, 0)]  # and at the end
    when.clear()
    train(None, checkpoint=Checkpoint(path, epochs=9, steps=5))
    assert when == [(2, 1), (3, 2), (4, 3), (5, 0)]


def test_a_checkpoint_that_is_there_is_not_written_over_unasked(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    train(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match=r"run.npz is there already\. Pass resume=True to go"):
        train(path, resume=None)
    assert path.read_bytes() == before
    train(path, resume=False, epochs=1)
    assert path.read_bytes() != before
    assert train(path, epochs=1)[2].epochs == 1


def test_a_write_that_fails_leaves_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.npz"
    train(path, epochs=2)
    before = path.read_bytes()

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            train(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    assert outcome(train(path)) == outcome(train(None))


def test_what_a_killed_write_left_is_removed(tmp_path: Path) -> None:
    stale = tmp_path / ".run.npz.0a1b2c3d.tmp"
    stale.write_bytes(b"half a checkpoint")
    other = tmp_path / "notes.tmp"
    other.write_bytes(b"somebody's")
    train(tmp_path / "run.npz", epochs=1)
    assert not stale.exists()
    assert other.exists()
