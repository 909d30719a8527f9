"""NumPy as a person writes it: what all others are measured against."""

from __future__ import annotations

from typing import Any

from case import Array, Case, Runner


def runner(case: Case) -> Runner:
    parameters = [array.copy() for array in case.parameters]
    kept: list[list[Array]] = [[]]  # the gradients, as the others keep theirs

    def step() -> Any:
        loss, kept[0] = case.by_hand(parameters, *case.data, case.rate)
        return loss

    return Runner(step, lambda: parameters, lambda: kept[0], lambda: kept[0].clear())
