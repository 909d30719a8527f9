"""What do installed plugins cost who does not use them, and what does a method of one cost?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy
import pytest

from micrograd.engine import hookimpl, plugins

if TYPE_CHECKING:
    from .conftest import Machine

FIFTY = range(50)

WATCH = """
import importlib.metadata as metadata
import sys

asked = []  # of the installed distributions

def counting(owner, name):
    function = getattr(owner, name)
    def counted(*arguments, **settings):
        asked.append(name)
        return function(*arguments, **settings)
    setattr(owner, name, counted)

for name in ("entry_points", "distributions", "distribution", "version", "files"):
    counting(metadata, name)
counting(metadata.EntryPoint, "load")

opened = []  # every file of installed metadata, whoever reads it

def audit(event, arguments):
    if event == "open" and ".dist-info" in str(arguments[0]):
        opened.append(arguments[0])

sys.addaudithook(audit)

def state():
    loaded = sum(name.startswith("plugin_") for name in sys.modules)
    return asked.count("entry_points"), asked.count("load"), loaded
"""


@pytest.fixture
def fifty(machine: Machine) -> Machine:
    for number in FIFTY:
        machine.install(
            f"plugin-{number}",
            "from micrograd.engine import hookimpl\n"
            f"@hookimpl\ndef micrograd_ops(): return {{'op_{number}': lambda x: x * {number}}}\n",
        )
    return machine


def test_importing_the_engine_beside_fifty_plugins_scans_and_loads_nothing(fifty: Machine) -> None:
    program = (
        WATCH + "from micrograd.engine import Value, ops\n"
        "v = Value([1.0, 2.0])\nv.exp().sum().backward()\n"
        "print(state(), asked, opened)\n"
        "print(v.op_49().data, state(), len(opened) >= 50)\n"
    )
    ended = fifty.start("-c", program)
    assert (ended.stdout, ended.stderr) == (
        "(0, 0, 0) [] []\n[49. 98.] (1, 50, 50) True\n",
        "",
    )


@pytest.mark.parametrize(
    "trigger",
    [
        "v.op_7()",
        "ops.op_7(v)",
        "hasattr(v, 'nobody_has_this')",
        "hasattr(ops, 'nobody_has_this')",
        "v._repr_mimebundle_()",
        "plugins.load()",
        "plugins.report()",
    ],
)
def test_each_trigger_loads_all_fifty_once(fifty: Machine, trigger: str) -> None:
    program = (
        WATCH + "from micrograd.engine import Value, ops, plugins\nv = Value([1.0, 2.0])\n"
        f"{trigger}\nprint(state())\n{trigger}\nhasattr(v, 'nor_this'), plugins.load()\n"
        "print(state(), all(hasattr(Value, f'op_{n}') for n in range(50)))"
    )
    ended = fifty.start("-c", program)
    assert (ended.stdout, ended.stderr) == ("(1, 50, 50)\n(1, 50, 50) True\n", "")


COUNT_CALLS = """
def calls(function):
    count = 0
    def profile(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count
"""

SOFTER = """
import numpy as np
from micrograd.engine import hookimpl, op

@op
def softer(x):
    return np.tanh(x)

@softer.gradient("x")
def _(g, out, x):
    return g * (1 - out * out)

def composed(x):
    return softer(x) * softer(x)

@hookimpl
def micrograd_ops():
    return {"softer": softer, "composed": composed}
"""


def test_a_method_of_a_plugin_is_the_same_kind_of_thing_as_a_built_in_one(
    machine: Machine,
) -> None:
    machine.install("micrograd-softer", SOFTER)
    ran = machine.run(
        "v.softer()\ntheirs, ours = vars(Value)['softer'], vars(Value)['tanh']\n"
        "print(type(theirs) is type(ours), theirs.__code__ is ours.__code__)\n"
        "print(ops.softer is theirs)\n"
        "import micrograd_softer\nprint(vars(Value)['composed'] is micrograd_softer.composed)"
    )
    assert ran.out == "True True\nTrue\nTrue\n"


def test_a_method_of_a_plugin_makes_as_many_calls_as_a_built_in_one(machine: Machine) -> None:
    machine.install("micrograd-softer", SOFTER)
    ran = machine.run(
        COUNT_CALLS + "v.softer(), v.tanh()\n"
        "print(calls(lambda: v.softer()) == calls(lambda: v.tanh()) > 1)\n"
        "theirs, ours = (getattr(Value([1.0]), name)() for name in ('softer', 'tanh'))\n"
        "print(calls(theirs.backward) == calls(ours.backward) > 1)\n"
        "print(calls(lambda: getattr(v, 'micrograd-softer:softer')) > 5)"
    )
    assert ran.out == "True\nTrue\nTrue\n"


def test_a_rule_of_a_plugin_works_on_arrays_and_on_values(machine: Machine) -> None:
    machine.install("micrograd-softer", SOFTER)
    ran = machine.run(
        """
import numpy as np
from micrograd.engine import grad, hessian
from micrograd.engine.testing import check_op

seen = []
[rule] = ops.softer.op.rules
def spy(g, out, x):
    seen.append(type(x).__name__)
    return rule(g, out, x)
ops.softer.op.rules[0] = spy

x = 0.7
t = np.tanh(x)
first = grad(ops.softer)
print(np.allclose(first(x), 1 - t**2), {*seen} == {"float64"})
seen.clear()
print(np.allclose(grad(first)(x), -2 * t * (1 - t**2)), "Value" in seen)
print(np.allclose(grad(grad(first))(x), (1 - t**2) * (6 * t**2 - 2)))
print(np.allclose(hessian(lambda v: v.composed().sum())(np.array([x])),
                  2 * (1 - t**2) ** 2 - 4 * t**2 * (1 - t**2)))
check_op(ops.softer, [(np.array([[-1.0, 0.5]]),)])
"""
    )
    assert ran == ("True True\nTrue True\nTrue\nTrue\n", "")


def test_who_registers_often_does_not_pay_for_special_methods(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A recorder comes and goes with each sample of a training."""
    asked = []
    before = pluggy.PluginManager.parse_hookimpl_opts

    def counted(self: Any, plugin: object, name: str) -> Any:
        asked.append(name)
        return before(self, plugin, name)

    class Recorder:
        @hookimpl
        def micrograd_rule_ran(self) -> None:
            """Listen."""

    monkeypatch.setattr(pluggy.PluginManager, "parse_hookimpl_opts", counted)
    with plugins.registered(Recorder()):
        assert set(asked) == {"micrograd_rule_ran"}
