"""Do the examples that read handwritten digits reach their figures, eagerly and as programs?

Here in their short forms, whose figures are lower: each docstring has both.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import digits
import digits_cnn
import scans
from micrograd.nn import fit as nn_fit
from pictures import check_picture
from printed import percent

BOTH = pytest.mark.parametrize("how", ["--compile", "--no-compile"])


@BOTH
@pytest.mark.parametrize(
    ("example", "figure", "names"),
    [
        (digits, 95.0, ["learning-curve", "digits", "graph"]),
        (digits_cnn, 97.0, ["learning-curve", "digits", "filters"]),
    ],
    ids=["digits", "digits_cnn"],
)
def test_digits(
    example: Any,
    figure: float,
    names: list[str],
    how: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    example.main(["--short", how, "--out", str(tmp_path)])
    assert percent("fold 1: NUMBER of the new scans", capsys.readouterr().out) >= figure
    for name in names:
        check_picture(tmp_path / f"{name}.png")
        check_picture(tmp_path / f"{name}.svg")


def test_all_folds_are_trained_and_their_mean_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digits.main(["--epochs", "1", "--folds", "--unshuffled", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    scores = [percent(f"fold {n}: NUMBER", printed) for n in range(1, 6)]
    assert percent("mean of the five folds: NUMBER", printed) == pytest.approx(
        np.mean(scores), abs=0.01
    )


def test_of_several_processes_all_but_the_first_are_silent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fit(*given: Any, **settings: Any) -> Any:  # of one process, for MPI is not installed here
        asked.append(given)
        return nn_fit(*given, **settings | {"progress": False})

    second = SimpleNamespace(COMM_WORLD=SimpleNamespace(rank=1))
    monkeypatch.setitem(sys.modules, "mpi4py", SimpleNamespace(MPI=second))
    monkeypatch.setitem(sys.modules, "micrograd_mpi", SimpleNamespace(fit=fit))
    digits.main(["--mpi", "--epochs", "1", "--out", str(tmp_path / "pictures")])
    assert len(asked) == 1
    assert not (tmp_path / "pictures").exists()
    assert not capsys.readouterr().out


def test_folds_ask_about_every_scan_once() -> None:
    images, labels = scans.load()
    for unshuffled in (False, True):
        parts = scans.folds(images, labels, unshuffled)
        asked = np.concatenate([test for _, test in parts])
        assert sorted(asked) == list(range(len(images)))
        assert all(not np.intersect1d(*part).size for part in parts)
        in_order = all((np.diff(test) == 1).all() for _, test in parts)
        assert in_order == unshuffled


def test_a_nudge_moves_ink_and_leaves_the_paper_at_the_edge(rng: np.random.Generator) -> None:
    image = np.zeros((200, 8, 8))
    image[:, 3:5, 3:5] = 16.0
    moved = scans.nudge(image, 0.75, rng)
    np.testing.assert_allclose(moved.sum(axis=(1, 2)), 64.0)
    centre = (moved * np.arange(8)).sum(axis=(1, 2)) / 64.0 - 3.5
    assert abs(centre).max() <= 0.75
    assert centre.min() < -0.6
    assert centre.max() > 0.6


def test_scans_are_scaled_by_those_that_are_trained_on(rng: np.random.Generator) -> None:
    old, new = rng.normal(3.0, 2.0, (50, 8, 8)), rng.normal(9.0, 1.0, (10, 8, 8))
    scale = scans.Scale(old)
    assert abs(scale(old).mean()) < 1e-12
    assert scale(new).mean() == pytest.approx((new.mean() - old.mean()) / old.std())


@pytest.mark.parametrize("example", [digits, digits_cnn], ids=lambda module: module.__name__)
def test_no_epochs_are_refused(example: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        example.main(["--epochs", "0"])
    assert "--epochs 0: at least one epoch is needed" in capsys.readouterr().err
