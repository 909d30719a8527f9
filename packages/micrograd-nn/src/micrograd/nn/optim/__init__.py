"""How do gradients change the parameters?

``backward`` has said in which direction the loss grows fastest; an optimizer takes a step the other
way. All of them work in place, in arrays that they allocate once, and follow PyTorch's formulas to
the letter, so that a run can be compared with one there step by step. Each has a file of its own;
``optimizer`` holds what they share, and is the one to read first.

How the learning rate changes over time is in ``schedules``, how gradients are kept from growing too
long in ``clipping``. What else must happen to gradients before a step, such as averaging them over
machines, is a hook (``hookspecs``).
"""

from . import schedules
from .adagrad import Adagrad
from .adam import Adam
from .adamw import AdamW
from .clipping import clip_grad_norm_, clip_grad_value_
from .optimizer import REDUCERS, Optimizer
from .pieces import Piece
from .rmsprop import RMSprop
from .settings import Group
from .sgd import SGD

__all__ = [
    "REDUCERS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Group",
    "Optimizer",
    "Piece",
    "RMSprop",
    "clip_grad_norm_",
    "clip_grad_value_",
    "schedules",
]
