"""What does a call of a program change, and what does it leave alone?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import (
    Value,
    compile,
    detect_anomaly,
    grad,
    gradients,
    hvp,
    no_grad,
    op,
    ops,
    scope,
)

X = np.array([[1.0, -2.0, 3.0], [0.5, 0.25, -1.0]])


def parameters(dtype: Any = np.float64) -> tuple[Value, Value]:
    w = Value([[0.5, -1.0], [1.5, 2.0], [-0.25, 0.75]], name="w", dtype=dtype)
    return w, Value([0.1, -0.2], name="b", dtype=dtype)


def network(x: Any, w: Value, b: Value) -> Any:
    return (np.tanh(x @ w + b) ** 2).mean()


def eager(loss: Any, leaves: Any) -> tuple[Any, list[Any]]:
    """A loss, and its gradients, which leave no trace."""
    return loss.data.copy(), gradients(loss, leaves)


# -- gradients -----------------------------------------------------------------------------------


def test_gradients_are_set_and_not_added() -> None:
    w, b = parameters()
    program = compile(lambda x: network(x, w, b), [w, b])
    w.grad, b.grad = np.full((3, 2), 100.0), np.full(2, 100.0)
    for x in (X, X, X + 1):
        loss, right = eager(network(x, w, b), [w, b])
        np.testing.assert_allclose(program(x), loss, rtol=1e-14)
        for one, g in zip((w, b), right, strict=True):
            np.testing.assert_allclose(one.grad, g, rtol=1e-12, atol=1e-15)
            assert one.has_grad


def test_gradients_are_written_into_the_array_that_the_leaf_owns() -> None:
    w, b = parameters()
    w.grad = np.zeros((3, 2))
    owned = w._grad
    program = compile(lambda x: network(x, w, b), [w, b])
    program(X)
    assert w._grad is owned
    mine = b._grad
    program(X)
    assert (w._grad is owned, b._grad is mine) == (True, True)
    w.zero_grad()
    program(X)
    assert w.has_grad
    np.testing.assert_allclose(w.grad, eager(network(X, w, b), [w])[1][0], rtol=1e-12)


def test_a_gradient_that_is_not_to_be_written_into_is_replaced() -> None:
    w, b = parameters()
    program = compile(lambda x: network(x, w, b), [w, b])
    right = eager(network(X, w, b), [w, b])[1]
    wide = np.zeros((3, 4))
    for odd in (wide[:, ::2], np.broadcast_to(0.0, (3, 2)), np.zeros((3, 2), np.float32)):
        w._grad = odd
        program(X)
        np.testing.assert_allclose(w.grad, right[0], rtol=1e-12)
        assert w.grad.dtype == np.float64
    assert not wide.any()


def test_backward_adds_to_what_a_program_set() -> None:
    w, b = parameters()
    program = compile(lambda x: network(x, w, b), [w, b])
    program(X)
    network(X, w, b).backward()
    np.testing.assert_allclose(w.grad, 2 * eager(network(X, w, b), [w])[1][0], rtol=1e-12)
    program(X)
    np.testing.assert_allclose(w.grad, eager(network(X, w, b), [w])[1][0], rtol=1e-12)


def test_only_parameters_receive_a_gradient() -> None:
    w, b = parameters()
    program = compile(lambda x: network(x, w, b), [b])
    for _ in range(3):
        program(X)
    assert (w.has_grad, b.has_grad) == (False, True)
    assert "d_w" not in program.source


def test_a_parameter_that_is_not_used_has_a_gradient_of_zeros() -> None:
    (w, b), unused = parameters(), Value([1.0, 2.0], name="unused")
    unused.grad = [5.0, 5.0]
    program = compile(lambda x: network(x, w, b), [w, unused, b])
    for _ in range(3):
        program(X)
        np.testing.assert_array_equal(unused.grad, [0.0, 0.0])
    assert unused.has_grad


def test_a_parameter_that_was_frozen_since_is_refused() -> None:
    w, b = parameters()
    program = compile(lambda x: network(x, w, b), [w, b])
    program(X)
    b.requires_grad = False
    b.zero_grad()
    with pytest.raises(RuntimeError, match=r"parameter 'b' of shape \(2,\) was frozen after"):
        program(X)


def test_no_two_leaves_share_memory() -> None:
    a, b = Value([1.0, 2.0]), Value([3.0, 4.0])
    program = compile(lambda x: ((a + b) * x).sum(), [a, b])  # both have the gradient x
    x = np.array([5.0, 6.0])
    for _ in range(3):
        program(x)
        assert not np.shares_memory(a.grad, b.grad)
        assert not np.shares_memory(a.grad, x)
    a._grad[0] = 77.0
    np.testing.assert_array_equal(b.grad, [5.0, 6.0])
    np.testing.assert_array_equal(x, [5.0, 6.0])


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [
        (lambda w, x: (w * x).sum(), lambda x: x),  # an argument
        (lambda w, x: (w * x.T.copy().T).sum(), lambda x: x),
        (lambda w, x: (w.T * x.T).sum(), lambda x: x),  # a view of one
        (lambda w, x: (w.reshape(-1) * x[::-1].reshape(-1)).sum(), lambda x: x[::-1]),
        (lambda w, x: w.sum() + (x * 0).sum(), np.ones_like),  # a constant
        (lambda w, x: (w * 3).sum(), lambda x: 3 * np.ones_like(x)),
        (lambda w, x: w[1].sum(), lambda x: np.array([[0.0] * 3, [1.0] * 3])),
        (lambda w, x: (w - w).sum() + (x * w).sum() - (w * x).sum(), np.zeros_like),
    ],
)
def test_a_gradient_that_nothing_computes(loss: Any, gradient: Any) -> None:
    w = Value(X * 2, name="w")
    program = compile(lambda x: loss(w, x), [w])
    for x in (X.copy(), X + 1, X * 3):
        given = x.copy()
        program(x)
        np.testing.assert_array_equal(w.grad, gradient(x))
        w._grad[:] = 1e9
        np.testing.assert_array_equal(x, given)


def test_one_parameter_is_the_gradient_of_another() -> None:
    a, b = Value([1.0, 2.0]), Value([3.0, 4.0])
    program = compile(lambda: (a * b).sum(), [a, b])
    for _ in range(3):
        program()
        np.testing.assert_array_equal(a.grad, b.data)
        np.testing.assert_array_equal(b.grad, a.data)
        assert not np.shares_memory(a.grad, b.data)
        b.data = b.data + 1


def test_parameters_that_are_used_often() -> None:
    w, b = parameters()

    def f(x: Any) -> Any:
        h = x
        for _ in range(4):
            h = np.tanh(h @ w + b) @ w.T
        return (h * h).sum() + (w * w).sum()

    program = compile(f, [w, b])
    for x in (X, X + 1, X * 2):
        loss, right = eager(f(x), [w, b])
        np.testing.assert_allclose(program(x), loss, rtol=1e-13)
        for one, g in zip((w, b), right, strict=True):
            np.testing.assert_allclose(one.grad, g, rtol=1e-11)


# -- results are fresh ---------------------------------------------------------------------------


def test_results_are_fresh(rng: np.random.Generator) -> None:
    w = Value(rng.normal(size=(3, 3)), name="w")
    frozen = rng.normal(size=(3, 3))

    def f(x: Any) -> Any:
        y = x @ w
        z = np.exp(y)
        inner = (y.T, y[1:], y.reshape(9), np.broadcast_to(y[0], (3, 3)), y, y)
        given = (x, x.T, x[0], x.reshape(-1), w, w.T, w[1], frozen, frozen.T, frozen[0])
        return z.sum(), z, z + y, inner, given, np.ones((3, 3)), z[0, 0], (z + y) * 2

    program = compile(f, [w])
    before = None
    for factor in (1.0, 2.0, 3.0):
        x = rng.normal(size=(3, 3)) * factor
        out = [*flattened(program(x))]
        right = [*flattened(f(x))]
        for one, other in zip(out, right, strict=True):
            np.testing.assert_allclose(one, other.data if isinstance(other, Value) else other)
            for fixed in (x, w.data, w.grad, frozen):
                assert not np.shares_memory(one, fixed)
        arrays = [one for one in out if isinstance(one, np.ndarray)]
        for i, one in enumerate(arrays):
            assert not any(np.shares_memory(one, other) for other in arrays[:i])
            assert one.flags.writeable
        if before is not None:  # what a call returned is not touched by the next
            for one, copy in before:
                np.testing.assert_array_equal(one, copy)
                assert not any(np.shares_memory(one, other) for other in arrays)
        for one in arrays:
            one += 1.0  # and it may be written into
        before = [(one, one.copy()) for one in arrays]
    np.testing.assert_allclose(program(x)[1], np.exp(x @ w.data))


def flattened(out: Any) -> Any:
    for one in out:
        if isinstance(one, tuple):
            yield from flattened(one)
        else:
            yield one


# -- parameters and Values -----------------------------------------------------------------------


def test_parameters_are_read_at_each_call() -> None:
    w, b = parameters()
    c = Value([3.0, 4.0], requires_grad=False)
    program = compile(lambda x: network(x, w, b) + (b * c).sum(), [w, b])
    changes = [
        lambda: None,
        lambda: setattr(w, "data", w.data * 2),
        lambda: w.data.__imul__(0.5),
        lambda: setattr(b, "data", np.array([5.0, 6.0])),
        lambda: setattr(c, "data", np.array([-1.0, 1.0])),
        lambda: w.data.__setitem__(0, 9.0),
    ]
    for change in changes:
        change()
        loss, right = eager(network(X, w, b) + (b * c).sum(), [w, b])
        np.testing.assert_allclose(program(X), loss, rtol=1e-14)
        np.testing.assert_allclose(w.grad, right[0], rtol=1e-12)
        np.testing.assert_allclose(b.grad, right[1], rtol=1e-12)


def test_recording_leaves_every_value_untouched() -> None:
    w, b = parameters()
    c = Value([3.0, 4.0], requires_grad=False)
    outer = (w * 2).sum()
    attributes = [name for name in Value.__slots__ if name != "__weakref__"]

    def all_of() -> list[Any]:
        return [
            getattr(one, name, None)
            for one in (w, b, c, outer)
            for name in attributes
            if one is c or one is outer or name not in ("_grad", "has_grad")
        ]

    before = all_of()
    program = compile(lambda x: network(x, w, b) + (b * c).sum(), [w, b])
    for _ in range(2):
        program(X)
        for one, other in zip(all_of(), before, strict=True):
            assert one is other
    outer.backward()  # and so older graphs are not stale
    np.testing.assert_allclose(w.grad - 2, eager(network(X, w, b), [w])[1][0], rtol=1e-12)


def test_names_given_inside_stay_inside() -> None:
    w, b = parameters()

    def f(x: Any) -> Any:
        h = x @ w
        h.name = "hidden"
        return (h * b).sum()

    program = compile(f, [w, b])
    program(X)
    assert "hidden = np.empty((2, 2))" in program.source
    assert (w.name, b.name) == ("w", "b")


def test_a_program_in_any_mode() -> None:
    w, b = parameters()
    program = compile(lambda x: network(x, w, b), [w, b])
    right = eager(network(X, w, b), [w])[1][0]
    for mode in (no_grad(), detect_anomaly(), scope("outer"), no_grad()):
        with mode:
            program(X)
            np.testing.assert_allclose(w.grad, right, rtol=1e-12)
    assert "outer" not in program.source


# -- dtypes and odd numbers ----------------------------------------------------------------------


def test_float32_stays_float32() -> None:
    w, b = parameters(np.float32)
    program = compile(lambda x, a: (network(x, w, b) * a, np.tanh(x @ w), x * 0.5), [w, b])
    for x in (X, X + 1, X * 2):
        out = program(x.astype(np.float32), 0.3)
        assert [one.dtype for one in out] == [np.float32] * 3
        assert (w.grad.dtype, b.grad.dtype) == (np.float32, np.float32)
        loss, right = eager(network(x.astype(np.float32), w, b) * 0.3, [w])
        np.testing.assert_allclose(out[0], loss, rtol=1e-5)
        np.testing.assert_allclose(w.grad, right[0], rtol=1e-4)
    assert "float64" not in program.source.replace("a         float64 ()", "").split('"""')[2]


def test_mixed_dtypes() -> None:
    w, b = parameters(np.float32)[0], parameters()[1]
    program = compile(lambda x: network(x, w, b), [w, b])
    for x in (X, X + 1, X.astype(np.float32)):
        loss, right = eager(network(x, w, b), [w, b])
        out = program(x)
        assert out.dtype == loss.dtype
        np.testing.assert_allclose(out, loss, rtol=1e-6)
        for one, g in zip((w, b), right, strict=True):
            assert one.grad.dtype == g.dtype
            np.testing.assert_allclose(one.grad, g, rtol=1e-5)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_odd_numbers_come_out_as_they_do_eagerly() -> None:
    w = Value([1.0, 0.0, -0.0, np.inf, -np.inf, np.nan, 1e308, 5e-324], name="w")
    x = np.array([0.0, np.inf, 1.0, -1.0, np.inf, 1.0, 1e308, 0.5])

    def f(x: Any) -> Any:
        y = w * x + 0.0
        z = np.maximum(y, 0.0) - np.exp(w) / x
        return (z * 1.0).sum(), y, z, w - w, w * 0.0, y / y, np.sqrt(w), w / 1.0, 0.0 - w, w - 0.0

    program = compile(f, [w])
    for given in (x, x, x[::-1].copy()):
        out, right = program(given), f(given)
        for one, other in zip(out, right, strict=True):
            np.testing.assert_array_equal(one, other.data)
            np.testing.assert_array_equal(np.signbit(one), np.signbit(other.data))
        np.testing.assert_array_equal(w.grad, gradients(right[0], [w])[0])


# -- what a function may do inside ---------------------------------------------------------------


def test_no_grad_inside() -> None:
    w, b = parameters()

    def f(x: Any) -> Any:
        with no_grad():
            scale = (w * w).sum()
        return network(x, w, b) / scale + (w.detach() * 2).sum()

    program = compile(f, [w, b])
    for x in (X, X + 1, X * 2):
        loss, right = eager(f(x), [w, b])
        np.testing.assert_allclose(program(x), loss, rtol=1e-14)
        np.testing.assert_allclose(w.grad, right[0], rtol=1e-12)
        w.data = w.data + 0.1


def test_scopes_are_in_the_source() -> None:
    w, b = parameters()

    def f(x: Any) -> Any:
        with scope("layers"), scope("0"):
            h = x @ w
        with scope("head"):
            return (h * b).sum()

    program = compile(f, [w, b])
    program(X)
    assert "# layers.0: matmul" in program.source
    assert "# head: multiply" in program.source
    assert "# layers.0: rule of matmul for b" in program.source


def higher_orders() -> list[Any]:
    def of_grad(w: Value, x: Any) -> Any:
        return (grad(lambda v: (np.tanh(v) * w[0, 0]).sum())(Value(x)) ** 2).sum()

    def of_grad_of_grad(w: Value, x: Any) -> Any:
        inner = grad(lambda v: (grad(lambda u: (np.sin(u) * u).sum())(v) * w[0]).sum())
        return (inner(Value(x[0, :2])) ** 2).sum()

    def of_gradients(w: Value, x: Any) -> Any:
        loss = (np.tanh(x @ w) ** 2).sum()
        (g,) = gradients(loss, [w], create_graph=True)
        return loss + 0.1 * (g * g).sum()

    def of_hvp(w: Value, x: Any) -> Any:
        out = hvp(lambda v: (np.tanh(v @ w) ** 3).sum(), Value(x), np.ones_like(x))
        return (out * out).sum()

    def of_plain_gradients(w: Value, x: Any) -> Any:
        loss = (np.tanh(x @ w) ** 2).sum()
        (g,) = gradients(loss, [w])  # arrays: constants of the loss
        return (w * g).sum()

    return [of_grad, of_grad_of_grad, of_gradients, of_hvp, of_plain_gradients]


@pytest.mark.parametrize("f", higher_orders(), ids=lambda f: f.__name__)
def test_higher_orders_inside(f: Any) -> None:
    w, _ = parameters()
    program = compile(lambda x: f(w, x), [w])
    for x in (X, X + 0.5, X * 2):
        loss, right = eager(f(w, x), [w])
        np.testing.assert_allclose(program(x), loss, rtol=1e-12)
        np.testing.assert_allclose(w.grad, right[0], rtol=1e-10, atol=1e-13)


def test_a_physics_informed_fit(rng: np.random.Generator) -> None:
    """u″ = −u with u(0) = 0, u′(0) = 1 is the sine: a network learns it from the equation alone."""
    leaves = [Value(rng.normal(size=size)) for size in ((1, 16), (16,), (16, 1))]
    w1, b1, w2 = leaves

    def u(t: Any) -> Any:
        return (np.tanh(t @ w1 + b1) @ w2)[:, 0]

    slope = grad(lambda t: u(t).sum())
    curvature = grad(lambda t: slope(t).sum())

    def loss(t: Any) -> Any:
        t, start = Value(t), Value([[0.0]])  # from Values, transforms give Values
        equation = ((curvature(t)[:, 0] + u(t)) ** 2).mean()
        return equation + (u(start) ** 2).sum() + ((slope(start) - 1.0) ** 2).sum()

    t = np.linspace(0, 1.5, 12)[:, None]
    program = compile(loss, leaves)
    first = program(t)
    for _ in range(3):
        right = eager(loss(t), leaves)
        np.testing.assert_allclose(program(t), right[0], rtol=1e-11)
        for one, g in zip(leaves, right[1], strict=True):
            np.testing.assert_allclose(one.grad, g, rtol=1e-8, atol=1e-11)
    moments = [np.zeros(one.shape) for one in leaves]
    for _ in range(800):
        last = program(t)
        for one, moment in zip(leaves, moments, strict=True):
            moment *= 0.9
            moment += one.grad
            one.data = one.data - 0.01 * moment
    assert last < 1e-2 * first
    np.testing.assert_allclose(u(t).data, np.sin(t[:, 0]), atol=0.05)


def test_an_opaque_op_is_called_as_it_is() -> None:
    calls = []

    @op(opaque=True)
    def outside(x: Any) -> Any:
        assert type(x) is np.ndarray
        calls.append(x)
        return np.array([sum(row) for row in x.tolist()])

    @outside.gradient("x")
    def _(g: Any, out: Any, x: Any) -> Any:
        return np.broadcast_to(g[:, None], x.shape)

    w = Value(X, name="w")
    program = compile(lambda x: (outside(w * x) ** 2).sum(), [w])
    for x in (X, X + 1, X * 2):
        before = len(calls)
        loss, right = eager((outside(w * x) ** 2).sum(), [w])
        np.testing.assert_allclose(program(x), loss)
        np.testing.assert_allclose(w.grad, right[0])
        assert len(calls) > before
    before = len(calls)
    program(X)
    assert len(calls) == before + 1  # once forward


def test_an_opaque_op_whose_rule_is_opaque_too() -> None:
    @op(opaque=True)
    def halved(x: Any) -> Any:
        return np.array([one / 2 for one in x.tolist()])

    @halved.gradient("x")
    def _(g: Any, out: Any, x: Any) -> Any:
        return halved(g)

    w = Value([1.0, 2.0])
    program = compile(lambda: (halved(w) ** 2).sum(), [w])
    for _ in range(3):
        assert program() == 1.25
        np.testing.assert_array_equal(w.grad, [0.5, 1.0])


def test_several_results_of_one_op(rng: np.random.Generator) -> None:
    w = Value(rng.normal(size=(3, 3)), name="w")

    def f(x: Any) -> Any:
        s = w @ w.T + x
        values, vectors = np.linalg.eigh(s)
        u, singular, vt = np.linalg.svd(w)
        sign, logdet = np.linalg.slogdet(s)
        loss = (values**2).sum() + (vectors[:, 0] ** 2 * values).sum() + logdet
        return loss + (singular**3).sum() + u[0, 0] * vt[0, 0], values, singular, sign

    program = compile(f, [w])
    for _ in range(3):
        x = np.eye(3) * rng.uniform(1, 2)
        out, right = program(x), f(x)
        for one, other in zip(out, right, strict=True):
            np.testing.assert_allclose(one, getattr(other, "data", other), rtol=1e-10)
        np.testing.assert_allclose(w.grad, gradients(right[0], [w])[0], rtol=1e-7, atol=1e-10)


def test_symbols_are_for_numpy_what_arrays_are() -> None:
    """Methods, attributes and operators of a plain argument."""

    def f(x: Any) -> Any:
        a, b = x
        rows = [row * 2 for row in x]
        text = f"{x.shape} {x.ndim} {x.size} {len(x)} {x.dtype} {x.nbytes}"
        made = np.zeros_like(x) + np.ones_like(x) + np.full_like(x, 2.0)
        made = made + np.zeros(x.shape, x.dtype) + np.arange(x.size).reshape(x.shape)
        return (
            *(a, b, *rows, text, made, x.T, x.mT, x.sum(0), x.mean(), x.max(1), x.std(), x.var(0)),
            *(x.reshape(3, 2), x.reshape(-1), x.ravel(), x.flatten(), x.transpose(1, 0), x.copy()),
            *(x.clip(0, 1), x.round(), x.argmax(), x.argsort(1), x.cumsum(), x.any(), x.all(1)),
            *(x.astype(np.float32), x.swapaxes(0, 1), x.squeeze(), x.repeat(2, 1), x.take([0], 1)),
            *(x[..., None], x[:, ::-1], x[0, 1], x[[1, 0]], x @ x.T, abs(x), -x, +x, x // 2, x % 2),
            *(2.0**x, 1 / x, 1 - x, x == x, x != 1, ~(x > 0), (x > 0) & (x < 1), divmod(x, 2.0)),
            *(np.prod(x), x.dot(x.T), np.diagonal(x), np.trace(x), x.min(), x.prod(0), x.cumprod()),
        )

    program = compile(f)
    for x in (X, X + 0.5, X * 2):
        for one, right in zip(flattened(program(x)), flattened(f(x)), strict=True):
            if isinstance(right, str):
                assert one == right
            else:
                np.testing.assert_array_equal(one, right)
                assert one.dtype == right.dtype


VIEWS = {
    "flip": np.flip,
    "flip 1": lambda x: np.flip(x, 1),
    "flip both": lambda x: np.flip(x, (0, -1)),
    "fliplr": np.fliplr,
    "rot90": np.rot90,
    "rollaxis": lambda x: np.rollaxis(x, 1),
    "diagonal": lambda x: np.diagonal(x) + np.zeros((2, 1)),
    "real": np.real,
    "split": lambda x: np.split(x, 2)[1],
    "hsplit": lambda x: np.hsplit(x, 3)[2],
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, x[0])[1],
    "atleast_3d": lambda x: np.atleast_3d(x)[:, :, 0],
    "unstack": lambda x: np.stack([*x][::-1]),
    "reshape F": lambda x: x.reshape(3, 2, order="F"),
    "reshape F 1": lambda x: np.reshape(x, -1, order="F").reshape(3, 2),
    "reshape C": lambda x: np.reshape(x, (3, 2), "C"),
    "ravel F": lambda x: x.ravel("F"),
    "ravel": lambda x: np.ravel(x, order="C"),
    "flatten F": lambda x: x.flatten("F"),
    "expand": lambda x: np.expand_dims(x, (0, -1)),
    "moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "matrix_transpose": np.matrix_transpose,
    "permute": lambda x: np.permute_dims(x, (1, 0)),
    "windows": lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=1),
}


@pytest.mark.parametrize("name", VIEWS)
def test_what_shows_an_array_outlives_it(name: str) -> None:
    """A result that shares memory with a buffer must not change when the buffer serves again."""

    def f(x: Any) -> Any:
        shown = VIEWS[name](np.tanh(x))  # of a buffer whose name is never used again
        others = [np.exp(x * i) * i for i in range(3)]  # of which some take its place
        return shown * 2.0, sum(others), shown

    program = compile(f)
    for x in (X, X + 0.5, X * 2):
        for one, right in zip(program(x), f(x), strict=True):
            np.testing.assert_allclose(one, right, rtol=1e-14)


def test_an_opaque_op_that_returns_what_it_got() -> None:
    @op(opaque=True, constant="x")
    def passed_on(x: Any) -> Any:
        return x.T

    program = compile(lambda x: passed_on(Value(np.tanh(x))) + np.exp(x.T) * np.sin(x.T))
    for x in (X, X + 0.5, X * 2):
        np.testing.assert_allclose(program(x), np.tanh(x.T) + np.exp(x.T) * np.sin(x.T))


def test_an_index_of_the_arguments() -> None:
    w, _ = parameters()
    program = compile(lambda i, x: (w[i] * x[np.arange(2), i][:, None]).sum(), [w])
    for i in (np.array([0, 1]), np.array([2, 2]), np.array([-1, 0])):
        loss, right = eager((w[i] * X[np.arange(2), i][:, None]).sum(), [w])
        np.testing.assert_allclose(program(i, X), loss)
        np.testing.assert_allclose(w.grad, right[0])


@pytest.mark.parametrize(
    "look_up",
    [
        lambda table, i: Value(table)[i],
        lambda table, i: Value(np.outer(table, table))[i, i],
        lambda table, i: ops.take(table, i),
        lambda table, i: ops.take_along_axis(table, i),
    ],
    ids=["value", "two_indices", "take", "take_along_axis"],
)
def test_an_argument_looks_numbers_up_in_a_table(look_up: Any) -> None:
    """The table is a plain array of the function's, which cannot be asked about a symbol."""
    table, w = np.array([1.0, 4.0, 9.0]), Value([2.0, 3.0], "w")

    def f(i: Any) -> Any:
        return (w * look_up(table, i)).sum()

    program = compile(f, [w])
    for i in (np.array([0, 1]), np.array([2, 2]), np.array([1, 0])):
        loss, right = eager(f(i), [w])
        np.testing.assert_allclose(program(i), loss)
        np.testing.assert_allclose(w.grad, right[0])


def test_deep_functions(rng: np.random.Generator) -> None:
    w = Value(rng.normal(size=(4, 4)) / 4)

    def f(x: Any) -> Any:
        for _ in range(700):
            x = np.tanh(x @ w) + x
        return x.mean()

    program, x = compile(f, [w]), rng.normal(size=(2, 4))
    for _ in range(3):
        loss, right = eager(f(x), [w])
        np.testing.assert_allclose(program(x), loss, rtol=1e-9)
        np.testing.assert_allclose(w.grad, right[0], rtol=1e-7, atol=1e-9)


def test_ops_by_name_and_as_methods() -> None:
    w, b = parameters()
    program = compile(lambda x: (x @ w).softmax(1).log().sum() + ops.logsumexp(b), [w, b])
    for x in (X, X + 1, X * 2):
        loss, right = eager((x @ w).softmax(1).log().sum() + ops.logsumexp(b), [w, b])
        np.testing.assert_allclose(program(x), loss, rtol=1e-12)
        np.testing.assert_allclose(w.grad, right[0], rtol=1e-10, atol=1e-13)
