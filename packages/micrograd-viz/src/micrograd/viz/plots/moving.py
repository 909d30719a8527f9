"""Where can weights be moved to, and how do they come back?

A plot of the loss moves the weights along directions and reads the loss. Afterwards they are what
they were, bit for bit, whatever happened. Nothing here draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from micrograd.engine import Value

from .asking import array_of
from .look import Array

Arrays = list[Array]


def random_direction(
    told: str, parameters: Mapping[str, Value], rng: np.random.Generator
) -> Arrays:
    """A random direction with the sizes of the weights themselves, so that plots can be compared.

    **Maths.** Each filter of the direction is drawn from N(0, 1) and brought to the length of the
    model's filter: d ← ‖w‖ d / ‖d‖. A filter is what makes one output: a column of a weight
    (nin, nout), and one of the first axis in weights with three axes or more, as of a convolution.
    Parameters with fewer axes (biases, batch norms) stay where they are.

    **Errors.** TypeError for an ``rng`` that is no Generator; ValueError if no parameter could be
    moved.

    **Source.** Li, Xu, Taylor, Studer and Goldstein, Visualizing the Loss Landscape of Neural Nets,
    NeurIPS 2018, section 4; zero for biases and batch norms as in the authors' program.
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{told}: rng is {rng!r}. Pass a generator, for example numpy.random.default_rng(0)."
        )
    if not any(value.ndim > 1 and np.any(value.data) for value in parameters.values()):
        raise ValueError(
            f"{told}: no parameter has two axes and numbers that are not 0, so no filter gives a "
            "random direction its length. Pass directions of your own."
        )
    return [_like_filters(value.data, rng) for value in parameters.values()]


def _like_filters(weight: Array, rng: np.random.Generator) -> Array:
    if weight.ndim < 2:
        return np.zeros(weight.shape)
    own = 0 if weight.ndim == 2 else tuple(range(1, weight.ndim))
    drawn = rng.standard_normal(weight.shape)
    length, wanted = (
        np.sqrt(np.square(one, dtype=np.float64).sum(axis=own, keepdims=True))
        for one in (drawn, weight)
    )
    return np.asarray(drawn * (wanted / length))


def arrays_for(told: str, name: str, given: Any, parameters: Mapping[str, Value]) -> Arrays:
    """One array for each parameter: given in their order, or by name, as a ``state_dict`` is.

    **Errors.** TypeError for what is neither; ValueError for arrays that do not fit.
    """
    if isinstance(given, Mapping):
        if missing := [one for one in parameters if one not in given]:
            raise ValueError(
                f"{told}: {name} has nothing for {missing[0]!r}. Pass an array for each of the "
                f"{len(parameters)} parameters, for example model.state_dict()."
            )
        listed = [array_of(given[one]) for one in parameters]
    elif isinstance(given, Iterable) and not isinstance(given, (str, np.ndarray, Value)):
        listed = [array_of(one) for one in given]
    else:
        raise TypeError(
            f"{told}: {name} is a {type(given).__name__}. Pass a list with an array for each "
            "parameter, or a dict of them by name."
        )
    if len(listed) != len(parameters):
        raise ValueError(
            f"{told}: {name} has {len(listed)} arrays, but the model has {len(parameters)} "
            "parameters. Pass one for each."
        )
    for (parameter, value), array in zip(parameters.items(), listed, strict=True):
        if array.shape != value.shape:
            raise ValueError(
                f"{told}: {name} has shape {array.shape} for {parameter}, which has shape "
                f"{value.shape}. Pass arrays of the parameters' shapes."
            )
    return [np.array(array, dtype=np.float64) for array in listed]


@contextmanager
def moving(parameters: Iterable[Value]) -> Iterator[Callable[[Sequence[Array]], None]]:
    """A function that writes arrays into the parameters; in the end they are what they were.

    It writes into their arrays, without a word to the engine: what was recorded before is right
    again afterwards, and may still be differentiated.
    """
    values = list(parameters)
    before = [value.data.copy() for value in values]

    def move(arrays: Sequence[Array]) -> None:
        for value, array in zip(values, arrays, strict=True):
            value.data[...] = array

    try:
        yield move
    finally:
        move(before)


def loss_number(told: str, loss: Callable[[], Any]) -> float:
    """What a loss function says.

    **Errors.** ValueError if it is not one number, TypeError if it is no number.
    """
    said = array_of(loss())
    if said.dtype.kind not in "fiub":
        raise TypeError(
            f"{told}: loss() gave {said!r}. It must give one number, a Value or a float."
        )
    if said.size != 1:
        raise ValueError(
            f"{told}: loss() gave shape {said.shape}. It must give one number: reduce it, for "
            "example with .mean()."
        )
    return float(said.reshape(())[()])
