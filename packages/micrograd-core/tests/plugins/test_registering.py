"""What does a program register itself, and what waits for a package of ours?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Machine

RECORDER = """
class Recorder:
    def __init__(self):
        self.seen = []

    @hookimpl
    def micrograd_rule_ran(self, node, argument):
        self.seen.append((node.op.name, argument))

    @hookimpl
    def micrograd_ops(self):
        return {"double": lambda x: x * 2}

recorder = Recorder()
"""

WAITING = """
from micrograd.engine import hookimpl
def fine(x): return x * 2
@hookimpl
def micrograd_ops(): return {"fine": fine}
@hookimpl
def micrograd_activations(): return {"fine": fine}
@hookimpl
def micrograd_losses(): return {"loss_of_mine": lambda p, t: (p - t).sum()}
@hookimpl
def micrograd_renderers(): return {}
"""

NN = """
import sys
from micrograd.engine import hookimpl, plugins
from . import specs

def check(name, loss):
    if name == "forbidden":
        raise ValueError("not this one")

losses = plugins.Registry("micrograd_losses", "loss", check)
activations = plugins.Registry("micrograd_activations", "activation", lambda name, activation: None)
losses.on_enter(plugins.ops_registry.add)

@hookimpl
def micrograd_losses():
    return {"mse": lambda p, t: ((p - t) ** 2).mean()}

plugins.enter_family("micrograd-nn", sys.modules[__name__], specs)
plugins.enter_family("micrograd-nn", sys.modules[__name__], specs)
"""

SPECS = """
import pluggy
hookspec = pluggy.HookspecMarker("micrograd")
@hookspec
def micrograd_losses(): ...
@hookspec
def micrograd_activations(): ...
@hookspec
def micrograd_reduce_gradients(parameters): ...
"""


def install_nn(machine: Machine, **settings: dict[str, str]) -> None:
    """A stand-in for micrograd-nn that enters as the real one does."""
    machine.install("micrograd-nn", NN, module="micrograd.nn", **settings)
    (machine.folder / "micrograd" / "nn" / "specs.py").write_text(SPECS)


OURS = {"entry_points": {"micrograd-nn": "micrograd.nn"}}
HIDDEN: dict[str, dict[str, str]] = {"entry_points": {}}


def test_a_recorder_hears_only_while_it_is_registered(machine: Machine) -> None:
    ran = machine.run(
        RECORDER + "v.exp().sum().backward()\n"
        "with plugins.registered(recorder):\n    (v * v).sum().backward()\n"
        "v.exp().sum().backward()\nprint(recorder.seen)"
    )
    assert ran.out == "[('sum', 'x'), ('multiply', 'x'), ('multiply', 'y')]\n"


def test_registered_takes_everything_back(machine: Machine) -> None:
    ran = machine.run(
        RECORDER + "from micrograd.engine.backward import RECORDERS\n"
        "with plugins.registered(recorder):\n"
        "    whose = plugins.ops_registry.distribution_of('double')\n"
        "    print(v.double().data, whose, len(RECORDERS))\n"
        "print(hasattr(v, 'double'), hasattr(Value, 'double'), len(RECORDERS))\n"
        "print([n for n, _ in plugins.manager.list_name_plugin()], len(plugins.report()))"
    )
    assert ran.out == (
        "[2. 4.] Recorder (registered by the program) 1\nFalse False 0\n['micrograd-core'] 1\n"
    )


def test_registered_takes_everything_back_after_an_error(machine: Machine) -> None:
    ran = machine.run(
        RECORDER + "def fail():\n    with plugins.registered(recorder):\n        v.double()\n"
        "        1 / 0\nprint(error(fail), hasattr(v, 'double'))"
    )
    assert ran.out == "ZeroDivisionError: division by zero False\n"


def test_registrations_of_one_object_are_counted(machine: Machine) -> None:
    ran = machine.run(
        RECORDER + "plugins.register(recorder)\n"
        "with plugins.registered(recorder):\n    v.sum().backward()\n"
        "v.sum().backward()\nprint(recorder.seen, v.double().data)\n"
        "plugins.unregister(recorder)\nprint(hasattr(v, 'double'))\n"
        "print(error(plugins.unregister, recorder))"
    )
    assert ran.out == (
        "[('sum', 'x'), ('sum', 'x')] [2. 4.]\nFalse\n"
        "ValueError: unregister(Recorder): the program did not register it. Call plugins.register "
        "first, or plugins.block for an installed plugin.\n"
    )


def test_two_objects_of_one_class_are_told_apart_and_the_last_one_wins(machine: Machine) -> None:
    ran = machine.run(
        "class Plugin:\n"
        "    def __init__(self, factor): self.factor = factor\n"
        "    @hookimpl\n"
        "    def micrograd_ops(self): return {'scale': lambda x: x * self.factor}\n"
        "plugins.register(Plugin(2))\nlast = Plugin(3)\nplugins.register(last)\n"
        "print(v.scale().data, plugins.ops_registry.claimants('scale'))\n"
        "plugins.unregister(last)\nprint(v.scale().data)"
    )
    assert ran.out == (
        "[3. 6.] ['Plugin (registered by the program)', 'Plugin 2 (registered by the program)']\n"
        "[2. 4.]\n"
    )


def test_what_the_program_registers_comes_before_what_is_installed(machine: Machine) -> None:
    machine.install_op("micrograd-a", "double", 7.0)
    ran = machine.run(
        RECORDER
        + "plugins.load()\nwith plugins.registered(recorder):\n    print(v.double().data)\n"
        "print(v.double().data)"
    )
    assert ran.out == "[2. 4.]\n[ 7. 14.]\n"


@pytest.mark.parametrize("load_first", [True, False])
def test_an_installed_recorder_acts_only_when_the_program_registers_it(
    machine: Machine, load_first: bool
) -> None:
    machine.install(
        "micrograd-recorder",
        "from micrograd.engine import hookimpl\nseen = []\n"
        "@hookimpl\ndef micrograd_rule_ran(gradient): seen.append(gradient.tolist())\n"
        "@hookimpl\ndef micrograd_ops(): return {'fine': abs}\n",
    )
    ran = machine.run(
        ("plugins.load()\n" if load_first else "") + "import micrograd_recorder as r\n"
        "v.sum().backward()\nprint(r.seen)\n"
        "with plugins.registered(r):\n    plugins.load()\n    v.sum().backward()\n"
        "    print(r.seen, refused())\n"
        "v.sum().backward()\nprint(r.seen, v.fine().data, refused())"
    )
    assert ran.out == "[]\n[[1.0, 1.0]] []\n[[1.0, 1.0]] [1. 2.] []\n"


def test_an_error_in_a_registered_recorder_reaches_the_program(machine: Machine) -> None:
    ran = machine.run(
        "class Bad:\n    @hookimpl\n    def micrograd_rule_ran(self): 1 / 0\n"
        "with plugins.registered(Bad()):\n    print(error(v.sum().backward))"
    )
    assert ran.out == "ZeroDivisionError: division by zero\n"


def test_registering_a_faulty_object_raises_and_leaves_nothing(machine: Machine) -> None:
    ran = machine.run(
        "class Bad:\n    @hookimpl\n    def micrograd_ops(self):\n"
        "        return {'fine': abs, 'exp': abs}\n"
        "bad = Bad()\nprint(error(plugins.register, bad))\n"
        "print(hasattr(Value, 'fine'), [n for n, _ in plugins.manager.list_name_plugin()])"
    )
    assert ran.out == (
        "PluginError: The op name 'exp' belongs to micrograd-core. Choose another name.\n"
        "False ['micrograd-core']\n"
    )


def test_a_hook_of_an_absent_package_waits_and_the_rest_works(machine: Machine) -> None:
    machine.install("micrograd-fine", WAITING)
    ran = machine.run(
        "print(v.fine().data, hasattr(v, 'loss_of_mine'))\n"
        "[r] = [r for r in plugins.report() if r.distribution == 'micrograd-fine']\n"
        "print(r.status, r.hooks)\nfor hook, line in r.waiting.items(): print(hook, line)\n"
        "plugins.load(strict=True)"
    )
    assert ran == (
        "[2. 4.] False\nloaded ['micrograd_ops']\n"
        'micrograd_activations pip install "micrograd-nn>=1,<2"\n'
        'micrograd_losses pip install "micrograd-nn>=1,<2"\n'
        'micrograd_renderers pip install "micrograd-viz>=1,<2"\n',
        "",
    )


def test_nothing_waits_when_the_package_is_installed(machine: Machine) -> None:
    machine.install("micrograd-fine", WAITING)
    install_nn(machine, **OURS)
    ran = machine.run(
        "print(v.loss_of_mine(v).data, v.mse(v + 1).item())\n"
        "losses = plugins.registries['micrograd_losses']\n"
        "print(losses.names(), losses.distribution_of('loss_of_mine'))\n"
        "print([(r.distribution, r.version, *r.waiting) for r in plugins.report()][1:], refused())"
    )
    assert ran.out == (
        "0.0 1.0\n['loss_of_mine', 'mse'] micrograd-fine\n"
        "[('micrograd-nn', '1.2.3'), ('micrograd-fine', '1.2.3', 'micrograd_renderers')] []\n"
    )


def test_what_waits_comes_in_when_the_package_comes_later(machine: Machine) -> None:
    machine.install("micrograd-fine", WAITING)
    install_nn(machine, **HIDDEN)
    ran = machine.run(
        "plugins.load()\nprint(hasattr(v, 'loss_of_mine'))\nimport micrograd.nn\n"
        "print(v.loss_of_mine(v).data, v.fine().data, refused())"
    )
    assert ran.out == "False\n0.0 [2. 4.] []\n"


def test_what_waits_is_checked_when_the_package_comes(machine: Machine) -> None:
    machine.install("micrograd-fine", WAITING.replace("loss_of_mine", "forbidden"))
    install_nn(machine, **HIDDEN)
    ran = machine.run(
        "plugins.load()\nprint(v.fine().data)\nimport micrograd.nn\nprint(hasattr(v, 'fine'))\n"
        "print(plugins.report()[-1].reason)"
    )
    assert ran.out == "[2. 4.]\nFalse\nIts loss 'forbidden' was refused: not this one\n"


def test_a_name_that_a_package_of_ours_brings_later_is_taken_from_a_stranger(
    machine: Machine,
) -> None:
    install_nn(machine, **HIDDEN)
    nn = machine.folder / "micrograd" / "nn" / "__init__.py"
    nn.write_text(nn.read_text().replace('"mse"', '"new_loss"'))
    machine.install_op("micrograd-a", "new_loss", 2.0)
    ran = machine.run(
        "print(v.new_loss().data)\nimport micrograd.nn\nprint(v.new_loss(v).data)\n"
        "print(plugins.report()[-1].reason)"
    )
    assert ran.out == "[2. 4.]\n0.0\nThe op name 'new_loss' belongs to micrograd-nn.\n"


def test_register_imports_the_package_that_defines_the_hook(machine: Machine) -> None:
    install_nn(machine, **OURS)
    ran = machine.run(
        "class Reducer:\n    @hookimpl\n"
        "    def micrograd_reduce_gradients(self, parameters): parameters.append(1)\n"
        "mine = []\nwith plugins.registered(Reducer()):\n"
        "    plugins.manager.hook.micrograd_reduce_gradients(parameters=mine)\n"
        "plugins.manager.hook.micrograd_reduce_gradients(parameters=mine)\nprint(mine)",
        "-W",
        "error",
    )
    assert ran.out == "[1]\n"


def test_register_warns_of_a_hook_whose_package_is_absent(machine: Machine) -> None:
    ran = machine.run(
        "class Reducer:\n    @hookimpl\n    def micrograd_reduce_gradients(self, parameters): ...\n"
        "plugins.register(Reducer())"
    )
    assert (
        "PluginWarning: register(Reducer): micrograd_reduce_gradients was left out, for "
        'micrograd-nn is not installed. Install it: pip install "micrograd-nn>=1,<2".' in ran.err
    )


def test_enter_family_is_for_the_family(machine: Machine) -> None:
    ran = machine.run("print(error(plugins.enter_family, 'micrograd-mine', object()))")
    assert ran.out == (
        "ValueError: enter_family is for micrograd-core, micrograd-nn, micrograd-viz, and got "
        "'micrograd-mine'. A third party declares an entry point in the group \"micrograd\", or "
        "calls plugins.register.\n"
    )


def test_a_fault_of_the_family_raises(machine: Machine) -> None:
    ran = machine.run(
        "class Viz:\n    @hookimpl\n    def micrograd_ops(self): return 3\n"
        "print(error(plugins.enter_family, 'micrograd-viz', Viz()))"
    )
    assert ran.out.startswith("PluginError: micrograd_ops() returned int, not a mapping.")


def test_the_first_picture_is_the_programs_then_a_strangers_then_ours(machine: Machine) -> None:
    picture = "@hookimpl\ndef micrograd_mimebundle(): return {{'text/plain': '{0}'}}\n"
    head = "from micrograd.engine import hookimpl\n"
    for name in ("zoo", "bee"):
        machine.install(f"micrograd-{name}", head + picture.format(name))
    machine.install(
        "micrograd-viz",
        head + picture.format("viz") + "import sys\nfrom micrograd.engine import plugins\n"
        "plugins.enter_family('micrograd-viz', sys.modules[__name__])",
        module="micrograd.viz",
        entry_points={"micrograd-viz": "micrograd.viz"},
    )
    ran = machine.run(
        "class Mine:\n    @hookimpl\n    def micrograd_mimebundle(self, value):\n"
        "        return {'text/plain': value.name} if value.name else None\n"
        "plugins.register(Mine())\n"
        "print(v._repr_mimebundle_(), Value(1.0, 'w')._repr_mimebundle_())\n"
        "print([d for d, _ in plugins.call_each('micrograd_mimebundle', value=v)][1:])"
    )
    assert ran.out == (
        "{'text/plain': 'bee'} {'text/plain': 'w'}\n"
        "['micrograd-bee', 'micrograd-zoo', 'micrograd-viz']\n"
    )


def test_a_registry_tells_of_past_and_future_entries_and_takes_back_what_follows(
    machine: Machine,
) -> None:
    ran = machine.run(
        "kinds = plugins.Registry('micrograd_kinds', 'kind', lambda name, kind: None)\n"
        "f = lambda x: x * 2\n"
        "print(kinds.add('early', f, 'somebody'), kinds.add('early', f, 'somebody'))\n"
        "told = []\n"
        "kinds.on_enter(lambda *entry: (told.append(entry[0]), plugins.ops_registry.add(*entry)))\n"
        "kinds.add('late', f, 'somebody')\n"
        "print(told, v.early().data, v.late().data, kinds.known('late') is f, kinds.known('x'))\n"
        "kinds.remove('early', 'somebody')\nkinds.remove('early', 'somebody')\n"
        "print(hasattr(v, 'early'), kinds.names())\n"
        "print(error(kinds.add, 'data', f, 'somebody'), kinds.names())\n"
        "print(error(plugins.Registry, 'micrograd_kinds', 'kind', None))"
    )
    assert ran.out == (
        "True False\n['early', 'late'] [2. 4.] [2. 4.] True None\nFalse ['late']\n"
        "PluginError: The op name 'data' is an attribute of Value or of ops already. Choose "
        "another name. ['late']\n"
        "ValueError: The hook micrograd_kinds has a registry already. Use "
        "plugins.registries['micrograd_kinds'].\n"
    )
