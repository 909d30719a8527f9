"""Does the example of a regression reach its figure, and is the comparison a fair one?"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

import regression
from pictures import check_picture


@pytest.mark.parametrize("how", ["--compile", "--no-compile"])
def test_the_disease(how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    regression.main(["--short", how, "--out", str(tmp_path)])
    found = dict(re.findall(r"(.+): mean R² ([\d.]+)", capsys.readouterr().out))
    assert list(found) == ["least squares", "2 networks", "one network"]
    assert float(found["least squares"]) == pytest.approx(0.489, abs=0.0005)
    assert float(found["2 networks"]) >= 0.47
    check_picture(tmp_path / "regression.png")


def test_the_line_and_the_score_are_those_of_scikit_learn(rng: np.random.Generator) -> None:
    X, X_new = rng.normal(size=(40, 3)), rng.normal(size=(20, 3))
    y = X @ [[1.0], [2.0], [-1.0]] + 4.0 + rng.normal(size=(40, 1))
    theirs = LinearRegression().fit(X, y).predict(X_new)
    ours = regression.linear(X, y, X_new)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    truth = rng.normal(size=(20, 1))
    assert regression.r_squared(ours, truth) == pytest.approx(r2_score(truth, theirs))


def test_what_was_scaled_comes_back(rng: np.random.Generator) -> None:
    columns = rng.normal(5.0, 3.0, (30, 2))
    scale = regression.Standard(columns)
    np.testing.assert_allclose(scale(columns).mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(scale(columns).std(axis=0), 1.0)
    np.testing.assert_allclose(scale.back(scale(columns)), columns)
