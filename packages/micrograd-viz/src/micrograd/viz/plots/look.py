"""How do all plots look, and on which axes are they drawn?

One palette for a light page and one for a dark one, made of the colours that Okabe and Ito chose
for all kinds of colour vision; classes also differ in their markers, and curves in their dashes.
matplotlib is imported when the first plot is drawn.

**Source.** M. Okabe and K. Ito, Color Universal Design, 2008.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..extras import imported
from ..wishes import THEMES, one_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.image import AxesImage

Array = npt.NDArray[Any]

MARKERS = ("o", "^", "s", "D", "v", "P", "X")
FAR = 20.0  # the quotient of the ends from which on an axis of losses is logarithmic


@dataclass(frozen=True)
class Look:
    """The colours of a page: its paper, what is written on it, and what is told apart."""

    paper: str
    ink: str
    faint: str
    colors: tuple[str, ...]
    negative: tuple[str, str]  # from the far end of a scale towards 0, which is the paper
    positive: tuple[str, str]  # from 0 to the far end
    high: str  # the far end of a scale that one writes on

    def classes(self, count: int) -> tuple[Array, list[str]]:
        """A colour (count, 3) and a marker for each class; from the eighth on they come again."""
        from matplotlib.colors import to_rgb

        colors = np.array([to_rgb(color) for color in islice(cycle(self.colors), count)])
        return colors, list(islice(cycle(MARKERS), count))

    def diverging(self) -> Colormap:
        """From negative numbers, orange, over 0, the paper, to positive ones, blue."""
        return self._scale("diverging", *self.negative, self.paper, *self.positive)

    def rising(self) -> Colormap:
        """From little, the paper, to much, a blue on which ink can be read."""
        return self._scale("rising", self.paper, self.high)

    def _scale(self, name: str, *colors: str) -> Colormap:
        from matplotlib.colors import LinearSegmentedColormap

        odd = 257  # so that 0 has a colour of its own, in the middle
        return LinearSegmentedColormap.from_list(f"micrograd {name}", colors, odd)


LOOKS = {
    "light": Look(
        "#ffffff",
        "#111827",
        "#9ca3af",
        ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#4b5563", "#56b4e9"),
        ("#7a3200", "#d55e00"),
        ("#0072b2", "#003a5c"),
        "#5aa5d6",
    ),
    "dark": Look(
        "#15191e",
        "#e5e7eb",
        "#6b7280",
        ("#56b4e9", "#e69f00", "#3fd07f", "#d996be", "#f0e442", "#ff8a5c", "#b6bec9"),
        ("#ffc48f", "#d98324"),
        ("#3f9fd6", "#c2e6fb"),
        "#22618a",
    ),
}


def matplotlib(told: str, module: str = "") -> Any:
    """matplotlib, or a module of it.

    **Errors.** ModuleNotFoundError with the line that installs it.
    """
    return imported(f"matplotlib{module}", f"{told} draws with matplotlib", "plot")


def ready(told: str, ax: Axes | None, theme: str | None) -> None:
    """Whether it can be drawn: asked before a model works for nothing.

    **Errors.** ModuleNotFoundError without matplotlib; TypeError if `ax` is no Axes; ValueError for
    axes of three dimensions or polar ones, and for an unknown theme.
    """
    if theme is not None:
        one_of(told, "theme", theme, THEMES)
    axes = matplotlib(told, ".axes")
    if ax is None:
        return
    if not isinstance(ax, axes.Axes):
        raise TypeError(
            f"{told}: ax is a {type(ax).__name__}. Pass one Axes, for example figure.subplots(), "
            "or leave it out."
        )
    if ax.name != "rectilinear":
        raise ValueError(
            f"{told}: ax is a {ax.name} plot, but this one is flat. Make the axes without "
            "projection=."
        )


def canvas(
    told: str, ax: Axes | None, theme: str | None, size: tuple[float, float] = (6.0, 4.5)
) -> tuple[Axes, Look]:
    """The axes to draw on, and their look.

    Without `ax`, pyplot makes a figure: a notebook shows it by itself, `pyplot.show()` opens it in
    a script, and the backend is the one that the user's program has chosen. With `ax`, pyplot takes
    no part. Without a theme the look is the one that suits what the axes lie on, so that
    matplotlib's own styles hold; a theme paints the page.

    **Errors.** Those of `ready`.
    """
    ready(told, ax, theme)
    if ax is None:
        made: Axes = matplotlib(told, ".pyplot").subplots(figsize=size, layout="constrained")[1]
    else:
        made = ax
    if theme is not None:
        _paint(made, LOOKS[theme])
    return made, suiting(made) if theme is None else LOOKS[theme]


def suiting(ax: Axes) -> Look:
    """The look that suits what the axes lie on."""
    return LOOKS["dark" if _is_dark(ax) else "light"]


def _is_dark(ax: Axes) -> bool:
    from matplotlib.colors import to_rgba

    for page in (ax, ax.get_figure()):
        if page is not None:
            *rgb, alpha = to_rgba(page.get_facecolor())
            if alpha > 0.0:
                return float(np.dot(rgb, (0.21, 0.72, 0.07))) < 0.5
    return False


def _paint(ax: Axes, look: Look) -> None:
    """Bring the page and all that is written on it to the colours of a theme."""
    figure = ax.get_figure()
    if figure is not None:
        figure.set_facecolor(look.paper)
    ax.set_facecolor(look.paper)
    ax.tick_params(which="both", color=look.ink, labelcolor=look.ink)
    ax.spines[:].set_color(look.ink)
    for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
        text.set_color(look.ink)


def lines(ax: Axes) -> None:
    """Axes of curves: a faint grid, no box."""
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)


def whole_ticks(ax: Axes) -> None:
    """An axis of epochs has no halves, if its ticks are matplotlib's own choice."""
    from matplotlib.ticker import MaxNLocator

    locator = ax.xaxis.get_major_locator()
    if isinstance(locator, MaxNLocator):
        locator.set_params(integer=True)


def bare(ax: Axes) -> None:
    """Axes of pictures: neither ticks nor a box."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def legend(ax: Axes, look: Look, **settings: Any) -> None:
    """Say what is what, on the page's own paper."""
    ax.legend(labelcolor=look.ink, facecolor=ax.get_facecolor(), edgecolor="none", **settings)


def ring(ax: Axes, x: Any, y: Any, color: str, label: str = "") -> None:
    """Rings around points."""
    ax.scatter(
        x, y, s=80, facecolors="none", edgecolors=color, linewidths=1.5, zorder=3, label=label
    )


def picture(ax: Axes, array: Array, across: Array, up: Array, **settings: Any) -> AxesImage:
    """Show `array` (len(up), len(across), ...) with its numbers over the points of a grid."""
    (left, right), (low, high) = ((ends[0], ends[-1]) for ends in (across, up))
    dx, dy = (right - left) / (len(across) - 1) / 2, (high - low) / (len(up) - 1) / 2
    image = ax.imshow(
        array,
        extent=(left - dx, right + dx, low - dy, high + dy),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
        **settings,
    )
    ax.set(xlim=(left, right), ylim=(low, high))
    return image


def falls_far(told: str, numbers: Array, log: bool | None) -> bool:
    """Whether losses want a logarithmic axis: as asked for, or because they fall far.

    **Errors.** ValueError for a logarithmic axis where numbers are not positive.
    """
    finite = numbers[np.isfinite(numbers)]
    positive = bool(finite.size) and float(finite.min()) > 0.0
    if log and not positive:
        least = f"the least is {finite.min():.4g}" if finite.size else "none is finite"
        raise ValueError(
            f"{told}: log=True, but {least}, and a logarithm needs positive numbers. Leave log out."
        )
    return log if log is not None else positive and finite.max() > FAR * finite.min()
