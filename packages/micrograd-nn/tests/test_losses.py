"""Every loss against plain NumPy, and its rules against central differences, of order 1 and 2."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd.engine import Value, gradients
from micrograd.nn import losses

# -- what each loss is, written by hand -----------------------------------------------------


def log_softmax(z):
    axis = 1 if z.ndim > 1 else 0
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def by_hand_mse(p, t):
    return (p - t) ** 2


def by_hand_labels(z, labels):
    log_p = np.moveaxis(log_softmax(z), 1 if z.ndim > 1 else 0, -1)
    each = [-log_p[(*index, labels[index])] for index in np.ndindex(labels.shape)]
    return np.array(each).reshape(labels.shape)


def by_hand_probabilities(z, t):
    return -(t * log_softmax(z)).sum(axis=1 if z.ndim > 1 else 0)


def by_hand_binary(p, t):
    return -(t * np.log(p) + (1.0 - t) * np.log(1.0 - p))


def by_hand_logits(z, t):
    return by_hand_binary(1.0 / (1.0 + np.exp(-z)), t)


def soft(rng, shape):
    """Rows of probabilities."""
    drawn = rng.uniform(0.1, 1.0, shape)
    return drawn / drawn.sum(axis=1 if len(shape) > 1 else 0, keepdims=True)


# loss, the losses one by one, how to draw a prediction and a target
CASES = {
    "mse": (
        losses.mse,
        by_hand_mse,
        lambda rng: (rng.normal(size=(4, 3)), rng.normal(size=(4, 3))),
    ),
    "mse of a number": (losses.mse, by_hand_mse, lambda rng: (np.array(2.0), np.array(0.5))),
    "cross_entropy of labels": (
        losses.cross_entropy,
        by_hand_labels,
        lambda rng: (rng.normal(size=(4, 3)), rng.integers(0, 3, 4)),
    ),
    "cross_entropy of one row": (
        losses.cross_entropy,
        by_hand_labels,
        lambda rng: (rng.normal(size=5), np.array(2)),
    ),
    "cross_entropy of labels in a grid": (
        losses.cross_entropy,
        by_hand_labels,
        lambda rng: (rng.normal(size=(2, 3, 2, 2)), rng.integers(0, 3, (2, 2, 2))),
    ),
    "cross_entropy of probabilities": (
        losses.cross_entropy,
        by_hand_probabilities,
        lambda rng: (rng.normal(size=(4, 3)), soft(rng, (4, 3))),
    ),
    "cross_entropy of rows that do not sum to 1": (
        losses.cross_entropy,
        by_hand_probabilities,
        lambda rng: (rng.normal(size=(4, 3)), rng.uniform(size=(4, 3))),
    ),
    "cross_entropy of one row of probabilities": (
        losses.cross_entropy,
        by_hand_probabilities,
        lambda rng: (rng.normal(size=3), soft(rng, (3,))),
    ),
    "cross_entropy of probabilities in a row": (
        losses.cross_entropy,
        by_hand_probabilities,
        lambda rng: (rng.normal(size=(2, 3, 4)), soft(rng, (2, 3, 4))),
    ),
    "binary_cross_entropy": (
        losses.binary_cross_entropy,
        by_hand_binary,
        lambda rng: (rng.uniform(0.1, 0.9, (4, 3)), rng.uniform(size=(4, 3))),
    ),
    "binary_cross_entropy_with_logits": (
        losses.binary_cross_entropy_with_logits,
        by_hand_logits,
        lambda rng: (rng.normal(size=(4, 3)), rng.uniform(size=(4, 3))),
    ),
}
REDUCE = {"mean": np.mean, "sum": np.sum, "none": lambda each: each}


@pytest.fixture(params=CASES, name="case")
def case_fixture(request):
    return CASES[request.param]


@pytest.fixture(params=REDUCE)
def reduction(request):
    return request.param


def floats(*arrays):
    return [position for position, array in enumerate(arrays) if array.dtype.kind == "f"]


def test_every_loss_is_in_the_table():
    assert {loss.__name__ for loss, _, _ in CASES.values()} == set(losses.names())


def test_a_loss_is_its_formula(case, reduction, rng):
    loss, by_hand, draw = case
    prediction, target = draw(rng)
    expected = REDUCE[reduction](by_hand(prediction, target))
    for p in (prediction, Value(prediction)):
        out = loss(p, target, reduction=reduction)
        np.testing.assert_allclose(getattr(out, "data", out), expected, rtol=1e-12, atol=1e-14)
        assert out.shape == np.shape(expected)


def test_a_loss_is_the_mean_unless_told_otherwise(case, rng):
    loss, by_hand, draw = case
    prediction, target = draw(rng)
    np.testing.assert_allclose(loss(prediction, target), by_hand(prediction, target).mean())
    assert loss(Value(prediction), target, "sum").settings == {"reduction": "sum"}


def test_gradients_are_central_differences(case, reduction, rng, central):
    loss, by_hand, draw = case
    arrays = list(draw(rng))
    weight = rng.normal(size=np.shape(REDUCE[reduction](by_hand(*arrays))))

    def number(*moved):
        return (weight * REDUCE[reduction](by_hand(*moved))).sum()

    values = [Value(a) if a.dtype.kind == "f" else a for a in arrays]
    loss(*values, reduction=reduction).backward(gradient=weight)
    for position in floats(*arrays):
        expected = central(number, arrays, position)
        np.testing.assert_allclose(values[position].grad, expected, rtol=1e-6, atol=1e-8)


def test_second_derivatives_are_central_differences_of_the_first(case, reduction, rng, central):
    loss, _, draw = case
    arrays = list(draw(rng))
    positions = floats(*arrays)
    values = [Value(a) if a.dtype.kind == "f" else a for a in arrays]
    wanted = [values[p] for p in positions]
    directions = [rng.normal(size=arrays[p].shape) for p in positions]

    def slope(*moved):
        """The first derivative in a random direction, as a number."""
        here = [Value(a) if a.dtype.kind == "f" else a for a in moved]
        out = loss(*here, reduction=reduction)
        out = (out * out).sum()  # so that the incoming gradient depends on the inputs, too
        found = gradients(out, [here[p] for p in positions])
        return sum((g * d).sum() for g, d in zip(found, directions, strict=True))

    out = loss(*values, reduction=reduction)
    firsts = gradients((out * out).sum(), wanted, create_graph=True)
    total = sum((g * d).sum() for g, d in zip(firsts, directions, strict=True))
    for position, second in zip(positions, gradients(total, wanted), strict=True):
        expected = central(slope, arrays, position)
        np.testing.assert_allclose(second, expected, rtol=1e-5, atol=1e-7)


def test_the_gradient_is_the_same_on_arrays_and_on_values(case, rng):
    loss, _, draw = case
    prediction, target = draw(rng)
    p = Value(prediction)
    (plain,) = gradients(loss(p, target), [p])
    (recorded,) = gradients(loss(p, target), [p], create_graph=True)
    np.testing.assert_allclose(recorded.data, plain, rtol=1e-12, atol=1e-15)


def test_float32_is_kept(case, reduction, rng):
    loss, _, draw = case
    arrays = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in draw(rng)]
    p = Value(arrays[0])
    out = loss(p, arrays[1], reduction=reduction)
    assert out.dtype == np.float32
    out.backward(gradient=np.ones(out.shape))
    assert p.grad.dtype == np.float32


def test_a_plain_target_costs_no_gradient_and_a_value_gets_one(case, rng):
    loss, _, draw = case
    prediction, target = draw(rng)
    p = Value(prediction)
    assert loss(p, target).parents == (p, None) or loss(p, target).parents[1] is None
    if target.dtype.kind == "f":
        t = Value(target)
        loss(prediction, t).backward()
        assert t.has_grad
        frozen = Value(target, requires_grad=False)
        loss(p, frozen).backward()
        assert not frozen.has_grad


def test_a_loss_is_one_node_with_its_name(case, rng):
    loss, _, draw = case
    prediction, target = draw(rng)
    out = loss(Value(prediction), target)
    assert out.op.name == loss.__name__
    assert out.op.distribution == "micrograd-nn"
    assert all(parent is None or parent.op is None for parent in out.parents)


# -- extreme numbers ------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_cross_entropy_of_huge_logits_is_exact(dtype):
    logits = Value(np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, -1000.0]], dtype))
    out = losses.cross_entropy(logits, np.array([2, 0]), reduction="none")
    np.testing.assert_allclose(out.data, [2000.0, np.log(3.0)], rtol=1e-6)
    out.sum().backward()
    third = 1.0 / 3.0
    np.testing.assert_allclose(
        logits.grad, [[1.0, 0.0, -1.0], [third - 1.0, third, third]], rtol=1e-6
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_logits_of_any_size_neither_overflow_nor_saturate(dtype):
    logits = Value(np.array([-1000.0, -40.0, 0.0, 40.0, 1000.0], dtype))
    out = losses.binary_cross_entropy_with_logits(logits, np.zeros(5, dtype), reduction="none")
    np.testing.assert_allclose(out.data, [0.0, np.exp(-40.0), np.log(2.0), 40.0, 1000.0], rtol=1e-6)
    out.sum().backward()
    np.testing.assert_allclose(logits.grad, [0.0, np.exp(-40.0), 0.5, 1.0, 1.0], rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_certain_probabilities_cost_at_most_100(dtype):
    p = Value(np.array([0.0, 1.0, 0.0, 1.0], dtype))
    out = losses.binary_cross_entropy(p, np.array([0, 0, 1, 1], dtype), reduction="none")
    np.testing.assert_allclose(out.data, [0.0, 100.0, 100.0, 0.0], rtol=1e-3)
    out.sum().backward()
    np.testing.assert_allclose(p.grad, [0.0, 1e12, -1e12, 0.0], rtol=1e-6)


def test_an_impossible_class_may_be_minus_infinity():
    logits = Value([[0.0, -np.inf, 0.0]])
    out = losses.cross_entropy(logits, np.array([0]))
    assert out.item() == pytest.approx(np.log(2.0))
    out.backward()
    np.testing.assert_allclose(logits.grad, [[-0.5, 0.0, 0.5]])


# -- labels ---------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_labels_and_their_one_hot_rows_are_the_same_target(labels):
    one, two = (Value(np.sin(np.arange(4.0 * len(labels))).reshape(-1, 4)) for _ in range(2))
    by_label = losses.cross_entropy(one, np.array(labels))
    by_row = losses.cross_entropy(two, np.eye(4)[labels])
    by_label.backward()
    by_row.backward()
    np.testing.assert_allclose(by_label.data, by_row.data, rtol=1e-12)
    np.testing.assert_allclose(one.grad, two.grad, atol=1e-15)


@pytest.mark.parametrize("labels", [[2, 0], (2, 0), np.array([2, 0], np.uint8)])
def test_labels_may_be_any_whole_numbers(labels):
    logits = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    expected = losses.cross_entropy(logits, np.array([2, 0]))
    assert losses.cross_entropy(Value(logits), labels).item() == pytest.approx(expected)


@pytest.mark.parametrize("label", [2, np.int64(2), np.array(2)])
def test_one_row_takes_one_label(label):
    logits = Value([0.0, 1.0, 2.0])
    out = losses.cross_entropy(logits, label)
    assert out.item() == pytest.approx(0.40760596)
    out.backward()
    np.testing.assert_allclose(logits.grad, [0.09003057, 0.24472847, -0.33475904], atol=1e-8)


# -- what is refused ------------------------------------------------------------------------

SAME_SHAPE = ["mse", "binary_cross_entropy", "binary_cross_entropy_with_logits"]


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
