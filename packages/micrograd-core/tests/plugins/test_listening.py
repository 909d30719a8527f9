"""Who is called while numbers are computed? Only what the program registered."""

from __future__ import annotations

import pytest

from micrograd.engine import Value, backward, hookimpl, plugins


def test_a_hook_of_merely_installed_plugins_has_no_listeners() -> None:
    with pytest.raises(
        ValueError,
        match=r"listeners\('micrograd_ops'\): only micrograd_reduce_gradients and "
        r"micrograd_rule_ran have listeners\. Use plugins\.call_each",
    ):
        plugins.listeners("micrograd_ops")


def test_the_list_is_always_the_same_one_and_backward_reads_it() -> None:
    assert plugins.listeners("micrograd_rule_ran") is backward.RECORDERS
    reducers = plugins.listeners("micrograd_reduce_gradients")
    assert plugins.listeners("micrograd_reduce_gradients") is reducers


def test_recorders_are_called_in_the_order_of_registration_unless_they_say_otherwise() -> None:
    order: list[str] = []

    def recorder(name: str, **options: bool) -> object:
        hook = hookimpl(lambda: order.append(name), specname="micrograd_rule_ran", **options)
        return type(name, (), {"heard": staticmethod(hook)})()

    with (
        plugins.registered(recorder("last", trylast=True)),
        plugins.registered(recorder("second")),
        plugins.registered(recorder("third")),
        plugins.registered(recorder("first", tryfirst=True)),
    ):
        Value(1.0).exp().backward()
    assert order == ["first", "second", "third", "last"]
    assert backward.RECORDERS == []


def test_a_recorder_may_bring_ops_and_hears_of_them() -> None:
    heard: list[str] = []

    class Recorder:
        @hookimpl
        def micrograd_rule_ran(self, argument: str) -> None:
            heard.append(argument)

        @hookimpl
        def micrograd_ops(self) -> dict[str, object]:
            return {"doubled": lambda x: x * 2}

    with plugins.registered(Recorder()):
        Value(3.0).doubled().backward()
    assert heard == ["x"]
    Value(3.0).exp().backward()
    assert heard == ["x"]
