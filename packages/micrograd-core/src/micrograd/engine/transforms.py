"""Gradients as functions: of a result, or of a function, and of any order.

``gradients`` is the one primitive: the gradient of a Value with respect to others, returned and
stored nowhere. With ``create_graph=True`` the rules run on Values, so that what they compute is a
graph again, and its gradient can be taken in turn.

A *transform* makes of a function ``f`` one that computes its derivatives. All of them, those of
``derivatives`` too, decide by their arguments: from arrays and numbers they give arrays. If there
is a Value among the arguments, or if another transform runs further out, they give Values, which
can be differentiated again. What ``f`` closes over, such as the weights of a model, has no part in
this, and its ``grad`` stays what it was. Arguments may be nested; see ``trees``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from typing import Any

import numpy as np

from .backward import propagate
from .calls import (
    Function,
    Run,
    beside,
    check_function,
    holds_value,
    one_element,
    own_copy,
    record,
    weighted,
)
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

    **Maths.** With ``gradient`` G, the gradients are those of sum(G * output).

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
        gradient = gradient._bare
    g = gradient if isinstance(gradient, Value) else seed(output, gradient)
    if create_graph and not isinstance(g, Value):
        g = Value(g, requires_grad=False)
    with changed(recording=True):
        sums, _ = propagate(
            output, g, inputs, keep=False, values=create_graph, watch=STATE.get().watch
        )
    found = [sums[one] for one in inputs]
    if create_graph:
        return [
            Value(np.zeros(x.shape, x.dtype), requires_grad=False) if g is None else g
            for x, g in zip(inputs, found, strict=True)
        ]
    return [
        np.zeros(x.shape, x.dtype)
        if g is None
        else own_copy(g._array if isinstance(g, Value) else g)
        for x, g in zip(inputs, found, strict=True)
    ]


def grad(f: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """The function that computes the gradient of ``f`` with respect to an argument, or several.

    With ``has_aux``, ``f`` returns a pair ``(result, aux)``, and so does the new function:
    ``(gradient, aux)``.

    **Maths.** grad(f)(x)[i] = ∂f/∂x[i], where f(x) has one element.

    **Shapes.** The gradient has the shape of the argument, and its nesting; a tuple of them for a
    tuple of ``argnums``.

    **Errors.** TypeError when ``f`` does not return a Value or a number, or for an argument that
    is not made of real numbers; ValueError when the result has several elements, or when an
    argument number is out of range.

    >>> float(grad(lambda x: x**3)(2.0))
    12.0
    >>> float(grad(grad(lambda x: x**3))(2.0))
    12.0
    >>> float(grad(lambda x: x * grad(lambda y: x * y)(3.0))(2.0))
    4.0
    >>> grad(lambda p: (p["w"] * p["b"]).sum())({"w": np.array([1.0, 2.0]), "b": 3.0})
    {'w': array([3., 3.]), 'b': array(3.)}
    """
    check_function("grad", f, argnums)

    @wraps(f)
    def gradient_of_f(*args: Any, **kwargs: Any) -> Any:
        run = record("grad", f, argnums, args, kwargs, has_aux)
        found = gradients_of_run(run, one_element("grad", run.out))
        return (found, run.handed(run.aux)) if has_aux else found

    return gradient_of_f


def value_and_grad(
    f: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False
) -> Function:
    """The function that computes ``f`` and its gradient: ``(result, gradient)``.

    With ``has_aux``, ``f`` returns a pair ``(result, aux)``, and the new function
    ``((result, aux), gradient)``. Maths, shapes and errors are those of ``grad``.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (array(8.), array(12.))
    """
    check_function("value_and_grad", f, argnums)

    @wraps(f)
    def value_and_gradient_of_f(*args: Any, **kwargs: Any) -> Any:
        run = record("value_and_grad", f, argnums, args, kwargs, has_aux)
        found = gradients_of_run(run, one_element("value_and_grad", run.out))
        value = run.handed((run.out, run.aux) if has_aux else run.out)
        return value, found

    return value_and_gradient_of_f


def vjp(f: Function, *xs: Any) -> tuple[Any, Function]:
    """``f(*xs)``, and the function that pulls a gradient of the result back to the arguments.

    The function may be called again and again; ``f`` runs once.

    **Maths.** pullback(g) = (Jᵀg for each x), where J[i, j] = ∂f[i]/∂x[j].

    **Shapes.** ``g`` has the shape and the nesting of the result, whose numbers may be several.
    ``pullback`` returns a tuple with one gradient an argument, in its shape and nesting.

    **Errors.** TypeError when ``f`` does not return Values or numbers, or for an argument that is
    not made of real numbers; ValueError when ``g`` has another shape or nesting.

    >>> out, pullback = vjp(lambda x: x**2, np.array([1.0, 2.0]))
    >>> out, pullback(np.array([1.0, 10.0]))
    (array([1., 4.]), (array([ 2., 40.]),))
    """
    check_function("vjp", f)
    run = record("vjp", f, tuple(range(len(xs))), xs)

    def pullback(g: Any) -> Any:
        given = beside("vjp's pullback", "the gradient", "the result", run.out, g)
        return gradients_of_run(run, weighted(run.outputs, given), holds_value(g))

    return run.handed(run.out), pullback


def gradients_of_run(run: Run, output: Value, differentiable: bool = False) -> Any:
    """The gradients of ``output`` with respect to a run's inputs, nested as its arguments are."""
    graph = run.differentiable or differentiable or STATE.get().transforming
    return run.nested(gradients(output, run.inputs, create_graph=graph))
