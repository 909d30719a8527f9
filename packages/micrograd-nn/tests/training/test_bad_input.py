"""What cannot be trained is said by ``fit``, before anything is changed: one table.

Each row is a change to a call that works, and what is said about it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.nn import MLP, SGD, BatchNorm1d, Linear, Sequential, losses
from micrograd.nn.optim.schedules import ReduceLROnPlateau, StepLR
from micrograd.nn.training import Checkpoint, batches, evaluate, predict

from .refused import LABELS, X, call


def put(array: np.ndarray, place: Any, number: float) -> np.ndarray:
    changed = array.copy()
    changed[place] = number
    return changed


TABLE: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    # -- shapes
    "wrong features": (
        {"X": X[:, :2]},
        ValueError,
        r"Linear\(3, 5\): the input has shape \(8, 2\)",
    ),
    "wrong rank": ({"X": X[:, 0]}, ValueError, r"Linear\(3, 5\): the input has shape \(8,\)"),
    "a number": ({"X": 1.0}, ValueError, r"fit: X is the number 1\.0\. Give one row a sample"),
    "targets of another shape": (
        {"loss": "mse", "y": X[:, 0]},
        ValueError,
        r"mse: prediction has shape \(8, 4\) but target has shape \(8,\)",
    ),
    "validation of other features": (
        {"validation": (X[:, :2], LABELS)},
        ValueError,
        r"Linear\(3, 5\): the input has shape \(8, 2\)",
    ),
    "one row is left over, and a layer needs two": (
        {"model": Sequential(Linear(3, 4), BatchNorm1d(4)), "batch_size": 19},
        ValueError,
        r"20 rows in batches of 19 leave a batch of one row, and the model cannot learn from that: "
        r"BatchNorm1d\(4\): .* Choose another batch_size, or give X as batches\(X, y, batch_size",
    ),
    "rows of different lengths": (
        {"X": [[1.0, 2.0], [3.0]]},
        ValueError,
        "fit: X is a list that is no array of numbers .* Give rows of equal length",
    ),
    "a list of Values": (
        {"X": [Value(row) for row in X]},
        ValueError,
        "fit: X is a list that is no array of numbers .*A Value does not turn into a plain",
    ),
    # -- lengths
    "mismatched lengths": (
        {"y": LABELS[:12]},
        ValueError,
        r"fit: X has 20 rows but y has 12\. Give each sample one row in both",
    ),
    "validation of mismatched lengths": (
        {"validation": (X, LABELS[:3])},
        ValueError,
        "fit: validation: X has 20 rows but y has 3",
    ),
    "an empty data set": ({"X": X[:0], "y": LABELS[:0]}, ValueError, "fit: X has no rows. Give at"),
    "an empty batch": ({"batch_size": 0}, ValueError, "fit: batch_size is 0. Give a whole number"),
    "no epochs": ({"epochs": 0}, ValueError, "fit: epochs is 0. Give a whole number, at least 1"),
    "half an epoch": ({"epochs": 0.5}, ValueError, "fit: epochs is 0.5. Give a whole number"),
    # -- numbers
    "NaN in X": (
        {"X": put(X, (17, 2), np.nan), "shuffle": False},
        ValueError,
        r"fit: X holds nan in row 17 \(batch 3 of the first epoch\), column 2\. Leave such rows",
    ),
    "infinity, more than once": (
        {"X": put(X, ([3, 9], 0), -np.inf), "shuffle": False},
        ValueError,
        r"fit: X holds -inf in row 3 \(batch 1 of the first epoch\), column 0, and 1 more\.",
    ),
    "NaN in y": (
        {"y": put(np.eye(4)[LABELS], (4, 1), np.nan), "shuffle": False},
        ValueError,
        r"fit: y holds nan in row 4 \(batch 1 of the first epoch\), column 1",
    ),
    "NaN in an image": (
        {"X": put(np.zeros((20, 2, 3, 3)), (1, 0, 2, 1), np.nan)},
        ValueError,
        r"fit: X holds nan in row 1 \(batch \d of the first epoch\), at \(0, 2, 1\)",
    ),
    "NaN in one of several": (
        {"X": {"x": put(X, (5, 1), np.nan)}},
        ValueError,
        r"fit: X\['x'\] holds nan in row 5 \(batch \d of the first epoch\), column 1",
    ),
    "NaN in the validation data": (
        {"validation": (put(X, (19, 0), np.nan), LABELS)},
        ValueError,
        r"fit: validation X holds nan in row 19, column 0\.",
    ),
    "a label too large": (
        {"y": put(LABELS, 13, 4)},
        ValueError,
        r"fit: y holds the label 4 in row 13, but the model has 4 outputs, for the labels 0 to 3\. "
        "Give the model 5 outputs, or number the classes from 0",
    ),
    "a label below 0": ({"y": put(LABELS, 2, -1)}, ValueError, r"y holds the label -1 in row 2"),
    "a label too large, compiled": (
        {"y": put(LABELS, 13, 4), "compile": True},
        ValueError,
        "fit: y holds the label 4 in row 13",
    ),
    "a label too large in the validation data": (
        {"validation": (X, put(LABELS, 6, 9))},
        ValueError,
        "fit: validation y holds the label 9 in row 6",
    ),
    "a label too large for a loss with settings": (
        {"loss": functools.partial(losses.cross_entropy, label_smoothing=0.1), "y": LABELS + 1},
        ValueError,
        "fit: y holds the label 4 in row 3",
    ),
    "labels with a fraction": (
        {"y": LABELS + 0.5},
        TypeError,
        "cross_entropy: target has shape .* so it must hold labels, but its dtype is float64",
    ),
    "words": ({"y": np.array(["a"] * 20)}, TypeError, "fit: y has dtype <U1. Give an array of num"),
    "a Value": ({"X": Value(X)}, TypeError, r"fit: X holds a Value\. Give its array, X\.data"),
    # -- names
    "an unknown loss": ({"loss": "cross_entrpy"}, KeyError, "no loss 'cross_entrpy'.*Did you mean"),
    "an unknown metric": (
        {"metrics": ["acuracy"]},
        KeyError,
        r"There is no metric 'acuracy'\. Did you mean accuracy",
    ),
    "a metric like nothing": (
        {"metrics": "zzz"},
        KeyError,
        r"no metric 'zzz'\. There are accuracy",
    ),
    "an unknown progress": (
        {"progress": "bar"},
        ValueError,
        "progress is 'bar'. Give True, False, ",
    ),
    # -- what is something else
    "no model": (
        {"model": abs, "optimizer": SGD([Value(1.0)])},
        TypeError,
        "model is a builtin_function_or_method. Give a Module",
    ),
    "no optimizer": ({"optimizer": "adam"}, TypeError, "optimizer is 'adam'. Give an optimizer of"),
    "the optimizer of another model": (
        {"optimizer": SGD(Linear(3, 4).parameters())},
        ValueError,
        "none of the parameters that SGD changes is one of this model's",
    ),
    "no loss": (
        {"loss": 3},
        TypeError,
        r"fit: loss is 3\. Give the name of a loss \(binary_cross_",
    ),
    "a loss of many numbers": (
        {"loss": functools.partial(losses.cross_entropy, reduction="none")},
        ValueError,
        r"The loss gave shape \(8,\), but training needs one number, a Value\. Reduce it",
    ),
    "a loss outside the graph": ({"loss": lambda p, t: 1.0}, ValueError, "The loss gave a float"),
    "a metric of many numbers": (
        {"metrics": ["confusion_matrix"], "validation": None},
        TypeError,
        r"metric 'confusion_matrix' gave an array of shape \(4, 4\), and a history holds one num",
    ),
    "a metric twice": ({"metrics": ["f1", "f1"]}, ValueError, "metric 'f1' is there twice. Give"),
    "a metric called loss": ({"metrics": {"loss": "f1"}}, ValueError, "'loss' is a name of the hi"),
    "no metric": ({"metrics": [3]}, TypeError, r"the metric 'int' is 3\. Give a name \(accuracy"),
    "a seed": ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator or None, but got 0"),
    "validation that is no pair": ({"validation": X}, TypeError, "validation is a ndarray. Give a"),
    "batches and targets": (
        {"X": batches(X)},
        ValueError,
        r"y must be None\. Give the targets to b",
    ),
    "no bound": ({"clip_norm": 0.0}, ValueError, r"clip_norm is 0\.0"),
    # -- schedules
    "no schedule": (
        {"schedule": "cosine"},
        TypeError,
        "schedule is 'cosine'. Give one of micrograd",
    ),
    "the schedule of another optimizer": (
        {"schedule": StepLR(SGD([Value(1.0)], lr=0.1), 1)},
        ValueError,
        "the StepLR is the schedule of another optimizer. Make it from the one that fit gets",
    ),
    "moments without a schedule": (
        {"schedule_every": "batch"},
        ValueError,
        "schedule_every is 'batch', but there is no schedule. Give a schedule",
    ),
    # -- checkpoints
    "resume from nothing": ({"resume": True}, ValueError, "resume=True, but from what. Pass check"),
    "a checkpoint without a folder": (
        {"checkpoint": "no-such-folder/run.npz"},
        ValueError,
        "there is no folder 'no-such-folder' to write into",
    ),
    "a checkpoint of another kind": (
        {"checkpoint": "run.pkl"},
        ValueError,
        r"the suffix of 'run\.pkl' tells no format\. Let the name end with \.npz or \.safetensors",
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_what_cannot_be_trained_is_said_before_the_first_step(name: str) -> None:
    changes, error, told = TABLE[name]
    with pytest.raises(error, match=told):
        call(**changes)


def test_the_call_of_the_table_works() -> None:
    assert call().epochs == 2
    assert call(y=put(LABELS, 3, -100)).epochs == 2  # a label that cross_entropy leaves out


@pytest.mark.parametrize(
    ("kind", "every", "told"),
    [
        (
            StepLR,
            "week",
            "schedule_every is 'week', but it is neither. Give a schedule, and 'epoch",
        ),
        (ReduceLROnPlateau, "batch", "ReduceLROnPlateau looks at the loss of an epoch"),
    ],
)
def test_a_schedule_has_its_moments(kind: Any, every: str, told: str) -> None:
    model = MLP(3, [5, 4])
    optimizer = SGD(model.parameters(), lr=0.1)
    schedule = kind(optimizer, 1) if kind is StepLR else kind(optimizer)
    with pytest.raises(ValueError, match=told):
        call(model=model, optimizer=optimizer, schedule=schedule, schedule_every=every)


@pytest.mark.parametrize(("epochs", "steps"), [(0, None), (1, 0), (1.5, None)])
def test_a_checkpoint_is_written_now_and_then(epochs: Any, steps: Any) -> None:
    with pytest.raises(ValueError, match=r"Checkpoint: (epochs|steps) is .*whole number, at least"):
        Checkpoint("run.npz", epochs, steps)


@pytest.mark.parametrize("function", [evaluate, predict])
def test_data_that_is_measured_is_looked_at_too(function: Callable[..., Any]) -> None:
    rest = (LABELS[:0], "cross_entropy") if function is evaluate else ()
    with pytest.raises(ValueError, match=rf"{function.__name__}: X has no rows"):
        function(Linear(3, 4), X[:0], *rest)
