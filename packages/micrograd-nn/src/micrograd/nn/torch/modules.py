"""What a network of ours needs in PyTorch and PyTorch has no class for.

Only ``outward`` and ``homeward`` import this file, when PyTorch is there. The classes stand at the
top of a file so that a network that holds them can be pickled.
"""

from __future__ import annotations

from typing import Any

import torch


class Residual(torch.nn.Module):  # type: ignore[misc]
    """x + inner(x)."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Any) -> Any:
        """The input, and what the layers make of it, added."""
        return x + self.inner(x)


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
