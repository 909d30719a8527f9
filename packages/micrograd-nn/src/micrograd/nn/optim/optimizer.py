"""What do all optimizers share?

Groups of parameters with their settings (``settings``), where numbers live (``pieces``), and what
happens in a step. An optimizer says twice how it changes a piece: ``_update`` in place, for
``step()``, and ``update`` as plain maths, from which ``compile(f, optimizer=...)`` writes the step
into a program. Both get the same names: what the optimizer remembers (``slots``), and the
``numbers`` of the step, which are computed from the settings at every step, so that each of them
may change, in a compiled program too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import numpy as np

from micrograd.engine import Value, plugins

from . import clipping
from .launched import warn_of_unregistered
from .pieces import Piece, apart, joined, remembered, scratches
from .settings import Group, Setting, check_parameters, groups_of, not_negative, positive

# Called as reduce(parameters=) before each step; the program fills it (``plugins.register``).
REDUCERS = plugins.listeners("micrograd_reduce_gradients")


class Optimizer:
    """What all optimizers share: groups of parameters, clearing gradients, and the step.

    ``params`` are Values, or groups: dicts of ``params`` and settings of their own, as in
    ``[{"params": a, "lr": 0.1}, {"params": b}]``; what a group does not say comes from
    ``defaults``. The groups stand in ``param_groups``, and may be changed between steps.

    ``flat=True`` moves the numbers of all parameters of a group into one array, once: ``p.data``
    becomes a view of it, so take it anew. Then every parameter needs a gradient in each step.

    ``clip_norm`` or ``clip_value`` clips the gradients that a step uses, as ``clip_grad_norm_`` and
    ``clip_grad_value_`` would, but leaves ``p.grad`` as it is.

    **Errors.** ValueError for no parameters, the same one twice, a Value that an op made, or a
    setting out of range; TypeError for parameters that are not Values; KeyError for a setting that
    the optimizer does not have; ValueError for parameters of several dtypes with ``flat=True``.
    """

    maths: ClassVar[str] = ""
    """The formula, in a line; it stands above the update in a compiled program."""

    lr = Setting(not_negative)

    def __init__(
        self,
        params: Iterable[Value] | Iterable[dict[str, Any]],
        defaults: dict[str, Any],
        *,
        flat: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        owner = type(self).__name__
        self.defaults, self.flat = defaults, flat
        self.param_groups = [
            Group(type(self), given.pop("params"), {**defaults, **given})
            for given in groups_of(owner, params)
        ]
        for group in self.param_groups:
            positive(owner, "lr", group["lr"])  # a schedule may take it down to 0
            self.check(group)
        self.params = [one for group in self.param_groups for one in group["params"]]
        check_parameters(owner, self.params)
        self._clip = {
            name: positive(owner, name, limit)
            for name, limit in (("clip_norm", clip_norm), ("clip_value", clip_value))
            if limit is not None
        }
        if len(self._clip) == 2:
            raise ValueError(f"{owner}: clip_norm and clip_value are both given. Choose one.")
        self._views: dict[Value, np.ndarray] = {}
        self._pieces: list[Piece] = []
        self._of_group: list[slice] = []  # where the pieces of each group are
        for i, group in enumerate(self.param_groups):
            slots, begin = self.slots(group), len(self._pieces)
            self._pieces += (
                [joined(owner, group["params"], slots, i, self._views)]
                if flat
                else [apart(one, slots, i) for one in group["params"]]
            )
            self._of_group.append(slice(begin, len(self._pieces)))
        self._steps = [0] * len(self._pieces)
        self._scratch: list[tuple[np.ndarray, ...]] = []  # from the first step on

    # -- what an optimizer says of itself ------------------------------------------------------

    def check(self, group: Group) -> None:
        """Refuse settings of a group that do not go together."""

    def slots(self, group: Group) -> dict[str, float]:
        """What is remembered of each number, by name, and what that begins with."""
        return {}

    def numbers(self, group: Group, t: int) -> dict[str, float]:
        """The numbers that step ``t`` of a group (the first is 1) uses."""
        return {"lr": group["lr"]}

    def flags(self, group: Group) -> dict[str, Any]:
        """Further keywords of ``update``, which never change."""
        return {}

    def counts(self, group: Group) -> bool:
        """Whether ``numbers`` depends on ``t``."""
        return False

    def update(self, p: Any, g: Any, **given: Any) -> tuple[Any, ...]:
        """The new slots in order, then the new numbers, from the old ones: plain maths.

        ``given`` holds the piece's slots, its group's ``numbers`` and ``flags``.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say in plain maths how it changes a parameter. "
            "Define update(self, p, g, **given) to compile it."
        )

    def _update(self, p: np.ndarray, g: np.ndarray, scratch: Any, **given: Any) -> None:
        raise NotImplementedError(
            f"{type(self).__name__} does not say how it changes a parameter. "
            "Define _update(self, p, g, scratch, **given), which writes into p and the slots."
        )

    # -- what a user calls -------------------------------------------------------------------

    def zero_grad(self) -> None:
        """Clear the gradients of the parameters; ``backward`` would add to them."""
        for parameter in self.params:
            parameter.zero_grad()

    def reduce_gradients(self) -> None:
        """Ask what the program registered for the hook ``micrograd_reduce_gradients``.

        ``step`` begins with it. Who must see the reduced gradients before they are used, to clip
        them for instance, calls it, and then ``step(reduce=False)``.
        """
        for reduce in tuple(REDUCERS):  # one may unregister itself
            reduce(parameters=list(self.params))

    def step(self, *, reduce: bool = True) -> None:
        """Change every parameter that has a gradient; the others stay as they are.

        What the program registered for the hook ``micrograd_reduce_gradients`` is asked first.
        """
        if REDUCERS and reduce:
            self.reduce_gradients()
        if not self._scratch:
            warn_of_unregistered(REDUCERS)
            self._scratch = scratches(self._pieces, 3 if self._clip else 2)
        active = self._active()
        if self._clip:
            active = self._clipped(active)
        group, before, given, steps = -1, 0, dict[str, Any](), self._steps
        for i, piece, p, g in active:
            steps[i] = t = steps[i] + 1
            if t != before or piece.group != group:  # the same for nearly all
                before, group = t, piece.group
                settings = self.param_groups[group]
                given = {**self.numbers(settings, t), **self.flags(settings)}
            self._update(p, g, self._scratch[i], **piece.slots, **given)
            for parameter in piece.parameters:
                parameter.touch()

    @property
    def clip_norm(self) -> float | None:
        """How long all gradients together may be in a step; may be changed to another number."""
        return self._clip.get("clip_norm")

    @clip_norm.setter
    def clip_norm(self, limit: float) -> None:
        self._set_clip("clip_norm", limit)

    @property
    def clip_value(self) -> float | None:
        """How large a number of a gradient may be in a step; may be changed to another number."""
        return self._clip.get("clip_value")

    @clip_value.setter
    def clip_value(self, limit: float) -> None:
        self._set_clip("clip_value", limit)

    def state_dict(self) -> dict[str, Any]:
        """All that a later run needs to go on as if nothing had been between.

        ``param_groups`` holds the settings of each group and the numbers of its parameters,
        ``state`` for the number of each parameter what is remembered of it, and how many steps it
        has taken. Arrays are copies; with ``flat=True`` they are the same as without.
        """
        number = {one: i for i, one in enumerate(self.params)}
        groups = [
            {**group, "params": [number[one] for one in group["params"]]}
            for group in self.param_groups
        ]
        state = {
            number[one]: {"step": t, **{name: slot.copy() for name, slot in slots.items()}}
            for piece, t in zip(self._pieces, self._steps, strict=True)
            for one, slots in remembered(piece)
        }
        return {"state": dict(sorted(state.items())), "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a ``state_dict`` of an optimizer of this kind, for parameters of these shapes.

        The parameters themselves are the model's to load. **Errors.** ValueError for other groups,
        settings, names or shapes, KeyError for a dict of something else; then nothing is changed.
        """
        from .loading import load

        load(self, state_dict)

    # -- what a compiled program asks ----------------------------------------------------------

    def pieces(self) -> list[Piece]:
        """What changes together, and what the optimizer remembers of it."""
        return self._pieces

    def in_step(self) -> bool:
        """Whether one number of steps holds for all parameters of a group, where it matters."""
        parts = zip(self.param_groups, self._of_group, strict=True)
        return not any(
            self.counts(group) and len(set(self._steps[part])) > 1 for group, part in parts
        )

    def scalars(self, advance: bool = False) -> dict[str, float]:
        """The numbers that a program's next step uses; ``advance`` says that it is taken now.

        Those of the first group have their own names, those of the second end in ``_1``.

        **Errors.** RuntimeError when gradients are to be reduced before the step, which a program
        takes without a pause, or when parameters of a group have taken more steps than others.
        """
        owner = type(self).__name__
        if advance and REDUCERS:
            raise RuntimeError(
                f"{owner}: reducers of gradients are registered, but a program that "
                "takes the step leaves them no time. Leave optimizer= out and call step()."
            )
        if advance and not self._steps[0]:
            warn_of_unregistered(REDUCERS)
        found = dict(self._clip)
        for i, group in enumerate(self.param_groups):
            t = self._steps[self._of_group[i].start] + 1
            if self.counts(group) and {*self._steps[self._of_group[i]]} != {t - 1}:
                steps = self._steps[self._of_group[i]]
                raise RuntimeError(
                    f"{owner}: the parameters have taken {min(steps)} to {max(steps)} steps, and "
                    "a compiled step needs one number. Compile from the first step, or use step()."
                )
            numbers = self.numbers(group, t)
            found |= {f"{name}_{i}": one for name, one in numbers.items()} if i else numbers
        if advance:
            self._steps = [t + 1 for t in self._steps]
        return found

    def clipped(self, gradients: list[Any], scalars: dict[str, Any]) -> list[Any]:
        """g ← g · min(1, clip_norm / ‖all g‖), or each number between −clip_value and clip_value

        Those of all pieces, as the step uses them: plain maths.
        """
        return clipping.clipped(gradients, **{name: scalars[name] for name in self._clip})

    def updated(
        self, piece: Piece, p: Any, g: Any, slots: dict[str, Any], scalars: dict[str, Any]
    ) -> tuple[Any, ...]:
        """``update`` of a piece, with those of the ``scalars`` that are its group's."""
        group = self.param_groups[piece.group]
        ending = f"_{piece.group}" if piece.group else ""
        numbers = {name: scalars[name + ending] for name in self.numbers(group, 1)}
        return self.update(p, g, **slots, **numbers, **self.flags(group))

    def gradient_of(self, parameter: Value) -> Any:
        """The array that a compiled program writes the gradient into; its own if it has none."""
        return self._views[parameter] if self.flat else parameter._grad

    # -- inside ------------------------------------------------------------------------------

    def _active(self) -> Iterable[tuple[int, Piece, Any, Any]]:
        """The number of each piece that has a gradient, the piece, its data and the gradient."""
        if self.flat:
            return [(i, one, one.data, self._gathered(one)) for i, one in enumerate(self._pieces)]
        alone = [(i, piece, piece.parameters[0]) for i, piece in enumerate(self._pieces)]
        return [(i, piece, p.data, p._grad) for i, piece, p in alone if p.has_grad]

    def _clipped(
        self, active: Iterable[tuple[int, Piece, Any, Any]]
    ) -> Iterator[tuple[int, Piece, Any, Any]]:
        """The same with clipped gradients, each in the last room that its piece may compute in."""
        active, factor, limit = list(active), 1.0, self._clip.get("clip_value")
        if "clip_norm" in self._clip:
            norm = clipping.total_norm([g for *_, g in active])
            factor = clipping.factor_for(norm, self._clip["clip_norm"])
        for i, piece, p, g in active:
            room = self._scratch[i][2]
            if limit is not None:
                g = np.clip(g, -limit, limit, out=room)
            elif factor != 1.0:
                g = np.multiply(g, factor, out=room)
            yield i, piece, p, g

    def _gathered(self, piece: Piece) -> np.ndarray:
        """The gradients of all parameters of a piece in one array."""
        for parameter in piece.parameters:
            if not parameter.has_grad:
                index = next(i for i, one in enumerate(self.params) if one is parameter)
                raise ValueError(
                    f"{type(self).__name__}: parameter {index} has no gradient, and flat=True "
                    "changes all together. Leave it out of params, or leave flat out."
                )
            view = self._views[parameter]
            if parameter._grad is not view:
                view[...] = parameter._grad
        return piece.gradient  # type: ignore[no-any-return]

    def _set_clip(self, name: str, limit: float) -> None:
        owner = type(self).__name__
        if name not in self._clip:
            raise ValueError(
                f"{owner}: {name} was not given when the optimizer was made, and a compiled step "
                f"may be without it. Make it with {name}={limit}."
            )
        self._clip[name] = positive(owner, name, limit)
