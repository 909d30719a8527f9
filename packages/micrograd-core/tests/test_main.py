"""python -m micrograd.engine check: what it prints, and how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import op, ops
from micrograd.engine.__main__ import main
from micrograd.engine.checking import CannotCheck, draw, find
from micrograd.engine.conformance import PROMISES

OPS = """
import numpy as np
from micrograd.engine import op, Value

@op
def swish(x, *, beta):
    return x / (1 + np.exp(-beta * x))

@swish.gradient("x")
def _(g, out, x, *, beta):
    s = 1 / (1 + np.exp(-beta * x))
    return g * (s + beta * out * (1 - s))

@op
def slow(x):
    return np.tanh(x)

@slow.gradient("x")
def _(g, out, x):
    return g * (1 - out * out) * 1.001

@op
def detached(x):
    return np.tanh(x)

@detached.gradient("x")
def _(g, out, x):
    out = out.detach() if isinstance(out, Value) else out
    return g * (1 - out * out)

@op
def broken(x):
    return np.tanh(x)

@broken.gradient("x")
def _(g, out, x):
    return g.no_such_thing

class Box:
    half = staticmethod(lambda x: x * 0.5)

number = 3
"""


@pytest.fixture(autouse=True, scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("ops")
    (folder / "main_ops.py").write_text(OPS, "utf-8")
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))
    sys.modules.pop("main_ops", None)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["check", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_an_op_that_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "main_ops:swish", "--set", "beta=1.5")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "main_ops:swish, of real numbers, with beta=1.5"
    assert lines[1] == "  in the shapes (2, 3); (2, 1); (3,); (0, 3); (0,); ()"
    assert [line.split()[-1] for line in lines[3 : 3 + len(PROMISES)]] == ["ok"] * len(PROMISES)
    assert lines[-1] == "main_ops:swish keeps 7 of 7 promises."


def failed(out: str) -> list[int]:
    lines = out.splitlines()[3 : 3 + len(PROMISES)]
    return [i for i, line in enumerate(lines) if line.endswith("FAILED")]


def test_a_rule_that_is_wrong_by_a_thousandth(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "main_ops:slow")
    assert (code, failed(out)) == (1, [2, 3])
    assert out.count("check_gradients of slow on (2, 3), order 1, argument 0") == 1
    assert out.endswith("main_ops:slow keeps 5 of 7 promises.\n")


def test_a_rule_that_detaches_its_output(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "main_ops:detached")
    assert (code, failed(out)) == (1, [3])
    assert "order 2, argument 0" in out


def test_a_rule_that_breaks_down(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "main_ops:broken")
    assert code == 1
    assert 0 not in failed(out)
    assert "check_op of broken on (2, 3): AttributeError" in out


def test_a_domain_is_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "micrograd.engine.ops:log")
    assert code == 2
    assert "no sample fits" in err
    assert "invalid value encountered in log" in err
    assert "--domain" in err
    code, out, _ = run(capsys, "micrograd.engine.ops:log", "--domain", "positive")
    assert (code, out.splitlines()[0]) == (0, "micrograd.engine.ops:log, of positive numbers")
    assert run(capsys, "micrograd.engine.ops:arcsin", "--domain", "unit")[0] == 0


def test_shapes_are_found_or_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "micrograd.engine.ops:matmul")
    assert code == 0
    assert "in the shapes (2, 3) and (3, 2)" in out
    code, out, _ = run(capsys, "micrograd.engine.ops:matmul", "--shapes", "(4, 2, 3), (3,)")
    assert code == 0
    assert "in the shapes (4, 2, 3) and (3,)" in out


def test_another_seed_draws_other_samples() -> None:
    drawn = [
        draw(ops.exp, "real", np.random.default_rng(seed), {})[0].arrays[0] for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert (drawn[0] != drawn[2]).all()


@pytest.mark.parametrize("domain", ["real", "positive", "unit"])
def test_samples_lie_in_the_domain_away_from_kinks_and_ties(domain: str) -> None:
    low, high = {"real": (-2.1, 2.1), "positive": (0.3, 3.0), "unit": (0.05, 0.95)}[domain]
    for one in draw(ops.exp, domain, np.random.default_rng(0), {}):
        x = np.sort(one.arrays[0], axis=None)
        assert ((low <= x) & (x <= high)).all()
        assert np.abs(x).min() >= 0.05
        assert np.diff(x).min() > 1e-3


def test_an_op_of_any_number_of_arrays_gets_two() -> None:
    one = draw(lambda *arrays: arrays[0] + arrays[1], "real", np.random.default_rng(0), {})[0]
    assert len(one.arrays) == 2


def test_what_is_declared_constant_may_be_indices() -> None:
    @op(constant="i")
    def picked(x, i):  # type: ignore[no-untyped-def]
        return np.take_along_axis(x, i, axis=0)

    picked.gradient("x")(lambda g, out, x, i: g)
    one = draw(picked, "real", np.random.default_rng(0), {})[0]
    assert [x.dtype.kind for x in one.arrays] == ["f", "i"]


def test_a_function_inside_a_class() -> None:
    assert find("main_ops:Box.half")(3.0) == 1.5


REFUSED = {
    "swish": r"'swish' is not MODULE:OP",
    "main_ops:": r"is not MODULE:OP",
    "no_such_module:swish": r"importing no_such_module failed: No module named",
    "main_ops:swisch": r"main_ops has no 'swisch'. It has the ops: swish\.",
    "main_ops:number": r"main_ops:number is int. Name a function of Values",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_found_ends_with_2(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CannotCheck, match=REFUSED[name]):
        find(name)
    code, out, err = run(capsys, name)
    assert (code, out) == (2, "")
    assert err.startswith("python -m micrograd.engine check: ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["main_ops:swish"], "no sample fits"),
        (["main_ops:swish", "--set", "beta"], "--set 'beta' is not NAME=VALUE"),
        (["main_ops:slow", "--shapes", "x"], "--shapes 'x' are no shapes"),
        (["main_ops:slow", "--shapes", "(2, -1)"], "are no shapes"),
        (["micrograd.engine.ops:sign"], "no argument that takes a gradient"),
    ],
)
def test_what_fits_no_sample_ends_with_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert told in err


def test_the_command_itself(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OPS, "utf-8")
    command = [sys.executable, "-m", "micrograd.engine", "check"]
    for name, code in (("mine:detached", 1), ("micrograd.engine.ops:tanh", 0), ("mine:x", 2)):
        done = subprocess.run(
            [*command, name], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr


def test_without_a_command_it_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert "check" in capsys.readouterr().err
