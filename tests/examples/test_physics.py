"""Does a network find a motion from Newton's law alone, eagerly and as a program?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import physics
from micrograd.engine import Value
from pictures import check_picture


@pytest.mark.parametrize("how", ["--compile", "--no-compile"])
def test_the_motion_is_found(how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = physics.main(["--short", how, "--out", str(tmp_path)])
    assert outcome.largest < 0.05
    assert outcome.rms < 0.02
    assert f"{outcome.largest:.1e} at most, {outcome.rms:.1e} rms" in capsys.readouterr().out
    check_picture(tmp_path / "physics.png", width=1600, height=1120)


def test_the_textbooks_motion_keeps_the_law_and_begins_at_rest() -> None:
    t, step = np.linspace(0.0, physics.SPAN, 101)[1:, None], 1e-3
    before, now, after = (physics.exact(t + d) for d in (-step, 0.0, step))
    acceleration, velocity = (after - 2 * now + before) / step**2, (after - before) / (2 * step)
    law = physics.MASS * acceleration + physics.DAMPER * velocity + physics.SPRING * now
    assert abs(law).max() < 1e-5
    assert physics.exact(np.zeros(1)) == physics.START
    assert abs(physics.exact(np.array([1e-6])) - physics.START) < 1e-11


@pytest.fixture
def model(rng: np.random.Generator) -> physics.Motion:
    return physics.Motion(rng)


def test_a_model_says_how_much_its_own_motion_breaks_the_law(model: Any) -> None:
    t, step = np.linspace(0.5, physics.SPAN, 20)[:, None], 1e-4
    before, now, after = (physics.moved(model, t + d) for d in (-step, 0.0, step))
    acceleration, velocity = (after - 2 * now + before) / step**2, (after - before) / (2 * step)
    law = physics.MASS * acceleration + physics.DAMPER * velocity + physics.SPRING * now
    np.testing.assert_allclose(model(t).data, law, atol=1e-5)


def test_every_network_begins_at_rest_where_the_spring_was_pulled(model: Any) -> None:
    t = Value(np.zeros((1, 1)))
    start = model.position(t)
    start.sum().backward()
    assert start.item() == physics.START
    assert t.grad.item() == 0.0
