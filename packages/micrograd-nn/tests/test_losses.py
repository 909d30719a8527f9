"""Every loss against plain NumPy, and its rules against central differences, of order 1 and 2."""

from __future__ import annotations

import numpy as np
import pytest

from micrograd.engine import Value, compile, gradients
from micrograd.nn import losses

from .loss_table import CASES

REDUCTIONS = ("mean", "sum", "none")


@pytest.fixture(params=CASES, name="case")
def case_fixture(request):
    return CASES[request.param]


@pytest.fixture(params=REDUCTIONS)
def reduction(request):
    return request.param


def floats(*arrays):
    return [position for position, array in enumerate(arrays) if array.dtype.kind == "f"]


def as_values(arrays, dtype=np.float64):
    return [Value(a, dtype=dtype) if a.dtype.kind == "f" else a for a in arrays]


def test_every_loss_is_in_the_table():
    assert {case.loss.__name__ for case in CASES.values()} == set(losses.names())


def test_a_loss_is_its_formula(case, reduction, rng):
    prediction, target = case.draw(rng)
    expected = case.by_hand(prediction, target, reduction)
    for p in (prediction, Value(prediction)):
        out = case.loss(p, target, reduction=reduction, **case.settings)
        np.testing.assert_allclose(getattr(out, "data", out), expected, rtol=1e-12, atol=1e-14)
        assert out.shape == np.shape(expected)


def test_a_loss_is_the_mean_unless_told_otherwise(case, rng):
    prediction, target = case.draw(rng)
    out = case.loss(prediction, target, **case.settings)
    np.testing.assert_allclose(out, case.by_hand(prediction, target, "mean"))


def test_gradients_are_central_differences(case, reduction, rng, central):
    arrays = list(case.draw(rng))
    weight = rng.normal(size=np.shape(case.by_hand(*arrays, reduction)))

    def number(*moved):
        return (weight * case.by_hand(*moved, reduction)).sum()

    values = as_values(arrays)
    case.loss(*values, reduction=reduction, **case.settings).backward(gradient=weight)
    for position in floats(*arrays):
        expected = central(number, arrays, position)
        np.testing.assert_allclose(values[position].grad, expected, rtol=1e-6, atol=1e-8)


def test_second_derivatives_are_central_differences_of_the_first(case, reduction, rng, central):
    arrays = list(case.draw(rng))
    positions = floats(*arrays)
    values = as_values(arrays)
    wanted = [values[p] for p in positions]
    directions = [rng.normal(size=arrays[p].shape) for p in positions]

    def squared(*given):
        """So that the incoming gradient depends on the inputs, too."""
        return (case.loss(*given, reduction=reduction, **case.settings) ** 2).sum()

    def slope(*moved):
        """The first derivative in a random direction, as a number."""
        here = as_values(moved)
        found = gradients(squared(*here), [here[p] for p in positions])
        return sum((g * d).sum() for g, d in zip(found, directions, strict=True))

    firsts = gradients(squared(*values), wanted, create_graph=True)
    total = sum((g * d).sum() for g, d in zip(firsts, directions, strict=True))
    for position, second in zip(positions, gradients(total, wanted), strict=True):
        expected = central(slope, arrays, position)
        np.testing.assert_allclose(second, expected, rtol=1e-5, atol=1e-7)


def test_the_gradient_is_the_same_on_arrays_and_on_values(case, rng):
    prediction, target = case.draw(rng)
    p = Value(prediction)
    out = case.loss(p, target, **case.settings)
    (plain,) = gradients(out, [p])
    (recorded,) = gradients(out, [p], create_graph=True)
    np.testing.assert_allclose(recorded.data, plain, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_compiled_loss_is_the_eager_one(case, dtype, rng):
    """Three calls with other numbers: the first two compare themselves with the eager engine."""
    arrays = [a.astype(dtype) if a.dtype.kind == "f" else a for a in case.draw(rng)]
    p = Value(arrays[0])
    program = compile(lambda target: case.loss(p, target, **case.settings), [p])
    for _ in range(3):
        p.data = p.data * dtype(0.9)
        found, g = program(arrays[1]), p.grad.copy()
        p.zero_grad()
        out = case.loss(p, arrays[1], **case.settings)
        out.backward()
        close = {"rtol": 1e-12 if dtype is np.float64 else 1e-5, "atol": 1e-12}
        np.testing.assert_allclose(found, out.data, **close)
        np.testing.assert_allclose(g, p.grad, **{**close, "atol": close["rtol"]})
    assert program.recordings == 2


def test_float32_is_kept(case, reduction, rng):
    arrays = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in case.draw(rng)]
    p = Value(arrays[0])
    out = case.loss(p, arrays[1], reduction=reduction, **case.settings)
    assert out.dtype == np.float32
    out.backward(gradient=np.ones(out.shape))
    assert p.grad.dtype == np.float32


WHOLE = ("mse", "l1", "huber", "binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div")


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("kind", [np.int64, bool])
def test_whole_targets_count_as_floats_of_the_predictions_dtype(name, kind):
    loss = losses.get(name)
    p = Value(np.array([0.25, 0.5, 0.75], np.float32))
    target = np.array([0, 1, 1])
    out = loss(p, target.astype(kind))
    assert out.dtype == np.float32
    assert out.item() == loss(p, target.astype(np.float32)).item()
    out.backward()
    assert p.grad.dtype == np.float32


def test_a_plain_target_costs_no_gradient_and_a_value_gets_one(case, rng):
    prediction, target = case.draw(rng)
    p = Value(prediction)
    out = case.loss(p, target, **case.settings)
    assert out.parents[0] is p
    assert out.parents[1:] == (None,) * len(out.parents[1:])
    if target.dtype.kind == "f":
        t = Value(target)
        case.loss(prediction, t, **case.settings).backward()
        assert t.has_grad
        frozen = Value(target, requires_grad=False)
        case.loss(p, frozen, **case.settings).backward()
        assert not frozen.has_grad


def test_a_loss_is_one_node_with_its_name(case, rng):
    prediction, target = case.draw(rng)
    out = case.loss(Value(prediction), target, **case.settings)
    assert out.op.name == case.loss.__name__
    assert out.op.distribution == "micrograd-nn"
    assert all(parent is None or parent.op is None for parent in out.parents)


def test_a_loss_is_a_method_and_a_name(case, rng):
    prediction, target = case.draw(rng)
    name = case.loss.__name__
    assert losses.get(name) is case.loss
    out = getattr(Value(prediction), name)(target, **case.settings)
    assert out.item() == case.loss(Value(prediction), target, **case.settings).item()


def test_the_batch_mean_of_kl_div_divides_by_the_rows(rng):
    case = CASES["kl_div"]
    prediction, target = case.draw(rng)
    p, t = Value(prediction), Value(target)
    out = losses.kl_div(p, t, reduction="batchmean")
    assert out.item() == pytest.approx(case.each(prediction, target).sum() / 4)
    out.backward()
    np.testing.assert_allclose(p.grad, -target / 4)
    np.testing.assert_allclose(t.grad, (np.log(target) - prediction + 1.0) / 4)
    alone = losses.kl_div(Value(-1.0), np.array(0.5), reduction="batchmean")
    assert alone.item() == pytest.approx(0.5 * (np.log(0.5) + 1.0))


def test_kl_div_of_a_class_without_probability_is_0():
    p = Value(np.log([[0.5, 0.5]]))
    out = losses.kl_div(p, np.array([[0.0, 1.0]]), reduction="none")
    np.testing.assert_allclose(out.data, [[0.0, np.log(2.0)]])
