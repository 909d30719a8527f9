"""Does a plugin that was written for an earlier core go on working? `README.md` says why we ask."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from environments import SEED_SAMPLE, Environment, pip

HERE = Path(__file__).parent
SWISH = HERE / "micrograd-swish-1.0.0"
CHECKSUM = "62864998f9aa4488e04a153f3ae9fcea0aa7aae851429fbb622b80999735730e"


def sources(folder: Path) -> list[Path]:
    """The files of a plugin, without what Python leaves beside them."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in files if "__pycache__" not in path.parts]


def checksum(folder: Path) -> str:
    """One number for all names and texts of a folder; line ends do not count."""
    total = hashlib.sha256()
    for path in sources(folder):
        total.update(path.relative_to(folder).as_posix().encode())
        total.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return total.hexdigest()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The old plugin, built from a copy."""
    folder = tmp_path_factory.mktemp("old")
    project = shutil.copytree(SWISH, folder / "project")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, project, cwd=folder)
    (built,) = folder.glob("*.whl")
    return str(built)


@pytest.fixture(scope="module")
def old(wheel: str, environment: Callable[..., Environment]) -> Environment:
    """Today's core and nn with the old plugin, and pytest to run its tests."""
    return environment(("micrograd-nn", wheel, "pytest"))


def test_the_old_plugin_was_not_edited() -> None:
    assert checksum(SWISH) == CHECKSUM, "Never edit it; README.md says what to change instead."


def test_it_loads_whole_and_without_a_warning(old: Environment) -> None:
    code = (
        "import json\n"
        "from micrograd.engine import plugins\n"
        "plugins.load(strict=True)\n"
        "[mine] = [r for r in plugins.report() if r.distribution == 'micrograd-swish']\n"
        "print(json.dumps(mine._asdict()))"
    )
    mine = json.loads(old.run(code))
    assert (mine["status"], mine["version"], mine["waiting"]) == ("loaded", "1.0.0", {})
    assert mine["hooks"] == ["micrograd_activations", "micrograd_losses", "micrograd_ops"]
    assert mine["names"] == ["log_cosh", "swish"]


def test_its_op_its_activation_and_its_loss_give_the_numbers_of_then(old: Environment) -> None:
    code = (
        "import numpy as np\n"
        "from micrograd.engine import Value, grad, ops\n"
        "from micrograd.nn import MLP\n"
        "x = Value([-1.0, 0.0, 2.0])\n"
        "x.swish(beta=1.5).sum().backward()\n"
        "print(x.grad.round(4), grad(grad(ops.swish))(0.5).round(4))\n"
        "model = MLP(2, [3, 1], activation='swish', rng=np.random.default_rng(0))\n"
        "model(np.ones((4, 2))).log_cosh(np.ones((4, 1))).backward()\n"
        "loss = Value([1.0, 2.0]).log_cosh(np.array([0.0, 4.0]))\n"
        "print(f'{loss:.4f}', all(p.grad.any() for p in model.parameters()))"
    )
    assert old.run(code).splitlines() == ["[-0.0413  0.5     1.0881] 0.4412", "0.8794 True"]


def test_its_own_tests_pass_as_they_were(old: Environment) -> None:
    for name in ("pyproject.toml", "tests"):
        source, target = SWISH / name, old.folder / "empty" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    result = old.start("-m", "pytest", "-q")
    assert result.returncode == 0, result.stdout
    assert "13 passed" in result.stdout


def test_with_the_core_alone_its_op_works_and_the_rest_waits(
    wheel: str, environment: Callable[..., Environment]
) -> None:
    clean = environment(("micrograd-core", wheel))
    assert clean.run(SEED_SAMPLE) == "24.7041 138.8338 645.5773"
    code = (
        "from micrograd.engine import Value, plugins\n"
        "print(Value(2.0).swish().item())\n"
        "[mine] = [r for r in plugins.report() if r.distribution == 'micrograd-swish']\n"
        "print(*sorted(mine.waiting), *set(mine.waiting.values()))"
    )
    number, waiting = clean.run(code).splitlines()
    assert float(number) == pytest.approx(1.7615941559557649)
    assert waiting == 'micrograd_activations micrograd_losses pip install "micrograd-nn>=1,<2"'
