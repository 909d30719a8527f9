"""What does PyTorch itself say, also about shapes that nobody chose?

The seed of the drawn shapes stands in the first lines of the report and in every failure. To draw
the same shapes again: PARITY_SEED=123 hatch run parity:live
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from micrograd.nn import losses, optim
from parity import ours, reference
from parity.cases import SUBJECTS, all_cases
from parity.drawn import OPTIMIZERS, SCHEDULES, run_of
from parity.live import recording, theirs
from parity.table import Case
from parity.training import RUNS, Run

TOLERANCE = 1e-12  # drawn numbers may be less kind than the recorded ones
TRAINING_TOLERANCE = 1e-11
SAME = 1e-13  # PyTorch and what it gave before, on another processor perhaps
SINGLE = 1e-4  # for float32
DRAWN = 40
DRAWN_RUNS = 12


@pytest.fixture(scope="module")
def now() -> tuple[str, dict[str, Any], dict[str, Any]]:
    return recording.record()


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    return reference.read()


def test_the_file_was_recorded_with_this_pytorch(recorded: dict[str, Any]) -> None:
    assert recorded["torch"] == recording.version(), "record it again: hatch run parity:record"


@pytest.mark.parametrize("part", ["cases", "runs"])
def test_the_file_is_what_would_be_recorded_now(
    part: str, recorded: dict[str, Any], now: tuple[str, dict[str, Any], dict[str, Any]]
) -> None:
    entries = now[1] if part == "cases" else now[2]
    assert list(recorded[part]) == list(entries), "record it again: hatch run parity:record"
    for name, entry in entries.items():
        reference.check_entry(name, recorded[part][name], entry, SAME)


def test_every_op_and_loss_has_a_case() -> None:
    assert ours.without_case() == []


def test_every_case_has_a_translation_and_each_translation_a_case() -> None:
    assert theirs.TRANSLATIONS.keys() == SUBJECTS.keys()


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_an_op_or_loss_gives_what_pytorch_gives(case: Case) -> None:
    compare(case)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_drawn_shapes_give_what_pytorch_gives(subject: str, seed: int) -> None:
    for case in drawn(subject, seed):
        try:
            compare(case)
        except Exception as error:
            error.add_note(f"To draw this case again: PARITY_SEED={seed} hatch run parity:live")
            raise


@pytest.mark.parametrize("name", RUNS)
def test_training_takes_the_steps_of_pytorch(name: str, seed: int) -> None:
    for salt in (0, seed):
        run = replace(RUNS[name], salt=salt)
        entry = reference.run_entry(run, ours.train(run))
        expected = reference.run_entry(run, theirs.train(run))
        told = f"{name} (PARITY_SEED={seed}, salt {salt})"
        reference.check_entry(told, entry, expected, TRAINING_TOLERANCE)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_drawn_settings_of_an_optimizer_take_the_steps_of_pytorch(
    optimizer: str, dtype: str, seed: int
) -> None:
    for number in range(DRAWN_RUNS):
        compare_run(run_of(optimizer, "", np.random.default_rng([seed, number]), dtype), seed)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_drawn_settings_of_a_schedule_take_the_steps_of_pytorch(
    schedule: str, dtype: str, seed: int
) -> None:
    for number in range(DRAWN_RUNS):
        rng = np.random.default_rng([seed, number])
        optimizer = "Adam" if number % 2 else "SGD"
        compare_run(run_of(optimizer, schedule, rng, dtype), seed)


def test_every_optimizer_and_schedule_is_drawn() -> None:
    ours = {
        name
        for name, one in vars(optim).items()
        if isinstance(one, type) and issubclass(one, optim.Optimizer)
    }
    assert ours - {"Optimizer"} == OPTIMIZERS.keys()
    assert {*optim.schedules.__all__} - {"Schedule"} == SCHEDULES.keys()


@pytest.mark.parametrize("subject", losses.names())
def test_a_loss_in_float32_gives_what_pytorch_gives(subject: str, seed: int) -> None:
    for case in [*SUBJECTS[subject].cases, *drawn(subject, seed)]:
        expected = theirs.compute(case)
        reference.check_result(case.name, ours.compute(case, np.float32), expected, SINGLE)


def compare_run(run: Run, seed: int) -> None:
    """Hold our steps of a run against PyTorch's."""
    tolerance = TRAINING_TOLERANCE if run.dtype == "float64" else SINGLE
    entry = reference.run_entry(run, ours.train(run))
    expected = reference.run_entry(run, theirs.train(run))
    reference.check_entry(f"{run} (PARITY_SEED={seed})", entry, expected, tolerance)


def drawn(subject: str, seed: int) -> Iterator[Case]:
    """Cases of random shapes, with other numbers than the recorded ones."""
    for number in range(DRAWN):
        rng = np.random.default_rng([seed, number])
        yield replace(SUBJECTS[subject].draw(rng), salt=int(rng.integers(1, 2**31)))


def compare(case: Case) -> None:
    """Hold our result of a case against PyTorch's."""
    entry = reference.case_entry(case, ours.compute(case))
    expected = reference.case_entry(case, theirs.compute(case))
    reference.check_entry(case.name, entry, expected, TOLERANCE)
