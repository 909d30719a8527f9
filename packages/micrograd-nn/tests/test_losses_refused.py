"""What losses refuse, and what they warn about."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from micrograd.engine import Value, compile, no_grad, ops
from micrograd.nn import losses
from micrograd.nn.losses import ProbabilitiesWarning

SAME_SHAPE = ["mse", "l1", "huber", "hinge", "kl_div"]
SAME_SHAPE += ["binary_cross_entropy", "binary_cross_entropy_with_logits"]


@pytest.mark.parametrize("name", SAME_SHAPE)
@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        ((4, 1), (4,), r"shape \(4, 1\) but target has shape \(4,\)\. .*example target\[:, None\]"),
        (
            (2, 3, 1),
            (2, 3),
            r"shape \(2, 3, 1\) but target has shape \(2, 3\).*target\[:, :, None\]",
        ),
        ((4,), (4, 1), r"shape \(4,\) but target has shape \(4, 1\)\. .*example target\[:, 0\]"),
        ((2, 3), (3, 2), r"shape \(2, 3\) .*example target\.reshape\(\(2, 3\)\)"),
        ((4, 1), (), r"shape \(4, 1\) but target has shape \(\)\. Give one target for each"),
        ((1, 1), (), r"shape \(1, 1\) but target has shape \(\)\. Give one target for each"),
        ((), (1,), r"shape \(\) but target has shape \(1,\)"),
        ((4, 3), (3,), r"shape \(4, 3\) but target has shape \(3,\)\. Give one target for each"),
    ],
)
def test_a_target_of_another_shape_is_refused(name, prediction, target, message):
    p, t = np.full(prediction, 0.5), np.full(target, 0.5)
    for wrapped in (t, Value(t)):
        with pytest.raises(ValueError, match=rf"{name}: prediction has {message}"):
            getattr(Value(p), name)(wrapped)


@pytest.mark.parametrize("name", SAME_SHAPE)
def test_the_mean_of_nothing_is_refused(name):
    empty = Value(np.zeros((0, 3)))
    with pytest.raises(
        ValueError, match=rf"{name}: .* shape \(0, 3\), so there is nothing to take"
    ):
        getattr(empty, name)(np.zeros((0, 3)))
    assert getattr(empty, name)(np.zeros((0, 3)), reduction="sum").item() == 0.0


def test_a_number_is_no_target_for_a_batch():
    with pytest.raises(
        ValueError, match=r"mse: prediction has shape \(3, 1\) but target has shape"
    ):
        Value(np.ones((3, 1))).mse(2.0)


@pytest.mark.parametrize("name", losses.names())
def test_an_unknown_reduction_is_refused(name):
    with pytest.raises(
        ValueError, match=rf"{name}: reduction is 'average'.*'mean', 'sum' or 'none'"
    ):
        losses.get(name)(Value([0.5, 0.5]), np.array([0.0, 1.0]), reduction="average")


@pytest.mark.parametrize(
    ("logits", "target", "error", "message"),
    [
        (
            (4, 3),
            np.zeros((4, 1), int),
            ValueError,
            r"\(4, 3\) but target has shape \(4, 1\).*\(4,\)",
        ),
        ((4, 3), np.zeros((3, 4)), ValueError, r"or probabilities of shape \(4, 3\)"),
        ((4, 3), 1, ValueError, r"target has shape \(\)\. Give it integer labels of shape \(4,\)"),
        ((4, 3), np.zeros(4), TypeError, r"must hold labels, but its dtype is float64.*astype"),
        ((4, 3), np.zeros(4, bool), TypeError, r"must hold labels, but its dtype is bool"),
        ((3,), 1.0, TypeError, r"must hold labels, but its dtype is float64"),
        ((4, 3), np.array([0, 1, 2, 3]), ValueError, r"from 0 to 3, but there are 3 .* 0 to 2"),
        ((4, 3), np.array([0, 1, 2, -1]), ValueError, r"labels reach from -1 to 2"),
        ((3,), 3, ValueError, r"labels reach from 3 to 3, but there are 3 classes"),
        ((3,), np.int64(-1), ValueError, r"labels reach from -1 to -1"),
        ((), np.array(0), ValueError, r"logits have shape \(\).*nothing to choose"),
        ((0, 3), np.zeros(0, int), ValueError, r"logits have shape \(0, 3\).*at least one row"),
    ],
)
def test_cross_entropy_refuses(logits, target, error, message):
    with pytest.raises(error, match=f"cross_entropy: .*{message}"):
        losses.cross_entropy(Value(np.zeros(logits)), target)


def test_labels_in_a_value_are_refused():
    with pytest.raises(TypeError, match="plain array of integers"):
        losses.cross_entropy(Value(np.zeros((2, 3))), Value([0, 1]))


@pytest.mark.parametrize("prediction", [[-0.1, 0.5], [0.5, 1.2]])
def test_binary_cross_entropy_refuses_logits(prediction):
    with pytest.raises(ValueError, match=r"predictions reach from .*between 0 and 1.*with_logits"):
        Value(prediction).binary_cross_entropy(np.array([0.0, 1.0]))


@pytest.mark.parametrize("name", SAME_SHAPE)
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_a_target_that_is_nan_is_named(name, reduction):
    target = np.array([[1.0, 1.0], [np.nan, 1.0]])
    message = (
        "targets must be -1 or 1, but one is nan" if name == "hinge" else r"target\[1, 0\] is NaN"
    )
    with pytest.raises(ValueError, match=f"{name}: {message}"):
        losses.get(name)(Value(np.full((2, 2), 0.5)), target, reduction=reduction)


def test_a_single_target_that_is_nan_is_named():
    with pytest.raises(ValueError, match="mse: target is NaN"):
        losses.mse(Value(1.0), np.float64("nan"))


def test_probabilities_that_are_nan_are_named():
    target = np.array([[0.5, 0.5], [0.5, np.nan]])
    with pytest.raises(ValueError, match=r"cross_entropy: target\[1, 1\] is NaN"):
        losses.cross_entropy(Value(np.zeros((2, 2))), target)


@pytest.mark.parametrize("name", SAME_SHAPE)
def test_a_prediction_that_is_nan_gives_nan(name):
    """That is training that went wrong; detect_anomaly() says where."""
    out = losses.get(name)(Value([np.nan, 0.5]), np.array([1.0, 1.0]))
    assert np.isnan(out.item())


Z = Value(np.zeros((4, 3)))
ROWS = np.array([0, 1, 2, 0])
IGNORED = np.full(4, -100)
NAMES = {"nll": "predictions", "cross_entropy": "logits"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("target", "settings", "error", "message"),
    [
        (ROWS, {"ignore_index": 1.5}, TypeError, r"ignore_index is 1\.5\. Give a whole number"),
        (IGNORED, {}, ValueError, "every label is -100, which ignore_index leaves out"),
        (ROWS - 1, {}, ValueError, "labels reach from -1 to 1.*ignore_index= names one"),
        (ROWS - 1, {"ignore_index": 0}, ValueError, "labels reach from -1 to 1"),
        (IGNORED, {"ignore_index": None}, ValueError, "labels reach from -100 to -100"),
        (np.zeros((4, 3), int).T, {}, ValueError, r"\(4, 3\) but target has shape \(3, 4\)"),
        (ROWS * 1.0, {}, TypeError, "must hold labels, but its dtype is float64"),
        (ROWS, {"weight": [1.0, 2.0]}, ValueError, r"weight has shape \(2,\).*3 classes"),
        (ROWS, {"weight": [1.0, -2.0, 0.0]}, ValueError, "weight holds -2.*from 0 upwards"),
        (ROWS, {"weight": [1.0, np.nan, 0.0]}, ValueError, "weight holds nan"),
        (ROWS, {"weight": "sum"}, TypeError, "weight is 'sum'.*settings go by name"),
    ],
)
def test_losses_of_labels_refuse(name, target, settings, error, message):
    with pytest.raises(error, match=f"{name}: .*{message}"):
        losses.get(name)(Z, target, **settings)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: losses.nll(Value(1.0), 0), r"nll: predictions have shape \(\)"),
        (
            lambda: losses.cross_entropy(Z, ROWS, label_smoothing=1.5),
            r"label_smoothing is 1\.5\. It must be from 0 to 1",
        ),
        (
            lambda: losses.cross_entropy(Z, np.ones((4, 3)), ignore_index=0),
            "ignore_index is 0, but the target holds probabilities",
        ),
        (lambda: losses.huber(Z, Z, delta=0.0), r"huber: delta is 0\.0\. It must be a positive"),
        (lambda: losses.huber(Z, Z, delta="a"), "huber: delta is 'a'"),
        (lambda: losses.hinge(Z, np.ones((4, 3)), margin=-1), "hinge: margin is -1"),
        (
            lambda: losses.hinge(Z, np.zeros((4, 3))),
            r"-1 or 1, but one is 0\.0.*2 \* target",
        ),
        (lambda: losses.kl_div(Z, -np.ones((4, 3))), "target holds -1, and .*log_target=True"),
        (
            lambda: losses.kl_div(Z, np.ones((4, 3)), reduction="batch"),
            "kl_div: reduction is 'batch'.*'batchmean', 'mean'",
        ),
        (
            lambda: losses.binary_cross_entropy_with_logits(Z, np.full((4, 3), 2.0)),
            "targets reach from 2 to 2, .*Number the classes 0 and 1",
        ),
        (
            lambda: losses.binary_cross_entropy(Z, np.full((4, 3), -1)),
            "targets reach from -1 to -1",
        ),
        (
            lambda: losses.binary_cross_entropy(Z, np.ones((4, 3)), np.ones((2, 1))),
            r"binary_cross_entropy: weight has shape \(2, 1\), which does not broadcast .*\(4, 3\)",
        ),
        (
            lambda: losses.binary_cross_entropy_with_logits(Z, np.ones((4, 3)), np.ones((2, 4, 3))),
            r"with_logits: weight has shape \(2, 4, 3\)",
        ),
        (
            lambda: losses.binary_cross_entropy_with_logits(
                Z, np.ones((4, 3)), pos_weight=np.ones(4)
            ),
            r"with_logits: pos_weight has shape \(4,\)",
        ),
    ],
)
def test_what_single_losses_refuse(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# -- a softmax before a loss that takes one -------------------------------------------------

BINARY = np.ones((4, 3))
TWICE = [
    ("cross_entropy", ops.softmax, ROWS, "applies the softmax itself: twice applied"),
    ("cross_entropy", ops.sigmoid, ROWS, "numbers between 0 and 1 leave no class far behind"),
    ("cross_entropy", ops.log_softmax, ROWS, "changes nothing but costs time. Use nll"),
    ("nll", ops.softmax, ROWS, "takes the logarithms of probabilities"),
    ("kl_div", ops.softmax, BINARY, "takes the logarithms of probabilities"),
    ("binary_cross_entropy_with_logits", ops.sigmoid, BINARY, "applies the sigmoid itself"),
    ("binary_cross_entropy_with_logits", ops.softmax, BINARY, "applies the sigmoid itself"),
]


@pytest.mark.parametrize(("name", "activation", "target", "why"), TWICE)
def test_a_softmax_before_a_loss_that_takes_one_is_warned_about(name, activation, target, why):
    z, loss = Value(np.zeros((4, 3))), losses.get(name)
    with pytest.warns(
        ProbabilitiesWarning, match=f"{name}: .* made by {activation.__name__}. .*{why}"
    ):
        loss(activation(z), target)
    with pytest.warns(ProbabilitiesWarning) as seen:
        getattr(activation(z.reshape(3, 4)).T, name)(target)
    assert seen[0].filename == __file__
    with no_grad(), pytest.warns(ProbabilitiesWarning):
        loss(activation(z), target)


def test_it_is_said_once_for_a_line():
    z = Value(np.zeros((4, 3)))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        for _ in range(3):
            ops.softmax(z).cross_entropy(ROWS)
        assert len(seen) == 1
        ops.softmax(z).cross_entropy(ROWS)
        assert len(seen) == 2


def test_it_is_said_when_a_program_is_recorded_and_the_program_is_right():
    z = Value(np.arange(12.0).reshape(4, 3))
    program = compile(lambda rows: ops.softmax(z).cross_entropy(rows), [z])
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        for _ in range(3):
            out = program(ROWS)
    assert [one.category for one in seen] == [ProbabilitiesWarning]
    assert "softmax" in str(seen[0].message)
    with pytest.warns(ProbabilitiesWarning):
        assert out == pytest.approx(ops.softmax(z).cross_entropy(ROWS).item())


@pytest.mark.parametrize("name", ["cross_entropy", "nll"])
def test_nothing_is_said_about_what_is_right(name):
    z = Value(np.zeros((4, 3)))
    prediction = ops.log_softmax(z) if name == "nll" else z * 2.0
    losses.get(name)(prediction, ROWS)  # the suite makes errors of warnings
    losses.get(name)(prediction.data, ROWS)
    ops.softmax(z).binary_cross_entropy(BINARY)
    (ops.softmax(z) * 3.0).cross_entropy(ROWS)  # no longer probabilities
