"""micrograd_reduce_gradients: who may change gradients before a step, when, and in which order?"""

from __future__ import annotations

import sys

import numpy as np
import pytest

from micrograd.engine import Value, hookimpl, plugins
from micrograd.nn import SGD, Adam, optim


class Scale:
    """Multiplies each gradient, and notes what it saw before."""

    def __init__(self, factor, seen=None):
        self.factor, self.seen = factor, [] if seen is None else seen

    @hookimpl
    def micrograd_reduce_gradients(self, parameters):
        self.seen.append((self.factor, [p.grad.item() for p in parameters]))
        for p in parameters:
            p.grad = p.grad * self.factor


@pytest.fixture
def pair():
    """Two parameters of gradients 2 and 3, and an optimizer that subtracts a tenth of them."""
    p, q = Value(1.0), Value(1.0)
    (p * 2.0 + q * 3.0).backward()
    return p, q, SGD([p, q], lr=0.1)


def test_a_registered_reducer_is_called_once_a_step_with_all_parameters(pair):
    p, q, optimizer = pair
    reducer = Scale(0.5)
    with plugins.registered(reducer):
        optimizer.step()
        assert reducer.seen == [(0.5, [2.0, 3.0])]
        optimizer.step()
    assert reducer.seen == [(0.5, [2.0, 3.0]), (0.5, [1.0, 1.5])]
    assert (p.item(), q.item()) == pytest.approx((1 - 0.1 - 0.05, 1 - 0.15 - 0.075))


def test_a_reducer_may_write_into_the_gradient_or_give_one_where_there_is_none():
    p, q, r = Value([1.0, 1.0]), Value(1.0), Value(1.0)
    (p * np.array([2.0, 4.0])).sum().backward()

    class Reducer:
        @hookimpl
        def micrograd_reduce_gradients(self, parameters):
            assert [one.has_grad for one in parameters] == [True, False, False]
            parameters[0].grad[...] = parameters[0].grad[::-1].copy()
            parameters[1].grad = 5.0
            parameters.clear()  # a list of its own

    optimizer = SGD([p, q, r], lr=0.1)
    with plugins.registered(Reducer()):
        optimizer.step()
    np.testing.assert_allclose(p.data, [0.6, 0.8])
    assert (q.item(), r.item()) == (0.5, 1.0)
    assert len(optimizer.params) == 3


def test_reducers_are_called_in_the_order_in_which_they_were_registered(pair):
    *_, optimizer = pair
    seen = []
    with plugins.registered(Scale(3.0, seen)), plugins.registered(Scale(2.0, seen)):
        optimizer.step()
    assert seen == [(3.0, [2.0, 3.0]), (2.0, [6.0, 9.0])]


def test_tryfirst_and_trylast_come_before_the_order_of_registration(pair):
    *_, optimizer = pair
    order = []

    def reducer(name, **options):
        hook = hookimpl(
            lambda: order.append(name), specname="micrograd_reduce_gradients", **options
        )
        return type(name, (), {"reduce": staticmethod(hook)})()

    with (
        plugins.registered(reducer("last", trylast=True)),
        plugins.registered(reducer("middle")),
        plugins.registered(reducer("first", tryfirst=True)),
    ):
        optimizer.step()
    assert order == ["first", "middle", "last"]


def test_every_optimizer_asks_with_its_own_parameters(pair):
    p, q, _ = pair
    reducer = Scale(1.0)
    one, other = SGD([p], lr=0.1, momentum=0.9), Adam([q], lr=0.1)
    with plugins.registered(reducer):
        one.step()
        other.step()
        other.step()
    assert reducer.seen == [(1.0, [2.0]), (1.0, [3.0]), (1.0, [3.0])]


def test_unregistering_takes_it_back(pair):
    p, _, optimizer = pair
    reducer = Scale(0.0)
    plugins.register(reducer)
    optimizer.step()
    assert p.item() == 1.0
    plugins.unregister(reducer)
    (p * 2.0).backward()
    optimizer.step()
    assert len(reducer.seen) == 1
    assert p.item() == pytest.approx(0.8)
    assert optim.REDUCERS == []


def test_a_reducer_may_unregister_itself_and_the_next_one_is_still_called(pair):
    *_, optimizer = pair

    class Once:
        @hookimpl
        def micrograd_reduce_gradients(self):
            plugins.unregister(self)

    plugins.register(Once())
    reducer = Scale(1.0)
    with plugins.registered(reducer):
        optimizer.step()
    assert len(reducer.seen) == 1
    assert optim.REDUCERS == []


def test_an_error_reaches_the_program_and_nothing_was_changed(pair):
    p, q, optimizer = pair

    class Broken:
        @hookimpl
        def micrograd_reduce_gradients(self, parameters):
            raise ConnectionError("worker 3 is gone")

    with plugins.registered(Broken()), pytest.raises(ConnectionError, match="worker 3 is gone"):
        optimizer.step()
    assert (p.item(), q.item()) == (1.0, 1.0)
    optimizer.step()
    assert (p.item(), q.item()) == pytest.approx((0.8, 0.7))


def modules_called(function):
    """The modules whose Python functions run during a call."""
    names = set()
    sys.setprofile(lambda frame, event, argument: names.add(frame.f_globals.get("__name__", "")))
    try:
        function()
    finally:
        sys.setprofile(None)
    return names


def test_without_a_reducer_a_step_pays_for_a_glance_at_a_list(pair):
    *_, optimizer = pair
    hosts = ("pluggy", "micrograd.engine.plugins", "micrograd.engine.hosting")
    assert not [name for name in modules_called(optimizer.step) if name.startswith(hosts)]
    with plugins.registered(Scale(1.0)):
        assert [name for name in modules_called(optimizer.step) if name.startswith(hosts)]


def test_a_wrong_argument_is_refused_when_it_is_registered():
    class Wrong:
        @hookimpl
        def micrograd_reduce_gradients(self, params):
            raise NotImplementedError

    with pytest.raises(
        plugins.PluginError,
        match=r"an argument 'params', but the hook is micrograd_reduce_gradients\(parameters\)",
    ):
        plugins.register(Wrong())
    assert optim.REDUCERS == []
