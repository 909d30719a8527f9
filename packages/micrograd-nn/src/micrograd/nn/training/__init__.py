"""From data to a trained model: batches, ``fit``, and what looks on meanwhile.

``fit`` says what it takes and gives; ``run`` is the loop. ``batches`` and ``splitting`` prepare
data, ``evaluating`` measures a model, ``callbacks`` and ``progress`` look on, ``history``
remembers, and ``checkpoint`` lets a run survive a crash.
"""

from .batches import Batches, batches
from .callbacks import BestWeights, Callback, EarlyStopping
from .checkpoint import Checkpoint
from .evaluating import evaluate, predict
from .fit import fit
from .history import History
from .run import Diverged, Run
from .splitting import train_test_split

__all__ = [
    "Batches",
    "BestWeights",
    "Callback",
    "Checkpoint",
    "Diverged",
    "EarlyStopping",
    "History",
    "Run",
    "batches",
    "evaluate",
    "fit",
    "predict",
    "train_test_split",
]
