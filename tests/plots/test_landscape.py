"""What ``loss_line`` and ``loss_surface`` evaluate and draw, and how they leave a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from micrograd.engine import Value
from micrograd.nn import MLP, BatchNorm1d, Conv2d, Dropout, Flatten, Linear, Sequential
from micrograd.viz.plots import loss_line, loss_surface


@pytest.fixture
def w() -> Value:
    return Value([[3.0, 4.0], [1.0, -2.0]])


@pytest.fixture
def model(rng: np.random.Generator) -> Sequential:
    return Sequential(
        Conv2d(1, 2, 3, rng=rng, dtype=np.float32),
        Flatten(),
        BatchNorm1d(8, dtype=np.float32),
        Dropout(0.5, rng=rng),
        Linear(8, 3, rng=rng, dtype=np.float32),
    )


def bits(model: Sequential) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in model.state_dict().items()}


def test_the_line_is_the_loss_at_each_step(ax: Axes, w: Value) -> None:
    d = np.array([[1.0, 0.0], [0.0, 2.0]])
    loss_line([w], lambda: (w**2).sum(), direction=[d], span=(-2, 3), points=6, ax=ax)
    (line,) = ax.get_lines()
    np.testing.assert_array_equal(line.get_xdata(), [-2, -1, 0, 1, 2, 3])
    expected = [((w.data + alpha * d) ** 2).sum() for alpha in range(-2, 4)]
    np.testing.assert_allclose(line.get_ydata(), expected)
    np.testing.assert_array_equal(ax.collections[0].get_offsets(), [[0.0, 30.0]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("α, along the direction", "loss")


def test_between_two_sets_of_weights(ax: Axes, w: Value) -> None:
    a, b = np.zeros((2, 2)), np.array([[1.0, 2.0], [0.0, 0.0]])
    loss_line([w], lambda: (w**2).sum(), between=([a], [b]), span=(0, 2), points=3, ax=ax)
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), [0.0, 5.0, 20.0])
    np.testing.assert_array_equal(ax.collections[0].get_offsets(), [[0.0, 0.0], [1.0, 5.0]])
    assert ax.get_xlabel() == "α, from a (0) to b (1)"
    np.testing.assert_array_equal(w.data, [[3.0, 4.0], [1.0, -2.0]])


def test_state_dicts_are_sets_of_weights(ax: Axes, rng: np.random.Generator) -> None:
    model, other = MLP(2, [3, 1], rng=rng), MLP(2, [3, 1], rng=rng)
    X = rng.normal(size=(9, 2))
    sets = (other.state_dict(), model.state_dict())
    loss_line(model, lambda: (model(X) ** 2).mean(), between=sets, ax=ax)
    line = ax.get_lines()[0]
    assert (line.get_xdata()[0], line.get_xdata()[-1]) == (-0.25, 1.25)
    ends = ax.collections[0].get_offsets()[:, 1]
    np.testing.assert_allclose(ends, [(m(X) ** 2).mean().item() for m in (other, model)])


def test_the_surface_is_the_loss_on_the_plane(ax: Axes, w: Value) -> None:
    d1, d2 = np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])

    def loss() -> Value:
        return (w[0] * np.array([1.0, 10.0])).sum()

    loss_surface([w], loss, directions=([d1], [d2]), points=5, ax=ax)
    shown = ax.images[0].get_array()
    steps = np.linspace(-1, 1, 5)
    np.testing.assert_allclose(shown, 43.0 + steps + 10 * steps[:, None])  # up: the second
    told = {float(text.get_text()) for text in ax.texts}
    assert told <= {round(level, 0) for level in ax.collections[0].levels}
    assert len(told) > 3
    (cross,) = ax.get_lines()
    assert (cross.get_xdata()[0], cross.get_ydata()[0]) == (0.0, 0.0)
    left, right, low, high = ax.images[0].get_extent()
    assert (left, right, low, high) == (-1.25, 1.25, -1.25, 1.25)  # pixels around their points
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1.0, 1.0), (-1.0, 1.0))


def test_a_loss_that_changes_much_has_a_logarithmic_scale(ax: Axes, w: Value) -> None:
    d = np.ones((2, 2))
    settings: dict[str, Any] = {"directions": ([d], [d]), "points": 3, "ax": ax}
    loss_surface([w], lambda: np.exp(w.sum()), **settings)
    assert isinstance(ax.images[-1].norm, LogNorm)
    loss_surface([w], lambda: np.exp(w.sum()), log=False, **settings)
    assert not isinstance(ax.images[-1].norm, LogNorm)
    loss_line([w], lambda: np.exp(w.sum()), direction=[d], ax=ax)
    assert ax.get_yscale() == "log"


def test_the_same_generator_draws_the_same_plot(model: Sequential) -> None:
    X = np.random.default_rng(0).normal(size=(4, 1, 4, 4)).astype(np.float32)
    from matplotlib.figure import Figure

    shown = [
        loss_surface(
            model,
            lambda: (model(X) ** 2).mean(),
            rng=np.random.default_rng(seed),
            points=3,
            ax=Figure().subplots(),
        )
        .images[0]
        .get_array()
        for seed in (5, 5, 6)
    ]
    np.testing.assert_array_equal(shown[0], shown[1])
    assert not np.array_equal(shown[0], shown[2])
    assert shown[0][1, 1] != shown[0][0, 0]


@pytest.mark.parametrize("fails", [False, True])
def test_everything_of_a_model_is_bit_for_bit_what_it_was(
    ax: Axes, model: Sequential, rng: np.random.Generator, fails: bool
) -> None:
    X = rng.normal(size=(6, 1, 4, 4)).astype(np.float32)
    own = np.random.default_rng(3)
    older = model(X).cross_entropy(np.zeros(6, dtype=int))
    arrays = [parameter.data for parameter in model.parameters()]
    before, drawn, calls = bits(model), rng.bit_generator.state, []

    def loss() -> Value:
        calls.append(bits(model))
        if fails and len(calls) == 4:
            raise ArithmeticError("no more")
        found = model(X).cross_entropy(np.zeros(6, dtype=int))
        assert not found.requires_grad
        assert not any(module.training for module in model.modules())
        return found

    def draw() -> None:
        loss_surface(model, loss, rng=own, points=3, ax=ax)

    if fails:
        with pytest.raises(ArithmeticError, match="no more"):
            draw()
    else:
        draw()
    assert len({str(one) for one in calls}) == len(calls) == (4 if fails else 9)
    assert bits(model) == before
    assert all(p.data is one for p, one in zip(model.parameters(), arrays, strict=True))
    assert not any(parameter.has_grad for parameter in model.parameters())
    assert all(module.training for module in model.modules())
    assert rng.bit_generator.state == drawn
    older.backward()  # recorded before, and right again


def test_places_where_the_loss_is_not_finite_stay_blank(ax: Axes, w: Value) -> None:
    d1, d2 = np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])

    def loss() -> float:
        return np.nan if w.data[0, 0] > 3.5 else float(w.data.sum())

    loss_surface([w], loss, directions=([d1], [d2]), points=3, ax=ax)
    shown = ax.images[0].get_array()
    np.testing.assert_array_equal(np.ma.getmaskarray(shown), [[False, False, True]] * 3)
    assert ax.images[0].norm.vmax == 7.0


def test_a_flat_loss_is_drawn_without_lines(ax: Axes, w: Value) -> None:
    loss_surface([w], lambda: 2.0, rng=np.random.default_rng(0), points=3, ax=ax)
    assert (ax.images[0].get_array() == 2.0).all()
    assert len(ax.collections) == len(ax.texts) == 0


@pytest.mark.parametrize(
    ("loss", "error", "message"),
    [
        (lambda: np.ones(3), ValueError, r"loss\(\) gave shape \(3,\)\. It must give one number"),
        (lambda: None, TypeError, r"loss\(\) gave array\(None, dtype=object\)\. It must give"),
        (lambda: np.nan, ValueError, r"the loss is nowhere finite, not even at the weights"),
    ],
)
def test_a_loss_gives_one_number(
    ax: Axes, w: Value, loss: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"loss_line: {message}"):
        loss_line([w], loss, direction=[np.eye(2)], ax=ax)
    with pytest.raises(error, match=f"loss_surface: {message}"):
        loss_surface([w], loss, directions=([np.eye(2)], [np.eye(2)]), points=3, ax=ax)
