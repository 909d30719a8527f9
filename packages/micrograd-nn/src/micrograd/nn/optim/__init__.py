"""How do gradients change the parameters?

``backward`` has said in which direction the loss grows fastest; an optimizer takes a step the other
way. All of them work in place, in arrays that they allocate once, and follow PyTorch's formulas to
the letter, so that a run can be compared with one there step by step. What must happen to gradients
before a step, such as averaging them over machines, is a hook (``hookspecs``).
"""

from .adam import Adam
from .optimizer import REDUCERS, Optimizer, Piece
from .sgd import SGD

__all__ = ["REDUCERS", "SGD", "Adam", "Optimizer", "Piece"]
