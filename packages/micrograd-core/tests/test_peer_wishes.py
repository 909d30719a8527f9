"""Is what users of peer libraries missed here? One test for each wish.

Each docstring says where it was asked for. What they trip over is in `test_peer_traps.py`.
"""

from __future__ import annotations

import ast
import re
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import micrograd.engine
from micrograd.engine import Value, detect_anomaly, grad, gradients, no_grad, op, ops
from micrograd.engine.testing import check_gradients, check_op, sample

SOURCE = Path(micrograd.engine.__file__).parent


@pytest.mark.parametrize(
    "call",
    [
        np.exp,
        np.tanh,
        np.log1p,
        np.flip,
        np.cumprod,
        lambda x: np.einsum("ij,jk->ik", x, x),
        lambda x: x.exp(),
        lambda x: x.tanh(),
        lambda x: x.relu(),
    ],
)
def test_the_ops_that_were_missing_are_there(call: Any, rng: np.random.Generator) -> None:
    """micrograd PR#15, PR#74, PR#88 (exp, log, tanh), autograd#725 (flip), #19, #244."""
    check_gradients(call, rng.uniform(0.5, 1.5, (2, 2)))


def test_a_missing_op_tells_how_to_add_one() -> None:
    """micrograd PR#88: training did not converge because an op was not in the repository."""
    with pytest.raises(TypeError, match=r"np\.i0 has no rule.*@op\(numpy=np\.i0\), compose it"):
        np.i0(Value([1.0]))
    with pytest.raises(AttributeError, match=r"expp.*exp"):
        Value(1.0).expp()


def test_a_custom_op_is_a_function_a_rule_and_a_check() -> None:
    """autograd#487 (trouble with defvjp), PR#529."""

    @op
    def cube(x):  # type: ignore[no-untyped-def]
        return x * x * x

    @cube.gradient("x")
    def _(g, out, x):  # type: ignore[no-untyped-def]
        return g * (3 * x * x)

    check_op(cube, [sample(np.array([-1.0, 0.5]))])


@pytest.mark.parametrize(
    ("gradient", "told"),
    [
        (lambda g, out, x: g[:1].repeat(3), r"crooked.*\(3,\).*\(2,\)|crooked.*\(2,\).*\(3,\)"),
        (lambda g, out, x: None, "crooked.*real numbers"),
        (lambda g, out, x: 1j * g, "crooked.*complex"),
        (lambda g, out, x: [g], r"crooked.*\(1, 2\)"),
    ],
    ids=["shape", "None", "complex", "list"],
)
def test_a_rules_result_is_checked_and_the_op_blamed(gradient: Any, told: str) -> None:
    """pytorch#65244 (a wrong shape silently summed), #17893, PR#8168."""

    @op
    def crooked(x):  # type: ignore[no-untyped-def]
        return x * 1.0

    crooked.gradient("x")(gradient)
    crooked.op.distribution = "micrograd-crooked"
    with pytest.raises((TypeError, ValueError), match=told) as error:
        crooked(Value([1.0, 2.0])).sum().backward()
    assert "micrograd-crooked" in str(error.value)


def test_check_gradients_explains_itself() -> None:
    """pytorch#5351, #8659, #48764 ("{}th input"), #114234, chainer#8519 (kinks and ties)."""

    @op
    def almost(x):  # type: ignore[no-untyped-def]
        return x * x

    almost.gradient("x")(lambda g, out, x: g * (2.002 * x))
    with pytest.raises(AssertionError, match=r"(?s)expected.*got") as error:
        check_gradients(almost, np.array([1.0, 3.0], np.float32))
    assert "almost" in str(error.value)
    with pytest.raises(AssertionError, match="kink"):
        check_gradients(ops.relu, np.array([0.0]))


def test_detect_anomaly_names_the_first_bad_op_forward_and_backward() -> None:
    """jax#475, mxnet#8816, pytorch#160016 (wrong line; a nan loss passes), #143658."""
    with detect_anomaly(), np.errstate(all="ignore"):
        x = Value([1.0, 0.0])
        with pytest.raises(ArithmeticError, match=f"log.*{Path(__file__).name}"):
            (np.log(x) * 0.0).sum()
        root = np.sqrt(x)
        with pytest.raises(ArithmeticError, match="sqrt"):
            root.sum().backward()


def test_gradients_as_functions_no_recording_and_higher_orders() -> None:
    """autograd#64, MyGrad PR#307 and 2.2, pytorch#7343, #4661 (`.backward` leaks by a cycle)."""
    third = grad(grad(grad(lambda x: x**4)))
    assert third(2.0) == 48.0
    x = Value(2.0)
    (first,) = gradients(x**3, [x], create_graph=True)
    (second,) = gradients(first, [x])
    assert (first.item(), float(second)) == (12.0, 12.0)
    assert not x.has_grad
    (x**3).backward()
    assert type(x.grad) is np.ndarray  # never a graph
    with no_grad():
        assert not (x**3).requires_grad
    assert not (x**3).detach().requires_grad


def test_an_unused_input_has_a_gradient_of_zeros() -> None:
    """pytorch#6535 (a silent None), tinygrad#4325 (an error is too strict)."""
    x, unused = Value([1.0, 2.0]), Value(np.ones((2, 3), np.float32))
    _, g = gradients((x * x).sum(), [x, unused])
    assert g.dtype == np.float32
    np.testing.assert_array_equal(g, np.zeros((2, 3)))
    np.testing.assert_array_equal(grad(lambda x, y: x.sum(), 1)(np.ones(1), np.ones(1)), [0.0])


def test_nothing_private_of_numpy_is_imported() -> None:
    """autograd#622, #625, #501, meep PR#2857: broken by releases of NumPy."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(one.name for one in node.names)]
                names = names if node.module.split(".")[0] == "numpy" else []
            elif isinstance(node, ast.Import):
                names = [one.name for one in node.names if one.name.startswith("numpy")]
            elif isinstance(node, ast.Attribute) and re.fullmatch(r"np(\.\w+)+", ast.unparse(node)):
                names = [ast.unparse(node)]
            for name in names:
                private = [part for part in name.split(".") if part[0] == "_" or part == "core"]
                assert not private, f"{path.name}: {name}"


def test_it_needs_numpy_and_pluggy_only() -> None:
    """The seed and micrograd-pp: torch and jupyter as requirements, not yet installable by pip."""
    try:
        needs = metadata.requires("micrograd-core") or []
    except metadata.PackageNotFoundError:
        text = next(p for p in SOURCE.parents if (p / "pyproject.toml").exists())
        import tomllib

        project = tomllib.loads((text / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        needs = project["dependencies"]
    assert {need.split(">")[0].split("<")[0].strip() for need in needs} == {"numpy", "pluggy"}
