"""What is the same as something cheaper, but for rounding?

These rewrites change the order of additions, or round once more or once less, and nothing beyond.
"""

from __future__ import annotations

from operator import getitem
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .recorder import Input
from .rewrites import REWRITES, like, number, reshaped, rewrite, same, setting
from .simplify import Simplifier
from .symbol import Symbol


@rewrite(np.multiply, np.divide)
def scale_once(made: Simplifier, step: Symbol) -> Symbol | None:
    """(x · a) · b is x · (a · b), for numbers a and b."""
    x, b = step.args if step.function is np.divide else _number_last(*step.args)
    if not isinstance(x, Symbol) or x.function not in (np.multiply, np.divide) or not step.shape:
        return None
    y, a = x.args if x.function is np.divide else _number_last(*x.args)
    first, second = number(a), number(b)
    if first is None or second is None or same(step, y) is None or step.dtype.kind != "f":
        return None
    if not all(1e-9 <= abs(one) <= 1e9 for one in (first, second)):
        return None  # the two might meet where the one alone is too large or too small a number
    factor = first if x.function is np.multiply else 1.0 / first
    factor = factor * second if step.function is np.multiply else factor / second
    return made.make(np.multiply, (y, factor), {}, like(step), step.note)


def _number_last(x: Any, y: Any) -> tuple[Any, Any]:
    return (y, x) if number(x) is not None else (x, y)


@rewrite(np.sum)
def sum_of_negated(made: Simplifier, step: Symbol) -> Symbol | None:
    """The sum of −x is minus the sum of x (where that cancels to 0, it is −0)."""
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
        rows_of_one = [reshaped(made, one, (x.size,), step) for one in x.args]
        out = made.make(np.dot, rows_of_one, {}, ((), x.dtype), step.note)
        shape = step.shape
    elif axes == tuple(range(len(axes))):  # the first axes
        rows = int(np.prod(x.shape[: len(axes)]))
        flat = reshaped(made, x, (rows, x.size // rows), step)
        ones = made.ones(rows, x.dtype)
        out = made.make(np.dot, (ones, flat), {}, (flat.shape[1:], x.dtype), step.note)
        shape = step.shape
    elif axes == (x.ndim - 1,):  # the last axis
        columns = x.shape[-1]
        flat = reshaped(made, x, (x.size // columns, columns), step)
        ones = made.ones(columns, x.dtype)
        out = made.make(np.dot, (flat, ones), {}, (flat.shape[:1], x.dtype), step.note)
        shape = step.shape
    else:
        return None
    return reshaped(made, out, shape, step)


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
        rows = reshaped(made, a, (a.size // a.shape[-1], a.shape[-1]), step)
        shape = (rows.shape[0], b.shape[1])
        out = made.make(np.dot, (rows, b), {}, (shape, step.dtype), step.note)
        return reshaped(made, out, step.shape, step)
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
    if not isinstance(rows, np.ndarray) or not np.array_equal(rows, np.arange(x.shape[0])):
        return None
    if not isinstance(b, Symbol) or b.shape != (x.shape[0], 1):
        return None
    if getattr(key[1], "shape", None) != step.shape or step.shape != rows.shape:
        return None
    chosen = made.make(getitem, (a, key), {}, like(step), step.note)
    each = reshaped(made, b, step.shape, step)
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
    """exp(s − log Σ exp(s)) is exp(s) / Σ exp(s): softmax, once its logarithm has computed exp(s).

    Only where s is x − max x: of another s, exp(s) may be too large a number, or 0.
    """
    (x,) = step.args
    if not isinstance(x, Symbol) or x.function is not np.subtract:
        return None
    s, log_t = x.args
    if not isinstance(log_t, Symbol) or log_t.function is not np.log:
        return None
    e, t = made.find(np.exp, s), log_t.args[0]
    if e is None or same(step, e) is None or e not in _sources(t):
        return None
    largest: Any = s.args[1] if s.function is np.subtract else None
    if getattr(largest, "function", None) is np.reshape:
        largest = largest.args[0]
    if getattr(largest, "function", None) is not np.max or largest.args[0] is not s.args[0]:
        return None
    return made.make(np.divide, (e, t), {}, like(step), step.note)


def _sources(total: Any) -> set[Any]:
    """What a sum adds up: below its reshapes, and beside the ones that it is multiplied with."""
    found = set()
    while isinstance(total, Symbol) and total.function in (np.reshape, np.dot, np.sum):
        args = [one for one in total.args if isinstance(one, Symbol) and number(one) != 1.0]
        if len(args) != 1:
            break
        (total,) = args
        found.add(total)
    return found


__all__ = ["REWRITES", "one_less_at"]
