"""What does compile refuse, with whose line and which way out, and is anything left changed?

Each function below does what a program cannot do on the line that says ``# here``.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from micrograd.engine import CannotCompile, Value, compile, no_grad, op, ops
from micrograd.engine.value import STATE

REFUSED: list[tuple[Any, str]] = []
X = np.array([1.0, -2.0, 3.0])


def refused(message: str) -> Callable[[Any], Any]:
    """Enter a function of an array x and a Value w; the message is a pattern."""

    def enter(f: Any) -> Any:
        REFUSED.append((f, message))
        return f

    return enter


DECIDES = r"cannot decide by the numbers of an array.*np\.where, or decide outside"


@refused(DECIDES)
def if_on_a_value(x, w):
    if w.sum() > 0:  # here
        return (x * w).sum()
    return w.sum()


@refused(DECIDES)
def if_on_a_symbol(x, w):
    if x.sum() > 0:  # here
        return (x * w).sum()
    return w.sum()


@refused(DECIDES)
def if_on_the_value_itself(x, w):
    if w.sum():  # here
        return (x * w).sum()
    return w.sum()


@refused(DECIDES)
def if_else_in_a_line(x, w):
    return (w if x[0] > 0 else -w).sum()  # here


@refused(DECIDES)
def a_while(x, w):
    while (w * w).sum() > 1:  # here
        w = w / 2
    return w.sum()


@refused(DECIDES)
def an_and(x, w):
    return w.sum() * ((x > 0).all() and 2.0)  # here


@refused(DECIDES)
def an_assert(x, w):
    assert (w != 7).all()  # here
    return w.sum()


@refused(DECIDES)
def a_not(x, w):
    return w.sum() * (not x[0])  # here


@refused(DECIDES)
def an_in(x, w):
    return w.sum() * (2.0 in x)  # here


@refused(DECIDES)
def pythons_max(x, w):
    return max(w[0], w[1])  # here


NUMBERS = r"takes the numbers out of an array.*stay with NumPy and Values, or compute it outside"


@refused(rf"{NUMBERS}.*For table\[x\], with a plain array, write ops\.take")
def an_array_that_is_asked_about_a_symbol(x, w):
    return (w * X[x]).sum()  # here


@refused(NUMBERS)
def float_of_a_symbol(x, w):
    return w.sum() * float(x[0])  # here


@refused(NUMBERS)
def int_of_a_symbol(x, w):
    return w.sum() * int(x[0])  # here


@refused(NUMBERS)
def item_of_a_symbol(x, w):
    return w.sum() * x.sum().item()  # here


@refused(NUMBERS)
def item_of_a_value(x, w):
    return w.sum() * w.sum().item()  # here


@refused(NUMBERS)
def tolist_of_a_symbol(x, w):
    return w.sum() * x.tolist()[0]  # here


@refused(NUMBERS)
def data_of_a_node(x, w):
    return w.sum() * (x * w).data[0]  # here


@refused(NUMBERS)
def data_of_a_parameter(x, w):
    return w.sum() * w.data[0]  # here


@refused(NUMBERS)
def asarray_of_a_symbol(x, w):
    return (w * np.asarray(x)).sum()  # here


@refused(NUMBERS)
def array_of_symbols(x, w):
    return (w * np.array([x[0], x[1], x[2]])).sum()  # here


@refused(NUMBERS)
def math_of_a_symbol(x, w):
    return w.sum() * math.exp(x[0])  # here


@refused(NUMBERS)
def a_range(x, w):
    return sum(w.sum() for _ in range(x.argmax()))  # here


@refused(NUMBERS)
def detached(x, w):
    return w.sum() * float(w.sum().detach().data)  # here


@refused(NUMBERS)
def formatted(x, w):
    print(f"{w.sum():.3f}")  # here
    return w.sum()


@refused(NUMBERS)
def formatted_symbol(x, w):
    print(f"{x.sum():.3f}")  # here
    return w.sum()


@refused(NUMBERS)
def assigned_data(x, w):
    w.data = w.data * 2  # here
    return w.sum()


SHAPE = r"depends on the numbers.*np\.where\(mask, x, 0\), which keep the shape, or choose outside"


@refused(r"the shape of x\[mask\] " + SHAPE)
def symbol_by_mask(x, w):
    return w.sum() * x[x > 0].sum()  # here


@refused(r"the shape of x\[mask\] " + SHAPE)
def value_by_mask(x, w):
    return w[w > 0].sum()  # here


@refused(r"the shape of x\[mask\] " + SHAPE)
def value_by_mask_of_a_symbol(x, w):
    return w[x > 0].sum()  # here


@refused(r"np\.nonzero " + SHAPE)
def nonzero(x, w):
    return w[np.nonzero(x)].sum()  # here


@refused(r"np\.nonzero " + SHAPE)
def nonzero_method(x, w):
    return w[x.nonzero()].sum()  # here


@refused(r"np\.where " + SHAPE)
def where_alone(x, w):
    return w[np.where(x > 0)].sum()  # here


@refused(r"np\.flatnonzero " + SHAPE)
def flatnonzero(x, w):
    return w[np.flatnonzero(x)].sum()  # here


@refused(r"np\.argwhere " + SHAPE)
def argwhere(x, w):
    return w[np.argwhere(x)[:, 0]].sum()  # here


@refused(r"np\.unique " + SHAPE)
def unique(x, w):
    return w.sum() * np.unique(x).sum()  # here


@refused(r"np\.compress " + SHAPE)
def compress(x, w):
    return w.sum() * np.compress(x > 0, x).sum()  # here


@refused(r"np\.extract " + SHAPE)
def extract(x, w):
    return w.sum() * np.extract(x > 0, x).sum()  # here


@refused(r"np\.repeat " + SHAPE)
def repeat(x, w):
    return w.sum() * np.repeat(x, x.argsort()).sum()  # here


@refused(r"np\.bincount " + SHAPE)
def bincount(x, w):
    return w.sum() * np.bincount(x.argsort()).sum()  # here


@refused(r"np\.setdiff1d " + SHAPE)
def setdiff1d(x, w):
    return w.sum() * np.setdiff1d(x, [1.0]).sum()  # here


WRITES = r"writes into an array.*Write a new array: x = x \+ y"


@refused(WRITES)
def set_item(x, w):
    x[0] = 5.0  # here
    return (x * w).sum()


@refused(WRITES)
def set_item_of_a_slice(x, w):
    x[1:] += 5.0  # here
    return (x * w).sum()


@refused(WRITES)
def add_in_place(x, w):
    x += 1.0  # here
    return (x * w).sum()


@refused(WRITES)
def power_in_place(x, w):
    x **= 2  # here
    return (x * w).sum()


@refused(WRITES)
def shift_in_place(x, w):
    k = x.argsort()
    k <<= 1  # here
    return (k * w).sum()


@refused(WRITES)
def sort_in_place(x, w):
    x.sort()  # here
    return (x * w).sum()


@refused(WRITES)
def fill(x, w):
    x.fill(0.0)  # here
    return (x * w).sum()


@refused(WRITES)
def out(x, w):
    np.exp(x, out=x)  # here
    return (x * w).sum()


@refused(WRITES)
def out_of_an_array_function(x, w):
    np.clip(x, 0.0, 1.0, out=x)  # here
    return (x * w).sum()


@refused(WRITES)
def out_is_a_frozen_array(x, w):
    np.exp(x, out=np.empty(3))  # here
    return (x * w).sum()


@refused(WRITES)
def out_of_a_reduction(x, w):
    np.sum(x, 0, out=np.empty(()))  # here
    return (x * w).sum()


@refused(WRITES)
def add_at(x, w):
    np.add.at(x, [0], 1.0)  # here
    return (x * w).sum()


@refused(WRITES)
def copyto(x, w):
    np.copyto(x, 1.0)  # here
    return (x * w).sum()


@refused(WRITES)
def put(x, w):
    np.put(x, [0], 1.0)  # here
    return (x * w).sum()


@refused(WRITES)
def array_in_place_with_a_symbol(x, w):
    a = np.ones(3)
    a += x  # here
    return (a * w).sum()


@refused(r"np\.array_str returned str.*Compute it outside of the function")
def as_text(x, w):
    return w.sum() * len(np.array_str(x))  # here


@refused(r"np\.fft\.fft returned complex128.*Compute it outside of the function")
def complex_numbers(x, w):
    return w.sum() * np.abs(np.fft.fft(x)).sum()  # here


@pytest.mark.parametrize(("f", "message"), REFUSED, ids=lambda one: getattr(one, "__name__", ""))
def test_a_program_refuses_what_it_cannot_do(f: Any, message: str) -> None:
    w, x = Value([0.5, 1.5, -2.5], name="w"), X.copy()
    w.grad = np.array([1.0, 2.0, 3.0])
    state, grad = STATE.get(), w._grad
    program = compile(lambda x: f(x, w), [w])
    lines, first = inspect.getsourcelines(f)
    line = first + next(i for i, text in enumerate(lines) if "# here" in text)
    with pytest.raises(CannotCompile, match=message) as caught:
        program(x)
    assert f"at {__file__}:{line}. " in str(caught.value)
    # Nothing is left changed.
    assert STATE.get() is state
    assert w._grad is grad
    np.testing.assert_array_equal(w.grad, [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(w.data, [0.5, 1.5, -2.5])
    np.testing.assert_array_equal(x, X)
    assert program.signatures == 0
    with pytest.raises(RuntimeError, match="has not been called yet, so nothing is recorded"):
        _ = program.source
    assert (w * 2).sum().requires_grad  # and eager work goes on


@pytest.mark.parametrize("use", [float, int, np.asarray, math.exp, lambda v: np.array([v])])
def test_a_value_refuses_as_it_does_outside(use: Any) -> None:
    w = Value([1.0])
    with pytest.raises(TypeError, match=r"A Value does not turn into a plain number or array"):
        compile(lambda x: w.sum() * use(w.sum()), [w])(X)
    with pytest.raises(TypeError, match=r"A Value does not turn into a plain number or array"):
        use(w.sum())


def test_a_value_refuses_to_be_written_into() -> None:
    w = Value([1.0])

    def f(x: Any) -> Any:
        w[0] = 1.0
        return w.sum()

    with pytest.raises(TypeError, match=r"change in place.*np\.where to replace elements"):
        compile(f, [w])(X)


# -- gradients and graphs ------------------------------------------------------------------------


@pytest.mark.parametrize("had", [True, False])
def test_backward_inside_is_refused(had: bool) -> None:
    w, other = Value([1.0, 2.0]), Value(3.0)
    if had:
        w.grad, other.grad = [5.0, 6.0], 7.0

    def f(x: Any) -> Any:
        w.zero_grad()
        loss = (w * other).sum()
        loss.backward()  # here
        return loss

    line = inspect.getsourcelines(f)[1] + 3
    message = r"calls backward\(\), at .*Return the loss, and name its parameters.*or grad\(\)"
    with pytest.raises(CannotCompile, match=message) as caught:
        compile(f, [w])(X)
    assert f"at {__file__}:{line}. " in str(caught.value)
    assert (w.has_grad, other.has_grad) == (had, had)
    np.testing.assert_array_equal(w.grad, [5.0, 6.0] if had else [0.0, 0.0])
    np.testing.assert_array_equal(other.grad, 7.0 if had else 0.0)


def test_gradients_are_those_of_before_when_the_function_raises() -> None:
    w = Value([1.0, 2.0])
    w.grad = [5.0, 6.0]

    def f(x: Any) -> Any:
        w.zero_grad()
        raise KeyError("the function's own")

    with pytest.raises(KeyError, match="the function's own"):
        compile(f, [w])(X)
    np.testing.assert_array_equal(w.grad, [5.0, 6.0])


def test_a_node_of_an_outer_graph_is_refused() -> None:
    w = Value([1.0, 2.0])
    outer = w * 2

    def f(x: Any) -> Any:
        return (outer * w).sum()  # here

    line = inspect.getsourcelines(f)[1] + 1
    message = r"uses a Value that multiply made before, at .*Compute it inside.*or detach\(\) it"
    with pytest.raises(CannotCompile, match=message) as caught:
        compile(f, [w])(X)
    assert f"{__file__}:{line}." in str(caught.value)


def test_a_constant_of_an_outer_graph_is_frozen() -> None:
    w = Value([1.0, 2.0])
    with no_grad():
        outer = w * 2
    program = compile(lambda: (outer * w).sum(), [w])
    assert program() == 10.0
    np.testing.assert_array_equal(w.grad, [2.0, 4.0])


def test_the_loss_has_one_element() -> None:
    w = Value([1.0, 2.0])
    with pytest.raises(CannotCompile, match=r"first result has shape \(2,\).*\.mean\(\) or"):
        compile(lambda: w * 2, [w])()
    with pytest.raises(CannotCompile, match=r"first result has shape \(2,\)"):
        compile(lambda: (w * 2, w.sum()), [w])()
    program = compile(lambda: (w * 2).sum(keepdims=True), [w])
    np.testing.assert_array_equal(program(), [6.0])  # one element in any shape will do
    np.testing.assert_array_equal(w.grad, [2.0, 2.0])


@pytest.mark.parametrize("result", [lambda w: 3.0, lambda w: None, lambda w: (), lambda w: "a"])
def test_the_loss_is_a_value(result: Any) -> None:
    w = Value([1.0, 2.0])
    with pytest.raises(CannotCompile, match=r"first result has \w+, but gradients are those of"):
        compile(lambda: result(w), [w])()


@pytest.mark.parametrize(
    "loss",
    [
        lambda w: Value(3.0),
        lambda w: Value(3.0, requires_grad=False) * 2,
        lambda w: w.sum().detach(),
        lambda w: no_grad()(lambda: w.sum())(),
        lambda w: ops.floor(w).sum() * 0 + Value(1.0),
    ],
)
def test_the_loss_depends_on_a_parameter(loss: Any) -> None:
    w = Value([1.0, 2.0])
    with pytest.raises(CannotCompile, match=r"does not depend on any parameter.*no_grad\(\), or"):
        compile(lambda: loss(w), [w])()


@pytest.mark.parametrize(
    "result", [{1, 2}, object(), np.add, b"raw", 1 + 2j, np.random.default_rng(1), np.array(["a"])]
)
def test_a_result_is_made_of_numbers(result: Any) -> None:
    w = Value([1.0, 2.0])
    with pytest.raises(CannotCompile, match=r"the function returned .*Return Values, arrays and"):
        compile(lambda: (w.sum(), result), [w])()


def test_a_results_keys_can_be_written_down() -> None:
    with pytest.raises(CannotCompile, match=r"a dict with the key <ufunc 'add'>.*keys are strings"):
        compile(lambda x: [{np.add: x}])(X)


# -- what compile is given -----------------------------------------------------------------------


@pytest.mark.parametrize("f", [3, None, Value(1.0), "f"])
def test_a_program_is_made_of_a_function(f: Any) -> None:
    with pytest.raises(TypeError, match=r"compile of \w+ .*Pass a function or a module"):
        compile(f)


def test_parameters_are_leaves() -> None:
    w = Value([1.0, 2.0])
    with pytest.raises(TypeError, match=r"parameters holds ndarray .*Pass Values, for example"):
        compile(lambda: w.sum(), [w, X])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"parameters holds a Value that multiply made of shape"):
        compile(lambda: w.sum(), [w * 2])
    with pytest.raises(ValueError, match=r"holds a constant of shape \(2,\).*requires_grad=True"):
        compile(lambda: w.sum(), [Value([1.0, 2.0], requires_grad=False)])
    with pytest.raises(ValueError, match=r"names a Value twice. Pass each once"):
        compile(lambda: w.sum(), [w, w])
    with pytest.raises(TypeError, match=r"parameters is of type Value.*Pass an iterable of Values"):
        compile(lambda: w.sum(), w)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"parameters is of type int.*Pass an iterable of Values"):
        compile(lambda: w.sum(), 3)  # type: ignore[arg-type]


def test_no_parameters_is_a_loss_without_any() -> None:
    with pytest.raises(CannotCompile, match="does not depend on any parameter"):
        compile(lambda x: Value(x).sum(), [])(X)


def test_an_argument_can_be_told_from_others() -> None:
    class Odd:
        __hash__ = None  # type: ignore[assignment]

    program = compile(lambda x, odd: x * 2)
    with pytest.raises(CannotCompile, match=r"argument\[1\] is Odd, which cannot be told from"):
        program(X, Odd())
    with pytest.raises(CannotCompile, match=r"argument\['odd'\] is set, which cannot be told from"):
        program(X, odd={1, 2})


def test_arguments_are_real_numbers() -> None:
    program = compile(lambda x: x * 2)
    with pytest.raises(CannotCompile, match=r"argument\[0\] is an array of complex128.*Pass real"):
        program(np.array([1j]))
    with pytest.raises(CannotCompile, match=r"argument\[0\] is an array of object.*Pass real"):
        program(np.array([None]))


def test_a_program_is_not_called_while_another_is_recorded() -> None:
    inner = compile(lambda x: x * 2)
    inner(X)
    outer = compile(lambda x: inner(x).sum())
    with pytest.raises(CannotCompile, match=r"calls another program.*Call the function that it"):
        outer(X)


def test_a_generator_is_left_as_it_was(rng: np.random.Generator) -> None:
    @op
    def noisy(x: Any, *, rng: Any) -> Any:
        return x + rng.standard_normal(x.shape)

    @noisy.gradient("x")
    def _(g: Any, out: Any, x: Any) -> Any:
        return g

    w, before = Value([1.0, 2.0]), rng.bit_generator.state

    def f(x: Any) -> Any:
        drawn = noisy(w, rng=rng)
        return drawn.sum() if drawn.sum() > 0 else w.sum()

    with pytest.raises(CannotCompile, match="cannot decide"):
        compile(f, [w])(X)
    assert rng.bit_generator.state == before


def test_the_message_names_the_users_line_and_not_ours() -> None:
    with pytest.raises(CannotCompile, match=re.escape(__file__)):
        compile(lambda x: float(np.mean(x) + 1))(X)
