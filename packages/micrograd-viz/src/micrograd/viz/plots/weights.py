"""What do weights look at?"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from . import look as looks
from .asking import array_of, whole
from .look import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TOLD = "weight_images"
ROOM = 0.22  # for a label, as a share of the height
SCALE = (0.86, 0.02, 0.03, 0.96)  # left, bottom, width and height, as shares of the axes
GAP = 0.12  # between two images, as a share of the smaller side


def weight_images(
    weight: Any,
    *,
    shape: tuple[int, int] | None = None,
    columns: int | None = None,
    limit: float | None = None,
    labels: Sequence[object] | None = None,
    ax: Axes | None = None,
    theme: str | None = None,
) -> Axes:
    """Draw weights as little images that share one scale: blue counts for, orange against.

    A weight (nin, nout), as of ``Linear``, gives an image for each output: its column, brought to
    ``shape``; without it, to a square. Filters (nout, nin, height, width), as of ``Conv2d``, give
    one for each, and a row for each output if there are several inputs. An array (n, height, width)
    is a stack of images.

    ``columns`` is how many images stand in a row; ``limit`` the number at both ends of the scale,
    by default the largest absolute one; ``labels`` is a name for each image.

    **Errors.** TypeError for what holds no numbers; ValueError for other shapes, for a column that
    is no image of ``shape``, for numbers that are not finite, and for settings that do not fit.

    **Example.**

    >>> from matplotlib.figure import Figure
    >>> ax = weight_images(np.eye(4), ax=Figure().subplots())
    >>> len(ax.images), ax.images[0].get_array().shape
    (4, (2, 2))
    """
    images, usual = _images(array_of(weight), shape)
    count, height, width = images.shape
    columns = usual if columns is None else whole(TOLD, "columns", columns, 1)
    if labels is not None and len(labels) != count:
        raise ValueError(
            f"{TOLD}: labels has {len(labels)} names for {count} images. Name each of them."
        )
    reach = float(np.abs(images).max()) or 1.0
    if limit is not None and not 0.0 < limit < np.inf:
        raise ValueError(f"{TOLD}: limit is {limit!r}. Pass a positive number.")
    reach = reach if limit is None else float(limit)
    rows, columns = ceil(count / columns), min(columns, count)
    gap = max(GAP * min(height, width), 0.25)
    down = height + gap + (ROOM * height if labels is not None else 0.0)
    over = width + gap
    size = _size(columns * over / SCALE[0], rows * down)
    ax, look = looks.canvas(TOLD, ax, theme, size)
    for i, image in enumerate(images):
        left, top = (i % columns) * over, (i // columns) * down
        ax.imshow(
            image,
            extent=(left, left + width, top + height, top),
            cmap=look.diverging(),
            vmin=-reach,
            vmax=reach,
            interpolation="nearest",
        )
        edges = ([left, left + width] * 2, [top, top + height])
        ax.plot(
            [edges[0][j] for j in (0, 1, 1, 0, 0)],
            [edges[1][j] for j in (0, 0, 1, 1, 0)],
            color=look.faint,
            linewidth=0.5,
        )
        if labels is not None:
            middle = left + width / 2
            ax.text(middle, top, str(labels[i]), ha="center", va="bottom", color=look.ink)
    first = -ROOM * height if labels is not None else 0.0
    ax.set(
        xlim=(-gap / 2, columns * over / (SCALE[0] - 0.02)),
        ylim=(rows * down + first - gap / 2, first - gap / 2),
        aspect="equal",
    )
    looks.bare(ax)
    _scale(ax)
    return ax


def _scale(ax: Axes) -> None:
    """What the colours mean, in the room that was left on the right."""
    figure, ink = ax.get_figure(), ax.yaxis.label.get_color()
    if figure is not None:
        scale = figure.colorbar(ax.images[-1], cax=ax.inset_axes(SCALE))
        scale.outline.set_visible(False)
        scale.ax.tick_params(which="both", color=ink, labelcolor=ink)


def _images(weight: Array, shape: tuple[int, int] | None) -> tuple[Array, int]:
    """The images (n, height, width), and how many of them stand in a row by default."""
    if weight.dtype.kind not in "fiub":
        raise TypeError(
            f"{TOLD}: the weight has dtype {weight.dtype}. Pass a Value or an array of numbers; of "
            "a layer that is layer.weight."
        )
    if not weight.size or not np.isfinite(weight).all():
        raise ValueError(
            f"{TOLD}: the weight, of shape {weight.shape}, is empty or holds what is no finite "
            "number, so it has no scale. Look for the number in the training."
        )
    if weight.ndim not in (2, 3, 4):
        raise ValueError(
            f"{TOLD}: the weight has shape {weight.shape}. Pass (nin, nout), (n, height, width) or "
            "(nout, nin, height, width)."
        )
    if weight.ndim == 2:
        weight = _squares(weight, shape)
    elif shape is not None:
        raise ValueError(
            f"{TOLD}: shape is {shape}, but the weight, of shape {weight.shape}, holds images "
            "already. Leave shape out."
        )
    if weight.ndim == 4 and weight.shape[1] > 1:
        return weight.reshape(-1, *weight.shape[2:]), weight.shape[1]
    images = weight.reshape(-1, *weight.shape[-2:])
    return images, ceil(np.sqrt(len(images) * 2))


def _squares(weight: Array, shape: tuple[int, int] | None) -> Array:
    """The columns of (nin, nout) as images (nout, height, width)."""
    nin, nout = weight.shape
    if shape is None:
        side = isqrt(nin)
        if side * side != nin:
            raise ValueError(
                f"{TOLD}: the weight has shape {weight.shape}, and {nin} numbers are no square "
                "image. Pass shape=(height, width)."
            )
        shape = (side, side)
    if len(shape) != 2 or shape[0] * shape[1] != nin:
        raise ValueError(
            f"{TOLD}: the weight has shape {weight.shape}, but shape is {shape}. Its height times "
            f"its width must be {nin}."
        )
    return weight.T.reshape(nout, *shape)


def _size(width: float, height: float) -> tuple[float, float]:
    """Inches for a figure of these proportions."""
    scale = min(8.0 / width, 7.0 / height)
    return max(width * scale, 3.0), max(height * scale, 1.5)
