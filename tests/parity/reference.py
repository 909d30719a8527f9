"""What stands in the reference file, and when are two results the same?

One line a case: the seed of its numbers, their fingerprint, the output and the gradients that
PyTorch computed. The numbers are written with all their digits, so they are read back exactly.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from .inputs import Array, fingerprint
from .table import Case, Result
from .training import History, Run

FILE = Path(__file__).parent / "reference.json"

Entry = dict[str, Any]


def encode(array: Array) -> Entry:
    """An array as its shape and its numbers, with the dtype if it is not float64."""
    entry: Entry = {"shape": list(array.shape), "numbers": array.ravel().tolist()}
    return entry if array.dtype == np.float64 else {"dtype": array.dtype.name, **entry}


def decode(entry: Entry) -> Array:
    """The array that was encoded."""
    dtype = np.dtype(entry.get("dtype", "float64"))
    return np.array(entry["numbers"], dtype).reshape(entry["shape"])


def case_entry(case: Case, result: Result) -> Entry:
    """The line of a case."""
    return {
        "seed": case.seed,
        "inputs": fingerprint(case.draw()[0]),
        "output": encode(result.output),
        "gradients": [encode(one) for one in result.gradients],
    }


def run_entry(run: Run, history: History) -> Entry:
    """The line of a training run: all parameters of a step after each other."""
    start = run.start()
    data = [*start.weights, *start.biases, *(one for pair in start.batches for one in pair)]
    steps = [np.concatenate([one.ravel() for one in step]) for step in history.parameters]
    return {
        "seed": run.seed,
        "inputs": fingerprint(data),
        "losses": encode(np.array(history.losses)),
        "parameters": encode(np.array(steps)),
    }


def write(torch: str, cases: dict[str, Entry], runs: dict[str, Entry]) -> None:
    """Write the file: one line a case, so that a diff shows which ones changed."""

    def lines(entries: dict[str, Entry]) -> str:
        return ",\n".join(f"{json.dumps(k)}: {dense(v)}" for k, v in entries.items())

    FILE.write_text(
        f'{{"torch": {json.dumps(torch)},\n"cases": {{\n{lines(cases)}\n}},\n'
        f'"runs": {{\n{lines(runs)}\n}}}}\n',
        encoding="utf-8",
        newline="\n",
    )


def dense(entry: Entry) -> str:
    return json.dumps(entry, separators=(",", ":"), allow_nan=False)


def read() -> dict[str, Any]:
    """All that was recorded."""
    content: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return content


def check_entry(name: str, got: Entry, expected: Entry, tolerance: float) -> None:
    """Compare two lines: all arrays, and the seed and fingerprint of what they come from."""
    if (got["seed"], got["inputs"]) != (expected["seed"], expected["inputs"]):
        raise AssertionError(
            f"{name}: this case draws other numbers than when it was recorded. "
            "Record it again: hatch run parity:record"
        )
    for part in expected.keys() - {"seed", "inputs"}:
        ours, theirs = (
            one[part] if isinstance(one[part], list) else [one[part]] for one in (got, expected)
        )
        if len(ours) != len(theirs):
            raise AssertionError(f"{name}: {len(ours)} {part}, PyTorch has {len(theirs)}.")
        for number, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            check_array(f"{name}: {part}[{number}]", decode(a), decode(b), tolerance)


def check_result(name: str, got: Result, expected: Result, tolerance: float) -> None:
    """Compare a result in a smaller dtype with one in float64."""
    for told, a, b in zip(
        ("output", *(f"gradients[{i}]" for i in range(len(expected.gradients)))),
        (got.output, *got.gradients),
        (expected.output, *expected.gradients),
        strict=True,
    ):
        if a.dtype == b.dtype == np.float64:
            raise AssertionError(f"{name}: {told} is float64, the inputs were not.")
        check_array(f"{name}: {told}", np.asarray(a, np.float64), b, tolerance)


def check_array(told: str, got: Array, expected: Array, tolerance: float) -> None:
    """Same shape, same dtype, and numbers that differ by at most `tolerance`.

    The difference is relative for numbers greater than 1, absolute for smaller ones: sums in
    another order differ by the last digits of their largest terms.
    """
    if got.shape != expected.shape or got.dtype != expected.dtype:
        raise AssertionError(
            f"{told} has shape {got.shape} and dtype {got.dtype}, PyTorch's has "
            f"{expected.shape} and {expected.dtype}."
        )
    bound = tolerance * np.maximum(1.0, abs(expected))
    wrong = ~(abs(got - expected) <= bound)  # so that nan is wrong
    if wrong.any():
        raise AssertionError(
            f"{told} is\n{got}\nPyTorch has\n{expected}\n"
            f"They differ by up to {abs(got - expected).max():.3g}, allowed is {tolerance:.0e}."
        )
