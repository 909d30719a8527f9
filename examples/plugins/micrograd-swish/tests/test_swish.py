"""What the plugin adds to micrograd-core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from micrograd_swish import log_cosh, swish

from micrograd.engine import Value, compile, gradients, ops, plugins

X = np.array([-1000.0, -3.0, -0.5, 0.0, 0.7, 4.0, 1000.0])
STEP = 1e-4


def difference(f: Callable[..., Any], x: Any) -> Any:
    """The slope of f by central differences, elementwise."""
    return (f(x + STEP) - f(x - STEP)) / (2 * STEP)


def test_pip_install_is_all_it_takes() -> None:
    [mine] = [r for r in plugins.report() if r.distribution == "micrograd-swish"]
    assert (mine.status, mine.reason) == ("loaded", "")
    assert "swish" in mine.names


def test_swish_is_an_op_and_a_method() -> None:
    x = Value(X)
    expected = X / (1 + np.exp(-np.clip(X, -700, 700)))
    for y in (swish(x), ops.swish(x), x.swish()):
        np.testing.assert_allclose(y.data, expected, atol=1e-12)


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0, 3.0])
def test_the_rule_is_the_slope_of_the_forward_in_two_orders(beta: float) -> None:
    x = Value(X)
    [first] = gradients(swish(x, beta=beta).sum(), [x], create_graph=True)
    [second] = gradients(first.sum(), [x])

    def slope(array: Any) -> Any:
        leaf = Value(array)
        return np.asarray(gradients(swish(leaf, beta=beta).sum(), [leaf])[0])

    np.testing.assert_allclose(
        first.data, difference(lambda a: swish(a, beta=beta), X), rtol=1e-6, atol=1e-8
    )
    np.testing.assert_allclose(np.asarray(second), difference(slope, X), rtol=1e-6, atol=1e-8)


def test_float32_stays_float32() -> None:
    x = Value(X.astype(np.float32))
    y = x.swish(beta=2.0)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == np.float32


def test_log_cosh_squares_small_errors_and_takes_large_ones_as_they_are() -> None:
    zero = np.zeros(2)
    small = log_cosh(Value([1e-3, -1e-3]), zero).item()
    large = log_cosh(Value([1000.0, -1000.0]), zero).item()
    assert small == pytest.approx(0.5e-6, rel=1e-6)
    assert large == pytest.approx(1000 - np.log(2))


def test_the_slope_of_log_cosh_is_tanh() -> None:
    x = Value(X)
    log_cosh(x, np.zeros(7)).backward()
    np.testing.assert_allclose(x.grad, np.tanh(X) / 7, atol=1e-12)


def test_log_cosh_refuses_what_numpy_would_broadcast() -> None:
    with pytest.raises(ValueError, match=r"shape \(4, 1\) but target has shape \(4,\)"):
        log_cosh(Value(np.zeros((4, 1))), np.zeros(4))


def test_a_compiled_program_writes_its_forward_and_its_rule_down() -> None:
    x = Value([-1.0, 0.0, 2.0], name="x")
    program = compile(lambda: swish(x, beta=1.5).sum(), [x])
    for _ in range(3):  # the first two calls are compared with the eager engine
        program()
    compiled = x.grad.copy()
    x.zero_grad()
    swish(x, beta=1.5).sum().backward()
    np.testing.assert_allclose(compiled, x.grad, rtol=1e-14)
    assert "rule of swish for x" in program.source
    assert "micrograd_swish" not in program.source  # plain NumPy, no call of the plugin
