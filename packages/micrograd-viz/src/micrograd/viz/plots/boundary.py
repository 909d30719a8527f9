"""Which class does a model see where in the plane?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..wishes import one_of
from . import look as looks
from .asking import array_of, asking, whole
from .look import Array, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TOLD = "decision_boundary"
OUTPUTS = ("logits", "probabilities")
SHADE = 0.42  # how much of a class's colour lies where the model is certain


def decision_boundary(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    output: str = "logits",
    margin: float = 0.1,
    resolution: int = 200,
    batch_size: int = 4096,
    classes: Sequence[object] | None = None,
    ax: Axes | None = None,
    theme: str | None = None,
) -> Axes:
    """Draw the regions in which a model sees each class, and points in them.

    ``model`` is called with arrays of points and says, for each, one number (two classes) or one
    for each class. A region has the colour of its class, paler where the model is less certain, and
    a line around it. The points of ``X`` have the colour and the marker of their class in ``y``;
    those that the model gets wrong are ringed.

    Without ``y``, no point is drawn, and X only says how far the plane reaches.

    The plane reaches from the least to the greatest of X, and beyond by the share ``margin`` of
    that. The model is asked on a grid of ``resolution`` by ``resolution`` points, ``batch_size`` at
    a time, without a graph and in eval mode; so memory is bounded, and the model is left as it was.
    ``classes`` are names for a legend.

    **Maths.** One number z is a logit, and the classes have the probabilities 1 − σ(z) and σ(z);
    several are logits, and the probabilities are their softmax. With ``output="probabilities"``
    they are probabilities already. The shade of p, the greatest of C probabilities, is
    (p − 1/C) / (1 − 1/C), and the line is where the two greatest are equal.

    **Shapes.** X (N, 2); y (N,) or (N, 1), class numbers from 0, or −1 and 1 for two classes. The
    model maps (n, 2), in X's dtype, to (n,), (n, 1) or (n, C).

    **Errors.** ValueError for other shapes and class numbers, for numbers that are not finite in X
    or in what the model says, for probabilities beyond 0 and 1, and for settings out of range;
    TypeError for a model that cannot be called, or gives no numbers.

    **Example.**

    >>> from matplotlib.figure import Figure
    >>> X, y = np.array([[0.0, 0.0], [1.0, 0.0], [0.2, 1.0]]), [0, 1, 1]
    >>> ax = decision_boundary(lambda x: x[:, 0] - 0.5, X, y, ax=Figure().subplots())
    >>> ax.get_title()
    '2 of 3 points right (66.7%), the others ringed'
    """
    points, labels = _checked(model, X, y)
    one_of(TOLD, "output", output, OUTPUTS)
    resolution = whole(TOLD, "resolution", resolution, 2)
    batch_size = whole(TOLD, "batch_size", batch_size, 1)
    if not 0.0 <= margin < np.inf:
        raise ValueError(f"{TOLD}: margin is {margin!r}. Pass a share of the points' spread, ≥ 0.")
    across, up = (_ends(column, margin, resolution) for column in points.T)

    def plane(start: int, stop: int) -> Array:
        row, column = np.divmod(np.arange(start, stop), resolution)
        return np.stack([across[column], up[row]], axis=1)

    looks.ready(TOLD, ax, theme)
    with asking(model):
        scores = _scores(model, plane, resolution**2, batch_size, output)
        guess = _scores(model, lambda i, j: points[i:j], len(points), batch_size, output).argmax(1)
    count = scores.shape[1]
    labels = _numbered(labels, count)
    names = _names(classes, count)
    ax, look = looks.canvas(TOLD, ax, theme)
    _regions(ax, look, scores.reshape(resolution, resolution, count), output, across, up)
    colors, markers = look.classes(count)
    for which in range(count):
        chosen = points[labels == which] if labels is not None else points[:0]
        if len(chosen) or names:
            ax.scatter(
                chosen[:, 0],
                chosen[:, 1],
                color=colors[which],
                marker=markers[which],
                s=24,
                zorder=2.5,  # above the lines
                edgecolors=look.paper,
                linewidths=0.6,
                label=names[which] if names else "",
            )
    if labels is not None:
        wrong = points[guess != labels]
        looks.ring(ax, wrong[:, 0], wrong[:, 1], look.ink)
        right = len(points) - len(wrong)
        told = f"{right:,} of {len(points):,} points right ({right / len(points):.1%})"
        ax.set_title(f"{told}, the others ringed" if len(wrong) else told)
    if names:
        looks.legend(ax, look, framealpha=0.85)
    looks.bare(ax)
    return ax


def _checked(model: Any, X: Any, y: Any) -> tuple[Array, Array | None]:
    if not callable(model):
        raise TypeError(
            f"{TOLD}: the model is a {type(model).__name__}, which cannot be called. Pass a "
            "function of points (n, 2), or a module."
        )
    points = array_of(X)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(
            f"{TOLD}: X has shape {points.shape}, but a plane has two axes. Pass points of shape "
            "(N, 2), for example X[:, :2] for a model of these two columns."
        )
    if points.dtype.kind != "f":
        points = points.astype(np.float64)
    if not np.isfinite(points).all():
        raise ValueError(f"{TOLD}: X holds numbers that are not finite. Leave these rows out.")
    if y is None:
        return points, None
    labels = array_of(y)
    if labels.shape not in ((len(points),), (len(points), 1)):
        raise ValueError(
            f"{TOLD}: X has shape {points.shape} but y has shape {labels.shape}. Pass one class "
            "number for each point; of one-hot rows that is y.argmax(axis=1)."
        )
    return points, labels.reshape(-1)


def _ends(column: Array, margin: float, resolution: int) -> Array:
    """The grid along one axis, in the dtype of the points."""
    low, high = float(column.min()), float(column.max())
    beyond = margin * (high - low) or 0.5 * (high == low)
    return np.linspace(low - beyond, high + beyond, resolution, dtype=column.dtype)


def _scores(model: Any, rows: Any, count: int, batch_size: int, output: str) -> Array:
    """What the model says about ``count`` points, with a number for each class (count, C)."""
    found = []
    for start in range(0, count, batch_size):
        points = rows(start, min(start + batch_size, count))
        said = array_of(model(points))
        if said.dtype.kind not in "fiub":
            raise TypeError(
                f"{TOLD}: the model gave dtype {said.dtype}. It must give numbers: a Value or an "
                "array."
            )
        if said.shape == (len(points),):
            said = said[:, None]
        if said.ndim != 2 or len(said) != len(points) or not said.shape[1]:
            raise ValueError(
                f"{TOLD}: the model gave shape {said.shape} for points of shape {points.shape}. It "
                "must give (n,), (n, 1) or (n, C)."
            )
        if not np.isfinite(said).all():
            x, y = points[~np.isfinite(said).all(axis=1)][0]
            raise ValueError(
                f"{TOLD}: at ({x:.4g}, {y:.4g}) the model says {said[~np.isfinite(said)][0]}. Look "
                "for it with micrograd.engine.detect_anomaly()."
            )
        found.append(said.astype(np.float64))
    scores = np.concatenate(found)
    if output == "probabilities" and (scores.min() < 0.0 or scores.max() > 1.0):
        raise ValueError(
            f"{TOLD}: output='probabilities', but the model says numbers from {scores.min():.4g} "
            f"to {scores.max():.4g}. Pass output='logits'."
        )
    if scores.shape[1] == 1:  # of two classes the model tells the second
        first = 1.0 - scores if output == "probabilities" else np.zeros_like(scores)
        return np.concatenate([first, scores], axis=1)
    return scores


def _numbered(labels: Array | None, count: int) -> Array | None:
    """Class numbers from 0, whatever y had."""
    if labels is None:
        return None
    found = np.unique(labels)
    if count == 2 and found.tolist() in ([-1, 1], [-1]):
        return (labels > 0).astype(np.int64)
    if not np.isin(found, np.arange(count)).all():
        raise ValueError(
            f"{TOLD}: y holds {', '.join(map(str, found[:8]))}, but the model tells {count} "
            f"classes apart. Number them from 0 to {count - 1}."
        )
    return labels.astype(np.int64)


def _names(classes: Sequence[object] | None, count: int) -> list[str]:
    names = [] if classes is None else [str(name) for name in classes]
    if classes is not None and len(names) != count:
        raise ValueError(
            f"{TOLD}: classes has {len(names)} names, but the model tells {count} classes apart. "
            "Name each of them."
        )
    return names


def _regions(ax: Axes, look: Look, scores: Array, output: str, across: Array, up: Array) -> None:
    """The colour of the likeliest class, and a line where the two likeliest are equal."""
    from matplotlib.colors import to_rgb

    chances = scores
    if output == "logits":
        chances = np.exp(scores - scores.max(axis=-1, keepdims=True))
        chances /= chances.sum(axis=-1, keepdims=True)
    count = scores.shape[-1]
    likeliest = scores.argmax(axis=-1)
    certain = (chances.max(axis=-1, keepdims=True) - 1 / count) / (1 - 1 / count)
    colors, _ = look.classes(count)
    paper = np.array(to_rgb(look.paper))
    shades = paper + SHADE * np.clip(certain, 0.0, 1.0) * (colors[likeliest] - paper)
    looks.picture(ax, shades, across, up)
    for which in np.unique(likeliest)[: -1 if count == 2 else None]:
        lead = scores[..., which] - np.delete(scores, which, axis=-1).max(axis=-1)
        if lead.min() < 0.0 < lead.max():
            ax.contour(across, up, lead, [0.0], colors=look.ink, linewidths=1.4)
