"""Is an op right? The conformance kit for authors of ops.

``check_gradients`` compares the gradients of any function of Values with differences of the
function; it is explained in ``differences``. ``check_op`` holds an op against all that users rely
on, which stands in ``conformance``. Both raise AssertionError, which test runners show, and return
nothing.

    def test_swish():
        check_op(swish, [sample(np.array([-1.0, 0.5]))])

With ``pytest_plugins = ["micrograd.engine.testing"]`` in a ``conftest.py``, tests may ask for both
as fixtures, ``check_op`` and ``check_gradients``, instead of importing them. From a terminal, with
samples that it draws by itself:

    python -m micrograd.engine check my_package.my_module:swish

(For pytest, which may meet the module when it is imported already: PYTEST_DONT_REWRITE.)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .conformance import (
    PROMISES,
    Case,
    Sample,
    first_order,
    is_elementwise,
    other_shapes,
    second_order,
)
from .differences import Function, called, check_gradients

__all__ = ["Sample", "check_gradients", "check_op", "sample"]


def sample(*arrays: Any, **settings: Any) -> Sample:
    """A call for ``check_op`` to make.

    >>> sample(np.ones((2, 3)), axis=0).settings
    {'axis': 0}
    """
    return Sample(arrays, settings)


def check_op(
    op: Function,
    samples: Iterable[Sample | tuple[Any, ...]],
    *,
    reference: Function | None = None,
    elementwise: bool | None = None,
    order: int = 2,
    rng: np.random.Generator | None = None,
) -> None:
    """Hold an op, or a function that is composed of ops, against what users rely on.

    Each sample is a call, made by ``sample``, or a tuple of arrays. Floating-point arrays and
    numbers are the arguments that take a gradient; others (indices, masks) are left as they are.

    1. The result equals ``reference`` (by default, the op on plain arrays) in value, shape and
       dtype.
    2. The gradients are right, of order 1 and, unless ``order`` is 1, of order 2.
    3. float32 stays float32, in the result (unless a setting named dtype says otherwise) and in
       the gradients.
    4. Arrays that are not contiguous give the same.
    5. No rule runs for an argument that is a constant.
    6. Nothing writes into an array that it was given.
    7. All that holds for the first sample in other shapes too. If the op is elementwise (it is
       tried out, or ``elementwise`` says), its arguments broadcast, and may be empty or have no
       axis. If not, the shapes without an axis and with an empty one count that the reference
       takes.

    **Errors.** AssertionError that names the op, the sample and what differs; ValueError without
    a sample, or for an ``order`` that is neither 1 nor 2.

    **Example.**

    >>> from micrograd.engine import ops
    >>> check_op(ops.tanh, [sample(np.array([-1.0, 0.5]))], reference=np.tanh)
    """
    if order not in (1, 2):
        raise ValueError(f"check_op(order={order!r}). Pass 1 or 2; check_gradients goes further.")
    left_out = second_order if order == 1 else first_order  # which the second includes
    promises = [one for one in PROMISES if one is not left_out]
    for case in all_cases(op, samples, reference, elementwise, rng):
        for promise in promises:
            try:
                promise(case)
            except AssertionError:
                raise
            except Exception as error:
                error.add_note(f"This is the op's own error, in check_op of {case.told}.")
                raise


def all_cases(
    op: Function,
    samples: Iterable[Sample | tuple[Any, ...]],
    reference: Function | None = None,
    elementwise: bool | None = None,
    rng: np.random.Generator | None = None,
) -> list[Case]:
    """The samples as cases, and the first of them in other shapes."""
    calls = [one if isinstance(one, Sample) else Sample(tuple(one), {}) for one in samples]
    if not calls:
        raise ValueError(f"check_op({called(op)}) without a sample. Give at least one call.")
    cases = [Case(op, call, reference or op, rng) for call in calls]
    if elementwise is None:
        elementwise = is_elementwise(cases[0], np.random.default_rng(0))
    return [*cases, *other_shapes(cases[0], elementwise)]


def pytest_configure(config: Any) -> None:
    """Give the fixtures to pytest, which is imported only if it is pytest that asks."""
    import pytest

    class Fixtures:
        @pytest.fixture(name="check_op")
        def give_check_op(self) -> Function:
            """Hold an op against what users rely on: ``check_op(op, samples)``."""
            return check_op

        @pytest.fixture(name="check_gradients")
        def give_check_gradients(self) -> Function:
            """Compare gradients with differences: ``check_gradients(f, *xs)``."""
            return check_gradients

    config.pluginmanager.register(Fixtures(), "micrograd.engine.testing fixtures")
