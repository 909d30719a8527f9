"""What strangers installed for nn: when it is loaded, whose name wins, what a broken one harms."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from micrograd.engine import hookspecs as core
from micrograd.nn import hookspecs, losses

HEAD = "from micrograd.engine import Value, hookimpl, op, ops\nfrom micrograd.nn import Module\n"
ACTIVATION = "@hookimpl\ndef micrograd_activations(): return "
LOSS = "@hookimpl\ndef micrograd_losses(): return "
QUIET = {name: text for name, text in os.environ.items() if not name.startswith("MICROGRAD_")}

PREAMBLE = """
import sys
import numpy as np
from micrograd.engine import Value, plugins
from micrograd.engine.hosting.host import host
from micrograd.nn import MLP, SGD, activations, losses

def error(f, *arguments):
    try:
        f(*arguments)
    except Exception as caught:
        return f"{type(caught).__name__}: {caught}"
    raise AssertionError("no error")
"""


@pytest.fixture
def install(tmp_path) -> Callable[[str, str], None]:
    """Leave a distribution of one module behind, as pip would."""

    def install(distribution, source):
        module = distribution.replace("-", "_")
        info = tmp_path / f"{module}-1.2.3.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2.3\n"
        (info / "METADATA").write_text(metadata, "utf-8")
        (info / "entry_points.txt").write_text(f"[micrograd]\n{distribution} = {module}", "utf-8")
        (tmp_path / f"{module}.py").write_text(HEAD + source, "utf-8")

    return install


@pytest.fixture
def run(tmp_path) -> Callable[..., str]:
    """What a program prints beside what is installed; it must end well and warn of nothing."""

    def run(program, *flags):
        path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
        ended = subprocess.run(
            [sys.executable, *flags, "-c", PREAMBLE + program],
            env={**QUIET, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    return run


# -- when -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "activations.get('cube')",
        "MLP(2, [3, 1], activation='cube')",
        "losses.get('quartic')",
        "Value(1.0).quartic(2.0)",
        "error(activations.get, 'nobody_has_this')",
        "error(losses.get, 'nobody_has_this')",
    ],
)
def test_a_name_that_nn_does_not_have_loads_what_is_installed(install, run, question):
    install(
        "micrograd-more",
        f"{ACTIVATION}{{'cube': lambda x: x**3}}\n"
        f"{LOSS}{{'quartic': lambda p, t: ((p - t) ** 4).mean()}}",
    )
    program = f"{question}\nprint(host.loaded, 'micrograd_more' in sys.modules)"
    assert run(f"print(host.loaded)\n{program}") == "False\nTrue True\n"


@pytest.mark.parametrize(
    "question",
    [
        "activations.get('relu'), losses.get('mse')",
        "activations.names(), losses.names()",
        "Value(1.0).mse(np.array(2.0))",
        "error(activations.get, '_private')",
        "SGD([Value(1.0)], lr=0.1).step()",
    ],
)
def test_what_nn_has_itself_loads_nothing(install, run, question):
    install("micrograd-more", f"{ACTIVATION}{{'cube': lambda x: x**3}}")
    assert run(f"{question}\nprint(host.loaded, 'micrograd_more' in sys.modules)") == (
        "False False\n"
    )


def test_an_installed_reducer_is_called_only_while_the_program_registers_it(install, run):
    install(
        "micrograd-average",
        "calls = []\n@hookimpl\ndef micrograd_reduce_gradients(parameters):\n"
        "    calls.append(len(parameters))\n"
        "@hookimpl\ndef micrograd_ops(): return {'fine': lambda x: x * 2}\n",
    )
    program = (
        "plugins.load()\nimport micrograd_average as average\n"
        "optimizer = SGD(MLP(2, [3, 1]).parameters(), lr=0.1)\n"
        "optimizer.step()\nprint(average.calls)\n"
        "with plugins.registered(average):\n    optimizer.step()\n    print(average.calls)\n"
        "optimizer.step()\nprint(average.calls, Value(1.0).fine().item())\n"
        "print([r.hooks for r in plugins.report()][-1])"
    )
    assert run(program) == ("[]\n[4]\n[4] 2.0\n['micrograd_ops', 'micrograd_reduce_gradients']\n")


# -- whose ----------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["ab", "ba"])
@pytest.mark.parametrize("hook", ["activations", "losses"])
def test_a_name_that_two_strangers_offer_is_nobodys_until_the_program_decides(
    install, run, hook, order
):
    for letter in order:
        factor = {"a": 2.0, "b": 3.0}[letter]
        install(
            f"micrograd-{letter}",
            f"@hookimpl\ndef micrograd_{hook}(): return {{'bent': lambda x, t=1: x * {factor},"
            f" 'own_{letter}': lambda x, t=1: x}}",
        )
    program = (
        f"print(error({hook}.get, 'bent'))\n"
        f"print([{hook}.get(name)(1.0) for name in ('own_a', 'own_b', 'micrograd-b:bent')])\n"
        f"plugins.prefer('bent', 'micrograd-a')\nprint({hook}.get('bent')(1.0))"
    )
    told, own, decided = run(program).splitlines()
    assert "'bent' is offered by micrograd-a and by micrograd-b, so neither gets the name" in told
    assert (own, decided) == ("[1.0, 1.0, 3.0]", "2.0")


# -- what is refused ------------------------------------------------------------------------

NO_RULE = "@op\ndef flat(x): return x\n"
HOSTILE = {
    "junk activations": (ACTIVATION + "3", "micrograd_activations() returned int, not a mapping."),
    "junk losses": (
        LOSS + "[abs]",
        'returned list, not a mapping. Return a dict such as {"swish": swish} (name to loss).',
    ),
    "activations raise": (ACTIVATION + "1 / 0", "micrograd_activations() raised ZeroDivisionError"),
    "losses exit": (LOSS + "exit(3)", "micrograd_losses() raised SystemExit: 3."),
    "a number": (ACTIVATION + "{'odd': 3}", "activation 'odd' is int 3. Give a function of one"),
    "a class": (ACTIVATION + "{'odd': dict}", "is the class dict, which is not a Module."),
    "two Values": (
        ACTIVATION + "{'odd': lambda x, y: x}",
        "is a function that cannot be called with one Value alone.",
    ),
    "an op of two arrays": (
        ACTIVATION + "{'odd': ops.maximum}",
        "is a function that cannot be called with one Value alone.",
    ),
    "an op without a rule": (
        NO_RULE + ACTIVATION + "{'flat': flat}",
        "flat has no rule for x. Write one with @flat.gradient('x')",
    ),
    "a loss of one Value": (
        LOSS + "{'odd': lambda prediction: prediction}",
        "cannot be called as loss(prediction, target): too many positional arguments.",
    ),
    "a loss with a setting that has no default": (
        LOSS + "{'odd': lambda p, t, weight: p}",
        "missing a required argument: 'weight'. Give a function of two Values; further parameters",
    ),
    "a loss that is a class": (LOSS + "{'odd': dict}", "it is the class dict, not a function."),
    "a name with a space": (
        ACTIVATION + "{'o dd': abs}",
        "The activation name 'o dd' is not a Python identifier.",
    ),
    "an underscore": (
        LOSS + "{'_odd': lambda p, t: p}",
        "The loss name '_odd' begins with an underscore",
    ),
    "an activation of ours": (
        ACTIVATION + "{'identity': abs, 'fine': abs}",
        "The activation name 'identity' belongs to micrograd-nn. Choose another name.",
    ),
    "an op of ours": (
        ACTIVATION + "{'fine': abs, 'relu': abs}",
        "The activation name 'relu' belongs to micrograd-core. Choose another name.",
    ),
    "a loss of ours": (
        LOSS + "{'fine': lambda p, t: p, 'mse': lambda p, t: p}",
        "The loss name 'mse' belongs to micrograd-nn. Choose another name.",
    ),
    "a loss named as an attribute of Value": (
        LOSS + "{'fine': lambda p, t: p, 'backward': lambda p, t: p}",
        "The op name 'backward' is an attribute of Value or of ops already.",
    ),
    "a wrong argument": (
        "@hookimpl\ndef micrograd_losses(prediction): return {}",
        "Its micrograd_losses takes an argument 'prediction', but the hook is micrograd_losses().",
    ),
    "a wrong argument of a reducer": (
        "@hookimpl\ndef micrograd_reduce_gradients(params): ...",
        "'params', but the hook is micrograd_reduce_gradients(parameters).",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_broken_plugin_harms_nobody_and_is_named_once(install, run, case):
    source, reason = HOSTILE[case]
    install("micrograd-hostile", source)
    install("micrograd-after", f"{ACTIVATION}{{'cube': lambda x: x**3}}")
    install("micrograd-zebra", f"{LOSS}{{'quartic': lambda p, t: ((p - t) ** 4).mean()}}")
    program = """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    plugins.load()
    plugins.load()
for one in caught:
    print(type(one.message).__name__, one.message)
print([name for name in ("fine", "flat", "odd") if hasattr(Value, name)
       or name in (*losses.names(), *activations.names())])
print(activations.get("cube")(2.0), losses.get("quartic")(np.ones(2), np.zeros(2)),
      [r.distribution for r in plugins.report() if r.status == "refused"])
"""
    message, left, others = run(program).splitlines()
    assert message.startswith("PluginWarning The plugin micrograd-hostile 1.2.3 (entry point")
    assert reason in message
    assert message.endswith("switch it off with MICROGRAD_PLUGINS=-micrograd-hostile.")
    assert (left, others) == ("[]", "8.0 1.0 ['micrograd-hostile']")


def test_a_lookup_stays_silent_about_it(install, run):
    install("micrograd-hostile", LOSS + "{'odd': 3}")
    assert run("print(hasattr(Value(1.0), 'odd'))\nplugins.report()", "-W", "error") == "False\n"


# -- what core knows of nn ------------------------------------------------------------------


def test_core_knows_which_hooks_are_ours():
    ours = {hook for hook, owner in core.HOOK_OWNERS.items() if owner == "micrograd-nn"}
    assert ours == {name for name in vars(hookspecs) if name.startswith("micrograd_")}


def test_core_knows_which_losses_are_ours_so_that_an_error_can_say_what_to_install():
    ours = {name for name, owner in core.NAME_OWNERS.items() if owner == "micrograd-nn"}
    assert ours == {
        name for name in losses.names() if losses.registry.distribution_of(name) == "micrograd-nn"
    }


# -- a reducer that lies there --------------------------------------------------------------------

REDUCER = "@hookimpl\ndef micrograd_reduce_gradients(parameters): ...\n"
STEPS = """
import os, warnings
from micrograd.engine import compile

def steps(processes, step):
    os.environ["PMI_SIZE"] = processes
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            step()
    print([str(one.message) for one in caught], host.loaded)

optimizer = SGD([Value(1.0)], lr=0.1)
"""
TOLD = (
    "['This process is one of 4, and micrograd-average is installed, but its reducer of "
    "gradients is not registered: each process trains by itself. Give it to "
    "plugins.register before the first step, or, if that is what you want, set "
    "MICROGRAD_PLUGINS=-micrograd-average.'] True\n"
)


@pytest.mark.parametrize(
    "step", ["optimizer.step", "compile(lambda: optimizer.params[0] * 2.0, optimizer=optimizer)"]
)
def test_one_of_several_processes_warns_once_that_a_reducer_is_not_registered(install, run, step):
    install("micrograd-average", REDUCER)
    install("micrograd-more", f"{ACTIVATION}{{'cube': lambda x: x**3}}")
    assert run(f"{STEPS}steps('4', {step})") == TOLD


def test_a_process_of_its_own_never_asks_and_a_registered_reducer_is_enough(install, run):
    install("micrograd-average", REDUCER)
    assert run(f"{STEPS}steps('1', optimizer.step)") == "[] False\n"
    registered = "import micrograd_average\nplugins.register(micrograd_average)\n"
    assert run(f"{STEPS}{registered}steps('4', optimizer.step)") == "[] False\n"


def test_several_processes_without_a_reducer_are_left_in_peace(install, run):
    install("micrograd-more", f"{ACTIVATION}{{'cube': lambda x: x**3}}")
    assert run(f"{STEPS}steps('4', optimizer.step)") == "[] True\n"
