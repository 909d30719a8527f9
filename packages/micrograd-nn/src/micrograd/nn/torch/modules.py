"""What a network of ours needs in PyTorch and PyTorch has no class for.

A subclass of ``torch.nn.Module`` can only be made where PyTorch is. So the classes are made when
somebody first asks this file for one, which unpickling a network does too.
"""

from __future__ import annotations

from typing import Any

from ..training.extras import imported


def residual(torch: Any) -> type:
    """The class of x + inner(x)."""

    class Residual(torch.nn.Module):  # type: ignore[misc]
        """x + inner(x)."""

        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: Any) -> Any:
            """The input, and what the layers make of it, added."""
            return x + self.inner(x)

    return Residual


def pointwise(torch: Any) -> type:
    """The class of a function as an activation."""

    class Pointwise(torch.nn.Module):  # type: ignore[misc]
        """A function of PyTorch's, by its name, as an activation."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def forward(self, x: Any) -> Any:
            """The function, for every number."""
            return getattr(torch, self.name)(x)

        def extra_repr(self) -> str:
            """The name."""
            return str(self.name)

    return Pointwise


MAKERS = {"Residual": residual, "Pointwise": pointwise}


def __getattr__(name: str) -> Any:
    if name not in MAKERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = MAKERS[name](imported("torch", f"{name} is a module of PyTorch", "torch"))
    made.__qualname__ = name  # by which pickle finds it
    return globals().setdefault(name, made)
