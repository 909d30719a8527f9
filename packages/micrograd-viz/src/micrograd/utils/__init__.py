"""The import path of the first micrograd's pictures: the same two functions as `micrograd.viz`."""

from micrograd.viz import draw_dot, trace

__all__ = ["draw_dot", "trace"]
