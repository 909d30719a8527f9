"""Metrics: against counts by hand, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd.engine import Value
from micrograd.nn import metrics

LOGITS = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 3.0], [5.0, 5.0, 0.0], [1.0, 2.0, 0.0]])
LABELS = np.array([0, 1, 1, 1])  # the greatest are 0, 2, 0 (the first of two), 1


def test_accuracy_of_scores_is_that_of_the_greatest():
    assert metrics.accuracy(LOGITS, LABELS) == 0.5
    assert metrics.accuracy(Value(LOGITS), LABELS) == 0.5
    assert metrics.accuracy(LOGITS.astype(np.float32), LABELS) == 0.5
    assert metrics.accuracy(LOGITS.argmax(axis=1), LABELS) == 0.5
    assert metrics.accuracy(LOGITS[0], 0) == 1.0


def test_accuracy_counts_every_place_of_a_grid():
    scores = np.moveaxis(LOGITS.reshape(2, 2, 3), -1, 1)
    assert metrics.accuracy(scores, LABELS.reshape(2, 2)) == 0.5


def test_a_threshold_makes_two_classes():
    probabilities = Value([[0.2], [0.5], [0.7]])
    target = np.array([[0.0], [0.0], [0.0]])
    assert metrics.accuracy(probabilities, target, threshold=0.5) == pytest.approx(2 / 3)
    assert metrics.accuracy(np.array([-1.0, 1.0]), Value([0.0, 1.0]), threshold=0.0) == 1.0


@pytest.mark.parametrize(("k", "expected"), [(1, 0.5), (2, 0.75), (3, 1.0)])
def test_top_k_takes_the_earlier_of_equal_scores(k, expected):
    labels = np.array([0, 0, 1, 1])
    assert metrics.top_k_accuracy(LOGITS, labels, k) == expected


@given(st.integers(0, 1000))
def test_the_first_guess_is_accuracy_also_with_ties(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 3, (6, 4)).astype(float)
    labels = rng.integers(0, 4, 6)
    assert metrics.top_k_accuracy(scores, labels, 1) == metrics.accuracy(scores, labels)
    assert metrics.top_k_accuracy(scores, labels, 4) == 1.0


def test_top_k_in_a_grid():
    scores = np.moveaxis(LOGITS.reshape(2, 2, 3), -1, 1)
    labels = LABELS.reshape(2, 2)
    assert metrics.top_k_accuracy(scores, labels, 2) == 1.0
    assert metrics.top_k_accuracy(scores, labels, 1) == 0.5


def test_rows_are_targets_and_columns_predictions():
    expected = [[1, 0, 0], [1, 1, 1], [0, 0, 0]]
    np.testing.assert_array_equal(metrics.confusion_matrix(LOGITS, LABELS), expected)
    np.testing.assert_array_equal(metrics.confusion_matrix(LOGITS.argmax(1), LABELS), expected)


# predicted 0, 2, 0, 1 of 0, 1, 1, 1: class 0 has TP 1, FP 1; class 1 TP 1, FN 2; class 2 FP 1
EACH = {
    "precision": [1 / 2, 1.0, 0.0],
    "recall": [1.0, 1 / 3, 0.25],  # no target has class 2: 0 / 0
    "f1": [2 / 3, 1 / 2, 0.0],
}


@pytest.mark.parametrize("name", EACH)
def test_per_class_and_averaged(name):
    metric = metrics.get(name)
    each = metric(LOGITS, LABELS, average="none", zero_division=0.25)
    np.testing.assert_allclose(each, EACH[name])
    assert metric(LOGITS, LABELS, zero_division=0.25) == pytest.approx(np.mean(EACH[name]))
    assert metric(LOGITS, LABELS, average="micro") == metrics.accuracy(LOGITS, LABELS)


@pytest.mark.parametrize("name", EACH)
def test_macro_leaves_out_classes_that_occur_nowhere(name):
    metric = metrics.get(name)
    predicted, target = np.array([0, 0, 2, 2]), np.array([0, 2, 2, 2])
    each = metric(predicted, target, average="none", classes=5)
    assert each.shape == (5,)
    assert metric(predicted, target, classes=5) == pytest.approx((each[0] + each[2]) / 2)
    missing = metric(predicted, target, average="none", classes=5, zero_division=1.0)
    np.testing.assert_array_equal(missing[[1, 3, 4]], 1.0)


@pytest.mark.parametrize(
    ("name", "expected"), [("precision", 2 / 3), ("recall", 0.5), ("f1", 4 / 7)]
)
def test_binary_is_class_1(name, expected):
    scores, target = np.array([3.0, 1.0, 2.0, -1.0, -2.0]), np.array([1.0, 1.0, 0.0, 1.0, 1.0])
    metric = metrics.get(name)
    assert metric(scores, target, average="binary", threshold=0.0) == pytest.approx(expected)
    assert metric((scores > 0).astype(int), target, average="binary") == pytest.approx(expected)


def test_binary_without_a_class_1():
    nobody = np.zeros(3, int)
    assert metrics.recall(nobody, nobody, average="binary", zero_division=0.5) == 0.5


def test_metrics_by_name():
    expected = ["accuracy", "confusion_matrix", "f1", "precision", "recall", "top_k_accuracy"]
    assert metrics.names() == expected
    for name in expected:
        assert metrics.get(name) is getattr(metrics, name)
    with pytest.raises(KeyError, match=r"no metric 'acuracy'\. Did you mean accuracy"):
        metrics.get("acuracy")
    with pytest.raises(KeyError, match=r"no metric 'x'\. There are accuracy, confusion_matrix"):
        metrics.get("x")


@pytest.mark.parametrize("name", metrics.names())
@pytest.mark.parametrize(
    ("prediction", "target", "error", "message"),
    [
        (np.ones((4, 3)), np.zeros(3, int), ValueError, r"shape \(4, 3\).*shape \(3,\)"),
        (np.ones((4, 3)), np.zeros((4, 1), int), ValueError, r"shape \(4, 3\).*\(4, 1\)"),
        (np.ones((0, 3)), np.zeros(0, int), ValueError, r"shape \(0, 3\), so there is nothing"),
        (np.ones((2, 3)), np.array([0, 3]), ValueError, r"reach from 0 to 3, but there are 3"),
        (np.ones((2, 3)), np.array([-1, 0]), ValueError, r"reach from -1 to 0"),
        (np.ones((2, 3)), np.array([0.5, 0]), TypeError, r"target of dtype float64.*not whole"),
        (np.ones((2, 3)), np.array([np.nan, 0]), TypeError, r"target of dtype float64.*not whole"),
        (np.array([[0.0, np.nan]]), np.array([0]), ValueError, r"prediction\[0, 1\] is NaN"),
    ],
)
def test_every_metric_refuses(name, prediction, target, error, message):
    more = {"k": 1} if name == "top_k_accuracy" else {}
    with pytest.raises(error, match=f"{name}: .*{message}"):
        metrics.get(name)(prediction, target, **more)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: metrics.accuracy(np.ones(3), np.ones(3)), TypeError, "or threshold=0.0 for"),
        (lambda: metrics.accuracy(np.eye(3), np.eye(3)), TypeError, r"target\.argmax\(axis=1\)"),
        (
            lambda: metrics.accuracy(np.ones((3, 1)), np.ones(3), threshold=0.0),
            ValueError,
            r"\(3, 1\) but target has shape \(3,\)\. With threshold=",
        ),
        (
            lambda: metrics.accuracy(np.array([np.nan]), np.ones(1), threshold=0.0),
            ValueError,
            r"prediction\[0\] is NaN",
        ),
        (
            lambda: metrics.accuracy(np.array([-1, 0]), np.array([0, 0])),
            ValueError,
            "numbers in prediction reach from -1 to 0, but classes begin at 0",
        ),
        (
            lambda: metrics.confusion_matrix(np.array([0, 3]), np.array([0, 0]), classes=3),
            ValueError,
            "numbers in prediction reach from 0 to 3, but there are 3 classes",
        ),
        (
            lambda: metrics.confusion_matrix(LOGITS, LABELS, classes=4),
            ValueError,
            "classes is 4, but the prediction has 3",
        ),
        (
            lambda: metrics.precision(LOGITS, LABELS, average="weighted"),
            ValueError,
            r"precision: average is 'weighted'\. It must be 'macro'",
        ),
        (
            lambda: metrics.f1(LOGITS, LABELS, average="binary"),
            ValueError,
            "f1: average is 'binary', but there are 3 classes",
        ),
        (lambda: metrics.top_k_accuracy(LOGITS, LABELS, 4), ValueError, "k is 4, but there are 3"),
        (lambda: metrics.top_k_accuracy(LOGITS, LABELS, 0), ValueError, "k is 0"),
        (lambda: metrics.top_k_accuracy(LOGITS, LABELS, 1.5), ValueError, r"k is 1\.5"),
        (
            lambda: metrics.top_k_accuracy(LABELS, LABELS, 1),
            ValueError,
            "top_k_accuracy: prediction has shape .* dtype int64.*a score for each class",
        ),
    ],
)
def test_what_single_metrics_refuse(call, error, message):
    with pytest.raises(error, match=message):
        call()
