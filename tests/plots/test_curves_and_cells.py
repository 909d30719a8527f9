"""What ``loss_curves``, ``weight_images`` and ``confusion_matrix`` draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from micrograd.engine import Value
from micrograd.nn import MLP, Adam, Conv2d, Linear, fit, metrics
from micrograd.nn.training import History
from micrograd.viz.plots import confusion_matrix, loss_curves, weight_images
from micrograd.viz.plots.look import LOOKS


def told(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


# -- curves -----------------------------------------------------------------------------------


@pytest.fixture
def history(rng: np.random.Generator) -> History:
    X = rng.normal(size=(60, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    model = MLP(2, [16, 2], rng=rng)
    optimizer = Adam(model.parameters(), 0.05)
    settings: dict[str, Any] = {"metrics": ["accuracy"], "validation": (X, y), "rng": rng}
    return fit(model, X, y, "cross_entropy", optimizer, 6, progress=False, **settings)


def test_what_fit_measured(ax: Axes, history: History) -> None:
    loss_curves(history, ax=ax)
    training, validation = ax.get_lines()
    np.testing.assert_array_equal(training.get_xdata(), np.arange(1, 7))
    np.testing.assert_array_equal(training.get_ydata(), history["loss"])
    np.testing.assert_array_equal(validation.get_ydata(), history["val_loss"])
    assert (training.get_linestyle(), validation.get_linestyle()) == ("-", "--")
    assert training.get_color() != validation.get_color()
    assert told(ax) == ["loss, training", "loss, validation"]
    assert ax.get_xlabel() == "epoch"


def test_the_best_epoch_of_the_validation_data_is_ringed(ax: Axes) -> None:
    history = {"accuracy": [0.5, 0.9, 1.0], "val_accuracy": [0.6, 0.8, 0.7]}
    loss_curves(history, best="max", ax=ax)
    (ring,) = ax.collections
    np.testing.assert_array_equal(ring.get_offsets(), [[2.0, 0.8]])
    assert told(ax) == ["accuracy, training", "accuracy, validation", "0.8 in epoch 2"]


def test_without_validation_data_each_curve_has_its_best(ax: Axes) -> None:
    loss_curves({"SGD": [3.0, np.nan, 2.0], "Adam": [1.0, 2.0]}, best="min", ax=ax)
    assert told(ax) == ["SGD", "2 in epoch 3", "Adam", "1 in epoch 1"]
    loss_curves([np.nan, np.nan], best="min", ax=ax)
    assert len(ax.collections) == 2


def test_runs_are_compared_by_whatever_names_them(ax: Axes) -> None:
    loss_curves({0.1: [2.0, 1.0, 0.5], 0.01: [2.0, 1.9, 1.8]}, ax=ax)
    assert told(ax) == ["0.1", "0.01"]
    loss_curves({0.1: [2.0, 1.0], 0.01: [2.0, 1.9]}, [0.01], ax=ax)  # type: ignore[list-item]
    assert told(ax) == ["0.1", "0.01", "0.01"]


def test_all_batches_or_a_bare_list(ax: Axes, history: History) -> None:
    loss_curves(history.steps, "lr", xlabel="batch", ax=ax)
    assert len(ax.get_lines()[0].get_xdata()) == len(history.steps["lr"])
    assert ax.get_xlabel() == "batch"
    assert ax.get_legend() is None
    loss_curves([3.0, 2.0], ax=ax)
    assert told(ax) == ["lr", "loss"]
    first, second = ax.get_lines()
    assert first.get_color() != second.get_color()  # the second call goes on
    assert second.get_marker() == "o"  # two numbers are hardly a line


@pytest.mark.parametrize(
    ("numbers", "log", "scale"),
    [
        ([1.0, 0.1, 0.01], None, "log"),
        ([1.0, 0.1], None, "linear"),
        ([1.0, 0.01, 0.0], None, "linear"),
        ([1.0, 0.01, np.nan], None, "log"),
        ([1.0, 0.01], False, "linear"),
        ([1.0, 0.9], True, "log"),
    ],
)
def test_a_loss_that_falls_far_is_on_a_logarithmic_axis(
    ax: Axes, numbers: list[float], log: bool | None, scale: str
) -> None:
    assert loss_curves(numbers, log=log, ax=ax).get_yscale() == scale


def test_epochs_have_no_halves_but_the_ticks_of_the_user_stay(ax: Axes) -> None:
    loss_curves([2.0, 1.0, 0.5], ax=ax)
    assert all(tick == int(tick) for tick in ax.get_xticks())
    ax.set_xticks([1.5])
    loss_curves([1.0, 2.0], ax=ax)
    assert list(ax.get_xticks()) == [1.5]


# -- weights ----------------------------------------------------------------------------------


def test_each_column_of_a_linear_layer_is_an_image(ax: Axes, rng: np.random.Generator) -> None:
    layer = Linear(6, 5, rng=rng)
    weight_images(layer.weight, shape=(2, 3), columns=3, labels="abcde", ax=ax)
    assert len(ax.images) == 5
    for column, image in enumerate(ax.images):
        np.testing.assert_array_equal(image.get_array(), layer.weight.data[:, column].reshape(2, 3))
    reach = abs(layer.weight.data).max()
    assert {(image.norm.vmin, image.norm.vmax) for image in ax.images} == {(-reach, reach)}
    assert [text.get_text() for text in ax.texts] == list("abcde")
    places = [image.get_extent() for image in ax.images]
    assert len({left for left, *_ in places}) == 3
    assert len({top for *_, top in places}) == 2
    low, high = sorted(ax.get_ylim())
    for left, right, bottom, top in places:
        assert ax.get_xlim()[0] <= left < right <= ax.get_xlim()[1]
        assert low <= top < bottom <= high
    assert ax.yaxis_inverted()


def test_filters_have_a_row_for_each_output(ax: Axes, rng: np.random.Generator) -> None:
    weight = Conv2d(3, 4, 2, rng=rng).weight
    weight_images(weight, ax=ax)
    assert len(ax.images) == 12
    np.testing.assert_array_equal(ax.images[5].get_array(), weight.data[1, 2])
    assert len({image.get_extent()[0] for image in ax.images}) == 3


def test_images_may_come_in_a_stack_and_the_scale_from_outside(ax: Axes) -> None:
    weight_images(np.zeros((2, 3, 4)), limit=2.0, ax=ax)
    weight_images(np.zeros((5, 1, 3, 3)), ax=ax)
    assert [image.get_array().shape for image in ax.images] == [(3, 4)] * 2 + [(3, 3)] * 5
    assert [image.norm.vmax for image in ax.images] == [2.0] * 2 + [1.0] * 5


def test_blue_is_for_orange_against_and_the_page_is_zero(ax: Axes) -> None:
    weight_images(np.array([[-1.0], [0.0], [1.0], [0.5]]), ax=ax)
    image = ax.images[0]
    against, zero, most, some = (image.cmap(image.norm(x)) for x in (-1.0, 0.0, 1.0, 0.5))
    assert to_hex(zero) == "#ffffff"
    assert against[0] > against[2]
    assert most[2] > most[0]
    assert some[2] > some[0]


# -- confusion --------------------------------------------------------------------------------


def test_cells_count_and_rows_are_targets(ax: Axes) -> None:
    prediction, target = np.array([0, 2, 2, 1, 0]), np.array([0, 1, 2, 1, 2])
    confusion_matrix(Value(prediction.astype(float)).data.astype(int), target, ax=ax)
    counts = metrics.confusion_matrix(prediction, target)
    assert [text.get_text() for text in ax.texts] == [str(n) for n in counts.reshape(-1)]
    assert {text.get_position(): text.get_text() for text in ax.texts}[2, 1] == "1"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "target")
    expected = np.sqrt(counts / counts.sum(axis=1, keepdims=True))
    signs = 2 * np.eye(3) - 1
    np.testing.assert_allclose(ax.images[0].get_array(), signs * expected)


def test_a_matrix_shares_and_names(ax: Axes) -> None:
    confusion_matrix(np.array([[3, 1], [0, 0]]), normalize=True, classes=["cat", "dog"], ax=ax)
    assert [text.get_text() for text in ax.texts] == ["75%", "25%", "–", "–"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["cat", "dog"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "dog"]


def test_large_counts_and_weighted_ones_are_written_out(ax: Axes) -> None:
    confusion_matrix(np.array([[1234567, 0], [0, 1]], dtype=np.uint32), ax=ax)
    confusion_matrix(np.array([[0.25, 1.5], [2.0, 1 / 3]]), ax=ax)
    found = [text.get_text() for text in ax.texts]
    assert found == ["1234567", "0", "0", "1", "0.25", "1.5", "2", "0.333"]


def test_names_tell_of_classes_that_do_not_occur(ax: Axes) -> None:
    confusion_matrix([0], [0], classes="abc", ax=ax)
    assert ax.images[0].get_array().shape == (3, 3)


def test_numbers_can_be_read_on_their_cells(ax: Axes) -> None:
    confusion_matrix(np.array([[97, 3], [0, 5]]), ax=ax)
    light = LOOKS["light"]
    colors = [text.get_color() for text in ax.texts]
    assert colors == [light.paper, light.ink, light.faint, light.paper]
