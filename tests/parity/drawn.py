"""Which settings of optimizers and schedules are drawn at random, to be compared with PyTorch?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .table import Rng, some
from .training import SMALL, Run

Settings = dict[str, Any]


def number(rng: Rng, low: float, high: float) -> float:
    return round(float(rng.uniform(low, high)), 4)


def maybe(rng: Rng, **settings: Any) -> Settings:
    """Some of the settings."""
    return {name: value for name, value in settings.items() if rng.random() < 0.5}


def sgd(rng: Rng) -> Settings:
    found = {"lr": number(rng, 0.01, 0.2), **maybe(rng, weight_decay=number(rng, 0.01, 0.2))}
    found |= maybe(rng, momentum=number(rng, 0.1, 0.95))
    if "momentum" in found:
        return found | some(rng, {}, {"nesterov": True}, {"dampening": number(rng, 0.1, 0.9)})
    return found


def adam(rng: Rng) -> Settings:
    betas = number(rng, 0.5, 0.95), number(rng, 0.8, 0.999)
    return maybe(
        rng,
        lr=number(rng, 0.001, 0.1),
        betas=betas,
        eps=number(rng, 0.001, 0.1),
        weight_decay=number(rng, 0.01, 0.5),
    )


def rmsprop(rng: Rng) -> Settings:
    return {"eps": number(rng, 0.001, 0.1)} | maybe(
        rng,
        lr=number(rng, 0.001, 0.05),
        alpha=number(rng, 0.5, 0.99),
        weight_decay=number(rng, 0.01, 0.2),
        momentum=number(rng, 0.1, 0.95),
        centered=True,
    )


def adagrad(rng: Rng) -> Settings:
    return maybe(
        rng,
        lr=number(rng, 0.01, 0.2),
        lr_decay=number(rng, 0.01, 0.5),
        weight_decay=number(rng, 0.01, 0.2),
        initial_accumulator_value=number(rng, 0.01, 0.5),
        eps=number(rng, 0.001, 0.1),
    )


OPTIMIZERS: dict[str, Callable[[Rng], Settings]] = {
    "SGD": sgd,
    "Adam": adam,
    "AdamW": adam,
    "RMSprop": rmsprop,
    "Adagrad": adagrad,
}


def whole(rng: Rng, low: int, high: int) -> int:
    return int(rng.integers(low, high + 1))


def one_cycle(rng: Rng) -> Settings:
    found = {"max_lr": number(rng, 0.05, 0.5), "total_steps": whole(rng, 21, 40)}
    return found | maybe(
        rng,
        pct_start=number(rng, 0.1, 0.45),
        anneal_strategy="linear",
        cycle_momentum=False,
        base_momentum=number(rng, 0.5, 0.8),
        max_momentum=number(rng, 0.8, 0.95),
        div_factor=number(rng, 2.0, 50.0),
        final_div_factor=number(rng, 2.0, 1e4),
        three_phase=True,
    )


def plateau(rng: Rng) -> Settings:
    found = {"patience": whole(rng, 0, 2), "factor": number(rng, 0.2, 0.9)}
    return found | maybe(
        rng,
        mode="max",
        threshold=number(rng, 0.0, 0.2),
        threshold_mode="abs",
        cooldown=whole(rng, 0, 3),
        min_lr=number(rng, 0.001, 0.05),
    )


def linear(rng: Rng) -> Settings:
    return maybe(
        rng,
        start_factor=number(rng, 0.1, 1.0),
        end_factor=number(rng, 0.1, 1.0),
        total_iters=whole(rng, 1, 25),
    )


def sequential(rng: Rng) -> Settings:
    first = ("LinearLR", linear(rng))
    second = some(rng, *(("CosineAnnealingLR", cosine(rng)), ("StepLR", step(rng))))
    third = ("ExponentialLR", {"gamma": number(rng, 0.5, 0.99)})
    begin = whole(rng, 1, 8)
    return {"parts": [first, second, third], "milestones": [begin, begin + whole(rng, 1, 8)]}


def cosine(rng: Rng) -> Settings:
    return {"T_max": whole(rng, 19, 40), **maybe(rng, eta_min=number(rng, 0.0, 0.01))}


def step(rng: Rng) -> Settings:
    return {"step_size": whole(rng, 1, 12), **maybe(rng, gamma=number(rng, 0.1, 0.95))}


SCHEDULES: dict[str, Callable[[Rng], Settings]] = {
    "StepLR": step,
    "MultiStepLR": lambda rng: {"milestones": [whole(rng, 1, 20) for _ in range(3)], "gamma": 0.5},
    "ExponentialLR": lambda rng: {"gamma": number(rng, 0.5, 0.99)},
    "CosineAnnealingLR": cosine,
    "LinearLR": linear,
    "OneCycleLR": one_cycle,
    "ReduceLROnPlateau": plateau,
    "SequentialLR": sequential,
}


def run_of(optimizer: str, schedule: str, rng: Rng, dtype: str = "float64") -> Run:
    """A run with this optimizer, and this schedule if any; the rest is drawn."""
    settings = OPTIMIZERS[optimizer](rng)
    if schedule == "OneCycleLR" and optimizer == "SGD":
        settings = {"lr": 0.1, "momentum": 0.9}
    more: dict[str, Any] = maybe(
        rng,
        second={"lr": number(rng, 0.001, 0.05), "weight_decay": number(rng, 0.1, 0.3)},
        clip=(some(rng, "norm", "value"), number(rng, 0.02, 0.3)),
    )
    if schedule:
        more |= {"schedule": schedule, "schedule_settings": SCHEDULES[schedule](rng)}
    loss = some(rng, "mse", "cross_entropy", "binary_cross_entropy_with_logits")
    salt = int(rng.integers(1, 2**31))
    bend = some(rng, "tanh", "sigmoid")
    return Run("drawn", optimizer, settings, loss, bend, SMALL, salt=salt, dtype=dtype, **more)
