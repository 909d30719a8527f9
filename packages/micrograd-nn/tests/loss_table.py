"""What is each loss, written by hand? The table that the suites of losses go through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from micrograd.nn import losses


@dataclass
class Case:
    """A loss with settings, and what it is by hand."""

    loss: Callable[..., Any]
    each: Callable[..., Any]  # (prediction, target) -> the losses one by one
    draw: Callable[[np.random.Generator], tuple[Any, Any]]
    settings: dict[str, Any] = field(default_factory=dict)
    total: Callable[..., Any] | None = None  # (prediction, target) -> what the mean divides by

    def by_hand(self, prediction, target, reduction):
        each = self.each(prediction, target)
        if reduction == "none":
            return each
        total = self.total(prediction, target) if self.total else np.size(each)
        return each.sum() / (total if reduction == "mean" else 1.0)


def log_softmax(z):
    axis = 1 if z.ndim > 1 else 0
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def by_hand_mse(p, t):
    return (p - t) ** 2


def by_hand_l1(p, t):
    return abs(p - t)


def by_hand_huber(delta):
    def each(p, t):
        d = abs(p - t)
        return np.where(d <= delta, d * d / 2.0, delta * (d - delta / 2.0))

    return each


def by_hand_nll(weight=None, ignored=None, smoothing=0.0):
    """The loss of labels, row by row."""

    def each(log_p, labels):
        rows = np.moveaxis(log_p, 1 if log_p.ndim > 1 else 0, -1)
        classes = rows.shape[-1]
        w = np.ones(classes) if weight is None else weight
        found = np.zeros(labels.shape)
        for index in np.ndindex(labels.shape):
            label = labels[index]
            if label != ignored:
                wanted = np.full(classes, smoothing / classes)
                wanted[label] += 1.0 - smoothing
                found[index] = -(w * wanted * rows[index]).sum()
        return found

    return each


def by_hand_labels(weight=None, ignored=None, smoothing=0.0):
    each = by_hand_nll(weight, ignored, smoothing)
    return lambda z, labels: each(log_softmax(z), labels)


def total_weight(weight=None, ignored=None):
    def total(_, labels):
        kept = labels[labels != ignored]
        return kept.size if weight is None else weight[kept].sum()

    return total


def by_hand_probabilities(z, t):
    return -(t * log_softmax(z)).sum(axis=1 if z.ndim > 1 else 0)


def by_hand_smoothed(z, t):
    return -(WEIGHT * (0.7 * t + 0.1) * log_softmax(z)).sum(axis=1)


def by_hand_binary(p, t, v=1.0):
    return -(v * t * np.log(p) + (1.0 - t) * np.log(1.0 - p))


def by_hand_logits(z, t, v=1.0):
    return by_hand_binary(1.0 / (1.0 + np.exp(-z)), t, v)


def by_hand_hinge(margin):
    return lambda p, t: np.maximum(margin - t * p, 0.0)


def by_hand_kl(x, t):
    return t * (np.log(t) - x)


def soft(rng, shape):
    """Rows of probabilities."""
    drawn = rng.uniform(0.1, 1.0, shape)
    return drawn / drawn.sum(axis=1 if len(shape) > 1 else 0, keepdims=True)


def signs(rng, shape):
    return rng.choice([-1.0, 1.0], shape)


def numbers(rng):
    return rng.normal(size=(4, 3)), rng.normal(size=(4, 3))


WEIGHT = np.array([0.5, 2.0, 1.25])
LABELS = np.array([2, -100, 0, 1, -100])
ROWS = np.array([0, 1, 1, 2, 0])
GRID = np.array([[[0, 7], [2, 1]], [[7, 1], [0, 0]]])

CASES = {
    "mse": Case(losses.mse, by_hand_mse, numbers),
    "mse of a number": Case(losses.mse, by_hand_mse, lambda rng: (np.array(2.0), np.array(0.5))),
    "l1": Case(losses.l1, by_hand_l1, numbers),
    "huber": Case(losses.huber, by_hand_huber(1.0), numbers),
    "huber, delta 0.4": Case(losses.huber, by_hand_huber(0.4), numbers, {"delta": 0.4}),
    "hinge": Case(
        losses.hinge,
        by_hand_hinge(1.0),
        lambda rng: (rng.normal(size=(4, 3)), signs(rng, (4, 3)).astype(int)),
    ),
    "hinge, margin 0.2": Case(
        losses.hinge,
        by_hand_hinge(0.2),
        lambda rng: (rng.normal(size=5), signs(rng, 5).astype(int)),
        {"margin": 0.2},
    ),
    "cross_entropy of labels": Case(
        losses.cross_entropy,
        by_hand_labels(),
        lambda rng: (rng.normal(size=(4, 3)), rng.integers(0, 3, 4)),
    ),
    "cross_entropy of one row": Case(
        losses.cross_entropy, by_hand_labels(), lambda rng: (rng.normal(size=5), np.array(2))
    ),
    "cross_entropy of labels in a grid": Case(
        losses.cross_entropy,
        by_hand_labels(),
        lambda rng: (rng.normal(size=(2, 3, 2, 2)), rng.integers(0, 3, (2, 2, 2))),
    ),
    "cross_entropy, some rows left out": Case(
        losses.cross_entropy,
        by_hand_labels(ignored=-100),
        lambda rng: (rng.normal(size=(5, 3)), LABELS),
        total=total_weight(ignored=-100),
    ),
    "cross_entropy, a class left out": Case(
        losses.cross_entropy,
        by_hand_labels(WEIGHT, 1, 0.2),
        lambda rng: (rng.normal(size=(5, 3)), ROWS),
        {"weight": WEIGHT, "ignore_index": 1, "label_smoothing": 0.2},
        total_weight(WEIGHT, 1),
    ),
    "cross_entropy, weighted": Case(
        losses.cross_entropy,
        by_hand_labels(WEIGHT),
        lambda rng: (rng.normal(size=(5, 3)), ROWS),
        {"weight": WEIGHT},
        total_weight(WEIGHT),
    ),
    "cross_entropy, smoothed": Case(
        losses.cross_entropy,
        by_hand_labels(smoothing=0.1),
        lambda rng: (rng.normal(size=(5, 3)), ROWS),
        {"label_smoothing": 0.1},
    ),
    "cross_entropy, everything, in a grid": Case(
        losses.cross_entropy,
        by_hand_labels(WEIGHT, 7, 0.3),
        lambda rng: (rng.normal(size=(2, 3, 2, 2)), GRID),
        {"weight": WEIGHT, "ignore_index": 7, "label_smoothing": 0.3},
        total_weight(WEIGHT, 7),
    ),
    "cross_entropy of one row, weighted": Case(
        losses.cross_entropy,
        by_hand_labels(WEIGHT, None, 0.3),
        lambda rng: (rng.normal(size=3), np.array(1)),
        {"weight": WEIGHT, "label_smoothing": 0.3},
        total_weight(WEIGHT),
    ),
    "cross_entropy of probabilities": Case(
        losses.cross_entropy,
        by_hand_probabilities,
        lambda rng: (rng.normal(size=(4, 3)), soft(rng, (4, 3))),
    ),
    "cross_entropy of probabilities, weighted and smoothed": Case(
        losses.cross_entropy,
        by_hand_smoothed,
        lambda rng: (rng.normal(size=(4, 3)), soft(rng, (4, 3))),
        {"weight": WEIGHT, "label_smoothing": 0.3},
    ),
    "cross_entropy of rows that do not sum to 1": Case(
        losses.cross_entropy,
        by_hand_probabilities,
        lambda rng: (rng.normal(size=(4, 3)), rng.uniform(size=(4, 3))),
    ),
    "cross_entropy of one row of probabilities": Case(
        losses.cross_entropy,
        by_hand_probabilities,
        lambda rng: (rng.normal(size=3), soft(rng, (3,))),
    ),
    "cross_entropy of probabilities in a row": Case(
        losses.cross_entropy,
        by_hand_probabilities,
        lambda rng: (rng.normal(size=(2, 3, 4)), soft(rng, (2, 3, 4))),
    ),
    "nll": Case(losses.nll, by_hand_nll(), lambda rng: (rng.normal(size=(5, 3)), ROWS)),
    "nll of one row": Case(
        losses.nll, by_hand_nll(), lambda rng: (rng.normal(size=3), np.array(2))
    ),
    "nll, weighted, some left out": Case(
        losses.nll,
        by_hand_nll(WEIGHT, -100),
        lambda rng: (rng.normal(size=(5, 3)), LABELS),
        {"weight": WEIGHT},
        total_weight(WEIGHT, -100),
    ),
    "nll in a grid, some left out": Case(
        losses.nll,
        by_hand_nll(ignored=7),
        lambda rng: (rng.normal(size=(2, 3, 2, 2)), GRID),
        {"ignore_index": 7},
        total_weight(ignored=7),
    ),
    "binary_cross_entropy": Case(
        losses.binary_cross_entropy,
        by_hand_binary,
        lambda rng: (rng.uniform(0.1, 0.9, (4, 3)), rng.uniform(size=(4, 3))),
    ),
    "binary_cross_entropy, weighted": Case(
        losses.binary_cross_entropy,
        lambda p, t: WEIGHT * by_hand_binary(p, t),
        lambda rng: (rng.uniform(0.1, 0.9, (4, 3)), rng.uniform(size=(4, 3))),
        {"weight": WEIGHT},
    ),
    "binary_cross_entropy_with_logits": Case(
        losses.binary_cross_entropy_with_logits,
        by_hand_logits,
        lambda rng: (rng.normal(size=(4, 3)), rng.uniform(size=(4, 3))),
    ),
    "binary_cross_entropy_with_logits, weighted": Case(
        losses.binary_cross_entropy_with_logits,
        lambda z, t: WEIGHT * by_hand_logits(z, t),
        lambda rng: (rng.normal(size=(4, 3)), rng.uniform(size=(4, 3))),
        {"weight": WEIGHT},
    ),
    "binary_cross_entropy_with_logits, both weights": Case(
        losses.binary_cross_entropy_with_logits,
        lambda z, t: 0.5 * by_hand_logits(z, t, WEIGHT),
        lambda rng: (rng.normal(size=(4, 3)), rng.uniform(size=(4, 3))),
        {"weight": np.full((4, 1), 0.5), "pos_weight": WEIGHT},
    ),
    "kl_div": Case(
        losses.kl_div,
        by_hand_kl,
        lambda rng: (log_softmax(rng.normal(size=(4, 3))), soft(rng, (4, 3))),
    ),
    "kl_div of logarithms": Case(
        losses.kl_div,
        lambda x, t: by_hand_kl(x, np.exp(t)),
        lambda rng: (rng.normal(size=(4, 3)), np.log(soft(rng, (4, 3)))),
        {"log_target": True},
    ),
}
