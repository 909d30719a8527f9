"""Plots where matplotlib is not: what they refuse, how weights come back, and the install line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value
from micrograd.viz.plots import (
    confusion_matrix,
    decision_boundary,
    loss_curves,
    loss_line,
    loss_surface,
    weight_images,
)
from micrograd.viz.plots.moving import moving, random_direction

POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


def side(points: np.ndarray) -> np.ndarray:
    """A model of two classes: on which side of a line a point lies, as a logit."""
    return points[:, 0] - 0.5


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


@pytest.fixture
def w() -> Value:
    return Value([[3.0, 4.0], [0.0, 1.0]], name="w")


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without matplotlib."""
    for name in [*sys.modules]:
        if name.partition(".")[0] == "matplotlib":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)


# -- without matplotlib -----------------------------------------------------------------------


def test_importing_the_plots_brings_in_no_matplotlib() -> None:
    code = (
        "import sys, micrograd.viz.plots; print({'matplotlib', 'micrograd.nn'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


@pytest.mark.usefixtures("absent")
@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("confusion_matrix", lambda: confusion_matrix([0, 1], [0, 1])),
        ("decision_boundary", lambda: decision_boundary(side, POINTS)),
        ("loss_curves", lambda: loss_curves([1.0, 0.5])),
        ("loss_line", lambda: loss_line([Value(1.0)], lambda: 1.0, direction=[1.0])),
        (
            "loss_surface",
            lambda: loss_surface([Value(1.0)], lambda: 1.0, directions=([1.0], [1.0])),
        ),
        ("weight_images", lambda: weight_images(np.eye(4))),
    ],
)
def test_each_plot_tells_the_install_line(name: str, draw: Callable[[], Any]) -> None:
    line = (
        rf'{name} draws with matplotlib, which is not .* pip install "micrograd-viz\[plot\]>=1,<2"'
    )
    with pytest.raises(ModuleNotFoundError, match=line):
        draw()


@pytest.mark.usefixtures("absent")
def test_nothing_is_computed_for_a_plot_that_cannot_be_drawn() -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("asked")

    with pytest.raises(ModuleNotFoundError, match="loss_line draws with matplotlib"):
        loss_line([Value(1.0)], never, direction=[1.0])
    with pytest.raises(ModuleNotFoundError, match="decision_boundary draws with matplotlib"):
        decision_boundary(never, POINTS)


# -- decision boundary ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "message"),
    [
        ((3, POINTS), {}, TypeError, r"the model is a int, which cannot be called"),
        ((side, np.zeros((4, 3))), {}, ValueError, r"X has shape \(4, 3\), but a plane has two"),
        ((side, np.zeros((0, 2))), {}, ValueError, r"X has shape \(0, 2\)"),
        ((side, POINTS * np.nan), {}, ValueError, r"X holds numbers that are not finite"),
        ((side, POINTS, [0, 1]), {}, ValueError, r"X has .* y has shape \(2,\)\. Pass one"),
        ((side, POINTS), {"output": "logit"}, ValueError, r"output got 'logit'.*mean 'logits'"),
        ((side, POINTS), {"margin": -0.1}, ValueError, r"margin is -0\.1\. Pass a share"),
        ((side, POINTS), {"resolution": 1}, ValueError, r"resolution is 1\. .* 2 or more"),
        ((side, POINTS), {"batch_size": 2.5}, ValueError, r"batch_size is 2\.5\. Pass a whole"),
        ((side, POINTS), {"theme": "dim"}, ValueError, r"theme got 'dim'"),
    ],
)
def test_decision_boundary_refuses(
    arguments: tuple[Any, ...], settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"decision_boundary: {message}"):
        decision_boundary(*arguments, **settings)


# -- curves -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "message"),
    [
        (({},), {}, ValueError, r"the history is empty\. Train for an epoch"),
        (([],), {}, ValueError, r"'loss' has shape \(0,\)\. Pass a list with one number an epoch"),
        (([[1.0], [2.0]],), {}, ValueError, r"'loss' has shape \(2, 1\)"),
        ((["low"],), {}, TypeError, r"'loss' is no list of numbers"),
        (([Value(1.0)],), {}, TypeError, r"'loss' is no list .* loss\.item\(\)"),
        (({"loss": [1.0]}, "los"), {}, KeyError, r"has no 'los'\. Did you mean 'loss'\?"),
        (({"loss": [1.0]}, ["f1"]), {}, KeyError, r"has no 'f1'\. It has loss"),
        (({"loss": [1.0]}, []), {}, ValueError, r"names is empty\. Name some of loss"),
        (([1.0],), {"best": "least"}, ValueError, r"best got 'least'.*'min', 'max'"),
        (([1.0, 0.0],), {"log": True}, ValueError, r"log=True, but the least is 0, and"),
        (([np.nan],), {"log": True}, ValueError, r"log=True, but none is finite, and"),
    ],
)
def test_loss_curves_refuses(
    arguments: tuple[Any, ...], settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"loss_curves: {message}|loss_curves: the history {message}"):
        loss_curves(*arguments, **settings)


# -- the loss around the weights --------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({}, ValueError, r"got none of them\. Pass exactly one of rng, direction, between"),
        ({"direction": [1], "between": ()}, ValueError, r"got direction and between\. Pass exact"),
        ({"rng": 0}, TypeError, r"rng is 0\. Pass a generator"),
        ({"direction": np.ones(4)}, TypeError, r"direction is a ndarray\. Pass a list"),
        ({"direction": []}, ValueError, r"direction has 0 arrays, but the model has 1 param"),
        (
            {"direction": [[1.0]]},
            ValueError,
            r"direction has shape \(1,\) for parameters\[0\], which has shape \(2, 2\)",
        ),
        ({"direction": {"w": 1.0}}, ValueError, r"direction has nothing for 'parameters\[0\]'"),
        ({"between": [[1.0]]}, ValueError, r"between is no pair\. Pass two, each"),
        ({"between": ([np.eye(2)], [1.0])}, ValueError, r"between\[1\] has shape \(\)"),
        ({"direction": [np.eye(2)], "span": (1, 0)}, ValueError, r"span is \(1, 0\)\. Pass two"),
        ({"direction": [np.eye(2)], "points": 1}, ValueError, r"points is 1\. Pass a whole"),
    ],
)
def test_loss_line_refuses(
    w: Value, settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"loss_line: {message}"):
        loss_line([w], lambda: w.sum(), **settings)


def test_loss_surface_refuses(w: Value, rng: np.random.Generator) -> None:
    with pytest.raises(ValueError, match=r"loss_surface: directions is no pair"):
        loss_surface([w], lambda: w.sum(), directions=[[np.eye(2)]])
    with pytest.raises(ValueError, match=r"got rng and directions\. Pass exactly one of"):
        loss_surface([w], lambda: w.sum(), rng=rng, directions=[[np.eye(2)]] * 2)


@pytest.mark.parametrize("model", [3, [], [1.0], np.ones(3)])
def test_a_model_has_parameters(model: Any, rng: np.random.Generator) -> None:
    with pytest.raises(TypeError, match=r"the model is a \w+ without parameters\. Pass a model"):
        loss_line(model, lambda: 1.0, rng=rng)


def test_a_loss_is_a_function(w: Value, rng: np.random.Generator) -> None:
    with pytest.raises(TypeError, match=r"loss is a Value\. Pass a function without arguments"):
        loss_line([w], w.sum(), rng=rng)  # type: ignore[arg-type]


def test_a_random_direction_needs_filters(rng: np.random.Generator) -> None:
    for weight in (Value([1.0, 2.0]), Value(np.zeros((2, 2)))):
        with pytest.raises(ValueError, match=r"no parameter has two axes .* Pass directions"):
            loss_line([weight], lambda: 1.0, rng=rng)


def test_filters_of_a_direction_are_as_long_as_the_models(rng: np.random.Generator) -> None:
    shapes = {"linear": (5, 3), "bias": (3,), "convolution": (4, 2, 3, 3), "scale": ()}
    values = {name: Value(rng.normal(size=shape)) for name, shape in shapes.items()}
    values["linear"].data[:, 1] = 0.0
    drawn = random_direction("here", values, rng)
    found = dict(zip(values, drawn, strict=True))
    norm = np.linalg.norm
    np.testing.assert_allclose(norm(found["linear"], axis=0), norm(values["linear"].data, axis=0))
    np.testing.assert_allclose(
        norm(found["convolution"].reshape(4, -1), axis=1),
        norm(values["convolution"].data.reshape(4, -1), axis=1),
    )
    assert not found["bias"].any()
    assert not found["scale"].any()
    assert {name: array.shape for name, array in found.items()} == shapes
    again = random_direction("here", values, np.random.default_rng(7))
    same = random_direction("here", values, np.random.default_rng(7))
    assert all(np.array_equal(*pair) for pair in zip(again, same, strict=True))
    assert not np.array_equal(again[0], drawn[0])


def test_weights_come_back_bit_for_bit_and_so_does_an_older_graph(w: Value) -> None:
    w.data[0, 0] = -0.0
    before, array, older = w.data.tobytes(), w.data, (w * w).sum()

    def away() -> None:
        with moving([w]) as move:
            move([np.full((2, 2), 7.0)])
            assert (w.data == 7.0).all()
            raise RuntimeError("in between")

    with pytest.raises(RuntimeError, match="in between"):
        away()
    assert w.data is array
    assert w.data.tobytes() == before
    older.backward()
    np.testing.assert_array_equal(w.grad, 2 * w.data)


# -- weights and confusion --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "settings", "message"),
    [
        (np.ones(4), {}, r"the weight has shape \(4,\)\. Pass \(nin, nout\)"),
        (np.ones((5, 2)), {}, r"5 numbers are no square image\. Pass shape"),
        (np.ones((6, 2)), {"shape": (2, 2)}, r"shape is \(2, 2\)\. Its height .* must be 6"),
        (np.ones((2, 3, 3)), {"shape": (3, 3)}, r"holds images already\. Leave shape out"),
        (np.full((4, 2), np.inf), {}, r"holds what is no finite number"),
        (np.ones((0, 2)), {}, r"is empty or"),
        (np.ones((4, 2)), {"columns": 0}, r"columns is 0\. Pass a whole number"),
        (np.ones((4, 2)), {"limit": 0.0}, r"limit is 0\.0\. Pass a positive"),
        (np.ones((4, 2)), {"labels": ["a"]}, r"labels has 1 names for 2 images"),
    ],
)
def test_weight_images_refuses(weight: Any, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"weight_images: .*{message}"):
        weight_images(weight, **settings)


def test_weight_images_wants_the_weight_not_the_layer() -> None:
    with pytest.raises(TypeError, match=r"the weight has dtype object\. Pass a Value"):
        weight_images(object())


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "message"),
    [
        (([0, 1],), {}, ValueError, r"without a target, got shape \(2,\)\. Pass a matrix"),
        ((np.ones((2, 3)),), {}, ValueError, r"without a target, got shape \(2, 3\)"),
        ((-np.eye(2),), {}, ValueError, r"holds what is no count"),
        (([0, 1], [0]), {}, ValueError, r"prediction has shape \(2,\) and target .* \(1,\)"),
        ((np.eye(2), [0, 1]), {}, ValueError, r"shape \(2, 2\) and .*scores\.argmax\(axis=1\)"),
        (([0.5, 1.0], [0, 1]), {}, TypeError, r"prediction has dtype float64\. Pass class num"),
        (([0, 1], [0, -1]), {}, ValueError, r"target holds -1\. Number the classes from 0"),
        (([0, 1], [0, 1]), {"classes": ["a"]}, ValueError, r"classes has 1 names, but there are 2"),
    ],
)
def test_confusion_matrix_refuses(
    arguments: tuple[Any, ...], settings: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"confusion_matrix: .*{message}"):
        confusion_matrix(*arguments, **settings)
