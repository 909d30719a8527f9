"""Which settings does an optimizer have, what may they be, and which may change?

A ``Setting`` stands in the class of an optimizer: its name, and the check that its numbers pass. A
``Group`` is a dict, as in PyTorch: parameters and their own numbers, which may be changed at any
time, by a schedule for instance. Each is checked when it is written.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable
from typing import Any

from micrograd.engine import Value

Check = Callable[[str, str, Any], Any]


def positive(owner: str, name: str, number: Any) -> Any:
    """Refuse what is not a number above 0."""
    if not number > 0.0 or math.isinf(number):
        raise ValueError(f"{owner}: {name} is {number}. It must be a positive number.")
    return number


def not_negative(owner: str, name: str, number: Any) -> Any:
    """Refuse what is not a number from 0 upwards."""
    if not number >= 0.0 or math.isinf(number):
        raise ValueError(f"{owner}: {name} is {number}. It must be a number from 0 upwards.")
    return number


def fraction(owner: str, name: str, number: Any) -> Any:
    """Refuse what is not a number from 0 to less than 1."""
    if not 0.0 <= number < 1.0:
        raise ValueError(f"{owner}: {name} is {number}. It must be at least 0 and less than 1.")
    return number


def fractions(owner: str, name: str, numbers: Any) -> Any:
    """Refuse what is not a pair of such numbers."""
    if not isinstance(numbers, (tuple, list)) or len(numbers) != 2:
        raise ValueError(f"{owner}: {name} is {numbers!r}. It must be a pair, as (0.9, 0.999).")
    return tuple(fraction(owner, f"{name}[{i}]", one) for i, one in enumerate(numbers))


def truth(owner: str, name: str, value: Any) -> Any:
    """Refuse what is neither True nor False."""
    if not isinstance(value, bool):
        raise ValueError(f"{owner}: {name} is {value!r}. It must be True or False.")
    return value


class Setting:
    """A setting: ``optimizer.lr`` reads that of the first group, and assigning sets it in all.

    With ``fixed=True``, whether it is 0 decides what the optimizer remembers or computes at all,
    so it may change from one number to another, but neither to 0 nor from it.
    """

    def __init__(self, check: Check, fixed: bool = False) -> None:
        self.check, self.fixed, self.name = check, fixed, ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, optimizer: Any, owner: type | None = None) -> Any:
        return self if optimizer is None else optimizer.param_groups[0][self.name]

    def __set__(self, optimizer: Any, number: Any) -> None:
        for group in optimizer.param_groups:
            group[self.name] = number


def settings_of(optimizer: type) -> dict[str, Setting]:
    """The settings that an optimizer's class and those above it have."""
    found = dict[str, Setting]()
    for one in reversed(optimizer.__mro__):
        found |= {name: each for name, each in vars(one).items() if isinstance(each, Setting)}
    return found


class Group(dict[str, Any]):
    """Parameters with their own settings: ``group["lr"] = 0.01``.

    ``given_lr`` is the learning rate that a user set last, which schedules begin with.
    """

    given_lr: float

    def __init__(self, owner: type, params: list[Any], numbers: dict[str, Any]) -> None:
        super().__init__()
        self.owner = owner
        self["params"] = params
        for name, number in numbers.items():
            self[name] = number

    def __setitem__(self, name: str, value: Any) -> None:
        owner, known = self.owner.__name__, settings_of(self.owner)
        if name in known:
            value = known[name].check(owner, name, value)
            if known[name].fixed and name in self and bool(self[name]) != bool(value):
                raise ValueError(
                    f"{owner}: {name} was {self[name]} when the optimizer was made, and cannot "
                    f"become {value}, for it was set up accordingly. Make a new optimizer."
                )
        elif name != "params" or name in self:
            near = difflib.get_close_matches(str(name), known, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(known)}."
            raise KeyError(f"{owner}: a group has no setting {name!r}. {hint}")
        super().__setitem__(name, value)
        if name == "lr":
            self.given_lr = value

    def schedule_lr(self, lr: float) -> None:
        """Set the learning rate for now; the one that was given stays known."""
        given = self.given_lr
        self["lr"] = lr
        self.given_lr = given

    def update(self, *args: Any, **named: Any) -> None:
        """Set several settings."""
        for name, value in dict(*args, **named).items():
            self[name] = value


def groups_of(owner: str, params: Any) -> list[dict[str, Any]]:
    """The groups that a user passed, or the one that all parameters are."""
    if not isinstance(params, Iterable):
        raise TypeError(
            f"{owner}: params is of type {type(params).__name__}. Pass an "
            "iterable of Values, for example model.parameters()."
        )
    given = list(params)
    if not any(isinstance(one, dict) for one in given):
        given = [{"params": given}]
    found = []
    for i, one in enumerate(given):
        if not isinstance(one, dict) or "params" not in one:
            raise TypeError(
                f"{owner}: group {i} is {one!r:.40}. Give every group as a dict with 'params', "
                'for example [{"params": model.parameters(), "lr": 0.1}].'
            )
        its = [one["params"]] if isinstance(one["params"], Value) else list(one["params"])
        if not its:
            raise ValueError(
                f"{owner} got no parameters{f' in group {i}' if i else ''}. Pass "
                "model.parameters(); a module's parameters are the Values in its attributes."
            )
        found.append({**one, "params": its})
    return found


def check_parameters(owner: str, params: list[Any]) -> None:
    """Refuse what an optimizer cannot change, or would change twice."""
    seen: set[int] = set()
    for index, parameter in enumerate(params):
        if not isinstance(parameter, Value):
            raise TypeError(
                f"{owner}: parameter {index} is of type "
                f"{type(parameter).__name__}. Pass Values, for example model.parameters()."
            )
        if parameter.op is not None:
            raise ValueError(
                f"{owner}: parameter {index} was made by {parameter.op.name}, so "
                "it has no data of its own to change. Pass leaves only."
            )
        if id(parameter) in seen:
            raise ValueError(
                f"{owner}: parameter {index} is in the list twice, and would "
                "take two steps at a time. Pass each parameter once."
            )
        seen.add(id(parameter))
