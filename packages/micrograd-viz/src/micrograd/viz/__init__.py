"""Pictures of computation graphs.

`trace` gives a graph as plain data, `draw_dot` as a picture, `tree` as text, `play` as a page that
steps through it; `save` writes a picture into a file. `watch` looks at a model while it trains, and
`micrograd.viz.plots` draws what it learned. Importing this package also lets a notebook show a
Value as its graph. Plugins change how nodes look and add further formats (`hookspecs`). Nothing
here imports Graphviz before the first picture.
"""

from typing import TYPE_CHECKING, Any

from . import family
from ._version import __version__
from .drawing import draw_dot
from .labels import escape
from .player import Player, play
from .saving import save
from .text_tree import tree
from .tracing import trace
from .watching import Watcher, watch

if TYPE_CHECKING:
    from .picture import Picture

__all__ = [
    "Picture",
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

if not TYPE_CHECKING:  # type checkers know all names, so that they see a misspelled one

    def __getattr__(name: str) -> Any:
        """`Picture`, which brings Graphviz, when somebody asks for it."""
        if name != "Picture":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from .picture import Picture

        return Picture
