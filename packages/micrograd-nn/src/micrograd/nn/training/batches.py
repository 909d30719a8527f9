"""In which portions, and in which order, does a model see its data?

A pass over the data in small portions, each followed by a step, learns faster than one step a pass;
another order in each pass keeps the portions from being the same ones each time. Where a pass
stands can be saved in the midst of it, and another ``Batches`` goes on from there.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .. import init
from . import generators
from .arrays import as_arrays, mapped, rows_of, with_dtype


def batches(
    X: Any,
    y: Any = None,
    batch_size: int = 32,
    shuffle: bool = False,
    rng: np.random.Generator | None = None,
    *,
    drop_last: bool = False,
    transform: Callable[..., Any] | None = None,
) -> Batches:
    """Go through data in portions of ``batch_size`` rows, each time one loops over the result.

    ``X`` and ``y`` are arrays, or tuples or dicts of arrays, which yield tuples and dicts. Each
    portion is ``(x, y)``, or ``x`` alone without a ``y``. The last one is smaller if the rows do
    not divide; ``drop_last`` leaves it out. ``shuffle`` draws a new order from ``rng`` for each
    pass. ``transform(x, y, rng)`` may change a portion before it is used (move an image a little,
    say) and returns the new ``(x, y)``; without a ``y`` it is ``transform(x, rng)``, and gives x.

    **Errors.** ValueError for no rows, lengths that differ, or a batch size that is not a positive
    whole number; TypeError for what is not made of numbers, or a seed in place of a generator.

    **Example.**

    >>> X, y = np.arange(10).reshape(5, 2), np.arange(5)
    >>> [labels.tolist() for _, labels in batches(X, y, 2)]
    [[0, 1], [2, 3], [4]]
    >>> shuffled = batches(X, y, 2, shuffle=True, rng=np.random.default_rng(0))
    >>> [labels.tolist() for _, labels in shuffled]
    [[2, 4], [3, 0], [1]]
    >>> [labels.tolist() for _, labels in shuffled]
    [[4, 1], [2, 0], [3]]
    """
    return Batches(X, y, batch_size, shuffle, rng, drop_last, transform)


class Batches:
    """What ``batches`` makes: loop over it as often as there are epochs; ``len`` tells of how many
    portions a pass consists.
    """

    def __init__(
        self,
        X: Any,
        y: Any,
        batch_size: int,
        shuffle: bool,
        rng: np.random.Generator | None,
        drop_last: bool,
        transform: Callable[..., Any] | None,
        told: str = "batches",
    ) -> None:
        self.X, self.y = as_arrays(told, X, "X"), as_arrays(told, y, "y")
        self.rows = rows_of(told, X=self.X, y=self.y)
        if not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ValueError(
                f"{told}: batch_size is {batch_size!r}. Give a whole number of rows, at least 1."
            )
        if drop_last and batch_size > self.rows:
            raise ValueError(
                f"{told}: drop_last leaves nothing, for there are {self.rows} rows and a batch has "
                f"{batch_size}. Use smaller batches, or keep the last one."
            )
        self.batch_size, self.shuffle, self.drop_last = int(batch_size), shuffle, drop_last
        self.rng, self.transform = init.generator(rng), transform
        self.dtype: Any = None  # that of the model, for what the transform returns; fit sets it
        self.order: np.ndarray | None = None  # of the pass that has begun
        self.position = 0  # the portions of it that were given out
        self._under_way = self._goes_on = False

    def __len__(self) -> int:
        whole, rest = divmod(self.rows, self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def __iter__(self) -> Iterator[Any]:
        """Begin a pass; the first after ``load_state_dict`` goes on with the pass saved there."""
        self.begin()
        self._goes_on = False
        while self.position < len(self):
            self.position += 1
            yield self.part(self._portion(self.position - 1))
        self._under_way = False

    def begin(self) -> None:
        """Draw the order of the next pass now, rather than when the loop begins."""
        if not self._goes_on:
            self.order = self.rng.permutation(self.rows) if self.shuffle else None
            self.position = 0
            self._under_way = self._goes_on = True

    def batch_of(self, row: int) -> int | None:
        """The number, from 1, of the portion of this pass that holds a row; None if it is dropped.

        >>> batches(np.zeros(5), None, 2).batch_of(3)
        2
        """
        place = row if self.order is None else int(np.flatnonzero(self.order == row)[0])
        number = place // self.batch_size + 1
        return number if number <= len(self) else None

    def settings(self) -> list[str]:
        """What must be the same in another ``Batches`` that goes on with a pass of this one."""
        return [
            f"{self.rows} rows",
            f"batch_size={self.batch_size}",
            f"shuffle={self.shuffle}",
            f"drop_last={self.drop_last}",
            f"rng of {type(self.rng.bit_generator).__name__}",
        ]

    def state_dict(self) -> dict[str, Any]:
        """Where the pass stands: the order, how many portions were given out, the generator.

        In a loop, the portion at hand counts as given out.

        **Example.**

        >>> data = batches(np.arange(6), None, 2, shuffle=True, rng=np.random.default_rng(0))
        >>> for position, x in enumerate(data):
        ...     print(x)
        ...     if position == 0:
        ...         state = data.state_dict()
        [3 2]
        [5 4]
        [0 1]
        >>> other = batches(np.arange(6), None, 2, shuffle=True)
        >>> other.load_state_dict(state)
        >>> for x in other:
        ...     print(x)
        [5 4]
        [0 1]
        """
        return {
            "settings": self.settings(),
            "under_way": self._under_way,
            "position": self.position,
            "order": None if self.order is None else self.order.copy(),
            "rng": generators.state_of(self.rng),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on, in the next loop, where the saved one stood.

        **Errors.** ValueError when the state is that of data of another length, or other settings.
        """
        for then, now in zip(state["settings"], self.settings(), strict=True):
            if then != now:
                raise ValueError(
                    f"batches: the state was saved with {then}, but here it is {now}. Use the same "
                    "data and settings."
                )
        order = state["order"]
        self.order = None if order is None else np.array(order)
        self.position = state["position"]
        self._under_way = self._goes_on = state["under_way"]
        generators.restore(self.rng, state["rng"])

    # -- what a subclass changes that yields parts of batches, as one of several processes does ----

    def part(self, portion: Any) -> Any:
        """What is yielded of a portion, ``(x, y)`` or ``x`` alone: all of it."""
        return portion

    def whole_loss(self, loss: float) -> float:
        """The loss of a portion, given that of its part; ``fit`` asks once a batch."""
        return loss

    def whole(self, rows: int, prediction: Any, y: Any) -> tuple[int, Any, Any]:
        """A portion's rows, prediction and targets, given those of its part; ``fit`` asks then.

        The prediction is None if no metric wants it.
        """
        return rows, prediction, y

    @property
    def fewest(self) -> int:
        """How many rows the smallest portion of a pass has."""
        rest = 0 if self.drop_last else self.rows % self.batch_size
        return rest or self.batch_size

    def sample(self, rows: int | None = None) -> tuple[Any, Any]:
        """The first rows, as a batch ``(x, y)`` that belongs to no pass; y is None without one."""
        portion = self._taken(slice(0, rows or self.batch_size), copy.deepcopy(self.rng))
        return portion if self.y is not None else (portion, None)

    def _portion(self, number: int) -> Any:
        rows: Any = slice(number * self.batch_size, (number + 1) * self.batch_size)
        return self._taken(rows if self.order is None else self.order[rows], self.rng)

    def _taken(self, rows: Any, rng: np.random.Generator) -> Any:
        x, y = mapped(lambda a: a[rows], self.X), mapped(lambda a: a[rows], self.y)
        portion = x if self.y is None else (x, y)
        if self.transform is None:
            return portion
        made = self.transform(x, rng) if self.y is None else self.transform(x, y, rng)
        return made if self.dtype is None else with_dtype(self.dtype, made)
