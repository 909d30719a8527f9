"""How large should the steps be, and when?

At first large, to get anywhere, and at the end small, to settle: a schedule changes the learning
rate of an optimizer's groups (and with ``OneCycleLR`` the momentum) while training goes on. Call
``step()`` after each epoch, or after each batch, whichever its settings count. Names, settings and
values are PyTorch's; ``schedule`` is the file to read first.

Every schedule but ``ReduceLROnPlateau`` is a formula of the number of steps and of the learning
rate that the user gave. A compiled program reads the numbers at each call, so it follows a schedule
and is not recorded again.
"""

from .cosine import CosineAnnealingLR
from .linear import LinearLR
from .one_cycle import OneCycleLR
from .plateau import ReduceLROnPlateau
from .powers import ExponentialLR, MultiStepLR, StepLR
from .schedule import Schedule
from .sequential import SequentialLR

__all__ = [
    "CosineAnnealingLR",
    "ExponentialLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "Schedule",
    "SequentialLR",
    "StepLR",
]
