"""What was measured, and is it good enough? The bounds were set when the compiler was planned.

All times are ratios: ``ratio[a][b]`` is how long ``a`` takes, ``b`` taking 1, and its spread.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from memory import Peak
from runners import (
    AUTOGRAD,
    COMPILED,
    EAGER,
    FLAT,
    HAND,
    JAX,
    KARPATHY,
    MYGRAD,
    NN,
    TORCH,
)
from timing import Times

Ratios = dict[str, dict[str, tuple[float, float]]]
SMALL = 128 * 1024  # bytes that a warm program may allocate in a step
NOTHING = 4000  # bytes in 1,000 steps: less than any object that every step could leave behind
SUM = "six MLP steps"  # what a geometric mean is taken over


@dataclass
class Timed:
    """Seconds a step (medians), ratios, and how many processors were busy."""

    seconds: dict[str, float]
    ratio: Ratios
    busy: dict[str, float]

    @classmethod
    def of(cls, times: Times) -> Timed:
        names = list(times.seconds)
        ratio = {a: {b: times.ratio(a, b) for b in names if b != a} for a in names}
        return cls({name: times.median(name) for name in names}, ratio, times.busy)


@dataclass
class CaseResult:
    name: str
    title: str
    group: str
    distance: float  # of the results that were compared
    timed: Timed
    peaks: dict[str, Peak] = field(default_factory=dict)
    growth: dict[str, int] = field(default_factory=dict)

    def peak_ratio(self, name: str) -> float:
        return self.peaks[name].total / self.peaks[HAND].total


@dataclass
class ScalarResult:
    name: str
    title: str
    on: Timed  # with the garbage collector
    off: Timed


@dataclass
class Results:
    machine: dict[str, str]
    cases: list[CaseResult] = field(default_factory=list)
    scalars: list[ScalarResult] = field(default_factory=list)
    compiling: dict[str, float] = field(default_factory=dict)  # seconds, by program
    importing: float | None = None  # ours to numpy and pluggy
    absent: dict[str, str] = field(default_factory=dict)  # reasons

    def mean(self, name: str, other: str) -> float | None:
        """The geometric mean of the ratios over the six MLP steps; None if one is missing."""
        six = [case.timed.ratio.get(name, {}) for case in self.cases if case.group == "mlp"]
        ratios = [ratio[other][0] for ratio in six if other in ratio]
        return statistics.geometric_mean(ratios) if len(ratios) == 6 else None

    def worst(self, name: str, other: str) -> tuple[float, str] | None:
        """The largest ratio of all cases, and the case."""
        found = [
            (case.timed.ratio[name][other][0], case.name)
            for case in self.cases
            if other in case.timed.ratio.get(name, {})
        ]
        return max(found, default=None)


@dataclass
class Verdict:
    """A bound, and what was measured; ``measured`` is None where nothing was."""

    what: str
    bound: float
    measured: float | None
    where: str = ""
    show: Callable[[float], str] = field(default=lambda x: f"{x:.2f}", repr=False)

    @property
    def met(self) -> bool | None:
        return None if self.measured is None else self.measured <= self.bound

    def __str__(self) -> str:
        if self.measured is None:
            return f"bound {self.show(self.bound)}: not measured"
        end = "met" if self.met else "MISSED"
        return f"bound {self.show(self.bound)}: {self.show(self.measured)} {end}"


def kib(count: float) -> str:
    return f"{count / 1024:,.0f} KiB"


def judge(results: Results) -> list[Verdict]:
    """Every bound, whether it was measured or not."""
    verdicts = [
        Verdict("compiled / by hand", 0.87, results.mean(COMPILED, HAND), SUM),
        Verdict("compiled, flat / by hand", 0.80, results.mean(FLAT, HAND), SUM),
        Verdict("compiled / jax.jit", 0.75, results.mean(COMPILED, JAX), SUM),
        Verdict("compiled / PyTorch", 0.40, results.mean(COMPILED, TORCH), SUM),
        _worst(results, COMPILED, HAND, 1.05),
        _worst(results, FLAT, HAND, 1.05),
        Verdict("eager / by hand", 1.40, results.mean(EAGER, HAND), SUM),
        Verdict("nn / by hand", 1.40, results.mean(NN, HAND), SUM),
    ]
    verdicts += [
        _worst(results, name, other, 1.0)
        for name in (EAGER, NN)
        for other in (TORCH, AUTOGRAD, MYGRAD)  # PyTorch's plain tensors, its fastest eager way
    ]
    for scalar in results.scalars:
        ratio = scalar.on.ratio[EAGER][KARPATHY][0]
        verdicts.append(Verdict("eager / karpathy's micrograd", 1.3, ratio, scalar.name))
    for name, bound in ((COMPILED, 1.1), (FLAT, 1.1), (EAGER, 2.0), (NN, 2.0)):
        weighed = [case for case in results.cases if name in case.peaks]
        if name in (EAGER, NN):  # deep graphs are their own subject: each node keeps its array
            weighed = [case for case in weighed if case.group != "other"]
        ratios = ((case.peak_ratio(name), case.name) for case in weighed)
        verdicts.append(_largest(f"peak memory, {name} / by hand", bound, ratios))
    for name in (COMPILED, FLAT):
        weighed = [case for case in results.cases if name in case.peaks and case.group != "other"]
        fresh = ((case.peaks[name].fresh, case.name) for case in weighed)
        verdicts.append(_largest(f"allocated in a warm step, {name}", SMALL, fresh, kib))
    for name in (EAGER, NN, COMPILED, FLAT):
        grown = ((case.growth[name], case.name) for case in results.cases if name in case.growth)
        what = f"growth over 1,000 steps, {name}"
        verdicts.append(_largest(what, NOTHING, grown, lambda count: f"{count:,.0f} B"))
    for name, bound in (("784-512-512-10", 0.5), ("2,000 ops", 5.0)):
        taken = results.compiling.get(name)
        verdicts.append(Verdict("compiling", bound, taken, name, lambda x: f"{x:.2f} s"))
    verdicts.append(Verdict("import, ours / numpy and pluggy", 1.3, results.importing))
    return verdicts


def _worst(results: Results, name: str, other: str, bound: float) -> Verdict:
    value, where = results.worst(name, other) or (None, "")
    return Verdict(f"{name} / {other}, worst case", bound, value, where)


def _largest(
    what: str,
    bound: float,
    found: Iterable[tuple[float, str]],
    show: Callable[[float], str] = lambda x: f"{x:.2f}",
) -> Verdict:
    value, where = max(found, default=(None, ""))
    return Verdict(what, bound, value, where, show)
