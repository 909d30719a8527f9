"""Rows of what works number by number."""

from __future__ import annotations

import math

import numpy as np

from micrograd.engine.testing import sample

from .rows import Row, a, above_one, broken, elementwise, inside, like, positive, real, truth

_scalar_erf = np.vectorize(math.erf, otypes=[float])


def _erf(x: np.ndarray) -> np.ndarray:
    return np.asarray(_scalar_erf(x), np.asarray(x).dtype)


def _softplus(x: np.ndarray, beta: float = 1.0) -> np.ndarray:
    return np.log1p(np.exp(beta * x)) / beta


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _elu(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    return np.where(x > 0, x, alpha * np.expm1(x))


def _gelu(x: np.ndarray, approximate: str = "none") -> np.ndarray:
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + _erf(x / math.sqrt(2)))


def _hardtanh(x: np.ndarray, min_val: float = -1.0, max_val: float = 1.0) -> np.ndarray:
    return np.minimum(np.maximum(x, min_val), max_val)


def _plain(name: str) -> Row:
    row = elementwise(name, real, real)
    return Row(row.function, row.reference, row.calls, row.domains, by_numpy=True, plain=True)


def _plain_one(name: str) -> Row:
    row = elementwise(name, real, calls=[sample(np.array([np.nan, np.inf, 0.0]))])
    return Row(row.function, row.reference, row.calls, row.domains, by_numpy=True, plain=True)


ONE_ARRAY = {
    real: "negative positive absolute fabs sign exp exp2 expm1 square reciprocal sin cos sinh cosh "
    "tanh arcsinh arctan degrees rad2deg radians deg2rad sinc cbrt",
    positive: "log log2 log10 log1p sqrt",
    inside: "tan arcsin arccos arctanh",
    above_one: "arccosh",
    broken: "floor ceil trunc rint round",
}
TWO_ARRAYS = "add subtract multiply divide true_divide arctan2 hypot fmax fmin logaddexp logaddexp2"

ELEMENTWISE: dict[str, Row] = {
    **{
        name: elementwise(name, domain) for domain, row in ONE_ARRAY.items() for name in row.split()
    },
    **{
        name: elementwise(name, real, real, calls=[sample(a(2), 3.0), sample(2, a(2))])
        for name in TWO_ARRAYS.split()
    },
    **{name: _plain(name) for name in ("less", "less_equal", "equal", "not_equal")},
    **{name: _plain(name) for name in ("greater", "greater_equal")},
    **{name: _plain_one(name) for name in ("isfinite", "isinf", "isnan")},
    "abs": elementwise("abs", real),
    "neg": elementwise("neg", real, reference=np.negative),
    "sinc": elementwise("sinc", real, calls=[sample(np.array([0.0, 1e-9, 1.0, -2.0, 12.5]))]),
    "round": elementwise("round", broken, calls=[sample(a(3), decimals=1)]),
    "power": elementwise(
        "power",
        positive,
        real,
        calls=[
            sample(a(4), 3),
            sample(a(4), -2),
            sample(np.array([0.0, 1.0, -2.0]), 0),
            sample(np.array([0.0, 1.0, -2.0]), 2),
            sample(np.array([0.0, -1.0, 2.0]), np.array([2, 0, 3])),
            sample(2, a(3)),
            sample(np.array([1, 2]), a(2)),
        ],
    ),
    "maximum": elementwise("maximum", real, positive, calls=[sample(a(3), 0.5)]),
    "minimum": elementwise("minimum", real, positive, calls=[sample(0, a(3))]),
    "where": elementwise("where", truth, real, real, calls=[sample(True, a(2), 0)]),
    "clip": like(
        "clip",
        sample(a(2, 3), a_min=-1.0, a_max=1.0),
        sample(a(2, 3), a_min=None, a_max=0.5),
        sample(a(2, 3), a_min=-0.5, a_max=None),
        sample(a(2, 3), a_min=np.array([-1.0, 0.0, 1.0]), a_max=2),
        sample(a(2, 3), a_min=1.0, a_max=-1.0),
        sample(a(3), a(2, 1), 1.0),
        sample(a(), a_min=-1, a_max=1),
        sample(a(0, 2), a_min=-1, a_max=1),
    ),
    "copysign": elementwise("copysign", real, real),
    "floor_divide": elementwise("floor_divide", broken, positive),
    "remainder": elementwise("remainder", real, positive, calls=[sample(a(4), -1.5)]),
    "mod": elementwise("mod", real, positive),
    "nan_to_num": elementwise("nan_to_num", real),
    # ops of our own
    "erf": elementwise("erf", real, reference=_erf, calls=[sample(np.linspace(-7, 7, 57))]),
    "relu": elementwise("relu", real, reference=lambda x: np.where(x > 0, x, 0)),
    "leaky_relu": elementwise(
        "leaky_relu",
        real,
        reference=lambda x, negative_slope=0.01: np.where(x > 0, x, negative_slope * x),
        calls=[sample(a(3), negative_slope=0.2)],
    ),
    "elu": elementwise("elu", real, reference=_elu, calls=[sample(a(3), alpha=0.5)]),
    "selu": elementwise(
        "selu", real, reference=lambda x: 1.0507009873554805 * _elu(x, 1.6732632423543772)
    ),
    "gelu": elementwise("gelu", real, reference=_gelu, calls=[sample(a(3), approximate="tanh")]),
    "silu": elementwise("silu", real, reference=lambda x: x * _sigmoid(x)),
    "softplus": elementwise("softplus", real, reference=_softplus, calls=[sample(a(3), beta=2.5)]),
    "softsign": elementwise("softsign", real, reference=lambda x: x / (1 + np.abs(x))),
    "hardtanh": elementwise(
        "hardtanh", inside, reference=_hardtanh, calls=[sample(a(4), min_val=-2.0, max_val=0.5)]
    ),
    "sigmoid": elementwise("sigmoid", real, reference=_sigmoid),
    "logsigmoid": elementwise("logsigmoid", real, reference=lambda x: np.log(_sigmoid(x))),
}
