"""The conformance kit: what check_op finds out by itself, and the fixtures for pytest.

That it finds wrong rules stands in `test_ops.py`, beside the ops.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, op, ops
from micrograd.engine.conformance import PROMISES, Case, is_elementwise
from micrograd.engine.testing import all_cases, check_op, sample

POINT = np.array([[0.3, -0.7, 1.1], [0.9, -1.4, 0.2]])


def planted(forward: Any, rule: Any) -> Any:
    """An op of one argument."""
    made = op(forward)
    made.gradient("x")(rule)
    return made


def tanh_forward(x: Any) -> Any:
    return np.tanh(x)


# -- wrong rules ------------------------------------------------------------------------------


def test_the_right_rule_keeps_every_promise() -> None:
    check_op(planted(tanh_forward, lambda g, out, x: g * (1 - out * out)), [sample(POINT)])


def test_a_rule_that_is_wrong_by_a_thousandth_is_caught() -> None:
    wrong = planted(tanh_forward, lambda g, out, x: g * (1 - out * out) * 1.001)
    for order in (1, 2):
        with pytest.raises(AssertionError, match=r"tanh_forward on \(2, 3\), order 1, argument 0"):
            check_op(wrong, [sample(POINT)], order=order)


def test_a_rule_that_detaches_its_output_is_caught() -> None:
    def detaching(g: Any, out: Any, x: Any) -> Any:
        out = out.detach() if isinstance(out, Value) else out
        return g * (1 - out * out)

    wrong = planted(tanh_forward, detaching)
    check_op(wrong, [sample(POINT)], order=1)
    with pytest.raises(AssertionError, match=r"tanh_forward on \(2, 3\), order 2, argument 0"):
        check_op(wrong, [sample(POINT)])


@pytest.mark.parametrize("what", ["g", "out", "x"])
def test_a_rule_that_writes_into_what_it_was_given_is_caught(what: str) -> None:
    def writing(g: Any, out: Any, x: Any) -> Any:
        slope = 1 - out * out
        given = {"g": g, "out": out, "x": x}[what]
        if isinstance(given, np.ndarray) and given.flags.writeable:
            given *= 1.0000001  # too little for the differences to tell
        return g * slope

    with pytest.raises(AssertionError, match=r"check_op of tanh_forward on .* a rule wrote into"):
        check_op(planted(tanh_forward, writing), [sample(POINT)])


def test_a_forward_that_writes_into_its_argument_is_caught() -> None:
    def writing(x: Any) -> Any:
        if x.ndim:
            x[...] = abs(x)
        return x * 2.0

    wrong = planted(writing, lambda g, out, x: g * 2)
    with pytest.raises(AssertionError, match="the forward wrote into an array that it was given"):
        check_op(wrong, [sample(POINT)], reference=lambda x: abs(x) * 2.0)


def test_a_rule_that_breaks_down_is_named() -> None:
    def breaking(g: Any, out: Any, x: Any) -> Any:
        raise ArithmeticError("no slope")

    with pytest.raises(ArithmeticError, match="no slope") as caught:
        check_op(planted(tanh_forward, breaking), [sample(POINT)])
    assert "check_op of tanh_forward on (2, 3)" in caught.value.__notes__[0]


@pytest.mark.parametrize("order", [0, 3, "2"])
def test_another_order_is_refused(order: Any) -> None:
    with pytest.raises(ValueError, match=r"check_op\(order=.*Pass 1 or 2"):
        check_op(ops.tanh, [sample(POINT)], order=order)


# -- elementwise or not -----------------------------------------------------------------------

FORMS = [
    (ops.tanh, {}, 1, True),
    (ops.multiply, {}, 2, True),
    (ops.where, {}, 3, True),
    (ops.sum, {}, 1, False),
    (ops.softmax, {}, 1, False),
    (ops.cumsum, {"axis": 0}, 1, False),
    (ops.transpose, {}, 1, False),
    (ops.flip, {"axis": 0}, 1, False),
    (ops.matmul, {}, 2, False),
    (ops.squeeze, {}, 1, False),
]


@pytest.mark.parametrize(
    ("function", "settings", "count", "expected"), FORMS, ids=[one[0].__name__ for one in FORMS]
)
def test_what_is_elementwise_is_found_out(
    function: Any, settings: Any, count: int, expected: bool, rng: np.random.Generator
) -> None:
    for points in (POINT, np.full((2, 3), 0.5)):
        case = Case(function, sample(*[points] * count, **settings), function)
        assert is_elementwise(case, rng) is expected


def test_an_elementwise_op_is_tried_with_shapes_that_broadcast() -> None:
    """A rule that is right only where all shapes are the same."""

    @op
    def product(x, y):  # type: ignore[no-untyped-def]
        return x * y

    product.gradient("x")(lambda g, out, x, y: (g * y).reshape(x.shape))
    product.gradient("y")(lambda g, out, x, y: g * x)
    check_op(product, [sample(POINT, POINT + 1)], elementwise=False)
    with pytest.raises(ValueError, match="reshape"):
        check_op(product, [sample(POINT, POINT + 1)])


def shapes(cases: list[Case]) -> list[tuple[int, ...]]:
    return [np.shape(case.sample.arrays[0]) for case in cases]


def test_the_first_sample_is_tried_in_other_shapes() -> None:
    assert shapes(all_cases(ops.tanh, [sample(POINT), sample(POINT[0])])) == [
        *[(2, 3), (3,)],
        *[(2, 1), (3,), (0, 3), (0,), ()],
    ]


def test_other_shapes_count_where_the_reference_takes_them() -> None:
    """NumPy has a sum of nothing, and no maximum of nothing."""
    assert shapes(all_cases(ops.sum, [sample(POINT)])) == [(2, 3), (), (0, 3), (2, 0)]
    assert shapes(all_cases(ops.max, [sample(POINT)])) == [(2, 3), ()]
    assert shapes(all_cases(ops.matmul, [sample(POINT, POINT.T)]))[0] == (2, 3)


def test_an_op_that_fails_on_an_empty_array_is_caught() -> None:
    """Not elementwise; its forward takes empty arrays, its rule does not."""

    @op
    def double_sum(x):  # type: ignore[no-untyped-def]
        return x.sum() * 2.0

    @double_sum.gradient("x")
    def _(g, out, x):  # type: ignore[no-untyped-def]
        return g * (np.zeros(x.shape) + 2.0 * x.size / x.size)

    with pytest.raises(ZeroDivisionError) as caught:
        check_op(double_sum, [sample(POINT)])
    assert "(0, 3)" in caught.value.__notes__[0]


def test_arguments_that_take_no_gradient_are_left_as_they_are() -> None:
    check_op(ops.where, [sample(POINT > 0, POINT, 2.0)])
    check_op(lambda x, by: x * by, [sample(POINT, 3), sample(POINT.astype(np.float32), 2)])


def test_float64_in_a_setting_lifts_float32_and_is_no_fault() -> None:
    check_op(lambda x, *, low: np.maximum(x, low), [sample(POINT, low=np.array([0.15, 0.25, 0.5]))])


def test_an_op_without_an_argument_that_takes_a_gradient_is_held_to_its_result() -> None:
    def double(x: Any) -> Value:
        return Value(x * 2.0)

    check_op(double, [sample(np.array(3))], reference=lambda x: x * 2.0)
    with pytest.raises(AssertionError, match=r"check_op of double on .*: the result is"):
        check_op(double, [sample(np.array(3))], reference=lambda x: x * 3.0)


def test_more_arguments_than_shapes() -> None:
    """Of four arguments the last ones share a shape."""
    four = all_cases(lambda a, b, c, d: a * b + c * d, [sample(POINT, POINT, POINT, POINT)])
    assert np.shape(four[1].sample.arrays[3]) == (4, 1, 1)
    check_op(lambda a, b, c, d: a * b + c * d, [sample(POINT, POINT, POINT, POINT)])


def test_each_promise_is_one_sentence() -> None:
    """The command line prints it."""
    for promise in PROMISES:
        sentence = str(promise.__doc__).splitlines()[0]
        assert sentence.endswith(".")
        assert len(sentence) < 92


# -- pytest -----------------------------------------------------------------------------------

CONFTEST = (
    'from micrograd.engine.testing import sample\npytest_plugins = ["micrograd.engine.testing"]'
)

TESTS = """
import numpy as np
from micrograd.engine import op, ops
from micrograd.engine.testing import sample

def test_right(check_op, check_gradients):
    check_op(ops.tanh, [sample(np.array([0.3, -0.7]))])
    check_gradients(ops.tanh, [0.3, -0.7])

def test_wrong(check_op):
    @op
    def double(x):
        return x * 2
    double.gradient("x")(lambda g, out, x: g * 2.002)
    check_op(double, [sample(np.array([0.3, -0.7]))])
"""


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: one for key, one in os.environ.items() if not key.startswith("PYTEST_")}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_kit_is_a_plugin_of_pytest(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST, "utf-8")
    (tmp_path / "test_double.py").write_text(TESTS, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", "utf-8")
    done = python(tmp_path, "-m", "pytest", "-p", "no:cacheprovider", "-q")
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "check_gradients of double on (2,), order 1" in done.stdout
    listed = python(tmp_path, "-m", "pytest", "-p", "no:cacheprovider", "--fixtures", "-q")
    assert "Hold an op against what users rely on" in listed.stdout


def test_the_kit_does_not_import_pytest(tmp_path: Path) -> None:
    code = "import sys, micrograd.engine.testing; sys.exit('pytest' in sys.modules)"
    assert python(tmp_path, "-c", code).returncode == 0
