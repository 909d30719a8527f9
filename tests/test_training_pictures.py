"""What ``fit`` shows with rich and tqdm."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from micrograd.nn import MLP, Adam
from micrograd.nn.training import Callback, History, fit, progress_rich


def train(epochs: int = 6, **settings: Any) -> History:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    model = MLP(2, [16, 2], rng=rng)
    settings = {"metrics": ["accuracy"], "validation": (X, y), "rng": rng} | settings
    return fit(model, X, y, "cross_entropy", Adam(model.parameters(), 0.05), epochs, **settings)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a terminal that can do everything was sent."""
    sent = io.StringIO()
    console = Console(file=sent, force_terminal=True, width=100, color_system=None)
    monkeypatch.setattr("rich.console.Console", lambda: console)
    return sent


def test_rich_shows_a_bar_and_a_curve_for_each_measure(screen: io.StringIO) -> None:
    history = train(progress="rich")
    last = screen.getvalue().rpartition("\x1b[2K")[2]
    head, *rows = (line.rstrip() for line in last.replace("\x1b[?25h", "").splitlines() if line)
    assert head.lstrip("\r").startswith("epoch 6/6  ━━━━━━━━━━━━━━")
    assert head.endswith(" s")
    assert [row.split("  ")[0] for row in rows] == ["loss", "accuracy", "val loss", "val accuracy"]
    best = max(history["val_accuracy"])
    where = history["val_accuracy"].index(best) + 1
    assert rows[3].endswith(f"best {100 * best:.2f} % in epoch {where}")
    assert f"  {history['loss'][-1]:#.4g}  █" in rows[0]


def test_rich_draws_at_most_ten_times_a_second(screen: io.StringIO) -> None:
    train(epochs=1, progress="rich")
    once = screen.getvalue().count("epoch ")
    train(epochs=30, progress="rich")
    assert screen.getvalue().count("epoch ") - once < 30


def test_rich_says_why_a_run_ended(screen: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(Callback):
        def on_batch_end(self, run: Any) -> None:
            if run.epoch == 2:
                run.stop("[enough] of it")

    monkeypatch.setattr(progress_rich, "MOMENT", 0.0)
    train(progress="rich", callbacks=[Stop()])
    assert screen.getvalue().rstrip().endswith("ended in epoch 2: [enough] of it")
    assert "left" in screen.getvalue()


def test_the_screen_is_given_back_when_training_fails(screen: io.StringIO) -> None:
    class Fail(Callback):
        def on_batch_end(self, run: Any) -> None:
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        train(progress="rich", callbacks=[Fail()])
    assert screen.getvalue().count("\x1b[?25l") == screen.getvalue().count("\x1b[?25h") == 1


def test_tqdm_counts_batches_and_tells_the_measures(capsys: pytest.CaptureFixture[str]) -> None:
    history = train(progress="tqdm")
    last = capsys.readouterr().err.rstrip().rpartition("\r")[2]
    assert last.startswith("epoch 6/6: 100%|")
    assert " 12/12 [" in last
    assert f"loss {history['loss'][-1]:#.4g}, accuracy" in last
