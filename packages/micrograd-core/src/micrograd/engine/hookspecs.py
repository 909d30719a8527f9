"""Which hooks does the family have, and who defines each?

A hook is a function that a plugin writes under an agreed name and marks with
`@hookimpl`. The three that core defines stand here; those of micrograd-nn and
micrograd-viz stand in these packages. Core knows the names of all of them (names and
owners, no code), so that a hook of a package that is not installed can be told from a
misspelled one.

A hookspec once released keeps its name and its arguments. New arguments are optional:
a plugin names only those that it wants. Read `plugins.py` next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pluggy

if TYPE_CHECKING:
    from .typing import HookimplMarker
    from .value import Value

PROJECT: Final = "micrograd"
"""The name that pluggy's markers and the entry point group share."""

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final[HookimplMarker] = pluggy.HookimplMarker(PROJECT)

FAMILY: Final[Mapping[str, str]] = {
    "micrograd-core": "micrograd.engine",
    "micrograd-nn": "micrograd.nn",
    "micrograd-viz": "micrograd.viz",
}
"""Our own distributions and the module that each imports as."""

HOOK_OWNERS: Final[Mapping[str, str]] = {
    "micrograd_ops": "micrograd-core",
    "micrograd_mimebundle": "micrograd-core",
    "micrograd_rule_ran": "micrograd-core",
    "micrograd_activations": "micrograd-nn",
    "micrograd_losses": "micrograd-nn",
    "micrograd_reduce_gradients": "micrograd-nn",
    "micrograd_node_style": "micrograd-viz",
    "micrograd_renderers": "micrograd-viz",
}
"""Every hook of the family and the distribution that defines it."""

NAME_OWNERS: Final[Mapping[str, str]] = {
    "l1": "micrograd-nn",
    "mse": "micrograd-nn",
    "huber": "micrograd-nn",
    "hinge": "micrograd-nn",
    "cross_entropy": "micrograd-nn",
    "nll": "micrograd-nn",
    "kl_div": "micrograd-nn",
    "binary_cross_entropy": "micrograd-nn",
    "binary_cross_entropy_with_logits": "micrograd-nn",
}
"""Ops that another distribution of ours adds, so that an error can name it."""


def install_line(distribution: str) -> str:
    """The command that installs one of our distributions, with its range.

    **Example.**

    >>> install_line("micrograd-nn")
    'pip install "micrograd-nn>=1,<2"'
    """
    return f'pip install "{distribution}>=1,<2"'


@hookspec
def micrograd_ops() -> Mapping[str, Callable[..., Any]]:  # type: ignore[empty-body]
    """Return ops by name: functions of Values, made by `@op` or composed of known ops.

    Each becomes `ops.<name>(value, ...)` and `value.<name>(...)`.
    """


@hookspec(firstresult=True)
def micrograd_mimebundle(
    value: Value, include: object, exclude: object
) -> Mapping[str, object] | None:
    """Return the MIME bundle that a notebook shows for a Value, or None to leave it to others."""


@hookspec
def micrograd_rule_ran(node: Value, argument: str, g: object, gradient: object) -> None:
    """Be told that a rule of `node` ran: for which argument, with which incoming gradient.

    Called only for objects that the program itself registers (`plugins.register`). `argument`
    is the name that the op gives it. Write into neither array.
    """
