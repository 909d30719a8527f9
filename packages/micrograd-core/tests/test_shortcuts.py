"""Does an op with a shortcut do the same for every mixture of Values and arrays?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, op


@op
def sandwich(x: Any, y: Any, z: Any) -> Any:
    """An op of three arrays."""
    return x * y - z


sandwich.gradient("x")(lambda g, out, x, y, z: g * y)
sandwich.gradient("y")(lambda g, out, x, y, z: g * x)
sandwich.gradient("z")(lambda g, out, x, y, z: -g)


@pytest.mark.parametrize("values", range(1, 8))
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_three_arrays_in_any_mixture(values: int, dtype: str) -> None:
    numbers = [np.array(one, dtype) for one in ([2.0, 3.0], 5.0, [[1.0], [7.0]])]
    right = [[10.0, 10.0], 10.0, [[-2.0], [-2.0]]]
    given = [Value(one) if values >> i & 1 else one for i, one in enumerate(numbers)]
    out = sandwich(*given)
    np.testing.assert_array_equal(out.data, [[9.0, 14.0], [3.0, 8.0]])
    out.sum().backward()
    for one, gradient in zip(given, right, strict=True):
        if isinstance(one, Value):
            np.testing.assert_array_equal(one.grad, gradient)
            assert one.grad.dtype == dtype


def test_one_value_three_times() -> None:
    x = Value(2.0)
    out = sandwich(x, x, x)
    out.backward()
    assert out.parents == (x, x, x)
    assert x.grad == 2.0 + 2.0 - 1.0


def test_arguments_that_are_not_three_are_told() -> None:
    x = Value(2.0)
    with pytest.raises(TypeError, match=r"sandwich takes the arrays \('x', 'y', 'z'\), then sett"):
        sandwich(x, x)
    with pytest.raises(TypeError, match=r"It got 2 by position and \('z',\) by name"):
        sandwich(x, x, z=x)
