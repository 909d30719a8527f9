"""What ``decision_boundary`` draws: regions, lines, points, rings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from micrograd.engine import Value
from micrograd.nn import MLP, BatchNorm1d, Dropout, Linear, Sequential
from micrograd.viz.plots import decision_boundary
from micrograd.viz.plots.look import LOOKS

LIGHT = LOOKS["light"]
POINTS = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 4.0], [2.0, 4.0]])


def side(x: Any) -> Any:
    """A logit: 0 on the line across = 1."""
    return 3.0 * (x[:, 0] - 1.0)


def thirds(x: Any) -> Any:
    """Logits of three classes, from left to right."""
    return np.stack([-5.0 * (x[:, 0] - middle) ** 2 for middle in (0.0, 1.0, 2.0)], axis=1)


def contours(ax: Axes) -> list[np.ndarray]:
    """The corners of each line between regions."""
    sets = [one for one in ax.collections if hasattr(one, "levels")]
    return [path.vertices for one in sets for path in one.get_paths() if len(path.vertices)]


def scatters(ax: Axes) -> list[Any]:
    return [one for one in ax.collections if not hasattr(one, "levels")]


def test_the_line_is_where_the_model_is_undecided(ax: Axes) -> None:
    decision_boundary(side, POINTS, ax=ax)
    (line,) = contours(ax)
    np.testing.assert_allclose(line[:, 0], 1.0, atol=1e-9)
    assert (line[:, 1].min(), line[:, 1].max()) == (-0.4, 4.4)
    assert ax.get_xlim() == (-0.2, 2.2)
    assert ax.get_ylim() == (-0.4, 4.4)


@pytest.mark.parametrize("output", ["logits", "probabilities"])
@pytest.mark.parametrize("columns", [0, 1, 2])
def test_the_shade_is_how_certain_the_model_is(ax: Axes, output: str, columns: int) -> None:
    def model(x: np.ndarray) -> np.ndarray:
        z = side(x)
        second = 1 / (1 + np.exp(-z)) if output == "probabilities" else z
        first = 1 - second if output == "probabilities" else 0 * z
        return {0: second, 1: second[:, None], 2: np.stack([first, second], axis=1)}[columns]

    decision_boundary(model, POINTS, output=output, resolution=3, margin=0.0, ax=ax)
    shown = ax.images[0].get_array()
    assert shown.shape == (3, 3, 3)
    certain = 2 / (1 + np.exp(-3.0)) - 1
    for column, color in ((0, LIGHT.colors[0]), (2, LIGHT.colors[1])):
        expected = 1 + 0.42 * certain * (np.array(to_rgb(color)) - 1)
        np.testing.assert_allclose(shown[:, column], np.tile(expected, (3, 1)))
    np.testing.assert_allclose(shown[:, 1], 1.0)
    assert len(contours(ax)) == 1


def test_three_classes_have_three_regions_and_two_lines(ax: Axes) -> None:
    decision_boundary(thirds, POINTS, resolution=101, margin=0.0, ax=ax)
    places = sorted({round(float(x), 3) for line in contours(ax) for x in line[:, 0]})
    assert places == [0.5, 1.5]
    row = ax.images[0].get_array()[0]
    for column, color in ((0, 0), (50, 1), (100, 2)):
        towards = np.array(to_rgb(LIGHT.colors[color])) - 1
        assert np.corrcoef(row[column] - 1, towards)[0, 1] > 0.999


def test_points_have_the_look_of_their_class_and_the_wrong_ones_a_ring(ax: Axes) -> None:
    decision_boundary(side, POINTS, [0, 1, 1, 1], classes=["left", "right"], ax=ax)
    left, right, ringed = scatters(ax)
    np.testing.assert_array_equal(left.get_offsets(), POINTS[:1])
    np.testing.assert_array_equal(right.get_offsets(), POINTS[1:])
    np.testing.assert_array_equal(ringed.get_offsets(), POINTS[2:3])
    for drawn, color in ((left, LIGHT.colors[0]), (right, LIGHT.colors[1])):
        np.testing.assert_allclose(drawn.get_facecolor()[0, :3], to_rgb(color))
    assert left.get_paths()[0] != right.get_paths()[0]
    assert ax.get_title() == "3 of 4 points right (75.0%), the others ringed"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["left", "right"]


@pytest.mark.parametrize("y", [[-1, 1, -1, 1], [[0], [1], [0], [1]], Value([0.0, 1.0, 0.0, 1.0])])
def test_two_classes_may_be_signs_columns_or_values(ax: Axes, y: Any) -> None:
    decision_boundary(side, Value(POINTS), y, ax=ax)
    assert ax.get_title() == "4 of 4 points right (100.0%)"


def test_without_classes_there_is_neither_point_nor_title(ax: Axes) -> None:
    decision_boundary(side, POINTS, ax=ax)
    assert scatters(ax) == []
    assert ax.get_title() == ""


def test_one_point_has_a_plane_around_it(ax: Axes) -> None:
    decision_boundary(side, [[1.0, 7.0]], ax=ax)
    assert ax.get_xlim() == (0.5, 1.5)
    assert ax.get_ylim() == (6.5, 7.5)


def test_the_model_is_asked_in_batches_of_its_own_dtype_without_a_graph(ax: Axes) -> None:
    asked: list[Any] = []
    w = Value(np.ones(2, np.float32))

    def model(x: np.ndarray) -> Value:
        asked.append(x)
        found = x @ w
        assert not found.requires_grad
        return found

    decision_boundary(model, POINTS.astype(np.float32), resolution=10, batch_size=32, ax=ax)
    assert [len(x) for x in asked] == [32, 32, 32, 4, 4]
    assert {x.dtype for x in asked} == {np.dtype(np.float32)}
    assert {x.shape[1] for x in asked} == {2}
    grid = np.concatenate(asked[:4])
    assert len(np.unique(grid, axis=0)) == 100


def test_a_module_is_asked_in_eval_mode_and_left_as_it_was(
    ax: Axes, rng: np.random.Generator
) -> None:
    model = Sequential(Linear(2, 8, rng=rng), BatchNorm1d(8), Dropout(0.5, rng=rng), Linear(8, 3))
    model[2].eval()
    before = {name: array.copy() for name, array in model.state_dict().items()}
    drawn = rng.bit_generator.state
    decision_boundary(model, POINTS, resolution=5, ax=ax)
    assert [module.training for module in model] == [True, True, False, True]
    assert model.training
    assert rng.bit_generator.state == drawn
    after = model.state_dict()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_a_network_is_drawn_as_it_answers(ax: Axes, rng: np.random.Generator) -> None:
    model, X = MLP(2, [8, 3], rng=rng), rng.normal(size=(50, 2))
    y = model(X).data.argmax(axis=1)
    y[:5] = (y[:5] + 1) % 3
    decision_boundary(model, X, y, ax=ax)
    assert ax.get_title() == "45 of 50 points right (90.0%), the others ringed"
    np.testing.assert_array_equal(np.sort(scatters(ax)[-1].get_offsets(), 0), np.sort(X[:5], 0))


def test_a_model_gives_numbers(ax: Axes) -> None:
    with pytest.raises(TypeError, match=r"decision_boundary: the model gave dtype <U2\. It must"):
        decision_boundary(lambda x: ["no"] * len(x), POINTS, ax=ax)


@pytest.mark.parametrize(
    ("model", "settings", "message"),
    [
        (lambda x: x.sum(), {}, r"gave shape \(\) for points of shape \(\d+, 2\)\. It must"),
        (lambda x: x[:, :, None], {}, r"gave shape \(\d+, 2, 1\)"),
        (lambda x: x[:1], {}, r"gave shape \(1, 2\)"),
        (lambda x: x[:, :0], {}, r"gave shape \(\d+, 0\)"),
        (lambda x: np.where(x[:, 0] > 1, np.nan, 0.0), {}, r"at \(1\.\d+, .*\) the model says nan"),
        (side, {"output": "probabilities"}, r"says numbers from -3\.6 to 3\.6\. Pass output='log"),
        (thirds, {"y": [0, 1, 3, 2]}, r"y holds 0, 1, 2, 3, but the model tells 3 .* 0 to 2"),
        (side, {"y": [0, 1, 0.5, 0]}, r"y holds 0\.0, 0\.5, 1\.0, but the model tells 2"),
        (thirds, {"classes": "ab"}, r"classes has 2 names, but the model tells 3 classes"),
    ],
)
def test_a_model_that_says_something_else_is_refused(
    ax: Axes, model: Any, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=f"decision_boundary: .*{message}"):
        decision_boundary(model, POINTS, ax=ax, **settings)
