"""Derivatives along a direction, and all derivatives at once.

Reverse mode gives Jᵀg, the gradient of a sum over the results. The rest follows from it, without
further rules. Jᵀg is linear in g; so its own gradient with respect to g, for weights v, is Jv, the
derivative along v. A row of J is Jᵀg where g picks one result. The Hessian is the Jacobian of the
gradient. Nothing here is approximate.

Arrays or Values, and nested arguments, are as in ``transforms``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from typing import Any

import numpy as np

from . import ops
from .broadcasting import Array
from .calls import Function, beside, check_function, holds_value, one_element, record, weighted
from .modes import changed
from .transforms import gradients, gradients_of_run
from .trees import filled, form, mapped
from .value import STATE, Value


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """``f(*primals)``, and how fast it changes when the arguments move along ``tangents``.

    **Maths.** Jv, where J[i, j] = ∂f[i]/∂x[j] and v are the tangents. The function g ↦ Jᵀg is
    linear, so Jv is the gradient of Σ v Jᵀg with respect to g.

    **Shapes.** ``tangents`` has the nesting and the shapes of ``primals``, a sequence with one
    entry an argument. The second result has the nesting and the shapes of the first.

    **Errors.** TypeError when ``f`` does not return Values or numbers, or for what is not made of
    real numbers; ValueError when a tangent has another shape or nesting than its primal.

    **Source.** J. Townsend, "A new trick for calculating Jacobian vector products" (2017).

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    (array(6.), array(23.))
    """
    check_function("jvp", f)
    for what, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, (tuple, list)):
            got = f"jvp: {what} is {form(given)}"
            raise TypeError(
                f"{got}. Pass a tuple with one entry for each argument of the function."
            )
    run = record("jvp", f, tuple(range(len(primals))), primals)
    run = run._replace(differentiable=run.differentiable or holds_value(tangents))
    v = beside("jvp", "the tangent", "the primal", run.nested(run.inputs), tuple(tangents))
    g = [Value(np.ones(one.shape, one.dtype)) for one in run.outputs]
    pulled = gradients(weighted(run.outputs, g), run.inputs, create_graph=True)
    found = gradients(weighted(pulled, v), g, create_graph=run.differentiable)
    return run.handed(run.out), filled(run.out, iter(found))


def hvp(f: Function, x: Any, v: Any) -> Any:
    """The Hessian of ``f`` at ``x`` times ``v``, without the Hessian.

    **Maths.** Hv[i] = Σⱼ ∂²f/∂x[i]∂x[j] v[j], the gradient of Σ v ∂f/∂x.

    **Shapes.** ``v``, and what is returned, have the nesting and the shapes of ``x``. The result
    of ``f`` has one element. The cost is that of a few calls of ``f``, whatever the size of x.

    **Errors.** Those of ``grad``; ValueError when ``v`` has another shape or nesting than ``x``.

    **Source.** B. A. Pearlmutter, "Fast exact multiplication by the Hessian" (1994).

    >>> hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([  6., 120.])
    """
    check_function("hvp", f)
    run = record("hvp", f, 0, (x,))
    given = beside("hvp", "v", "x", run.nested(run.inputs), v)
    slopes = gradients(one_element("hvp", run.out), run.inputs, create_graph=True)
    return gradients_of_run(run, weighted(slopes, given), holds_value(v))


def jacobian(f: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """The function that computes all derivatives of ``f`` with respect to an argument, or several.

    **Maths.** J[i, j] = ∂f[i]/∂x[j], where i runs over the indices of the result, j over those of
    the argument. Each row costs one pass backwards; ``f`` runs once.

    **Shapes.** That of the result followed by that of the argument. If the result is nested, then
    so is J, and in each place of it stands the nesting of the argument; a tuple for a tuple of
    ``argnums``.

    **Errors.** Those of ``grad``, but the result may have several elements.

    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    check_function("jacobian", f, argnums)

    @wraps(f)
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        return _jacobian("jacobian", f, argnums, args, kwargs)

    return jacobian_of_f


def hessian(f: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """The function that computes all second derivatives of ``f``.

    **Maths.** H[i, j] = ∂²f/∂x[i]∂x[j], the Jacobian of the gradient.

    **Shapes.** That of the argument twice; the result of ``f`` has one element. For nested
    arguments, in each place of the nesting stands the nesting again; a tuple of tuples for a
    tuple of ``argnums``.

    **Errors.** Those of ``grad``.

    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    check_function("hessian", f, argnums)

    def slopes(*args: Any, **kwargs: Any) -> Any:
        run = record("hessian", f, argnums, args, kwargs)
        return gradients_of_run(run, one_element("hessian", run.out))

    @wraps(f)
    def hessian_of_f(*args: Any, **kwargs: Any) -> Any:
        return _jacobian("hessian", slopes, argnums, args, kwargs)

    return hessian_of_f


def _jacobian(
    name: str,
    f: Function,
    argnums: int | tuple[int, ...],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    run = record(name, f, argnums, args, kwargs)
    graph = run.differentiable or STATE.get().transforming

    def rows(out: Value) -> Any:
        """The block of each input below one result, nested as the arguments are."""
        found = []
        for index in np.ndindex(out.shape):
            one = np.zeros(out.shape, out.dtype)
            one[index] = 1.0
            found.append(gradients(out, run.inputs, gradient=one, create_graph=graph))
        blocks = [[row[i] for row in found] for i in range(len(run.inputs))]
        shapes = [(*out.shape, *x.shape) for x in run.inputs]
        return run.nested(map(joined, blocks, shapes, [x.dtype for x in run.inputs]))

    def joined(block: list[Array], shape: tuple[int, ...], dtype: Any) -> Any:
        if not block:
            empty = np.zeros(shape, dtype)
            return Value(empty, requires_grad=False) if graph else empty
        with changed(recording=True):
            return ops.reshape(ops.stack(block), shape) if graph else np.reshape(block, shape)

    return mapped(rows, run.out)
