"""From cases and runners to results: compare, time, weigh."""

from __future__ import annotations

import gc
import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

import compare
import compile_time
import import_time
import memory
import threads
from case import Absent, Case, Runner
from cases import all_cases, scalars
from cases.scalars import ScalarCase
from results import CaseResult, Results, ScalarResult, Timed
from runners import EAGER, HAND, IN_NUMPY, KARPATHY, OURS, TORCH, TORCH_COMPILE
from runners import scalars as scalar_runners
from runners.table import RUNNERS
from timing import interleave

SLOW = 0.0005  # seconds a step: beyond, thousands of steps under tracemalloc take too long


@dataclass(frozen=True)
class Plan:
    """What the command line asked for."""

    dtype: type = np.float64
    turns: int = 60
    quick: bool = False
    only: tuple[str, ...] = ()
    threads: int = 1
    say: Callable[[str], None] = print

    def wants(self, name: str) -> bool:
        return not self.only or name in self.only


def names() -> list[str]:
    """Everything that ``--only`` takes."""
    known = [case.name for case in all_cases(np.float64)]
    return [*known, *(case.name for case in scalars.cases()), "compiling", "importing"]


def run(plan: Plan) -> Results:
    """Everything that the plan wants."""
    results = Results(machine(plan))
    for case in all_cases(plan.dtype):
        if plan.wants(case.name):
            plan.say(case.name)
            results.cases.append(measure(case, plan, results.absent))
    for scalar in scalars.cases():
        if plan.wants(scalar.name):
            plan.say(scalar.name)
            results.scalars.append(measure_scalars(scalar, plan))
    if plan.wants("compiling"):
        plan.say("compiling")
        try:
            largest = next(c for c in all_cases(plan.dtype) if c.name == "784-512-512-10")
            results.compiling[largest.name] = compile_time.of_case(largest)
            results.compiling["2,000 ops"] = compile_time.of_many_ops()
        except Absent as why:
            results.absent["compiling"] = str(why)
    if plan.wants("importing"):
        plan.say("importing")
        _, needed, ours = import_time.measure(8 if plan.quick else 40).values()
        results.importing = ours / needed
    return results


def measure(case: Case, plan: Plan, absent: dict[str, str]) -> CaseResult:
    """One case: its runners' results, then their times, then their memory."""
    runners: dict[str, Runner] = {}
    for name, make in RUNNERS.items():
        try:
            if name == TORCH_COMPILE and plan.quick:
                raise Absent("it compiles for half a minute a case (--quick)")
            runners[name] = make(case)
        except Absent as why:
            absent.setdefault(name, str(why))
    distance = compare.agree(case, runners, lambda: RUNNERS[HAND](case))
    steps = {name: runner.step for name, runner in runners.items()}
    around = {name: runner.around for name, runner in runners.items()}
    timed = Timed.of(interleave(steps, plan.turns, around=around))
    result = CaseResult(case.name, case.title, case.group, distance, timed)
    own = [name for name in IN_NUMPY if name in runners]
    del runners, steps
    for name in own:
        result.peaks[name] = memory.peak(RUNNERS[name], case)
        if name in OURS and not plan.quick and timed.seconds[name] < SLOW:
            result.growth[name] = memory.growth(RUNNERS[name], case)
    gc.collect()
    return result


def measure_scalars(case: ScalarCase, plan: Plan) -> ScalarResult:
    """A graph of scalars, with the garbage collector on, and off."""
    made = {
        EAGER: scalar_runners.ours(case),
        KARPATHY: scalar_runners.first(case),
        TORCH: scalar_runners.pytorch(case),
    }
    gradients = {}
    for name, (step, found) in made.items():
        step()
        gradients[name] = np.array(found())
        if not compare.distance(gradients[name], gradients[EAGER]) < 1e-9:
            raise SystemExit(f"{case.name}: {name} has other gradients, so times say nothing")
    steps = {name: step for name, (step, _) in made.items()}
    turns = max(5, plan.turns // 3)
    on, off = (interleave(steps, turns, seconds=0.1, collector=way) for way in (True, False))
    return ScalarResult(case.name, case.title, Timed.of(on), Timed.of(off))


def machine(plan: Plan) -> dict[str, str]:
    """What it was measured with."""
    libraries: Iterable[str] = ("numpy", "torch", "jax", "autograd", "mygrad")
    return {
        "Python": platform.python_version(),
        **{library: version(library) for library in libraries},
        "processor": _processor(),
        "NumPy's BLAS for": threads.blas(),
        "threads": str(plan.threads),
        "dtype": np.dtype(plan.dtype).name,
        "turns": str(plan.turns),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
