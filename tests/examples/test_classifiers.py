"""Do exclusive or and the spiral reach their figures, eagerly and as programs?

The spiral in its short form, whose figure is lower: its docstring has both.
"""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import spiral
from micrograd.nn import MLP, SGD, fit, predict
from pictures import check_picture
from printed import percent

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BOTH = pytest.mark.parametrize("how", ["--compile", "--no-compile"])


# -- exclusive or -----------------------------------------------------------------------------


def test_exclusive_or_prints_what_its_docstring_shows() -> None:
    path = EXAMPLES / "xor.py"
    result = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, check=True, timeout=60
    )
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    shown = [line.strip() for line in docstring.splitlines() if re.match(r"\s*\d xor", line)]
    assert result.stdout.splitlines() == shown
    assert [line[-4:] for line in shown] == ["0.00", "1.00", "1.00", "0.00"]


def test_exclusive_or_has_twelve_lines() -> None:
    source = (EXAMPLES / "xor.py").read_text("utf-8")
    code = source[source.index("import ") :]
    lines = [line for line in code.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(lines) == 12


@pytest.mark.parametrize("compile", [True, False])
def test_exclusive_or_is_what_fit_learns_too(compile: bool) -> None:
    data = runpy.run_path(str(EXAMPLES / "xor.py"))
    model = MLP(2, [8, 1], activation="tanh", rng=np.random.default_rng(0))
    optimizer = SGD(model.parameters(), lr=0.2)
    fit(
        model,
        data["X"].astype(float),
        data["y"].astype(float),
        "mse",
        optimizer,
        1000,
        compile=compile,
        progress=False,
    )
    np.testing.assert_allclose(predict(model, data["X"].astype(float)), data["y"], atol=0.05)


# -- the spiral -------------------------------------------------------------------------------


@BOTH
def test_the_spiral(how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spiral.main(["--short", how, "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    assert percent("accuracy on 3,000 new points: NUMBER", printed) >= 96.0
    assert percent("of the rule that they were made by: NUMBER", printed) >= 99.0
    check_picture(tmp_path / "spiral.png")


def test_the_spiral_tells_what_its_layers_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spiral.main(["--short", "--watch", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    rows = re.findall(r"^layers\.(\d) +(relu)? .*\d$", printed, flags=re.MULTILINE)
    assert rows == [("0", "relu"), ("1", "relu"), ("2", "")]
    assert re.search(r"^MLP, step \d+1 \(seen every 10 steps\)$", printed, flags=re.MULTILINE)


def test_the_arms_of_the_spiral_are_where_the_rule_says(rng: np.random.Generator) -> None:
    points, arm = spiral.spiral(3000, rng)
    assert np.bincount(arm).tolist() == [1000] * 3
    assert (np.hypot(*points.T) <= 1.0).all()
    turned = 2 * np.pi / 3
    rotation = np.array([[np.cos(turned), np.sin(turned)], [-np.sin(turned), np.cos(turned)]])
    nearest = spiral.nearest_arm(points)
    np.testing.assert_array_equal(spiral.nearest_arm(points @ rotation), (nearest + 1) % 3)
