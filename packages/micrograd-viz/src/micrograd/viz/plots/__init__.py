"""Plots that say how a model learns, and what it has learned.

Each is a function that takes matplotlib's axes, or makes some, draws, and returns them. Models are
taken as they come: what is called with an array, and has parameters. matplotlib comes with
``pip install "micrograd-viz[plot]>=1,<2"``, and is imported when the first plot is drawn.

| function | the question that it answers |
|---|---|
| ``loss_curves`` | how did the training go? |
| ``decision_boundary`` | which class does a model see where? |
| ``loss_line``, ``loss_surface`` | what is the loss around the weights, or between two sets? |
| ``weight_images`` | what do weights look at? |
| ``confusion_matrix`` | which classes are taken for which? |

Every function has ``ax=`` and ``theme=``, ``"light"`` or ``"dark"``. Without ``ax``, pyplot makes a
figure, as for matplotlib's own functions: a notebook shows it, and ``pyplot.show()`` opens it. With
``ax``, pyplot takes no part; so a program that only writes files may draw on
``matplotlib.figure.Figure().subplots()`` and needs no backend. Without ``theme``, the colours are
those that suit the axes' background.
"""

from .boundary import decision_boundary
from .confusion import confusion_matrix
from .curves import loss_curves
from .landscape import loss_line, loss_surface
from .weights import weight_images

__all__ = [
    "confusion_matrix",
    "decision_boundary",
    "loss_curves",
    "loss_line",
    "loss_surface",
    "weight_images",
]
