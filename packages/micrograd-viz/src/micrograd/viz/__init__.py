"""Pictures of computation graphs.

`trace` gives a graph as plain data, `draw_dot` as a picture. Importing this package also lets a
notebook show a Value as its graph. Nothing here imports Graphviz before the first picture.
"""

from micrograd.engine import plugins

from . import notebook
from ._version import __version__
from .drawing import draw_dot
from .tracing import trace

plugins.enter_family("micrograd-viz", notebook)

__all__ = ["__version__", "draw_dot", "trace"]
