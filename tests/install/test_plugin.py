"""What does `pip install micrograd-swish`, and nothing else, give to each set of packages?

What holds for every plugin is in `test_matrix.py`; here are the numbers of one.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from environments import ROWS, SWISH, Environment

NN_LINE = 'pip install "micrograd-nn>=1,<2"'


@pytest.fixture(scope="module", params=list(ROWS))
def row(
    request: pytest.FixtureRequest, environment_of: Callable[..., Environment]
) -> tuple[Environment, set[str]]:
    return environment_of(request.param, SWISH), ROWS[request.param][1]


def test_its_op_is_a_method_without_an_import(row: tuple[Environment, set[str]]) -> None:
    clean, _ = row
    code = (
        "from micrograd.engine import Value\n"
        "x = Value([-1.0, 0.0, 2.0])\n"
        "y = x.swish(beta=1.5)\n"
        "y.sum().backward()\n"
        "print(y.data.round(4), x.grad.round(4))"
    )
    assert clean.run(code) == "[-0.1824  0.      1.9051] [-0.0413  0.5     1.0881]"


def test_its_activation_and_its_loss_work_with_nn_and_wait_for_it_without(
    row: tuple[Environment, set[str]],
) -> None:
    clean, present = row
    report = (
        "import json\n"
        "from micrograd.engine import plugins\n"
        f"[mine] = [r for r in plugins.report() if r.distribution == {SWISH!r}]\n"
        "print(json.dumps(mine._asdict()))"
    )
    found = json.loads(clean.run(report))
    assert (found["status"], found["reason"], found["version"]) == ("loaded", "", "1.0.0")
    if "nn" not in present:
        assert found["names"] == ["swish"]
        assert found["waiting"] == {"micrograd_activations": NN_LINE, "micrograd_losses": NN_LINE}
        return
    assert found["names"] == ["log_cosh", "swish"]
    assert found["waiting"] == {}
    code = (
        "import numpy as np\n"
        "from micrograd.nn import MLP, losses\n"
        "model = MLP(2, [3, 1], activation='swish', rng=np.random.default_rng(0))\n"
        "loss = model(np.ones((4, 2))).log_cosh(np.zeros((4, 1)))\n"
        "loss.backward()\n"
        "print(losses.get('log_cosh').__module__, all(p.grad.any() for p in model.parameters()))"
    )
    assert clean.run(code) == "micrograd_swish True"


def test_it_can_be_kept_out(environment_of: Callable[..., Environment]) -> None:
    clean = environment_of("core alone", SWISH)
    code = (
        "import os\n"
        "os.environ['MICROGRAD_PLUGINS'] = ''\n"
        "from micrograd.engine import Value\n"
        "Value(1.0).swish()"
    )
    assert clean.fails(code).startswith("AttributeError: ")


def test_it_leaves_nothing_behind_when_it_is_uninstalled(
    environment: Callable[..., Environment],
) -> None:
    clean = environment(("micrograd-nn", SWISH))
    clean.uninstall(SWISH)
    assert clean.fails("from micrograd.engine import Value; Value(1.0).swish()").startswith(
        "AttributeError: "
    )
    assert clean.run("from micrograd.engine import plugins; plugins.load(strict=True)") == ""
