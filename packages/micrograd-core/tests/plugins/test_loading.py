"""When are plugins loaded, and when are they not?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Machine

COUNT = """
import importlib.metadata
scans = []
original = importlib.metadata.entry_points
def counting(**selection):
    scans.append(selection)
    return original(**selection)
importlib.metadata.entry_points = counting
def state():
    return f"{len(scans)} {'micrograd_swish' in sys.modules}"
"""


def test_importing_the_engine_looks_for_nothing(machine: Machine) -> None:
    machine.install_op("micrograd-swish", "swish")
    ran = machine.run(
        "print('importlib.metadata' in sys.modules, 'difflib' in sys.modules, "
        "'micrograd_swish' in sys.modules)"
    )
    assert ran.out == "False False False\n"


def test_the_engine_brings_in_no_other_package_of_ours(machine: Machine) -> None:
    ran = machine.run(
        "ours = ('micrograd.nn', 'micrograd.viz', 'graphviz')\n"
        "print([module for module in sys.modules if module.startswith(ours)])"
    )
    assert ran.out == "[]\n"


@pytest.mark.parametrize(
    "trigger",
    [
        "v.swish()",
        "ops.swish(v)",
        "from micrograd.engine.ops import swish",
        "hasattr(v, 'nobody_has_this')",
        "hasattr(ops, 'nobody_has_this')",
        "plugins.ops_registry.get('swish')",
        "v._repr_mimebundle_()",
        "plugins.load()",
        "plugins.report()",
    ],
)
def test_a_question_that_only_a_plugin_can_answer_loads_them_once(
    machine: Machine, trigger: str
) -> None:
    machine.install_op("micrograd-swish", "swish", 3.0)
    ran = machine.run(
        f"{COUNT}\nprint(state())\n{trigger}\n{trigger}\nprint(state(), v.swish().data)"
    )
    assert ran == ("0 False\n1 True [3. 6.]\n", "")


@pytest.mark.parametrize(
    "question",
    [
        "hasattr(v, '_swish')",
        "hasattr(v, '_repr_html_')",
        "hasattr(ops, '__path_hooks__')",
        "hasattr(ops, '_swish')",
        "v.exp(), ops.exp(v), (v @ v).sum()",
        "v.sum().backward()",
        "repr(v), dir(v), f'{v.sum():.2f}'",
        "plugins.prefer('swish', 'micrograd-swish')",
        "plugins.block('micrograd-swish')",
        "__import__('copy').deepcopy(v)",
    ],
)
def test_everything_else_loads_nothing(machine: Machine, question: str) -> None:
    machine.install_op("micrograd-swish", "swish")
    assert machine.run(f"{COUNT}\n{question}\nprint(state())").out == "0 False\n"


def test_a_method_of_a_plugin_is_a_real_attribute(machine: Machine) -> None:
    machine.install_op("micrograd-swish", "swish", 3.0)
    ran = machine.run(
        "plugins.load()\n"
        "print(Value.swish is ops.swish, 'swish' in dir(v), Value.swish.op.distribution)"
    )
    assert ran.out == "True True micrograd-swish\n"


def test_gradients_flow_through_a_method_that_was_found_on_demand(machine: Machine) -> None:
    machine.install_op("micrograd-swish", "swish", 3.0)
    assert machine.run("v.swish().sum().backward()\nprint(v.grad)").out == "[3. 3.]\n"


def test_a_callable_object_becomes_a_method_too(machine: Machine) -> None:
    machine.install(
        "micrograd-swish",
        "from functools import partial\nfrom micrograd.engine import hookimpl\n"
        "def scaled(x, factor): return x * factor\n"
        "@hookimpl\ndef micrograd_ops(): return {'triple': partial(scaled, factor=3)}\n",
    )
    assert machine.run("print(v.triple().data, ops.triple(v).data)").out == "[3. 6.] [3. 6.]\n"


def test_what_a_loading_plugin_prints_goes_to_standard_error(machine: Machine) -> None:
    machine.install(
        "micrograd-loud",
        "print('importing')\nfrom micrograd.engine import hookimpl\n"
        "@hookimpl\ndef micrograd_ops():\n    print('asked')\n    return {'loud': abs}\n",
    )
    assert machine.run("print(hasattr(v, 'loud'))") == ("True\n", "importing\nasked\n")


def test_a_lookup_stays_silent_about_a_broken_plugin(machine: Machine) -> None:
    machine.install("micrograd-broken", "import nothing_like_this")
    ran = machine.run(
        "print(hasattr(v, 'swish'), hasattr(ops, 'swish'), flush=True)\n"
        "print(refused(), error(getattr, v, 'swish'))",
        "-W",
        "error",
    )
    assert ran.out.startswith("False False\n['micrograd-broken'] AttributeError: ")
    assert "Plugins that were refused: micrograd-broken; plugins.report() says why" in ran.out
    assert ran.err == ""


@pytest.mark.parametrize("flags", [(), ("-W", "error")])
def test_a_program_of_lookups_only_is_warned_when_it_ends(
    machine: Machine, flags: tuple[str, ...]
) -> None:
    machine.install("micrograd-broken", "import nothing_like_this")
    ran = machine.run("print(hasattr(v, 'swish'))", *flags)
    assert ran.out == "False\n"
    assert ran.err.count("PluginWarning: The plugin micrograd-broken 1.2.3") == 1


def test_a_plugin_that_asks_while_it_is_loaded_gets_no_answer_yet(machine: Machine) -> None:
    machine.install(
        "micrograd-curious",
        "from micrograd.engine import Value, hookimpl, plugins\n"
        "early = hasattr(Value(1.0), 'swish')\nplugins.load()\n"
        "@hookimpl\ndef micrograd_ops(): return {'early': lambda x: early}\n",
    )
    machine.install_op("micrograd-swish", "swish")
    assert machine.run("print(v.early(), hasattr(v, 'swish'), refused())").out == "False True []\n"


def test_threads_that_ask_together_load_once_and_all_get_the_answer(machine: Machine) -> None:
    machine.install_op("micrograd-swish", "swish", 3.0)
    path = machine.folder / "micrograd_swish" / "__init__.py"
    slow = "import sys, time\ntime.sleep(0.2)\nprint('imported', file=sys.stderr)\n"
    path.write_text(slow + path.read_text())
    ran = machine.run(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    print(set(pool.map(lambda _: v.swish().data.tolist() == [3, 6], range(8))))"
    )
    assert ran == ("{True}\n", "imported\n")


def test_control_c_while_loading_stops_the_program_and_the_next_question_goes_on(
    machine: Machine,
) -> None:
    machine.install(
        "micrograd-slow",
        "import builtins\n"
        "if not hasattr(builtins, 'interrupted'):\n"
        "    builtins.interrupted = True\n    raise KeyboardInterrupt\n"
        "from micrograd.engine import hookimpl\n"
        "@hookimpl\ndef micrograd_ops(): return {'slow': abs}\n",
    )
    ran = machine.run(
        "try:\n    v.slow()\nexcept KeyboardInterrupt:\n    print('interrupted')\n"
        "print(v.slow().data, refused())"
    )
    assert ran.out == "interrupted\n[1. 2.] []\n"


def test_damaged_metadata_leaves_the_engine_working(machine: Machine) -> None:
    machine.install_op("micrograd-swish", "swish")
    [info] = machine.folder.glob("*.dist-info")
    (info / "entry_points.txt").write_bytes(b"[micrograd]\nswish = \xff\xfe")
    ran = machine.run("print(hasattr(v, 'swish'), v.exp().shape)\nplugins.load()")
    assert ran.out == "False (2,)\n"
    assert "The list of installed plugins could not be read" in ran.err


def test_a_property_that_fails_tells_its_own_story(machine: Machine) -> None:
    ran = machine.run(
        "class Odd(Value):\n"
        "    @property\n    def size_of(self): return self.data.no_such_thing\n"
        "print(error(lambda: Odd(1.0).size_of))"
    )
    assert "'numpy.ndarray' object has no attribute 'no_such_thing'" in ran.out
