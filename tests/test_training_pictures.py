"""What ``fit`` shows with rich and tqdm, and what ``History.plot`` draws with matplotlib."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt
from rich.console import Console

from micrograd.nn import MLP, Adam
from micrograd.nn.training import BestWeights, Callback, History, fit, progress_rich


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


def test_a_plot_has_a_panel_for_each_measure() -> None:
    history = train(progress=False, callbacks=[BestWeights()])
    left, right = history.plot()
    assert (left.get_title(), right.get_title()) == ("loss", "accuracy")
    for axes, name in ((left, "loss"), (right, "accuracy")):
        mine, other = axes.get_lines()
        np.testing.assert_array_equal(mine.get_ydata(), history[name])
        np.testing.assert_array_equal(other.get_ydata(), history[f"val_{name}"])
        np.testing.assert_array_equal(mine.get_xdata(), np.arange(1, 7))
        texts = [text.get_text() for text in axes.get_legend().get_texts()]
        assert texts == [f"{name}, training", f"{name}, validation"]
    plt.close(left.figure)


def test_a_plot_goes_into_axes_that_are_given() -> None:
    history = train(progress=False)
    figure, ax = plt.subplots()
    assert history.plot(ax) == [ax]
    assert len(ax.get_lines()) == 2
    assert history.plot(ax, ["accuracy"]) == [ax]
    assert len(ax.get_lines()) == 3
    plt.close(figure)


def test_a_loss_that_falls_far_is_drawn_on_a_logarithmic_axis() -> None:
    history = History()
    for loss in (1.0, 0.1, 0.001):
        history.add_epoch({"loss": loss})
    (ax,) = history.plot()
    assert ax.get_yscale() == "log"
    plt.close(ax.figure)


def test_a_name_that_was_not_measured_is_refused() -> None:
    with pytest.raises(KeyError, match=r"The history has no 'f1'; it has loss"):
        train(progress=False).plot(names=["f1"])
    plt.close("all")
