"""What a plugin may change by its import alone: what had no meaning for Values, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Machine

HEAD = "import numpy as np\nfrom micrograd.engine import Value, hookimpl, op\n"
OFFER = "\n@hookimpl\ndef micrograd_ops(): return {'mine': mine}\n"


def declaring(how: str, factor: float = 1.0) -> str:
    """The source of a plugin whose op multiplies, and is declared so."""
    return (
        f"{HEAD}@op({how})\ndef mine(x): return x * {factor}\n"
        f"@mine.gradient('x')\ndef _(g, out, x): return g * {factor}\n{OFFER}"
    )


def test_a_numpy_function_that_had_no_meaning_may_get_one(machine: Machine) -> None:
    machine.install("micrograd-mine", declaring("numpy=np.spacing", 3.0))
    ran = machine.run(
        "import numpy as np\nprint(error(np.spacing, v)[:40])\nplugins.load()\n"
        "np.spacing(v).sum().backward()\nprint(v.grad)"
    )
    assert ran.out == "TypeError: np.spacing has no rule for Va\n[3. 3.]\n"


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("numpy=np.exp", "changed what np.exp does, which is decided already."),
        ("numpy=(np.spacing, np.sum, np.exp)", "changed what np.exp and np.sum do, which"),
        ("operator='abs'", "changed what Value.__abs__ does, which is decided already."),
        ("operator='//'", "changed what Value.__floordiv__ and Value.__rfloordiv__ do, which"),
    ],
)
def test_what_core_computes_cannot_be_taken(machine: Machine, how: str, told: str) -> None:
    machine.install("micrograd-mine", declaring(how))
    machine.install_op("micrograd-zebra", "zebra", 5.0)
    ran = machine.run(
        "import numpy as np\nplugins.load()\n"
        "print(np.exp(Value(0.0)).item(), np.sum(v).item(), abs(-v).data, (v // 2).data)\n"
        "print(error(np.spacing, v)[:9], v.zebra().data, hasattr(v, 'mine'))"
    )
    assert ran.out == ("1.0 3.0 [1. 2.] [0. 1.]\nTypeError [ 5. 10.] False\n")
    assert ran.err.count("PluginWarning: The plugin micrograd-mine 1.2.3") == 1
    assert told in ran.err
    assert "Leave that out of @op(numpy=..., operator=...); users reach the op by its" in ran.err


def test_a_refused_plugin_leaves_no_numpy_function_and_no_operator_behind(
    machine: Machine,
) -> None:
    source = declaring("numpy=np.spacing, operator='divmod'")
    machine.install("micrograd-mine", source.replace("{'mine': mine}", "1 / 0"))
    ran = machine.run(
        "import numpy as np\nplugins.load(strict=False)\n"
        "print(error(np.spacing, v)[:9], hasattr(Value, '__divmod__'))"
    )
    assert ran.out == "TypeError False\n"


def test_what_is_switched_off_leaves_none_either_and_the_others_stay(machine: Machine) -> None:
    machine.install("micrograd-a", declaring("numpy=np.spacing, operator='divmod'"))
    machine.install(
        "micrograd-b", declaring("numpy=np.unwrap, operator='round'").replace("mine", "b")
    )
    ran = machine.run(
        "import numpy as np\nplugins.load()\n"
        "print([hasattr(Value, name) for name in ('__divmod__', '__round__')])\n"
        "plugins.block('micrograd-a')\n"
        "print([hasattr(Value, name) for name in ('__divmod__', '__round__')])\n"
        "print(error(np.spacing, v)[:9], np.unwrap(v).data)"
    )
    assert ran.out == "[True, True]\n[False, True]\nTypeError [1. 2.]\n"


def test_a_numpy_function_stays_with_the_first_of_two_strangers_by_name(machine: Machine) -> None:
    machine.install("micrograd-b", declaring("numpy=np.spacing", 3.0).replace("mine", "mine_b"))
    machine.install("micrograd-a", declaring("numpy=np.spacing", 2.0).replace("mine", "mine_a"))
    ran = machine.run("import numpy as np\nplugins.load()\nprint(np.spacing(v).data, refused())")
    assert ran.out == "[2. 4.] ['micrograd-b']\n"
    assert "changed what np.spacing does, which is decided already" in ran.err


def test_what_another_plugin_added_stays_when_the_one_that_imported_it_is_refused(
    machine: Machine,
) -> None:
    machine.install("micrograd-a", "import micrograd_b\n1 / 0")
    machine.install("micrograd-b", declaring("numpy=np.spacing", 3.0))
    ran = machine.run("import numpy as np\nprint(v.mine().data, np.spacing(v).data, refused())")
    assert ran.out == "[3. 6.] [3. 6.] ['micrograd-a']\n"


def test_an_interrupted_import_can_be_made_again(machine: Machine) -> None:
    machine.install(
        "micrograd-mine",
        declaring("numpy=np.spacing", 3.0)
        + "import builtins\nif not hasattr(builtins, 'interrupted'):\n"
        "    builtins.interrupted = True\n    raise KeyboardInterrupt\n",
    )
    ran = machine.run(
        "import numpy as np\ntry:\n    plugins.load()\nexcept KeyboardInterrupt:\n"
        "    print(error(np.spacing, v)[:9])\n"
        "plugins.load()\nprint(np.spacing(v).data, refused())"
    )
    assert ran.out == "TypeError\n[3. 6.] []\n"
