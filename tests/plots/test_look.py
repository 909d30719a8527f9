"""Where plots are drawn, on light pages and dark ones, and with which colours."""

from __future__ import annotations

import sys
from itertools import combinations
from types import ModuleType
from typing import Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from micrograd.engine import Value
from micrograd.viz.plots import (
    confusion_matrix,
    decision_boundary,
    loss_curves,
    loss_line,
    loss_surface,
    weight_images,
)
from micrograd.viz.plots.look import LOOKS, MARKERS

POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
PLOTS: dict[str, Any] = {
    "confusion_matrix": lambda **how: confusion_matrix([0, 1, 1], [0, 0, 1], **how),
    "decision_boundary": lambda **how: decision_boundary(
        lambda x: x[:, 0] - 0.5, POINTS, [0, 1, 0], classes="ab", resolution=5, **how
    ),
    "loss_curves": lambda **how: loss_curves({"a": [2.0, 1.0], "b": [1.0, 3.0]}, **how),
    "loss_line": lambda **how: loss_line([Value(1.0)], lambda: 1.0, direction=[1.0], **how),
    "loss_surface": lambda **how: loss_surface(
        [Value(1.0)], lambda: 1.0, directions=([1.0], [2.0]), points=3, **how
    ),
    "weight_images": lambda **how: weight_images(np.eye(4), labels="abcd", **how),
}
EACH = pytest.mark.parametrize("draw", PLOTS.values(), ids=PLOTS)


@EACH
def test_the_axes_that_are_given_come_back_and_pyplot_takes_no_part(
    draw: Any, ax: Axes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert draw(ax=ax) is ax


@EACH
def test_without_axes_pyplot_makes_a_figure_with_the_backend_that_was_chosen(
    draw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Figure] = []

    def subplots(**settings: Any) -> tuple[Figure, Axes]:
        made.append(Figure(**settings))
        return made[0], made[0].subplots()

    pyplot = ModuleType("matplotlib.pyplot")
    pyplot.subplots = subplots  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
    backend = mpl.rcParams._get_backend_or_none()
    assert draw().figure is made[0]
    assert mpl.rcParams._get_backend_or_none() == backend
    width, height = made[0].get_size_inches()
    assert 3.0 <= width <= 12.0
    assert 1.5 <= height <= 12.0


@EACH
@pytest.mark.parametrize(
    ("size", "layout"),
    [((8.0, 5.0), "none"), ((8.0, 5.0), "constrained"), ((4.0, 3.0), "constrained")],
)
def test_nothing_is_cut_off_at_the_edge(draw: Any, size: tuple[float, float], layout: str) -> None:
    figure = Figure(figsize=size, layout=layout)
    draw(ax=figure.subplots())
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    box = figure.get_tightbbox(canvas.get_renderer())
    slack = 0.03  # inches
    assert box.x0 >= -slack
    assert box.y0 >= -slack
    assert box.x1 <= size[0] + slack
    assert box.y1 <= size[1] + slack


@EACH
@pytest.mark.parametrize("wrong", [np.zeros(2), Figure()], ids=["array", "figure"])
def test_what_is_no_axes_is_refused(draw: Any, wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"ax is a \w+\. Pass one Axes, for example figure\.sub"):
        draw(ax=wrong)


@EACH
def test_axes_of_another_kind_are_refused(draw: Any) -> None:
    for kind in ("polar", "3d"):
        with pytest.raises(ValueError, match=rf"ax is a {kind} plot, but this one is flat\. Make"):
            draw(ax=Figure().add_subplot(projection=kind))


@EACH
@pytest.mark.parametrize("theme", LOOKS)
def test_a_theme_paints_the_page_and_all_that_is_written_on_it(
    draw: Any, theme: str, ax: Axes
) -> None:
    draw(ax=ax, theme=theme)
    ax.figure.canvas.draw()
    look = LOOKS[theme]
    assert to_hex(ax.figure.get_facecolor()) == to_hex(ax.get_facecolor()) == look.paper
    written = [ax.title, ax.xaxis.label, ax.yaxis.label]
    written += [label for axis in (ax.xaxis, ax.yaxis) for label in axis.get_ticklabels()]
    for inner in ax.child_axes:
        written += [inner.yaxis.label, *inner.yaxis.get_ticklabels()]
    if legend := ax.get_legend():
        written += legend.get_texts()
    assert {to_hex(text.get_color()) for text in written if text.get_text()} <= {look.ink}
    for text in ax.texts:  # on a picture: what is below decides
        assert to_hex(text.get_color()) in (look.ink, look.paper, look.faint)


@EACH
def test_without_a_theme_the_style_of_the_user_decides(draw: Any) -> None:
    with mpl.style.context("dark_background"):
        ax = Figure().subplots()
        draw(ax=ax)
    assert to_hex(ax.get_facecolor()) == "#000000"
    dark, light = set(LOOKS["dark"].colors), set(LOOKS["light"].colors)
    lines = {to_hex(line.get_color()) for line in ax.get_lines()}
    assert not lines & (light - dark)
    if ax.get_legend():
        assert to_hex(ax.get_legend().get_texts()[0].get_color()) == LOOKS["dark"].ink


def test_transparent_axes_are_as_dark_as_their_figure() -> None:
    for page, look in (("black", "dark"), ("white", "light"), ("none", "light")):
        ax = Figure(facecolor=page).subplots()
        ax.set_facecolor("none")
        loss_curves([1.0, 2.0, 3.0], ax=ax)
        assert to_hex(ax.get_lines()[0].get_color()) == LOOKS[look].colors[0]


def linear(color: Any) -> np.ndarray:
    """Linear RGB of a colour, as sRGB defines it."""
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


# What colours become for eyes without one kind of cones: G. M. Machado, M. M. Oliveira and
# L. A. F. Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency, 2009.
EYES = {
    "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritan": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB, for D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    white = [0.9505, 1.0, 1.089]
    t = np.clip(np.array(to_xyz) @ rgb, 0.0, None) / white
    x, y, z = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", LOOKS)
def test_the_first_colours_differ_for_all_eyes(theme: str, eyes: str) -> None:
    """By 10 or more in CIELAB, where 2.3 is just noticeable; classes have markers on top."""
    seen = [lab(np.clip(EYES[eyes] @ linear(c), 0, 1)) for c in LOOKS[theme].colors[:4]]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 10.0
    ends = [
        lab(np.clip(EYES[eyes] @ linear(c), 0, 1))
        for c in (LOOKS[theme].negative[1], LOOKS[theme].positive[0])
    ]
    assert np.linalg.norm(ends[0] - ends[1]) > 40.0


@pytest.mark.parametrize("theme", LOOKS)
def test_what_is_written_and_what_is_drawn_stands_out_from_the_page(theme: str) -> None:
    """Contrast as WCAG defines it: 7 for text, 2 for graphics that have a marker or a dash, too."""
    look = LOOKS[theme]

    def contrast(color: str) -> float:
        a, b = (float(np.dot([0.2126, 0.7152, 0.0722], linear(c))) for c in (color, look.paper))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)

    assert contrast(look.ink) > 7.0
    assert min(map(contrast, look.colors)) > 2.0


def test_an_eighth_class_begins_the_colours_anew() -> None:
    colors, markers = LOOKS["light"].classes(9)
    assert colors.shape == (9, 3)
    np.testing.assert_array_equal(colors[7:], colors[:2])
    assert markers == [*MARKERS, *MARKERS[:2]]
    assert len({*map(tuple, colors)}) == len(MARKERS) == 7


def test_an_import_that_fails_inside_matplotlib_is_told_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'kiwisolver'", name="kiwisolver")

    monkeypatch.setattr("micrograd.viz.extras.importlib.import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="No module named 'kiwisolver'"):
        loss_curves([1.0])
