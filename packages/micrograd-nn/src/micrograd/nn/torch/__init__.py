"""How does a network move to PyTorch, and come back?

``pairs`` says which layer there is which layer here; ``outward`` and ``homeward`` walk a network in
the two directions. PyTorch is imported where it is used, and only there.
"""

from .homeward import from_torch
from .outward import to_torch

__all__ = ["from_torch", "to_torch"]
