"""Known values and identities, what SciPy's names do with Values, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import micrograd_special as ms
import numpy as np
import pytest
from scipy import special

from micrograd.engine import Value, grad, gradients, ops, plugins

X = np.array([0.2, 0.9, 2.5, 7.0])
EULER = 0.57721566490153286


def close(actual: Any, expected: Any, tolerance: float = 1e-11) -> None:
    np.testing.assert_allclose(np.asarray(actual), expected, rtol=tolerance, atol=tolerance)


def derivatives(f: Callable[[Any], Any], count: int) -> list[Any]:
    """f and its derivatives at X, elementwise."""
    x = Value(X)
    found = [f(x)]
    for _ in range(count):
        found += gradients(found[-1].sum(), [x], create_graph=True)
    return [one.data for one in found]


def test_pip_install_is_all_it_takes() -> None:
    [mine] = [r for r in plugins.report() if r.distribution == "micrograd-special"]
    assert (mine.status, mine.reason) == ("loaded", "")
    assert mine.names == ms.__all__
    close(Value(X).jv(2).data, special.jv(2, X))
    assert ops.gammaln is ms.gammaln


# --- gamma ---------------------------------------------------------------------------------------


def test_known_values_of_gamma_s_family() -> None:
    close(ms.gammaln(Value([1.0, 5.0, 0.5])).data, [0, math.log(24), math.log(math.pi) / 2])
    close(ms.digamma(1.0), -EULER)
    close(ms.polygamma(1.0, order=1), math.pi**2 / 6)
    close(ms.polygamma(0.5, order=1), math.pi**2 / 2)
    close(ms.betaln(2.0, 3.0), -math.log(12))


def test_gamma_s_recurrence_holds_in_every_order() -> None:
    left = derivatives(lambda x: ms.gammaln(x + 1), 5)
    right = derivatives(lambda x: ms.gammaln(x) + np.log(x), 5)
    for one, other in zip(left, right, strict=True):
        close(one, other, 1e-8)


def test_gamma_s_reflection() -> None:
    x = X[:2]
    close(ms.digamma(1 - x) - ms.digamma(x), math.pi / np.tan(math.pi * x))


def test_digamma_is_polygamma_of_order_0() -> None:
    close(ms.polygamma(X, order=0), ms.digamma(X))


def test_betaln_keeps_the_digits_that_a_sum_of_gammalns_loses() -> None:
    assert ms.betaln(1e15, 0.5) == pytest.approx(math.log(math.pi / 1e15) / 2, rel=1e-12)


def test_beta_s_two_gradients() -> None:
    a, b = Value(2.0), Value(X)
    ms.betaln(a, b).sum().backward()
    close(a.grad, np.sum(special.psi(2.0) - special.psi(2.0 + X)))
    close(b.grad, special.psi(X) - special.psi(2.0 + X))


@pytest.mark.parametrize("order", [-1, 170])
def test_an_order_that_polygamma_does_not_have(order: int) -> None:
    with pytest.raises(ValueError, match=r"polygamma\(order=.*Pass an order from 0 to 169"):
        ms.polygamma(Value(X), order=order)
    assert np.isfinite(ms.polygamma(1.0, order=169))


def test_an_order_of_polygamma_that_is_no_integer() -> None:
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        ms.polygamma(Value(X), order=1.5)


# --- error functions -----------------------------------------------------------------------------


def test_erfc_completes_core_s_erf() -> None:
    total = derivatives(lambda x: ms.erfc(x) + ops.erf(x), 2)
    close(total, [np.ones(4), np.zeros(4), np.zeros(4)])
    assert ms.erfc(10.0) == pytest.approx(2.0884875837625446e-45, rel=1e-12)


def test_erfinv_undoes_erf_in_every_order() -> None:
    x = Value(X[:3] / 2)
    there_and_back = ms.erfinv(ops.erf(x))
    [first] = gradients(there_and_back.sum(), [x], create_graph=True)
    [second] = gradients(first.sum(), [x])
    close(there_and_back.data, x.data)
    close(first.data, np.ones(3))
    close(second, np.zeros(3), 1e-9)


def test_erfinv_at_and_beyond_its_borders() -> None:
    close(ms.erfinv(np.array([-1.0, 1.0, 1.5])), [-np.inf, np.inf, np.nan])


# --- Bessel functions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "n", "sign"),
    [
        (ms.j0, 0, 1),
        (ms.j1, 1, 1),
        (lambda x: ms.jv(x, order=2.5), 2.5, 1),
        (ms.i0, 0, -1),
        (ms.i1, 1, -1),
        (lambda x: ms.iv(x, order=3), 3, -1),
    ],
)
def test_gradients_solve_bessel_s_equation(f: Callable[[Any], Any], n: float, sign: int) -> None:
    """x² y″ + x y′ + (±x² − n²) y = 0, and the derivative of this equation too."""
    y, y1, y2, y3 = derivatives(f, 3)
    scale = 1e-11 * max(1.0, np.abs([y, y1, y2, y3]).max()) * 100
    square = sign * X**2 - n**2
    np.testing.assert_allclose(X**2 * y2 + X * y1 + square * y, 0, atol=scale)
    np.testing.assert_allclose(
        X**2 * y3 + 3 * X * y2 + (1 + square) * y1 + 2 * sign * X * y, 0, atol=scale
    )


def test_the_ops_of_order_0_and_1_are_those_of_a_general_order() -> None:
    for short, general, order in (
        (ms.j0, ms.jv, 0),
        (ms.j1, ms.jv, 1),
        (ms.i0, ms.iv, 0),
        (ms.i1, ms.iv, 1),
        (ms.i0e, ms.ive, 0),
        (ms.i1e, ms.ive, 1),
    ):
        close(
            derivatives(short, 3),
            derivatives(lambda x, f=general, n=order: f(x, order=n), 3),
            1e-9,
        )


def test_scaled_functions_are_e_to_the_minus_x_times_the_others_and_do_not_overflow() -> None:
    close(derivatives(ms.i0e, 3), derivatives(lambda x: np.exp(-x) * ms.i0(x), 3), 1e-9)
    close(derivatives(ms.i1e, 3), derivatives(lambda x: np.exp(-x) * ms.i1(x), 3), 1e-9)
    x = Value(1000.0)
    ms.i0e(x).backward()
    assert x.grad == pytest.approx(-0.5 * (2 * math.pi) ** -0.5 * 1000**-1.5, rel=1e-3)


def test_the_kink_of_a_scaled_function_is_level() -> None:
    assert grad(ms.i0e)(0.0) == 0.0
    assert grad(ms.i1e)(0.0) == 0.5


@pytest.mark.parametrize("f", [ms.jv, ms.iv, ms.ive])
def test_no_gradient_flows_to_an_order(f: Callable[..., Any]) -> None:
    name = f.op.name  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match=rf"{name}: the order is Value, and no gradient flows"):
        f(X, order=Value(2.0))
    with pytest.raises(TypeError, match=rf"{name}: the order is Value"):
        getattr(special, name)(Value(2.0), X)
    with pytest.raises(TypeError, match=rf"{name}: the order is ndarray.*Pass a number"):
        f(Value(X), order=np.array([1.0, 2.0]))


# --- SciPy's names -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted({*ms.__all__, "erf", "expit", "log_expit"} - {"polygamma"}))
def test_scipy_s_functions_take_values(name: str) -> None:
    scipy = getattr(special, name)
    x = X / 8 if name == "erfinv" else X
    before = {"jv": (2,), "iv": (2,), "ive": (2,), "betaln": (1.5,)}.get(name, ())
    value = Value(x)
    y = scipy(*before, value)
    close(y.data, scipy(*before, x))
    y.sum().backward()
    step = 1e-6
    close(value.grad, (scipy(*before, x + step) - scipy(*before, x - step)) / (2 * step), 1e-6)
