"""Which calls of which losses are compared with PyTorch?

Recorded are some of each kind; `draw` gives further ones, with random shapes and random settings.
Weights are settings here, written as lists.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .inputs import Input, Shape, constant, fixed, labels, labels_or, signs, uniform
from .table import Case, Rng, enter, some, some_shape

Make = Callable[[Shape], Input]
Settings = dict[str, Any]

REDUCTIONS = ("mean", "sum", "none")
WAYS: tuple[Settings, ...] = ({}, *({"reduction": one} for one in REDUCTIONS))
SHAPES: tuple[Shape, ...] = ((), (1,), (3,), (4, 1), (2, 3), (2, 1, 3))


def inside(shape: Shape) -> Input:
    """Probabilities that are neither 0 nor 1."""
    return uniform(shape, 0.05, 0.95)


def logarithms(shape: Shape) -> Input:
    """Logarithms of probabilities; no loss asks whether they are those of a distribution."""
    return uniform(shape, -3.0, -0.1)


def numbers(rng: Rng, shape: Shape, low: float = 0.2, high: float = 2.0) -> Any:
    """Weights, written as nested lists of short numbers."""
    return rng.uniform(low, high, shape).round(3).tolist()


def number(rng: Rng, low: float, high: float) -> float:
    return round(float(rng.uniform(low, high)), 3)


def elementwise(
    name: str,
    prediction: Make,
    target: Make,
    settings: Callable[[Rng, Shape], Settings] = lambda rng, shape: {},
    *further: Case,
) -> None:
    """Enter a loss of a prediction and a target of one shape."""

    def case(shape: Shape, settings: Settings) -> Case:
        return Case(name, (prediction(shape), target(shape)), settings)

    def drawn(rng: Rng) -> Case:
        shape = some_shape(rng)
        return case(shape, {**some(rng, *WAYS), **settings(rng, shape)})

    cases = [case(shape, one) for shape in SHAPES for one in WAYS]
    enter(name, [*cases, *further], drawn)


def with_settings(name: str, prediction: Make, target: Make, *all_settings: Settings) -> list[Case]:
    """Cases of shape (4, 3) with settings."""
    return [Case(name, (prediction((4, 3)), target((4, 3))), one) for one in all_settings]


def maybe(rng: Rng, **settings: Any) -> Settings:
    """Some of the settings."""
    return {name: value for name, value in settings.items() if rng.random() < 0.5}


def broadcast(rng: Rng, shape: Shape) -> Any:
    """Weights that broadcast to a shape."""
    return numbers(rng, some(rng, shape, shape[1:], tuple(1 for _ in shape)))


WEIGHT = [0.5, 2.0, 1.25]

elementwise("mse", uniform, uniform)
elementwise("l1", uniform, uniform)
elementwise(
    "huber",
    uniform,
    uniform,
    lambda rng, shape: maybe(rng, delta=number(rng, 0.1, 3.0)),
    *with_settings("huber", uniform, uniform, {"delta": 0.3}, {"delta": 2.5, "reduction": "sum"}),
)
elementwise(
    "hinge",
    uniform,
    signs,
    lambda rng, shape: maybe(rng, margin=number(rng, 0.1, 3.0)),
    *with_settings("hinge", uniform, signs, {"margin": 0.3}),
)
elementwise(
    "kl_div",
    logarithms,
    inside,
    lambda rng, shape: maybe(rng, reduction="batchmean"),
    *with_settings("kl_div", logarithms, inside, {"reduction": "batchmean"}),
    *with_settings("kl_div", logarithms, logarithms, {"log_target": True}),
    *with_settings(
        "kl_div", logarithms, logarithms, {"log_target": True, "reduction": "batchmean"}
    ),
)
elementwise(
    "binary_cross_entropy",
    inside,
    inside,
    lambda rng, shape: maybe(rng, weight=broadcast(rng, shape)),
    *with_settings(
        "binary_cross_entropy",
        inside,
        inside,
        {"weight": WEIGHT},
        {"weight": [[0.5], [1.0], [2.0], [0.0]], "reduction": "none"},
    ),
)
LOGITS, ANSWERS = fixed([-800.0, -30.0, 0.0, 30.0, 800.0]), constant([1.0, 0.0, 1.0, 0.0, 0.0])
elementwise(
    "binary_cross_entropy_with_logits",
    uniform,
    inside,
    lambda rng, shape: maybe(rng, weight=broadcast(rng, shape), pos_weight=broadcast(rng, shape)),
    *with_settings(
        "binary_cross_entropy_with_logits",
        uniform,
        inside,
        {"weight": WEIGHT},
        {"pos_weight": WEIGHT, "reduction": "none"},
        {"weight": [[0.5], [1.0], [2.0], [0.0]], "pos_weight": WEIGHT},
    ),
    Case("binary_cross_entropy_with_logits", (LOGITS, ANSWERS)),
    Case("binary_cross_entropy_with_logits", (LOGITS, ANSWERS), {"pos_weight": [3.0]}),
)

# --- losses of classes ---------------------------------------------------------------------------

ROWS: tuple[Shape, ...] = ((3,), (1, 3), (4, 3), (2, 1), (2, 3, 2), (2, 3, 1, 2))
ONE_HOT = constant([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


def split(shape: Shape) -> tuple[Shape, int]:
    """The shape of the rows, and the number of classes."""
    axis = 1 if len(shape) > 1 else 0
    return shape[:axis] + shape[axis + 1 :], shape[axis]


def with_labels(name: str, shape: Shape, settings: Settings, scores: Make = uniform) -> Case:
    rows, classes = split(shape)
    ignored = settings.get("ignore_index")
    drawn = labels(rows, classes) if ignored is None else labels_or(rows, classes, ignored)
    return Case(name, (scores(shape), drawn), settings)


def with_probabilities(shape: Shape, settings: Settings) -> Case:
    return Case("cross_entropy", (uniform(shape), uniform(shape, 0.0, 1.0)), settings)


def some_labels(name: str, scores: Make) -> Callable[[Rng], Case]:
    """How to draw a case of a loss of labels."""

    def draw(rng: Rng) -> Case:
        shape = some_shape(rng, 1)
        rows, classes = split(shape)
        settings = {**maybe(rng, weight=numbers(rng, (classes,))), **some(rng, *WAYS)}
        if name == "cross_entropy":
            settings |= maybe(rng, label_smoothing=number(rng, 0.01, 1.0))
            if rng.random() < 0.3:
                return with_probabilities(shape, settings)
        if rows and classes > 1:
            settings |= maybe(rng, ignore_index=int(some(rng, -100, -1, 0, classes - 1, 255)))
        return with_labels(name, shape, settings, scores)

    return draw


CHOICES: tuple[Settings, ...] = (
    {"weight": WEIGHT},
    {"weight": WEIGHT, "reduction": "sum"},
    {"weight": WEIGHT, "reduction": "none", "ignore_index": -100},
    {"ignore_index": -100},
    {"weight": WEIGHT, "ignore_index": 1},
)
SMOOTH: tuple[Settings, ...] = (
    {"label_smoothing": 0.1},
    {"label_smoothing": 0.3, "weight": WEIGHT},
    {"label_smoothing": 0.3, "weight": WEIGHT, "ignore_index": -100},
    {"label_smoothing": 0.3, "weight": WEIGHT, "ignore_index": 2, "reduction": "none"},
    {"label_smoothing": 1.0, "reduction": "sum"},
)

enter(
    "cross_entropy",
    [
        *(with_labels("cross_entropy", shape, one) for shape in ROWS for one in WAYS),
        *(with_probabilities(shape, one) for shape in ROWS for one in WAYS),
        *(
            with_labels("cross_entropy", shape, one)
            for shape in ((4, 3), (2, 3, 2))
            for one in (*CHOICES, *SMOOTH)
        ),
        *(with_probabilities((4, 3), one) for one in (CHOICES[0], *SMOOTH[:2])),
        Case("cross_entropy", (uniform((2, 3)), ONE_HOT)),
        Case("cross_entropy", (fixed([[0.0, 800.0], [1e4, -1e4]]), constant([0, 1]))),
    ],
    some_labels("cross_entropy", uniform),
)
enter(
    "nll",
    [
        *(with_labels("nll", shape, one, logarithms) for shape in ROWS for one in WAYS),
        *(
            with_labels("nll", shape, one, logarithms)
            for shape in ((4, 3), (2, 3, 2))
            for one in CHOICES
        ),
    ],
    some_labels("nll", logarithms),
)
