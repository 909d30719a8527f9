"""Where do an optimizer's numbers live?

A ``Piece`` is what changes together: one parameter, or, with ``flat=True``, all of a group, laid
out in one array, so that a step is a few operations on one long array instead of a few on each of
many short ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from micrograd.engine import Value


class Piece(NamedTuple):
    """Numbers that change together."""

    name: str
    parameters: list[Value]
    data: Any  # the flat array of the parameters' numbers; None where a parameter has its own
    gradient: Any  # the flat array of their gradients, likewise
    slots: dict[str, np.ndarray]  # what the optimizer remembers, by name
    group: int = 0  # the number of the group that its settings stand in


def apart(parameter: Value, slots: dict[str, float], group: int) -> Piece:
    """A piece of one parameter; ``slots`` are names and the number that each begins with."""
    kept = {n: np.full(parameter.shape, x, parameter.dtype) for n, x in slots.items()}
    return Piece("", [parameter], None, None, kept, group)


def joined(
    owner: str,
    parameters: list[Value],
    slots: dict[str, float],
    group: int,
    views: dict[Value, np.ndarray],
) -> Piece:
    """A piece of several parameters: they become views of one array, and ``views`` gets theirs of
    the array of gradients.

    **Errors.** ValueError for parameters of several dtypes.
    """
    kinds = {str(p.dtype) for p in parameters}
    if len(kinds) > 1:
        raise ValueError(
            f"{owner}: flat=True with parameters of {', '.join(sorted(kinds))}. "
            "Give them one dtype, or leave flat out."
        )
    data = np.concatenate([p.data.reshape(-1) for p in parameters])
    gradient = np.zeros_like(data)
    for parameter, place in places(parameters):
        parameter._array = data[place].reshape(parameter.shape)
        views[parameter] = gradient[place].reshape(parameter.shape)
    kept = {name: np.full_like(data, number) for name, number in slots.items()}
    name = "parameters" if group == 0 else f"parameters_{group}"
    return Piece(name, parameters, data, gradient, kept, group)


def places(parameters: list[Value]) -> Iterator[tuple[Value, slice]]:
    """Each parameter, and where its numbers stand in the flat array."""
    ends = [0, *accumulate(p.size for p in parameters)]
    for parameter, (start, stop) in zip(parameters, pairwise(ends), strict=True):
        yield parameter, slice(start, stop)


def remembered(piece: Piece) -> Iterator[tuple[Value, dict[str, np.ndarray]]]:
    """Each parameter of a piece, and views of what the optimizer remembers of it."""
    if piece.data is None:
        yield piece.parameters[0], piece.slots
        return
    for parameter, place in places(piece.parameters):
        shape = parameter.shape
        yield parameter, {name: slot[place].reshape(shape) for name, slot in piece.slots.items()}


def scratches(pieces: list[Piece], count: int) -> list[tuple[np.ndarray, ...]]:
    """Room for each piece to compute in: ``count`` arrays of its shape, shared by all pieces."""
    shapes = [
        (one.parameters[0].shape if one.data is None else one.data.shape, one.parameters[0].dtype)
        for one in pieces
    ]
    room: dict[Any, tuple[np.ndarray, ...]] = {}
    for dtype in {dtype for _, dtype in shapes}:
        most = max(int(np.prod(shape)) for shape, kind in shapes if kind == dtype)
        room[dtype] = tuple(np.empty(most, dtype) for _ in range(count))
    return [
        tuple(one[: int(np.prod(shape))].reshape(shape) for one in room[dtype])
        for shape, dtype in shapes
    ]
