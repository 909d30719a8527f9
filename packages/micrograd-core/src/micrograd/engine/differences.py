"""Does a gradient agree with differences of the function?

A rule can be wrong by a little, and nobody notices: the network trains, only worse. So a rule is
not believed but compared with (f(x + h·u) − f(x − h·u)) / 2h along a random direction u, which
needs no rule at all. A gradient of order 2 is checked in the same way, since a gradient is itself
a function of x; that tells whether the rules keep the graph when they run on Values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np

from .transforms import gradients
from .value import Value

FloatArray: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Function: TypeAlias = Callable[..., Any]

STEP = 1e-4
"""h. The formula's error falls with its fourth power, that of the arithmetic grows with 1/h."""


def check_gradients(
    f: Function,
    *xs: Any,
    order: int = 2,
    rng: np.random.Generator | None = None,
    rtol: float = 1e-5,
    atol: float = 1e-7,
) -> None:
    """Compare the gradients of ``f`` with differences of ``f``, up to an order.

    ``f`` takes as many Values as there are ``xs`` and returns a Value of any shape, or a tuple of
    them; what takes no gradient, such as an array of indices, ``f`` closes over. Everything is
    computed as float64. ``rng`` draws the directions; by default they are the same in every run.

    **Maths.** With W a random array, L(x) = Σ W f(x) has one element. For a random direction u,
    Σ u ∂L/∂x is compared with (4 D(h/2) − D(h)) / 3, where D(h) = (L(x + h·u) − L(x − h·u)) / 2h.
    Then f is replaced by x ↦ Σ u ∂L/∂x, for the next order.

    **Errors.** AssertionError for a gradient that differs, with the argument, the index where it
    differs most, what was expected and what was got, and whether the point sits on a kink;
    also when a rule gives other numbers on arrays than on Values. ValueError when ``f`` is not
    finite there, or gives another result when it is called again; TypeError when it returns no
    Value.

    **Example.**

    >>> check_gradients(lambda x, y: x * y, [1.0, 2.0], 3.0)
    >>> check_gradients(lambda x: x.relu(), [1.0, 0.0])
    Traceback (most recent call last):
        ...
    AssertionError: ... The point sits on a kink: ...
    """
    if not isinstance(order, int) or order < 1 or not xs:
        raise ValueError(
            f"check_gradients(order={order!r}) with {len(xs)} arguments. Give at least one "
            "argument, and an order of 1 or more."
        )
    rng = np.random.default_rng(0) if rng is None else rng
    points = [float64(x) for x in xs]
    _check(f, points, f"check_gradients of {called(f)}", 1, order, rng, rtol, atol)


def _check(
    f: Function,
    xs: list[FloatArray],
    asked: str,
    order: int,
    last: int,
    rng: np.random.Generator,
    rtol: float,
    atol: float,
) -> None:
    weights = [rng.uniform(0.5, 1.5, one.shape) for one in _outputs(f, xs, asked)]

    def total(*points: Any) -> Any:
        parts = _outputs(f, points, asked)
        return sum((one * w).sum() for one, w in zip(parts, weights, strict=True))

    def plain(points: Sequence[FloatArray]) -> float:
        return float(total(*map(Value, points)).item())

    here = plain(xs)
    if not np.isfinite(here) or plain(xs) != here:
        wrong = "gives another result when called again" if np.isfinite(here) else "is not finite"
        raise ValueError(f"{asked}: the function {wrong}. Pass a fixed generator or other points.")
    values = [Value(x) for x in xs]
    output = total(*values)
    got = gradients(output, values)
    directions = [_direction(rng, x.shape) for x in xs]
    for i, (g, u) in enumerate(zip(got, directions, strict=True)):
        slope = _Slope(plain, xs, i, u)
        scale = np.abs(g * u).sum() + abs(here)
        expected, found = slope.central(STEP), float((g * u).sum())
        if not abs(found - expected) <= atol + rtol * max(abs(expected), 1e-3 * scale):
            raise AssertionError(
                f"{asked}, order {order}, argument {i} of shape {xs[i].shape}: along a random "
                f"direction, differences give a slope of {expected:.10g} but the rules "
                f"{found:.10g}. {_worst(plain, xs, i, g)} {slope.kink()}"
            )
    if order == last:
        return

    def next_order(*points: Value) -> Value:
        found = gradients(total(*points), points, create_graph=True)
        return sum(((g * u).sum() for g, u in zip(found, directions, strict=True)), Value(0.0))

    for i, (g, again) in enumerate(
        zip(got, gradients(output, values, create_graph=True), strict=True)
    ):
        if not np.allclose(g, again.data, rtol=1e-9, atol=1e-12, equal_nan=True):
            raise AssertionError(
                f"{asked}, argument {i}: the rules give {g} on arrays but {again.data} on Values. "
                "A rule uses NumPy functions and operators only, and never branches on numbers."
            )
    _check(next_order, xs, asked, order + 1, last, rng, rtol, atol)


class _Slope:
    """The slope of a function of several arrays at a point, for one of them, along a direction."""

    def __init__(
        self,
        f: Callable[[Sequence[FloatArray]], float],
        xs: list[FloatArray],
        i: int,
        u: FloatArray,
    ) -> None:
        self.f, self.xs, self.i, self.u = f, xs, i, u

    def at(self, t: float) -> float:
        moved = self.xs[self.i] + t * self.u
        return self.f([*self.xs[: self.i], moved, *self.xs[self.i + 1 :]])

    def central(self, h: float) -> float:
        wide = (self.at(h) - self.at(-h)) / (2 * h)
        narrow = (self.at(h / 2) - self.at(-h / 2)) / h
        return (4 * narrow - wide) / 3

    def kink(self) -> str:
        """Whether the left and the right slope differ, also when one looks closer."""
        here, gaps = self.at(0.0), []
        for h in (STEP, STEP / 100):
            left, right = (here - self.at(-h)) / h, (self.at(h) - here) / h
            gaps.append(abs(right - left))
        if gaps[1] > max(0.5 * gaps[0], 1e-4 * (abs(left) + abs(right))):
            return (
                f"The point sits on a kink: the slope is {left:.6g} on the left and {right:.6g} "
                "on the right. Move the point, or compare with the convention by hand."
            )
        return "Correct the rule."


def _worst(
    f: Callable[[Sequence[FloatArray]], float], xs: list[FloatArray], i: int, g: FloatArray
) -> str:
    """Where the gradient differs most, among the first thousand elements."""
    worst, told = -1.0, ""
    for index in list(np.ndindex(g.shape))[:1000]:
        one = np.zeros(g.shape)
        one[index] = 1.0
        expected = _Slope(f, xs, i, one).central(STEP)
        if not abs(g[index] - expected) <= worst:
            worst = float(abs(g[index] - expected))
            told = f"Worst at index {index}: expected {expected:.10g}, got {g[index]:.10g}."
    return told


def _outputs(f: Function, xs: Iterable[Any], asked: str) -> tuple[Value, ...]:
    out = f(*(x if isinstance(x, Value) else Value(x) for x in xs))
    outputs = out if isinstance(out, tuple) else (out,)
    for one in outputs:
        if not isinstance(one, Value):
            raise TypeError(
                f"{asked}: it returned {type(one).__name__}, not a Value. The graph is lost: "
                "compute with NumPy functions of the Values, and not with their .data."
            )
    return outputs


def _direction(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Random signs and lengths, none of them small: every element of a gradient counts."""
    return np.asarray(rng.uniform(0.5, 1.0, shape) * rng.choice([-1.0, 1.0], shape))


def float64(x: Any) -> FloatArray:
    return np.array(x.data if isinstance(x, Value) else x, dtype=np.float64)


def called(f: Function) -> str:
    return str(getattr(f, "__name__", type(f).__name__))
