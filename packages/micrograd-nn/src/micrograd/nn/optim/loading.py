"""How does an optimizer go on where another one stopped?

Everything is looked at before anything is changed, so that a state that does not fit leaves the
optimizer as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .pieces import remembered
from .settings import Group, settings_of


def load(optimizer: Any, state_dict: Any) -> None:
    """Copy settings, what was remembered, and step numbers into an optimizer."""
    owner = type(optimizer).__name__
    if not isinstance(state_dict, Mapping) or not {"state", "param_groups"} <= state_dict.keys():
        raise KeyError(
            f"{owner}: a state holds 'state' and 'param_groups', as state_dict() makes it, but "
            f"got {_told(state_dict)}."
        )
    new_groups = _checked_groups(owner, optimizer, state_dict["param_groups"])
    number = {one: i for i, one in enumerate(optimizer.params)}
    state = {int(key): one for key, one in state_dict["state"].items()}  # JSON's keys are strings
    writes: list[tuple[np.ndarray, np.ndarray]] = []
    steps = []
    for piece in optimizer.pieces():
        taken = set()
        for parameter, slots in remembered(piece):
            given = state.get(number[parameter], {})
            taken.add(_checked_slots(owner, number[parameter], slots, given, writes))
        if len(taken) > 1:
            raise ValueError(
                f"{owner}: the parameters have taken {min(taken)} to {max(taken)} steps, and "
                "flat=True changes all together. Leave flat out."
            )
        steps.append(taken.pop())
    for group, new in zip(optimizer.param_groups, new_groups, strict=True):
        group.update(new)
    for slot, array in writes:
        slot[...] = array
    optimizer._steps = steps


def _checked_groups(owner: str, optimizer: Any, given: Any) -> list[dict[str, Any]]:
    """The settings of each group, if they fit."""
    have = [len(group["params"]) for group in optimizer.param_groups]
    want = [len(group["params"]) for group in given]
    if have != want:
        raise ValueError(
            f"{owner}: the state is of groups of {want} parameters, but the optimizer has {have}. "
            "Make it with the same groups."
        )
    found = []
    for group, one in zip(optimizer.param_groups, given, strict=True):
        settings = {name: value for name, value in one.items() if name != "params"}
        if settings.keys() != settings_of(type(optimizer)).keys():
            raise ValueError(
                f"{owner}: the state has the settings {', '.join(settings)}. Another optimizer "
                f"made it: {owner} has {', '.join(settings_of(type(optimizer)))}."
            )
        trial = Group(type(optimizer), group["params"], {k: group[k] for k in settings})
        trial.update(settings)
        optimizer.check(trial)
        found.append({name: trial[name] for name in settings})
    return found


def _checked_slots(
    owner: str, number: int, slots: dict[str, np.ndarray], given: Any, writes: list[Any]
) -> int:
    """How many steps a parameter has taken; what it remembers is noted in ``writes``."""
    names = {"step", *slots}
    if given.keys() != names:
        raise ValueError(
            f"{owner}: for parameter {number}, the state has {_told(given)}, but {owner} remembers "
            f"{', '.join(sorted(names))}. Load a state of the same optimizer and settings."
        )
    for name, slot in slots.items():
        array = np.asarray(given[name])
        if array.shape != slot.shape or array.dtype != slot.dtype:
            raise ValueError(
                f"{owner}: {name} of parameter {number} has shape {array.shape} and dtype "
                f"{array.dtype} in the state, but {slot.shape} and {slot.dtype} here. Load a state "
                "of the same model."
            )
        writes.append((slot, array))
    return int(given["step"])


def _told(given: Any) -> str:
    if not isinstance(given, Mapping):
        return type(given).__name__
    return ", ".join(map(str, given)) or "nothing"
