"""The contract of a Value, statement by statement."""

from __future__ import annotations

import asyncio
import copy
import gc
import math
import pickle
import threading
import weakref
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, gradients, no_grad, op, ops, scope

# -- making one -------------------------------------------------------------------------------


def test_data_are_copied() -> None:
    array = np.array([1.0, 2.0])
    v = Value(array)
    array[0] = 9.0
    np.testing.assert_array_equal(v.data, [1.0, 2.0])


@pytest.mark.parametrize(
    "data", [1, True, 2.5, [1, 2], [[True], [False]], np.int8(3), np.arange(3, dtype=np.uint16), ()]
)
def test_numbers_integers_and_booleans_become_float64(data: Any) -> None:
    v = Value(data)
    assert v.dtype == v.data.dtype == v.grad.dtype == np.float64
    np.testing.assert_array_equal(v.data, np.asarray(data, dtype=np.float64), strict=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0)])
def test_float32_and_float64_stay_what_they_are(dtype: type, shape: tuple[int, ...]) -> None:
    v = Value(np.ones(shape, dtype))
    out = (v * 2 + 1).sum()
    out.backward()
    assert v.dtype == out.dtype == v.grad.dtype == out.grad.dtype == dtype
    assert v.shape == v.grad.shape == v.data.shape == shape


def test_dtype_can_be_chosen() -> None:
    assert Value([1, 2], dtype=np.float32).dtype == np.float32
    assert Value(np.float32(1), dtype="float64").dtype == np.float64


@pytest.mark.parametrize(
    ("data", "dtype", "told"),
    [
        (np.float16(1), None, "float16 as float16"),
        (np.longdouble(1), None, "(longdouble|float128)"),
        (1j, None, "complex128"),
        (1j, np.float64, "complex128 as float64"),
        ("1", None, "<U1"),
        (None, None, "object"),
        ([1.0, None], None, "object"),
        (np.array([object()]), None, "object"),
        (1.0, int, "float64 as int64"),
        (np.datetime64(0, "s"), None, "datetime64"),
    ],
)
def test_other_data_are_refused(data: Any, dtype: Any, told: str) -> None:
    with pytest.raises(TypeError, match=f"{told}.*Pass real numbers: float64, float32"):
        Value(data, dtype=dtype)


def test_a_value_of_a_value_is_refused() -> None:
    with pytest.raises(TypeError, match=r"detach\(\)"):
        Value(Value(1.0))
    with pytest.raises(TypeError, match=r"ops\.stack"):
        Value([Value(1.0), Value(2.0)])


def test_what_a_leaf_tells() -> None:
    v = Value([[1.0, 2.0, 3.0]], "x")
    assert (v.name, v.shape, v.ndim, v.size) == ("x", (1, 3), 2, 3)
    assert v.op is None
    assert v.parents == v.inputs == ()
    assert v.settings == {}
    assert v.scope == ""
    assert v.requires_grad
    assert v.call is v
    v.name = "y"
    assert v.name == "y"


def test_what_a_node_tells() -> None:
    x = Value([[1.0, 2.0]])
    constant = np.array([3.0, 4.0])
    product, total = x * constant, x.sum(axis=1)
    assert product.op is ops.multiply.op
    assert product.op.label == "*"
    assert product.parents[0] is x
    assert product.parents[1] is None
    np.testing.assert_array_equal(product.inputs[1], constant)
    assert total.op.name == total.op.label == "sum"
    assert total.settings == {"axis": 1, "keepdims": False}
    assert product.T.shape == (2, 1)


# -- data -------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [2.0, [1.0, 2.0]])
def test_data_is_the_same_array_each_time(data: Any) -> None:
    leaf = Value(data)
    node = leaf * 2
    for v in (leaf, node):
        assert type(v.data) is np.ndarray
        assert v.data is v.data


@pytest.mark.parametrize("data", [2.0, [1.0, 2.0]])
def test_assigning_data_copies_into_the_same_array(data: Any) -> None:
    v = Value(data, dtype=np.float32)
    before = v.data
    new = np.asarray(data) * 3
    v.data = new
    assert v.data is before
    assert v.dtype == np.float32
    np.testing.assert_array_equal(v.data, new)
    assert not np.shares_memory(v.data, new)


@pytest.mark.parametrize("data", [2.0, [1.0, 2.0]])
def test_data_in_place_gives_the_value_its_own_array_back(data: Any) -> None:
    v = Value(data)
    before = v.data
    v.data -= 0.5
    v.data *= 2
    assert v.data is before
    np.testing.assert_array_equal(v.data, (np.asarray(data) - 0.5) * 2)


def test_data_of_another_shape_are_refused() -> None:
    v = Value([1.0, 2.0])
    for new in (1.0, [[1.0, 2.0]], [1.0, 2.0, 3.0]):
        with pytest.raises(ValueError, match=r"data= has shape .* Pass an array of shape \(2,\)"):
            v.data = new  # type: ignore[assignment]
    np.testing.assert_array_equal(v.data, [1.0, 2.0])


@pytest.mark.parametrize("data", [2.0, [1.0, 2.0]])
def test_data_of_a_node_are_read_only(data: Any) -> None:
    node = Value(data) * 2
    with pytest.raises(ValueError, match="read-only"):
        node.data[...] = 0.0
    with pytest.raises(ValueError, match=r"data= on what multiply made.*detach\(\)"):
        node.data = data


def test_a_view_of_a_leaf_does_not_open_it() -> None:
    leaf = Value([[1.0, 2.0]])
    with pytest.raises(ValueError, match="read-only"):
        leaf.T.data[...] = 0.0
    leaf.data[...] = 5.0  # while its own array stays writable
    np.testing.assert_array_equal(leaf.data, [[5.0, 5.0]])


def test_an_op_that_returns_its_operand_leaves_the_leaf_writable() -> None:
    same = op(lambda x: x, name="same")
    same.gradient("x")(lambda g, out, x: g)
    leaf = Value([1.0, 2.0])
    node = same(leaf)
    with pytest.raises(ValueError, match="read-only"):
        node.data[0] = 5.0
    leaf.data[0] = 5.0
    leaf.data -= 1.0
    np.testing.assert_array_equal(leaf.data, [4.0, 1.0])


# -- stale values -----------------------------------------------------------------------------


def test_assigning_to_an_operand_refuses_its_older_use() -> None:
    x, w = Value([1.0, 2.0]), Value([3.0, 4.0], name="w")
    y = (x * w).sum()
    w.data = [30.0, 40.0]  # type: ignore[assignment]
    with pytest.raises(RuntimeError, match=r"multiply used w .*changed since.*again"):
        y.backward()


def test_assigning_to_an_operand_refuses_also_the_gradient_of_the_other() -> None:
    x, w = Value([1.0, 2.0]), Value([3.0, 4.0], name="w")
    y = (x * w).sum()
    w.data = [30.0, 40.0]  # type: ignore[assignment]
    with pytest.raises(RuntimeError, match="multiply used w "):
        gradients(y, [x])


def test_assigning_to_a_constant_refuses_its_older_use() -> None:
    x, c = Value([1.0, 2.0]), Value([3.0, 4.0], name="c", requires_grad=False)
    y = (x * c).sum()
    c.data = [30.0, 40.0]  # type: ignore[assignment]
    with pytest.raises(RuntimeError, match="multiply used c "):
        y.backward()


@pytest.mark.parametrize("data", [3.0, [3.0, 4.0]])
def test_touch_refuses_the_older_use(data: Any) -> None:
    x = Value(data)
    y = (x * x).sum()
    x.data[...] = 7.0
    x.touch()
    with pytest.raises(RuntimeError, match="multiply used a Value of shape"):
        y.backward()


def test_another_values_assignment_hides_none() -> None:
    x, other = Value([1.0, 2.0], name="x"), Value(1.0)
    old = (x * x).sum()
    x.data = [3.0, 4.0]  # type: ignore[assignment]
    new = (x * x).sum()
    other.data = 2.0  # type: ignore[assignment]
    new.backward()
    np.testing.assert_array_equal(x.grad, [6.0, 8.0])
    with pytest.raises(RuntimeError, match="multiply used x "):
        old.backward()
    with pytest.raises(RuntimeError, match="multiply used x "):
        (old + (x * x).sum()).backward()


def test_an_assignment_in_another_thread_refuses_the_older_use() -> None:
    x, y = Value([1.0, 2.0], name="x"), Value(1.0)
    y.data = 2.0  # type: ignore[assignment]  # this thread's own assignment is older than the use
    squares = (x * x).sum()
    thread = threading.Thread(target=x.touch)
    thread.start()
    thread.join()
    with pytest.raises(RuntimeError, match="multiply used x "):
        squares.backward()


def test_a_use_after_assigning_is_good() -> None:
    x = Value([1.0, 2.0])
    x.data -= 1.0
    (x * x).sum().backward()
    x.data += 1.0
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad, [2.0, 6.0])


# -- gradient ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (2,), (0, 3)])
def test_grad_is_zeros_before_backward(dtype: type, shape: tuple[int, ...]) -> None:
    v = Value(np.ones(shape, dtype))
    assert not v.has_grad
    np.testing.assert_array_equal(v.grad, np.zeros(shape, dtype), strict=True)
    assert type(v.grad) is np.ndarray
    assert not v.has_grad


def test_a_gradient_that_was_looked_at_is_the_same_array_next_time() -> None:
    """Nobody's write is lost, before the first backward either."""
    v = Value([1.0, 2.0])
    v.grad[0] = 5.0
    np.testing.assert_array_equal(v.grad, [5.0, 0.0])


@pytest.mark.parametrize("data", [2.0, [2.0, 2.0]])
def test_grad_is_the_leafs_own(data: Any) -> None:
    v = Value(data)
    (v * 3).sum().backward()
    v.grad[...] *= 2
    np.testing.assert_array_equal(v.grad, np.full(v.shape, 6.0), strict=True)
    v.grad *= 0.5
    np.testing.assert_array_equal(v.grad, np.full(v.shape, 3.0), strict=True)
    v.grad = np.ones(v.shape)
    np.testing.assert_array_equal(v.grad, np.ones(v.shape), strict=True)


def test_grad_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"grad= has shape \(3,\).*\(2,\)"):
        Value([1.0, 2.0]).grad = np.ones(3)


def test_zero_grad_clears_this_value() -> None:
    x, y = Value(1.0), Value(2.0)
    (x * y).backward()
    x.zero_grad()
    assert (x.has_grad, x.grad.item()) == (False, 0.0)
    assert (y.has_grad, y.grad.item()) == (True, 1.0)


def test_detach_copies_and_forgets_the_graph() -> None:
    x = Value([1.0, 2.0], name="x")
    y = x.detach()
    assert y.op is None
    assert not y.requires_grad
    assert y.name == "x"
    assert not np.shares_memory(x.data, y.data)
    (x * y).sum().backward()
    np.testing.assert_array_equal(x.grad, [1.0, 2.0])
    assert not y.has_grad


# -- constants --------------------------------------------------------------------------------


def counting() -> tuple[Any, list[str]]:
    """A product that keeps a list of the rules that ran."""
    ran: list[str] = []

    @op
    def product(x, y):  # type: ignore[no-untyped-def]
        return x * y

    @product.gradient("x")
    def _(g, out, x, y):  # type: ignore[no-untyped-def]
        ran.append("x")
        return g * y

    @product.gradient("y")
    def _(g, out, x, y):  # type: ignore[no-untyped-def]
        ran.append("y")
        return g * x

    return product, ran


@pytest.mark.parametrize(
    "constant", [2.0, 2, np.float64(2), np.array(2.0), Value(2.0, requires_grad=False)], ids=repr
)
def test_a_constant_costs_no_gradient_work(constant: Any) -> None:
    product, ran = counting()
    x = Value(3.0)
    product(x, constant).backward()
    product(constant, x).backward()
    assert ran == ["x", "y"]
    assert x.grad == 4


def test_a_constant_value_keeps_its_place_among_the_parents() -> None:
    x, c = Value(1.0), Value(2.0, name="c", requires_grad=False)
    assert [p is q for p, q in zip((x * c).parents, (x, c), strict=True)] == [True, True]
    assert [p is q for p, q in zip((c * x).parents, (c, x), strict=True)] == [True, True]


def test_what_is_computed_from_constants_is_a_constant() -> None:
    c = Value(2.0, requires_grad=False)
    assert not (c * 3 + c).requires_grad
    with pytest.raises(ValueError, match=r"backward\(\) on a constant"):
        (c * 3).backward()


# -- modes ------------------------------------------------------------------------------------


def test_no_grad_keeps_no_graph() -> None:
    x = Value([1.0, 2.0])
    with no_grad():
        y = (x * 2).sum()
        z = ops.concatenate([x, x])
    for v in (y, z):
        assert not v.requires_grad
        assert v.parents == v.inputs == ()
    assert (x * 2).requires_grad


def test_a_constant_computed_without_recording_keeps_its_numbers() -> None:
    p = Value([[1.0, 2.0]])
    with no_grad():
        before = p.T
    p.data = [[7.0, 8.0]]  # type: ignore[assignment]
    np.testing.assert_array_equal(before.data, [[1.0], [2.0]])


def test_scope_labels_nodes_and_leaves_and_nests() -> None:
    with scope("layers"), scope("0"):
        leaf = Value(1.0)
        node = leaf * 2
        with scope("relu"):
            inner = node.relu()
    assert [v.scope for v in (leaf, node, inner, leaf * 2)] == ["layers.0"] * 2 + [
        "layers.0.relu",
        "",
    ]


def test_modes_end_with_an_error() -> None:
    x = Value(1.0)
    with pytest.raises(ZeroDivisionError), no_grad(), scope("a"):
        1 / 0  # noqa: B018
    assert (x * 2).requires_grad
    assert (x * 2).scope == ""


def test_one_mode_may_be_entered_within_itself() -> None:
    mode = no_grad()
    x = Value(1.0)
    with mode:
        with mode:
            assert not (x * 2).requires_grad
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_a_mode_decorates_a_function() -> None:
    @no_grad()
    def predict(x: Value) -> Value:
        return x * 2

    x = Value(1.0)
    assert not predict(x).requires_grad
    assert (x * 2).requires_grad


def in_two_threads(work: Any) -> list[Any]:
    """The results of `work(number)`, run by two threads at the same time."""
    results: list[Any] = [None, None]

    def run(number: int) -> None:
        try:
            results[number] = work(number)
        except BaseException as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_each_thread_has_its_own_modes() -> None:
    meet = threading.Barrier(2, timeout=30)
    x = Value(1.0)

    def work(number: int) -> tuple[bool, str]:
        if number == 0:
            with no_grad(), scope("mine"):
                meet.wait()
                y = x * 2
                meet.wait()
        else:
            meet.wait()
            y = x * 2
            meet.wait()
        return y.requires_grad, y.scope

    assert in_two_threads(work) == [(False, "mine"), (True, "")]


def test_a_decorated_function_runs_in_two_threads_at_once() -> None:
    meet = threading.Barrier(2, timeout=30)
    x = Value(1.0)

    @no_grad()
    def predict() -> bool:
        meet.wait()
        y = x * 2
        meet.wait()
        return y.requires_grad

    assert in_two_threads(lambda number: predict()) == [False, False]


def test_each_async_task_has_its_own_modes() -> None:
    x = Value(1.0)

    async def quiet() -> bool:
        with no_grad():
            await asyncio.sleep(0)
            y = x * 2
            await asyncio.sleep(0)
        return y.requires_grad

    async def loud() -> bool:
        await asyncio.sleep(0)
        return (x * 2).requires_grad

    async def both() -> list[bool]:
        return list(await asyncio.gather(quiet(), loud(), quiet()))

    assert asyncio.run(both()) == [False, True, False]


# -- comparisons, hash, truth -----------------------------------------------------------------


@pytest.mark.parametrize(
    "compare",
    [
        lambda a, b: a < b,
        lambda a, b: a <= b,
        lambda a, b: a == b,
        lambda a, b: a != b,
        lambda a, b: a >= b,
        lambda a, b: a > b,
    ],
    ids=["<", "<=", "==", "!=", ">=", ">"],
)
def test_comparisons_are_numpys(compare: Any) -> None:
    a, b = np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])
    for left, right in ((Value(a), Value(b)), (Value(a), b), (a, Value(b)), (Value(a), 2.0)):
        out = compare(left, right)
        assert type(out) is np.ndarray
        expected = compare(a, right.data if isinstance(right, Value) else right)
        np.testing.assert_array_equal(out, expected, strict=True)


def test_a_comparison_of_two_numbers_is_a_boolean() -> None:
    assert bool(Value(1.0) < 2.0) is True
    assert (Value(1.0) == Value(1.0)).dtype == bool


def test_hash_is_identity() -> None:
    x, y = Value(1.0), Value(1.0)
    assert {x: "x", y: "y"}[x] == "x"
    assert len({x, y, x}) == 2


def test_bool_is_numpys() -> None:
    assert Value([[2.0]])
    assert not Value(0.0)
    with pytest.raises(ValueError, match=r"shape \(2,\) is ambiguous.*\.any\(\)"):
        bool(Value([1.0, 2.0]))


def test_len_iteration_and_in_go_over_the_first_axis() -> None:
    v = Value([[1.0, 2.0], [3.0, 4.0]])
    assert len(v) == 2
    assert [row.shape for row in v] == [(2,), (2,)]
    assert 3.0 in v
    assert 5.0 not in v
    for get in (len, iter):
        with pytest.raises(TypeError, match=r"shape \(\).*\.item\(\)"):
            get(Value(1.0))


# -- no quiet way out of the graph ------------------------------------------------------------

ARRAY = np.zeros(2)
V = Value([1.0, 2.0])
S = Value(1.0)

WAYS_OUT: dict[str, Any] = {
    "float(v)": lambda: float(S),
    "int(v)": lambda: int(S),
    "complex(v)": lambda: complex(S),
    "math.exp(v)": lambda: math.exp(S),
    "range(v)": lambda: range(S),
    "np.array([v, w])": lambda: np.array([S, V[0]]),
    "np.array([v, w]) of vectors": lambda: np.array([V, V]),
    "np.array of v and a number": lambda: np.array([1.0, S]),
    "np.array(v)": lambda: np.array(S),
    "np.asarray(v)": lambda: np.asarray(V),
    "np.asarray(v, dtype)": lambda: np.asarray(V, dtype=object),
    "np.float64(v)": lambda: np.float64(S),
    "np.full": lambda: np.full(2, S),
    "np.ascontiguousarray": lambda: np.ascontiguousarray(V),
    "arr[:] = v": lambda: ARRAY.__setitem__(slice(None), V),
    "arr += v": lambda: ARRAY.__iadd__(V),
    "arr.dot(v)": lambda: ARRAY.dot(V),
    "arr[v]": lambda: ARRAY[S],
    "v[0] = 1": lambda: V.__setitem__(0, 1.0),
}


@pytest.mark.parametrize("way", WAYS_OUT.values(), ids=WAYS_OUT.keys())
def test_way_out_of_the_graph_raises(way: Any) -> None:
    with pytest.raises(TypeError) as caught:
        way()
    message = str(caught.value)
    assert "graph would" in message
    assert "be lost" in message
    assert ".data" in message
    assert "v + array" in message
    np.testing.assert_array_equal(ARRAY, [0.0, 0.0])


def test_the_message_names_each_way_to_write_it() -> None:
    with pytest.raises(TypeError) as caught:
        float(S)
    for way in (".item()", ".data", "np.exp", "ops.stack", "np.where", "v + array"):
        assert way in str(caught.value)


def test_an_element_of_an_array_cannot_be_a_value() -> None:
    """NumPy raises its own error, and ours is the cause that Python shows with it."""
    for element in (S, V):
        with pytest.raises((TypeError, ValueError)) as caught:
            ARRAY[0] = element
        told = f"{caught.value} {caught.value.__cause__}"
        assert "np.where" in told
    np.testing.assert_array_equal(ARRAY, [0.0, 0.0])


# -- text and copies --------------------------------------------------------------------------


def test_format_of_one_element() -> None:
    assert f"{Value(1.23456):.2f}" == "1.23"
    assert f"{Value([[1.5]]):6.1f}" == "   1.5"
    with pytest.raises(TypeError, match=r"'.2f' of a Value of shape \(2,\)"):
        f"{Value([1.0, 2.0]):.2f}"


def test_repr_shows_numbers_name_and_once_computed_the_gradient() -> None:
    x = Value([1.0, 2.0], name="x")
    assert repr(x) == f"{x}" == "Value([1., 2.], name='x')"
    x.sum().backward()
    assert repr(x) == "Value([1., 2.], name='x', grad=[1., 1.])"
    assert repr(Value(2.0, dtype=np.float32)) == "Value(2., dtype=float32)"


def test_item_wants_one_element() -> None:
    assert Value([[3.0]]).item() == 3.0
    assert type(Value(3.0).item()) is float
    with pytest.raises(ValueError, match="size 1"):
        Value([1.0, 2.0]).item()


COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda v: pickle.loads(pickle.dumps(v)),
}


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES.keys())
@pytest.mark.parametrize("data", [2.0, [1.0, 2.0]])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_leaves_are_copied(copied: Any, data: Any, dtype: type) -> None:
    v = Value(data, name="p", dtype=dtype, requires_grad=True)
    (v * 3).sum().backward()
    other = copied(v)
    assert other is not v
    assert (other.name, other.dtype, other.requires_grad) == ("p", dtype, True)
    np.testing.assert_array_equal(other.data, v.data, strict=True)
    np.testing.assert_array_equal(other.grad, v.grad, strict=True)
    other.data += 1
    other.grad[...] = 0
    np.testing.assert_array_equal(v.data, data)
    np.testing.assert_array_equal(v.grad, np.full(v.shape, 3.0))


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES.keys())
def test_a_constant_is_copied_without_a_gradient(copied: Any) -> None:
    other = copied(Value(1.0, requires_grad=False))
    assert not other.requires_grad
    assert not other.has_grad


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES.keys())
def test_a_value_that_an_op_made_is_not_copied(copied: Any) -> None:
    with pytest.raises(TypeError, match=r"that exp made.*detach\(\)"):
        copied(np.exp(Value(1.0)))


def test_a_value_can_be_referenced_weakly() -> None:
    gc.disable()
    try:
        v = Value(1.0)
        reference = weakref.ref(v)
        assert reference() is v
        del v
        assert reference() is None
    finally:
        gc.enable()
