"""Where did the nan come from? Every message names the op, its inputs and the user's line."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, detect_anomaly, gradients, no_grad, op

HERE = r"test_anomaly\.py:\d+"


@pytest.fixture(autouse=True)
def silent() -> Any:
    with np.errstate(all="ignore"):
        yield


def test_a_forward_that_is_not_finite_stops_with_op_index_inputs_and_line() -> None:
    x = Value([[1.0, 2.0], [3.0, -1.0]], name="x")
    told = rf"log returned nan at index \(1, 1\) at .*{HERE}.*x 'x' of shape \(2, 2\), from -1 to 3"
    with detect_anomaly(), pytest.raises(FloatingPointError, match=told):
        np.log(x)


def test_the_line_is_the_users_not_ours() -> None:
    with detect_anomaly(), pytest.raises(FloatingPointError) as caught:
        Value([0.0, 1.0]).log().sum()
    line = caught.traceback[0].lineno + 1
    assert f"test_anomaly.py:{line}" in str(caught.value)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Value(1.0) / 0, r"divide returned inf at index \(\)"),
        (lambda: 1 / Value([2.0, 0.0]), r"divide returned inf at index \(1,\)"),
        (lambda: Value([1e308]) * 10, r"multiply returned inf at index \(0,\)"),
        (lambda: np.exp(Value(np.float32(200))), "exp returned inf"),
        (lambda: np.concatenate([Value([1.0]), [np.nan]]), r"concatenate returned nan at .*arrays"),
    ],
)
def test_forward(make: Any, told: str) -> None:
    with detect_anomaly(), pytest.raises(FloatingPointError, match=told):
        make()
    make()


def test_a_forward_without_recording_is_checked_too() -> None:
    with detect_anomaly(), no_grad(), pytest.raises(FloatingPointError, match="log returned -inf"):
        np.log(Value(0.0))


@pytest.mark.parametrize("create_graph", [True, False])
def test_a_rule_that_is_not_finite_stops_with_op_argument_and_line(create_graph: bool) -> None:
    x = Value([4.0, 0.0], name="x")
    told = (
        rf"In the rule of sqrt for 'x', called at .*{HERE}: .* returned inf at index \(1,\).*inputs"
    )
    with detect_anomaly():
        y = np.sqrt(x).sum()
        with pytest.raises(FloatingPointError, match=told):
            gradients(y, [x], create_graph=create_graph)


def test_a_backward_inside_of_a_forward_outside_is_checked() -> None:
    x = Value([4.0, 0.0])
    y = np.sqrt(x).sum()
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"rule of sqrt for 'x'"):
        y.backward()


def test_a_message_of_a_rule_shows_its_inputs() -> None:
    x = Value([4.0, 0.0], name="x")
    with detect_anomaly():
        y = np.sqrt(x).sum()
        with pytest.raises(FloatingPointError, match=r"x 'x' of shape \(2,\), from 0 to 4"):
            y.backward()


def test_after_a_rule_an_op_is_blamed_by_itself_again() -> None:
    with detect_anomaly():
        Value(1.0).exp().backward()
        with pytest.raises(FloatingPointError, match=r"^log returned"):
            np.log(Value(0.0))


def test_inputs_that_are_all_nan_are_described() -> None:
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"x of shape \(2,\)\.$"):
        np.exp(Value([np.nan, np.nan]))


def test_the_first_bad_rule_is_named_and_not_those_that_it_spoils() -> None:
    x = Value([4.0, 0.0])
    with detect_anomaly():
        y = np.sqrt(x * 1.0).sum()
        with pytest.raises(FloatingPointError, match="rule of sqrt"):
            y.backward()


def test_the_rule_of_a_plugin_is_blamed() -> None:
    bad = op(lambda x: x * 1.0, name="bad")
    bad.gradient("x")(lambda g, out, x: g * np.nan)
    bad.op.distribution = "micrograd-fancy"
    with detect_anomaly():
        y = bad(Value(1.0))
        with pytest.raises(FloatingPointError, match=r"rule of bad \(micrograd-fancy\) for 'x'"):
            y.backward()


@pytest.mark.parametrize("data", [2.0, [1.0, 2.0]])
@pytest.mark.parametrize("call", ["backward", "gradients"])
def test_a_write_into_data_is_found(data: Any, call: str) -> None:
    x = Value(data)
    x.data[...] = 3.0  # before the use: no harm
    with detect_anomaly():
        y = (x * x).sum()
        x.data[...] = 5.0
        told = rf"input of multiply, called at .*{HERE}, was written into.*touch\(\)"
        with pytest.raises(RuntimeError, match=told):
            y.backward() if call == "backward" else gradients(y, [x])


def test_a_write_into_a_plain_array_is_found() -> None:
    x, mask = Value([1.0, 2.0]), np.array([1.0, 0.0])
    with detect_anomaly():
        y = (x * mask).sum()
        mask[1] = 1.0
        with pytest.raises(RuntimeError, match="input of multiply"):
            y.backward()


def test_a_write_into_an_index_is_found() -> None:
    x, index = Value([1.0, 2.0]), np.array([0, 0])
    with detect_anomaly():
        y = x[index].sum()
        index[1] = 1
        with pytest.raises(RuntimeError, match="input of getitem"):
            y.backward()


def test_finite_numbers_pass_and_give_the_same_gradients(rng: np.random.Generator) -> None:
    x = Value(rng.normal(size=(3, 3)))
    ((x @ x).tanh()[[0, 0, 1]].softmax() * 2).max(axis=0).sum().backward()
    alone = x.grad.copy()
    x.zero_grad()
    with detect_anomaly():
        ((x @ x).tanh()[[0, 0, 1]].softmax() * 2).max(axis=0).sum().backward()
    np.testing.assert_array_equal(x.grad, alone)


def test_ops_with_several_results_are_checked() -> None:
    @op
    def both(x):  # type: ignore[no-untyped-def]
        return np.sqrt(x), np.log(x)

    both.gradient("x")(lambda g, out, x: g[0] / (2 * out[0]) + g[1] / x)
    with detect_anomaly():
        a, b = both(Value([1.0, 4.0]))
        (a * b).sum().backward()
        with pytest.raises(FloatingPointError, match=r"both returned -inf at index \(0,\)"):
            both(Value([0.0, 1.0]))


def test_arrays_without_elements_pass() -> None:
    x = Value(np.ones((0, 2)))
    with detect_anomaly():
        (x * 2).sum().backward()
    assert x.grad.shape == (0, 2)


def test_it_ends_with_the_block() -> None:
    with detect_anomaly():
        pass
    assert np.isnan(np.log(Value(-1.0)).item())


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_another_thread_does_not_notice() -> None:
    found: list[float] = []
    with detect_anomaly():
        thread = threading.Thread(target=lambda: found.append((Value(1e308) * 10).item()))
        thread.start()
        thread.join(30)
    assert found == [np.inf]
