"""Does a saved program run where only NumPy is, and give the same numbers?"""

from __future__ import annotations

import importlib
import json
import pickle
import subprocess
import sys
import types
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from micrograd.engine import CannotCompile, Value, assign, compile, op, ops

X = np.linspace(-1, 1, 12).reshape(3, 4)

RUNNER = """
import pickle, sys
sys.path.insert(0, {folder!r})
import step
with open({given!r}, "rb") as file:
    calls = pickle.load(file)
kept = [step.program(*args, **named) for args, named in calls]
names = [name for name, one in vars(step).items() if type(one).__name__ == "ndarray"]
arrays = {{name: getattr(step, name) for name in names}}
ours = [m for m in sys.modules if m.partition(".")[0] == "micrograd"]
with open({found!r}, "wb") as file:
    pickle.dump((kept, arrays, ours), file)
"""


def run_alone(folder: Path, calls: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """What the saved program returns for each call, in a Python of its own, and its arrays."""
    given, found = folder / "given.pickle", folder / "found.pickle"
    given.write_bytes(pickle.dumps(calls))
    code = RUNNER.format(folder=str(folder), given=str(given), found=str(found))
    subprocess.run([sys.executable, "-I", "-W", "error", "-c", code], check=True)
    kept, arrays, ours = pickle.loads(found.read_bytes())
    assert ours == []
    return kept, arrays


def equal(one: Any, other: Any) -> None:
    """To the bit, also within nestings."""
    assert type(one) is type(other)
    if isinstance(one, (tuple, list)):
        for a, b in zip(one, other, strict=True):
            equal(a, b)
    elif isinstance(one, dict):
        assert list(one) == list(other)
        equal([*one.values()], [*other.values()])
    else:
        np.testing.assert_array_equal(one, other)
        assert getattr(one, "dtype", None) == getattr(other, "dtype", None)


@pytest.mark.parametrize("arrays", ["embed", "npz", "auto"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_forward_and_backward(tmp_path: Path, arrays: str, dtype: Any) -> None:
    rng = np.random.default_rng(1)
    w = Value(rng.normal(size=(4, 3)), name="w", dtype=dtype)
    b = Value(np.array([0.1, -0.0, 1e-30]), name="b", dtype=dtype)
    scale, n = np.linspace(1, 2, 20, dtype=dtype)[:, None], Value(2.0, name="n", dtype=dtype)

    def loss(x: Any, factor: float) -> Any:
        h = np.tanh(x @ w + b) * n
        return (h**2).mean() * factor, {"h": h, "scaled": [scale * h[0], "text", None, 3]}

    program = compile(loss, [w, b, n])
    calls = [((rng.normal(size=(5, 4)).astype(dtype), 0.5 * i), {}) for i in range(3)]
    program(*calls[0][0])
    program.save(tmp_path / "step.py", arrays=arrays)
    assert (tmp_path / "step.npz").exists() == (arrays == "npz")
    kept, found = run_alone(tmp_path, calls)
    for out, (args, _) in zip(kept, calls, strict=True):
        equal(out, program(*args))
    for leaf, name in ((w, "w"), (b, "b"), (n, "n")):
        equal(found[name], np.asarray(leaf.data))
        equal(found[f"d_{name}"], np.asarray(leaf.grad))
    np.testing.assert_array_equal(np.signbit(found["b"]), np.signbit(b.data))


def test_forward_only_and_many_numbers_go_beside_the_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    w = Value(rng.normal(size=(150, 100)), name="w")
    program, x = compile(lambda x: np.tanh(x @ w)), rng.normal(size=(2, 150))
    program(x)
    program.save(tmp_path / "step.py")
    assert (tmp_path / "step.npz").stat().st_size > 100_000
    assert (tmp_path / "step.py").stat().st_size < 3_000
    kept, _ = run_alone(tmp_path, [((x,), {})])
    equal(kept[0], program(x))


def test_the_file_and_its_arrays_may_be_moved_together(tmp_path: Path) -> None:
    w = Value([1.0, 2.0], name="w")
    program = compile(lambda x: x * w)
    program(np.ones(2))
    program.save(str(tmp_path / "step.py"), arrays="npz")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for name in ("step.py", "step.npz"):
        (tmp_path / name).rename(folder / name)
    kept, _ = run_alone(folder, [((np.ones(2),), {})])
    equal(kept[0], np.array([1.0, 2.0]))


def test_a_saved_program_changes_nothing_here(tmp_path: Path) -> None:
    w = Value([1.0, 2.0], name="w")
    program = compile(lambda x: (x * w).sum(), [w])
    program(np.ones(2))
    program.save(tmp_path / "step.py")
    run_alone(tmp_path, [((np.full(2, 9.0),), {})])
    np.testing.assert_array_equal(w.grad, [1.0, 1.0])


def test_results_are_fresh_there_too(tmp_path: Path) -> None:
    program = compile(lambda x: (np.exp(x) * 2, x))
    program(X)
    program.save(tmp_path / "step.py")
    kept, _ = run_alone(tmp_path, [((X * i,), {}) for i in range(3)])
    for i, out in enumerate(kept):
        equal(out, program(X * i))


def test_running_statistics_and_shape_nothing(tmp_path: Path) -> None:
    mean = Value(np.zeros(4), name="mean", requires_grad=False)
    count = Value(0.0, name="count", requires_grad=False)

    def f(x: Any) -> Any:
        assign(mean, 0.9 * mean + 0.1 * x.mean(0))
        assign(count, count + 1.0)
        return x - mean, count

    program = compile(f)
    for _ in range(3):
        program(X)
    program.save(tmp_path / "step.py")
    calls = [((X * i,), {}) for i in range(3)]
    kept, found = run_alone(tmp_path, calls)
    for out, (args, _) in zip(kept, calls, strict=True):
        equal(out, program(*args))
    equal(found["mean"], mean.data)
    equal(found["count"], count.data)


@op
def dropped(x: Any, *, p: float, rng: Any) -> Any:
    mask = rng.random(x.shape) >= p
    return x * mask / (1.0 - p)


@dropped.gradient("x")
def _(g: Any, out: Any, x: Any, *, p: float) -> Any:
    return g * (out != 0) / (1.0 - p)


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "Philox", "SFC64"])
def test_generators_go_on_where_they_are(tmp_path: Path, kind: str) -> None:
    w, rng = Value(X, name="w"), np.random.Generator(getattr(np.random, kind)(5))
    program = compile(lambda x: (dropped(w * x, p=0.5, rng=rng) ** 2).sum(), [w])
    program(X)
    program.save(tmp_path / "step.py")
    kept, found = run_alone(tmp_path, [((X,), {}), ((X * 2,), {})])
    for out, x in zip(kept, (X, X * 2), strict=True):
        equal(out, program(x))
    equal(found["d_w"], w.grad)


def test_a_generator_with_a_long_state_is_refused(tmp_path: Path) -> None:
    rng = np.random.Generator(np.random.MT19937(5))
    program = compile(lambda x: dropped(Value(x), p=0.5, rng=rng))
    program(X)
    with pytest.raises(CannotCompile, match=r"a MT19937 generator is 624 numbers.*default_rng\("):
        program.save(tmp_path / "step.py")
    assert list(tmp_path.iterdir()) == []


def test_a_generator_as_argument(tmp_path: Path) -> None:
    program = compile(lambda x, rng: dropped(Value(x), p=0.5, rng=rng))
    program(X, np.random.default_rng(1))
    program.save(tmp_path / "step.py")
    kept, _ = run_alone(tmp_path, [((X, np.random.default_rng(7)), {})])
    equal(kept[0], program(X, np.random.default_rng(7)))


KERNELS: dict[str, Any] = {
    "scatter": lambda w: w[[0, 2, 2]] ** 2,
    "scatter along": lambda w: np.take_along_axis(w, np.array([[0, 0], [3, 1], [2, 2]]), 1) ** 2,
    "cumulative": lambda w: np.cumprod(w, 1) ** 2,
    "windows": lambda w: np.lib.stride_tricks.sliding_window_view(w, 2, 1) ** 2,
    "solve": lambda w: np.linalg.solve(w @ w.T + np.eye(3), w),
    "eigh": lambda w: np.linalg.eigh(w @ w.T)[0] ** 2,
    "einsum": lambda w: np.einsum("ij,kj->ik", w, w),
    "sort": lambda w: np.sort(w, 1) * np.arange(4.0),
    "pad": lambda w: np.pad(w, 1) ** 2,
    "softmax": lambda w: ops.logsumexp(w, axis=1) ** 2,
    "typed": lambda w: w * np.float32(np.nan) + np.minimum(w, np.float32(np.inf)),
    "infinities": lambda w: np.maximum(w, -np.inf) + np.where(w > 9.0, np.nan, 0.0),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", KERNELS)
def test_kernels_and_calls_stand_in_the_file(tmp_path: Path, name: str, dtype: Any) -> None:
    w = Value(X + 0.3, name="w", dtype=dtype)
    program = compile(lambda: KERNELS[name](w).sum(), [w])
    program()
    program.save(tmp_path / "step.py")
    kept, found = run_alone(tmp_path, [((), {}), ((), {})])
    for out in kept:
        equal(out, program())
    equal(found["d_w"], w.grad)


def test_labels_chosen_and_returned(tmp_path: Path) -> None:
    def f(x: Any, labels: Any) -> Any:
        chosen = np.tanh(x)[np.arange(len(x)), labels].sum()
        return chosen, np.tanh(x) - (labels.reshape(-1, 1) == np.arange(4))

    program, labels = compile(f), np.array([0, 3, 1])
    program(X, labels)
    program.save(tmp_path / "step.py")
    kept, _ = run_alone(tmp_path, [((X, labels), {})])
    equal(kept[0], program(X, labels))


# -- what leaves NumPy ---------------------------------------------------------------------------


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module with an opaque op, as a plugin has, that can also be imported elsewhere."""
    (tmp_path / "outside_numpy.py").write_text(
        "from micrograd.engine import op\n"
        "@op(opaque=True)\n"
        "def halved(x, *, by=2.0):\n"
        "    return x / by\n"
        "@halved.gradient('x')\n"
        "def _(g, out, x, *, by):\n"
        "    return halved(g, by=by)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("outside_numpy")
    sys.modules.pop("outside_numpy")


def test_an_opaque_op_is_imported_by_the_file(tmp_path: Path, plugin: Any) -> None:
    w = Value(X, name="w")
    program = compile(lambda: (plugin.halved(w, by=4.0) ** 2).sum(), [w])
    program()
    program.save(tmp_path / "step.py")
    text = (tmp_path / "step.py").read_text()
    assert "import outside_numpy\n" in text
    assert "It imports outside_numpy, for ops that leave NumPy." in text
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import step; "
        "print(repr(float(step.program())), step.d_w.tolist())"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    value, _, gradient = done.stdout.partition(" ")
    assert float(value) == program()
    assert json.loads(gradient) == w.grad.tolist()


def test_what_no_module_gives_by_name_is_refused(tmp_path: Path) -> None:
    @op(opaque=True, constant="x")
    def local(x: Any) -> Any:
        return x * 2

    class Pair(NamedTuple):
        a: Any
        b: Any

    class Scale:
        factor = 2.0

    @op(opaque=True, constant="x")
    def scaled(x: Any, *, by: Any) -> Any:
        return x * by.factor

    cases: list[tuple[Any, str]] = [
        (lambda x: local(Value(x)), "local_2"),
        (lambda x: local(Value(x)) + local(Value(x + 1)), "local_3"),
        (lambda x: Pair(x, x), "Pair"),
        (lambda x: scaled(Value(x), by=Scale()), "scaled_2, scale"),
    ]
    for f, name in cases:
        program = compile(f, verify=False)
        program(X)
        assert f"It needs {name}, which no module gives by name." in program.source
        with pytest.raises(CannotCompile, match=f"the program needs {name}, which no module.*top"):
            program.save(tmp_path / "step.py")
    assert list(tmp_path.iterdir()) == []


def test_what_stands_in_main_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main = types.ModuleType("__main__")
    exec("def twice(x):\n    return x * 2\n", vars(main))
    monkeypatch.setitem(sys.modules, "__main__", main)
    twice = op(opaque=True, constant="x")(main.twice)
    main.twice = twice  # type: ignore[attr-defined]
    program = compile(lambda x: twice(Value(x)))
    program(X)
    with pytest.raises(CannotCompile, match="the program needs twice"):
        program.save(tmp_path / "step.py")


def test_errors_of_save(tmp_path: Path) -> None:
    program = compile(lambda x: x * 2)
    with pytest.raises(RuntimeError, match=r"has not been called yet, so nothing is recorded"):
        program.save(tmp_path / "step.py")
    with pytest.raises(RuntimeError, match=r"has not been called yet, so nothing is recorded"):
        program.explain()
    program(X)
    with pytest.raises(ValueError, match=r"arrays='both'. Pass 'auto', 'embed' or 'npz'"):
        program.save(tmp_path / "step.py", arrays="both")
    with pytest.raises(ValueError, match=r"'step\.txt' is no Python file.*ends in \.py"):
        program.save(tmp_path / "step.txt")
    assert list(tmp_path.iterdir()) == []


def test_every_name_that_the_file_uses_is_its_own(tmp_path: Path) -> None:
    """A parameter may be called what the file calls its own things."""
    names = ["program", "_step", "_arrays", "w", "make_step", "d_w"]
    leaves = [Value([1.0 + i, 2.0], name=name) for i, name in enumerate(names)]
    program = compile(lambda x: sum((one * x).sum() for one in leaves), leaves)
    program(np.ones(2))
    for arrays in ("embed", "npz"):
        program.save(tmp_path / "step.py", arrays=arrays)
        kept, _ = run_alone(tmp_path, [((np.ones(2),), {})])
        equal(kept[0], program(np.ones(2)))
