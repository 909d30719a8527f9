"""Pictures of computation graphs.

`trace` gives a graph as plain data, `draw_dot` as a picture, `tree` as text, `play` as a page that
steps through it; `save` writes a picture into a file. `watch` looks at a model while it trains, and
`micrograd.viz.plots` draws what it learned. Importing this package also lets a notebook show a
Value as its graph. Plugins change how nodes look and add further formats (`hookspecs`). Nothing
here imports Graphviz before the first picture.
"""

from . import family
from ._version import __version__
from .drawing import draw_dot
from .labels import escape
from .player import Player, play
from .saving import save
from .text_tree import tree
from .tracing import trace
from .watching import Watcher, watch

__all__ = [
    "Player",
    "Watcher",
    "__version__",
    "draw_dot",
    "escape",
    "play",
    "save",
    "trace",
    "tree",
    "watch",
]

family.enter()
