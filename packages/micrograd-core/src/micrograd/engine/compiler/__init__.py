"""compile: the program that a person would have written.

``compile(f, parameters)`` calls ``f`` once with symbols in place of arrays and writes down the
NumPy that it and the rules of its ops ask for: forward, backward and, if wanted, the optimizer's
update, in one function without loops over a graph, with buffers that are used again at each call.

To read how, open in this order: ``symbol``, ``recorder``, ``recording`` (what is written down),
``simplify``, ``rewrites``, ``rounding`` (what is left out), ``plan``, ``naming``, ``spelling``,
``writing`` (how it reads), ``build``, ``entry``, ``program`` (how it runs). Importing this package
imports none of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from .assigning import assign
from .consulting import consult
from .refusal import CannotCompile

if TYPE_CHECKING:
    from ..value import Value
    from .program import Program


def compile(
    f: Callable[..., Any],
    parameters: Iterable[Value] | None = None,
    *,
    optimizer: Any = None,
    verify: bool = True,
) -> Program:
    """Make a program of a function of Values and arrays.

    Called like ``f``, the program returns what ``f`` returns, as arrays. With ``parameters`` the
    first result is a loss: the program also *sets* the ``grad`` of each parameter, as
    ``zero_grad()`` and ``backward()`` would. With an ``optimizer`` (``parameters`` are then its
    own, if left out) it also takes the step.

    The program is recorded at the first call with a signature: the shapes and dtypes of arrays, all
    Python objects among the arguments, which it treats as settings, and what the function reads by
    ``consult``, as nn's layers read whether they are being trained. A float is read at each call.
    Arrays that ``f`` closes over are frozen; Values are read at each call. With ``verify`` the
    first two calls of a signature are compared with what the eager engine computes.

    **Errors.** TypeError for what is no function or no Values; ``CannotCompile``, with the line of
    the user's code and a way out, for what a program cannot do: decide by the numbers of an array,
    take them out, write into one, or have a shape that depends on them. RuntimeError when a
    comparison with the eager engine fails.

    >>> import numpy as np
    >>> from micrograd.engine import Value
    >>> w = Value([1.0, 2.0], name="w")
    >>> program = compile(lambda x: ((x * w) ** 2).sum(), [w])
    >>> float(program(np.array([3.0, 1.0])))
    13.0
    >>> w.grad
    array([18.,  4.])
    """
    from .program import Program

    return Program(f, parameters, optimizer, verify)


__all__ = ["CannotCompile", "assign", "compile", "consult"]
