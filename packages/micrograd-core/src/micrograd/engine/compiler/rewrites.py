"""What is the same as something cheaper?

A rewrite looks at one step, whose inputs are simplified already, and gives the symbol of a simpler
way to the same numbers, or None. The first group changes no bit of a result; the second changes
the order of additions, or rounds once more or once less, and nothing beyond.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import getitem
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .primitives import ELEMENTWISE
from .recorder import Input
from .simplify import Simplifier
from .symbol import Symbol, as_type

Rewrite = Callable[[Simplifier, Symbol], Symbol | None]
REWRITES: dict[Any, list[Rewrite]] = {}


def rewrite(*functions: Any) -> Callable[[Rewrite], Rewrite]:
    """Enter a rewrite for steps of these functions."""

    def enter(this: Rewrite) -> Rewrite:
        for function in functions:
            REWRITES.setdefault(function, []).append(this)
        return this

    return enter


def number(one: Any) -> float | None:
    """The number that stands in every place of a literal or of a constant; None otherwise."""
    if isinstance(one, (bool, int, float, np.generic)):
        return float(one)
    if isinstance(one, Input) and one.is_constant and np.size(one.value):
        flat = np.asarray(one.value).reshape(-1)
        if flat[0] == flat[-1] and (flat == flat[0]).all():
            return float(flat[0])
    return None


def like(step: Symbol) -> tuple[Any, Any]:
    """The shape and dtype of a step."""
    return (step.shape, step.dtype)


def same(step: Symbol, one: Any) -> Symbol | None:
    """An input that the step would repeat, if it has the step's shape and dtype."""
    fits = isinstance(one, Symbol) and (one.shape, one.dtype) == (step.shape, step.dtype)
    return one if fits else None


def setting(step: Symbol, name: str, position: int, default: Any) -> Any:
    """A setting that may have been given by position."""
    return step.args[position] if len(step.args) > position else step.settings.get(name, default)


# -- not a bit changes ---------------------------------------------------------------------------


@rewrite(np.positive, np.copy)
def nothing_to_do(made: Simplifier, step: Symbol) -> Symbol | None:
    """+x is x."""
    return same(step, step.args[0])


@rewrite(as_type, np.broadcast_to, np.reshape)
def as_it_was(made: Simplifier, step: Symbol) -> Symbol | None:
    """The dtype or the shape that it has already."""
    return same(step, step.args[0])


@rewrite(np.multiply)
def times_one(made: Simplifier, step: Symbol) -> Symbol | None:
    """x · 1 is x."""
    x, y = step.args
    if number(y) == 1.0 and (found := same(step, x)) is not None:
        return found
    return same(step, y) if number(x) == 1.0 else None


@rewrite(np.divide, np.power)
def by_one(made: Simplifier, step: Symbol) -> Symbol | None:
    """x / 1 and x to the power 1 are x."""
    return same(step, step.args[0]) if number(step.args[1]) == 1.0 else None


@rewrite(np.subtract)
def minus_zero(made: Simplifier, step: Symbol) -> Symbol | None:
    """x − 0 is x (x + 0 is not: −0 + 0 = 0)."""
    y = step.args[1]
    value = number(y)
    plain_zero = value == 0.0 and not np.signbit(value)
    return same(step, step.args[0]) if plain_zero else None


@rewrite(np.negative)
def minus_minus(made: Simplifier, step: Symbol) -> Symbol | None:
    """−(−x) is x."""
    (x,) = step.args
    return x.args[0] if isinstance(x, Symbol) and x.function is np.negative else None


@rewrite(np.square)
def square_as_product(made: Simplifier, step: Symbol) -> Symbol | None:
    """x² is x · x."""
    (x,) = step.args
    return made.make(np.multiply, (x, x), {}, like(step), step.note)


@rewrite(np.power)
def small_powers(made: Simplifier, step: Symbol) -> Symbol | None:
    """x² is x · x, x^½ the square root, x⁻¹ the reciprocal: as NumPy's own ** has it."""
    x, y = step.args
    if not isinstance(x, Symbol) or x.dtype != step.dtype or x.shape != step.shape:
        return None
    if isinstance(y, Symbol) and not y.is_constant:
        return None
    power = number(y)
    if power == 2.0:
        return made.make(np.multiply, (x, x), {}, like(step), step.note)
    if power == 0.5:
        return made.make(np.sqrt, (x,), {}, like(step), step.note)
    if power == -1.0:
        return made.make(np.divide, (1.0, x), {}, like(step), step.note)
    return None


@rewrite(*ELEMENTWISE)
def computed_at_once(made: Simplifier, step: Symbol) -> Symbol | None:
    """What is made of constants, each one number everywhere, is such a constant."""
    numbers = [_everywhere(one) for one in step.args]
    if None in numbers or step.settings or getattr(step.function, "nout", 1) != 1:
        return None
    with np.errstate(all="ignore"):
        value = np.asarray(step.function(*numbers)).astype(step.dtype)[()]  # type: ignore[misc]
    constant = made.constant(Input(None, "constant", "", None, value))
    if not step.shape:
        return constant
    return made.make(np.broadcast_to, (constant, step.shape), {}, like(step), step.note)


def _everywhere(one: Any) -> Any:
    """The number, with its dtype, that an operand has in every place, if it is known."""
    if isinstance(one, Symbol) and one.function is np.broadcast_to:
        one = one.args[0]
    if isinstance(one, Symbol):
        return one.value if one.is_constant and not one.shape else None
    return one


@rewrite(*ELEMENTWISE, np.where)
def repeat_nothing(made: Simplifier, step: Symbol) -> Symbol | None:
    """An operand need not be stretched, or filled with one number, if NumPy will broadcast it."""
    if step.settings or not step.shape:
        return None
    args, changed = list(step.args), False
    for i, one in enumerate(args):
        others = [a.shape for j, a in enumerate(args) if j != i and isinstance(a, Symbol)]
        small: Any = None
        if isinstance(one, Symbol) and one.function is np.broadcast_to:
            small = one.args[0]
        elif isinstance(one, Input) and one.shape and one.is_constant and number(one) is not None:
            small = one.value.dtype.type(np.asarray(one.value).flat[0])
        if small is None or not others:
            continue
        if np.broadcast_shapes(getattr(small, "shape", ()), *others) == step.shape:
            args[i], changed = small, True
    if not changed:
        return None
    return made.make(step.function, args, {}, like(step), step.note)


@rewrite(np.expand_dims, np.squeeze, np.ravel)
def as_reshape(made: Simplifier, step: Symbol) -> Symbol | None:
    """Axes of length 1 come and go by a reshape."""
    return made.make(np.reshape, (step.args[0], step.shape), {}, like(step), step.note)


@rewrite(np.reshape)
def reshape_once(made: Simplifier, step: Symbol) -> Symbol | None:
    """Of two reshapes only the last counts."""
    x, shape = step.args[0], step.shape
    if step.settings and set(step.settings) - {"shape"}:
        return None
    if isinstance(x, Symbol) and x.function is np.reshape:
        return made.make(np.reshape, (x.args[0], shape), {}, like(step), step.note)
    if len(step.args) < 2 or step.args[1] != shape:
        return made.make(np.reshape, (x, shape), {}, like(step), step.note)
    return None


@rewrite(np.swapaxes, np.moveaxis, np.matrix_transpose)
def as_transpose(made: Simplifier, step: Symbol) -> Symbol | None:
    """Axes change places by one transpose."""
    x = step.args[0]
    order = list(range(x.ndim))
    if step.function is np.moveaxis:
        source = normalize_axis_tuple(setting(step, "source", 1, None), x.ndim)
        places = normalize_axis_tuple(setting(step, "destination", 2, None), x.ndim)
        order = [axis for axis in order if axis not in source]
        for place, axis in sorted(zip(places, source, strict=True)):
            order.insert(place, axis)
    else:
        a, b = setting(step, "axis1", 1, -1), setting(step, "axis2", 2, -2)
        order[a], order[b] = order[b], order[a]
    return made.make(np.transpose, (x, tuple(order)), {}, like(step), step.note)


@rewrite(np.transpose)
def transpose_once(made: Simplifier, step: Symbol) -> Symbol | None:
    """Two transposes are one, or none."""
    x, axes = step.args[0], setting(step, "axes", 1, None)
    order = tuple(reversed(range(x.ndim))) if axes is None else tuple(a % x.ndim for a in axes)
    if order == tuple(range(x.ndim)):
        return x  # type: ignore[no-any-return]
    if isinstance(x, Symbol) and x.function is np.transpose:
        inner = x.args[1]
        composed = tuple(inner[i] for i in order)
        return made.make(np.transpose, (x.args[0], composed), {}, like(step), step.note)
    if len(step.args) < 2 or step.args[1] != order:
        return made.make(np.transpose, (x, order), {}, like(step), step.note)
    return None


@rewrite(np.mean)
def mean_as_sum(made: Simplifier, step: Symbol) -> Symbol | None:
    """A mean is a sum over a count."""
    x = step.args[0]
    if x.dtype.kind != "f" or not step.size or step.settings.keys() - {"axis", "keepdims"}:
        return None
    total = made.make(np.sum, step.args, step.settings, like(step), step.note)
    count = float(x.size // step.size)
    return made.make(np.divide, (total, count), {}, like(step), step.note)


# -- rounded otherwise ---------------------------------------------------------------------------


@rewrite(np.multiply, np.divide)
def scale_once(made: Simplifier, step: Symbol) -> Symbol | None:
    """(x · a) · b is x · (a · b), for numbers a and b."""
    x, b = step.args if step.function is np.divide else _number_last(*step.args)
    if not isinstance(x, Symbol) or x.function not in (np.multiply, np.divide) or not step.shape:
        return None
    y, a = x.args if x.function is np.divide else _number_last(*x.args)
    first, second = number(a), number(b)
    if first is None or second is None or same(step, y) is None or not (first and second):
        return None
    factor = first if x.function is np.multiply else 1.0 / first
    factor = factor * second if step.function is np.multiply else factor / second
    if not np.isfinite(factor) or abs(factor) < 1e-30:
        return None
    return made.make(np.multiply, (y, factor), {}, like(step), step.note)


def _number_last(x: Any, y: Any) -> tuple[Any, Any]:
    return (y, x) if number(x) is not None else (x, y)


@rewrite(np.sum)
def sum_of_negated(made: Simplifier, step: Symbol) -> Symbol | None:
    """The sum of −x is minus the sum of x."""
    x = step.args[0]
    if not isinstance(x, Symbol) or x.function is not np.negative:
        return None
    args = (x.args[0], *step.args[1:])
    total = made.make(np.sum, args, step.settings, like(step), step.note)
    return made.make(np.negative, (total,), {}, like(step), step.note)


@rewrite(np.sum)
def sum_by_product(made: Simplifier, step: Symbol) -> Symbol | None:
    """A sum over rows or columns is a product with ones; one of products is a dot product."""
    x = step.args[0]
    axis = setting(step, "axis", 1, None)
    if step.settings.keys() - {"axis", "keepdims"} or len(step.args) > 2 or not x.size:
        return None
    if x.dtype.kind != "f" or x.ndim == 0:
        return None
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if len(axes) == x.ndim == 1 and x.function is not np.multiply:
        ones = made.ones(x.size, x.dtype)
        out: Symbol = made.make(np.dot, (ones, x), {}, ((), x.dtype), step.note)
        shape = step.shape
    elif len(axes) == x.ndim:
        if x.function is not np.multiply or any(same(x, one) is None for one in x.args):
            return None
        rows_of_one = [_reshaped(made, one, (x.size,), step) for one in x.args]
        out = made.make(np.dot, rows_of_one, {}, ((), x.dtype), step.note)
        shape = step.shape
    elif axes == tuple(range(len(axes))):  # the first axes
        rows = int(np.prod(x.shape[: len(axes)]))
        flat = _reshaped(made, x, (rows, x.size // rows), step)
        ones = made.ones(rows, x.dtype)
        out = made.make(np.dot, (ones, flat), {}, (flat.shape[1:], x.dtype), step.note)
        shape = step.shape
    elif axes == (x.ndim - 1,):  # the last axis
        columns = x.shape[-1]
        flat = _reshaped(made, x, (x.size // columns, columns), step)
        ones = made.ones(columns, x.dtype)
        out = made.make(np.dot, (flat, ones), {}, (flat.shape[:1], x.dtype), step.note)
        shape = step.shape
    else:
        return None
    return _reshaped(made, out, shape, step)


def _reshaped(made: Simplifier, x: Symbol, shape: tuple[int, ...], step: Symbol) -> Symbol:
    if x.shape == shape:
        return x
    return made.make(np.reshape, (x, shape), {}, (shape, x.dtype), step.note)


@rewrite(np.matmul)
def matmul_as_dot(made: Simplifier, step: Symbol) -> Symbol | None:
    """np.dot starts quicker than np.matmul; a batch of rows times one matrix is one product."""
    a, b = step.args
    if not isinstance(a, Symbol) or not isinstance(b, Symbol) or a.dtype != b.dtype:
        return None
    if a.dtype.kind != "f":
        return None
    if a.ndim <= 2 and b.ndim <= 2:
        return made.make(np.dot, (a, b), {}, like(step), step.note)
    if b.ndim == 2 and a.size:
        rows = _reshaped(made, a, (a.size // a.shape[-1], a.shape[-1]), step)
        shape = (rows.shape[0], b.shape[1])
        out = made.make(np.dot, (rows, b), {}, (shape, step.dtype), step.note)
        return _reshaped(made, out, step.shape, step)
    return None


@rewrite(getitem)
def choose_first(made: Simplifier, step: Symbol) -> Symbol | None:
    """(x − y)[rows, columns], with one y a row, is x[rows, columns] − y: the rows are all there."""
    x, key = step.args
    if not isinstance(x, Symbol) or x.function is not np.subtract or x.ndim != 2:
        return None
    a, b = x.args
    if not isinstance(key, tuple) or len(key) != 2 or same(x, a) is None:
        return None
    rows = key[0].value if isinstance(key[0], Input) and key[0].is_constant else None
    in_order = isinstance(rows, np.ndarray) and np.array_equal(rows, np.arange(x.shape[0]))
    if not in_order or not isinstance(b, Symbol) or b.shape != (x.shape[0], 1):
        return None
    if getattr(key[1], "shape", None) != step.shape:
        return None
    chosen = made.make(getitem, (a, key), {}, like(step), step.note)
    each = _reshaped(made, b, step.shape, step)
    return made.make(np.subtract, (chosen, each), {}, like(step), step.note)


@rewrite(np.subtract)
def labels_as_places(made: Simplifier, step: Symbol) -> Symbol | None:
    """x − (labels == classes), a one-hot row each, is x with one less at each label.

    Only where the program takes numbers at the same labels, which therefore are good indices.
    """
    x, hot = step.args
    if not isinstance(hot, Symbol) or hot.function is not np.equal or same(step, x) is None:
        return None
    labels, classes = hot.args
    classes = np.asarray(classes.value if isinstance(classes, Input) else None)
    one_each = isinstance(labels, Symbol) and labels.function is np.reshape
    if not one_each or x.ndim != 2 or labels.shape != (x.shape[0], 1):
        return None
    if not np.array_equal(classes.reshape(-1), np.arange(x.shape[1])):
        return None
    for other in made.steps:
        if other.function is getitem and type(other.args[1]) is tuple:
            rows, *places = other.args[1]
            if len(places) == 1 and places[0] is labels.args[0] and isinstance(rows, Input):
                if np.array_equal(rows.value, np.arange(x.shape[0])):
                    args = (x, rows, places[0])
                    return made.make(one_less_at, args, {}, like(step), step.note)
    return None


def one_less_at(x: Any, rows: Any, columns: Any) -> Any:
    """x with one less at each place, as a function."""
    out = np.array(x)
    out[rows, columns] -= 1.0
    return out


@rewrite(np.exp)
def softmax_again(made: Simplifier, step: Symbol) -> Symbol | None:
    """exp(s − log t) is exp(s)/t: softmax, once its logarithm has computed exp(s)."""
    (x,) = step.args
    if not isinstance(x, Symbol) or x.function is not np.subtract:
        return None
    s, log_t = x.args
    if not isinstance(log_t, Symbol) or log_t.function is not np.log:
        return None
    e = made.find(np.exp, s)
    if e is None or same(step, e) is None:
        return None
    return made.make(np.divide, (e, log_t.args[0]), {}, like(step), step.note)
