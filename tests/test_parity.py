"""Are values and gradients those of PyTorch?

Compared are recorded numbers: `hatch run parity:record` made them with PyTorch, so that these tests
need none. `hatch run parity:live` asks PyTorch itself. The cases stand in `parity/cases.py`.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from micrograd.nn import losses
from parity import ours, reference
from parity.cases import SUBJECTS, all_cases
from parity.table import Case, Result
from parity.training import RUNS

# Measured: 1e-15, in training too. Other processors and builds of NumPy may round otherwise.
TOLERANCE = 1e-13
TRAINING_TOLERANCE = 1e-12
SINGLE = 1e-4  # for float32

CASES = all_cases()
LOSSES = [case for case in CASES if case.subject in losses.names()]
RECORD_AGAIN = "Record it again: hatch run parity:record"


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    return reference.read()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_op_or_loss_gives_the_recorded_numbers(case: Case, recorded: dict[str, Any]) -> None:
    assert case.name in recorded["cases"], f"the file does not hold this case. {RECORD_AGAIN}"
    entry = reference.case_entry(case, ours.compute(case))
    reference.check_entry(case.name, entry, recorded["cases"][case.name], TOLERANCE)


@pytest.mark.parametrize("case", LOSSES, ids=lambda case: case.name)
def test_a_loss_in_float32_gives_the_recorded_numbers(case: Case, recorded: dict[str, Any]) -> None:
    entry = recorded["cases"][case.name]
    gradients = [reference.decode(one) for one in entry["gradients"]]
    expected = Result(reference.decode(entry["output"]), gradients)
    reference.check_result(case.name, ours.compute(case, np.float32), expected, SINGLE)


def test_a_loss_that_leaves_float32_is_noticed() -> None:
    case = SUBJECTS["mse"].cases[0]
    result = ours.compute(case)
    with pytest.raises(AssertionError, match="output is float64, the inputs were not"):
        reference.check_result(case.name, result, result, SINGLE)


@pytest.mark.parametrize("name", RUNS)
def test_training_takes_the_recorded_steps(name: str, recorded: dict[str, Any]) -> None:
    entry = reference.run_entry(RUNS[name], ours.train(RUNS[name]))
    reference.check_entry(name, entry, recorded["runs"][name], TRAINING_TOLERANCE)


def test_the_runs_learn(recorded: dict[str, Any]) -> None:
    for name, entry in recorded["runs"].items():
        losses = reference.decode(entry["losses"])
        assert losses[-4:].mean() < losses[:4].mean(), name


def test_the_file_holds_these_cases_and_no_others(recorded: dict[str, Any]) -> None:
    assert list(recorded["cases"]) == [case.name for case in CASES], RECORD_AGAIN
    assert list(recorded["runs"]) == list(RUNS), RECORD_AGAIN


def test_no_two_cases_are_the_same() -> None:
    repeated = [name for name, count in Counter(case.name for case in CASES).items() if count > 1]
    assert not repeated


def test_every_op_and_loss_has_a_case() -> None:
    assert ours.without_case() == []


def test_an_op_without_a_case_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SUBJECTS, "tanh")
    assert ours.without_case() == ["tanh"]


def test_the_excused_ops_exist_and_have_no_case() -> None:
    excused = ours.UNKNOWN_TO_PYTORCH.keys()
    assert excused <= ours.registered().keys() - SUBJECTS.keys()


def test_every_case_that_takes_a_gradient_has_one_recorded(recorded: dict[str, Any]) -> None:
    for case in CASES:
        expected = sum(one.differentiable for one in case.inputs)
        assert len(recorded["cases"][case.name]["gradients"]) == expected, case.name


def test_the_file_stays_small() -> None:
    assert reference.FILE.stat().st_size < 900_000


WITH_RULES = sorted(
    name
    for name in SUBJECTS
    if any(getattr(getattr(ours.registered()[name], "op", None), "rules", ()))
)


@pytest.mark.parametrize("subject", [*WITH_RULES, "sum", "max", "reshape", "pinv", "norm"])
def test_a_rule_that_is_a_little_wrong_is_noticed(subject: str, recorded: dict[str, Any]) -> None:
    cases = SUBJECTS[subject].cases
    out, _, _ = ours.call(cases[0])
    positions = [i for i, rule in enumerate(out.op.rules) if rule is not None]
    assert positions
    for position in positions:
        with planted(out.op.rules, position), pytest.raises(AssertionError, match="gradients"):
            check_all(cases, recorded)
    check_all(cases, recorded)


@contextmanager
def planted(rules: list[Any], position: int) -> Iterator[None]:
    """One of an op's rules, 0.1 % too large."""
    right = rules[position]

    def wrong(*arrays: Any, **settings: Any) -> Any:
        return 1.001 * right(*arrays, **settings)

    rules[position] = wrong
    try:
        yield
    finally:
        rules[position] = right


def check_all(cases: tuple[Case, ...], recorded: dict[str, Any]) -> None:
    for case in cases:
        entry = reference.case_entry(case, ours.compute(case))
        reference.check_entry(case.name, entry, recorded["cases"][case.name], TOLERANCE)


# --- the comparison itself -----------------------------------------------------------------------


def spoiled(recorded: dict[str, Any], name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The line of a case, and a copy to spoil."""
    entry = recorded["cases"][name]
    return entry, copy.deepcopy(entry)


PRODUCT = "matmul: (2, 3), (3, 4)"


def test_a_gradient_that_is_a_little_wrong_is_noticed(recorded: dict[str, Any]) -> None:
    right, wrong = spoiled(recorded, PRODUCT)
    wrong["gradients"][1]["numbers"][5] += 1e-12
    reference.check_entry(PRODUCT, right, right, TOLERANCE)
    with pytest.raises(AssertionError, match=r"gradients\[1\] is.*differ by up to 1e-12"):
        check_on_one_line(wrong, right)


def test_nan_is_noticed(recorded: dict[str, Any]) -> None:
    right, wrong = spoiled(recorded, PRODUCT)
    wrong["output"]["numbers"][0] = float("nan")
    with pytest.raises(AssertionError, match=r"output\[0\] is"):
        check_on_one_line(wrong, right)


def test_another_shape_or_dtype_is_noticed(recorded: dict[str, Any]) -> None:
    right, wrong = spoiled(recorded, PRODUCT)
    wrong["output"]["shape"].reverse()
    with pytest.raises(AssertionError, match=r"has shape \(4, 2\)"):
        check_on_one_line(wrong, right)
    right, wrong = spoiled(recorded, PRODUCT)
    wrong["output"]["dtype"] = "float32"
    with pytest.raises(AssertionError, match="dtype float32"):
        check_on_one_line(wrong, right)


def test_a_missing_gradient_is_noticed(recorded: dict[str, Any]) -> None:
    right, wrong = spoiled(recorded, PRODUCT)
    wrong["gradients"].pop()
    with pytest.raises(AssertionError, match="1 gradients, PyTorch has 2"):
        check_on_one_line(wrong, right)


def test_other_inputs_than_the_recorded_ones_are_noticed(recorded: dict[str, Any]) -> None:
    right, wrong = spoiled(recorded, PRODUCT)
    wrong["inputs"] += 1
    with pytest.raises(AssertionError, match="draws other numbers"):
        check_on_one_line(wrong, right)


def check_on_one_line(got: dict[str, Any], expected: dict[str, Any]) -> None:
    """`check_entry`, with its message on one line, for `match`."""
    try:
        reference.check_entry(PRODUCT, got, expected, TOLERANCE)
    except AssertionError as error:
        raise AssertionError(" ".join(str(error).split())) from None


def test_arrays_are_read_back_exactly(rng: np.random.Generator) -> None:
    for array in (rng.normal(size=(2, 3)), np.float64(0.1), np.zeros((0, 2), np.float32)):
        again = reference.decode(reference.encode(np.asarray(array)))
        assert again.dtype == array.dtype
        assert again.shape == array.shape
        assert (again == array).all()
