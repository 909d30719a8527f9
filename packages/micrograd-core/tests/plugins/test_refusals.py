"""What happens to a plugin that is broken, and to everybody else?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Machine

HEAD = "from micrograd.engine import hookimpl, op\ndef fine(x): return x * 2\n"
OFFER = HEAD + "@hookimpl\ndef micrograd_ops(): return "
NO_RULE = "@op\ndef bent(x, y): return x\n@bent.gradient('x')\ndef _(g, out, x, y): return g\n"

HOSTILE = {
    "import error": (
        "import nothing_like_this",
        "Importing it raised ModuleNotFoundError: No module",
    ),
    "syntax error": ("def", "Importing it raised SyntaxError"),
    "exit at import": ("raise SystemExit(3)", "Importing it raised SystemExit: 3"),
    "strange exception": (
        "class Odd(BaseException): pass\nraise Odd",
        "Importing it raised Odd.",
    ),
    "an error that cannot be told": (
        "class Mute(Exception):\n    def __str__(self): raise SystemExit\nraise Mute",
        "Importing it raised Mute.",
    ),
    "a plugin that cannot be looked at": (
        HEAD + "import sys\nclass Plugin:\n    def __dir__(self): raise SystemExit\n"
        "sys.modules[__name__] = Plugin()",
        "Examining it raised SystemExit.",
    ),
    "a mapping that breaks down": (
        HEAD + "from collections import UserDict\nclass Odd(UserDict):\n"
        "    def __iter__(self): raise LookupError('lost')\n"
        "@hookimpl\ndef micrograd_ops(): return Odd(fine=fine)",
        "raised LookupError: lost.",
    ),
    "hook raises": (OFFER + "1 / 0", "micrograd_ops() raised ZeroDivisionError: division by zero."),
    "hook exits": (OFFER + "exit()", "micrograd_ops() raised SystemExit"),
    "misspelled hook": (
        HEAD + "@hookimpl\ndef micrograd_op(): return {'fine': fine}",
        "micrograd_op, which is no hook of the family. Correct the name. Did you mean micrograd_",
    ),
    "misspelled beside a good one": (
        OFFER + "{'fine': fine}\n@hookimpl\ndef micrograd_loses(): return {}",
        "Did you mean micrograd_losses",
    ),
    "hook without a mark": (
        HEAD + "def micrograd_ops(): return {'fine': fine}",
        "Its function micrograd_ops is not marked as a hook. Write @hookimpl above it.",
    ),
    "no hook": (HEAD, "It implements no hook. Mark at least one function with @hookimpl"),
    "wrapper": (
        HEAD + "@hookimpl(wrapper=True)\ndef micrograd_ops(): return (yield)",
        "Its micrograd_ops is a hook wrapper",
    ),
    "unknown argument": (
        HEAD + "@hookimpl\ndef micrograd_ops(value): return {}",
        "Its micrograd_ops takes an argument 'value', but the hook is micrograd_ops().",
    ),
    "junk": (
        OFFER + "[fine]",
        "micrograd_ops() returned list, not a mapping. Return a dict such as",
    ),
    "nothing": (OFFER + "None", "micrograd_ops() returned NoneType, not a mapping."),
    "name with a space": (
        OFFER + "{'fi ne': fine}",
        "The op name 'fi ne' is not a Python identifier. Rename it",
    ),
    "keyword": (OFFER + "{'lambda': fine}", "The op name 'lambda' is not a Python identifier."),
    "number for a name": (OFFER + "{3: fine}", "The op name 3 is not a Python identifier."),
    "underscore": (
        OFFER + "{'_fine': fine}",
        "The op name '_fine' begins with an underscore; such names are never looked up. "
        "Rename it, for example 'fine'.",
    ),
    "no function": (OFFER + "{'fine': 3}", "'fine' was refused: int is not a function of Values."),
    "class": (OFFER + "{'fine': dict}", "'fine' was refused: dict is not a function of Values."),
    "no operand": (
        OFFER + "{'fine': lambda: 1}",
        "it takes no positional argument. Its first argument is the Value.",
    ),
    "op without a rule": (
        HEAD + NO_RULE + "@hookimpl\ndef micrograd_ops(): return {'fine': fine, 'bent': bent}",
        "bent has no rule for y. Write one with @bent.gradient('y'), or say @op(constant='y').",
    ),
    "name of an op of ours": (
        OFFER + "{'fine': fine, 'exp': fine}",
        "The op name 'exp' belongs to micrograd-core. Choose another name.",
    ),
    "name of a loss of ours": (
        OFFER + "{'mse': fine}",
        "The op name 'mse' belongs to micrograd-nn.",
    ),
    "name of an attribute": (
        OFFER + "{'fine': fine, 'backward': fine}",
        "The op name 'backward' is an attribute of Value or of ops already. Choose another name.",
    ),
    "name of a module": (
        OFFER + "{'reductions': fine}",
        "is an attribute of Value or of ops already",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_broken_plugin_harms_nobody_and_is_named_once(machine: Machine, case: str) -> None:
    source, reason = HOSTILE[case]
    machine.install_op("micrograd-after", "after", 3.0)
    machine.install_op("micrograd-zebra", "zebra", 5.0)
    machine.install("micrograd-hostile", source)
    ran = machine.run(
        """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    plugins.load()
    plugins.load()
for one in caught:
    print(type(one.message).__name__, one.message)
print("fine" in plugins.ops_registry.names(), hasattr(Value, "fine"))
print([name for name, plugin in plugins.manager.list_name_plugin() if "hostile" in name])
print(v.after().data, v.zebra().data, v.exp().shape, refused())
"""
    )
    message, *rest = ran.out.splitlines()
    assert message.startswith(
        "PluginWarning The plugin micrograd-hostile 1.2.3 (entry point micrograd-hostile) was"
    )
    assert reason in message
    assert message.endswith("MICROGRAD_PLUGINS=-micrograd-hostile.")
    assert rest == ["False False", "[]", "[3. 6.] [ 5. 10.] (2,) ['micrograd-hostile']"]
    assert ran.err == ""


def test_all_of_them_at_once(machine: Machine) -> None:
    for number, (source, _) in enumerate(HOSTILE.values()):
        machine.install(f"micrograd-hostile-{number}", source)
    machine.install_op("micrograd-zebra", "zebra", 5.0)
    ran = machine.run("print(v.zebra().data, len(refused()))\nplugins.load()")
    assert ran == (f"[ 5. 10.] {len(HOSTILE)}\n", "")


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (
            "g.reshape(-1)[:1] * [[1.0, 2.0, 3.0]]",
            "returned shape (1, 3) for an argument of shape (2,). Return its shape, or one that it "
            "broadcasts to.",
        ),
        (
            "__import__('numpy').array([None, None])",
            "returned object elements. Return an array of real numbers.",
        ),
    ],
)
def test_a_rule_that_returns_junk_is_blamed_on_its_distribution(
    machine: Machine, result: str, told: str
) -> None:
    machine.install(
        "micrograd-hostile",
        f"{HEAD}@op\ndef bent(x): return x * 2\n@bent.gradient('x')\n"
        f"def _(g, out, x): return {result}\n"
        "@hookimpl\ndef micrograd_ops(): return {'bent': bent}",
    )
    machine.install_op("micrograd-zebra", "zebra", 5.0)
    ran = machine.run(
        "print(error(v.bent().sum().backward))\nprint(v.has_grad, refused())\n"
        "v.zebra().sum().backward()\nprint(v.grad)"
    )
    message, *rest = ran.out.splitlines()
    assert "bent (micrograd-hostile): the rule for 'x'" in message
    assert message.endswith(told)
    assert rest == ["False []", "[5. 5.]"]
    assert ran.err == ""


def test_an_entry_point_that_names_nothing(machine: Machine) -> None:
    machine.install("micrograd-hostile", HEAD, entry_points={"h": "micrograd_hostile:missing"})
    assert "has no attribute 'missing'" in machine.run("print(plugins.report()[-1].reason)").out


def test_an_object_can_be_the_plugin(machine: Machine) -> None:
    machine.install(
        "micrograd-object",
        HEAD + "class Plugin:\n    @hookimpl\n    def micrograd_ops(self): return {'fine': fine}\n"
        "plugin = Plugin()",
        entry_points={"o": "micrograd_object:plugin"},
    )
    assert machine.run("print(v.fine().data, refused())").out == "[2. 4.] []\n"


def test_one_object_under_two_names_is_entered_once(machine: Machine) -> None:
    machine.install(
        "micrograd-twice",
        OFFER + "{'fine': fine}",
        entry_points={"a": "micrograd_twice", "b": "micrograd_twice"},
    )
    ran = machine.run(
        "print(v.fine().data, [(r.entry_point, r.status) for r in plugins.report()][-2:])"
    )
    assert ran.out == "[2. 4.] [('a', 'loaded'), ('b', 'refused')]\n"


def test_the_second_name_of_one_object_is_told_with_what_to_do(machine: Machine) -> None:
    machine.install(
        "micrograd-twice",
        OFFER + "{'fine': fine}",
        entry_points={"a": "micrograd_twice", "b": "micrograd_twice"},
    )
    ran = machine.run("plugins.load()\nprint(v.fine().data)")
    assert ran.out == "[2. 4.]\n"
    assert ran.err.count("PluginWarning") == 1
    assert (
        "The plugin micrograd-twice 1.2.3 (entry point b) was refused. It is the same object as "
        "micrograd-twice:a. Declare one entry point for it." in ran.err
    )


def test_a_function_in_c_that_does_not_say_what_it_takes_is_believed(machine: Machine) -> None:
    machine.install("micrograd-fine", OFFER + "{'largest': max}")
    assert machine.run("print(v.largest().item(), refused())").out == "2.0 []\n"


def test_a_plugin_that_warns_while_it_is_imported_keeps_a_lookup_silent(machine: Machine) -> None:
    machine.install(
        "micrograd-old",
        "import warnings\nwarnings.warn('old', DeprecationWarning)\n" + OFFER + "{'fine': fine}",
    )
    ran = machine.run(
        "print(hasattr(v, 'other'), plugins.report()[-1].reason)", "-W", "error::DeprecationWarning"
    )
    assert ran == ("False Importing it raised DeprecationWarning: old.\n", "")


def test_one_function_under_two_op_names_is_fine(machine: Machine) -> None:
    machine.install_op("micrograd-swish", "swish", 3.0, "swoosh")
    assert machine.run("print(v.swish().data, v.swoosh().data)").out == "[3. 6.] [3. 6.]\n"


def test_two_distributions_with_one_entry_point_name_both_come_in(machine: Machine) -> None:
    machine.install("micrograd-a", OFFER + "{'fine_a': fine}", entry_points={"same": "micrograd_a"})
    machine.install("micrograd-b", OFFER + "{'fine_b': fine}", entry_points={"same": "micrograd_b"})
    assert machine.run("print(v.fine_a().data, v.fine_b().data)").out == "[2. 4.] [2. 4.]\n"


def test_a_distribution_that_bears_our_name_is_not_taken_for_ours(machine: Machine) -> None:
    machine.install("micrograd-viz", OFFER + "{'fine': fine}", module="unrelated")
    [told] = machine.run(
        "print(*[(r.reason, r.fix) for r in plugins.report() if r.status == 'refused'])"
    ).out.splitlines()
    assert "It bears the name of one of our packages and is another." in told
    assert 'pip install "micrograd-viz>=1,<2"' in told


def test_a_module_of_ours_that_is_somebody_elses_is_told(machine: Machine) -> None:
    machine.install("micrograd-nn", "", module="micrograd.nn")
    [told] = machine.run(
        "print(*[r.reason + r.fix for r in plugins.report()][1:])"
    ).out.splitlines()
    assert "is not the module of this package." in told
    assert 'Install it again: pip install "micrograd-nn>=1,<2".' in told


@pytest.mark.parametrize("answer", ["1 / 0", "'junk'", "exit(3)"])
def test_a_stranger_whose_picture_fails_is_left_out(machine: Machine, answer: str) -> None:
    machine.install(
        "micrograd-a", f"{HEAD}@hookimpl\ndef micrograd_mimebundle(value): return {answer}"
    )
    machine.install(
        "micrograd-b",
        HEAD
        + "@hookimpl\ndef micrograd_mimebundle(value): return {'text/plain': str(value.shape)}",
    )
    ran = machine.run("print(v._repr_mimebundle_())\nprint(v._repr_mimebundle_())")
    assert ran.out == "{'text/plain': '(2,)'}\n" * 2
    assert (
        ran.err.count("The plugin micrograd-a was left out: its micrograd_mimebundle raised") == 1
    )


def test_without_an_answer_a_notebook_shows_the_repr(machine: Machine) -> None:
    assert machine.run("print(v._repr_mimebundle_(include=None, exclude=None))").out == "None\n"
