"""Pictures of computation graphs.

`trace` gives a graph as plain data, `draw_dot` as a picture, `play` as a page that steps through
it. Importing this package also lets a notebook show a Value as its graph. Plugins change how nodes
look and add further formats (`hookspecs`). Nothing here imports Graphviz before the first picture.
"""

from . import family
from ._version import __version__
from .drawing import draw_dot
from .labels import escape
from .player import Player, play
from .tracing import trace

__all__ = ["Player", "__version__", "draw_dot", "escape", "play", "trace"]

family.enter()
