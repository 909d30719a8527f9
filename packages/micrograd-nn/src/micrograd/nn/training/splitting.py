"""Which part of the data is kept for questions that the model has never seen?"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from .. import init
from .arrays import as_arrays, mapped, rows_of


def train_test_split(
    *arrays: Any,
    test_size: float | int = 0.25,
    stratify: Any = None,
    rng: np.random.Generator | None = None,
    shuffle: bool = True,
) -> list[Any]:
    """Split arrays into rows to learn from and rows to test with, at random.

    ``test_size`` is a share of the rows (0.25), rounded up, or their number (50). With
    ``stratify``, one label a row, each class has its share in both parts, to within one row.
    ``shuffle=False`` takes the last rows for the test, as one does for series in time.

    **Shapes.** An array, or a tuple or dict of arrays, becomes two: (train, test). All come back in
    one list, ``X_train, X_test, y_train, y_test`` for ``train_test_split(X, y)``.

    **Errors.** ValueError for no arrays, lengths that differ, a size that leaves one part empty, a
    class with a single row to stratify by, or both ``stratify`` and ``shuffle=False``.

    **Example.**

    >>> X, y = np.arange(12).reshape(6, 2), np.array([0, 0, 0, 0, 1, 1])
    >>> X_train, X_test, y_train, y_test = train_test_split(
    ...     X, y, test_size=0.5, stratify=y, rng=np.random.default_rng(0)
    ... )
    >>> y_train.tolist(), y_test.tolist()
    ([0, 1, 0], [0, 1, 0])
    """
    told = "train_test_split"
    if not arrays:
        raise ValueError(f"{told}() got no arrays. Give it X, or X and y.")
    data = [as_arrays(told, one, f"array {i}") for i, one in enumerate(arrays)]
    rows = rows_of(told, **{f"array {i}": one for i, one in enumerate(data)})
    count = _count(test_size, rows)
    if stratify is not None:
        if not shuffle:
            raise ValueError(
                f"{told}: stratify= takes rows at random from each class, and shuffle=False "
                "forbids it. Leave one of them out."
            )
        train, test = _stratified(np.asarray(stratify), rows, count, init.generator(rng))
    else:
        order = init.generator(rng).permutation(rows) if shuffle else np.arange(rows)
        train, test = order[: rows - count], order[rows - count :]
    return [mapped(operator.itemgetter(part), one) for one in data for part in (train, test)]


def _count(test_size: float, rows: int) -> int:
    """How many rows the test gets."""
    whole = isinstance(test_size, (int, np.integer)) and not isinstance(test_size, bool)
    if not whole and not 0.0 < test_size < 1.0:
        raise ValueError(
            f"train_test_split: test_size is {test_size!r}. Give a share between 0 and 1, or a "
            "whole number of rows."
        )
    count = int(test_size) if whole else math.ceil(test_size * rows)
    if not 0 < count < rows:
        raise ValueError(
            f"train_test_split: test_size {test_size!r} of {rows} rows leaves {rows - count} to "
            f"learn from and {count} to test with. Both need at least one."
        )
    return count


def _stratified(
    labels: np.ndarray, rows: int, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Train and test rows, with each class's share in both."""
    if labels.shape != (rows,):
        raise ValueError(
            f"train_test_split: stratify has shape {labels.shape}, but there are {rows} rows. Give "
            "one label a row."
        )
    classes, which, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if sizes.min() < 2:
        raise ValueError(
            f"train_test_split: class {classes[sizes.argmin()]} has a single row, which cannot be "
            "in both parts. Leave it out, or split without stratify."
        )
    shares = sizes * (count / rows)
    test_sizes = np.floor(shares).astype(int)
    rest = count - test_sizes.sum()
    # the classes that lost most by rounding down get one more; ties are drawn
    places = np.lexsort((rng.random(len(classes)), test_sizes - shares))
    test_sizes[places[:rest]] += 1
    train, test = [], []
    for position in range(len(classes)):
        mine = rng.permutation(np.flatnonzero(which == position))
        test.append(mine[: test_sizes[position]])
        train.append(mine[test_sizes[position] :])
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))
