"""What cannot leave, and what is said then?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd import nn
from micrograd.engine import Value, op, ops
from micrograd.nn import export_onnx
from micrograd.nn.onnx import CannotExport

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
MASK = np.array([[True, False, True], [False, True, True]])


@op(name="relu")
def strangers(x: Any) -> Any:
    """An op that is not ours, and has the name of one that is."""
    return np.maximum(x, 0.0) + 1.0


@strangers.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    return g * (x > 0)


class Named(nn.Module):
    """A stranger's op inside a module."""

    def __init__(self) -> None:
        self.inner = nn.Sequential(strangers)
        self.bend = Bend()

    def forward(self, x: Any) -> Any:
        return self.bend(x)


class Bend(nn.Module):
    def forward(self, x: Any) -> Any:
        return strangers(x)


def by_its_numbers(x: Any) -> Any:
    return x * 2 if x.data.sum() > 0 else x - 1


def by_its_count(x: Any) -> Any:
    return (x, x) if len(x) > 2 else x


def axes_by_its_count(x: Any) -> Any:
    return x * np.ones((1,) * (len(x) - 1))


CASES: dict[str, tuple[Callable[..., Any], str]] = {
    "a mask": (lambda x: x * (x > 0), r"multiply uses an array that was computed from the input"),
    "a mask in where": (lambda x: np.where(x > 0, x, 0.0), r"where uses an array.*np\.maximum"),
    "an order": (lambda x: x[:, np.argsort(x.data[0])], r"getitem uses an array that was computed"),
    "detached": (lambda x: x * x.detach(), r"multiply uses an array that was computed"),
    "a stranger": (strangers, r"relu has no counterpart in ONNX\. Write that part"),
    "in a scope": (Named(), r"relu, in bend, has no counterpart in ONNX"),
    "lacking": (lambda x: np.linalg.pinv(x), r"ONNX: ONNX has no decompositions of matrices"),
    "control flow": (by_its_numbers, r"another graph for another input: \w+ of 2 for one"),
    "a plain result": (lambda x: x > 0, r"returned ndarray, which is not part of the graph"),
    "results": (by_its_count, r"returned 1 results for one batch and 2 for another"),
    "quadratic": (lambda x: x.reshape(-1)[:: len(x)], r"which is no fixed number a sample"),
    "axes": (axes_by_its_count, r"shape \(1,\) for 2 samples, but \(1, 1, 1\) for 4"),
    "samples as places": (
        lambda x: np.transpose(x)[np.array([0, 1]), np.array([0, 1])],
        r"uses the number of samples as the length of an indexed axis",
    ),
    "None and arrays": (lambda x: x[None, :, [0, 1]], r"mixes arrays with None or whole numbers"),
    "a mask of two axes": (lambda x: x.T[:2][:, :2][MASK[:, :2]], r"mask of shape \(2, 2\)"),
    "places and slices": (
        lambda x: ops.scatter_add(
            x.T, np.array([0, 1, 1]), key=("array", slice(None)), shape=(2, len(x))
        ),
        r"the key mixes arrays with slices",
    ),
    "gaps": (
        lambda x: ops.scatter_add(x, key=(slice(None), slice(0, 6, 2)), shape=(len(x), 6)),
        r"slice\(0, 6, 2\) leaves gaps",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_model_that_cannot_leave(name: str, tmp_path: Path) -> None:
    model, told = CASES[name]
    path = tmp_path / "model.onnx"
    with pytest.raises(CannotExport, match=told):
        export_onnx(model, path, X, batch_axis=None if "mask of two" in name else 0)
    assert not path.exists()


def test_lengths_that_depend_on_numbers(tmp_path: Path) -> None:
    def careful(x: Any) -> Any:
        refuse_nan(x)
        return x[np.nonzero(x.data > 0.9)]

    example = np.array([0.95, 1.0, 2.0])
    with pytest.raises(CannotExport, match=r"length 3 for some numbers and \d for others"):
        export_onnx(careful, tmp_path / "x.onnx", example, batch_axis=None)


def refuse_nan(x: Any) -> None:
    if isinstance(x, Value) and np.isnan(x.data).any():
        raise ValueError("no nan, please")


@pytest.mark.parametrize(
    ("model", "example", "error", "told"),
    [
        (3, X, TypeError, r"export_onnx of int\. Pass a Module, a method of one, or a function"),
        (np.exp, X.astype(np.float16), TypeError, r"example 0 has dtype float16\. Give float64"),
        (np.exp, np.zeros((0, 2)), ValueError, r"shape \(0, 2\), so there is no sample along axis"),
        (np.exp, np.float64(1.0), ValueError, r"shape \(\), so there is no sample along axis 0"),
        (np.add, (X, X[:1]), ValueError, r"examples have \[2, 1\] samples along axis 0"),
        (nn.Embedding(3, 2), np.zeros((2, 2), int), ValueError, r"holds only the number 0, so"),
    ],
)
def test_what_is_no_model_and_no_example(
    model: Any, example: Any, error: type[Exception], told: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=told):
        export_onnx(model, tmp_path / "model.onnx", example)


def test_without_the_extra_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "micrograd-nn\[onnx\]>=1,<2"'):
        export_onnx(nn.Linear(3, 2), tmp_path / "model.onnx", X)


def test_a_model_that_refuses_wild_numbers_is_exported(tmp_path: Path) -> None:
    def careful(x: Any) -> Any:
        refuse_nan(x)
        return x * 2

    export_onnx(careful, tmp_path / "careful.onnx", X)
    assert (tmp_path / "careful.onnx").exists()
