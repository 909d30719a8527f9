"""Who gets a name?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Machine

BOTH_ORDERS = pytest.mark.parametrize("order", [("a", "b"), ("b", "a")], ids="-".join)


def two_strangers(machine: Machine, order: tuple[str, str]) -> None:
    """Each offers `swish` and a name of its own; a multiplies by 2, b by 3."""
    for letter in order:
        factor = {"a": 2.0, "b": 3.0}[letter]
        machine.install_op(f"micrograd-{letter}", "swish", factor, f"own_{letter}")


@BOTH_ORDERS
def test_two_strangers_with_one_name_neither_gets_it(
    machine: Machine, order: tuple[str, str]
) -> None:
    two_strangers(machine, order)
    ran = machine.run(
        "print(error(lambda: v.swish))\nprint(error(lambda: ops.swish))\nprint(hasattr(v, 'swish'))"
    )
    told = (
        "The op 'swish' is offered by micrograd-a and by micrograd-b, so neither gets the name. "
        "Decide with plugins.prefer('swish', 'micrograd-a'), or use a qualified name: "
        "'micrograd-a:swish'."
    )
    assert ran.out == f"AttributeError: {told}\nAmbiguousName: {told}\nFalse\n"


@BOTH_ORDERS
def test_their_other_names_work_and_qualified_names_reach_both(
    machine: Machine, order: tuple[str, str]
) -> None:
    two_strangers(machine, order)
    ran = machine.run(
        "print(v.own_a().data, v.own_b().data)\n"
        "get = plugins.ops_registry.get\n"
        "print(get('micrograd-a:swish')(v).data, get('Micrograd_B:swish')(v).data)\n"
        "print(getattr(v, 'micrograd-b:swish')().data)"
    )
    assert ran.out == "[2. 4.] [3. 6.]\n[2. 4.] [3. 6.]\n[3. 6.]\n"


@BOTH_ORDERS
@pytest.mark.parametrize("before", ["", "plugins.load()\n"], ids=["before loading", "after"])
def test_prefer_decides(machine: Machine, order: tuple[str, str], before: str) -> None:
    two_strangers(machine, order)
    ran = machine.run(
        f"{before}plugins.prefer('swish', 'micrograd-b')\n"
        "print(v.swish().data, ops.swish(v).data, Value.swish is ops.swish)\n"
        "plugins.prefer('swish', 'micrograd-a')\nprint(v.swish().data)\n"
        "print(plugins.ops_registry.distribution_of('swish'))"
    )
    assert ran.out == "[3. 6.] [3. 6.] True\n[2. 4.]\nmicrograd-a\n"


def test_what_is_contested_is_in_the_report(machine: Machine) -> None:
    two_strangers(machine, ("a", "b"))
    ran = machine.run("print([(r.names, r.contested) for r in plugins.report()][1:])")
    assert ran.out == "[(['own_a', 'swish'], ['swish']), (['own_b', 'swish'], ['swish'])]\n"


def test_prefer_refuses_what_it_cannot_give(machine: Machine) -> None:
    two_strangers(machine, ("a", "b"))
    ran = machine.run(
        "print(error(plugins.prefer, 'exp', 'micrograd-a'))\n"
        "print(error(plugins.prefer, 'mse', 'micrograd-a'))\n"
        "plugins.load()\n"
        "print(error(plugins.prefer, 'swish', 'micrograd-c'))\n"
        "print(error(plugins.prefer, 'nothing', 'micrograd-c'))"
    )
    exp, mse, swish, nothing = ran.out.splitlines()
    assert "the name belongs to micrograd-core and cannot be given away" in exp
    assert "the name belongs to micrograd-nn and cannot be given away" in mse
    assert swish.endswith("micrograd-c does not offer it. Choose micrograd-a or micrograd-b.")
    assert nothing.endswith("Choose another name, nobody offers this one.")


def test_a_preference_for_nobody_is_told_once_plugins_are_loaded(machine: Machine) -> None:
    two_strangers(machine, ("a", "b"))
    ran = machine.run("plugins.prefer('swish', 'micrograd-c')\nplugins.load()")
    assert "plugins.prefer('swish', 'micrograd-c') has no effect" in ran.err
    assert "Choose micrograd-a or micrograd-b." in ran.err


def test_one_plugin_may_not_offer_two_objects_under_one_name(machine: Machine) -> None:
    machine.install_op("micrograd-a", "swish", 2.0)
    second = machine.folder / "micrograd_second"
    second.mkdir()
    source = (machine.folder / "micrograd_a" / "__init__.py").read_text()
    (second / "__init__.py").write_text(source)
    [info] = machine.folder.glob("*.dist-info")
    (info / "entry_points.txt").write_text("[micrograd]\na = micrograd_a\nb = micrograd_second\n")
    ran = machine.run("print(v.swish().data, plugins.report()[-1].reason)")
    assert ran.out == "[2. 4.] It offers two different objects under the op name 'swish'.\n"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("v.swihs", "AttributeError: Value has no attribute 'swihs'. Did you mean swish?"),
        ("v.shap", "AttributeError: Value has no attribute 'shap'. Did you mean shape or reshape?"),
        ("ops.swihs", "UnknownName: There is no op 'swihs'. Did you mean swish?"),
        ("v.qqqqq", "AttributeError: Value has no attribute 'qqqqq'."),
        ("v._swish", "AttributeError: 'Value' object has no attribute '_swish'"),
        ("v.mro", "AttributeError: 'Value' object has no attribute 'mro'"),
        (
            "v.mse",
            "AttributeError: Value has no attribute 'mse'. It comes with micrograd-nn: "
            'pip install "micrograd-nn>=1,<2".',
        ),
        (
            "ops.binary_cross_entropy_with_logits",
            "UnknownName: There is no op 'binary_cross_entropy_with_logits'. It comes with "
            'micrograd-nn: pip install "micrograd-nn>=1,<2".',
        ),
        (
            "plugins.ops_registry.get('micrograd-swich:swish')",
            "UnknownName: There is no op 'micrograd-swich:swish'. "
            "Did you mean micrograd-swish:swish?",
        ),
        (
            "plugins.ops_registry.get('somebody:nothing')",
            "UnknownName: There is no op 'somebody:nothing'. 'nothing' is offered by nobody.",
        ),
        (
            "plugins.ops_registry.distribution_of('swihs')",
            "UnknownName: There is no op 'swihs'. Did you mean swish?",
        ),
    ],
)
def test_an_unknown_name_is_told_with_near_misses_or_what_to_install(
    machine: Machine, question: str, told: str
) -> None:
    machine.install_op("micrograd-swish", "swish")
    assert machine.run(f"plugins.load()\nprint(error(lambda: {question}))").out == told + "\n"


def test_unknown_name_is_a_key_error_and_an_attribute_error(machine: Machine) -> None:
    ran = machine.run(
        "print(issubclass(plugins.UnknownName, KeyError), hasattr(ops, 'nope'), "
        "issubclass(plugins.AmbiguousName, plugins.UnknownName))"
    )
    assert ran.out == "True False True\n"
