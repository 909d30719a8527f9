"""Is the source sound Python, the same each time, and readable?"""

from __future__ import annotations

import ast
import builtins
import linecache
import os
import re
import subprocess
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, assign, compile, op, ops, scope
from micrograd.engine.compiler.layout import broken

from ..optable import TABLE

X = np.linspace(-1, 1, 24).reshape(6, 4)


@op
def noisy(x: Any, *, rng: Any) -> Any:
    """x and some noise."""
    return x + rng.standard_normal(x.shape)


@noisy.gradient("x")
def _(g: Any, out: Any, x: Any) -> Any:
    return g


def network() -> Any:
    """A program with everything: scopes, names, a constant, statistics, noise, several results."""
    w1, b1 = Value(np.ones((4, 5)) / 3, name="w1"), Value(np.zeros(5), name="b1")
    w2, mean = Value(np.ones((5, 2)) / 2, name="weight"), Value(np.zeros(5), "mean", None, False)
    rng, table = np.random.default_rng(3), np.sin(np.arange(30.0)).reshape(6, 5)

    def training_loss(x: Any, labels: Any, rate: Any) -> Any:
        with scope("layers.0"):
            h = np.tanh(x @ w1 + b1)
        assign(mean, 0.9 * mean + 0.1 * h.mean(0))
        h = noisy(h - mean, rng=rng) + table
        h.name = "hidden"
        with scope("head"):
            logits = h @ w2
        log_p = ops.log_softmax(logits, axis=1)
        return -log_p[np.arange(6), labels].mean() * rate, logits, np.sort(h, 0)

    program = compile(training_loss, [w1, b1, w2])
    for _ in range(3):
        program(X, np.array([0, 1, 1, 0, 0, 1]), 0.5)
    return program


def sources() -> dict[str, str]:
    """Programs for the first sample of every op of the table, and the network's."""
    found, rng = {"network": network().source}, np.random.default_rng(5)
    for name, row in TABLE.items():
        if row.plain:
            continue
        call = row.samples(rng)[0]
        arrays = [Value(a) if getattr(a, "dtype", None) == np.float64 else a for a in call.arrays]

        def f(arrays: Any = arrays, row: Any = row, call: Any = call) -> Any:
            out = row.function(*arrays, **call.settings)
            out = out if type(out) is tuple else (out,)
            return sum((one * one).sum() for one in out if isinstance(one, Value))

        leaves = [one for one in arrays if isinstance(one, Value)]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                program = compile(f, leaves)
                program(*())
            except TypeError:  # a piecewise constant op: forward only
                program = compile(f)
                program(*())
        found[name] = program.source
    return found


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return sources()


def test_it_compiles_without_a_warning(texts: dict[str, str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, text in texts.items():
            builtins.compile(text, f"<{name}>", "exec")


def test_lines_have_at_most_100_columns(texts: dict[str, str]) -> None:
    long = [
        f"{name}: {line}"
        for name, text in texts.items()
        for line in text.splitlines()
        if len(line) > 100
    ]
    assert not long
    assert not [
        line for text in texts.values() for line in text.splitlines() if line != line.rstrip()
    ]


def test_no_name_shadows_a_builtin_or_is_assigned_and_never_read(texts: dict[str, str]) -> None:
    for name, text in texts.items():
        tree = ast.parse(text)
        stored = {
            n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and type(n.ctx) is ast.Store
        }
        stored |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
        functions = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        assert not (stored | functions) & set(dir(builtins)), name
        assert "np" not in stored
        loaded = {
            n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and type(n.ctx) is ast.Load
        }
        unread = stored - loaded - {one.arg for one in arguments_of(tree, "step")}
        assert not unread, f"{name}: {unread}"


def arguments_of(tree: ast.AST, function: str) -> list[ast.arg]:
    found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    return [arg for n in found for arg in n.args.args + n.args.kwonlyargs]


def test_it_imports_numpy_only(texts: dict[str, str]) -> None:
    for text in texts.values():
        imports = [
            n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Import | ast.ImportFrom)
        ]
        assert [ast.unparse(one) for one in imports] == ["import numpy as np"]


def test_it_has_one_function_that_makes_the_step(texts: dict[str, str]) -> None:
    for text in texts.values():
        functions = [one for one in ast.parse(text).body if isinstance(one, ast.FunctionDef)]
        assert functions[-1].name == "make_step"
        assert ast.get_docstring(functions[-1])
        assert isinstance(functions[-1].body[-1], ast.Return)


def test_it_is_the_same_text_each_time(texts: dict[str, str]) -> None:
    assert sources() == texts


def test_it_is_the_same_text_in_another_process() -> None:
    code = (
        "import numpy as np\n"
        "from micrograd.engine import Value, compile, ops\n"
        "w, b = Value(np.ones((4, 5)), name='w'), Value(np.zeros(5), name='b')\n"
        "def loss(x, given):\n"
        "    h = np.tanh(x @ w + b) * given['scale'] + given['shift']\n"
        "    return (ops.softmax(h, axis=1) ** 2).sum(), {'h': h, 'odd': np.sort(h, 0)}\n"
        "p = compile(loss, [w, b])\n"
        "p(np.ones((3, 4)), {'scale': np.ones(5), 'shift': 2.0})\n"
        "print(p.source)\n"
    )
    found = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "MICROGRAD_PLUGINS": ""}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        found.add(done.stdout)
    assert len(found) == 1


LONG = "x" * 40


@pytest.mark.parametrize(
    "line",
    [
        f"    np.add({LONG}, {LONG}, out={LONG})",
        f"    total = np.concatenate(({LONG}, {LONG}, {LONG}), axis=0)",
        f"    return ({LONG}, {LONG}, {LONG})",
        f"    return {{'a,(': {LONG}, 'b': [{LONG}, {LONG}, {LONG}, {LONG}]}}",
        f"    total = f({LONG} + {LONG} + {LONG})",
        f"    def step({LONG}, y{LONG}, z{LONG}):",
        f"    f('it\\'s, (', {LONG})[{LONG}, {LONG}, {LONG}]",
        f"    {LONG}.f({LONG}, {LONG}).g()",
    ],
)
def test_a_long_line_is_broken_and_says_the_same(line: str) -> None:
    lines = broken(line)
    text = line.strip() + ("\n    pass" if line.endswith(":") else "")
    new = "\n".join(one[4:] for one in lines) + ("\n    pass" if line.endswith(":") else "")
    assert ast.dump(ast.parse(new)) == ast.dump(ast.parse(text))
    assert all(one.startswith("    ") for one in lines)
    if "+" not in line and not line.endswith("()"):  # these have no comma to break at
        assert max(map(len, lines)) <= 100


def test_a_short_line_or_a_comment_stays() -> None:
    for line in ("    f(x)", "# " + f"f({LONG}, {LONG}, {LONG})", f"{LONG} + {LONG} + {LONG}"):
        assert broken(line) == [line]


def test_the_users_names_are_in_it(texts: dict[str, str]) -> None:
    text = texts["network"]
    head = ast.get_docstring(ast.parse(text)) or ""
    assert re.match(r"Recorded from network\.<locals>\.training_loss, test_source\.py:\d+ by", head)
    for line in (
        "x              float64 (6, 4)",
        "labels         int64 (6,)",
        "rate           float64 ()",
        "w1             float64 (4, 5)  parameter",
        "head_weight    float64 (5, 2)  parameter",
        "mean           float64 (5,)  state",
    ):
        assert re.search(re.sub(" +", " +", re.escape(line).replace(r"\ ", " ")), head), line
    assert "It writes into mean." in head
    assert "The gradient of each parameter is written into the array d_<parameter>." in head
    assert "Frozen, as they were when the program was made: table (6, 5)." in head
    assert "d_w1" in text
    assert "d_hidden" in text
    assert "rng.standard_normal(out=" in text
    for comment in (
        "# layers.0: matmul",
        "# layers.0: tanh (Hyperbolic tangent)",
        "# layers.0: rule of tanh for x: d tanh(x)/dx = 1 − tanh²(x), written with the output to",
        "# head: rule of matmul for b: ",
        "# noisy (x and some noise)",
    ):
        assert comment in text, comment


def test_a_closed_over_array_has_its_name_and_is_told_as_frozen() -> None:
    prices = np.linspace(1, 2, 40)
    program = compile(lambda x: x * prices)
    program(np.ones(40))
    assert "Frozen, as they were when the program was made: prices (40,)." in program.source
    assert "np.multiply(x, prices)" in program.source.replace(" * ", ", ") or (
        "x * prices" in program.source
    )


def test_one_blank_line_stands_before_the_step_with_and_without_buffers() -> None:
    w = np.array([1.0, 2.0])
    for f in (lambda x: x * 2, lambda x: x * w, lambda x: np.exp(x) * 2, lambda x: np.exp(x) * w):
        program = compile(f)
        program(np.ones(2))
        inside = program.source[program.source.index("def make_step") :]
        assert "\n\n    def step" in inside
        assert "\n\n\n" not in inside


def test_names_that_python_or_the_program_has_are_changed() -> None:
    names = ["np", "step", "make_step", "class", "sum", "a b", "1st", "", "δ", "x", "x", "part"]
    leaves = [Value(np.ones(3) * i, name=name) for i, name in enumerate(names)]
    program = compile(lambda x: sum((one * x).sum() for one in leaves), leaves)
    for _ in range(3):
        assert program(np.ones(3)) == 3 * sum(range(len(names)))
        for one in leaves:
            np.testing.assert_array_equal(one.grad, np.ones(3))
    (arguments,) = [
        [arg.arg for arg in node.args.args]
        for node in ast.walk(ast.parse(program.source))
        if isinstance(node, ast.FunctionDef) and node.name == "step"
    ]
    assert len(set(arguments)) == len(arguments) == 1 + 2 * len(names)
    assert {"np_2", "step_2", "class_2", "sum_2", "a_b", "x_1st", "δ"} <= set(arguments)


def test_a_parameter_named_like_anothers_gradient() -> None:
    w, d_w = Value([1.0, 2.0], name="w"), Value([3.0, 4.0], name="d_w")
    program = compile(lambda: (w * w * d_w).sum(), [w, d_w])
    for _ in range(3):
        assert program() == 19.0
        np.testing.assert_array_equal(w.grad, [6.0, 16.0])
        np.testing.assert_array_equal(d_w.grad, [1.0, 4.0])


def test_a_traceback_shows_the_programs_line() -> None:
    program = compile(lambda x: np.linalg.inv(x * 2.0).sum())
    program(np.eye(2))
    program(np.eye(2))
    with pytest.raises(np.linalg.LinAlgError, match="Singular") as caught:
        program(np.zeros((2, 2)))
    frames = traceback.extract_tb(caught.value.__traceback__)
    mine = [one for one in frames if one.filename.startswith("<micrograd program")]
    assert "np.linalg.inv(" in (mine[-1].line or "")
    assert linecache.getlines(mine[-1].filename) == program.source.splitlines(keepends=True)
    assert mine[-1].line == program.source.splitlines()[(mine[-1].lineno or 0) - 1].strip()
    linecache.checkcache()
    assert linecache.getlines(mine[-1].filename)  # it stays


def test_its_lines_are_forgotten_with_the_program() -> None:
    import gc

    program = compile(lambda x: x * 2)
    program(np.ones(2))
    entry = program._last
    assert entry is not None
    name = entry.built.filename
    assert name in linecache.cache
    del program, entry
    gc.collect()
    assert name not in linecache.cache


def test_an_import_of_the_engine_brings_no_compiler() -> None:
    code = (
        "import sys, micrograd.engine\n"
        "print([m for m in sys.modules if m.startswith('micrograd.engine.compiler.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    modules = ast.literal_eval(done.stdout)
    assert {one.rpartition(".")[2] for one in modules} == {"assigning", "consulting", "refusal"}
    here = Path(broken.__code__.co_filename).parent
    assert {one.stem for one in here.glob("*.py")} > {"assigning", "refusal", "program", "entry"}
