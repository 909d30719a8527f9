"""What do NumPy's functions and operators do with a Value?"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, gradients, numpy_protocol, op
from micrograd.engine.op import NUMPY
from micrograd.engine.plain import PLAIN as PLAINLY

X = np.array([[1.5, -2.0, 3.0], [-0.5, 4.0, 0.25]])
SQUARE = np.array([[2.0, 1.0], [0.5, 3.0]])
ROW = np.array([1.0, 2.0, 4.0])

CALLS: dict[str, Any] = {
    "add": lambda x: np.add(x, ROW),
    "subtract": lambda x: np.subtract(ROW, x),
    "multiply": lambda x: np.multiply(x, x),
    "divide": lambda x: np.divide(ROW, x),
    "true_divide": lambda x: np.true_divide(x, 2),
    "power": lambda x: np.power(x * x, 1.5),
    "float_power": lambda x: np.float_power(x, 3),
    "negative": lambda x: np.negative(x),
    "positive": lambda x: np.positive(x),
    "absolute": lambda x: np.absolute(x),
    "abs": lambda x: np.abs(x),
    "sign": lambda x: np.sign(x),
    "exp": lambda x: np.exp(x),
    "log": lambda x: np.log(x * x),
    "sqrt": lambda x: np.sqrt(x * x + 1),
    "tanh": lambda x: np.tanh(x),
    "maximum": lambda x: np.maximum(x, 0.1),
    "minimum": lambda x: np.minimum(0.1, x),
    "where": lambda x: np.where(x > 0, x, 2 * x),
    "matmul": lambda x: np.matmul(x, ROW),
    "sum": lambda x: np.sum(x),
    "sum by position": lambda x: np.sum(x, 0),
    "sum by name": lambda x: np.sum(a=x, axis=-1, keepdims=True),
    "mean": lambda x: np.mean(x, axis=(0, 1)),
    "max": lambda x: np.max(x, 1),
    "amax": lambda x: np.amax(x, axis=0, keepdims=True),
    "min": lambda x: np.min(x),
    "amin": lambda x: np.amin(x, -1),
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "reshape to one length": lambda x: np.reshape(x, -1),
    "transpose": lambda x: np.transpose(x),
    "transpose by position": lambda x: np.transpose(x, (1, 0)),
    "transpose by name": lambda x: np.transpose(x, axes=(1, 0)),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "expand_dims": lambda x: np.expand_dims(x, 1),
    "expand_dims by name": lambda x: np.expand_dims(x, axis=(0, 2)),
    "broadcast_to": lambda x: np.broadcast_to(x, (4, 2, 3)),
    "concatenate": lambda x: np.concatenate([x, ROW[None], x]),
    "concatenate by position": lambda x: np.concatenate((x, 2 * x), 1),
    "concatenate by name": lambda x: np.concatenate((x, 2 * x), axis=-1),
    "concatenate of the rows": lambda x: np.concatenate(x),
    "concatenate all": lambda x: np.concatenate((x, ROW), axis=None),
    "stack": lambda x: np.stack([x, 2 * x, X]),
    "stack by name": lambda x: np.stack((x, X), axis=1),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_function_gives_numpys_result_and_carries_the_gradient(
    call: Any, rng: np.random.Generator
) -> None:
    x, plain = Value(X), call(X)
    out = call(x)
    assert type(out) is Value
    np.testing.assert_allclose(out.data, plain, rtol=1e-13, strict=True)
    weights, direction, h = rng.normal(size=out.shape), rng.normal(size=X.shape), 1e-6
    (g,) = gradients((out * weights).sum(), [x])
    ahead, behind = (np.sum(weights * call(X + step * direction)) for step in (h, -h))
    np.testing.assert_allclose(np.sum(g * direction), (ahead - behind) / (2 * h), rtol=1e-6)


# -- arguments --------------------------------------------------------------------------------

NAMED: dict[str, tuple[Any, Any]] = {
    "all by name": (lambda x: np.transpose(a=x, axes=(1, 0)), lambda x: X.T),
    "a tuple that we take as several": (lambda x: np.reshape(x, (3, 2)), lambda x: X.reshape(3, 2)),
    "another name for the array": (lambda x: np.pad(array=x, pad_width=1), lambda x: np.pad(X, 1)),
    "further keywords": (
        lambda x: np.pad(x, 1, constant_values=2.0),
        lambda x: np.pad(X, 1, constant_values=2.0),
    ),
    "a limit by name": (lambda x: np.clip(x, a_max=1.0, a_min=0), lambda x: X.clip(0, 1)),
    "a default that is no value": (
        lambda x: np.sum(x, 0, keepdims=np._NoValue),
        lambda x: X.sum(0),
    ),
    "several arrays": (lambda x: np.broadcast_arrays(ROW, x)[1], lambda x: X),
    "several numbers": (
        lambda x: np.gradient(x, 1.0, 2.0)[0],
        lambda x: np.gradient(X, 1.0, 2.0)[0],
    ),
    "the second by name": (lambda x: np.take(x, indices=[0], axis=1), lambda x: X[:, :1]),
    "lists of axes in einsum": (lambda x: np.einsum(x, [0, 1], [1, 0]), lambda x: X.T),
}


@pytest.mark.parametrize("case", NAMED)
def test_arguments_reach_our_parameters(case: str) -> None:
    call, expected = NAMED[case]
    out = call(Value(X))
    assert type(out) is Value
    np.testing.assert_array_equal(out.data, expected(X))


def test_a_default_of_ours_is_numpys() -> None:
    """NumPy's default is not passed on, so ours has to mean the same."""
    same = {None: (None, np._NoValue), False: (False, np._NoValue)}
    for function, target in NUMPY.items():
        if isinstance(function, np.ufunc) or function is np.linalg.cross:
            continue  # cross: axis=-1 there and None here are the last axis of all three arrays
        theirs, counterpart, _ = numpy_protocol._correspondence(function, target)
        for name, parameter in theirs.items():
            one = counterpart.get(name)
            if one is None or one.default is one.empty or parameter.default is parameter.empty:
                continue
            meaning = same.get(one.default, (one.default, np._NoValue))
            told = f"{function.__name__}({name}={parameter.default}), ours {one.default}"
            assert any(parameter.default is m or parameter.default == m for m in meaning), told


# -- operators --------------------------------------------------------------------------------

OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "@": operator.matmul,
}
LEFT = {
    "int": 3,
    "float": 2.5,
    "bool": True,
    "NumPy float": np.float64(2.5),
    "NumPy integer": np.int64(3),
    "float32": np.float32(2.5),
    "0-d array": np.array(2.5),
    "vector": np.array([1.0, 2.0]),
    "integers": np.array([1, 2]),
    "matrix": np.array([[1.0, 2.0], [3.0, 4.0]]),
}


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize("kind", LEFT)
def test_operators_with_a_plain_operand_on_either_side(kind: str, sign: str) -> None:
    """Operands that do not commute tell whether the reflected operator turned them round."""
    plain, apply, data = LEFT[kind], OPERATORS[sign], SQUARE
    if sign == "@" and np.ndim(plain) == 0:
        with pytest.raises(ValueError, match="matmul"):
            apply(plain, Value(data))
        return
    for left, right in ((plain, Value(data)), (Value(data), plain)):
        out = apply(left, right)
        assert type(out) is Value
        expected = apply(*(one.data if isinstance(one, Value) else one for one in (left, right)))
        np.testing.assert_allclose(out.data, expected, rtol=1e-14, strict=True)
        value = left if isinstance(left, Value) else right
        (g,) = gradients(out.sum(), [value])
        assert g.shape == data.shape
        assert np.abs(g).sum() > 0 or (sign == "**" and plain is True)


def test_reflected_operators_have_the_right_gradients() -> None:
    x = Value(4.0)
    for y, slope in ((7 - x, -1.0), (8 / x, -0.5), (2**x, 16 * np.log(2)), (x - 7, 1.0)):
        np.testing.assert_allclose(gradients(y, [x]), [slope])


def test_in_place_operators_on_a_name_make_a_new_value() -> None:
    x = y = Value(2.0)
    y += 1
    y *= x
    y -= 1
    y /= 2
    y **= 2
    y.backward()
    assert x.item() == 2.0
    assert y.item() == 6.25
    assert x.grad == 2 * 2.5 * 2.5


def test_sum_of_a_list_of_values() -> None:
    values = [Value(1.0), Value(2.0)]
    sum(values).backward()  # type: ignore[union-attr]
    assert [v.grad.item() for v in values] == [1.0, 1.0]


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("make", [np.matrix, np.ma.array])
def test_a_matrix_or_masked_array_is_refused(make: Any) -> None:
    """Its ``*`` means something else, or its mask would be forgotten."""
    x, plain = Value(SQUARE), make(SQUARE)
    for call in (
        lambda: x * plain,
        lambda: plain * x,
        lambda: x @ plain,
        lambda: np.add(x, plain),
        lambda: np.concatenate([x, plain]),
        lambda: Value(plain),
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(TypeError, match=rf"{type(plain).__name__} with Values\. Pass np\.asarray"):
        x * plain


# -- what has no rule -------------------------------------------------------------------------

REFUSED: dict[str, Any] = {
    "np.i0": lambda x: np.i0(x),
    "np.nextafter": lambda x: np.nextafter(X, x),
    "np.unique": lambda x: np.unique(x),
    "np.linalg.eig": lambda x: np.linalg.eig(x),
    "np.fft.fft": lambda x: np.fft.fft(x),
    "np.copyto": lambda x: np.copyto(np.ones(X.shape), x),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_function_without_a_rule_is_refused_by_name(name: str) -> None:
    told = (
        rf"{name.replace('.', chr(92) + '.')} has no rule for Values.*@op\(numpy={name}\).*\.data"
    )
    with pytest.raises(TypeError, match=told):
        REFUSED[name](Value(X))


def test_a_method_of_a_ufunc_without_a_rule_is_refused_by_name() -> None:
    for call in (np.multiply.outer, np.subtract.reduceat, np.divide.accumulate):
        told = rf"np\.\w+\.{call.__name__} has no rule.*np\.sum or np\.cumsum instead"
        with pytest.raises(TypeError, match=told):
            call(Value(X), [0, 1]) if call.__name__ != "accumulate" else call(Value(X))
    with pytest.raises(TypeError, match=r"np\.add\.at of a Value into an array.*v \+ array"):
        np.add.at(np.zeros(X.shape), ..., Value(X))


UNSUPPORTED: dict[str, Any] = {
    r"np\.exp of a Value into an array": lambda x: np.exp(x, out=np.empty(X.shape)),
    r"np\.add of a Value into an array": lambda x: operator.iadd(np.ones(X.shape), x),
    r"np\.multiply of a Value into an array": lambda x: np.multiply(X, X, out=x),
    r"np\.exp: where= is not supported": lambda x: np.exp(x, where=X > 0),
    r"np\.add: dtype= is not supported": lambda x: np.add(x, x, dtype=np.float32),
    r"np\.sum: out= is not supported": lambda x: np.sum(x, out=np.empty(())),
    r"np\.sum: initial= is not supported": lambda x: np.sum(x, initial=0.0),
    r"np\.pad: stat_length= is not supported": lambda x: np.pad(x, 1, "mean", stat_length=1),
    r"np\.mean: dtype= is not supported": lambda x: np.mean(x, dtype=np.float32),
    r"np\.stack: out= is not supported": lambda x: np.stack([x], out=np.empty((1, 2, 3))),
    r"np\.concatenate: dtype= is not supported": lambda x: np.concatenate([x], dtype=np.float32),
    r"np\.cumsum: dtype= is not supported": lambda x: np.cumsum(x, 0, float),
    r"reshape: order='F' on a Value": lambda x: np.reshape(x, -1, order="F"),
}


@pytest.mark.parametrize("told", UNSUPPORTED)
def test_an_argument_that_is_not_supported_is_told(told: str) -> None:
    with pytest.raises(TypeError, match=told):
        UNSUPPORTED[told](Value(X))


def test_an_argument_that_is_not_supported_may_have_its_default() -> None:
    assert np.sum(Value(X), axis=None, dtype=None, out=None).item() == X.sum()
    assert np.concatenate([Value(X)], dtype=None, casting="same_kind").shape == X.shape


def test_where_without_branches_is_refused() -> None:
    with pytest.raises(TypeError, match=r"where takes .*'condition', 'x', 'y'"):
        np.where(Value(X))


# -- what has no gradient ---------------------------------------------------------------------

PLAIN: dict[str, Any] = {
    "greater": lambda x: np.greater(x, 0),
    "array on the left": lambda x: x > ROW,
    "isfinite": lambda x: np.isfinite(x),
    "logical_and": lambda x: np.logical_and(x > 0, x),
    "all": lambda x: np.all(x),
    "any": lambda x: np.any(x, axis=0),
    "argmax": lambda x: np.argmax(x, axis=1),
    "argsort": lambda x: np.argsort(x),
    "nonzero": lambda x: np.nonzero(x)[1],
    "count_nonzero": lambda x: np.count_nonzero(x),
    "searchsorted": lambda x: np.searchsorted(ROW, x),
    "allclose": lambda x: np.allclose(x, x),
    "array_equal": lambda x: np.array_equal(x, ROW),
    "isclose": lambda x: np.isclose(a=x, b=1.5),
    "shape": lambda x: np.shape(x),
    "ndim": lambda x: np.ndim(x),
    "size": lambda x: np.size(x),
    "result_type": lambda x: np.result_type(x, np.float32),
    "zeros_like": lambda x: np.zeros_like(x),
    "ones_like": lambda x: np.ones_like(x, dtype=np.float32),
    "sign bit": lambda x: np.signbit(x),
    "array2string": lambda x: np.array2string(x),
}


@pytest.mark.parametrize("call", PLAIN.values(), ids=PLAIN.keys())
def test_a_function_without_a_gradient_gives_plain_numbers(call: Any) -> None:
    out = call(Value(X))
    assert not isinstance(out, Value)
    expected = call(X)
    assert type(out) is type(expected)
    np.testing.assert_array_equal(out, expected)


def test_a_plain_function_is_on_one_side_only() -> None:
    assert not PLAINLY.keys() & NUMPY.keys()


# -- adding one -------------------------------------------------------------------------------


def test_an_op_can_say_which_numpy_function_it_is() -> None:
    try:

        @op(numpy=(np.spacing, np.unwrap))  # a ufunc and a function that have no rule
        def root(x):  # type: ignore[no-untyped-def]
            return np.cbrt(x)

        root.gradient("x")(lambda g, out, x: g / (3 * out * out))
        x = Value(8.0)
        np.spacing(x).backward()
        np.testing.assert_allclose(x.grad, 1 / 12)
        assert np.unwrap(x).op is root.op
        with pytest.raises(TypeError, match=r"np\.unwrap: discont= is not supported"):
            np.unwrap(x, 1.0)
    finally:
        del NUMPY[np.spacing], NUMPY[np.unwrap]
