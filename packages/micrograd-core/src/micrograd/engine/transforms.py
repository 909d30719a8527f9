"""Gradients as functions: of a result, or of a function, and of any order.

``gradients`` is the one primitive: the gradient of a Value with respect to others, returned and
stored nowhere. With ``create_graph=True`` the rules run on Values, so that what they compute is a
graph again, and its gradient can be taken in turn. ``grad`` turns a function into the function
that computes its gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import numpy as np

from .backward import RECORDERS, propagate, pull_any
from .broadcasting import Array
from .modes import changed
from .value import STATE, Value, seed


def gradients(
    output: Value,
    inputs: Sequence[Value],
    *,
    gradient: Any = None,
    create_graph: bool = False,
) -> list[Any]:
    """The gradient of ``output`` with respect to each of ``inputs``; no ``grad`` changes.

    Only rules on a path from an input to the output run. An input that the output does not
    depend on has a gradient of zeros.

    **Shapes.** Each gradient has the shape and dtype of its input. They are arrays, or Values
    with ``create_graph``.

    **Errors.** TypeError for an input that is not a Value; ValueError for one that is a constant,
    or when ``output`` has several elements and ``gradient`` is missing.

    >>> x = Value(3.0)
    >>> (slope,) = gradients(x**3, [x], create_graph=True)
    >>> (curvature,) = gradients(slope, [x])
    >>> slope.item(), curvature.item()
    (27.0, 18.0)
    """
    for one in (output, *inputs):
        if not isinstance(one, Value):
            raise TypeError(f"gradients() of {type(one).__name__} {one!r:.40}. Pass Values.")
    for one in inputs:
        if not one.requires_grad:
            raise ValueError(
                f"gradients() with respect to the constant {one!r:.60}. Make it with "
                "requires_grad=True."
            )
    if isinstance(gradient, Value) and not create_graph:
        gradient = gradient._data
    g = gradient if isinstance(gradient, Value) else seed(output, gradient)
    watch = STATE.get().watch
    complete = create_graph or RECORDERS or watch is not None
    pull = partial(pull_any, values=create_graph, watch=watch) if complete else None
    if create_graph and not isinstance(g, Value):
        g = Value(g, requires_grad=False)
    with changed(recording=True):
        sums, _ = propagate(output, g, inputs, keep=False, pull=pull)
    found = [sums[one] for one in inputs]
    if create_graph:
        return [
            Value(np.zeros(x.shape, x.dtype), requires_grad=False) if g is None else g
            for x, g in zip(inputs, found, strict=True)
        ]
    return [
        np.zeros(x.shape, x.dtype) if g is None else np.array(_bare(g))
        for x, g in zip(inputs, found, strict=True)
    ]


def grad(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """The function that computes the gradient of ``f`` with respect to an argument, or several.

    **Maths.** grad(f)(x)[i] = ∂f/∂x[i], where f(x) has one element.

    **Shapes.** The gradient has the shape of the argument; a tuple of them for a tuple of
    ``argnums``. It is an array when the arguments are arrays or numbers. It is a Value, and can be
    differentiated again, when one of the arguments is a Value or when another ``grad`` runs
    further out.

    **Errors.** TypeError when ``f`` does not return a Value or a number; ValueError when its
    result has several elements, or when an argument number is out of range.

    >>> float(grad(lambda x: x**3)(2.0))
    12.0
    >>> float(grad(grad(lambda x: x**3))(2.0))
    12.0
    >>> float(grad(lambda x: x * grad(lambda y: x * y)(3.0))(2.0))
    4.0
    """

    @wraps(f)
    def gradient_of_f(*args: Any, **kwargs: Any) -> Any:
        numbers = argnums if isinstance(argnums, tuple) else (argnums,)
        if not all(-len(args) <= n < len(args) for n in numbers):
            raise ValueError(f"grad(argnums={argnums}) of a call with {len(args)} arguments.")
        given_values = any(isinstance(a, Value) for a in (*args, *kwargs.values()))
        differentiable = STATE.get().transforming or given_values
        arguments = list(args)
        inputs = []
        for n in numbers:
            given = args[n]
            if not isinstance(given, Value):
                arguments[n] = Value(given)
            elif given.requires_grad:
                with changed(recording=True):
                    arguments[n] = +given  # a node of its own: f may use `given` elsewhere too
                arguments[n].name = given.name
            else:
                arguments[n] = Value(given._data, given.name)
            inputs.append(arguments[n])
        with changed(recording=True, transforming=True):
            output = f(*arguments, **kwargs)
        if not isinstance(output, Value):
            if not isinstance(output, (int, float, np.generic, np.ndarray)):
                raise TypeError(
                    f"grad: the function returned {type(output).__name__}, not a Value."
                )
            output = Value(output, requires_grad=False)
        found = gradients(output, inputs, create_graph=differentiable)
        return tuple(found) if isinstance(argnums, tuple) else found[0]

    return gradient_of_f


def _bare(g: Array) -> Array:
    return g._data if isinstance(g, Value) else g
