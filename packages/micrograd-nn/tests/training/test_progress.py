"""What a terminal shows, and what is said where a library is missing."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from micrograd.nn import SGD, Linear
from micrograd.nn.training import Callback, extras, fit, progress

X = np.linspace(-1.0, 1.0, 12)[:, None]


def train(epochs: int = 3, **settings: Any) -> Any:
    model = Linear(1, 2, rng=np.random.default_rng(0))
    settings = {"batch_size": 4, "rng": np.random.default_rng(0), "progress": "lines"} | settings
    y = (X[:, 0] > 0).astype(int)
    optimizer = SGD(model.parameters(), lr=0.5)
    return fit(model, X, y, "cross_entropy", optimizer, epochs, **settings)


def test_a_line_an_epoch_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    y = (X[:, 0] > 0).astype(int)
    history = train(metrics=["accuracy"], validation=(X, y))
    head, *lines = capsys.readouterr().out.splitlines()
    assert head == "epoch      loss  accuracy  val loss  val accuracy      time"
    assert len(lines) == 3
    assert {len(line) for line in lines} == {len(head)}
    epoch, loss, accuracy, sign, *_ = lines[2].split()
    assert (epoch, sign) == ("3/3", "%")
    assert float(loss) == pytest.approx(history["loss"][2], rel=1e-3)
    assert float(accuracy) == pytest.approx(100.0 * history["accuracy"][2], abs=0.01)


def test_many_epochs_are_told_in_thirty_lines(capsys: pytest.CaptureFixture[str]) -> None:
    train(epochs=100)
    lines = capsys.readouterr().out.splitlines()[1:]
    epochs = [int(line.split("/")[0]) for line in lines]
    assert epochs == [1, *range(4, 101, 4)]


def test_a_run_that_ended_early_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    class Stop(Callback):
        def on_epoch_end(self, run: Any) -> None:
            run.stop("that will do")

    train(epochs=100, callbacks=Stop())
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[-1] == "ended in epoch 1: that will do"


def test_the_last_epoch_of_an_interrupted_run_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    class Stop(Callback):
        def on_batch_end(self, run: Any) -> None:
            if (run.epoch, run.batch) == (7, 2):
                run.stop("that will do")

    train(epochs=100, callbacks=Stop())
    *_, fourth, sixth, end = capsys.readouterr().out.splitlines()
    assert fourth.split()[0] == "4/100"
    assert sixth.split()[0] == "6/100"
    assert end == "ended in epoch 7: that will do"


def test_false_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    train(progress=False)
    assert capsys.readouterr() == ("", "")


def test_true_prints_lines_where_nothing_can_move(capsys: pytest.CaptureFixture[str]) -> None:
    train(progress=True)
    assert capsys.readouterr().out.startswith("epoch ")


@pytest.mark.parametrize(
    ("there", "kind"), [(("rich", "tqdm"), "rich"), (("tqdm",), "tqdm"), ((), "lines")]
)
def test_a_terminal_gets_the_best_that_is_installed(
    there: tuple[str, ...], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr(progress, "there", lambda library: library in there)
    assert progress.for_here() == kind
    monkeypatch.setitem(sys.modules, "ipykernel", None)  # in a notebook it takes ipywidgets, too
    assert progress.for_here() == "lines"
    monkeypatch.setattr(progress, "there", lambda library: library in (*there, "ipywidgets"))
    assert progress.for_here() == kind


@pytest.mark.parametrize("library", ["rich", "tqdm"])
def test_a_library_that_is_missing_is_asked_for_by_its_install_line(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)
    assert not extras.there(library)
    line = rf'draws with {library}, .* Install it: pip install "micrograd-nn\[progress\]>=1,<2"'
    with pytest.raises(ModuleNotFoundError, match=line):
        train(progress=library)


def test_a_library_that_is_there_but_broken_says_what_it_misses(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "brokenlibrary.py").write_text("import no_such_module_at_all", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert extras.there("brokenlibrary")
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_module_at_all'"):
        extras.imported("brokenlibrary", "told")
