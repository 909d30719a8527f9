"""What is the loss around the weights that training found, and on the way between two sets?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd.engine import Value

from . import look as looks
from .asking import asking, parameters_of, whole
from .look import Array
from .moving import Arrays, arrays_for, loss_number, moving, random_direction

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Loss = Callable[[], Any]
Way = Callable[[Sequence[float]], Arrays]  # the weights, for steps along a line or in a plane
LEVELS = 12


def loss_line(
    model: Any,
    loss: Loss,
    *,
    rng: np.random.Generator | None = None,
    direction: Any = None,
    between: tuple[Any, Any] | None = None,
    span: tuple[float, float] | None = None,
    points: int = 51,
    log: bool | None = None,
    ax: Axes | None = None,
    theme: str | None = None,
) -> Axes:
    """Draw the loss along a straight line through the weights.

    ``loss`` is a function without arguments that reads ``model`` and gives one number, for example
    ``lambda: model(X).mse(y)``. ``model`` is what has these parameters, or a list of them. The line
    is one of three: with ``rng``, a random direction, each filter as long as the model's own; with
    ``direction``, one of your own, an array for each parameter; with ``between=(a, b)``, the line
    from weights a to weights b, each an array for each parameter or a ``state_dict``.

    The loss is evaluated ``points`` times, and where the weights are, without a graph and in eval
    mode: dropout is off, and batch norms use their running statistics, which stay as they are. Then
    the parameters are again what they were, bit for bit, also if the loss raised an error.
    (A compiled program with gradients sets them as it always does.) ``span`` is how far the line
    reaches, by default from −1 to 1, and between two sets from −0.25 to 1.25.

    **Maths.** L(θ + α d) over α, θ being the weights now; L((1 − α) a + α b) between two sets, so
    that α = 0 is a and α = 1 is b.

    **Errors.** TypeError for a model without parameters, a loss that is no function or gives no
    number, an rng that is no Generator; ValueError unless exactly one line is asked for, for arrays
    that do not fit, for a loss of several numbers, or one that is nowhere finite.

    **Source.** Goodfellow, Vinyals and Saxe, Qualitatively characterizing neural network
    optimization problems, ICLR 2015; for the random direction, ``loss_surface``.

    **Example.**

    >>> from matplotlib.figure import Figure
    >>> w = Value([[3.0, 4.0]])
    >>> ax = loss_line(
    ...     [w], lambda: (w**2).sum(), direction=[[[1.0, 0.0]]], points=3, ax=Figure().subplots()
    ... )
    >>> ax.get_lines()[0].get_ydata()
    array([20., 25., 32.])
    """
    told = "loss_line"
    parameters = _asked(told, model, loss, rng=rng, direction=direction, between=between)
    low, high = _span(told, span, (-1.0, 1.0) if between is None else (-0.25, 1.25))
    alphas = np.linspace(low, high, whole(told, "points", points, 2))
    if between is None:
        if rng is not None:
            way = random_direction(told, parameters, rng)
        else:
            way = arrays_for(told, "direction", direction, parameters)
        at, ends = _along(parameters, [way]), [0.0]
    else:
        at, ends = _from_to(_pair(told, "between", between, parameters)), [0.0, 1.0]
    looks.ready(told, ax, theme)
    found = _losses(told, model, loss, parameters, [[one] for one in (*alphas, *ends)], at)
    losses, marked = found[: len(alphas)], found[len(alphas) :]
    falls = looks.falls_far(told, losses, log)
    ax, look = looks.canvas(told, ax, theme)
    first = len(ax.get_lines())
    color = look.colors[first % len(look.colors)]
    ax.plot(alphas, losses, color=color)
    ax.scatter(ends, marked, color=color, edgecolors=look.paper, s=50, zorder=3)
    if falls:
        ax.set_yscale("log")
    way_told = "along a random direction" if rng is not None else "along the direction"
    ax.set(ylabel="loss", xlabel=f"α, {'from a (0) to b (1)' if between else way_told}")
    looks.lines(ax)
    return ax


def loss_surface(
    model: Any,
    loss: Loss,
    *,
    rng: np.random.Generator | None = None,
    directions: tuple[Any, Any] | None = None,
    span: tuple[float, float] | None = None,
    points: int = 31,
    log: bool | None = None,
    ax: Axes | None = None,
    theme: str | None = None,
) -> Axes:
    """Draw a map of the loss on a plane through the weights: lines join places of equal loss.

    The plane is spanned by two random directions drawn from ``rng``, each filter of them as long as
    the model's own, or by two of your own. A cross marks the weights now. ``model``, ``loss``,
    ``span``, and how the loss is evaluated, ``points`` by ``points`` times: as for ``loss_line``.
    Places where the loss is not finite stay blank.

    **Maths.** L(θ + α d₁ + β d₂) over α (across) and β (up). A filter of d is drawn from N(0, 1)
    and then scaled, d ← ‖w‖ d / ‖d‖, w being the model's filter: the column of a weight
    (nin, nout), or one of the first axis of a convolution's. Biases and batch norms do not move.
    Without that scale, a network whose weights are large looks flat, though it computes the same.

    **Errors.** Those of ``loss_line``.

    **Source.** Li, Xu, Taylor, Studer and Goldstein, Visualizing the Loss Landscape of Neural Nets,
    NeurIPS 2018.

    **Example.**

    >>> from matplotlib.figure import Figure
    >>> w, rng = Value([[3.0, 4.0]]), np.random.default_rng(0)
    >>> ax = loss_surface([w], lambda: (w**2).sum(), rng=rng, points=5, ax=Figure().subplots())
    >>> ax.images[0].get_array()[2, 2]
    np.float64(25.0)
    """
    told = "loss_surface"
    parameters = _asked(told, model, loss, rng=rng, directions=directions)
    low, high = _span(told, span, (-1.0, 1.0))
    steps = np.linspace(low, high, whole(told, "points", points, 2))
    if rng is not None:
        ways = [random_direction(told, parameters, rng) for _ in range(2)]
    else:
        ways = list(_pair(told, "directions", directions, parameters))
    looks.ready(told, ax, theme)
    places = [[alpha, beta] for beta in steps for alpha in steps]  # rows go up
    losses = _losses(told, model, loss, parameters, places, _along(parameters, ways))
    losses = losses.reshape(len(steps), len(steps))
    falls = looks.falls_far(told, losses, log)
    ax, look = looks.canvas(told, ax, theme, (6.4, 5.2))
    _relief(ax, look, losses, steps, falls)
    ax.plot([0.0], [0.0], marker="P", markersize=11, color=look.colors[1], markeredgecolor=look.ink)
    ax.set(xlabel="α, along the first direction", ylabel="β, along the second")
    return ax


def _relief(ax: Axes, look: looks.Look, losses: Array, steps: Array, falls: bool) -> None:
    """Shades, and lines of equal loss with their numbers, as on a map."""
    from matplotlib.colors import LogNorm, Normalize

    shown = np.ma.masked_invalid(losses)
    low, high = float(shown.min()), float(shown.max())
    norm = (LogNorm if falls else Normalize)(low, high)
    looks.picture(ax, shown, steps, steps, cmap=look.rising(), norm=norm)
    if low < high:
        levels = (np.geomspace if falls else np.linspace)(low, high, LEVELS + 2)[1:-1]
        lines = ax.contour(steps, steps, shown, levels, colors=look.ink, linewidths=0.8)
        ax.clabel(lines, fmt="%.2g", fontsize=8)


def _asked(told: str, model: Any, loss: Any, **lines: Any) -> Mapping[str, Value]:
    """The parameters by name, if it is clear along which line they are to be moved."""
    if not callable(loss):
        raise TypeError(
            f"{told}: loss is a {type(loss).__name__}. Pass a function without arguments that "
            "computes it anew, for example lambda: model(X).mse(y)."
        )
    given = [name for name, one in lines.items() if one is not None]
    if len(given) != 1:
        got = " and ".join(given) or "none of them"
        raise ValueError(f"{told}: got {got}. Pass exactly one of {', '.join(lines)}.")
    return parameters_of(told, model)


def _span(told: str, span: Any, usual: tuple[float, float]) -> tuple[float, float]:
    pair = np.asarray(usual if span is None else span, dtype=np.float64)
    if pair.shape != (2,) or not np.isfinite(pair).all() or pair[0] >= pair[1]:
        raise ValueError(f"{told}: span is {span!r}. Pass two numbers, the lesser one first.")
    return float(pair[0]), float(pair[1])


def _pair(
    told: str, name: str, given: Any, parameters: Mapping[str, Value]
) -> tuple[Arrays, Arrays]:
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise ValueError(
            f"{told}: {name} is no pair. Pass two, each an array for each parameter, or a dict of "
            "them by name."
        )
    first, second = (
        arrays_for(told, f"{name}[{i}]", one, parameters) for i, one in enumerate(given)
    )
    return first, second


def _along(parameters: Mapping[str, Value], ways: Sequence[Arrays]) -> Way:
    """θ + Σ αᵢ dᵢ, for steps αᵢ."""
    start = [value.data.astype(np.float64) for value in parameters.values()]

    def at(steps: Sequence[float]) -> Arrays:
        moved = start
        for alpha, way in zip(steps, ways, strict=True):
            moved = [one + alpha * d for one, d in zip(moved, way, strict=True)]
        return moved

    return at


def _from_to(ends: tuple[Arrays, Arrays]) -> Way:
    """(1 − α) a + α b, for a step α."""

    def at(steps: Sequence[float]) -> Arrays:
        (alpha,) = steps
        return [(1 - alpha) * a + alpha * b for a, b in zip(*ends, strict=True)]

    return at


def _losses(
    told: str,
    model: Any,
    loss: Loss,
    parameters: Mapping[str, Value],
    places: Sequence[Sequence[float]],
    at: Way,
) -> Array:
    """The loss at each place; then the weights are what they were."""
    found = np.empty(len(places))
    with moving(parameters.values()) as move, asking(model):
        for i, place in enumerate(places):
            move(at(place))
            found[i] = loss_number(told, loss)
    if not np.isfinite(found).any():
        raise ValueError(
            f"{told}: the loss is nowhere finite, not even at the weights themselves. Look for the "
            "first number that is not with micrograd.engine.detect_anomaly()."
        )
    return found
