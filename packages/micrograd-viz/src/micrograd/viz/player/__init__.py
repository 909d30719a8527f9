"""How does a class watch backpropagation, step by step?

`play` lets the engine run a backward pass, listens to it (`recording`), tells what happened as
plain data (`story`), draws the graph once (`picture`), and puts all of it into one HTML file
(`page`).
"""

from .page import Player, play

__all__ = ["Player", "play"]
