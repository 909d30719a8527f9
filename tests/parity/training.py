"""Which networks are trained step by step, here and in PyTorch, from the same weights?"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .inputs import Array, Stream


class History(NamedTuple):
    """The loss of each step, and every parameter after it (weights as (inputs, outputs))."""

    losses: list[float]
    parameters: list[list[Array]]


class Start(NamedTuple):
    """What a run begins with: weights and biases, and the mini-batches of all its steps."""

    weights: list[Array]
    biases: list[Array]
    batches: list[tuple[Array, Array]]


@dataclass(frozen=True)
class Run:
    """A training run: a network, its loss, the optimizer with its settings, and more if wanted."""

    name: str
    optimizer: str
    settings: dict[str, Any]
    loss: str
    activation: str
    sizes: tuple[int, ...] = (3, 5, 4, 2)
    schedule: str = ""  # its name; stepped after each step, a plateau with the loss
    schedule_settings: dict[str, Any] = field(default_factory=dict)
    second: dict[str, Any] = field(default_factory=dict)  # settings of the last layer's own group
    clip: tuple[str, float] | None = None  # "norm" or "value", and the limit
    steps: int = 20
    batch: int = 6
    salt: int = 0
    samples: int = field(default=24, repr=False)
    dtype: str = "float64"

    @property
    def seed(self) -> int:
        """What its numbers come from: the same for all runs of a salt, so the same weights."""
        return zlib.crc32(b"training", self.salt)

    def start(self) -> Start:
        """Weights, data and batches; the batches go through the samples over and over."""
        stream = Stream(self.seed)
        weights = [stream.uniform(pair, -0.9, 0.9) for pair in pairwise(self.sizes)]
        biases = [stream.uniform((size,), -0.3, 0.3) for size in self.sizes[1:]]
        rows = stream.uniform((self.samples, self.sizes[0]), -2.0, 2.0)
        numbers = stream.uniform((self.samples, self.sizes[-1]), -1.0, 1.0)
        targets = {
            "mse": numbers,
            "binary_cross_entropy_with_logits": (numbers > 0.0).astype(np.float64),
            "cross_entropy": numbers.argmax(axis=1),
        }[self.loss]
        places = np.arange(self.steps * self.batch).reshape(self.steps, -1) % self.samples
        data = [self._cast(one) for one in (*weights, *biases, rows, targets)]
        rows, targets = data[-2:]
        batches = [(rows[one], targets[one]) for one in places]
        return Start(data[: len(weights)], data[len(weights) : -2], batches)

    def groups(self, parameters: Any) -> Any:
        """The parameters, or groups of them: all but the last layer's, and these."""
        everything = list(parameters)
        if not self.second:
            return everything
        return [{"params": everything[:-2]}, {"params": everything[-2:], **self.second}]

    def _cast(self, array: Array) -> Array:
        return array.astype(self.dtype) if array.dtype.kind == "f" else array


SMALL = (2, 4, 2)  # a network whose parameters do not fill the file


def small(name: str, optimizer: str, settings: dict[str, Any], **more: Any) -> Run:
    """A run of the small network."""
    return Run(name, optimizer, settings, "cross_entropy", "tanh", SMALL, **more)


def scheduled(schedule: str, settings: dict[str, Any], **more: Any) -> Run:
    """A run with a schedule, in two groups."""
    second = {"lr": 0.02}
    name = f"{schedule}{more.pop('told', '')}"
    made = {"schedule": schedule, "schedule_settings": settings, "second": second, **more}
    return small(name, "SGD", {"lr": 0.1, "momentum": 0.9}, **made)


RUNS = {
    run.name: run
    for run in (
        Run("SGD", "SGD", {"lr": 0.1}, "cross_entropy", "relu"),
        Run("momentum", "SGD", {"lr": 0.05, "momentum": 0.9}, "cross_entropy", "relu"),
        Run("Adam", "Adam", {"lr": 0.02}, "cross_entropy", "relu"),
        Run("Adam, mse, tanh", "Adam", {"lr": 0.01, "betas": (0.8, 0.99)}, "mse", "tanh"),
        Run(
            "momentum, logits, sigmoid",
            "SGD",
            {"lr": 0.2, "momentum": 0.5},
            "binary_cross_entropy_with_logits",
            "sigmoid",
        ),
        small("SGD, decay", "SGD", {"lr": 0.1, "weight_decay": 0.05}),
        small(
            "SGD, dampening",
            "SGD",
            {"lr": 0.1, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.02},
        ),
        small("SGD, Nesterov", "SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
        small("Adam, decay", "Adam", {"lr": 0.02, "weight_decay": 0.1, "eps": 1e-4}),
        small("AdamW", "AdamW", {"lr": 0.02, "weight_decay": 0.2}),
        small("RMSprop", "RMSprop", {"lr": 0.01, "alpha": 0.9}),
        small(
            "RMSprop, everything",
            "RMSprop",
            {"momentum": 0.5, "centered": True, "weight_decay": 0.05, "eps": 1e-3},
        ),
        small("Adagrad", "Adagrad", {"lr": 0.1}),
        small(
            "Adagrad, decay",
            "Adagrad",
            {"lr_decay": 0.1, "weight_decay": 0.05, "initial_accumulator_value": 0.2, "lr": 0.1},
        ),
        small("groups", "AdamW", {"lr": 0.02}, second={"lr": 0.005, "betas": (0.7, 0.9)}),
        small("clipped by norm", "SGD", {"lr": 0.5}, clip=("norm", 0.2)),
        small("clipped by value", "Adam", {"lr": 0.05}, clip=("value", 0.02)),
        scheduled("StepLR", {"step_size": 6, "gamma": 0.5}),
        scheduled("MultiStepLR", {"milestones": [3, 4, 15], "gamma": 0.5}),
        scheduled("ExponentialLR", {"gamma": 0.9}),
        scheduled("CosineAnnealingLR", {"T_max": 15, "eta_min": 0.01}),
        scheduled("LinearLR", {"start_factor": 0.1, "end_factor": 0.8, "total_iters": 12}),
        scheduled("OneCycleLR", {"max_lr": 0.2, "total_steps": 21}),
        scheduled(
            "OneCycleLR",
            {"max_lr": [0.2, 0.1], "epochs": 3, "steps_per_epoch": 7, "three_phase": True},
            told=", three phases",
        ),
        scheduled(
            "ReduceLROnPlateau",
            {"factor": 0.5, "patience": 1, "cooldown": 2, "threshold": 0.05, "min_lr": 0.01},
        ),
        scheduled(
            "SequentialLR",
            {
                "milestones": [5],
                "parts": [
                    ("LinearLR", {"start_factor": 0.2, "total_iters": 5}),
                    ("CosineAnnealingLR", {"T_max": 15}),
                ],
            },
        ),
    )
}


def make_schedule(library: Any, name: str, optimizer: Any, settings: dict[str, Any]) -> Any:
    """A schedule, of ours or of PyTorch: both name and call them alike."""
    if name != "SequentialLR":
        return getattr(library, name)(optimizer, **settings)
    parts = [make_schedule(library, one, optimizer, its) for one, its in settings["parts"]]
    return library.SequentialLR(optimizer, parts, settings["milestones"])
