"""How does a user choose among plugins, and see what became of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Machine

LOADED = "print(*[r.entry_point for r in plugins.report() if r.status == 'loaded'][1:])\n"


@pytest.fixture
def three(machine: Machine) -> Machine:
    for letter in "cab":
        machine.install_op(f"micrograd-{letter}", f"op_{letter}")
    return machine


@pytest.mark.parametrize(
    ("choice", "loaded"),
    [
        ("", ""),
        (" ", ""),
        ("micrograd-b", "micrograd-b"),
        ("Micrograd_B , micrograd.a", "micrograd-a micrograd-b"),
        ("-micrograd-b", "micrograd-a micrograd-c"),
        ("-micrograd_b,-micrograd-a", "micrograd-c"),
        ("micrograd-a,micrograd-b,-micrograd-b", "micrograd-a"),
    ],
)
def test_the_environment_chooses_among_strangers(three: Machine, choice: str, loaded: str) -> None:
    ran = three.run(LOADED + "print(v.exp().shape)", MICROGRAD_PLUGINS=choice)
    assert ran.out == f"{loaded}\n(2,)\n"


def test_without_a_choice_all_are_loaded_in_the_order_of_their_names(three: Machine) -> None:
    assert three.run(LOADED).out == "micrograd-a micrograd-b micrograd-c\n"


@pytest.mark.parametrize("name", ["micrograd-swish", "sw", "its_module"])
def test_a_plugin_answers_to_its_distribution_entry_point_and_module(
    machine: Machine, name: str
) -> None:
    source = "raise SystemExit('imported')"
    machine.install(
        "micrograd-swish", source, module="its_module", entry_points={"sw": "its_module"}
    )
    ran = machine.run(
        "print([(r.status, r.reason) for r in plugins.report()][1:], 'its_module' in sys.modules)",
        MICROGRAD_PLUGINS=f"-{name}",
    )
    assert ran.out == "[('blocked', '')] False\n"


def test_a_choice_that_nobody_answers_to_is_told(three: Machine) -> None:
    ran = three.run("plugins.load()", MICROGRAD_PLUGINS="micrograd-q")
    assert (
        "No installed plugin answers to 'micrograd-q', which MICROGRAD_PLUGINS or plugins.block "
        "names. Did you mean micrograd-" in ran.err
    )
    assert "Installed: micrograd-a, micrograd-b, micrograd-c." in ran.err


def test_the_environment_never_switches_off_the_family(machine: Machine) -> None:
    machine.install(
        "micrograd-nn",
        "import sys\nfrom micrograd.engine import plugins, hookimpl\n"
        "@hookimpl\ndef micrograd_ops(): return {'mse': lambda p, t: ((p - t) ** 2).mean()}\n"
        "plugins.enter_family('micrograd-nn', sys.modules[__name__])",
        module="micrograd.nn",
    )
    ran = machine.run("print(v.mse(v * 2).item())", MICROGRAD_PLUGINS="")
    assert ran.out == "2.5\n"


def test_block_before_loading(three: Machine) -> None:
    assert three.run(f"plugins.block('micrograd-b')\n{LOADED}").out == "micrograd-a micrograd-c\n"


def test_block_after_loading_takes_the_names_back(three: Machine) -> None:
    ran = three.run(
        "v.op_b()\nplugins.block('micrograd_b')\nprint(hasattr(v, 'op_b'), hasattr(ops, 'op_b'))\n"
        + LOADED
    )
    assert ran.out == "False False\nmicrograd-a micrograd-c\n"


def test_block_refuses_the_family_and_the_unknown(three: Machine) -> None:
    ran = three.run(
        "print(error(plugins.block, 'micrograd-nn'))\nplugins.load()\n"
        "print(error(plugins.block, 'micrograd-bb'))"
    )
    ours, unknown = ran.out.splitlines()
    assert ours.startswith("ValueError: block('micrograd-nn'): it is one of ours and stays.")
    assert unknown == (
        "ValueError: block('micrograd-bb'): no installed plugin answers to that name. Did you mean "
        "micrograd-b or micrograd-c or micrograd-a? "
        "Installed: micrograd-a, micrograd-b, micrograd-c."
    )


def test_strict_mode_raises_all_refusals_in_one_error(machine: Machine) -> None:
    machine.install("micrograd-x", "import nothing_like_this")
    machine.install("micrograd-y", "raise SystemExit")
    machine.install_op("micrograd-z", "op_z", 2.0)
    ran = machine.run(
        "try:\n    plugins.load(strict=True)\nexcept plugins.PluginError as caught:\n"
        "    print(caught)\n    print(type(caught.__cause__.__cause__).__name__)\n"
        "print(v.op_z().data)\nprint(error(plugins.load, strict=True)[:30])"
    )
    x, y, cause, good, again = ran.out.splitlines()
    assert x.startswith("The plugin micrograd-x 1.2.3 (entry point micrograd-x) was refused.")
    assert y.startswith("The plugin micrograd-y 1.2.3 (entry point micrograd-y) was refused.")
    assert (cause, good, again) == (
        "ModuleNotFoundError",
        "[2. 4.]",
        "PluginError: The plugin microg",
    )
    assert ran.err == ""


@pytest.mark.parametrize(
    ("value", "raises"), [("1", True), ("yes", True), ("0", False), ("", False)]
)
def test_strict_mode_by_environment(machine: Machine, value: str, raises: bool) -> None:
    machine.install("micrograd-x", "import nothing_like_this")
    ran = machine.run(
        "print(hasattr(v, 'nope'))\n"
        "try:\n    plugins.load()\n    print('warned')\n"
        "except plugins.PluginError:\n    print('raised')",
        MICROGRAD_PLUGINS_STRICT=value,
    )
    assert ran.out == f"False\n{'raised' if raises else 'warned'}\n"


def test_strict_false_overrules_the_environment(machine: Machine) -> None:
    machine.install("micrograd-x", "import nothing_like_this")
    ran = machine.run("plugins.load(strict=False)", MICROGRAD_PLUGINS_STRICT="1")
    assert "PluginWarning: The plugin micrograd-x" in ran.err


def test_the_report_is_plain_data(machine: Machine) -> None:
    machine.install_op("micrograd-a", "op_a")
    machine.install("micrograd-x", "import nothing_like_this")
    ran = machine.run(
        "import json\n"
        "rows = json.loads(json.dumps([r._asdict() for r in plugins.report()]))\n"
        "for row in rows:\n    assert row.pop('seconds') >= 0\n"
        "core, a, x = rows\n"
        "print(core['distribution'], core['hooks'], {'exp', 'matmul'} <= set(core['names']))\n"
        "print(a)\nprint(x['status'], x['reason'], '|', x['fix'])"
    )
    core, good, broken = ran.out.splitlines()
    assert core == "micrograd-core ['micrograd_ops'] True"
    assert good == str(
        {
            "distribution": "micrograd-a",
            "version": "1.2.3",
            "entry_point": "micrograd-a",
            "hooks": ["micrograd_ops"],
            "names": ["op_a"],
            "contested": [],
            "waiting": {},
            "status": "loaded",
            "reason": "",
            "fix": "",
        }
    )
    assert broken == (
        "refused Importing it raised ModuleNotFoundError: No module named 'nothing_like_this'. | "
        "Until it is repaired, uninstall it or switch it off with MICROGRAD_PLUGINS=-micrograd-x."
    )
    assert ran.err == ""
