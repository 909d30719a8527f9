"""All runners. A new one is a file, a name, and a line here.

Each is a function from a case to a ``Runner``; it raises ``Absent`` where it cannot run.
"""

from __future__ import annotations

from collections.abc import Callable

from case import Case, Runner

from . import (
    AUTOGRAD,
    COMPILED,
    EAGER,
    FLAT,
    HAND,
    JAX,
    JAX_PINNED,
    MYGRAD,
    NN,
    TORCH,
    TORCH_COMPILE,
    TORCH_NN,
    by_hand,
    ours,
    with_autograd,
    with_jax,
    with_mygrad,
    with_pytorch,
)

RUNNERS: dict[str, Callable[[Case], Runner]] = {
    HAND: by_hand.runner,
    EAGER: ours.eager,
    NN: ours.nn,
    COMPILED: ours.compiled,
    FLAT: ours.compiled_flat,
    TORCH: with_pytorch.tensors,
    TORCH_NN: with_pytorch.nn,
    TORCH_COMPILE: with_pytorch.compiled,
    JAX: with_jax.runner,
    JAX_PINNED: with_jax.pinned,
    AUTOGRAD: with_autograd.runner,
    MYGRAD: with_mygrad.runner,
}
