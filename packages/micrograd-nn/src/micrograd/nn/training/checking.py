"""Is the data such that a model can learn from it? Asked before the first step, not after it.

A number that is not finite makes every weight NaN in one step, and a compiled program would not
notice a label that no output stands for. So ``fit`` looks at all of the data once, and tries the
model on the first batch, before anything is changed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import losses
from .arrays import each
from .batches import Batches

FROM_LABELS = (losses.cross_entropy, losses.nll)
"""The losses whose integer targets are numbers of classes."""


def check_finite(told: str, name: str, data: Any, batches: Batches | None = None) -> None:
    """Refuse NaN and infinity, and say where the first one is.

    **Errors.** ValueError that names the row, the batch of the first pass that it falls into, and
    the column.
    """
    for where, array in each(data, name):
        if array.dtype.kind != "f" or np.isfinite(array).all():
            continue
        bad = np.argwhere(~np.isfinite(array))
        row, column = int(bad[0][0]), tuple(int(i) for i in bad[0][1:])
        batch = None if batches is None else batches.batch_of(row)
        place = f"row {row}" + (f" (batch {batch} of the first epoch)" if batch else "")
        if len(column) == 1:
            place += f", column {column[0]}"
        elif column:
            place += f", at {column}"
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise ValueError(
            f"{told}: {where} holds {array[tuple(bad[0])]} in {place}{more}. Leave such rows out, "
            "or fill them in, for example with the column's mean."
        )


def check_labels(told: str, name: str, loss: Any, prediction: Any, y: Any) -> None:
    """Refuse labels that no output of the model stands for.

    Only for losses whose integer targets are class numbers, also with settings
    (``functools.partial``); a label that the loss ignores is none.

    **Errors.** ValueError that names the row of the first one.
    """
    settings = getattr(loss, "keywords", {})
    shape: tuple[int, ...] = getattr(prediction, "shape", ())
    if getattr(loss, "func", loss) not in FROM_LABELS or not isinstance(y, np.ndarray):
        return
    if y.dtype.kind not in "iu" or len(shape) < 2 or y.ndim != len(shape) - 1:
        return
    classes = shape[1]
    wrong = ((y < 0) | (y >= classes)) & (y != settings.get("ignore_index", -100))
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{told}: {name} holds the label {y[place]} in row {place[0]}, but the model has "
            f"{classes} outputs, for the labels 0 to {classes - 1}. Give the model "
            f"{int(y.max()) + 1} outputs, or number the classes from 0."
        )
